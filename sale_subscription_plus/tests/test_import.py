import base64
import csv
import io
from datetime import date
from tempfile import NamedTemporaryFile
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.service.model import get_public_method
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from ..tools.import_rows import COLUMNS
from .common import SubscriptionCommon

# Today is 1 January 2026.
ROW = {
    "reference": "R1",
    "customer": "Grace Reader",
    "customer_reference": "C1",
    "plan": "Monthly",
    "product": "Magazine",
    "price": "10.00",
    "start_date": "2025-03-15",
    "next_invoice_date": "2026-01-15",
}


class ImportCommon(SubscriptionCommon):
    """Rows in, orders out; nothing is committed."""

    @classmethod
    def _make_csv(cls, rows):
        """Return a file with all columns; what a row does not give is as in :data:`ROW`."""
        file = io.StringIO(newline="")
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows({**ROW, **row} for row in rows)
        return file.getvalue().encode()

    @classmethod
    def _import(cls, *rows, **options):
        """Import ``rows``, each a dict of what differs from :data:`ROW`, and return what came of it."""
        return cls.env["subscription.import"].run_file(cls._make_csv(rows), commit=False, **options)

    def _import_order(self, *rows, **options):
        """Import rows of one reference that are all good, and return their order."""
        result = self._import(*rows, **options)
        self.assertEqual(result["refused"], [])
        return self._get_order({**ROW, **rows[0]}["reference"])

    @classmethod
    def _get_order(cls, reference="R1"):
        return cls.env["sale.order"].search([("subscription_import_ref", "=", reference)])

    def assertRefused(self, reason, *rows, **options):
        """Assert that the last of ``rows``, and only it, is refused with a reason like ``reason``."""
        result = self._import(*rows, **options)
        self.assertEqual([row["line"] for row in result["refused"]], [len(rows) + 1], result["refused"])
        self.assertRegex(result["refused"][0]["reason"], reason)


