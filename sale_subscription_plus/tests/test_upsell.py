from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .upsell_common import UpsellCommon


@tagged("-at_install", "post_install")
class TestUpsellQuotation(UpsellCommon):
    """The button makes a quotation of its own kind, for the same customer on the same terms."""

    def test_it_has_what_the_subscription_has(self):
        delivery = self.env["res.partner"].create({"name": "Porch", "parent_id": self.customer.id, "type": "delivery"})
        order = self._create_running(
            client_order_ref="PO 7",
            partner_shipping_id=delivery.id,
            payment_term_id=self.env.ref("account.account_payment_term_30days").id,
        )
        upsell = self._create_upsell(order)
        self.assertEqual((upsell.state, upsell.subscription_status), ("draft", "upsell"))
        self.assertEqual(upsell.subscription_origin_id, order)
        for name in (
            "partner_id",
            "partner_invoice_id",
            "partner_shipping_id",
            "company_id",
            "currency_id",
            "pricelist_id",
            "fiscal_position_id",
            "payment_term_id",
            "user_id",
            "team_id",
            "client_order_ref",
            "subscription_plan_id",
        ):
            self.assertEqual(upsell[name], order[name], name)
        self.assertEqual(upsell.amount_total, 0.0)

    def test_running_lines_are_offered_at_the_price_that_was_agreed(self):
        order = self._create_running(lines=[self._line(price_unit=11.0, discount=10.0, name="A fine magazine")])
        self._set_recurring_price(self.magazine, self.monthly, 99.0)
        upsell = self._create_upsell(order)
        line = upsell.order_line
        self.assertEqual(line.subscription_raised_line_id, order.order_line)
        self.assertEqual(line.name, order.order_line.name)
        self.assertEqual((line.product_uom_qty, line.price_unit, line.discount), (0.0, 11.0, 10.0))
        line.product_uom_qty = 5
        upsell.action_update_prices()
        self.assertEqual((line.price_unit, line.discount), (11.0, 10.0))
        self.assertEqual(upsell.amount_untaxed, 49.5)

    def test_what_is_not_raised_is_not_shown_to_the_customer(self):
        upsell = self._create_upsell(self._create_running(), self._line(self.paper))
        self.assertEqual(upsell._get_order_lines_to_report().product_id, self.paper)

    def test_no_set_up_fee_for_more_of_the_same_and_one_for_what_is_new(self):
        fee = self._create_product(name="Set-up", lst_price=5.0, taxes_id=[], invoice_policy="order")
        self.magazine.subscription_setup_product_id = fee
        self.paper.subscription_setup_product_id = fee
        order = self._create_running()
        upsell, invoice = self._merge(order, self._line(self.paper), raise_by=1)
        self.assertEqual(upsell.order_line.product_id, self.magazine | self.paper | fee)
        self.assertEqual(invoice.amount_total, 12.0 + 31.0 + 5.0)
        self.assertEqual(order.order_line.filtered(lambda line: line.product_id == fee).mapped("product_uom_qty"), [1])

    def test_it_is_found_from_its_subscription_and_the_other_way_round(self):
        order = self._create_running()
        upsells = self._create_upsell(order) | self._create_upsell(order)
        self.assertEqual(order.subscription_upsell_count, 2)
        self.assertEqual(self.env["sale.order"].search(order.action_view_subscription_upsells()["domain"]), upsells)
        self.assertEqual(upsells[0].action_view_subscription_origin()["res_id"], order.id)

    def test_a_salesperson_fills_it_in_on_the_screen(self):
        order = self._create_running()
        self._set_today("2026-01-16")
        upsell = self.env["sale.order"].browse(order.action_subscription_upsell()["res_id"])
        with Form(upsell) as form:
            self.assertEqual(form.subscription_upsell_amount, 0.0)
            with form.order_line.edit(0) as line:
                self.assertEqual(line.subscription_raised_quantity, 1.0)
                line.product_uom_qty = 1
            self.assertEqual(form.subscription_upsell_amount, 6.2)
            with form.order_line.new() as line:
                line.product_id = self.paper
            self.assertEqual(form.subscription_upsell_amount, 22.2)
            self.assertFalse(form.subscription_upsell_problem)
        self.assertEqual((upsell.amount_total, upsell.subscription_upsell_amount), (43.0, 22.2))

    def test_the_printed_quotation_tells_the_customer_what_is_added(self):
        upsell = self._create_upsell(self._create_running(), self._line(self.paper))
        html = self.env["ir.actions.report"]._render_qweb_html("sale.report_saleorder", upsell.ids)[0].decode()
        self.assertIn("Added to Your Subscription", html)
        self.assertIn("31.00 / month", html)
        self.assertNotIn("Magazine", html)

    def test_an_upsell_is_no_subscription(self):
        upsell = self._create_upsell(self._create_running(), self._line(self.paper))
        action = self.env["ir.actions.act_window"]._for_xml_id("sale_subscription_plus.subscription_action")
        self.assertNotIn("upsell", str(action["domain"]))
        upsell.action_confirm()
        self.assertFalse(upsell.order_line.filtered("subscription_start"))
        self.assertFalse(upsell.subscription_next_invoice_date)
        self.assertFalse(upsell.subscription_event_ids)
        self.assertEqual((upsell.subscription_mrr, upsell.subscription_recurring_amount), (0.0, 0.0))
        listed = self.env["sale.order"].search(self.customer.action_view_subscriptions()["domain"])
        self.assertEqual(listed, upsell.subscription_origin_id)

    def test_cancelled_and_taken_up_again_it_is_an_upsell_still(self):
        order = self._create_running()
        upsell = self._create_upsell(order, self._line(self.paper))
        upsell._action_cancel()
        self.assertEqual(upsell.subscription_status, "cancelled")
        upsell.action_draft()
        self.assertEqual(upsell.subscription_status, "upsell")
        upsell.action_confirm()
        self.assertEqual(order.order_line.product_id, self.magazine | self.paper)

    def test_its_duplicate_adds_to_the_same_subscription(self):
        order = self._create_running()
        upsell = self._create_upsell(order, self._line(self.paper), raise_by=2)
        upsell.action_confirm()
        twin = upsell.copy()
        self.assertEqual((twin.subscription_status, twin.subscription_origin_id), ("upsell", order))
        self.assertEqual(twin.order_line.subscription_raised_line_id, order.order_line[0])
        self.assertFalse(order.order_line.subscription_upsell_line_id & twin.order_line)
        twin.action_confirm()
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [5.0, 1.0, 1.0])
        self.assertSound(order)

    def test_a_duplicate_of_the_subscription_has_nothing_to_do_with_it(self):
        order = self._create_running()
        self._merge(order, self._line(self.paper))
        twin = order.copy()
        self.assertFalse(twin.subscription_upsell_ids)
        self.assertFalse(twin.order_line.subscription_upsell_line_id)
        self.assertEqual(twin.order_line.product_id, self.magazine | self.paper)

    def test_an_expired_one_is_not_asked_for(self):
        order = self._create_running()
        upsell = self._create_upsell(order, self._line(self.paper))
        upsell.write({"validity_date": "2025-12-31", "require_signature": True, "require_payment": True})
        self.assertFalse(upsell._has_to_be_signed())
        self.assertFalse(upsell._has_to_be_paid())


