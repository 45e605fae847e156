"""Who may see what in the reports: allowed and blocked, for every model and public method of the add-on."""

import inspect

from odoo import models
from odoo.exceptions import MissingError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.sale_subscription_plus.tests.test_rights import CRUD, RightsCommon

ADDON = "sale_subscription_plus_reports"
STAFF = ("salesman", "other_salesman", "sales_manager", "accountant", "auditor", "admin")
STRANGERS = ("nobody", "portal", "public")
# Reports are read, by whoever may read MRR movements, and written by nobody.
REPORTS = (
    "subscription.movement.report",
    "subscription.report",
    "subscription.customer.report",
    "subscription.rating.report",
)
# Their rows are seen by whoever sees the subscription.
PER_ORDER = ("subscription.movement.report", "subscription.report", "subscription.rating.report")
WITHOUT_RECORDS = {
    "subscription.forecast",
    "subscription.kpi",
    "subscription.movement.sql",
    "subscription.report.mixin",
}
PERIOD = ("2026-01-01", "2026-01-31")
# Every method that can be called over the network and tells numbers, with arguments to call it.
NUMBERS = {
    ("subscription.customer.report", "get_cohort_data"): (),
    ("subscription.forecast", "get_forecast"): (),
    ("subscription.kpi", "get_churn_reasons"): PERIOD,
    ("subscription.kpi", "get_dashboard"): PERIOD,
    ("subscription.kpi", "get_filters"): (),
    ("subscription.kpi", "get_kpis"): PERIOD,
    ("subscription.kpi", "get_movements"): PERIOD,
    ("subscription.kpi", "get_salespeople"): PERIOD,
    ("subscription.movement.report", "formatted_read_group"): ([], ["date:month"], ["__count"]),
}
# These tell what to open, and with it nothing: what opens keeps to its own rights.
ACTIONS = {
    ("subscription.forecast", "get_records"),
    ("subscription.kpi", "get_churn_reason_records"),
    ("subscription.kpi", "get_cohort_records"),
    ("subscription.kpi", "get_records"),
}
# These need a record that the user may read.
OF_RECORDS = {
    ("subscription.customer.report", "action_view_subscriptions"),
    ("subscription.movement.report", "action_view_order"),
    ("subscription.rating.report", "action_view_order"),
    ("subscription.report", "action_view_order"),
}
# Of every model; they read with the rights of who calls.
OF_ALL_MODELS = {("base", "get_cohort_data"), ("base", "get_cohort_domain")}