class TestImportRunning(ImportCommon):
    """A subscription that ran elsewhere goes on here, as if it had always been here."""

    def test_the_order_runs_with_what_the_row_says(self):
        order = self._import_order({"quantity": "2", "commitment_months": "24", "email": "grace@example.com"})
        self.assertRecordValues(
            order,
            [
                {
                    "state": "sale",
                    "subscription_status": "progress",
                    "subscription_plan_id": self.monthly.id,
                    "subscription_start": date(2025, 3, 15),
                    "subscription_term_end": date(2027, 3, 14),
                    "subscription_next_invoice_date": date(2026, 1, 15),
                    "subscription_mrr": 20.0,
                    "currency_id": self.company.currency_id.id,
                    "user_id": self.env.user.id,
                }
            ],
        )
        self.assertRecordValues(order.partner_id, [{"name": "Grace Reader", "email": "grace@example.com", "ref": "C1"}])
        self.assertEqual(order.subscription_stage_id.status, "progress")
        self.assertEqual(str(order.date_order.date()), "2025-03-15", "The sale is no sale of today.")

    def test_the_line_has_its_timeline_and_the_past_is_covered_by_one_row(self):
        order = self._import_order({"quantity": "3"})
        self.assertRecordValues(
            order.order_line,
            [
                {
                    "product_id": self.magazine.id,
                    "subscription_plan_id": self.monthly.id,
                    "product_uom_qty": 3.0,
                    "price_unit": 10.0,
                    "discount": 0.0,
                    "subscription_phase": "running",
                    "subscription_start": date(2025, 3, 15),
                    "subscription_anchor": date(2025, 3, 15),
                    "subscription_end": False,
                    "subscription_next_start": date(2026, 1, 15),
                    "subscription_next_end": date(2026, 2, 15),
                    "subscription_next_bill_date": date(2026, 1, 15),
                }
            ],
        )
        self.assertEqual(self._get_spans(order), [("2025-03-15", "2026-01-15", "imported")])
        self.assertEqual(order.subscription_period_ids.quantity, 3.0)
        self.assertTiled(order)

    def test_recurring_revenue_counts_from_the_start(self):
        order = self._import_order({})
        self.assertRecordValues(
            order.subscription_event_ids,
            [
                {
                    "type": "new",
                    "date": date(2025, 3, 15),
                    "amount": 10.0,
                    "amount_company": 10.0,
                    "partner_id": order.partner_id.id,
                }
            ],
        )
        self.assertEventsSumToMRR(order)

    def test_billing_goes_on_at_the_next_date_and_never_before(self):
        order = self._import_order({})
        self._bill("2026-01-14")
        self.assertFalse(self._get_invoices(order))
        self._bill("2026-01-15")
        self._bill("2026-01-15")
        [invoice] = self._get_invoices(order)
        self.assertEqual((invoice.state, invoice.amount_untaxed), ("posted", 10.0))
        self.assertEqual(str(invoice.invoice_line_ids.subscription_period_start), "2026-01-15")
        self.assertTiled(order)

    def test_missed_periods_since_the_next_date_are_billed(self):
        order = self._import_order({"next_invoice_date": "2025-11-15"})
        self._bill()
        self.assertEqual(len(self._get_invoices(order)), 2)

    def test_a_next_date_on_the_grid_keeps_the_31st(self):
        order = self._import_order({"start_date": "2025-01-31", "next_invoice_date": "2026-02-28"})
        self._bill("2026-03-31")
        self.assertEqual(
            [(str(row.start), str(row.end)) for row in order.subscription_period_ids.sorted("start")[1:]],
            [("2026-02-28", "2026-03-31"), ("2026-03-31", "2026-04-30")],
        )

    def test_a_next_date_off_the_grid_becomes_the_anchor(self):
        order = self._import_order({"start_date": "2025-01-31", "next_invoice_date": "2026-02-10"})
        self.assertEqual(str(order.order_line.subscription_anchor), "2026-02-10")
        self.assertEqual(self._get_spans(order), [("2025-01-31", "2026-02-10", "imported")])

    def test_an_aligned_plan_keeps_its_day(self):
        self._create_plan("On the 5th", alignment="month_day", alignment_day=5)
        order = self._import_order({"plan": "On the 5th", "next_invoice_date": "2026-02-05"})
        self.assertEqual(str(order.order_line.subscription_anchor), "2025-04-05")
        self.assertEqual(str(order.order_line.subscription_next_end), "2026-03-05")

    def test_an_aligned_plan_that_starts_now_is_billed_its_short_first_period(self):
        self._create_plan("On the 5th", alignment="month_day", alignment_day=5)
        order = self._import_order({"plan": "On the 5th", "start_date": "2026-01-01", "next_invoice_date": ""})
        self.assertEqual(str(order.order_line.subscription_next_end), "2026-01-05")
        self.assertFalse(order.subscription_period_ids)

    def test_in_arrears_the_next_date_bills_the_period_before_it(self):
        self._create_plan("Arrears", billing_timing="arrears")
        order = self._import_order({"plan": "Arrears"})
        self.assertEqual(self._get_spans(order), [("2025-03-15", "2025-12-15", "imported")])
        self.assertEqual(str(order.subscription_next_invoice_date), "2026-01-15")
        self._bill("2026-01-15")
        self.assertEqual(str(self._get_invoices(order).invoice_line_ids.subscription_period_start), "2025-12-15")

    def test_without_a_next_date_the_past_counts_as_billed(self):
        order = self._import_order({"next_invoice_date": ""})
        self.assertEqual(str(order.subscription_next_invoice_date), "2026-01-15")
        order = self._import_order({"reference": "R2", "next_invoice_date": "", "start_date": "2025-01-01"})
        self.assertEqual(str(order.subscription_next_invoice_date), "2026-01-01", "What is due today is not past.")

    def test_without_a_start_one_period_ran_before_the_next_date(self):
        order = self._import_order({"start_date": ""})
        self.assertEqual(str(order.subscription_start), "2025-12-15")
        self.assertEqual(self._get_spans(order), [("2025-12-15", "2026-01-15", "imported")])

    def test_without_any_date_it_starts_today(self):
        order = self._import_order({"start_date": "", "next_invoice_date": ""})
        self.assertEqual(str(order.subscription_start), "2026-01-01")
        self.assertEqual(str(order.subscription_next_invoice_date), "2026-01-01")
        self.assertFalse(order.subscription_period_ids)

    def test_the_day_is_the_company_s(self):
        self.company.subscription_tz = "Pacific/Tongatapu"  # 13 hours ahead: 2 January since 11:00
        order = self._import_order({"start_date": "", "next_invoice_date": ""})
        self.assertEqual(str(order.subscription_start), "2026-01-02")

    def test_one_that_starts_later_is_scheduled_and_starts_by_itself(self):
        order = self._import_order({"start_date": "2026-02-01", "next_invoice_date": ""})
        self.assertEqual(order.subscription_status, "scheduled")
        self.assertEqual(order.order_line.subscription_phase, "waiting")
        self.assertFalse(order.subscription_event_ids)
        self._bill("2026-02-01")
        self.assertEqual(order.subscription_status, "progress")
        self.assertEqual(order.subscription_event_ids.mapped("type"), ["new"])
        self.assertEqual(len(self._get_invoices(order)), 1)

    def test_a_term_that_ran_out_has_rolled_on(self):
        order = self._import_order({"start_date": "2024-03-15", "commitment_months": "12"})
        self.assertEqual(str(order.subscription_term_end), "2026-03-14")

    def test_the_commitment_is_the_plan_s_where_the_row_tells_none(self):
        self.monthly.commitment_months = 6
        self.assertEqual(self._import_order({}).subscription_commitment_months, 6)
        order = self._import_order({"reference": "R2", "commitment_months": "0"})
        self.assertEqual(order.subscription_commitment_months, 0)
        self.assertFalse(order.subscription_term_end)

    def test_a_term_that_is_not_renewed_ends_the_line(self):
        self.monthly.auto_renew = False
        order = self._import_order({"commitment_months": "12"})
        self.assertEqual(str(order.order_line.subscription_end), "2026-03-15")

    def test_a_running_row_whose_term_is_over_and_not_renewed_is_refused(self):
        self.monthly.auto_renew = False
        self.assertRefused("does not renew terms", {"start_date": "2024-03-15", "commitment_months": "12"})

    def test_it_is_no_sale_of_today(self):
        """No fee, no mail, no follower, and nothing that add-ons do when an order is confirmed."""
        fee = self._create_product(name="Fee", lst_price=5.0, invoice_policy="order")
        self.magazine.subscription_setup_product_id = fee
        confirm = patch.object(type(self.env["sale.order"]), "_action_confirm", side_effect=AssertionError)
        mails = self.env["mail.mail"].sudo().search_count([])
        with confirm:
            order = self._import_order({"email": "grace@example.com"})
        self.assertEqual(len(order.order_line), 1)
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), mails)
        self.assertNotIn(order.partner_id, order.message_partner_ids)

    def test_lines_are_created_as_a_quotation_s_so_that_nothing_is_delivered(self):
        """Add-ons deliver, plan and buy for lines that are created on confirmed orders."""
        states = []
        Line = type(self.env["sale.order.line"])
        original = Line._subscription_start_late

        def spy(lines):
            states.extend(lines.mapped("state"))
            return original(lines)

        with patch.object(Line, "_subscription_start_late", spy):
            self._import({})
            self._import({}, {"product": "Poster", "plan": "Yearly"})
        self.assertEqual(states, ["draft", "draft"])
        self.env.invalidate_all()
        self.assertEqual(self._get_order().order_line.mapped("state"), ["sale", "sale"])
        self.assertFalse(self.env["sale.order"].search([("partner_id.ref", "=", "C1"), ("state", "=", "draft")]))

    def test_orders_are_locked_where_sales_locks_confirmed_orders(self):
        self.env["res.config.settings"].create({"group_auto_done_setting": True}).execute()
        self.assertTrue(self._import_order({}).locked)
        order = self._import_order({}, {"product": "Poster", "next_invoice_date": ""})
        self.assertEqual(len(order.order_line), 2)


