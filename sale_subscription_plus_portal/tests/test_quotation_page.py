from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import Refused
from .quotation_common import QuotationCommon


@tagged("-at_install", "post_install")
class TestQuotationOptions(QuotationCommon):
    """Optional products and their quantities, chosen on the page."""

    def setUp(self):
        super().setUp()
        self.order = self._create_sent([self._line(product_uom_qty=2), *self._option()], require_payment=True)
        self.magazines, _section, self.option = self.order.order_line

    def test_an_option_that_is_not_chosen_costs_nothing(self):
        page = self._read(self._get_page(self.order))
        self.assertIn("$ 5.00 / month", " ".join(page["td_product_name"]))
        self.assertIn("First invoice: $ 26.40, taxes included.", page["subscription_terms"])
        self.assertEqual(self._get_payment_context(self._get_page(self.order))["amount"], 26.4)

    def test_the_first_invoice_follows_each_choice_to_the_cent(self):
        for quantity, amount in ((3, 41.4), (1, 31.4), (0, 26.4), (7, 61.4)):
            self._set_option(self.order, self.option, quantity)
            self.assertEqual(self.option.product_uom_qty, quantity)
            response = self._get_page(self.order)
            self.assertEqual(self._get_payment_context(response)["amount"], amount)
            sentences = self._read(response)["subscription_terms"]
            self.assertIn(f"First invoice: $ {amount:.2f}, taxes included.", sentences)
            self.assertIn(f"Then $ {amount:.2f} each month, taxes included", sentences)
        self._answer(self._begin_on_page(self.order), "done")
        self.assertEqual(self._get_invoices(self.order).amount_total, 61.4)
        self.assertEqual(self._get_invoices(self.order).amount_residual, 0.0)
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(self.order).mapped("amount_total"), [61.4, 61.4])

    def test_plus_and_minus(self):
        for remove, quantity in ((False, 1), (False, 2), (True, 1), (True, 0), (True, 0)):
            self._set_option(self.order, self.option, remove=remove)
            self.assertEqual(self.option.product_uom_qty, quantity)

    @mute_logger("odoo.http")
    def test_what_is_no_quantity_is_refused(self):
        self._set_option(self.order, self.option, 2)
        for quantity in (-1, 0.5, 1e6, 1e308, float("inf"), float("nan"), "many", "<b>", None, True, [], {"a": 1}):
            with self.subTest(quantity=quantity), self.assertRaisesRegex(Refused, "whole number between 0 and"):
                self._set_option(self.order, self.option, quantity)
        self.assertEqual(self.option.product_uom_qty, 2)

    def test_lines_that_are_no_options_and_those_of_others_stay(self):
        other = self._create_sent([self._line(), *self._option(quantity=4)])
        for line_id in (self.magazines.id, other.order_line[2].id, 0, -1, "abc", None, 10**30):
            with self.subTest(line=line_id):
                self._set_option(self.order, self.option, 9, line_id=line_id)
        self.assertEqual(self.magazines.product_uom_qty, 2)
        self.assertEqual((self.option.product_uom_qty, other.order_line[2].product_uom_qty), (0, 4))

    def test_strangers_change_nothing(self):
        other = self._create_sent()
        for token in (None, "wrong", "é", True, 1, [], {"a": 1}, other._portal_ensure_token()):
            with self.subTest(token=token):
                self._set_option(self.order, self.option, 5, access_token=token)
        self._call(f"/my/orders/{self.order.id}/update_line_dict")
        self.assertEqual(self.option.product_uom_qty, 0)

    def test_an_option_keeps_its_own_plan_and_its_price(self):
        own = self._create_sent([self._line(), *self._option(quantity=1, subscription_plan_id=self.yearly.id)])
        self._set_option(own, own.order_line[2], 2)
        self._choose(own, self.quarterly)
        self.assertEqual((own.order_line[2].price_unit, own.order_line[2].subscription_plan_id), (50.0, self.yearly))
        page = self._read(self._get_page(own))
        self.assertIn("First invoice: $ 136.30, taxes included.", page["subscription_terms"])
        self.assertIn("Then $ 36.30 every 3 months, taxes included: from 04/01/2026 on", page["subscription_terms"])
        self.assertIn("Then $ 100.00 each year, taxes included: from 01/01/2027 on", page["subscription_terms"])

    def test_nothing_changes_once_it_is_signed(self):
        order = self._create_sent([self._line(), *self._option()], require_payment=True, require_signature=True)
        option = order.order_line[2]
        self._set_option(order, option, 1)
        self._sign(order)
        self._set_option(order, option, 5)
        self.assertEqual(option.product_uom_qty, 1)
        self.assertNotIn("js_update_line_json", self._get_page(order).text)

    def test_nothing_changes_while_a_payment_is_under_way(self):
        transaction = self._answer(self._begin_on_page(self.order), "pending")
        self._set_option(self.order, self.option, 5)
        self.assertEqual(self.option.product_uom_qty, 0)
        self._answer(transaction, "error")
        self._set_option(self.order, self.option, 5)
        self.assertEqual(self.option.product_uom_qty, 5)

    def test_an_option_that_was_not_chosen_neither_runs_nor_blocks_billing(self):
        self._answer(self._begin_on_page(self.order), "done")
        self.assertEqual(self.order.subscription_status, "progress")
        self.assertFalse(self.option.subscription_phase)
        self.assertFalse(self.option.subscription_next_bill_date)
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(self.order).mapped("amount_total"), [26.4, 26.4])
        self.assertFalse(self.order.subscription_parked_reason)
        self.assertEqual(self.order.subscription_mrr, 24.0)

    def test_an_ordinary_quotation_is_left_to_sales(self):
        order = self._create_sent([self._line(self.poster), *self._option(self.poster)], offered=self.plans.browse())
        self._set_option(order, order.order_line[2], 0.5)
        self.assertEqual(order.order_line[2].product_uom_qty, 0.5)


