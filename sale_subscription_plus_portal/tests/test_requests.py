"""What customers ask for: what they are told, what they pay, and what is done."""

from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.sale_subscription_plus_portal.models.subscription_request_quote import QuoteChanged

from .request_common import RequestCommon


@tagged("post_install", "-at_install")
class TestRequests(RequestCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_running()
        cls.line = cls.order.order_line.filtered(lambda line: line.product_id == cls.paper)

    def _more(self, quantity=2):
        return {"kind": "quantity", "line_id": self.line.id, "quantity": quantity}

    def assertBooked(self, request, amount):
        """Assert that ``request`` is done, and its invoice of ``amount`` paid by its payment."""
        self.assertEqual((request.state, request.failure), ("done", False))
        invoice = self._get_invoice_of(request)
        self.assertEqual((invoice.amount_total, invoice.state), (amount, "posted"))
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertEqual(invoice.transaction_ids, request.transaction_ids)
        self.assertTiled(request.order_id)
        self.assertEventsSumToMRR(request.order_id)
        self.env.invalidate_all()
        self.assertEqual(self.env["subscription.check"]._run()["details"], [])

    # === MORE ===#

    def test_more_from_today_costs_the_rest_of_the_period(self):
        self._set_today(date(2026, 1, 12))
        quote = self.order._quote_request([self._more()])
        self.assertEqual(quote["now"]["total"], 20.0, "20 of the 31 days of January, 1.00 each")
        self.assertEqual(quote["effective_on"], date(2026, 1, 12))
        self.assertEqual([plan["label"] for plan in quote["recurring_before"]], ["$\xa043.00 / month"])
        self.assertEqual([plan["label"] for plan in quote["recurring_after"]], ["$\xa074.00 / month"])
        self.assertEqual(self.line.product_uom_qty, 1, "a quote writes nothing")

    def test_more_waits_for_its_payment_and_is_done_once_paid(self):
        self._set_today(date(2026, 1, 12))
        request = self._ask(self.order, self._more(), note="For my son")
        self.assertEqual((request.state, request.amount, self.line.product_uom_qty), ("awaiting", 20.0, 1))
        self._pay_request(request)
        self.assertEqual(self.line.product_uom_qty, 2)
        self.assertBooked(request, 20.0)
        message = self.order.message_ids.filtered(lambda message: "For my son" in message.body)
        self.assertEqual(message.author_id, self.customer)

    def test_an_option_comes_on_the_same_invoice_as_more_of_what_runs(self):
        self._set_today(date(2026, 1, 12))
        (option,) = self.order._get_portal_options()
        items = [self._more(), {"kind": "add", "option": option.key, "quantity": 1}]
        request = self._ask(self.order, *items)
        self.assertEqual(request.amount, 24.0, "20.00 of the paper, 20 of 31 days of 6.20")
        self._pay_request(request)
        self.assertBooked(request, 24.0)
        added = self._get_line(self.order, self.archive)
        self.assertEqual((added.subscription_option_access, added.price_unit), ("both", 6.2))
        self.assertFalse(self.order._get_portal_options(), "it is not offered twice")

    def test_an_option_brings_its_setup_fee(self):
        fee = self._create_product(name="Set-up", lst_price=5.0, taxes_id=[], invoice_policy="order")
        self.archive.subscription_setup_product_id = fee
        (option,) = self.order._get_portal_options()
        request = self._ask(self.order, {"kind": "add", "option": option.key, "quantity": 1})
        self.assertEqual(request.amount, 11.2)
        self._pay_request(request)
        self.assertBooked(request, 11.2)

    def test_what_is_told_of_taxed_goods_is_what_is_billed(self):
        tax = self.company_data["default_tax_sale"].copy({"name": "21 %", "amount": 21})
        included = tax.copy({"name": "6 % included", "amount": 6, "price_include_override": "tax_included"})
        fee = self._create_product(name="Set-up", lst_price=5.0, taxes_id=included.ids, invoice_policy="order")
        self.archive.write({"subscription_setup_product_id": fee.id, "taxes_id": included.ids})
        self.paper.taxes_id = tax
        self.magazine.taxes_id = included
        order = self._create_running(lines=[self._line(), self._line(self.paper)])
        self._set_today(date(2026, 1, 12))
        (option,) = order._get_portal_options()
        raised = [
            {"kind": "quantity", "line_id": line.id, "quantity": 3} for line in order.order_line.filtered("product_id")
        ]
        request = self._ask(order, *raised, {"kind": "add", "option": option.key, "quantity": 3})
        # The rest of January: (60.00 - 20.00) + 21 %, 23.23 - 7.74, 12.00, and the fee of 5.00
        self.assertEqual(request.amount, 80.89)
        self._pay_request(request)
        self.assertBooked(request, 80.89)

    def test_a_quantity_that_staff_has_planned_is_not_undone(self):
        (option,) = self.order._get_portal_options()
        values = {"line_id": self.line.id, "kind": "quantity", "quantity": 5, "effective_on": date(2026, 3, 1)}
        self.env["subscription.change"]._schedule([values])
        with self.assertRaisesRegex(UserError, "write to us"):
            self.order._quote_request([self._more(), {"kind": "add", "option": option.key, "quantity": 1}])

    def test_an_option_of_the_contract_keeps_the_price_that_was_agreed(self):
        line = self._line(self.archive, product_uom_qty=0, price_unit=3.1, subscription_option_access="add")
        order = self._create_running(lines=[self._line(), line])
        (option,) = order._get_portal_options()
        self.assertEqual(option.price_unit, 3.1)
        request = self._ask(order, {"kind": "add", "option": option.key, "quantity": 2})
        self.assertEqual(request.amount, 6.2)
        self._pay_request(request)
        self.assertBooked(request, 6.2)

    def test_a_plan_that_brings_more_counts_at_once_less_what_is_left_of_the_former_one(self):
        self._set_recurring_price(self.poster, self.monthly, 31.0)
        self._set_recurring_price(self.poster, self.yearly, 400.0)
        self.poster.subscription_ok = True
        order = self._create_running(lines=[self._line(self.poster)])
        order.subscription_offered_plan_ids = self.monthly | self.yearly
        self._set_today(date(2026, 1, 12))
        request = self._ask(order, {"kind": "plan", "plan_id": self.yearly.id})
        self.assertEqual((request.state, request.amount), ("awaiting", 380.0), "400.00 less 20 days of 1.00")
        self._pay_request(request)
        self.assertBooked(request, 380.0)
        self.assertEqual(order.subscription_plan_id, self.yearly)
        self.assertEqual(order.subscription_next_invoice_date, date(2027, 1, 12))

    def test_a_plan_that_saves_counts_from_the_end_of_the_period_and_costs_nothing_now(self):
        order = self._create_running(lines=[self._line(self.paper)])
        order.write(
            {"subscription_offered_plan_ids": self.monthly | self.yearly, "subscription_customer_changes": "upgrade"}
        )
        self._set_today(date(2026, 1, 12))
        request = self._ask(order, {"kind": "plan", "plan_id": self.yearly.id})
        self.assertEqual((request.state, request.amount, request.effective_on), ("done", 0.0, date(2026, 2, 1)))
        self._bill(date(2026, 2, 1))
        self.assertEqual(self._get_invoices(order)[-1].amount_total, 365.0)
        self.assertEqual(order.subscription_plan_id, self.yearly)

    def test_a_plan_that_is_not_offered_cannot_be_switched_to(self):
        order = self._create_running(lines=[self._line(self.paper)])
        with self.assertRaises(UserError):
            order._quote_request([{"kind": "plan", "plan_id": self.yearly.id}])
        order.subscription_offered_plan_ids = self.monthly | self.yearly
        self.yearly.active = False
        with self.assertRaises(UserError):
            order._quote_request([{"kind": "plan", "plan_id": self.yearly.id}])

    def test_what_has_a_plan_of_its_own_keeps_it_when_the_plan_is_switched(self):
        self.archive.subscription_plan_id = self.monthly
        order = self._create_running(lines=[self._line(self.paper), self._line(self.archive)])
        order.subscription_offered_plan_ids = self.monthly | self.yearly
        quote = order._quote_request([{"kind": "plan", "plan_id": self.yearly.id}])
        labels = [plan["label"] for plan in quote["recurring_after"]]
        self.assertEqual(sorted(labels), ["$\xa0365.00 / year", "$\xa06.20 / month"])

    def test_a_payment_that_failed_can_be_tried_again(self):
        request = self._ask(self.order, self._more())
        self._pay_request(request, "error")
        self.assertTrue(request._is_payable())
        transaction = self._pay_request(request)
        self.assertEqual((request.state, self.line.product_uom_qty), ("done", 2))
        self.assertTrue(transaction.payment_id.is_reconciled)

    def test_while_a_payment_is_pending_nothing_else_is_paid_nor_asked_for(self):
        request = self._ask(self.order, self._more())
        transaction = self._pay_request(request, "pending")
        self.assertFalse(request._is_payable())
        with self.assertRaisesRegex(UserError, "is being processed"):
            self._ask(self.order, self._more(3))
        request.expires_on = fields.Datetime.now() - timedelta(minutes=1)
        request._cron_lapse()
        self.assertEqual(request.state, "awaiting", "its payment may still come")
        self._answer(transaction, "done", save=False)
        self.assertEqual((request.state, self.line.product_uom_qty), ("done", 2))

    def test_what_is_not_paid_in_a_day_lapses_and_changes_nothing(self):
        request = self._ask(self.order, self._more())
        request.expires_on = fields.Datetime.now() - timedelta(minutes=1)
        self.assertFalse(request._is_payable())
        request._cron_lapse()
        self.assertEqual((request.state, self.line.product_uom_qty), ("lapsed", 1))

    def test_what_costs_something_else_on_another_day_is_not_paid_as_it_was_told(self):
        self._set_today(date(2026, 1, 30))
        request = self._ask(self.order, self._more())
        self.assertEqual((request.amount, request._is_payable()), (2.0, True))
        request.expires_on = fields.Datetime.now() + timedelta(days=3)
        self._set_today(date(2026, 1, 31))
        self.assertFalse(request._is_payable())
        self.assertIn("expired", request._get_notice()[1])
        self.assertEqual(self._ask(self.order, self._more()).amount, 1.0)

    def test_a_payment_that_comes_after_all_is_not_lost(self):
        request = self._ask(self.order, self._more())
        request.state = "lapsed"
        self._pay_request(request)
        self.assertEqual((request.state, self.line.product_uom_qty), ("done", 2))

    def test_what_is_paid_and_cannot_be_done_keeps_its_money_and_tells_staff(self):
        request = self._ask(self.order, self._more())
        self.order._subscription_close(date(2026, 1, 1), self.other_reason)
        transaction = self._pay_request(request)
        self.assertEqual((request.state, transaction.state), ("failed", "done"))
        self.assertIn("does not run", request.failure)
        self.assertEqual(transaction.payment_id.amount, 31.0)
        self.assertTrue(self.order.activity_ids.filtered(lambda activity: "not done" in activity.summary))

    def test_the_second_payment_of_a_request_changes_nothing_more(self):
        request = self._ask(self.order, self._more())
        self._pay_request(request)
        second = self._pay_request(request)
        self.assertEqual(self.line.product_uom_qty, 2)
        self.assertFalse(second.payment_id.is_reconciled, "it is kept for what comes")
        told = self.order.message_ids.filtered(lambda message: "a second time" in message.body)
        self.assertEqual(len(told), 1)
        second._post_process()
        self.assertEqual(self.order.message_ids.filtered(lambda message: "a second time" in message.body), told)

    # === LESS ===#

    def test_less_counts_from_the_end_of_the_period_and_gives_nothing_back(self):
        order = self._create_running(lines=[self._line(product_uom_qty=3)])
        line = self._get_line(order, self.magazine)
        self._set_today(date(2026, 1, 12))
        request = self._ask(order, {"kind": "quantity", "line_id": line.id, "quantity": 1})
        self.assertEqual((request.state, request.amount), ("done", 0.0))
        self.assertEqual((line.product_uom_qty, request.change_ids.effective_on), (3, date(2026, 2, 1)))
        self._bill(date(2026, 2, 1))
        self.assertEqual(line.product_uom_qty, 1)

    def test_who_thinks_again_has_one_change_planned_only(self):
        order = self._create_running(lines=[self._line(product_uom_qty=3)])
        line = self._get_line(order, self.magazine)
        for quantity in (1, 2):
            self._ask(order, {"kind": "quantity", "line_id": line.id, "quantity": quantity})
        self.assertEqual(order.subscription_planned_change_ids.mapped("quantity"), [2])

    def test_who_is_bound_has_less_only_after_the_term(self):
        order = self._create_running(lines=[self._line(product_uom_qty=3)], subscription_commitment_months=12)
        line = self._get_line(order, self.magazine)
        request = self._ask(order, {"kind": "quantity", "line_id": line.id, "quantity": 1})
        self.assertEqual(request.change_ids.effective_on, date(2027, 1, 1))

    def test_an_option_that_customers_may_remove_ends_with_its_period(self):
        (option,) = self.order._get_portal_options()
        self._pay_request(self._ask(self.order, {"kind": "add", "option": option.key, "quantity": 1}))
        line = self._get_line(self.order, self.archive)
        request = self._ask(self.order, {"kind": "remove", "line_id": line.id})
        self.assertEqual((request.state, line.subscription_end), ("done", date(2026, 2, 1)))

    def test_what_is_no_option_cannot_be_removed(self):
        with self.assertRaisesRegex(UserError, "cannot be removed online"):
            self.order._quote_request([{"kind": "remove", "line_id": self.line.id}])

    # === PAUSE, CLOSE ===#

    def test_pause_and_resume(self):
        self._ask(self.order, {"kind": "pause", "from": False, "resume_on": False})
        self.assertEqual(self.order.subscription_status, "paused")
        self._set_today(date(2026, 1, 20))
        self._ask(self.order, {"kind": "resume"})
        self.assertEqual(self.order.subscription_status, "progress")
        self.assertTiled(self.order)

    def test_a_pause_is_no_longer_than_allowed(self):
        self.order.subscription_customer_pause_days = 30
        for resume_on in (False, "2026-02-01"):
            with self.assertRaisesRegex(UserError, "30 days at most"):
                self.order._quote_request([{"kind": "pause", "from": "2026-01-01", "resume_on": resume_on}])
        self.order._quote_request([{"kind": "pause", "from": "2026-01-01", "resume_on": "2026-01-31"}])

    def test_a_close_waits_for_the_end_of_what_was_billed(self):
        request = self._ask(self.order, {"kind": "close", "reason_id": self.other_reason.id})
        self.assertEqual(self.order.subscription_closed_on, date(2026, 2, 1))
        self.assertEqual(request.change_ids.reason_id, self.other_reason)
        with self.assertRaisesRegex(UserError, "ends on"):
            self.order._quote_request([self._more()])

    def test_a_close_before_the_earliest_day_is_refused(self):
        with self.assertRaisesRegex(UserError, "earliest"):
            self.order._quote_request([{"kind": "close", "reason_id": self.other_reason.id, "date": "2026-01-31"}])

    # === WHAT IS REFUSED ===#

    def test_each_right_is_needed(self):
        self.order.write(
            {
                "subscription_customer_changes": "restricted",
                "subscription_customer_pause": False,
                "subscription_customer_close": False,
            }
        )
        for item in (
            self._more(),
            self._more(0.5),
            {"kind": "add", "option": f"template-{self.template.sale_order_template_line_ids.id}", "quantity": 1},
            {"kind": "remove", "line_id": self.line.id},
            {"kind": "plan", "plan_id": self.yearly.id},
            {"kind": "pause"},
            {"kind": "resume"},
            {"kind": "close", "reason_id": self.other_reason.id},
            {"kind": "discount", "discount": 50, "periods": 12},
        ):
            with self.subTest(item=item), self.assertRaises(UserError):
                self.order._quote_request([item])

    def test_who_may_have_more_only_cannot_have_less(self):
        order = self._create_running(lines=[self._line(product_uom_qty=3)])
        order.subscription_customer_changes = "upgrade"
        line = self._get_line(order, self.magazine)
        with self.assertRaisesRegex(UserError, "cannot be changed online"):
            order._quote_request([{"kind": "quantity", "line_id": line.id, "quantity": 1}])
        self.assertTrue(order._quote_request([{"kind": "quantity", "line_id": line.id, "quantity": 4}]))

    def test_nonsense_is_refused_in_words(self):
        for item in (
            {"kind": "quantity", "line_id": self.line.id, "quantity": value}
            for value in ("two", None, "nan", "inf", "-1", 0, 1e300, "1.5", [], "")
        ):
            with self.subTest(item=item), self.assertRaises(UserError):
                self.order._quote_request([item])
        for item in (
            {},
            {"kind": "discount"},
            {"kind": "nothing"},
            {"kind": "plan"},
            {"kind": "pause", "from": "soon"},
        ):
            with self.subTest(item=item), self.assertRaises(UserError):
                self.order._quote_request([item])
        with self.assertRaisesRegex(UserError, "Nothing differs"):
            self.order._quote_request([self._more(1)])

    def test_a_line_of_another_subscription_is_refused(self):
        other = self._create_running()
        with self.assertRaisesRegex(UserError, "out of date"):
            self.order._quote_request([{"kind": "quantity", "line_id": other.order_line[0].id, "quantity": 5}])

    def test_what_was_not_shown_is_not_done(self):
        digest = self.order._quote_request([self._more(2)])["digest"]
        for items in ([self._more(3)], [self._more(2), {"kind": "pause"}]):
            with self.assertRaises(QuoteChanged):
                self.order._submit_request(items, digest, self.customer)
        other = self._create_running()
        with self.assertRaises(UserError):
            other._submit_request([self._more(2)], digest, self.customer)
        self.assertFalse(self.order.subscription_request_ids)

    def test_a_price_that_moved_meanwhile_is_shown_again(self):
        digest = self.order._quote_request([self._more(2)])["digest"]
        self._set_today(date(2026, 1, 12))
        with self.assertRaises(QuoteChanged):
            self.order._submit_request([self._more(2)], digest, self.customer)

    def test_confirmed_twice_is_asked_for_once(self):
        digest = self.order._quote_request([self._more(2)])["digest"]
        first = self.order._submit_request([self._more(2)], digest, self.customer)
        self.assertEqual(self.order._submit_request([self._more(2)], digest, self.customer), first)

    def test_another_request_replaces_one_that_was_not_paid(self):
        first = self._ask(self.order, self._more(2))
        second = self._ask(self.order, self._more(3))
        self.assertEqual((first.state, second.state), ("cancelled", "awaiting"))

    def test_a_parked_subscription_is_changed_by_staff_only(self):
        self.order._subscription_park("No journal", date(2026, 1, 1))
        with self.assertRaisesRegex(UserError, "Please write to us"):
            self.order._quote_request([self._more()])

    def test_a_pause_for_what_is_not_paid_ends_with_the_payment_only(self):
        charge = self.order.subscription_charge_ids
        self.order._subscription_pause_unpaid(date(2026, 1, 1))
        charge.final_order_ids = [Command.set(self.order.ids)]
        with self.assertRaisesRegex(UserError, "invoice is open"):
            self.order._quote_request([{"kind": "resume"}])

    # === RIGHTS ===#

    def test_rights_come_from_the_customer_else_the_template_else_the_plan(self):
        quotation = self._create_quotation()
        self.assertEqual(quotation.subscription_customer_changes, "both")
        template = self.template.copy({"subscription_own_terms": True, "subscription_customer_changes": "upgrade"})
        quotation.sale_order_template_id = template
        self.assertEqual(quotation.subscription_customer_changes, "upgrade")
        self.customer.subscription_customer_changes = "restricted"
        self.assertEqual(self._create_quotation().subscription_customer_changes, "restricted")
        self.assertEqual(self.order.subscription_customer_changes, "restricted", "it reaches what runs")
        self.order.subscription_customer_changes = "upgrade"
        self.assertEqual(self.order.subscription_customer_changes, "upgrade", "and may be set otherwise there")

    def test_the_rights_of_a_plan_are_given_to_those_who_run_on_it(self):
        other = self._create_running(plan=self.yearly)
        self.monthly.write({"customer_changes": "upgrade", "customer_pause_days": 14, "customer_close": False})
        self.monthly.action_spread_customer_rights()
        names = ("subscription_customer_changes", "subscription_customer_pause_days", "subscription_customer_close")
        self.assertEqual([self.order[name] for name in names], ["upgrade", 14, False])
        self.assertEqual(other.subscription_customer_changes, "restricted")
        with self.assertRaises(AccessError):
            self.monthly.with_user(self.company_data["default_user_salesman"]).action_spread_customer_rights()
        with self.assertRaisesRegex(UserError, "No subscription runs"):
            self._create_plan("Unused").action_spread_customer_rights()