class TestImportPrices(ImportCommon):
    def test_a_given_price_is_agreed_and_lists_do_not_move_it(self):
        order = self._import_order({"price": "7.77"})
        self._set_recurring_price(self.magazine, self.monthly, 99.0)
        order.order_line.product_uom_qty = 5
        order._recompute_prices()
        self.assertEqual((order.order_line.price_unit, order.order_line.discount), (7.77, 0.0))
        self.assertEventsSumToMRR(order)

    def test_a_missing_price_is_the_recurring_one_of_the_plan(self):
        self.assertEqual(self._import_order({"price": ""}).order_line.price_unit, 12.0)
        self.assertEqual(
            self._import_order({"reference": "R2", "price": "", "plan": "Yearly"}).order_line.price_unit, 120.0
        )

    def test_a_price_of_zero_is_a_price(self):
        order = self._import_order({"price": "0"})
        self.assertEqual(order.order_line.price_unit, 0.0)
        self.assertFalse(order.subscription_event_ids)

    def test_taxes_are_those_of_the_product_and_of_the_day_of_billing(self):
        tax = self.company_data["default_tax_sale"]
        self.magazine.taxes_id = tax
        order = self._import_order({})
        self.assertEqual(order.order_line.tax_ids, tax)
        self.assertTrue(order.order_line.subscription_tax_auto)
        self.assertTrue(order.subscription_fiscal_auto)

    def test_a_currency_takes_a_pricelist_in_it(self):
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5)])
        pricelist = self.env["product.pricelist"].create({"name": "Euro", "currency_id": currency.id})
        order = self._import_order({"currency": "eur"})
        self.assertEqual((order.pricelist_id, order.currency_id), (pricelist, currency))
        self.assertEqual(order.subscription_event_ids.amount, 10.0)
        self.assertEqual(order.subscription_event_ids.amount_company, 20.0)
        self.assertEventsSumToMRR(order)

    def test_a_currency_without_a_pricelist_is_refused_unless_it_may_be_made(self):
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5)])
        self.env["product.pricelist"].search([("currency_id", "=", currency.id)]).action_archive()
        self.assertRefused("no pricelist in EUR", {"currency": "EUR"})
        result = self._import({"currency": "EUR"}, {"currency": "EUR", "reference": "R2"}, create_missing=True)
        self.assertEqual(result["imported"], 2)
        self.assertEqual(len(self.env["product.pricelist"].search([("currency_id", "=", currency.id)])), 1)
        self.assertEqual(self._get_order().currency_id, currency)

    def test_a_currency_that_cannot_be_converted_is_refused(self):
        self.assertRefused('no currency "XXQ"', {"currency": "XXQ"})
        currency = self.env["res.currency"].create({"name": "QQX", "symbol": "Q", "active": False})
        self.assertRefused("QQX is archived", {"currency": "QQX"})
        currency.active = True
        self.assertRefused("QQX has no exchange rate", {"currency": "QQX"})

    def test_the_company_s_currency_is_meant_where_none_is_named(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5)])
        pricelist = self.env["product.pricelist"].create({"name": "Euro", "currency_id": euro.id, "sequence": 0})
        partner = self.env["res.partner"].create({"name": "Grace Reader", "ref": "C1"})
        partner.specific_property_product_pricelist = pricelist
        self.assertEqual(self._import_order({}).currency_id, self.company.currency_id)


class TestImportClosed(ImportCommon):
    CLOSED = {"state": "closed", "closed_on": "2025-11-20", "close_reason": "Too expensive", "next_invoice_date": ""}

    def test_a_closed_one_ran_until_it_was_closed(self):
        order = self._import_order(self.CLOSED)
        self.assertRecordValues(
            order,
            [
                {
                    "state": "sale",
                    "subscription_status": "closed",
                    "subscription_closed_on": date(2025, 11, 20),
                    "subscription_close_reason_id": self.env.ref("sale_subscription_plus.close_reason_expensive").id,
                    "subscription_next_invoice_date": False,
                }
            ],
        )
        self.assertRecordValues(
            order.order_line,
            [
                {
                    "subscription_phase": "ended",
                    "subscription_end": date(2025, 11, 20),
                    "subscription_next_bill_date": False,
                }
            ],
        )
        self.assertEqual(self._get_spans(order), [("2025-03-15", "2025-11-20", "imported")])
        self.assertTiled(order)

    def test_its_revenue_came_and_went(self):
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5), ("2025-06-01", 0.25)])
        self.env["product.pricelist"].create({"name": "Euro", "currency_id": currency.id})
        order = self._import_order({**self.CLOSED, "currency": "EUR"})
        self.assertEqual(
            [(e.type, str(e.date), e.amount, e.amount_company) for e in order.subscription_event_ids.sorted("date")],
            [("new", "2025-03-15", 10.0, 20.0), ("churn", "2025-11-20", -10.0, -20.0)],
        )
        self.assertEqual(order.subscription_event_ids[0].close_reason_id, order.subscription_close_reason_id)
        self.assertEventsSumToMRR(order)

    def test_nothing_of_it_is_billed(self):
        order = self._import_order({**self.CLOSED, "next_invoice_date": "2025-06-15"})
        self._bill("2026-06-01")
        self.assertFalse(self._get_invoices(order))

    def test_it_can_be_reopened(self):
        order = self._import_order(self.CLOSED)
        order.action_subscription_reopen()
        self.assertEqual(order.subscription_status, "progress")
        self._bill()
        self.assertEqual(len(self._get_invoices(order)), 1)
        self.assertTiled(order)
        self.assertEventsSumToMRR(order)

    def test_a_closing_day_alone_says_closed_and_closed_alone_says_today(self):
        self.assertEqual(self._import_order({**self.CLOSED, "state": ""}).subscription_status, "closed")
        order = self._import_order({**self.CLOSED, "reference": "R2", "closed_on": ""})
        self.assertEqual(str(order.subscription_closed_on), "2026-01-01")
        self.assertEqual(order.subscription_status, "closed")

    def test_closed_on_its_first_day_leaves_no_row_and_no_revenue(self):
        order = self._import_order({**self.CLOSED, "start_date": "2025-11-20"})
        self.assertFalse(order.subscription_period_ids)
        self.assertEqual(sum(order.subscription_event_ids.mapped("amount")), 0.0)

    def test_a_closing_day_ahead_is_only_noted(self):
        for reference, state in (("R1", "closed"), ("R2", "running")):
            order = self._import_order({"reference": reference, "state": state, "closed_on": "2026-02-01"})
            self.assertEqual(order.subscription_status, "progress")
            self.assertEqual(str(order.order_line.subscription_end), "2026-02-01")
        self._bill("2026-02-01")
        self.assertEqual(order.subscription_status, "closed")
        self.assertEqual([str(line.subscription_period_end) for line in order.order_line.invoice_lines], ["2026-02-01"])
        self.assertTiled(order)

    def test_what_contradicts_itself_is_refused(self):
        self.assertRefused("closed before it starts", {**self.CLOSED, "closed_on": "2025-03-14"})
        self.assertRefused('"state" says "running"', {**self.CLOSED, "state": "running"})
        self.assertRefused("without a day of closing", {"close_reason": "Too expensive"})
        self.assertRefused("must be .running. or .closed.", {"state": "paused"})

    def test_names_of_reasons_may_be_written_in_any_case_and_unknown_ones_may_be_made(self):
        self._import_order({**self.CLOSED, "close_reason": "TOO EXPENSIVE"})
        row = {**self.CLOSED, "reference": "R2", "close_reason": "Ran out of tea"}
        self.assertRefused('no close reason "Ran out of tea"', row)
        self._import_order(row, create_missing=True)
        self.assertEqual(self._get_order("R2").subscription_close_reason_id.name, "Ran out of tea")