@tagged("-at_install", "post_install")
class TestReportRights(RightsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bo = cls.env["res.partner"].create({"name": "Bo"})
        cls.bos = cls._create_subscription(user_id=cls.people["other_salesman"].id, partner_id=cls.bo.id)
        cls._ask(cls.order | cls.foreign | cls.bos)

    @classmethod
    def _ask(cls, orders):
        cls.env["rating.rating"].create([order._prepare_rating_request() for order in orders])

    def _search(self, person, model, domain=()):
        return self.env[model].with_user(self.people[person]).search(list(domain))

    def test_every_model_has_its_rights_written_down_here(self):
        ours = {name for name, model in self.registry.models.items() if model._original_module == ADDON}
        self.assertEqual(ours, WITHOUT_RECORDS.union(REPORTS))

    def test_every_public_method_has_its_rights_written_down_here(self):
        found = set()
        for name, model in self.registry.models.items():
            for part in model.mro():
                if not part.__module__.startswith(f"odoo.addons.{ADDON}.") or not issubclass(part, models.BaseModel):
                    continue
                methods = {
                    method
                    for method, function in vars(part).items()
                    if inspect.isfunction(function)
                    and not method.startswith("_")
                    and not getattr(function, "_api_private", False)
                }
                owner = "base" if part._name == "base" else name
                found |= {(owner, method) for method in methods - CRUD}
        self.assertEqual(found, NUMBERS.keys() | ACTIONS | OF_RECORDS | OF_ALL_MODELS)

    def test_staff_reads_reports_and_nobody_writes_them(self):
        for model in REPORTS:
            for person, user in self.people.items():
                with self.subTest(model=model, person=person):
                    report = self.env[model].with_user(user)
                    self.assertEqual(report.has_access("read"), person in STAFF)
                    for operation in ("write", "create", "unlink"):
                        self.assertFalse(report.has_access(operation))

    def test_whoever_may_read_a_report_can_read_all_of_its_fields(self):
        for model in REPORTS:
            for person in STAFF[:-1]:  # the administrator has none of their own
                rows = self._search(person, model)
                names = [name for name, field in rows._fields.items() if rows._has_field_access(field, "read")]
                with self.subTest(model=model, person=person):
                    self.assertTrue(rows.read(names))

    def test_a_plain_salesman_sees_own_subscriptions_only(self):
        for model in PER_ORDER:
            rows = self.env[model].search([("order_id", "in", (self.order | self.foreign).ids)])
            own = rows.filtered(lambda row: row.order_id == self.order)
            self.assertTrue(own)
            self.assertEqual(self._search("salesman", model, [("id", "in", rows.ids)]), own)
            self.assertBlocked("salesman", rows - own, "read", ["order_id"])
            self.assertBlocked("salesman", rows - own, "action_view_order")
            self._call("salesman", own, "action_view_order")

    def test_subscriptions_of_nobody_are_seen_by_each_salesman(self):
        order = self._create_subscription(user_id=False)
        self._ask(order)
        for model in PER_ORDER:
            self.assertIn(order, self._search("salesman", model).order_id)

    def test_a_plain_salesman_sees_own_customers_only(self):
        customers = self._search("salesman", "subscription.customer.report").partner_id
        self.assertIn(self.customer, customers)
        self.assertNotIn(self.bo, customers)
        self.assertIn(self.bo, self._search("other_salesman", "subscription.customer.report").partner_id)

    def test_managers_and_accountants_see_all_subscriptions(self):
        for person in ("sales_manager", "accountant", "auditor"):
            for model in PER_ORDER:
                with self.subTest(person=person, model=model):
                    self.assertEqual(self._search(person, model).order_id, self.order | self.foreign | self.bos)
            with self.subTest(person=person):
                self.assertEqual(
                    self._search(person, "subscription.customer.report").partner_id, self.customer | self.bo
                )

    def test_another_company_sees_nothing(self):
        elsewhere = self.setup_other_company(name="Elsewhere")["company"]
        stranger = new_test_user(
            self.env,
            "elsewhere_plus",
            groups="sales_team.group_sale_manager,account.group_account_invoice",
            company_id=elsewhere.id,
            company_ids=[Command.set(elsewhere.ids)],
        )
        for model in REPORTS:
            rows = self.env[model].search([])
            self.assertTrue(rows)
            self.assertFalse(rows.with_user(stranger).search([]))
            # Rows of companies that are not selected are not even there.
            rows.invalidate_recordset()
            with self.assertRaises(MissingError):
                rows.with_user(stranger).mapped("company_id")

    def test_numbers_are_told_to_staff(self):
        for (model, method), args in NUMBERS.items():
            for person in STAFF:
                with self.subTest(model=model, method=method, person=person):
                    self._call(person, self.env[model], method, *args)

    def test_numbers_are_told_to_no_one_else(self):
        for (model, method), args in NUMBERS.items():
            for person in STRANGERS:
                self.assertBlocked(person, self.env[model], method, *args)

    def test_cohorts_of_any_model_keep_to_its_rights(self):
        args = ([], "create_date", "write_date")
        self.assertBlocked("portal", self.env["sale.order.template"], "get_cohort_data", *args)

    def test_what_is_told_to_a_salesman_is_of_own_subscriptions(self):
        self.assertEqual(self._get_mrr("salesman"), 12.0)
        self.assertEqual(self._get_mrr("other_salesman"), 24.0)
        self.assertEqual(self._get_mrr("sales_manager"), 36.0)

    def _get_mrr(self, person):
        kpis = self._call(person, self.env["subscription.kpi"], "get_kpis", *PERIOD)["kpis"]
        return next(kpi["value"] for kpi in kpis if kpi["key"] == "mrr")

    def test_the_plain_list_of_movements_gives_way_to_the_report_and_stays_reachable(self):
        hidden = self.env["ir.ui.menu"]._load_menus_blacklist()
        self.assertIn(self.env.ref("sale_subscription_plus.menu_subscription_events").id, hidden)
        ledger = self.env.ref(f"{ADDON}.menu_subscription_events")
        self.assertNotIn(ledger.id, hidden)
        self.assertEqual(ledger.action, self.env.ref("sale_subscription_plus.subscription_event_action"))
