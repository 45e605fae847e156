"""Who may do what: allowed and blocked, for every model, button and public method of the add-on."""

import base64
import inspect

from odoo import models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from .common import SubscriptionCommon

ADDON = "sale_subscription_plus"

# What each person may do with records of each model: r(ead), w(rite), c(reate), u(nlink).
STAFF = ("salesman", "other_salesman", "sales_manager", "accountant", "auditor")
SELLERS = ("salesman", "other_salesman", "sales_manager", "admin")
CONFIGURATION = {**dict.fromkeys((*STAFF, "support", "nobody"), "r"), "admin": "rwcu"}
HISTORY = dict.fromkeys((*STAFF, "admin"), "r")
ACCESS = {
    "subscription.plan": CONFIGURATION,
    "subscription.stage": CONFIGURATION,
    "subscription.close.reason": CONFIGURATION,
    "subscription.period": HISTORY,
    "subscription.event": HISTORY,
    "subscription.firing": dict.fromkeys(("salesman", "other_salesman", "sales_manager", "admin"), "r"),
    "subscription.entitlement": {**HISTORY, "support": "r"},
    "subscription.dunning.policy": CONFIGURATION,
    "subscription.health.rule": {**HISTORY, "admin": "rwcu"},
    "subscription.health.change": HISTORY,
    "subscription.charge": {**dict.fromkeys(STAFF, "rw"), "admin": "rw", "auditor": "r"},
    "subscription.billing.claim": {},
    "subscription.care.task": {},
    "subscription.change": HISTORY,
    "subscription.change.wizard": dict.fromkeys(SELLERS, "rwcu"),
    "subscription.change.wizard.line": dict.fromkeys(SELLERS, "rwcu"),
    "subscription.pause.wizard": dict.fromkeys(SELLERS, "rwcu"),
    "subscription.resume.wizard": dict.fromkeys(SELLERS, "rwcu"),
    "subscription.reopen.wizard": dict.fromkeys(SELLERS, "rwcu"),
    "subscription.close.wizard": dict.fromkeys(SELLERS, "rwcu"),
    "subscription.schedule": dict.fromkeys((*STAFF, "admin"), "rwc"),
    "subscription.schedule.line": dict.fromkeys((*STAFF, "admin"), "rwc"),
    "subscription.dry.run": {"accountant": "rwcu"},
    "subscription.dry.run.line": {"accountant": "r"},
    "subscription.hand.over.wizard": dict.fromkeys(SELLERS, "rwcu"),
    "subscription.price.revision": {"sales_manager": "rwcu"},
    "subscription.price.revision.line": {"sales_manager": "rw"},
    "subscription.price.notice": {"sales_manager": "r"},
    "subscription.import.wizard": {"admin": "rwcu"},
    "subscription.follow.up.wizard": dict.fromkeys((*SELLERS, "accountant"), "rwcu"),
}
# These hold no records, so their methods alone matter.
WITHOUT_RECORDS = {
    "subscription.billing.run",
    "subscription.care.run",
    "subscription.charging.run",
    "subscription.check",
    "subscription.guard.mixin",
    "subscription.mail.mixin",
    "subscription.rating.mixin",
    "subscription.import",
    "subscription.overview",
    "subscription.preview.mixin",
}