class TestImportReferences(ImportCommon):
    """The key of a row is its reference, product and plan."""

    def test_running_a_file_again_adds_nothing(self):
        rows = [{}, {"plan": "Yearly"}, {"reference": "R2", "state": "closed", "closed_on": "2025-12-01"}]
        self.assertEqual(self._import(*rows)["imported"], 3)
        before = self._count()
        result = self._import(*rows)
        self.assertEqual((result["imported"], result["already_there"], result["refused"]), (0, 3, []))
        self.assertEqual(self._count(), before)

    def _count(self):
        models = ("sale.order", "sale.order.line", "res.partner", "subscription.period", "subscription.event")
        return [self.env[model].search_count([]) for model in models]

    def test_also_after_its_order_lived_on(self):
        order = self._import_order({})
        self._bill("2026-02-15")
        order.partner_id.write({"name": "Grace Writer", "ref": "C99"})
        order.order_line.price_unit = 11.0
        self.assertEqual(self._import({})["already_there"], 1)
        order.sudo()._subscription_close(date(2026, 2, 15), self.env["subscription.close.reason"].search([], limit=1))
        self.assertEqual(self._import({})["already_there"], 1)

    def test_a_second_row_of_a_reference_adds_a_line(self):
        order = self._import_order(
            {}, {"plan": "Yearly", "price": "100", "next_invoice_date": "2026-03-15", "start_date": "2025-03-15"}
        )
        self.assertEqual(order.order_line.subscription_plan_id, self.monthly | self.yearly)
        self.assertEqual(str(order.subscription_next_invoice_date), "2026-01-15")
        self.assertEqual(set(order.subscription_event_ids.mapped("type")), {"new"})
        self.assertTiled(order)
        self.assertEventsSumToMRR(order)

    def test_rows_of_a_reference_need_not_stand_together(self):
        self._import({}, {"reference": "R2"}, {"plan": "Yearly", "next_invoice_date": ""})
        self.assertEqual(len(self._get_order().order_line), 2)

    def test_a_line_that_began_later_is_growth(self):
        order = self._import_order({}, {"plan": "Yearly", "start_date": "2025-06-15", "next_invoice_date": ""})
        events = order.subscription_event_ids.sorted("date")
        self.assertEqual([(e.type, str(e.date)) for e in events], [("new", "2025-03-15"), ("expansion", "2025-06-15")])

    def test_a_second_row_in_a_later_run_adds_its_line_to_the_same_order(self):
        order = self._import_order({})
        self._bill("2026-01-15")
        row = {"product": "Poster", "plan": "Yearly", "price": "24", "next_invoice_date": "2026-03-15"}
        result = self._import({}, row)
        self.assertEqual((result["imported"], result["already_there"]), (1, 1))
        self.assertEqual(self._get_order(), order)
        line = order.order_line[1]
        self.assertRecordValues(
            line,
            [{"subscription_phase": "running", "subscription_next_bill_date": date(2026, 3, 15), "price_unit": 24.0}],
        )
        self.assertEqual(order.subscription_mrr, 12.0)
        self.assertEqual(order.subscription_event_ids.filtered(lambda e: e.line_id == line).type, "expansion")
        self.assertTiled(order)
        self.assertEventsSumToMRR(order)

    def test_what_a_row_leaves_blank_is_as_in_the_first_of_its_reference(self):
        first = {"email": "grace@example.com", "commitment_months": "12", "state": "closed", "closed_on": "2025-12-01"}
        second = {"customer_reference": "", "plan": "Yearly", "next_invoice_date": ""}
        order = self._import_order(first, second)
        self.assertEqual(order.order_line.mapped("subscription_phase"), ["ended", "ended"])

    def test_rows_of_a_reference_that_contradict_each_other_are_refused(self):
        other = {"plan": "Yearly", "next_invoice_date": ""}
        for column, value in (
            ("customer_reference", "C2"),
            ("currency", "EUR"),
            ("commitment_months", "5"),
            ("closed_on", "2025-12-01"),
        ):
            self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5)])
            with self.subTest(column=column):
                label = {"customer_reference": "customer"}.get(column, column)
                self.assertRefused(
                    f"says otherwise in: .*{label}",
                    {"reference": column},
                    {**other, "reference": column, column: value},
                )
                self.assertEqual(len(self._get_order(column).order_line), 1)

    def test_a_row_that_does_not_fit_the_order_that_is_there_is_refused(self):
        order = self._import_order({})
        other = {"plan": "Yearly", "next_invoice_date": ""}
        self.assertRefused("has another customer", {**other, "customer_reference": "C2"})
        self.assertRefused("In Progress", {**other, "state": "closed", "closed_on": "2025-12-01"})
        order.sudo()._subscription_close(date(2026, 1, 1), self.env["subscription.close.reason"].search([], limit=1))
        self.assertRefused("Closed", other)

    def test_a_line_that_starts_before_its_scheduled_order_is_refused(self):
        self._import({"start_date": "2026-02-01", "next_invoice_date": ""})
        self.assertRefused("before its order", {"plan": "Yearly", "start_date": "2025-02-01", "next_invoice_date": ""})

    def test_the_same_row_twice_counts_once_and_a_different_one_is_refused(self):
        result = self._import({}, {})
        self.assertEqual((result["imported"], result["already_there"]), (1, 1))
        self.assertRefused("Line 2 has the same", {"reference": "R2"}, {"reference": "R2", "price": "11.00"})

    def test_a_good_row_goes_in_beside_a_bad_one_of_its_reference(self):
        self.assertRefused("no date", {}, {"plan": "Yearly", "start_date": "2025-02-30"})
        self.assertEqual(len(self._get_order().order_line), 1)

    def test_the_database_refuses_a_reference_twice(self):
        order = self._import_order({})
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self._create_quotation().sudo().subscription_import_ref = "R1"
            self.env.flush_all()
        self.assertFalse(order.copy().subscription_import_ref, "A duplicate is another subscription.")


