"""Price revisions: previewed, planned, told, applied by the nightly run, billed, undone."""

import doctest
from datetime import date

from odoo import api
from odoo.api import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..models import subscription_price_revision_plan as plan_module
from ..tools import price_revision
from .common import SubscriptionCommon


class RevisionCommon(SubscriptionCommon):
    """Revisions from 1 March, made on 1 January; no customer is told unless a test asks for it."""

    @classmethod
    def _create_revision(cls, **values):
        values = {
            "name": "Spring",
            "effective_on": "2026-03-01",
            "percentage": 10.0,
            "notice_template_id": False,
            **values,
        }
        return cls.env["subscription.price.revision"].create(values)

    @classmethod
    def _preview(cls, **values):
        revision = cls._create_revision(**values)
        revision.action_preview()
        return revision

    @classmethod
    def _plan(cls, **values):
        revision = cls._preview(**values)
        revision.action_plan()
        return revision

    def _run_cron(self):
        with self._test_mode(), self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["subscription.price.revision"]._cron_run()

    def _bill_until(self, day):
        """Bill on the first of each month from February up to ``day``."""
        end = date.fromisoformat(day)
        number = 2
        while (first := date(2026 + (number - 1) // 12, (number - 1) % 12 + 1, 1)) <= end:
            self._bill(first)
            number += 1

    @classmethod
    def _get_prices(cls, orders):
        return [(str(i.invoice_date), i.invoice_line_ids.price_unit) for i in cls._get_invoices(orders)]

    def _row(self, revision, line):
        return self.env["subscription.price.revision.line"].search(
            [("revision_id", "=", revision.id), ("line_id", "=", line.id)]
        )


@tagged("-at_install", "post_install")
class TestArithmetic(SubscriptionCommon):
    def test_the_examples_in_the_arithmetic_hold(self):
        self.assertEqual(doctest.testmod(price_revision).failed, 0)


@tagged("-at_install", "post_install")
class TestPreview(RevisionCommon):
    def test_each_price_changes_with_the_first_period_that_is_not_billed_on_or_after_the_day(self):
        monthly = self._create_subscription("2026-01-01")
        self._bill()
        middle = self._create_subscription("2026-01-17")
        yearly = self._create_subscription("2026-01-20", plan=self.yearly)
        self._bill("2026-01-20")
        revision = self._preview(effective_on="2026-02-10")
        days = {row.order_id: str(row.effective_on) for row in revision.line_ids}
        self.assertEqual(days[monthly], "2026-03-01")
        self.assertEqual(days[middle], "2026-02-17")
        self.assertEqual(days[yearly], "2027-01-20")

    def test_it_tells_the_old_and_the_new_price_and_what_becomes_of_the_mrr(self):
        monthly = self._create_subscription()
        yearly = self._create_subscription(plan=self.yearly)
        self._bill()
        revision = self._preview()
        prices = {row.order_id: (row.old_price, row.new_price) for row in revision.line_ids}
        self.assertEqual(prices, {monthly: (12.0, 13.2), yearly: (120.0, 132.0)})
        self.assertEqual(revision.line_count, 2)
        self.assertAlmostEqual(revision.mrr_before, 22.0)
        self.assertAlmostEqual(revision.mrr_after, 24.2)
        self.assertAlmostEqual(revision.mrr_effect, 2.2)

    def test_what_was_left_out_by_hand_stays_out_and_counts_no_more(self):
        self._create_subscription()
        second = self._create_subscription()
        revision = self._preview()
        row = self._row(revision, second.order_line)
        row.action_leave_out()
        self.assertEqual((revision.line_count, revision.left_out_count), (1, 1))
        self.assertAlmostEqual(revision.mrr_before, 12.0)
        revision.action_preview()
        self.assertEqual((revision.line_count, revision.left_out_count), (1, 1))
        self._row(revision, second.order_line).action_take_in()
        self.assertEqual(revision.line_count, 2)

    def test_a_preview_counts_until_its_settings_change(self):
        self._create_subscription()
        revision = self._preview()
        self.assertTrue(revision.previewed_on)
        revision.percentage = 20.0
        self.assertFalse(revision.previewed_on)
        with self.assertRaisesRegex(UserError, "preview the new prices first"):
            revision.action_plan()
        revision.action_preview()
        self.assertEqual(revision.line_ids.new_price, 14.4)

    def test_prices_are_rounded_to_a_multiple_and_get_their_ending(self):
        order = self._create_subscription(lines=[self._line(price_unit=12.34)])
        for rounding, ending, price in ((0.0, 0.0, 13.57), (0.05, 0.0, 13.55), (1.0, -0.01, 13.99)):
            revision = self._preview(rounding=rounding, ending=ending)
            self.assertEqual(self._row(revision, order.order_line).new_price, price)

    def test_an_amount_is_added_in_its_currency_only(self):
        dollars, euros = self._create_subscription(), self._create_in_euros()
        revision = self._preview(method="amount", amount=1.5, currency_id=self.company.currency_id.id)
        self.assertEqual(revision.line_ids.order_id & (dollars | euros), dollars)
        self.assertEqual(self._row(revision, dollars.order_line).new_price, 13.5)
        with self.assertRaisesRegex(ValidationError, "in which currency"):
            revision.currency_id = False

    def test_two_currencies_are_summed_in_that_of_the_company(self):
        dollars, euros = self._create_subscription(), self._create_in_euros()
        revision = self._preview()
        mrr = euros.order_line.subscription_mrr
        rate = euros.currency_id._convert(1.0, self.company.currency_id, self.company, date(2026, 1, 1), round=False)
        self.assertEqual(revision.line_ids.order_id, dollars | euros)
        self.assertAlmostEqual(revision.mrr_before, 12.0 + mrr * rate)
        self.assertAlmostEqual(revision.mrr_after, 1.1 * (12.0 + mrr * rate), places=2)

    def test_prices_of_a_currency_without_decimals_stay_whole(self):
        order = self._create_in_yen(990)
        revision = self._preview(percentage=3.33, currency_id=order.currency_id.id)
        self.assertEqual(revision.line_ids.new_price, 1023.0)

    def test_a_price_finer_than_the_coin_stays_fine(self):
        self.env.ref("product.decimal_price").digits = 4
        order = self._create_subscription(lines=[self._line(price_unit=0.0525, product_uom_qty=1000)])
        self.assertEqual(self._row(self._preview(), order.order_line).new_price, 0.0578)

    def test_filters_choose_whose_prices_change(self):
        tag = self.env["res.partner.category"].create({"name": "School"})
        school = self.env["res.partner"].create({"name": "School", "is_company": True, "category_id": tag.ids})
        teacher = self.env["res.partner"].create({"name": "Teacher", "parent_id": school.id})
        template = self.env["sale.order.template"].create({"name": "Offer"})
        archive = self._create_recurring_product("Archive", {self.monthly: 5.0})
        plain = self._create_subscription()
        yearly = self._create_subscription(plan=self.yearly)
        tagged_order = self._create_subscription(partner_id=teacher.id)
        templated = self._create_subscription(sale_order_template_id=template.id)
        other = self._create_subscription(lines=[self._line(archive)])
        everything = plain | yearly | tagged_order | templated | other
        for filters, expected in (
            ({}, everything),
            ({"plan_ids": self.yearly.ids}, yearly),
            ({"product_ids": archive.product_tmpl_id.ids}, other),
            ({"tag_ids": tag.ids}, tagged_order),
            ({"template_ids": template.ids}, templated),
            ({"plan_ids": self.monthly.ids, "tag_ids": tag.ids}, tagged_order),
        ):
            with self.subTest(filters=filters):
                revision = self._preview(**{name: [Command.set(ids)] for name, ids in filters.items()})
                self.assertEqual(revision.line_ids.order_id, expected)

    def test_only_running_lines_are_found(self):
        running, closed = self._create_subscription(), self._create_subscription()
        quotation, future = self._create_quotation(), self._create_quotation(subscription_start="2026-06-01")
        future.action_confirm()
        closed.sudo()._subscription_close(
            date(2026, 1, 1), self.env.ref("sale_subscription_plus.close_reason_expensive")
        )
        revision = self._preview()
        self.assertEqual(revision.line_ids.order_id, running)
        self.assertNotIn(quotation, revision.skipped_ids.order_id)

    def test_nothing_found_is_told(self):
        with self.assertRaisesRegex(UserError, "no running subscription fits"):
            self._preview(plan_ids=[Command.set(self.yearly.ids)])

    def test_what_cannot_be_revised_is_told_with_its_reason(self):
        ending = self._create_subscription()
        ending.order_line.sudo().subscription_end = date(2026, 2, 15)
        discount = self._create_subscription(lines=[self._line(), self._line(price_unit=-2.0)])
        free = self._create_subscription(lines=[self._line(price_unit=0.0)])
        planned = self._create_subscription()
        self._schedule(planned.order_line, 20.0, "2026-05-01")
        revision = self._preview()
        self.assertRegex(self._row(revision, ending.order_line).problem, "Ends on 02/15/2026")
        self.assertRegex(self._row(revision, discount.order_line[1]).problem, "A discount, kept as agreed")
        self.assertRegex(self._row(revision, free.order_line).problem, "stays as it is")
        self.assertRegex(self._row(revision, planned.order_line).problem, "Another change is planned for 05/01/2026")
        self.assertEqual(revision.line_ids.line_id, discount.order_line[0])
        self.assertEqual(revision.skipped_count, 4)

    def test_whose_price_is_fresh_can_be_left_alone(self):
        old = self._create_subscription("2026-01-01")
        revised = self._create_subscription("2026-01-01")
        self._set_today("2026-02-01")
        fresh = self._create_subscription("2026-02-01")
        first = self._preview(effective_on="2026-03-01")
        (self._row(first, old.order_line) | self._row(first, fresh.order_line)).action_leave_out()
        first.action_plan()
        self._bill("2026-02-01")
        self._bill("2026-03-01")
        self.assertEqual(str(revised.order_line.subscription_last_revision_on), "2026-03-01")
        self.assertFalse(old.order_line.subscription_last_revision_on)
        second = self._preview(effective_on="2026-06-01", unchanged_since="2026-02-01")
        self.assertEqual(second.line_ids.order_id, old)

    def test_settings_that_make_no_sense_are_refused(self):
        self._create_subscription()
        for values, sentence in (
            ({"percentage": 0.0}, "say by how much"),
            ({"effective_on": "2026-01-01"}, "from 01/02/2026 at the earliest"),
        ):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, sentence):
                self._preview(**values)
        with self.assertRaisesRegex(ValidationError, "negative"):
            self._create_revision(rounding=-1.0)

    def test_customers_who_are_told_must_have_their_days_of_notice(self):
        self._create_subscription()
        template = self.env.ref("sale_subscription_plus.mail_template_price_notice").id
        with self.assertRaisesRegex(UserError, "from 03/02/2026 at the earliest.* 60 days ahead"):
            self._preview(notice_template_id=template, notice_days=60)
        self._preview(notice_template_id=template, notice_days=59)

    def test_the_form_previews_and_leaves_a_line_out(self):
        self._create_subscription()
        with Form(self.env["subscription.price.revision"]) as form:
            form.name = "By hand"
            form.effective_on = "2026-03-01"
            form.percentage = 5
            form.notice_template_id = self.env["mail.template"]
        revision = form.save()
        revision.action_preview()
        with Form(revision) as form, form.line_ids.edit(0) as row:
            row.included = False
        self.assertEqual(revision.line_count, 0)
        with self.assertRaisesRegex(UserError, "no price is left"):
            revision.action_plan()

    # Help

    def _create_in_euros(self):
        return self._create_in(self.env.ref("base.EUR"), 12.0)

    def _create_in_yen(self, price):
        return self._create_in(self.env.ref("base.JPY"), price)

    def _create_in(self, currency, price):
        currency.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", currency.id)]).unlink()
        self.env["res.currency.rate"].create({"currency_id": currency.id, "rate": 2.0, "name": "2020-01-01"})
        pricelist = self.env["product.pricelist"].create({"name": currency.name, "currency_id": currency.id})
        return self._create_subscription(lines=[self._line(price_unit=price)], pricelist_id=pricelist.id)

    def _schedule(self, line, price, day):
        return (
            self.env["subscription.change"]
            .sudo()
            ._schedule(
                [{"line_id": line.id, "kind": "price", "price_unit": price, "effective_on": date.fromisoformat(day)}]
            )
        )


@tagged("-at_install", "post_install")
class TestPlanAndApply(RevisionCommon):
    def test_what_is_billed_is_what_was_previewed(self):
        monthly = self._create_subscription(lines=[self._line(discount=10.0, product_uom_qty=3)])
        yearly = self._create_subscription(plan=self.yearly)
        self._bill()
        revision = self._plan(percentage=5.0)
        self.assertEqual(revision.state, "planned")
        self._bill_until("2027-01-01")
        self.assertEqual(
            self._get_prices(monthly)[:4],
            [("2026-01-01", 12.0), ("2026-02-01", 12.0), ("2026-03-01", 12.6), ("2026-04-01", 12.6)],
        )
        self.assertEqual(self._get_prices(yearly), [("2026-01-01", 120.0), ("2027-01-01", 126.0)])
        invoice = self._get_invoices(monthly)[2]
        self.assertEqual((invoice.invoice_line_ids.discount, invoice.amount_untaxed), (10.0, 34.02))
        self.assertEqual(monthly.order_line.subscription_mrr, 34.02)
        self.assertTiled(monthly | yearly)
        self.assertEventsSumToMRR(monthly | yearly)

    def test_nothing_is_prorated_in_the_middle_of_a_period(self):
        order = self._create_subscription("2026-01-17")
        self._bill("2026-01-17")
        self._plan(effective_on="2026-03-01")
        for day in ("2026-02-17", "2026-03-01", "2026-03-17"):
            self._bill(day)
        self.assertEqual(self._get_prices(order), [("2026-01-17", 12.0), ("2026-02-17", 12.0), ("2026-03-17", 13.2)])
        self.assertEqual(set(order.subscription_period_ids.mapped("kind")), {"regular"})

    def test_in_arrears_the_period_that_runs_is_billed_at_the_old_price(self):
        arrears = self._create_plan("Arrears", billing_timing="arrears")
        order = self._create_subscription(lines=[self._line(price_unit=12.0)], plan=arrears)
        self._plan(effective_on="2026-02-01")
        for day in ("2026-02-01", "2026-03-01"):
            self._bill(day)
        self.assertEqual(self._get_prices(order), [("2026-02-01", 12.0), ("2026-03-01", 13.2)])

    def test_prices_with_tax_included_keep_it(self):
        tax = self.company_data["default_tax_sale"].copy(
            {"name": "In", "amount": 20.0, "amount_type": "percent", "price_include_override": "tax_included"}
        )
        order = self._create_subscription(lines=[self._line(price_unit=12.0, tax_ids=[Command.set(tax.ids)])])
        self._bill()
        revision = self._plan()
        row = self._row(revision, order.order_line)
        self.assertEqual((row.old_price, row.new_price), (12.0, 13.2))
        self.assertAlmostEqual(row.mrr_after, 11.0)
        self._bill_until("2026-03-01")
        invoice = self._get_invoices(order)[-1]
        self.assertEqual((invoice.amount_total, invoice.amount_untaxed), (13.2, 11.0))

    def test_each_order_tells_what_is_planned(self):
        order = self._create_subscription()
        revision = self._plan()
        body = order.message_ids[0].body
        self.assertIn("Spring", body)
        self.assertIn("12.00", body)
        self.assertIn("13.20", body)
        change = order.subscription_change_ids
        self.assertEqual((change.revision_id, change.state, change.kind), (revision, "planned", "price"))

    def test_the_progress_is_counted(self):
        first = self._create_subscription("2026-01-01")
        self._create_subscription("2026-01-01", plan=self.yearly)
        self._bill("2026-01-01")
        revision = self._plan()
        self.assertEqual(self._count(revision), (2, 0, 0))
        self._bill_until("2026-03-01")
        self.assertEqual(self._count(revision), (1, 1, 1))
        self.assertEqual(self._row(revision, first.order_line).progress, "billed")
        self._run_cron()
        self.assertEqual(revision.state, "planned")
        self._bill_until("2027-01-01")
        self._run_cron()
        self.assertEqual((revision.state, self._count(revision)), ("done", (0, 2, 2)))

    def _count(self, revision):
        revision.invalidate_recordset()
        return revision.planned_count, revision.applied_count, revision.billed_count

    def test_prices_that_come_to_nothing_are_refused(self):
        order = self._create_subscription()
        archive = self._create_recurring_product("Archive", {self.monthly: 5.0})
        small = self._create_subscription(lines=[self._line(archive)])
        revision = self._preview(method="amount", amount=-5.0, currency_id=self.company.currency_id.id)
        with self.assertRaisesRegex(UserError, rf"above zero.*{small.name} \(Archive\)"):
            revision.action_plan()
        self._row(revision, small.order_line).action_leave_out()
        revision.action_plan()
        self.assertEqual(order.subscription_change_ids.price_unit, 7.0)
        self.assertFalse(small.subscription_change_ids)

    def test_many_are_planned_in_batches_by_the_scheduled_action(self):
        orders = self.env["sale.order"].union(*(self._create_subscription() for _number in range(5)))
        self.patch(plan_module, "BATCH", 2)
        revision = self._plan()
        self.assertEqual((revision.planned_count, revision.to_plan_count), (2, 3))
        self._run_cron()
        revision.invalidate_recordset()
        self.assertEqual((revision.planned_count, revision.to_plan_count), (5, 0))
        self._run_cron()
        self.assertEqual(len(orders.subscription_change_ids), 5)

    def test_a_line_that_changed_since_the_preview_is_left_alone_and_told(self):
        priced, closed = self._create_subscription(), self._create_subscription()
        fine = self._create_subscription()
        revision = self._preview()
        priced.order_line.price_unit = 11.0
        closed.sudo()._subscription_close(
            date(2026, 1, 1), self.env.ref("sale_subscription_plus.close_reason_expensive")
        )
        revision.action_plan()
        self.assertEqual(revision.change_ids.order_id, fine)
        self.assertRegex(self._row(revision, priced.order_line).problem, "Another price was agreed")
        self.assertRegex(self._row(revision, closed.order_line).problem, "Does not run any more")

    def test_a_price_that_is_agreed_later_wins(self):
        order = self._create_subscription()
        self._bill()
        revision = self._plan()
        order.order_line.price_unit = 11.0
        self._bill_until("2026-03-01")
        self.assertEqual(self._get_prices(order)[-1], ("2026-03-01", 11.0))
        self.assertEqual(order.subscription_change_ids.state, "cancelled")
        self.assertRegex(self._row(revision, order.order_line).problem, "Another price was agreed")

    def test_a_pause_that_moves_the_periods_moves_the_new_price_with_them(self):
        order = self._create_subscription()
        self._bill()
        self._plan()
        self.env["subscription.change"].sudo()._schedule(
            [
                {
                    "order_id": order.id,
                    "kind": "pause",
                    "effective_on": date(2026, 1, 11),
                    "resume_on": date(2026, 1, 21),
                    "compensation": "carry",
                }
            ]
        )
        for day in ("2026-01-11", "2026-01-21", "2026-02-11", "2026-03-01", "2026-03-11"):
            self._bill(day)
        self.assertEqual(self._get_prices(order), [("2026-01-01", 12.0), ("2026-02-11", 12.0), ("2026-03-11", 13.2)])
        self.assertFalse(order.subscription_period_ids.filtered(lambda row: row.kind in ("proration", "credit")))

    def test_what_is_planned_cannot_be_set_otherwise_any_more(self):
        self._create_subscription()
        revision = self._plan()
        with self.assertRaisesRegex(UserError, "settings cannot change"):
            revision.percentage = 5.0
        with self.assertRaisesRegex(UserError, "not a draft any more"):
            revision.line_ids.included = False
        with self.assertRaisesRegex(UserError, "stays as history"):
            revision.unlink()
        with self.assertRaisesRegex(UserError, "not a draft any more"):
            revision.action_plan()
        revision.name = "Spring sale"

    def test_a_duplicate_starts_as_a_draft_without_prices(self):
        self._create_subscription()
        revision = self._plan()
        duplicate = revision.copy()
        self.assertEqual((duplicate.state, duplicate.name), ("draft", "Spring (copy)"))
        self.assertFalse(duplicate.line_ids or duplicate.previewed_on or duplicate.change_ids)


@tagged("-at_install", "post_install")
class TestUndo(RevisionCommon):
    def test_what_is_planned_never_comes(self):
        order = self._create_subscription()
        self._bill()
        revision = self._plan()
        revision.action_undo()
        self.assertEqual((revision.state, order.subscription_change_ids.state), ("undone", "cancelled"))
        self._bill_until("2026-03-01")
        self.assertEqual(self._get_prices(order)[-1], ("2026-03-01", 12.0))
        self.assertEqual(self._row(revision, order.order_line).progress, "undone")

    def test_what_is_applied_but_not_billed_is_put_back(self):
        arrears = self._create_plan("Arrears", billing_timing="arrears")
        order = self._create_subscription(lines=[self._line(price_unit=12.0)], plan=arrears)
        revision = self._plan(effective_on="2026-02-01")
        self._bill("2026-02-01")
        self.assertEqual(order.order_line.price_unit, 13.2)
        self._set_today("2026-02-10")
        revision.action_undo()
        self.assertEqual(order.order_line.price_unit, 12.0)
        self._bill("2026-03-01")
        self.assertEqual(self._get_prices(order), [("2026-02-01", 12.0), ("2026-03-01", 12.0)])
        self.assertFalse(order.order_line.subscription_last_revision_on)
        self.assertTiled(order)
        self.assertEventsSumToMRR(order)

    def test_what_is_billed_stays_with_its_reason(self):
        monthly = self._create_subscription()
        yearly = self._create_subscription(plan=self.yearly)
        self._bill()
        revision = self._plan()
        self._bill_until("2026-03-01")
        revision.action_undo()
        self.assertEqual(monthly.order_line.price_unit, 13.2)
        row = self._row(revision, monthly.order_line)
        invoice = self._get_invoices(monthly)[-1]
        self.assertEqual(row.undo_problem, f"{invoice.name} bills the new price from 03/01/2026")
        self.assertEqual((row.progress, self._row(revision, yearly.order_line).progress), ("billed", "undone"))
        self._bill_until("2027-01-01")
        self.assertEqual(self._get_prices(yearly)[-1], ("2027-01-01", 120.0))

    def test_once_all_is_billed_nothing_can_be_undone(self):
        self._create_subscription()
        self._bill()
        revision = self._plan()
        self._bill_until("2026-03-01")
        with self.assertRaisesRegex(UserError, "all prices are billed"):
            revision.action_undo()
        self.assertEqual(revision.state, "planned")

    def test_what_changed_since_is_not_put_back(self):
        arrears = self._create_plan("Arrears", billing_timing="arrears")
        first, second = (
            self._create_subscription("2026-01-01", [self._line(price_unit=12.0)], plan=arrears) for _time in range(2)
        )
        revision = self._plan(effective_on="2026-02-01")
        self._bill("2026-02-01")
        self.env["subscription.change"].sudo()._schedule(
            [{"line_id": first.order_line.id, "kind": "quantity", "quantity": 2.0, "effective_on": date(2026, 2, 1)}]
        )
        revision.action_undo()
        self.assertEqual((first.order_line.price_unit, second.order_line.price_unit), (13.2, 12.0))
        self.assertRegex(self._row(revision, first.order_line).undo_problem, "has changed since")

    def test_what_was_not_planned_yet_never_is(self):
        for _number in range(3):
            self._create_subscription()
        self.patch(plan_module, "BATCH", 1)
        revision = self._plan()
        revision.action_undo()
        self._run_cron()
        self.assertEqual(revision.change_ids.mapped("state"), ["cancelled"])

    def test_a_draft_has_nothing_to_undo(self):
        with self.assertRaisesRegex(UserError, "nothing to undo"):
            self._create_revision().action_undo()


@tagged("-at_install", "post_install")
class TestNotice(RevisionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env.ref("sale_subscription_plus.mail_template_price_notice")
        cls.other = cls.env["res.partner"].create({"name": "Bob", "email": "bob@example.com"})
        cls.silent = cls.env["res.partner"].create({"name": "No Address"})

    def _get_mails(self, revision):
        return self.env["mail.mail"].search(
            [("model", "=", "subscription.price.notice"), ("res_id", "in", revision.notice_ids.ids)]
        )

    def _plan_told(self, **values):
        return self._plan(notice_template_id=self.template.id, notice_days=30, **values)

    def test_each_customer_is_told_once_some_days_before_their_first_new_price(self):
        self._create_subscription()
        self._create_subscription()
        self._create_subscription(partner_id=self.other.id, plan=self.yearly)
        self._bill()
        revision = self._plan_told()
        self._set_today("2026-01-29")
        self._run_cron()
        self.assertFalse(revision.notice_ids)
        self._set_today("2026-01-30")
        self._run_cron()
        self._run_cron()
        self.assertEqual(revision.notice_ids.partner_id, self.customer)
        mail = self._get_mails(revision)
        self.assertEqual((len(mail), mail.recipient_ids), (1, self.customer))
        self.assertEqual(mail.body_html.count("03/01/2026"), 2)
        for text in ("$ 12.00 / month", "$ 13.20 / month", "03/01/2026", "Ada Reader"):
            self.assertIn(text, mail.body_html.replace("\N{NO-BREAK SPACE}", " "))
        self._set_today("2026-12-02")
        self._run_cron()
        self.assertEqual(revision.notice_ids.partner_id, self.customer | self.other)
        self.assertEqual(revision.notice_count, 2)

    def test_a_run_that_dies_tells_nobody_twice_and_forgets_nobody(self):
        self._create_subscription()
        self._create_subscription(partner_id=self.other.id)
        revision = self._plan_told()
        self._set_today("2026-02-15")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(ZeroDivisionError),
            self._test_mode(),
            self.registry.cursor() as cr,
        ):
            env = api.Environment(cr, SUPERUSER_ID, {})
            self.patch(type(env["mail.template"]), "send_mail_batch", lambda *_args, **_kwargs: 1 / 0)
            env["subscription.price.revision"]._cron_run()
        self.assertFalse(revision.notice_ids)
        self.env.registry.clear_cache()

    def test_batches_tell_everybody_once(self):
        self.patch_batch(1)
        self._create_subscription()
        self._create_subscription(partner_id=self.other.id)
        revision = self._plan_told()
        self._set_today("2026-02-15")
        self._run_cron()
        self._run_cron()
        self.assertEqual(revision.notice_ids.partner_id, self.customer | self.other)
        self.assertEqual(len(self._get_mails(revision)), 2)

    def patch_batch(self, size):
        from ..models import subscription_price_revision_notice as module

        self.patch(module, "BATCH", size)

    def test_who_has_no_address_is_shown_as_not_told(self):
        self._create_subscription(partner_id=self.silent.id)
        revision = self._plan_told()
        self._set_today("2026-02-15")
        self._run_cron()
        self.assertEqual((revision.notice_ids.partner_id, revision.notice_ids.email), (self.silent, False))
        self.assertFalse(self._get_mails(revision))

    def test_nobody_is_told_of_what_is_undone(self):
        self._create_subscription()
        revision = self._plan_told()
        revision.action_undo()
        self._set_today("2026-02-15")
        self._run_cron()
        self.assertFalse(revision.notice_ids)

    def test_who_was_told_of_what_is_undone_is_counted(self):
        self._create_subscription()
        revision = self._plan_told()
        self._set_today("2026-02-15")
        self._run_cron()
        revision.action_undo()
        self.assertIn("1 customers were told", revision.message_ids[0].body)


@tagged("-at_install", "post_install")
class TestRevisionRights(RevisionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {
            name: new_test_user(
                cls.env,
                f"{name}_revision",
                groups=group,
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for name, group in {
                "salesman": "sales_team.group_sale_salesman",
                "leader": "sales_team.group_sale_salesman_all_leads",
                "manager": "sales_team.group_sale_manager",
                "accountant": "account.group_account_manager",
                "admin": "sale_subscription_plus.group_subscription_admin",
                "portal": "base.group_portal",
            }.items()
        }

    def test_a_sales_manager_revises_previews_plans_and_undoes(self):
        order = self._create_subscription(user_id=self.people["salesman"].id)
        revision = self._create_revision().with_user(self.people["manager"])
        revision.action_preview()
        revision.line_ids.action_leave_out()
        revision.line_ids.action_take_in()
        revision.action_plan()
        self.assertEqual(order.subscription_change_ids.state, "planned")
        self.assertEqual((revision.planned_count, revision.billed_count), (1, 0))
        revision.action_undo()
        self.assertEqual(order.subscription_change_ids.state, "cancelled")

    def test_nobody_else_may_see_or_touch_a_revision(self):
        order = self._create_subscription(user_id=self.people["salesman"].id)
        revision = self._preview()
        for person in ("salesman", "leader", "accountant", "admin", "portal"):
            user = self.people[person]
            own = revision.with_user(user)
            row = revision.line_ids.with_user(user)
            for touch in (
                lambda own=own: own.read(["name"]),
                own.action_preview,
                own.action_plan,
                own.action_undo,
                lambda own=own: own.write({"percentage": 1.0}),
                lambda own=own: own.create({"name": "Mine", "effective_on": "2026-03-01"}),
                row.action_leave_out,
                row.action_view_order,
            ):
                with self.subTest(person=person), self.assertRaises(AccessError), mute_logger("odoo.models"):
                    touch()
        self.assertEqual(revision.state, "draft")
        self.assertFalse(order.subscription_change_ids)

    def test_not_even_a_manager_writes_what_the_revision_works_out(self):
        self._create_subscription()
        revision = self._preview().with_user(self.people["manager"])
        for record, values in (
            (revision, {"state": "done"}),
            (revision, {"previewed_on": "2026-01-01 00:00:00"}),
            (revision.line_ids, {"new_price": 1.0}),
            (revision.line_ids, {"problem": False}),
            (revision.line_ids, {"change_id": False}),
        ):
            with self.subTest(values=values), self.assertRaises(AccessError), mute_logger("odoo.models"):
                record.write(values)

    def test_no_context_of_a_caller_changes_what_is_planned(self):
        order = self._create_subscription()
        context = {
            "default_kind": "quantity",
            "default_state": "applied",
            "default_discount_periods": 3,
            "default_applied_on": "2020-01-01",
            "default_included": False,
            "default_problem": "Mine",
        }
        revision = self._create_revision().with_user(self.people["manager"]).with_context(**context)
        revision.action_preview()
        revision.action_plan()
        change = order.subscription_change_ids
        self.assertEqual(
            (change.kind, change.state, change.price_unit, change.discount_periods, change.applied_on),
            ("price", "planned", 13.2, 0, False),
        )
        self.assertEqual((revision.line_ids.included, revision.line_ids.problem), (True, False))

    def test_a_revision_stays_within_its_company(self):
        other = self.setup_other_company()["company"]
        ours = self._create_subscription()
        revision = self._preview()
        self.assertEqual(revision.line_ids.order_id, ours)
        foreign = self.env["subscription.price.revision"].create(
            {"name": "Theirs", "effective_on": "2026-03-01", "percentage": 5.0, "company_id": other.id}
        )
        own = foreign.with_user(self.people["manager"])
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            own.read(["name"])
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            own.action_preview()