@tagged("-at_install", "post_install")
class TestUpsellAmounts(UpsellCommon):
    """What is due at confirmation is the rest of the running period of each line's own plan, to the cent."""

    def _assert_first_payment(self, expected, order, *lines, **kwargs):
        upsell, invoices = self._merge(order, *lines, **kwargs)
        self.assertEqual(invoices.mapped("amount_total"), [expected])
        self.assertSound(order)
        return upsell, invoices

    def test_a_new_line_costs_the_rest_of_the_period_that_runs(self):
        order = self._create_running()
        self._set_today("2026-01-16")
        # 16 of 31 days of 31.00
        upsell, invoice = self._assert_first_payment(16.0, order, self._line(self.paper))
        line = order.order_line.filtered(lambda line: line.product_id == self.paper)
        self.assertEqual(line.subscription_upsell_line_id, upsell.order_line[1])
        self.assertEqual(invoice.invoice_line_ids.sale_line_ids, line)
        self.assertEqual(line.subscription_next_bill_date, date(2026, 2, 1))
        self.assertEqual(order.subscription_next_invoice_date, date(2026, 2, 1), "unchanged")
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [12.0, 16.0, 43.0])

    def test_more_of_what_runs_costs_the_rest_of_what_was_billed(self):
        order = self._create_running()
        self._set_today("2026-01-16")
        # Of 24.00, 15 of 31 days are used: 24.00 - 11.61 = 12.39; of 12.00: 12.00 - 5.81 = 6.19
        upsell, invoice = self._assert_first_payment(6.2, order, raise_by=1)
        self.assertEqual(order.order_line.product_uom_qty, 2.0)
        change = order.subscription_change_ids
        self.assertEqual((change.kind, change.state, change.upsell_line_id), ("quantity", "applied", upsell.order_line))
        self.assertEqual(invoice.invoice_line_ids.sale_line_ids, order.order_line)
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(order)[-1].amount_total, 24.0)

    def test_everything_at_once_stands_on_one_invoice(self):
        order = self._create_running()
        self._set_today("2026-01-16")
        lines = [self._line(self.paper), self._line(self.poster, product_uom_qty=2)]
        upsell, invoice = self._assert_first_payment(6.2 + 16.0 + 18.0, order, *lines, raise_by=1)
        self.assertEqual(upsell.invoice_ids, invoice)
        self.assertEqual(upsell.invoice_status, "invoiced")
        self.assertEqual(upsell.order_line.filtered(lambda line: line.product_id == self.poster).qty_invoiced, 2.0)
        self.assertEqual(invoice.subscription_count, 1, "the upsell is no subscription")
        self.assertEqual(invoice._get_subscriptions(), order)
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(order)[-1].amount_total, 24.0 + 31.0, "once is once")

    def test_what_is_sold_once_alone_is_invoiced_at_once(self):
        order = self._create_running()
        self._set_today("2026-01-16")
        upsell, invoice = self._assert_first_payment(9.0, order, self._line(self.poster))
        self.assertEqual(invoice.invoice_line_ids.sale_line_ids.order_id, upsell)
        self.assertEqual(order.order_line.product_id, self.magazine)

    def test_what_is_sold_once_beside_a_raise_is_on_its_invoice(self):
        order = self._create_running()
        self._set_today("2026-01-16")
        self._assert_first_payment(15.2, order, self._line(self.poster), raise_by=1)

    def test_each_line_goes_by_its_own_plan(self):
        order = self._create_running(lines=[self._line(), self._line(subscription_plan_id=self.yearly.id)])
        self._set_today("2026-01-16")
        lines = [self._line(self.paper), self._line(self.paper, subscription_plan_id=self.yearly.id)]
        # By the month 16 of 31 days; by the year 350 of 365 days
        self._assert_first_payment(16.0 + 350.0, order, *lines)
        added = order.order_line.filtered("subscription_upsell_line_id")
        self.assertEqual(added.mapped("subscription_next_bill_date"), [date(2026, 2, 1), date(2027, 1, 1)])

    def test_a_plan_that_nothing_runs_on_yet_begins_today(self):
        order = self._create_running()
        self._set_today("2026-01-16")
        self._assert_first_payment(365.0, order, self._line(self.paper, subscription_plan_id=self.yearly.id))
        self.assertEqual(order.order_line[-1].subscription_next_bill_date, date(2027, 1, 16))

    def test_on_the_31st_of_january(self):
        order = self._create_running("2026-01-31")
        self._set_today("2026-02-10")
        self._set_recurring_price(self.poster, self.monthly, 28.0)
        lines = [self._line(self.poster, subscription_plan_id=self.monthly.id, price_unit=28.0)]
        # The period runs from 31 January to 28 February: 18 of 28 days
        self._assert_first_payment(18.0, order, *lines)
        self._bill("2026-03-31")
        spans = [row[:2] for row in self._get_spans(order) if row[0] == "2026-03-31"]
        self.assertEqual(spans, [("2026-03-31", "2026-04-30")] * 2)
        self.assertSound(order)

    def test_a_leap_day_counts(self):
        order = self._create_running("2028-02-01", lines=[self._line(price_unit=29.0)])
        self._set_today("2028-02-29")
        self._assert_first_payment(1.0, order, raise_by=1)

    def test_on_the_first_day_of_a_period_whether_it_is_billed_yet_or_not(self):
        for billed in (True, False):
            with self.subTest(billed=billed):
                self._set_today("2026-01-01")
                order = self._create_running()
                self._set_today("2026-02-01")
                if billed:
                    order.sudo()._subscription_bill_due()
                upsell = self._create_upsell(order, self._line(self.paper), raise_by=2)
                self.assertEqual(upsell._get_first_invoice_amount(), 24.0 + 31.0)
                upsell.action_confirm()
                self.assertEqual(self._get_invoices(order).mapped("amount_total"), [12.0, 12.0, 55.0])
                self.assertSound(order)

    def test_periods_that_were_missed_are_billed_as_agreed_before(self):
        order = self._create_running()
        self._set_today("2026-03-16")
        upsell = self._create_upsell(order, raise_by=1)
        # March, of which 15 of 31 days are used
        self.assertEqual(upsell._get_first_invoice_amount(), 6.2)
        upsell.action_confirm()
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [12.0, 12.0, 12.0, 6.2])
        self.assertSound(order)

    def test_what_is_billed_in_arrears_costs_nothing_now(self):
        arrears = self._create_plan("Arrears", billing_timing="arrears")
        self._set_recurring_price(self.magazine, arrears, 31.0)
        self._set_recurring_price(self.paper, arrears, 62.0)
        order = self._create_running(plan=arrears)
        self._set_today("2026-01-16")
        self._assert_nothing_due(order, self._line(self.paper), raise_by=1)
        self._bill("2026-02-01")
        # One magazine in January, the second one for 16 days, and the paper for 16 days
        self.assertEqual(sum(self._get_invoices(order).mapped("amount_total")), 31.0 + 16.0 + 32.0)
        self.assertSound(order)

    def _assert_nothing_due(self, order, *lines, **kwargs):
        _upsell, invoices = self._merge(order, *lines, **kwargs)
        self.assertFalse(invoices)

    def test_a_discount_is_kept(self):
        order = self._create_running(lines=[self._line(price_unit=40.0, discount=50.0)])
        self._set_today("2026-01-16")
        # 40.00 less 50 % is 20.00 more a month, of which 15 of 31 days are used: (40 - 19.35) - (20 - 9.68)
        self._assert_first_payment(10.33 + 8.0, order, self._line(self.paper, discount=50.0), raise_by=1)
        self.assertEqual(order.order_line.mapped("discount"), [50.0, 50.0])
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(order)[-1].amount_total, 40.0 + 15.5)

    def test_taxes_on_top_and_included(self):
        on_top = self.company_data["default_tax_sale"]
        included = on_top.copy({"name": "15 % included", "price_include_override": "tax_included"})
        for tax, expected in ((on_top, 18.4), (included, 16.0)):
            with self.subTest(tax=tax.name):
                self._set_today("2026-01-01")
                taxed = self._create_recurring_product("Taxed", {self.monthly: 31.0}, taxes_id=tax.ids)
                order = self._create_running()
                self._set_today("2026-01-16")
                _upsell, invoice = self._assert_first_payment(expected, order, self._line(taxed))
                # 16.00 with 15 % in it is 13.91 + 2.09
                self.assertEqual(invoice.amount_untaxed, 16.0 if tax == on_top else 13.91)

    def test_more_of_what_is_taxed_and_tax_included(self):
        tax = self.company_data["default_tax_sale"].copy(
            {"name": "15 % included", "price_include_override": "tax_included"}
        )
        taxed = self._create_recurring_product("Taxed", {self.monthly: 11.5}, taxes_id=tax.ids)
        order = self._create_running(lines=[self._line(taxed, product_uom_qty=3)])
        self._set_today("2026-01-16")
        # Of 57.50, 15 of 31 days are used: 57.50 - 27.82 = 29.68; of 34.50: 34.50 - 16.69 = 17.81
        self._assert_first_payment(11.87, order, raise_by=2)
        self.assertEqual(order.order_line.product_uom_qty, 5.0)

    def test_a_plan_that_charges_no_part_of_a_period(self):
        plan = self._create_plan("No parts", prorate_changes=False, prorate_stub=False)
        self._set_recurring_price(self.magazine, plan, 12.0)
        order = self._create_running(plan=plan)
        self._set_today("2026-01-16")
        self._assert_nothing_due(order, raise_by=1)
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(order)[-1].amount_total, 24.0)

    def test_a_subscription_that_is_about_to_end_is_added_to_until_then(self):
        order = self._create_running()
        order.sudo()._subscription_close(
            date(2026, 1, 26), self.env.ref("sale_subscription_plus.close_reason_expensive")
        )
        self._set_today("2026-01-16")
        self._assert_first_payment(10.0, order, self._line(self.paper))
        self.assertEqual(order.order_line[-1].subscription_end, date(2026, 1, 26))

    def test_a_foreign_currency(self):
        currency = self.env.ref("base.EUR")
        currency.active = True
        currency.rate_ids.unlink()
        self.env["res.currency.rate"].create({"name": "2025-01-01", "rate": 0.5, "currency_id": currency.id})
        pricelist = self.env["product.pricelist"].create({"name": "Euro", "currency_id": currency.id})
        self._set_recurring_price(self.paper, self.monthly, 62.0, pricelist_id=pricelist.id)
        order = self._create_running(lines=[self._line(price_unit=12.0)], pricelist_id=pricelist.id)
        self._set_today("2026-01-16")
        _upsell, invoice = self._assert_first_payment(32.0, order, self._line(self.paper))
        self.assertEqual(invoice.currency_id, currency)

    def test_the_fiscal_position_of_the_day(self):
        tax = self.company_data["default_tax_sale"]
        taxed = self._create_recurring_product("Taxed", {self.monthly: 31.0}, taxes_id=tax.ids)
        order = self._create_running(lines=[self._line(taxed)])
        self._set_today("2026-01-16")
        upsell = self._create_upsell(order, self._line(taxed), self._line(self.poster, tax_ids=tax.ids), raise_by=1)
        self.assertEqual(upsell._get_first_invoice_amount(), 47.15)  # 16.00 twice and 9.00, with 15 %
        abroad = self.env["account.fiscal.position"].create(
            {"name": "Abroad", "auto_apply": True, "country_id": self.env.ref("base.jp").id}
        )
        tax.copy({"name": "3 %", "amount": 3.0, "fiscal_position_ids": abroad.ids, "original_tax_ids": tax.ids})
        self.customer.country_id = self.env.ref("base.jp")
        upsell.invalidate_recordset()
        amount = upsell._get_first_invoice_amount()
        self.assertEqual(amount, 43.31)  # 32.00 with 3 %, and 9.00 with the 15 % that were set by hand
        upsell.action_confirm()
        self.assertEqual(self._get_invoices(order | upsell)[-1].amount_total, amount)

    def test_an_upsell_that_is_not_on_its_subscription_is_found(self):
        order = self._create_running()
        upsell, _invoice = self._merge(order, self._line(self.paper))
        self.assertSound(order)
        self.env.cr.execute("UPDATE sale_order_line SET subscription_upsell_line_id = NULL")
        self.env.invalidate_all()
        details = self.env["subscription.check"]._run()["details"]
        self.assertEqual([(row["check"], row["id"]) for row in details], [("upsells_merged", upsell.order_line[1].id)])

    def test_a_second_upsell_on_the_same_day(self):
        order = self._create_running()
        self._set_today("2026-01-16")
        first = self._create_upsell(order, raise_by=1)
        second = self._create_upsell(order, self._line(self.paper), raise_by=2)
        first.action_confirm()
        # Of 48.00: 48 - 23.23 = 24.77, less 12.39 of 24.00 are 12.38; and the paper
        self.assertEqual(second._get_first_invoice_amount(), 28.38)
        second.action_confirm()
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [4.0, 1.0])
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [12.0, 6.2, 28.38])
        self.assertSound(order)

    def test_the_recurring_revenue_expands(self):
        order = self._create_running()
        self._set_today("2026-01-16")
        self._merge(order, self._line(self.paper), raise_by=1)
        self.assertEqual(order.subscription_mrr, 55.0)
        events = order.subscription_event_ids.sorted("id")
        self.assertEqual(events.mapped("type"), ["new", "expansion", "expansion"])
        self.assertEqual(events.mapped("amount"), [12.0, 12.0, 31.0])