class TestImportNames(ImportCommon):
    """Which records a row means."""

    def test_a_customer_is_found_by_reference(self):
        partner = self.env["res.partner"].create({"name": "Somebody Else", "ref": "C1"})
        self.assertEqual(self._import_order({}).partner_id, partner)

    def test_a_customer_without_reference_is_found_by_name_and_email(self):
        row = {"customer_reference": "", "customer": "Ada Reader", "email": "ADA@example.com"}
        self.assertEqual(self._import_order(row).partner_id, self.customer)
        order = self._import_order({**row, "reference": "R2", "email": "ada@elsewhere.example"})
        self.assertNotEqual(order.partner_id, self.customer, "Of the same name, and somebody else.")

    def test_a_name_alone_is_enough_for_the_only_one_who_bears_it(self):
        row = {"customer_reference": "", "customer": "Ada Reader"}
        self.assertEqual(self._import_order(row).partner_id, self.customer)
        self.env["res.partner"].create({"name": "Ada Reader", "email": "ada@elsewhere.example"})
        self.assertRefused("Several customers", {**row, "reference": "R2"})

    def test_rows_of_a_new_customer_make_one_customer(self):
        row = {"customer_reference": "", "customer": "Bob", "email": "bob@example.com"}
        self._import(row, {**row, "reference": "R2"}, {**row, "reference": "R3", "email": ""})
        self.assertEqual(len(self.env["res.partner"].search([("name", "=", "Bob")])), 1)

    def test_customers_that_cannot_be_told_apart_or_used_are_refused(self):
        twins = self.env["res.partner"].create([{"name": "Twin", "ref": "T"}, {"name": "Twin", "ref": "T"}])
        self.assertRefused("Several customers", {"customer_reference": "T"})
        twins.action_archive()
        self.assertRefused("is archived", {"customer_reference": "T"})
        self.assertRefused("no e-mail address", {"email": "grace"})

    def test_plans_and_products_may_be_written_in_any_case(self):
        order = self._import_order({"plan": "monthly", "product": "MAGAZINE"})
        self.assertEqual(order.order_line.product_id, self.magazine)
        self.assertEqual(order.order_line.subscription_plan_id, self.monthly)

    def test_an_internal_reference_goes_before_a_name(self):
        product = self._create_recurring_product("Weekly Paper", default_code="Magazine")
        self.assertEqual(self._import_order({}).order_line.product_id, product)

    def test_names_are_known_in_the_user_s_language_and_in_the_source(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.monthly.with_context(lang="fr_FR").name = "Mensuel"
        self.magazine.with_context(lang="fr_FR").name = "Revue"
        Import = self.env["subscription.import"].with_context(lang="fr_FR")
        rows = [{}, {"reference": "R2", "plan": "mensuel", "product": "revue"}]
        self.assertEqual(Import.run_file(self._make_csv(rows), commit=False)["imported"], 2)

    def test_archived_plans_and_products_go_on(self):
        self.monthly.action_archive()
        self.magazine.action_archive()
        order = self._import_order({})
        self._bill("2026-01-15")
        self.assertEqual(len(self._get_invoices(order)), 1)

    def test_names_that_several_bear_are_refused(self):
        self._create_recurring_product("Magazine")
        self._create_plan("Twice")
        self._create_plan("TWICE")
        self.assertRefused("Several products", {})
        self.assertRefused("Several plans", {"plan": "twice", "product": "Poster"})

    def test_unknown_plans_and_products_are_refused_both_at_once(self):
        self.assertRefused('no plan "Nightly".*no product .*"Comic"', {"plan": "Nightly", "product": "Comic"})

    def test_what_cannot_recur_is_refused(self):
        self.magazine.invoice_policy = "order"
        delivered = self._create_product(name="Coal", invoice_policy="delivery")
        self.assertRefused("delivered quantities", {"product": delivered.name})

    def test_missing_plans_of_known_names_and_products_are_made_once(self):
        self.env["subscription.plan"].search([]).name = "Gone"
        rows = [
            {"reference": f"R{number}", "plan": plan, "product": "Comic", "next_invoice_date": ""}
            for number, plan in enumerate(("Weekly", "Monthly", "quarterly", "YEARLY", "monthly"))
        ]
        self.assertEqual(self._import(*rows, create_missing=True)["imported"], 5)
        plans = self.env["subscription.plan"].search([("name", "!=", "Gone")])
        self.assertEqual(
            {(plan.name, plan.interval_count, plan.interval_unit) for plan in plans},
            {("Weekly", 1, "week"), ("Monthly", 1, "month"), ("Quarterly", 3, "month"), ("Yearly", 1, "year")},
        )
        product = self.env["product.product"].search([("name", "=", "Comic")])
        self.assertEqual(len(product), 1)
        self.assertTrue(product.subscription_ok)
        self.assertEqual(product.taxes_id, self.company_data["default_tax_sale"])

    def test_a_plan_whose_name_tells_no_period_is_not_made(self):
        self.assertRefused("does not tell how long", {"plan": "Gold"}, create_missing=True)

    def test_a_new_product_needs_a_price(self):
        self.assertRefused("a price is needed", {"product": "Comic", "price": ""}, create_missing=True)

    def test_nothing_is_made_for_rows_that_are_refused(self):
        self._import({"product": "Comic", "plan": "Weekly", "start_date": "nonsense"}, create_missing=True)
        self.assertFalse(self.env["product.product"].search([("name", "=", "Comic")]))
        self.assertFalse(self.env["subscription.plan"].search([("name", "=", "Weekly")]))
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Grace Reader")]))

    def test_values_that_say_nothing_are_refused(self):
        for column, value, reason in (
            ("price", "abc", "no number"),
            ("price", "9" * 30, "no number"),
            ("quantity", "-1", "more than zero"),
            ("quantity", "0.001", "more than zero"),
            ("quantity", "1.005", "decimals"),
            ("quantity", "1,5", "no number"),
            ("start_date", "31.02.2025", "no date"),
            ("next_invoice_date", "2026-02-30", "no date"),
            ("next_invoice_date", "2025-03-14", "before it starts"),
            ("commitment_months", "1.5", "whole number"),
            ("commitment_months", "-1", "whole number"),
            ("commitment_months", "99999", "whole number"),
            ("company", "Nobody Ltd", "no company"),
            ("customer", "", '"customer" is empty'),
            ("customer", "A" * 300, "longer than"),
            ("customer", "Ada\nB.", "line break"),
        ):
            with self.subTest(column=column, value=value):
                self.assertRefused(reason, {column: value})

    def test_all_that_is_wrong_with_a_row_is_told_at_once(self):
        bad = {"price": "abc", "quantity": "0", "start_date": "31.02.2025", "plan": "Nightly", "product": "Comic"}
        self.assertRefused("no plan.*no product.*more than zero.*no number.*no date", bad)

    def test_a_quantity_with_as_many_decimals_as_units_have_is_right(self):
        self.assertEqual(self._import_order({"quantity": "1.15"}).order_line.product_uom_qty, 1.15)


class TestImportTokens(ImportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "Grace Reader", "ref": "C1"})
        provider = cls.env["payment.provider"].create({"name": "Bank"})
        method = cls.env["payment.method"].sudo().search([("is_primary", "=", True)], limit=1)
        cls.token = (
            cls.env["payment.token"]
            .sudo()
            .create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": method.id,
                    "payment_details": "1234",
                    "partner_id": cls.partner.id,
                    "provider_ref": "tok_1",
                }
            )
        )

    def test_the_customer_s_saved_method_is_kept_on_the_order(self):
        self.assertEqual(self._import_order({"token": "tok_1"}).subscription_token_id.sudo(), self.token)

    def test_a_method_of_a_contact_of_the_same_company_will_do(self):
        self.partner.is_company = True
        contact = self.env["res.partner"].create({"name": "Clerk", "ref": "C2", "parent_id": self.partner.id})
        order = self._import_order({"token": "tok_1", "customer_reference": "C2"})
        self.assertEqual(order.partner_id, contact)
        self.assertTrue(order.subscription_token_id)

    def test_another_s_method_or_an_unknown_or_archived_one_is_refused(self):
        self.assertRefused("no saved payment method", {"token": "tok_1", "customer_reference": "C2"})
        self.assertRefused("no saved payment method", {"token": "tok_2"})
        self.token.active = False
        self.assertRefused("no saved payment method", {"token": "tok_1"})

    def test_no_method_of_another_customer_gets_onto_an_order_and_a_copy_has_none(self):
        order = self._import_order({"token": "tok_1"})
        self.assertFalse(order.copy().subscription_token_id)
        other = self._create_subscription()
        with self.assertRaises(ValidationError):
            other.sudo().subscription_token_id = self.token


