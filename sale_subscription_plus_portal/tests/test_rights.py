"""Who may do what with the records of the add-on: allowed and blocked, for every model and public method."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.sale_subscription_plus.tests.test_rights import RightsCommon

ADDON = "sale_subscription_plus_portal"

SELLERS = ("salesman", "other_salesman", "sales_manager", "admin")
# What each person may do with records of each model: r(ead), w(rite), c(reate), u(nlink).
ACCESS = {
    "subscription.access": dict.fromkeys(SELLERS, "r"),
    "subscription.consent": dict.fromkeys((*SELLERS, "accountant", "auditor"), "r"),
    "subscription.retention": dict.fromkeys(SELLERS, "r"),
    "subscription.request": dict.fromkeys((*SELLERS, "accountant"), "r"),
}
# Each has its tests in the file of its matter.
PUBLIC_METHODS = {
    ("sale.order", "action_view_subscription_requests"),
    ("sale.order", "get_portal_url"),
    ("subscription.access", "action_revoke"),
    ("subscription.access", "action_send_link"),
    ("subscription.plan", "action_spread_customer_rights"),
}


@tagged("-at_install", "post_install")
class TestPortalRights(RightsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records = {
            name: [cls._create(name, order) for order in (cls.order, cls.foreign)]
            for name in ("subscription.access", "subscription.request", "subscription.retention")
        }

    @classmethod
    def _create(cls, model, order):
        values = {
            "subscription.access": {"partner_id": cls.customer.id},
            "subscription.request": {
                "partner_id": cls.customer.id,
                "items": [{"kind": "resume"}],
                "sentence": "More",
                "digest": "x",
                "effective_on": "2026-01-01",
            },
            "subscription.retention": cls._prepare_retention(),
        }[model]
        return cls.env[model].sudo().create({"order_id": order.id, **values})

    @classmethod
    def _prepare_retention(cls):
        return {"date": "2026-01-01", "reason_id": cls.reason.id, "offer": "discount", "outcome": "declined"}

    def test_every_model_has_its_rights_written_down_here(self):
        ours = {name for name, model in self.registry.models.items() if model._original_module == ADDON}
        self.assertEqual(ours, ACCESS.keys())

    def test_each_person_may_do_with_each_model_what_the_table_says(self):
        operations = {"r": "read", "w": "write", "c": "create", "u": "unlink"}
        for model, access in ACCESS.items():
            for person, user in self.people.items():
                for letter, operation in operations.items():
                    with self.subTest(model=model, person=person, operation=operation):
                        allowed = self.env[model].with_user(user).has_access(operation)
                        self.assertEqual(allowed, letter in access.get(person, ""))

    def test_a_plain_salesman_reads_what_belongs_to_own_subscriptions_only(self):
        for own, foreign in self.records.values():
            self._call("salesman", own, "read", ["order_id"])
            self.assertBlocked("salesman", foreign, "read", ["order_id"])
            self._call("sales_manager", own | foreign, "read", ["order_id"])

    def test_another_company_reads_nothing(self):
        elsewhere = self.setup_other_company(name="Elsewhere")["company"]
        stranger = self._create_user(
            "elsewhere",
            "sales_team.group_sale_manager,account.group_account_invoice",
            company_id=elsewhere.id,
            company_ids=elsewhere.ids,
        )
        for own, _foreign in self.records.values():
            self.assertBlocked(stranger, own, "read", ["order_id"])

    def test_every_public_method_is_known_here(self):
        self.assertEqual(self._get_public_methods(ADDON), PUBLIC_METHODS)

    def test_requests_are_read_through_their_order_by_those_who_may(self):
        action = self._call("salesman", self.order, "action_view_subscription_requests")
        self.assertEqual(action["domain"], [("order_id", "=", self.order.id)])
        self.assertBlocked("nobody", self.order, "read", ["subscription_request_count"])

    def test_rights_of_customers_are_set_by_those_who_sell(self):
        self._call("salesman", self.order, "write", {"subscription_customer_changes": "upgrade"})
        # Accountants write orders in Odoo.
        for person in ("other_salesman", "auditor", "nobody", "portal", "public"):
            self.assertBlocked(person, self.order, "write", {"subscription_customer_changes": "both"})
        self.assertEqual(self.order.subscription_customer_changes, "upgrade")
        for person in ("nobody", "portal", "public"):
            self.assertBlocked(person, self.customer, "write", {"subscription_customer_changes": "both"})

    def test_what_a_customer_is_shown_cannot_be_forged_by_a_request_over_the_network(self):
        request = self.records["subscription.request"][0]
        for person in self.people:
            self.assertBlocked(person, request, "write", {"state": "paid"})
            with self.assertRaises(AccessError):
                request.with_user(self.people[person]).read(["digest"])