# Every method of the add-on that can be called over the network; each has its tests below or keeps to the rights
# of the method that it overrides.
PUBLIC_METHODS = {
    ("account.move", "action_view_subscription_charge"),
    ("account.move", "action_view_subscriptions"),
    ("account.move", "button_cancel"),
    ("account.move", "button_draft"),
    ("account.move.reversal", "reverse_moves"),
    ("base.automation", "action_subscription_edit"),
    ("base.automation", "action_subscription_try_again"),
    ("base.automation", "action_view_subscription_firings"),
    ("payment.token", "action_subscription_ask_new"),
    ("res.partner", "action_view_entitlements"),
    ("res.partner", "action_view_subscriptions"),
    ("res.partner", "get_entitlements"),
    ("payment.token", "get_linked_records_info"),
    ("sale.order", "action_confirm"),
    ("sale.order", "action_subscription_bill"),
    ("sale.order", "action_subscription_change"),
    ("sale.order", "action_subscription_close"),
    ("sale.order", "action_subscription_hand_over"),
    ("sale.order", "action_subscription_renew"),
    ("sale.order", "action_view_subscription_history"),
    ("sale.order", "get_portal_last_transaction"),
    ("subscription.hand.over.wizard", "action_hand_over"),
    ("sale.order", "action_subscription_pause"),
    ("sale.order", "action_subscription_reopen"),
    ("sale.order", "action_subscription_upsell"),
    ("sale.order", "action_subscription_reopen_ask"),
    ("sale.order", "action_subscription_resume"),
    ("sale.order", "action_view_subscription_changes"),
    ("sale.order", "action_subscription_request_rating"),
    ("sale.order", "action_view_subscription_ratings"),
    ("sale.order", "action_subscription_check_health"),
    ("sale.order", "action_view_subscription_health"),
    ("sale.order.template", "action_subscription_copy_health_rules"),
    ("sale.order.template", "action_view_subscription_health_rules"),
    ("subscription.health.rule", "action_apply"),
    ("subscription.health.rule", "action_view_orders"),
    ("sale.order", "action_view_subscription_charges"),
    ("sale.order", "action_view_subscription_events"),
    ("sale.order", "action_view_subscription_firings"),
    ("subscription.firing", "action_view_order"),
    ("sale.order", "action_view_subscription_origin"),
    ("sale.order", "action_view_subscription_periods"),
    ("sale.order", "action_view_subscription_upsells"),
    ("subscription.charge", "action_close_subscriptions"),
    ("subscription.charge", "action_mark_not_paid"),
    ("subscription.charge", "action_mark_paid"),
    ("subscription.charge", "action_retry"),
    ("subscription.charge", "action_send_link"),
    ("subscription.charge", "action_view_invoice"),
    ("subscription.charge", "action_view_subscriptions"),
    ("subscription.charge", "action_view_transactions"),
    ("sale.order", "get_subscription_timeline"),
    ("sale.order.line", "action_subscription_change"),
    ("subscription.change", "action_cancel"),
    ("subscription.change", "action_view_documents"),
    ("subscription.change.wizard", "action_confirm"),
    ("subscription.pause.wizard", "action_confirm"),
    ("subscription.reopen.wizard", "action_reopen"),
    ("subscription.resume.wizard", "action_confirm"),
    ("sale.order", "message_post"),
    ("subscription.close.wizard", "action_close"),
    ("subscription.dry.run", "action_preview"),
    ("subscription.entitlement", "action_view_order"),
    ("subscription.dry.run", "action_tonight"),
    ("subscription.dry.run.line", "action_view_order"),
    ("subscription.follow.up.wizard", "action_assign"),
    ("subscription.import.wizard", "action_check"),
    ("subscription.import.wizard", "action_import"),
    ("subscription.overview", "get_overview"),
    ("subscription.period", "action_bill_again"),
    ("subscription.period", "action_view_invoice"),
    ("subscription.plan", "action_view_orders"),
    ("subscription.price.revision", "action_plan"),
    ("subscription.price.revision", "action_preview"),
    ("subscription.price.revision", "action_undo"),
    ("subscription.price.revision.line", "action_leave_out"),
    ("subscription.price.revision.line", "action_take_in"),
    ("subscription.price.revision.line", "action_view_order"),
}
CRUD = {"create", "write", "unlink", "default_get", "copy", "copy_data"}

GUARDED_ORDER_VALUES = {
    "subscription_status": "closed",
    "subscription_term_end": "2020-01-01",
    "subscription_next_invoice_date": "2030-01-01",
    "subscription_recurring_amount": 1.0,
    "subscription_mrr": 1e6,
    "subscription_parked_reason": "Because",
    "subscription_parked_on": "2026-01-01",
    "subscription_next_attempt": "2030-01-01",
    "subscription_closed_on": "2026-01-01",
    "subscription_close_reason_id": 1,
    "subscription_import_ref": "A-1",
    "subscription_payment_status": "ok",
    "subscription_paused_on": "2026-01-01",
    "subscription_pending_on": "2026-01-01",
    "subscription_origin_id": 1,
    "subscription_renews_id": 1,
    "subscription_term_told": "2026-01-01",
    "subscription_handed_over_on": "2026-01-01",
    "subscription_health": "good",
    "subscription_health_rule_id": 1,
    "subscription_health_reason": "Because",
    "subscription_health_on": "2026-01-01",
    "subscription_last_payment_on": "2026-01-01",
    "subscription_last_failure_on": "2026-01-01",
    "subscription_last_rating": 5.0,
    "subscription_rating_asked_on": "2026-01-01",
    "subscription_next_rating_on": "2026-01-01",
}
GUARDED_LINE_VALUES = {
    "subscription_start": "2030-01-01",
    "subscription_anchor": "2030-01-01",
    "subscription_end": "2026-01-02",
    "subscription_paused_on": "2026-01-02",
    "subscription_phase": "ended",
    "subscription_next_start": "2030-01-01",
    "subscription_next_end": "2030-02-01",
    "subscription_next_bill_date": "2030-01-01",
    "subscription_mrr": 1e6,
    "subscription_raised_line_id": 1,
    "subscription_upsell_line_id": 1,
    "subscription_renews_line_id": 1,
}


