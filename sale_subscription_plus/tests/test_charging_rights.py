from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .charging_common import ChargingCommon


class TestChargingRights(ChargingCommon):
    """Who may do what with collections: allowed and blocked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = {
            "salesman": "sales_team.group_sale_salesman",
            "other": "sales_team.group_sale_salesman",
            "accountant": "account.group_account_invoice",
            "nobody": "base.group_user",
            "portal": "base.group_portal",
        }
        cls.people = {
            name: new_test_user(cls.env, login=f"charge_{name}", groups=group, company_id=cls.company.id)
            for name, group in groups.items()
        }
        cls.people["portal"].partner_id.parent_id = cls.customer

    def setUp(self):
        super().setUp()
        self.order = self._create_automatic(user_id=self.people["salesman"].id)
        self.charge = self._get_charge(self.order)

    def _as(self, name):
        return self.charge.with_user(self.people[name])

    def test_a_salesperson_sees_their_own_and_an_accountant_all(self):
        for name in ("salesman", "accountant"):
            self.assertEqual(self._as(name).search([("id", "=", self.charge.id)]), self.charge, name)
        self.assertFalse(self._as("other").search([("id", "=", self.charge.id)]))

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_who_has_no_business_with_it_cannot_read_it_by_its_id(self):
        for name in ("other", "nobody", "portal"):
            with self.subTest(name), self.assertRaises(AccessError):
                self._as(name).read(["state"])

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_buttons_are_for_those_who_may_see_it(self):
        for name in ("other", "nobody", "portal"):
            for method in ("action_retry", "action_send_link", "action_mark_paid", "action_mark_not_paid"):
                with self.subTest(f"{name} {method}"), self.assertRaises(AccessError):
                    getattr(self._as(name), method)()

    def test_a_salesperson_retries_and_sends_the_link(self):
        self._charge("soft")
        self._as("salesman").action_retry()
        self.assertEqual(len(self._charge("soft").sent), 1)
        self._as("salesman").action_send_link()
        self.assertTrue(self.charge.pending_mail)

    def test_only_an_accountant_says_whether_an_unknown_payment_was_made(self):
        self._charge("no_answer")
        for method in ("action_mark_paid", "action_mark_not_paid"):
            with self.assertRaisesRegex(AccessError, "Invoicing"):
                getattr(self._as("salesman"), method)()
        self._as("accountant").action_mark_paid()
        self.assertEqual((self.charge.state, self.charge.move_id.payment_state), ("paid", "paid"))

    def test_what_is_known_is_not_said_again(self):
        for method in ("action_mark_paid", "action_mark_not_paid"):
            with self.assertRaisesRegex(UserError, "outcome is known"):
                getattr(self._as("accountant"), method)()

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_nobody_writes_what_happened_and_the_follow_up_can_be_assigned(self):
        for name in ("salesman", "accountant"):
            with self.assertRaises(AccessError):
                self._as(name).write({"state": "paid"})
            with self.assertRaises(AccessError):
                self._as(name).write({"next_attempt_on": "2026-01-01"})
            self._as(name).user_id = self.people["other"]
        with self.assertRaises(AccessError):
            self._as("accountant").create({"move_id": self.charge.move_id.id})

    def test_a_retry_is_refused_with_a_reason_where_it_makes_no_sense(self):
        self._charge("pending")
        with self.assertRaisesRegex(UserError, "under way"):
            self.charge.action_retry()
        self.charge.last_transaction_id._set_done()
        self.charge.last_transaction_id._post_process()
        with self.assertRaisesRegex(UserError, "nothing is left"):
            self.charge.action_retry()
        by_hand = self._create_subscription("2026-01-01")
        self._bill()
        with self.assertRaisesRegex(UserError, "no payment method is saved"):
            self._get_charge(by_hand).action_retry()

    def test_another_company_sees_nothing(self):
        other = self._create_company(name="Elsewhere")
        user = new_test_user(
            self.env, login="elsewhere", groups="account.group_account_invoice", company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )  # fmt: skip
        self.assertFalse(self.charge.with_user(user).search([("id", "=", self.charge.id)]))

    def test_a_token_of_another_customer_cannot_pay(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        with self.assertRaisesRegex(UserError, "another customer"):
            self.order.subscription_token_id = self._create_token(stranger)