@tagged("-at_install", "post_install")
class TestUpsellMerge(UpsellCommon):
    """Merged, it is part of the subscription; what speaks against that is said before anything happens."""

    def test_it_goes_the_same_way_whatever_moves_the_state(self):
        order = self._create_running()
        upsell = self._create_upsell(order, self._line(self.paper), raise_by=1)
        upsell.state = "sale"
        self.assertEqual(upsell.subscription_status, "merged")
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [2.0, 1.0])

    def test_a_locked_subscription_is_added_to(self):
        order = self._create_running()
        order.action_lock()
        self._merge(order, self._line(self.paper), raise_by=1)
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [2.0, 1.0])

    def test_description_price_and_taxes_come_along(self):
        tax = self.company_data["default_tax_sale"]
        order = self._create_running()
        self._merge(order, self._line(self.paper, name="Fine paper", price_unit=30.5, tax_ids=tax.ids))
        line = order.order_line[1]
        self.assertEqual((line.name, line.price_unit, line.tax_ids), ("Fine paper", 30.5, tax))
        self._set_recurring_price(self.paper, self.monthly, 99.0)
        self._bill("2026-02-01")
        self.assertEqual(line.price_unit, 30.5)

    def test_both_histories_tell_it(self):
        order = self._create_running()
        upsell, _invoice = self._merge(order, self._line(self.paper), raise_by=1)
        told = order.message_ids.filtered(lambda message: "Added by" in message.body).body
        self.assertIn(f'data-oe-id="{upsell.id}"', told)
        self.assertIn("1 × Paper", told)
        told = upsell.message_ids.filtered(lambda message: "Merged into" in message.body).body
        self.assertIn(f'data-oe-id="{order.id}"', told)

    def test_it_cannot_be_cancelled_any_more_nor_changed(self):
        order = self._create_running()
        upsell, _invoice = self._merge(order, self._line(self.paper))
        with self.assertRaisesRegex(UserError, f"merged into {order.name}"):
            upsell._action_cancel()
        with self.assertRaisesRegex(UserError, f"merged into {order.name}"):
            upsell.order_line[1].product_uom_qty = 2
        with self.assertRaisesRegex(UserError, f"merged into {order.name}"):
            upsell.order_line = [self._line(self.paper)]

    def test_statistics_count_what_was_sold_once(self):
        order = self._create_running()
        upsell, _invoice = self._merge(order, self._line(self.paper), self._line(self.poster), raise_by=1)
        self.env.flush_all()
        report = self.env["sale.report"].search([("partner_id", "=", self.customer.id), ("product_uom_qty", "!=", 0)])
        counted = {(row.name, row.product_id): row.product_uom_qty for row in report}
        self.assertEqual(
            counted,
            {(order.name, self.magazine): 2.0, (order.name, self.paper): 1.0, (upsell.name, self.poster): 1.0},
        )

    def _assert_refused(self, upsell, pattern):
        self.assertRegex(upsell.subscription_upsell_problem or "", pattern)
        self.assertFalse(upsell._has_to_be_signed())
        with self.assertRaisesRegex(UserError, pattern):
            upsell.action_confirm()
        with self.assertRaisesRegex(UserError, pattern), self.env.cr.savepoint():
            upsell.state = "sale"
        self.env.invalidate_all()
        self.assertEqual((upsell.state, upsell.subscription_status), ("draft", "upsell"))

    def _create_pair(self, *lines, **kwargs):
        order = self._create_running()
        return order, self._create_upsell(order, *(lines or [self._line(self.paper)]), **kwargs)

    def test_the_subscription_was_closed_meanwhile(self):
        order, upsell = self._create_pair()
        order.sudo()._subscription_close(
            date(2026, 1, 1), self.env.ref("sale_subscription_plus.close_reason_expensive")
        )
        self._assert_refused(upsell, f'Nothing can be added to {order.name}: it is "Closed"')
        with self.assertRaisesRegex(UserError, "Nothing can be added"):
            order.action_subscription_upsell()

    def test_the_subscription_ends_tonight(self):
        order, upsell = self._create_pair()
        order.sudo()._subscription_close(
            date(2026, 1, 10), self.env.ref("sale_subscription_plus.close_reason_expensive")
        )
        self._set_today("2026-01-10")
        with self.assertRaisesRegex(UserError, "Nothing can be added"):
            upsell.action_confirm()

    def test_the_subscription_is_parked(self):
        order, upsell = self._create_pair()
        order.sudo()._subscription_park("The journal is locked.", date(2026, 1, 1))
        self._assert_refused(upsell, "Solve this first: The journal is locked.")

    def test_what_is_due_before_cannot_be_billed(self):
        order, upsell = self._create_pair(raise_by=1)
        self._set_today("2026-02-01")
        failing = self._fail_billing(order, UserError("The journal is locked."))
        with failing, self.assertRaisesRegex(UserError, "The journal is locked."), self.env.cr.savepoint():
            upsell.action_confirm()
        self.assertEqual(order.order_line.product_uom_qty, 1.0)

    def test_more_is_due_than_one_day_allows(self):
        order, upsell = self._create_pair(raise_by=1)
        order.company_id.subscription_max_periods = 2
        self._set_today("2026-05-10")
        with self.assertRaisesRegex(UserError, "more periods to bill than one day allows"), self.env.cr.savepoint():
            upsell.action_confirm()

    def test_the_customer_was_changed(self):
        _order, upsell = self._create_pair()
        upsell.partner_id = self.env["res.partner"].create({"name": "Eve"})
        self._assert_refused(upsell, "Customer")

    def test_the_currency_was_changed(self):
        _order, upsell = self._create_pair()
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create({"name": "2025-01-01", "rate": 0.5, "currency_id": euro.id})
        upsell.pricelist_id = self.env["product.pricelist"].create({"name": "Euro", "currency_id": euro.id})
        self._assert_refused(upsell, "Currency")

    def test_a_product_was_archived(self):
        _order, upsell = self._create_pair()
        self.paper.action_archive()
        self._assert_refused(upsell, '"Paper" or its plan is archived')

    def test_a_plan_was_archived(self):
        order = self._create_running()
        upsell = self._create_upsell(order, self._line(self.paper, subscription_plan_id=self.yearly.id))
        self.yearly.active = False
        self._assert_refused(upsell, '"Paper" or its plan is archived')

    def test_the_raised_line_has_ended(self):
        order = self._create_running(lines=[self._line(), self._line(self.paper)])
        upsell = self._create_upsell(order, raise_by=1)
        order.order_line[0].sudo()._subscription_stop(date(2026, 1, 1))
        self._assert_refused(upsell, '"Magazine" has ended')

    def test_the_agreed_price_has_changed_since(self):
        order, upsell = self._create_pair(raise_by=1)
        order.order_line.price_unit = 13.0
        self._assert_refused(upsell, 'More of "Magazine" costs what is agreed')
        upsell.action_update_prices()
        self.assertFalse(upsell.subscription_upsell_problem)

    def test_a_change_is_planned_that_would_undo_it(self):
        order, upsell = self._create_pair(raise_by=1)
        values = {"line_id": order.order_line.id, "kind": "quantity", "quantity": 3, "effective_on": date(2026, 2, 1)}
        change = self.env["subscription.change"]._schedule([values])
        self._assert_refused(upsell, "would undo this raise")
        change._withdraw()
        upsell.invalidate_recordset(["subscription_upsell_problem"])
        self.assertFalse(upsell.subscription_upsell_problem)

    def test_nothing_is_added(self):
        self._assert_refused(self._create_upsell(self._create_running()), "Nothing is added yet")

    def test_a_quantity_below_zero(self):
        _order, upsell = self._create_pair(raise_by=-1)
        self._assert_refused(upsell, "an upsell only adds")

    def test_a_subscription_with_an_upsell_is_not_deleted_under_it(self):
        order = self._create_subscription(subscription_start="2026-02-01")
        with self.assertRaisesRegex(UserError, '"Scheduled"'):
            order.action_subscription_upsell()

    def test_a_raise_belongs_to_the_subscription_that_it_is_for(self):
        _order, upsell = self._create_pair()
        other = self._create_running()
        with self.assertRaises(ValidationError):
            upsell.order_line[0].sudo().subscription_raised_line_id = other.order_line