class RightsCommon(SubscriptionCommon):
    """A person of each kind, and a running, billed subscription of the salesman."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {
            name: cls._create_user(name, group)
            for name, group in {
                "salesman": "sales_team.group_sale_salesman",
                "other_salesman": "sales_team.group_sale_salesman",
                "sales_manager": "sales_team.group_sale_manager",
                "accountant": "account.group_account_invoice",
                "auditor": "account.group_account_readonly",
                "admin": "sale_subscription_plus.group_subscription_admin",
                "support": "sale_subscription_plus.group_subscription_support",
                "nobody": "base.group_user",
                "portal": "base.group_portal",
            }.items()
        }
        cls.people["public"] = cls.env.ref("base.public_user")
        cls.people["portal"].partner_id.parent_id = cls.customer
        cls.salesman = cls.people["salesman"]
        cls.order = cls._create_subscription(user_id=cls.salesman.id)
        cls.foreign = cls._create_subscription(user_id=cls.people["other_salesman"].id)
        cls.line, cls.foreign_line = cls.order.order_line, cls.foreign.order_line
        (cls.order | cls.foreign).action_subscription_bill()
        cls.reason = cls.env.ref("sale_subscription_plus.close_reason_expensive")

    @classmethod
    def _create_user(cls, login, group, **values):
        values = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)], **values}
        return new_test_user(cls.env, f"{login}_plus", groups=group, **values)

    @classmethod
    def _call(cls, person, records, method, *args, context=None, **kwargs):
        """Call a method as a program does over the network; ``records`` may be a model without records."""
        user = cls.people[person] if isinstance(person, str) else person
        model = records.browse().with_env(records.env(user=user, su=False, context={}))
        ids = [] if getattr(getattr(type(model), method), "_api_model", False) else [records.ids]
        return call_kw(model, method, [*ids, *args], {**kwargs, "context": context or {}})

    @classmethod
    def _get_public_methods(cls, addon):
        """Return {(model, method)} of what ``addon`` lets be called over the network."""
        found = set()
        for name, model in cls.registry.models.items():
            for part in model.mro():
                if not part.__module__.startswith(f"odoo.addons.{addon}.") or not issubclass(part, models.BaseModel):
                    continue
                found |= {
                    (name, method)
                    for method, function in vars(part).items()
                    if inspect.isfunction(function)
                    and not method.startswith("_")
                    and not getattr(function, "_api_private", False)
                    and method not in CRUD
                }
        return found

    def assertBlocked(self, person, records, method, *args, error=AccessError, **kwargs):
        with self.subTest(person=person, method=method), self.assertRaises(error), mute_logger("odoo.models"):
            self._call(person, records, method, *args, **kwargs)
        records.invalidate_recordset()


@tagged("-at_install", "post_install")
class TestAccess(RightsCommon):
    """Models and records."""

    def test_every_model_of_the_add_on_has_its_rights_written_down_here(self):
        ours = {name for name, model in self.registry.models.items() if model._original_module == ADDON}
        self.assertEqual(ours, ACCESS.keys() | WITHOUT_RECORDS)

    def test_each_person_may_do_with_each_model_what_the_table_says(self):
        operations = {"r": "read", "w": "write", "c": "create", "u": "unlink"}
        for model, access in ACCESS.items():
            for person, user in self.people.items():
                for letter, operation in operations.items():
                    with self.subTest(model=model, person=person, operation=operation):
                        allowed = self.env[model].with_user(user).has_access(operation)
                        self.assertEqual(allowed, letter in access.get(person, ""))

    def test_the_ledger_and_the_movements_are_written_by_nobody(self):
        row, event = self.line.subscription_period_ids, self.order.subscription_event_ids
        for person in self.people:
            self.assertBlocked(person, row, "write", {"state": "void"})
            self.assertBlocked(person, row, "unlink")
            self.assertBlocked(person, row.browse(), "create", {"line_id": self.line.id})
            self.assertBlocked(person, event, "write", {"amount": 1.0})
            self.assertBlocked(person, event, "unlink")
            self.assertBlocked(person, event.browse(), "create", {"line_id": self.line.id})

    def test_the_ledger_cannot_be_written_through_its_order_either(self):
        row = self.line.subscription_period_ids
        for command in ([Command.update(row.id, {"state": "void"})], [Command.delete(row.id)], [Command.clear()]):
            self.assertBlocked("salesman", self.line, "write", {"subscription_period_ids": command})
            self.assertBlocked("accountant", self.order, "write", {"subscription_period_ids": command})

    def test_a_plain_salesman_sees_the_history_of_own_subscriptions_only(self):
        rows = (self.order | self.foreign).subscription_period_ids
        events = (self.order | self.foreign).subscription_event_ids
        for records in (rows, events):
            domain = [("id", "in", records.ids)]
            own = records.filtered(lambda record: record.order_id == self.order)
            self.assertEqual(records.with_user(self.salesman).search(domain), own)
            self.assertBlocked("salesman", records - own, "read", ["order_id"])

    def test_managers_and_accountants_see_the_history_of_all_subscriptions(self):
        for records in (
            (self.order | self.foreign).subscription_period_ids,
            (self.order | self.foreign).subscription_event_ids,
        ):
            for person in ("sales_manager", "accountant", "auditor"):
                with self.subTest(person=person, model=records._name):
                    found = records.with_user(self.people[person]).search([("id", "in", records.ids)])
                    self.assertEqual(found, records)

    def test_a_close_wizard_belongs_to_who_opened_it(self):
        wizard = self.env["subscription.close.wizard"].with_user(self.salesman)
        wizard = wizard.create({"order_ids": self.order.ids, "reason_id": self.reason.id})
        self.assertEqual(self._call("salesman", wizard, "read", ["moment"])[0]["moment"], "now")
        self.assertBlocked("other_salesman", wizard, "read", ["moment"])
        self.assertBlocked("other_salesman", wizard, "action_close")

    def test_whoever_may_read_a_record_can_read_all_of_its_fields(self):
        records = {
            "subscription.plan": self.monthly,
            "subscription.stage": self.order.subscription_stage_id,
            "subscription.close.reason": self.reason,
            "subscription.period": self.line.subscription_period_ids,
            "subscription.event": self.order.subscription_event_ids,
            "sale.order": self.order,
            "sale.order.line": self.line,
            "account.move": self._get_invoices(self.order),
            "account.move.line": self._get_invoices(self.order).invoice_line_ids,
            "res.partner": self.customer,
            "product.template": self.magazine.product_tmpl_id,
        }
        for name, record in records.items():
            names = [field for field, definition in record._fields.items() if definition._module == ADDON]
            for person, user in self.people.items():
                own = record.with_user(user)
                if not own.has_access("read"):
                    continue
                readable = [field for field in names if own._has_field_access(own._fields[field], "read")]
                if readable:
                    with self.subTest(model=name, person=person):
                        self._call(person, record, "read", readable)

    def test_why_billing_failed_is_not_for_customers(self):
        self.order.sudo().subscription_parked_reason = "The tax has no account."
        self.assertBlocked("portal", self.order, "read", ["subscription_parked_reason"])
        self.assertTrue(self._call("salesman", self.order, "read", ["subscription_parked_reason"]))

    def test_only_administrators_of_subscriptions_configure_plans(self):
        self._call("admin", self.yearly, "write", {"name": "A year"})
        self.assertEqual(self.yearly.name, "A year")
        for person in ("salesman", "sales_manager", "accountant", "auditor", "nobody", "portal", "public"):
            self.assertBlocked(person, self.yearly, "write", {"name": "Mine"})
            self.assertBlocked(person, self.reason, "write", {"name": "Mine"})
            self.assertBlocked(person, self.order.subscription_stage_id, "write", {"name": "Mine"})

    def test_even_an_administrator_cannot_move_periods_under_running_subscriptions(self):
        for values in ({"interval_count": 2}, {"billing_timing": "arrears"}, {"alignment": "month_day"}):
            self.assertBlocked("admin", self.monthly, "write", values, error=UserError)
        self.assertBlocked("admin", self.monthly, "unlink", error=UserError)


@tagged("-at_install", "post_install")
class TestButtons(RightsCommon):
    """Public methods: what a button calls can be called without the button."""

    def test_every_public_method_of_the_add_on_is_known_here(self):
        self.assertEqual(self._get_public_methods(ADDON), PUBLIC_METHODS)

    # Confirming

    def test_a_plain_salesman_confirms_own_quotations_only(self):
        own = self._create_quotation(user_id=self.salesman.id)
        foreign = self._create_quotation(user_id=self.people["other_salesman"].id)
        self._call("salesman", own, "action_confirm")
        self.assertEqual(own.subscription_status, "progress")
        self.assertEqual(own.order_line.subscription_anchor, own.subscription_start)
        self.assertTrue(own.subscription_event_ids)
        self.assertBlocked("salesman", foreign, "action_confirm")
        self.assertEqual(foreign.subscription_status, "quotation")
        for person in ("auditor", "nobody", "portal", "public"):
            self.assertBlocked(person, foreign, "action_confirm")

    def test_a_customer_who_signs_starts_the_subscription(self):
        quotation = self._create_quotation()
        quotation.with_user(self.people["portal"]).sudo().action_confirm()
        self.assertEqual(quotation.subscription_status, "progress")

    # Billing

    def test_an_accountant_without_sales_right_bills_anybodys_subscription(self):
        self._set_today("2026-02-01")
        self._call("accountant", self.order | self.foreign, "action_subscription_bill")
        self.assertEqual(len(self._get_invoices(self.order)), 2)
        self.assertEqual(len(self._get_invoices(self.foreign)), 2)

    def test_who_may_not_invoice_may_not_bill(self):
        self._set_today("2026-02-01")
        for person in ("salesman", "sales_manager", "admin", "auditor", "nobody", "portal", "public"):
            self.assertBlocked(person, self.order, "action_subscription_bill")
        self.assertEqual(len(self._get_invoices(self.order)), 1)

    def test_billing_twice_by_button_bills_once(self):
        self._set_today("2026-02-01")
        self._call("accountant", self.order, "action_subscription_bill")
        self.assertBlocked("accountant", self.order, "action_subscription_bill", error=UserError)
        self.assertEqual(len(self._get_invoices(self.order)), 2)

    def test_no_context_of_a_caller_changes_what_is_billed(self):
        self._set_today("2026-02-01")
        context = {
            "default_state": "void",
            "default_move_type": "in_invoice",
            "default_quantity": 7,
            "default_partner_id": self.env.user.partner_id.id,
            "active_test": False,
            "skip_invoice_sync": True,
        }
        self._call("accountant", self.order, "action_subscription_bill", context=context)
        invoice = self._get_invoices(self.order)[1]
        self.assertEqual((invoice.move_type, invoice.partner_id), ("out_invoice", self.customer))
        self.assertEqual((invoice.state, invoice.amount_untaxed), ("posted", 12.0))
        self.assertEqual(
            self._get_spans(self.order),
            [("2026-01-01", "2026-02-01", "regular"), ("2026-02-01", "2026-03-01", "regular")],
        )

    def test_bill_again_is_for_those_who_may_invoice(self):
        self._get_invoices(self.order).button_cancel()
        skip = self.line.subscription_period_ids.filtered(lambda row: row.state == "live")
        self.assertEqual(skip.kind, "skip")
        for person in ("salesman", "sales_manager", "admin", "auditor", "nobody", "portal", "public"):
            self.assertBlocked(person, skip, "action_bill_again")
        self._call("accountant", skip, "action_bill_again")
        self.assertEqual(skip.state, "void")
        self.assertEqual(str(self.line.subscription_next_start), "2026-01-01")

    def test_an_accountant_without_sales_right_undoes_an_invoice_and_takes_it_back(self):
        invoice = self._get_invoices(self.order)
        self._call("accountant", invoice, "button_cancel")
        self.assertEqual(self._get_spans(self.order), [("2026-01-01", "2026-02-01", "skip")])
        self._call("accountant", invoice, "button_draft")
        self.assertEqual(self._get_spans(self.order), [("2026-01-01", "2026-02-01", "regular")])

    # Closing and reopening

    def _close(self, person, order, **values):
        values = {"order_ids": [Command.set(order.ids)], "reason_id": self.reason.id, **values}
        wizard = self._call(person, self.env["subscription.close.wizard"], "create", values)
        return self._call(person, self.env["subscription.close.wizard"].browse(wizard), "action_close")

    def test_a_plain_salesman_closes_and_reopens_own_subscriptions(self):
        self.assertEqual(
            self._call("salesman", self.order, "action_subscription_close")["res_model"], "subscription.close.wizard"
        )
        self._close("salesman", self.order)
        self.assertEqual(self.order.subscription_status, "closed")
        self._call("salesman", self.order, "action_subscription_reopen")
        self.assertEqual(self.order.subscription_status, "progress")

    def test_nobody_closes_the_subscription_of_another_salesman(self):
        with self.assertRaises(AccessError):
            self._close("salesman", self.foreign)
        wizard = self.env["subscription.close.wizard"].create(
            {"order_ids": self.foreign.ids, "reason_id": self.reason.id}
        )
        wizard.sudo().create_uid = self.salesman
        self.assertBlocked("salesman", wizard, "action_close")
        self.assertEqual(self.foreign.subscription_status, "progress")

    def test_who_does_not_sell_neither_closes_nor_reopens(self):
        for person in ("accountant", "auditor", "nobody", "portal", "public"):
            self.assertBlocked(person, self.order, "action_subscription_close")
            with self.subTest(person=person), self.assertRaises(AccessError):
                self._close(person, self.order)
        self._close("sales_manager", self.order)
        for person in ("other_salesman", "accountant", "auditor", "nobody", "portal", "public"):
            self.assertBlocked(person, self.order, "action_subscription_reopen")
        self.assertEqual(self.order.subscription_status, "closed")

    # What shows the future

    def _get_schedule(self, person, order):
        """Return the lines of the schedule, as the screen asks for them."""
        spec = {"line_ids": {"fields": {"date": {}, "total": {}, "description": {}}}}
        context = {"default_order_id": order.id}
        opened = self._call(person, self.env["subscription.schedule"], "onchange", {}, [], spec, context=context)
        return opened["value"]["line_ids"]

    def test_the_schedule_of_a_subscription_is_for_who_may_see_it(self):
        for person in ("sales_manager", "accountant", "auditor"):
            with self.subTest(person=person):
                self.assertEqual(len(self._get_schedule(person, self.foreign)), 12)
        self.assertEqual(len(self._get_schedule("salesman", self.order)), 12)
        for person in ("salesman", "admin", "nobody", "portal", "public"):
            with self.subTest(person=person), self.assertRaises(AccessError):
                self._get_schedule(person, self.foreign)
            self.env.invalidate_all()

    def test_what_tonights_billing_will_do_is_for_those_who_may_invoice(self):
        self._set_today("2026-01-31")
        DryRun = self.env["subscription.dry.run"]
        action = self._call("accountant", DryRun, "action_tonight")
        lines = self.env["subscription.dry.run.line"].with_user(self.people["accountant"]).search(action["domain"])
        self.assertLessEqual(self.order | self.foreign, lines.order_id)
        self._call("accountant", lines[:1], "action_view_order")
        for person in ("salesman", "sales_manager", "admin", "auditor", "nobody", "portal", "public"):
            self.assertBlocked(person, DryRun, "action_tonight")
            self.assertBlocked(person, lines.run_id, "action_preview")
            self.assertBlocked(person, lines, "read", ["partner_id"])
        self.assertEqual(len(self._get_invoices(self.order)), 1, "A dry run bills nothing.")

    # Importing

    def test_importing_is_for_administrators_of_subscriptions(self):
        Wizard = self.env["subscription.import.wizard"]
        self.yearly.name, self.magazine.name = "Every year of rights", "Rights Today"
        rows = "reference,customer,plan,product,price\nR-1,Bo Importer,Every year of rights,Rights Today,9\n"
        file = base64.b64encode(rows.encode()).decode()
        wizard = Wizard.browse(self._call("admin", Wizard, "create", {"file": file}))
        for person in ("salesman", "sales_manager", "accountant", "auditor", "nobody", "portal", "public"):
            self.assertBlocked(person, Wizard, "create", {"file": file})
            self.assertBlocked(person, wizard, "action_check")
            self.assertBlocked(person, wizard, "action_import")
        self._call("admin", wizard, "action_check")
        self._call("admin", wizard, "action_import")
        self.assertEqual((wizard.imported, wizard.refused), (1, 0), wizard.reasons)
        order = self.env["sale.order"].search([("subscription_import_ref", "=", "R-1")])
        self.assertEqual(order.subscription_status, "progress")

    # Views and private methods

    def test_buttons_that_open_a_list_do_it_for_who_may_see_the_record(self):
        for person in ("salesman", "sales_manager", "accountant", "auditor", "admin"):
            with self.subTest(person=person):
                self._call(person, self.monthly, "action_view_orders")
                self._call(person, self._get_invoices(self.order), "action_view_subscriptions")
                self._call(person, self.line.subscription_period_ids, "action_view_invoice")

    def test_a_list_opened_on_anothers_subscription_shows_nothing(self):
        for method in ("action_view_subscription_periods", "action_view_subscription_events"):
            action = self._call("salesman", self.foreign, method)
            found = self.env[action["res_model"]].with_user(self.salesman).search(action["domain"])
            self.assertFalse(found)

    def test_the_engine_itself_cannot_be_called_over_the_network(self):
        calls = [
            ("subscription.billing.run", "_run"),
            ("subscription.billing.run", "_cron_run"),
            ("subscription.check", "_run"),
            ("subscription.import", "run_file"),
            ("subscription.import", "check_file"),
            ("sale.order", "_subscription_run_billing"),
            ("sale.order", "_subscription_bill"),
            ("sale.order", "_subscription_close"),
            ("sale.order", "_subscription_set_status"),
            ("sale.order.line", "_subscription_move_on"),
            ("subscription.period", "_undo"),
        ]
        for model, method in calls:
            with self.subTest(method=method):
                self.assertTrue(hasattr(type(self.env[model]), method))
                with self.assertRaises(AccessError):
                    call_kw(self.env[model].with_user(self.people["admin"]), method, [[]], {})


@tagged("-at_install", "post_install")
class TestGuard(RightsCommon):
    """A user with the right to edit orders, and nothing but patience and a program."""

    def test_no_user_writes_what_the_engine_keeps(self):
        for person in ("salesman", "sales_manager", "accountant", "admin"):
            for name, value in GUARDED_ORDER_VALUES.items():
                self.assertBlocked(person, self.order, "write", {name: value})
        for person in ("salesman", "sales_manager", "accountant", "admin"):
            for name, value in GUARDED_LINE_VALUES.items():
                self.assertBlocked(person, self.line, "write", {name: value})

    def test_the_tables_above_name_every_guarded_field(self):
        self.assertEqual(self.env["sale.order"]._subscription_guarded, GUARDED_ORDER_VALUES.keys())
        self.assertEqual(self.env["sale.order.line"]._subscription_guarded, GUARDED_LINE_VALUES.keys())

    def test_lines_are_guarded_through_their_order_too(self):
        command = Command.update(self.line.id, {"subscription_next_bill_date": "2030-01-01"})
        self.assertBlocked("salesman", self.order, "write", {"order_line": [command]})

    def test_no_context_of_a_caller_lifts_the_guard(self):
        context = {"su": True, "sudo": True, "install_mode": True, "import_file": True, "tracking_disable": True}
        self.assertBlocked("salesman", self.order, "write", {"subscription_status": "paused"}, context=context)

    def test_an_order_cannot_be_created_with_them(self):
        values = {"partner_id": self.customer.id}
        for name, value in GUARDED_ORDER_VALUES.items():
            self.assertBlocked("salesman", self.order.browse(), "create", {**values, name: value})
        for name, value in GUARDED_LINE_VALUES.items():
            line = {"product_id": self.magazine.id, name: value}
            self.assertBlocked(
                "salesman", self.order.browse(), "create", {**values, "order_line": [Command.create(line)]}
            )

    def test_defaults_of_the_context_or_of_the_user_do_not_reach_them(self):
        context = {
            "default_subscription_phase": "running",
            "default_subscription_next_bill_date": "2020-01-01",
            "default_subscription_closed_on": "2020-01-01",
            "default_subscription_status": "progress",
        }
        self.env["ir.default"].set("sale.order.line", "subscription_anchor", "2020-01-01")
        values = {
            "partner_id": self.customer.id,
            "subscription_plan_id": self.monthly.id,
            "order_line": [self._line()],
        }
        order_id = self._call("salesman", self.order.browse(), "create", values, context=context)
        order = self.order.browse(order_id)
        self.assertEqual(order.subscription_status, "quotation")
        self.assertFalse(order.subscription_closed_on)
        for name in ("subscription_phase", "subscription_next_bill_date", "subscription_anchor"):
            self.assertFalse(order.order_line[name])

    def test_files_that_users_import_are_guarded(self):
        result = self.order.with_user(self.salesman).load(
            ["id", "subscription_next_invoice_date"], [[self.order.export_data(["id"])["datas"][0][0], "2030-01-01"]]
        )
        self.assertFalse(result["ids"])
        self.assertIn("Next Invoice", result["messages"][0]["message"])

    def test_a_copy_starts_clean_and_cannot_be_told_otherwise(self):
        copy_id = self._call("salesman", self.order, "copy")[0]
        copy = self.order.browse(copy_id)
        self.assertEqual(copy.subscription_status, "quotation")
        for name in GUARDED_LINE_VALUES.keys() - {"subscription_mrr"}:
            self.assertFalse(copy.order_line[name])
        self.assertBlocked("salesman", self.order, "copy", {"subscription_next_invoice_date": "2030-01-01"})

    def test_the_state_is_moved_only_where_its_buttons_would_move_it(self):
        self.assertBlocked("salesman", self.order, "write", {"state": "draft"}, error=UserError)
        self.assertBlocked("salesman", self.order, "write", {"state": "sent"}, error=UserError)
        self.assertBlocked("salesman", self.order, "write", {"state": "cancel"}, error=UserError)
        self.assertEqual((self.order.state, self.order.subscription_status), ("sale", "progress"))

    def test_a_state_written_by_hand_has_the_effect_of_its_button(self):
        order = self._create_quotation(user_id=self.salesman.id)
        self._call("salesman", order, "write", {"state": "sale"})
        self.assertEqual(order.subscription_status, "progress")
        self.assertTrue(order.subscription_next_invoice_date)
        self.assertEventsSumToMRR(order)
        self._call("salesman", order, "write", {"state": "cancel"})
        self.assertEqual(order.subscription_status, "cancelled")
        self.assertEqual(order.order_line.subscription_phase, "ended")
        self.assertEventsSumToMRR(order)
        self.assertBlocked("salesman", order, "write", {"state": "sale"}, error=UserError)
        self._call("salesman", order, "write", {"state": "draft"})
        self.assertFalse(order.order_line.subscription_start)

    def test_an_order_created_as_confirmed_runs(self):
        order = self._create_quotation(state="sale", subscription_start="2026-03-01")
        self.assertEqual(order.subscription_status, "scheduled")
        self.assertEqual(str(order.subscription_next_invoice_date), "2026-03-01")

    def test_a_running_subscription_keeps_company_currency_plan_and_start(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        other_company = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids += other_company
        for values in (
            {"currency_id": euro.id},
            {"company_id": other_company.id},
            {"subscription_plan_id": self.yearly.id},
            {"subscription_start": "2025-01-01"},
        ):
            with self.subTest(**values), self.assertRaises(UserError):
                self.order.write(values)
            self.order.invalidate_recordset()

    def test_a_line_with_a_history_stays_on_its_order(self):
        quotation = self._create_quotation(user_id=self.salesman.id)
        self.assertBlocked("salesman", self.line, "write", {"order_id": quotation.id}, error=UserError)

    def test_a_confirmed_line_cannot_be_deleted_by_way_of_a_set_up_fee(self):
        quotation = self._create_quotation(user_id=self.salesman.id)
        values = {"subscription_setup_line_id": quotation.order_line.id}
        self.assertBlocked("salesman", self.line, "write", values, error=ValidationError)

    def test_nothing_is_added_to_a_closed_subscription(self):
        self.order.sudo()._subscription_close(self.order.company_id._get_subscription_today(), self.reason)
        self.assertBlocked("salesman", self.order, "write", {"order_line": [self._line()]}, error=UserError)

    def test_what_is_added_before_an_end_that_lies_ahead_ends_with_the_rest(self):
        self.order.sudo()._subscription_close(self.line.subscription_next_start, self.reason)
        self._call("salesman", self.order, "write", {"order_line": [self._line(product_uom_qty=2)]})
        added = self.order.order_line - self.line
        self.assertEqual(added.subscription_end, self.line.subscription_end)

    def test_a_subscription_that_has_run_is_deleted_by_nobody(self):
        self.assertBlocked("sales_manager", self.order, "unlink", error=UserError)
        self.assertBlocked("sales_manager", self.line, "unlink", error=UserError)

    def test_a_portal_user_reads_own_subscription_and_writes_nothing(self):
        self.assertTrue(self._call("portal", self.order, "read", ["name", "subscription_status"]))
        for values in ({"note": "mine"}, {"subscription_status": "closed"}, {"state": "cancel"}):
            self.assertBlocked("portal", self.order, "write", values)
        self.assertBlocked("portal", self.line, "write", {"product_uom_qty": 0})
        self.assertBlocked("portal", self.order, "unlink")
        self.assertBlocked("portal", self.order.browse(), "create", {"partner_id": self.customer.id})
        stranger = self._create_user("stranger", "base.group_portal")
        with self.assertRaises(AccessError):
            self._call(stranger, self.order, "read", ["name"])


@tagged("-at_install", "post_install")
class TestStranger(RightsCommon, HttpCase):
    """Somebody with a browser and the guessed id of an order."""

    def test_a_guessed_id_shows_no_subscription(self):
        for query in ("", "?access_token=guessed"):
            response = self.url_open(f"/my/orders/{self.order.id}{query}", allow_redirects=False)
            self.assertEqual(response.status_code, 303)
            self.assertNotIn(self.order.name, response.text)

    def test_the_link_of_the_mail_shows_it(self):
        response = self.url_open(self.order.get_portal_url())
        self.assertEqual(response.status_code, 200)
        self.assertIn(self.order.name, response.text)

    def test_a_guessed_id_signs_no_quotation(self):
        quotation = self._create_quotation()
        signature = {"name": "Stranger", "signature": "iVBORw0KGgo="}
        self.make_jsonrpc_request(f"/my/orders/{quotation.id}/accept", {"access_token": "guessed", **signature})
        self.assertEqual(quotation.subscription_status, "quotation")

    def test_a_stranger_calls_no_method(self):
        call = {"model": "sale.order", "method": "read", "args": [self.order.ids, ["name"]], "kwargs": {}}
        with self.assertRaises(JsonRpcException) as caught, mute_logger("odoo.http"):
            self.make_jsonrpc_request("/web/dataset/call_kw/sale.order/read", call)
        self.assertIn("SessionExpired", str(caught.exception))