@tagged("-at_install", "post_install")
class TestQuotationWords(QuotationCommon):
    """What it costs when, and how long it binds: in words, and to the cent what is invoiced."""

    def _get_sentences(self, order):
        return [sentence.replace("\xa0", " ") for sentence in order._get_agreement()]

    def test_what_recurs_and_what_is_sold_once(self):
        order = self._create_sent([self._line(product_uom_qty=2), self._line(self.poster)])
        self.assertEqual(
            self._get_sentences(order),
            [
                "It starts on the day on which you accept.",
                "First invoice: $ 35.40, taxes included.",
                "Of this, $ 9.00 is charged only once.",
                "Then $ 26.40 each month, taxes included: from 02/01/2026 on, if you accept today.",
                "Term of 3 months; it is renewed for the same time unless you end it before.",
            ],
        )

    def test_a_short_first_period(self):
        aligned = self._create_plan("Aligned", alignment="month_day", alignment_day=11)
        self._set_recurring_price(self.magazine, aligned, 31.0)
        order = self._create_sent(plan=aligned, offered=aligned)
        self.assertEqual(
            self._get_sentences(order)[1:],
            [
                "First invoice: $ 11.00, taxes included.",
                "Then $ 34.10 each month, taxes included: from 01/11/2026 on, if you accept today.",
                "No minimum term: it goes on until you or we end it.",
            ],
        )
        order.action_confirm()
        self._bill("2026-01-11")
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [11.0, 34.1])

    def test_a_plan_in_arrears(self):
        arrears = self._create_plan("Afterwards", billing_timing="arrears", alignment="month_day", alignment_day=11)
        self._set_recurring_price(self.magazine, arrears, 31.0)
        order = self._create_sent(plan=arrears, offered=arrears)
        self.assertEqual(
            self._get_sentences(order)[1:4],
            [
                "Nothing is invoiced at first.",
                "Then $ 11.00 on 01/11/2026, taxes included, for the days from 01/01/2026 to 01/10/2026.",
                "Then $ 34.10 each month, taxes included: from 02/11/2026 on, if you accept today.",
            ],
        )
        order.action_confirm()
        self._bill("2026-02-11")
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [11.0, 34.1])

    def test_a_term_that_ends_by_itself_inside_a_period(self):
        order = self._create_sent(plan=self.quarterly)
        order.write({"subscription_commitment_months": 4, "subscription_auto_renew": False})
        sentences = self._get_sentences(order)
        self.assertIn("for the days from 04/01/2026 to 04/30/2026", sentences[2])
        self.assertEqual(sentences[-1], "Term of 4 months; it ends by itself.")
        order.action_confirm()
        self._bill("2026-07-01")
        amounts = self._get_invoices(order).mapped("amount_total")
        self.assertEqual(self._get_amounts(" ".join(sentences)), amounts)

    def test_a_term_of_one_period_has_no_second_invoice(self):
        order = self._create_sent(plan=self.yearly)
        self.assertEqual(
            self._get_sentences(order)[1:],
            ["First invoice: $ 132.00, taxes included.", "Term of 12 months; it ends by itself."],
        )

    def test_notice_and_a_start_that_was_agreed(self):
        order = self._create_sent(plan=self.quarterly, subscription_start="2026-01-15")
        sentences = self._get_sentences(order)
        self.assertEqual(sentences[0], "It starts on 01/15/2026.")
        self.assertEqual(sentences[2], "Then $ 36.30 every 3 months, taxes included, from 04/15/2026 on.")
        self.assertIn("unless you give notice 30 days before its end", sentences[-1])

    def test_no_minimum_term(self):
        order = self._create_sent()
        order.subscription_commitment_months = 0
        self.assertIn("No minimum term", self._get_sentences(order)[-1])

    def test_customers_without_a_login_read_it_in_their_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        order = self._create_sent()
        page = self._get_page(order)
        self.assertIn("13,20", self._read(page)["subscription_terms"])


