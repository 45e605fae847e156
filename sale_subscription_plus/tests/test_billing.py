from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form

from .common import TODAY, SubscriptionCommon


class TestPeriods(SubscriptionCommon):
    """Which days are billed when."""

    def test_the_day_of_the_month_returns(self):
        order = self._create_subscription("2026-01-31")
        self._bill("2026-05-31")
        self.assertEqual(
            [span[:2] for span in self._get_spans(order)],
            [
                ("2026-01-31", "2026-02-28"),
                ("2026-02-28", "2026-03-31"),
                ("2026-03-31", "2026-04-30"),
                ("2026-04-30", "2026-05-31"),
                ("2026-05-31", "2026-06-30"),
            ],
        )
        self.assertTiled(order)

    def test_nothing_is_billed_before_its_day(self):
        order = self._create_subscription("2026-01-31")
        self._bill("2026-01-31")
        self.assertEqual(self._bill("2026-02-27")["invoices"], 0)
        self.assertEqual(self._bill("2026-02-28")["invoices"], 1)
        self.assertEqual(order.subscription_next_invoice_date, date(2026, 3, 31))

    def test_running_twice_on_a_day_changes_nothing(self):
        order = self._create_subscription("2026-01-31")
        self.assertEqual(self._bill("2026-03-31")["invoices"], 3)
        rows, events = order.subscription_period_ids, order.subscription_event_ids
        again = self._bill()
        self.assertEqual(again, {**again, "invoices": 0, "parked": 0, "left_due": 0, "untaxed_total": 0.0})
        self.assertEqual(len(self._get_invoices(order)), 3)
        self.assertEqual(order.subscription_period_ids, rows)
        self.assertEqual(order.subscription_event_ids, events)

    def test_three_missed_months_make_three_invoices_of_today(self):
        order = self._create_subscription("2026-01-31")
        result = self._bill("2026-03-31")
        self.assertEqual((result["invoices"], result["untaxed_total"], result["left_due"]), (3, 36.0, 0))
        self.assertRecordValues(self._get_invoices(order), [{"invoice_date": date(2026, 3, 31), "state": "posted"}] * 3)
        self.assertEqual(
            [
                (str(line.subscription_period_start), str(line.subscription_period_end))
                for line in order.order_line.invoice_lines.sorted("id")
            ],
            [("2026-01-31", "2026-02-28"), ("2026-02-28", "2026-03-31"), ("2026-03-31", "2026-04-30")],
        )

    def test_the_limit_of_missed_periods_leaves_the_rest_for_tomorrow_and_tells(self):
        self.company.subscription_max_periods = 2
        order = self._create_subscription("2026-01-31")
        other = self._create_subscription(subscription_start="2026-06-15")
        result = self._bill("2026-06-30")
        self.assertEqual((result["invoices"], result["left_due"], result["parked"]), (3, 1, 0))
        self.assertEqual(order.subscription_next_attempt, date(2026, 7, 1))
        self.assertFalse(order.subscription_parked_reason)
        self.assertIn("follow tomorrow", order.message_ids[0].body)
        self.assertFalse(other.subscription_next_attempt)
        self.assertEqual(self._bill()["invoices"], 0, "Today is over for this order.")
        self.assertEqual(self._bill("2026-07-01")["invoices"], 2)
        result = self._bill("2026-07-02")
        self.assertEqual((result["invoices"], result["left_due"]), (2, 0))
        self.assertFalse(order.subscription_next_attempt)
        self.assertTiled(order)

    def test_just_the_limit_leaves_nothing(self):
        self.company.subscription_max_periods = 3
        order = self._create_subscription("2026-01-31")
        result = self._bill("2026-03-31")
        self.assertEqual((result["invoices"], result["left_due"]), (3, 0))
        self.assertFalse(order.subscription_next_attempt)

    def test_arrears_are_billed_the_day_after_the_period(self):
        plan = self._create_plan(billing_timing="arrears")
        order = self._create_subscription("2026-01-31", plan=plan, lines=[self._line(price_unit=10)])
        self.assertEqual(order.subscription_next_invoice_date, date(2026, 2, 28))
        self.assertEqual(self._bill("2026-02-27")["invoices"], 0)
        self._bill("2026-02-28")
        self.assertEqual(self._get_spans(order), [("2026-01-31", "2026-02-28", "regular")])
        self.assertEqual(order.subscription_next_invoice_date, date(2026, 3, 31))

    def test_one_off_lines_of_arrears_go_on_the_first_invoice(self):
        plan = self._create_plan(billing_timing="arrears")
        order = self._create_subscription(
            "2026-01-01", plan=plan, lines=[self._line(price_unit=10), self._line(self.poster)]
        )
        self._bill()
        self.assertFalse(order.invoice_ids)
        self._bill("2026-03-01")
        self.assertEqual(self._get_invoices(order).mapped("amount_untaxed"), [19.0, 10.0])

    def test_the_last_arrears_are_billed_when_the_line_ends(self):
        plan = self._create_plan(billing_timing="arrears", commitment_months=2, auto_renew=False)
        order = self._create_subscription("2026-01-10", plan=plan, lines=[self._line(price_unit=31)])
        order.sudo()._subscription_close(date(2026, 2, 20), self.env.ref("sale_subscription_plus.close_reason_other"))
        self._bill("2026-02-19")
        self.assertEqual(self._get_spans(order), [("2026-01-10", "2026-02-10", "regular")])
        self._bill("2026-02-20")
        self.assertEqual(self._get_spans(order)[1:], [("2026-02-10", "2026-02-20", "stub")])
        self.assertEqual(self._get_invoices(order)[-1:].amount_untaxed, 11.07)  # 31 × 10 ÷ 28
        self.assertEqual(order.subscription_status, "closed")
        self.assertFalse(order.subscription_next_invoice_date)

    def test_a_first_stub_costs_its_share_of_the_days(self):
        plan = self._create_plan(alignment="month_day", alignment_day=1)
        order = self._create_subscription("2026-01-21", plan=plan, lines=[self._line(price_unit=31)])
        self._bill("2026-02-01")
        self.assertEqual(
            self._get_spans(order), [("2026-01-21", "2026-02-01", "stub"), ("2026-02-01", "2026-03-01", "regular")]
        )
        self.assertEqual(self._get_invoices(order).mapped("amount_untaxed"), [11.0, 31.0])

    def test_a_stub_in_arrears_is_billed_at_its_end(self):
        plan = self._create_plan(alignment="month_day", alignment_day=1, billing_timing="arrears")
        order = self._create_subscription("2026-01-21", plan=plan, lines=[self._line(price_unit=31)])
        self.assertEqual(self._bill("2026-01-31")["invoices"], 0)
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(order).amount_untaxed, 11.0)

    def test_a_stub_may_cost_as_much_as_a_whole_period(self):
        plan = self._create_plan(alignment="month_day", alignment_day=1, prorate_stub=False)
        order = self._create_subscription("2026-01-21", plan=plan, lines=[self._line(price_unit=31)])
        self._bill()
        self.assertEqual(self._get_invoices(order).amount_untaxed, 31.0)

    def test_the_share_applies_to_the_price_and_never_to_the_quantity(self):
        plan = self._create_plan(alignment="month_day", alignment_day=1)
        order = self._create_subscription(
            "2026-01-21", plan=plan, lines=[self._line(price_unit=0.05, product_uom_qty=1000)]
        )
        self._bill()
        line = self._get_invoices(order).invoice_line_ids
        self.assertEqual(line.quantity, 1000)
        self.assertEqual(line.price_subtotal, 17.74)  # 50 × 11 ÷ 31

    def test_a_start_on_the_aligned_day_makes_no_stub(self):
        for values, start in (
            ({"alignment": "month_day", "alignment_day": 31}, "2026-02-28"),
            ({"interval_unit": "week", "alignment": "weekday", "alignment_weekday": "3"}, "2026-01-01"),
            (
                {"interval_unit": "year", "alignment": "year_day", "alignment_month": "2", "alignment_day": 29},
                "2026-02-28",
            ),
            ({"interval_count": 3, "alignment": "year_day"}, "2026-04-01"),
        ):
            with self.subTest(values=values):
                order = self._create_subscription(start, plan=self._create_plan(**values))
                self._bill()
                self.assertEqual(order.subscription_period_ids.kind, "regular")

    def test_several_plans_on_one_order_are_billed_each_on_its_days(self):
        weekly = self._create_plan(interval_unit="week")
        order = self._create_subscription(
            "2026-01-01",
            lines=[
                self._line(),
                self._line(subscription_plan_id=self.yearly.id),
                self._line(subscription_plan_id=weekly.id, price_unit=3.0),
            ],
        )
        self._bill()
        self.assertEqual(order.invoice_ids.amount_untaxed, 135.0)
        for day, count in (("2026-01-08", 1), ("2026-01-22", 2), ("2026-02-01", 2)):
            self.assertEqual(self._bill(day)["invoices"], count, day)
        self._set_today("2027-01-01")
        self.company.subscription_max_periods = 200
        self._bill()
        monthly, yearly, weeks = order.order_line
        self.assertEqual([len(line.subscription_period_ids) for line in (monthly, yearly, weeks)], [13, 2, 53])
        self.assertTiled(order)

    def test_plans_in_advance_and_in_arrears_meet_on_one_invoice(self):
        arrears = self._create_plan(billing_timing="arrears")
        order = self._create_subscription(
            "2026-01-01", lines=[self._line(), self._line(subscription_plan_id=arrears.id, price_unit=5.0)]
        )
        self._bill()
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(order).mapped("amount_untaxed"), [12.0, 17.0])

    def test_a_quantity_of_zero_is_skipped_and_told_in_the_ledger(self):
        order = self._create_subscription("2026-01-01", lines=[self._line(), self._line()])
        self._bill()
        order.order_line[1].product_uom_qty = 0
        self._bill("2026-02-01")
        self.assertEqual(len(self._get_invoices(order)[-1:].invoice_line_ids), 1)
        row = order.order_line[1].subscription_period_ids[0]
        self.assertEqual((row.kind, row.reason), ("skip", "The quantity was zero"))
        self.assertTiled(order)

    def test_nothing_but_zero_quantities_makes_no_invoice(self):
        order = self._create_subscription("2026-01-01")
        self._bill()
        order.order_line.product_uom_qty = 0
        result = self._bill("2026-03-15")
        self.assertEqual((result["invoices"], result["parked"], result["left_due"]), (0, 0, 0))
        self.assertEqual(order.subscription_next_invoice_date, date(2026, 4, 1))
        order.order_line.product_uom_qty = 2
        self._bill("2026-04-01")
        self.assertEqual(self._get_invoices(order)[-1:].amount_untaxed, 24.0)
        self.assertTiled(order)

    def test_one_off_lines_are_invoiced_though_the_quantity_is_zero(self):
        order = self._create_subscription("2026-01-01")
        self._bill()
        order.write({"order_line": [self._line(self.poster)]})
        order.order_line[0].product_uom_qty = 0
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(order)[-1:].amount_untaxed, 9.0)

    def test_a_free_line_is_billed_at_nothing(self):
        order = self._create_subscription(lines=[self._line(price_unit=0.0)])
        self.assertEqual(self._bill()["invoices"], 1)
        self.assertEqual(order.invoice_ids.amount_total, 0.0)
        self.assertEqual(order.subscription_next_invoice_date, date(2026, 2, 1))

    def test_a_credit_line_lowers_the_invoice(self):
        order = self._create_subscription(lines=[self._line(), self._line(price_unit=-2.0)])
        self._bill()
        self.assertEqual(order.invoice_ids.amount_untaxed, 10.0)

    def test_a_negative_total_is_parked_and_not_lost(self):
        order = self._create_subscription(lines=[self._line(price_unit=-2.0)])
        result = self._bill()
        self.assertEqual(result["invoices"] + result["parked"], 1)
        if result["parked"]:
            self.assertTrue(order.subscription_parked_reason)
            self.assertFalse(order.invoice_ids)

    def test_an_empty_next_date_stops_nothing(self):
        done = self._create_subscription("2025-01-01", subscription_commitment_months=1, subscription_auto_renew=False)
        running = self._create_subscription(TODAY)
        self._bill()
        self.assertFalse(done.subscription_next_invoice_date)
        self.assertEqual(len(running.invoice_ids), 1)

    def test_the_schedule_shows_what_will_be_billed(self):
        self.magazine.taxes_id = self.tax_sale_a
        order = self._create_subscription(
            "2026-01-31", lines=[self._line(), self._line(self.poster), self._line(subscription_plan_id=self.yearly.id)]
        )
        schedule = order._get_subscription_schedule(4)
        self.assertEqual(
            [str(item["date"]) for item in schedule], ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
        )
        self.assertEqual(order.subscription_next_invoice_amount, schedule[0]["total"])
        self.assertFalse(order.subscription_period_ids)
        self._bill("2026-04-30")
        invoices = self._get_invoices(order)
        self.assertEqual([item["untaxed"] for item in schedule], invoices.mapped("amount_untaxed"))
        self.assertEqual([item["total"] for item in schedule], invoices.mapped("amount_total"))

    def test_the_schedule_ends_with_the_line(self):
        order = self._create_subscription("2026-01-01", subscription_commitment_months=3, subscription_auto_renew=False)
        self.assertEqual(len(order._get_subscription_schedule(12)), 3)

    def test_a_dry_run_tells_what_a_run_does_and_writes_nothing(self):
        order = self._create_subscription("2026-01-31")
        future = self._create_subscription(subscription_start="2026-02-20")
        before = self.env["account.move"].search_count([])
        preview = self.env["sale.order"]._subscription_run_billing(date=date(2026, 3, 31), dry_run=True)
        self.assertEqual(self.env["account.move"].search_count([]), before)
        self.assertFalse((order | future).subscription_period_ids)
        result = self._bill("2026-03-31")
        for name in ("invoices", "parked", "left_due"):
            self.assertEqual(preview[name], result[name], name)
        self.assertAlmostEqual(preview["untaxed_total"], result["untaxed_total"])
        self.assertEqual(preview["untaxed_total"], 60.0)