class TestImportCompanies(ImportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name="Other Ltd")["company"]
        cls.other.subscription_tz = "UTC"

    def test_a_row_goes_into_the_company_it_names(self):
        order = self._import_order({"company": "other ltd"})
        self.assertEqual(order.company_id, self.other)
        self.assertLessEqual(order.order_line.tax_ids.company_id, self.other)
        self.assertEqual(order.subscription_event_ids.company_id, self.other)
        self._bill("2026-01-15")
        self.assertEqual(self._get_invoices(order).company_id, self.other)

    def test_references_are_of_their_company(self):
        self._import({})
        result = self._import({"company": "Other Ltd"})
        self.assertEqual(result["imported"], 1)
        self.assertEqual(len(self._get_order()), 2)
        self.assertEqual(self._import({}, {"company": "Other Ltd", "plan": "Yearly", "price": ""})["already_there"], 1)

    def test_a_company_that_the_user_may_not_enter_is_unknown(self):
        user = new_test_user(
            self.env, "importer", "sale_subscription_plus.group_subscription_admin", company_id=self.company.id
        )
        Import = self.env["subscription.import"].with_user(user)
        result = Import.run_file(self._make_csv([{"company": "Other Ltd"}]), commit=False)
        self.assertRegex(result["refused"][0]["reason"], "no company")

    def test_what_belongs_to_another_company_is_not_used(self):
        self.monthly.company_id = self.other
        self.assertRefused('no plan "Monthly"', {})
        self.env["res.partner"].create({"name": "Grace Reader", "ref": "C1", "company_id": self.other.id})
        self.assertRefused("belongs to Other Ltd", {"plan": "Yearly"})

    def test_a_company_s_own_plan_goes_before_a_shared_one_of_the_same_name(self):
        own = self._create_plan("Monthly", company_id=self.other.id)
        self.assertEqual(self._import_order({"company": "Other Ltd"}).subscription_plan_id, own)
        self.assertEqual(self._import({})["imported"], 1)