@tagged("-at_install", "post_install")
class TestPaymentOnPage(QuotationCommon):
    """What the page says of a payment."""

    def test_while_a_payment_is_pending_nobody_is_asked_to_pay(self):
        order = self._create_sent(require_payment=True)
        self.assertIn("o_sale_portal_paynow", self._get_page(order).text)
        transaction = self._answer(self._begin_on_page(order), "pending")
        response = self._get_page(order)
        self.assertIn("is being processed", self._read(response)["subscription_payment_awaited"])
        self.assertNotIn("o_sale_portal_paynow", response.text)
        self.assertNotIn("o_payment_form", response.text)
        self._answer(transaction, "done")
        self.assertEqual(order.subscription_status, "progress")

    def test_a_payment_that_failed_loses_nothing(self):
        order = self._create_sent([self._line(), *self._option(quantity=2)], require_payment=True)
        self._choose(order, self.quarterly)
        self._answer(self._begin_on_page(order), "error")
        response = self._get_page(order)
        self.assertIn("o_sale_portal_paynow", response.text)
        self.assertEqual(self._get_payment_context(response)["amount"], 64.3)
        self._answer(self._begin_on_page(order), "done")
        self.assertEqual((order.subscription_status, order.subscription_plan_id), ("progress", self.quarterly))
        self.assertEqual(self._get_invoices(order).mapped("amount_residual"), [0.0])

    def test_each_plan_is_paid_as_it_says(self):
        for plan, amount in ((self.monthly, 13.2), (self.quarterly, 36.3), (self.yearly, 132.0)):
            order = self._create_sent(require_payment=True)
            self._choose(order, plan)
            with self.subTest(plan=plan.name):
                response = self._get_page(order)
                self.assertEqual(self._get_payment_context(response)["amount"], amount)
                self.assertIn(f"First invoice: $ {amount:.2f}", self._read(response)["subscription_terms"])
                self._answer(self._begin_on_page(order), "done")
                self.assertEqual(self._get_invoices(order).mapped("amount_total"), [amount])
                self.assertEqual(self._get_invoices(order).mapped("amount_residual"), [0.0])

    def test_a_payment_begun_before_another_plan_was_chosen_does_not_confirm_it(self):
        order = self._create_sent(require_payment=True)
        transaction = self._begin_on_page(order)
        self._choose(order, self.yearly)
        self._answer(transaction, "done")
        self.assertEqual((order.state, order.amount_paid), ("sent", 13.2))
        self.assertEqual(self._get_payment_context(self._get_page(order))["amount"], 118.8)

    def test_an_upsell_and_an_ordinary_quotation_have_their_pages(self):
        running = self._create_subscription()
        running._subscription_bill_signup()
        upsell = self.env["sale.order"].browse(running.action_subscription_upsell()["res_id"])
        upsell.order_line = [self._line(self.archive)]
        upsell.action_quotation_sent()
        page = self._read(self._get_page(upsell))
        self.assertIn("subscription_upsell_terms", page)
        self.assertNotIn("subscription_plan", page)
        ordinary = self._create_sent([self._line(self.poster)], offered=self.plans.browse(), require_signature=True)
        text = self._get_page(ordinary).text
        self.assertIn("for the", text)
        self.assertNotIn("subscription_terms", text)

    def test_the_page_costs_few_statements(self):
        lines = [self._line(), self._line(self.archive), *self._option(quantity=1), self._line(self.poster)]
        order = self._create_sent(lines, require_payment=True)
        plain = self._create_sent(lines, offered=self.plans.browse(), require_payment=True)
        sales = self._create_sent([self._line(self.poster)] * 4, offered=self.plans.browse(), require_payment=True)
        for each in (order, plain, sales):
            self._get_page(each)
        counts = []
        for each in (plain, order, sales):
            before = self.env.cr.sql_log_count
            self._get_page(each)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1] - counts[2], 60, counts)