class TestInvoices(SubscriptionCommon):
    """What stands on an invoice."""

    # === CARRIED FROM THE ORDER ===#

    def test_period_as_text_and_fields(self):
        order = self._create_subscription("2026-01-31")
        self._bill()
        line = order.invoice_ids.invoice_line_ids
        self.assertRecordValues(
            line, [{"subscription_period_start": date(2026, 1, 31), "subscription_period_end": date(2026, 2, 28)}]
        )
        self.assertTrue(line.name.endswith("01/31/2026 – 02/27/2026"), line.name)
        self.assertEqual(line.subscription_period_ids, order.subscription_period_ids)
        self.assertEqual(order.subscription_period_ids.move_id, order.invoice_ids)

    def test_the_period_is_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.magazine.with_context(lang="fr_FR").name = "Revue"
        order = self._create_subscription("2026-01-31")
        self._bill()
        self.assertIn("31/01/2026 – 27/02/2026", order.invoice_ids.invoice_line_ids.name)

    def test_sections_subsections_and_notes_are_carried_around_what_is_billed(self):
        def header(kind, name):
            return Command.create({"display_type": kind, "name": name})

        order = self._create_subscription(
            "2026-01-01",
            lines=[
                header("line_note", "Welcome"),
                header("line_section", "Reading"),
                header("line_subsection", "Paper"),
                self._line(name="Magazine on paper"),
                header("line_note", "Delivered on Mondays"),
                header("line_subsection", "Archive"),
                self._line(name="Magazine archive", subscription_plan_id=self.yearly.id),
                header("line_section", "On the wall"),
                self._line(self.poster, name="Poster"),
                header("line_note", "Handle with care"),
            ],
        )
        self._bill()
        first = self._get_invoices(order).invoice_line_ids
        self.assertEqual(
            [(line.display_type, line.name.split("\n")[0]) for line in first.sorted("sequence")],
            [
                ("line_note", "Welcome"),
                ("line_section", "Reading"),
                ("line_subsection", "Paper"),
                ("product", "Magazine on paper"),
                ("line_note", "Delivered on Mondays"),
                ("line_subsection", "Archive"),
                ("product", "Magazine archive"),
                ("line_section", "On the wall"),
                ("product", "Poster"),
                ("line_note", "Handle with care"),
            ],
        )
        self._bill("2026-02-01")
        second = self._get_invoices(order)[-1:].invoice_line_ids
        self.assertEqual(
            [line.name.split("\n")[0] for line in second.sorted("sequence")],
            ["Welcome", "Reading", "Paper", "Magazine on paper", "Delivered on Mondays"],
        )

    def test_optional_sections_that_were_not_chosen_stay_off_the_invoice(self):
        order = self._create_subscription(
            lines=[
                self._line(name="Magazine"),
                Command.create({"display_type": "line_section", "name": "Options", "is_optional": True}),
                self._line(name="Magazine archive", product_uom_qty=0),
            ]
        )
        self._bill()
        self.assertEqual(
            [name.split("\n")[0] for name in order.invoice_ids.invoice_line_ids.mapped("name")], ["Magazine"]
        )

    def test_discounts_are_carried_to_each_invoice(self):
        order = self._create_subscription("2026-01-01", lines=[self._line(discount=25.0, product_uom_qty=2)])
        self._bill("2026-02-01")
        for invoice in self._get_invoices(order):
            self.assertRecordValues(
                invoice.invoice_line_ids, [{"price_unit": 12.0, "discount": 25.0, "price_subtotal": 18.0}]
            )

    def test_units_of_measure_are_carried_to_each_invoice(self):
        dozen = self.quick_ref("uom.product_uom_dozen")
        order = self._create_subscription("2026-01-01", lines=[self._line(product_uom_id=dozen.id, product_uom_qty=2)])
        self._bill("2026-02-01")
        for line in self._get_invoices(order).invoice_line_ids:
            self.assertRecordValues(
                line, [{"product_uom_id": dozen.id, "quantity": 2.0, "price_unit": 144.0, "price_subtotal": 288.0}]
            )

    def test_analytic_distribution_is_carried_to_each_invoice(self):
        plan = self.env["account.analytic.plan"].create({"name": "Departments"})
        account = self.env["account.analytic.account"].create({"name": "Print", "plan_id": plan.id})
        distribution = {str(account.id): 100.0}
        order = self._create_subscription("2026-01-01", lines=[self._line(analytic_distribution=distribution)])
        self._bill("2026-02-01")
        for line in self._get_invoices(order).invoice_line_ids:
            self.assertEqual(line.analytic_distribution, distribution)
            self.assertEqual(line.analytic_line_ids.amount, 12.0)

    def test_address_salesperson_terms_and_reference_are_carried(self):
        address = self.env["res.partner"].create(
            {"name": "Accounts", "type": "invoice", "parent_id": self.customer.id, "email": "bills@example.com"}
        )
        salesman = self.company_data["default_user_salesman"]
        order = self._create_subscription(
            partner_invoice_id=address.id,
            user_id=salesman.id,
            payment_term_id=self.pay_terms_b.id,
            client_order_ref="PO 7",
            note="<p>Thanks</p>",
        )
        self._bill()
        self.assertRecordValues(
            order.invoice_ids,
            [
                {
                    "partner_id": address.id,
                    "invoice_user_id": salesman.id,
                    "invoice_payment_term_id": self.pay_terms_b.id,
                    "ref": "PO 7",
                    "invoice_origin": order.name,
                    "team_id": order.team_id.id,
                    "company_id": self.company.id,
                }
            ],
        )
        self.assertIn("Thanks", str(order.invoice_ids.narration))
        self.assertEqual(len(order.invoice_ids.line_ids.filtered("date_maturity")), 2)

    def test_a_new_invoice_address_counts_from_the_next_invoice(self):
        order = self._create_subscription("2026-01-01")
        self._bill()
        order.partner_invoice_id = self.partner_b
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(order).partner_id, self.customer | self.partner_b)

    def test_the_journal_of_the_order_is_used(self):
        journal = self.company_data["default_journal_sale"].copy({"name": "Subscriptions", "code": "SUB"})
        order = self._create_subscription(journal_id=journal.id)
        self._bill()
        self.assertEqual(order.invoice_ids.journal_id, journal)

    def test_old_payments_do_not_ride_on_new_invoices(self):
        order = self._create_subscription("2026-01-01")
        self._bill()
        self._bill("2026-02-01")
        self.assertFalse(self._get_invoices(order)[-1:].transaction_ids)

    # === TAXES ===#

    def test_a_changed_address_changes_the_fiscal_position_from_the_next_invoice(self):
        abroad = self.env["account.fiscal.position"].create(
            {"name": "Abroad", "auto_apply": True, "country_id": self.env.ref("base.be").id}
        )
        self.tax_sale_b.write({"fiscal_position_ids": [Command.link(abroad.id)], "amount": 7.0})
        self.magazine.taxes_id = self.tax_sale_a
        order = self._create_subscription("2026-01-01")
        self._bill()
        self.customer.country_id = self.env.ref("base.be")
        self._bill("2026-02-01")
        first, second = self._get_invoices(order)
        self.assertEqual(first.invoice_line_ids.tax_ids, self.tax_sale_a)
        self.assertEqual((second.fiscal_position_id, second.invoice_line_ids.tax_ids), (abroad, self.tax_sale_b))
        self.assertEqual(second.amount_untaxed, 12.0)

    def test_orders_billed_together_get_the_fiscal_position_of_their_own_address(self):
        belgium = self.env.ref("base.be")
        Position = self.env["account.fiscal.position"]
        Position.search([]).active = False
        by_zip, by_country, by_hand = Position.create(
            [
                {"name": "City", "auto_apply": True, "sequence": 1, "country_id": belgium.id, "zip_from": "1000",
                 "zip_to": "1999"},
                {"name": "Belgium", "auto_apply": True, "sequence": 2, "country_id": belgium.id},
                {"name": "Chosen", "auto_apply": False},
            ]
        )  # fmt: skip
        addresses = [
            ({"country_id": belgium.id, "zip": "1500"}, by_zip),
            ({"country_id": belgium.id, "zip": "9000"}, by_country),
            ({"country_id": belgium.id, "zip": "1200"}, by_zip),
            ({"country_id": belgium.id, "property_account_position_id": by_hand.id}, by_hand),
            ({"country_id": self.env.ref("base.us").id}, Position),
        ]
        expected = {}
        for number, (address, position) in enumerate(addresses):
            customer = self.env["res.partner"].create({"name": f"Reader {number}", **address})
            order = self._create_quotation(partner_id=customer.id)
            order.action_confirm()
            self.assertTrue(order.subscription_fiscal_auto)
            expected[order] = position
        orders = self.env["sale.order"].union(*expected)
        self.assertEqual(orders._get_billing_fiscal_positions(), expected)

    def test_a_fiscal_position_set_by_hand_stays(self):
        self.magazine.taxes_id = self.tax_sale_a
        order = self._create_quotation()
        order.fiscal_position_id = self.fiscal_pos_a
        order._recompute_taxes()
        order.action_confirm()
        self._bill()
        self.customer.country_id = self.env.ref("base.be")
        self._bill("2026-02-01")
        for invoice in self._get_invoices(order):
            self.assertEqual(invoice.fiscal_position_id, self.fiscal_pos_a)
            self.assertEqual(invoice.invoice_line_ids.tax_ids, self.tax_sale_b)
            self.assertEqual(invoice.invoice_line_ids.account_id, self.product_b.property_account_income_id)

    def test_a_fiscal_position_set_by_hand_on_a_running_order_counts_and_stays(self):
        self.magazine.taxes_id = self.tax_sale_a
        order = self._create_subscription("2026-01-01")
        order.fiscal_position_id = self.fiscal_pos_a
        self._bill("2026-02-01")
        for invoice in self._get_invoices(order):
            self.assertEqual(invoice.fiscal_position_id, self.fiscal_pos_a)
            self.assertEqual(invoice.invoice_line_ids.tax_ids, self.tax_sale_b)

    def test_other_taxes_of_the_product_count_from_the_next_invoice(self):
        self.magazine.taxes_id = self.tax_sale_a
        order = self._create_subscription("2026-01-01")
        self._bill()
        new_tax = self.tax_sale_a.copy({"name": "From February", "amount": 8.0})
        self.magazine.taxes_id = new_tax
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(order)[-1:].invoice_line_ids.tax_ids, new_tax)
        self.assertEqual(order.order_line.price_unit, 12.0)

    def test_a_tax_set_by_hand_stays(self):
        self.magazine.taxes_id = self.tax_sale_a
        by_hand = self.tax_sale_a.copy({"name": "Agreed", "amount": 3.0})
        order = self._create_subscription("2026-01-01", lines=[self._line(tax_ids=[Command.set(by_hand.ids)])])
        self.magazine.taxes_id = self.tax_sale_a.copy({"name": "Other", "amount": 8.0})
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(order).invoice_line_ids.tax_ids, by_hand)

    def test_a_tax_set_by_hand_on_a_running_line_stays(self):
        self.magazine.taxes_id = self.tax_sale_a
        order = self._create_subscription("2026-01-01")
        self._bill()
        by_hand = self.tax_sale_a.copy({"name": "Agreed", "amount": 3.0})
        order.order_line.tax_ids = by_hand
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(order)[-1:].invoice_line_ids.tax_ids, by_hand)

    def test_taxes_taken_away_by_hand_stay_away(self):
        self.magazine.taxes_id = self.tax_sale_a
        order = self._create_subscription("2026-01-01", lines=[self._line(tax_ids=[Command.clear()])])
        self._bill("2026-02-01")
        self.assertFalse(self._get_invoices(order).invoice_line_ids.tax_ids)

    def test_taxes_of_one_off_lines_follow_the_address_unless_set_by_hand(self):
        abroad = self.env["account.fiscal.position"].create(
            {"name": "Abroad", "auto_apply": True, "country_id": self.env.ref("base.be").id}
        )
        self.tax_sale_b.fiscal_position_ids = [Command.link(abroad.id)]
        by_hand = self.tax_sale_a.copy({"name": "Agreed", "amount": 3.0})
        self.poster.taxes_id = self.tax_sale_a
        order = self._create_subscription(
            lines=[self._line(), self._line(self.poster), self._line(self.poster, tax_ids=[Command.set(by_hand.ids)])]
        )
        self.customer.country_id = self.env.ref("base.be")
        self._bill()
        lines = order.invoice_ids.invoice_line_ids.filtered(lambda line: line.product_id == self.poster)
        self.assertEqual([line.tax_ids for line in lines], [self.tax_sale_b, by_hand])

    def _create_included_tax(self, name, amount, **values):
        return self.tax_sale_a.copy(
            {"name": name, "amount": amount, "price_include_override": "tax_included", **values}
        )

    def test_prices_with_tax_included_keep_their_gross(self):
        old, new = self._create_included_tax("Old 20", 20.0), self._create_included_tax("New 25", 25.0)
        self.magazine.taxes_id = old
        order = self._create_subscription("2026-01-01")
        self._bill()
        self.magazine.taxes_id = new
        self._bill("2026-02-01")
        self.assertRecordValues(
            self._get_invoices(order),
            [{"amount_untaxed": 10.0, "amount_total": 12.0}, {"amount_untaxed": 9.6, "amount_total": 12.0}],
        )

    def test_prices_with_tax_excluded_keep_their_net(self):
        self.magazine.taxes_id = self.tax_sale_a
        order = self._create_subscription("2026-01-01")
        self.magazine.taxes_id = self.tax_sale_a.copy({"name": "25", "amount": 25.0})
        self._bill()
        self.assertRecordValues(order.invoice_ids, [{"amount_untaxed": 12.0, "amount_total": 15.0}])

    def test_a_gross_price_stays_gross_abroad(self):
        """From 20 % included to 7 % on top: the customer goes on paying what was agreed, net of the new tax."""
        abroad = self.env["account.fiscal.position"].create(
            {"name": "Abroad", "auto_apply": True, "country_id": self.env.ref("base.be").id}
        )
        included = self._create_included_tax("Included 20", 20.0)
        self.tax_sale_a.copy(
            {
                "name": "On top 7",
                "amount": 7.0,
                "price_include_override": "tax_excluded",
                "fiscal_position_ids": [Command.set(abroad.ids)],
                "original_tax_ids": [Command.set(included.ids)],
            }
        )
        self.magazine.taxes_id = included
        order = self._create_subscription("2026-01-01")
        self.customer.country_id = self.env.ref("base.be")
        self._bill()
        self.assertAlmostEqual(order.invoice_ids.amount_total, 12.0)

    # === CURRENCIES ===#

    def test_foreign_currency_amounts(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5), ("2026-02-01", 0.25)])
        pricelist = self._create_pricelist(name="Euro", currency_id=euro.id)
        self._set_recurring_price(self.magazine, self.monthly, 10.0, pricelist_id=pricelist.id)
        order = self._create_subscription("2026-01-01", pricelist_id=pricelist.id)
        self.assertEqual(self._bill()["untaxed_total"], 20.0)
        self.assertEqual(self._bill("2026-02-01")["untaxed_total"], 40.0)
        self.assertRecordValues(
            self._get_invoices(order),
            [
                {"currency_id": euro.id, "amount_untaxed": 10.0, "amount_untaxed_signed": 20.0},
                {"currency_id": euro.id, "amount_untaxed": 10.0, "amount_untaxed_signed": 40.0},
            ],
        )

    def test_a_currency_without_decimals(self):
        yen = self.setup_other_currency("JPY", rates=[("2020-01-01", 150.0)], rounding=1.0)
        pricelist = self._create_pricelist(name="Yen", currency_id=yen.id)
        plan = self._create_plan(alignment="month_day", alignment_day=1)
        order = self._create_subscription(
            "2026-01-21", plan=plan, lines=[self._line(price_unit=1000)], pricelist_id=pricelist.id
        )
        self._bill()
        self.assertEqual(order.invoice_ids.amount_untaxed, 355.0)

    # === POSTING AND SENDING ===#

    def test_draft_mode_leaves_drafts(self):
        order = self._create_subscription("2026-01-01", subscription_invoicing_mode="draft")
        self._bill("2026-02-01")
        self.assertRecordValues(
            self._get_invoices(order), [{"state": "draft", "invoice_date": date(2026, 2, 1), "sending_data": False}] * 2
        )
        self.assertEqual(order.subscription_next_invoice_date, date(2026, 3, 1))

    def test_posted_only_is_not_sent(self):
        order = self._create_subscription()
        self._bill()
        self.assertRecordValues(order.invoice_ids, [{"state": "posted", "sending_data": False}])

    def test_send_mode_queues_and_wakes_the_sending_action(self):
        triggers = self.env["ir.cron.trigger"].search_count(
            [("cron_id", "=", self.env.ref("account.ir_cron_account_move_send").id)]
        )
        order = self._create_subscription(subscription_invoicing_mode="send")
        self._bill()
        invoice = order.invoice_ids
        self.assertEqual(invoice.state, "posted")
        self.assertTrue(invoice.sending_data)
        self.assertFalse(invoice.is_move_sent, "Neither mail nor PDF belongs in the billing transaction.")
        self.assertFalse(invoice.message_main_attachment_id)
        self.assertGreater(
            self.env["ir.cron.trigger"].search_count(
                [("cron_id", "=", self.env.ref("account.ir_cron_account_move_send").id)]
            ),
            triggers,
        )

    def test_the_queue_is_sent_to_the_invoice_address(self):
        address = self.env["res.partner"].create(
            {"name": "Accounts", "type": "invoice", "parent_id": self.customer.id, "email": "bills@example.com"}
        )
        order = self._create_subscription(subscription_invoicing_mode="send", partner_invoice_id=address.id)
        self._bill()
        with self.enter_registry_test_mode():
            self.env.ref("account.ir_cron_account_move_send").sudo().method_direct_trigger()
        self.assertFalse(order.invoice_ids.sending_data)
        self.assertTrue(order.invoice_ids.is_move_sent)
        message = order.invoice_ids.message_ids.filtered("partner_ids")
        self.assertEqual(message.partner_ids, address)

    def test_customers_without_an_address_are_not_queued(self):
        self.customer.email = False
        order = self._create_subscription(subscription_invoicing_mode="send")
        self._bill()
        self.assertRecordValues(order.invoice_ids, [{"state": "posted", "sending_data": False}])

    def test_customers_who_get_invoices_by_hand_get_no_mail(self):
        self.customer.invoice_sending_method = "manual"
        order = self._create_subscription(subscription_invoicing_mode="send")
        self._bill()
        with self.enter_registry_test_mode():
            self.env.ref("account.ir_cron_account_move_send").sudo().method_direct_trigger()
        self.assertFalse(order.invoice_ids.message_ids.filtered("partner_ids"))
        self.assertEqual(order.invoice_ids.state, "posted")

    # === THE BUTTON ===#

    def test_the_button_bills_what_is_due_and_shows_it(self):
        order = self._create_subscription("2026-01-31")
        self._set_today("2026-02-28")
        action = order.action_subscription_bill()
        self.assertEqual(action["res_model"], "account.move")
        self.assertEqual(len(order.invoice_ids), 2)
        self.assertEqual(set(order.invoice_ids.mapped("state")), {"posted"})

    def test_a_second_click_bills_nothing_and_says_when(self):
        order = self._create_subscription("2026-01-31")
        order.action_subscription_bill()
        with self.assertRaisesRegex(UserError, "02/28/2026"):
            order.action_subscription_bill()
        self.assertEqual(len(order.invoice_ids), 1)

    def test_the_button_on_many_orders_leaves_them_to_the_scheduled_action(self):
        orders = self.env["sale.order"].union(*(self._create_subscription() for _number in range(21)))
        cron = self.env.ref("sale_subscription_plus.ir_cron_subscription_billing")
        before = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        action = orders.action_subscription_bill()
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]), before + 1)
        self.assertFalse(orders.invoice_ids)

    def test_the_button_starts_what_starts_today(self):
        order = self._create_subscription(subscription_start="2026-02-01")
        with self.assertRaisesRegex(UserError, "02/01/2026"):
            order.action_subscription_bill()
        self._set_today("2026-02-01")
        order.action_subscription_bill()
        self.assertEqual(order.subscription_status, "progress")
        self.assertEqual(len(order.invoice_ids), 1)

    def test_nothing_bills_a_cancelled_order(self):
        order = self._create_subscription("2026-01-31")
        order._action_cancel()
        self.assertFalse(order._get_subscription_schedule())
        with self.assertRaisesRegex(UserError, "Nothing is left to bill"):
            order.action_subscription_bill()
        preview = self.env["sale.order"]._subscription_run_billing(dry_run=True)
        self.assertEqual(preview["invoices"], 0)
        self.assertEqual(self._bill("2026-03-31")["invoices"], 0)
        self.assertFalse(order.subscription_period_ids)

    def test_the_button_bills_no_quotation(self):
        with self.assertRaisesRegex(UserError, "Nothing is left to bill"):
            self._create_quotation().action_subscription_bill()

    def test_the_scheduled_action_bills(self):
        order = self._create_subscription("2026-01-31")
        self._bill_by_cron("2026-02-28")
        self.assertEqual(len(order.invoice_ids), 2)
        self._bill_by_cron()
        self.assertEqual(len(order.invoice_ids), 2)

    def test_a_bill_costs_the_same_statements_however_long_the_history(self):
        """Counted, not timed: a late month asks the database as often as an early one (I11)."""
        self._create_subscription("2022-01-01")
        self.company.subscription_max_periods = 100
        counts = {}
        for day in ("2022-01-01", "2022-02-01", "2022-03-01", "2025-12-01", "2026-01-01", "2026-02-01"):
            before = self.cr.sql_log_count
            self._bill(day)
            counts[day] = self.cr.sql_log_count - before
        self.assertGreater(counts["2022-03-01"], 0)
        self.assertLessEqual(counts["2026-02-01"], counts["2022-03-01"] * 1.05, counts)

    def test_while_the_books_are_locked_it_waits_with_the_reason(self):
        self.company.sale_lock_date = "2026-01-31"
        order = self._create_subscription("2026-01-31")
        self.assertEqual(self._bill()["parked"], 1)
        self.assertIn("Lock Date", order.subscription_parked_reason)
        self.assertEqual(self._bill("2026-02-01")["invoices"], 1)

    def test_an_invoice_of_the_run_equals_one_made_on_the_screen(self):
        """Edited and saved on its form, the invoice keeps its amounts."""
        self.magazine.taxes_id = self.tax_sale_a
        order = self._create_subscription(lines=[self._line(product_uom_qty=3, discount=10)])
        self._bill()
        invoice = order.invoice_ids
        before = [(line.account_id, line.balance) for line in invoice.line_ids.sorted("id")]
        invoice.button_draft()
        with Form(invoice) as form:
            form.ref = "Edited"
        self.assertEqual([(line.account_id, line.balance) for line in invoice.line_ids.sorted("id")], before)

    def test_posting_is_done_once_for_all_invoices_of_a_chunk(self):
        orders = [self._create_subscription() for _number in range(3)]
        Move = self.registry["account.move"]
        original, calls = Move._post, []

        def _post(moves, soft=True):
            calls.append((len(moves), soft))
            return original(moves, soft=soft)

        with patch.object(Move, "_post", _post):
            self._bill()
        self.assertEqual(calls, [(len(orders), False)])