class TestImportReport(ImportCommon):
    """What the person at the keyboard gets to know."""

    def test_a_refused_row_says_its_line_its_reason_and_itself(self):
        result = self._import({}, {"reference": "R2", "price": "abc"})
        self.assertEqual(result["imported"], 1)
        [refused] = result["refused"]
        self.assertEqual((refused["line"], refused["reference"], refused["price"]), (3, "R2", "abc"))
        self.assertIn("no number", refused["reason"])

    def test_a_refused_row_mended_goes_in(self):
        columns = "reference,customer,plan,product,price,line,reason\n"
        data = (columns + "R1,'=Grace,Monthly,Magazine,5,2,because").encode()
        self.assertEqual(self.env["subscription.import"].run_file(data, commit=False)["imported"], 1)
        self.assertEqual(self._get_order().partner_id.name, "=Grace", "A formula is a text, and stays one.")

    def test_columns_that_mean_nothing_are_told(self):
        data = b"reference,customer,plan,product,colour\nR1,Ada Reader,Monthly,Magazine,red"
        result = self.env["subscription.import"].run_file(data, commit=False)
        self.assertEqual((result["imported"], result["ignored_columns"]), (1, ["colour"]))

    def test_a_file_that_cannot_be_read_is_a_sentence(self):
        for data, sentence in (
            (b"", "is empty"),
            (b"\xff\xfeR", "not encoded in UTF-8"),
            (b"PK\x03\x04", "spreadsheet or an archive"),
            (b"a\0", "zero byte in line 1"),
            (b"reference,customer", "missing: plan, product"),
            (b"reference,customer,plan,product,plan", "more than once: plan"),
            (b'reference,customer,plan,product\n"', "begins in line 2 is no CSV"),
        ):
            with self.subTest(sentence=sentence), self.assertRaisesRegex(UserError, sentence):
                self.env["subscription.import"].run_file(data, commit=False)
        with self.assertRaisesRegex(UserError, "cannot be opened"):
            self.env["subscription.import"].run_file("/nowhere/at/all.csv", commit=False)

    def test_a_path_will_do_for_bytes(self):
        with NamedTemporaryFile() as file:
            file.write(self._make_csv([{}]))
            file.flush()
            self.assertEqual(self.env["subscription.import"].run_file(file.name, commit=False)["imported"], 1)

    def test_only_a_header_is_no_rows(self):
        result = self._import()
        self.assertEqual((result["imported"], result["refused"]), (0, []))

    def test_progress_is_told(self):
        told = []
        self.patch_batch_size(2)
        self._import(*({"reference": f"R{n}"} for n in range(5)), progress=lambda *args: told.append(args))
        self.assertEqual(told, [(2, 5), (4, 5), (5, 5)])

    def patch_batch_size(self, size):
        self.startPatcher(patch("odoo.addons.sale_subscription_plus.models.subscription_import.BATCH_SIZE", size))

    def test_an_order_that_cannot_be_saved_is_refused_and_the_others_go_in(self):
        Order = type(self.env["sale.order"])
        original = Order.create

        def create(records, vals_list):
            for vals in vals_list:
                if vals.get("subscription_import_ref") == "R3":
                    raise ValidationError(records.env._("Not this one."))
                if vals.get("subscription_import_ref") == "R4":
                    raise ZeroDivisionError("oops")
            return original(records, vals_list)

        rows = [{"reference": f"R{n}", "customer_reference": f"C{n}"} for n in range(8)]
        with patch.object(Order, "create", create):
            result = self._import(*rows)
        self.assertEqual(result["imported"], 6)
        self.assertEqual(
            [(row["line"], row["reason"]) for row in result["refused"]],
            [(5, "Not this one."), (6, "It could not be saved (ZeroDivisionError: oops).")],
        )
        self.assertEqual(len(self.env["res.partner"].search([("ref", "in", [f"C{n}" for n in range(8)])])), 6)
        self.assertEqual(self._import(*rows)["imported"], 2, "A second run goes on.")

    def test_what_there_is_no_time_for_is_left_for_the_next_run(self):
        self.patch_batch_size(2)
        rows = [{"reference": f"R{n}"} for n in range(5)]
        result = self._import(*rows, seconds=-1)
        self.assertEqual((result["imported"], result["left"]), (0, 5))
        self.assertEqual(self._import(*rows)["imported"], 5)

    def test_a_check_tells_the_same_and_writes_nothing(self):
        rows = [{}, {"reference": "R2", "price": "abc"}, {"reference": "R3", "product": "Comic"}]
        data = self._make_csv(rows)
        before = self.env["res.partner"].search_count([]), self.env["product.product"].search_count([])
        result = self.env["subscription.import"].check_file(data, create_missing=True)
        self.assertEqual((result["imported"], [row["line"] for row in result["refused"]]), (2, [3]))
        after = self.env["res.partner"].search_count([]), self.env["product.product"].search_count([])
        self.assertEqual(after, before)
        self.assertFalse(self._get_order())

    def test_imports_go_one_at_a_time(self):
        with self.registry.cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(hashtext('sale_subscription_plus.import'))")
            with self.assertRaisesRegex(UserError, "Another import"):
                self._import({})
        self.assertEqual(self._import({})["imported"], 1)


class TestImportWizard(ImportCommon):
    def _open(self, *rows, user=None, **values):
        Wizard = self.env["subscription.import.wizard"].with_user(user or self.env.user)
        return Wizard.create({"file": base64.b64encode(self._make_csv(rows)), "file_name": "my.csv", **values})

    def test_checking_writes_nothing_and_importing_does(self):
        wizard = self._open({}, {"reference": "R2", "price": "abc"})
        action = wizard.action_check()
        self.assertEqual(action["res_id"], wizard.id)
        self.assertRecordValues(wizard, [{"state": "checked", "imported": 1, "refused": 1, "left": 0}])
        self.assertFalse(self._get_order())
        wizard.action_import()
        self.assertRecordValues(wizard, [{"state": "done", "imported": 1, "refused": 1, "already_there": 0}])
        self.assertTrue(self._get_order())
        wizard.action_import()
        self.assertRecordValues(wizard, [{"imported": 0, "already_there": 1}])

    def test_refused_rows_can_be_downloaded(self):
        wizard = self._open({"price": "abc", "customer": '=cmd()|" /C calc"!A0'})
        wizard.action_import()
        text = base64.b64decode(wizard.refused_file).decode("utf-8-sig")
        [row] = csv.DictReader(io.StringIO(text, newline=""))
        self.assertEqual((row["line"], row["price"]), ("2", "abc"))
        self.assertEqual(row["customer"], '\'=cmd()|" /C calc"!A0')
        self.assertIn("no number", row["reason"])
        self.assertIn("Line 2:", wizard.reasons)

    def test_missing_names_are_made_only_if_told(self):
        wizard = self._open({"product": "Comic"})
        wizard.action_import()
        self.assertEqual(wizard.refused, 1)
        wizard.create_missing = True
        wizard.action_import()
        self.assertRecordValues(wizard, [{"imported": 1, "refused": 0, "refused_file": False, "reasons": ""}])

    def test_a_bad_file_is_a_sentence(self):
        wizard = self.env["subscription.import.wizard"].create({"file": base64.b64encode(b"\x89PNG\r\n\x1a\n\0")})
        for action in (wizard.action_check, wizard.action_import):
            with self.assertRaises(UserError):
                action()

    def test_a_subscription_administrator_needs_no_other_right(self):
        user = new_test_user(self.env, "importer", "sale_subscription_plus.group_subscription_admin")
        wizard = self._open({}, user=user)
        wizard.action_import()
        self.assertEqual(wizard.imported, 1)
        self.assertEqual(self._get_order().create_uid, user)
        self.assertEqual(self._get_order().user_id, user)

    def test_nobody_else_may_import(self):
        for login, groups in (
            ("seller", "sales_team.group_sale_manager"),
            ("accountant", "account.group_account_manager"),
            ("stranger", "base.group_user"),
        ):
            user = new_test_user(self.env, login, groups)
            with self.subTest(login=login), self.assertRaises(AccessError):
                self._open({}, user=user)
            wizard = self.env["subscription.import.wizard"].new({"file": b""}).with_user(user)
            with self.subTest(login=login), self.assertRaises(AccessError):
                wizard.action_import()

    def test_a_wizard_is_its_owner_s(self):
        wizard = self._open({})
        user = new_test_user(self.env, "importer", "sale_subscription_plus.group_subscription_admin")
        with self.assertRaises(AccessError):
            wizard.with_user(user).action_check()

    def test_the_importer_cannot_be_called_over_the_network(self):
        for name in ("run_file", "check_file", "_read_bytes"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                get_public_method(self.env["subscription.import"], name)

    def test_a_screen_s_defaults_reach_no_record(self):
        Wizard = self.env["subscription.import.wizard"].with_context(default_note="Trap", default_state="file")
        wizard = Wizard.create({"file": base64.b64encode(self._make_csv([{}]))})
        wizard.action_import()
        self.assertFalse(self._get_order().note)


class TestImportBeside(ImportCommon):
    def test_an_imported_subscription_lives_like_any_other(self):
        """Sold here the same day, or imported: the same line, the same next invoices."""
        sold = self._create_subscription("2025-03-15", [self._line(price_unit=10.0)], subscription_commitment_months=12)
        self._bill("2025-12-15")
        # What was billed before the import was collected elsewhere.
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self._get_invoices(sold).ids
        ).create({})._create_payments()
        self._set_today(date(2026, 1, 1))
        imported = self._import_order({"commitment_months": "12"})
        names = [name for name in sold._fields if name.startswith("subscription_")]
        different = {
            "subscription_period_ids",
            "subscription_period_count",
            "subscription_event_ids",
            "subscription_import_ref",
            "subscription_charge_ids",
            "subscription_charge_count",
            # What was paid elsewhere is not known here.
            "subscription_last_payment_on",
            "subscription_days_since_payment",
        }
        for name in sorted(set(names) - different):
            with self.subTest(field=name):
                self.assertEqual(imported[name], sold[name])
        names = [name for name in sold.order_line._fields if name.startswith("subscription_")]
        for name in sorted(set(names) - {"subscription_period_ids"}):
            with self.subTest(line_field=name):
                self.assertEqual(imported.order_line[name], sold.order_line[name])
        for name in ("invoice_status", "amount_to_invoice", "locked"):
            self.assertEqual(imported[name], sold[name])

    def test_it_cannot_be_cancelled_but_closed(self):
        order = self._import_order({})
        with self.assertRaisesRegex(UserError, "Close it instead"):
            order.action_cancel()

    def test_an_ordinary_order_needs_no_reference(self):
        orders = self._create_quotation() | self._create_quotation()
        self.assertEqual(orders.mapped("subscription_import_ref"), [False, False])
        self.env["sale.order"].create({"partner_id": self.customer.id, "order_line": [Command.clear()]})
