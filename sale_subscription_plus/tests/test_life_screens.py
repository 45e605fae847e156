"""The screens of a subscription's life: what they show before anybody confirms, and what is done then."""

from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import html2plaintext

from .common import SubscriptionCommon


class LifeCommon(SubscriptionCommon):
    """A magazine for 12.00 a month, billed for January 2026; it is the 16th, so 16 of 31 days are left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env.ref("sale_subscription_plus.close_reason_expensive")

    def setUp(self):
        super().setUp()
        self.order = self._create_subscription()
        self.line = self.order.order_line
        self._bill()
        self._set_today("2026-01-16")

    def _open(self, action, **values):
        """Open the wizard of a button as the web client does, and fill in ``values``."""
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        for name, value in values.items():
            form[name] = value
        return form

    def _enter(self, form, number=0, **values):
        with form.line_ids.edit(number) as line:
            for name, value in values.items():
                line[name] = value

    def _get_shown(self, form):
        """Return the preview as text, with one blank between words."""
        return " ".join(html2plaintext(form.preview or "").replace("\xa0", " ").replace("*", "").split())

    def _get_changes(self, order=None):
        return [
            (change.kind, str(change.effective_on), change.state)
            for change in (order or self.order).subscription_change_ids.sorted("id")
        ]


@tagged("-at_install", "post_install")
class TestChangeWizard(LifeCommon):
    def test_more_counts_from_today_and_the_money_is_shown_before(self):
        form = self._open(self.order.action_subscription_change())
        self.assertFalse(form.preview)
        self._enter(form, quantity=2)
        # 24.00 less 15 of 31 days (11.61) instead of 12.00 less 5.81
        for words in ("Charged today $ 6.20", "$ 12.00 → $ 24.00", "Quantity of Magazine: 1 → 2"):
            self.assertIn(words, self._get_shown(form))
        self.assertFalse(self.order.subscription_change_ids, "a preview writes nothing")
        form.save().action_confirm()
        self.assertEqual(self.line.product_uom_qty, 2)
        self.assertEqual(self._get_invoices(self.order)[1].amount_untaxed, 6.2)
        self.assertEqual(self._get_changes(), [("quantity", "2026-01-16", "applied")])

    def test_less_counts_from_the_end_of_what_was_billed(self):
        form = self._open(self.order.action_subscription_change())
        self._enter(form, price_unit=10.0)
        self.assertIn("Charged or credited on 02/01/2026 Nothing", self._get_shown(form))
        form.save().action_confirm()
        self.assertEqual(self._get_changes(), [("price", "2026-02-01", "planned")])
        self.assertEqual(self.order.subscription_planned_change_ids, self.order.subscription_change_ids)
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(self.order)[1].amount_untaxed, 10.0)
        self.assertEqual(self.order.subscription_past_change_ids, self.order.subscription_change_ids)

    def test_less_from_today_is_credited(self):
        form = self._open(self.order.action_subscription_change(), moment="now")
        self._enter(form, price_unit=6.0)
        # 6.00 less 15 of 31 days (2.90) instead of 6.19
        self.assertIn("Credited today $ 3.09", self._get_shown(form))
        form.save().action_confirm()
        credit_note = self.order.invoice_ids.filtered(lambda move: move.move_type == "out_refund")
        self.assertEqual(credit_note.amount_untaxed, 3.09)
        change = self.order.subscription_change_ids
        self.assertEqual((change.money, change.move_ids), (-3.09, credit_note))
        self.assertEqual(change.action_view_documents()["res_id"], credit_note.id)

    def test_another_plan_comes_with_its_price(self):
        form = self._open(self.order.action_subscription_change(), moment="period")
        with form.line_ids.edit(0) as line:
            line.plan_id = self.yearly
            self.assertEqual(line.price_unit, 120.0)
            line.plan_id = self.monthly
            self.assertEqual(line.price_unit, 12.0)
            line.plan_id = self.yearly
        self.assertIn("Plan of Magazine: Monthly → Yearly", self._get_shown(form))
        form.save().action_confirm()
        self._bill("2026-02-01")
        self.assertEqual(self.line.subscription_plan_id, self.yearly)
        self.assertEqual(self._get_invoices(self.order)[1].amount_untaxed, 120.0)

    def test_a_discount_for_some_periods_ends_by_itself(self):
        form = self._open(self.order.action_subscription_change(), moment="period")
        self._enter(form, discount=50.0)
        self._enter(form, discount_periods=2)
        form.save().action_confirm()
        for month in (2, 3, 4):
            self._bill(f"2026-{month:02}-01")
        self.assertEqual(self._get_invoices(self.order).mapped("amount_untaxed"), [12.0, 6.0, 6.0, 12.0])

    def test_lines_that_rise_and_lines_that_fall_each_have_their_day(self):
        order = self._create_subscription(lines=[self._line(), self._line(product_uom_qty=2)])
        self._bill()
        form = self._open(order.action_subscription_change())
        self._enter(form, 0, quantity=2)
        self._enter(form, 1, quantity=1)
        shown = self._get_shown(form)
        # 12.00 + 24.00, then 24.00 + 24.00, then 24.00 + 12.00
        for words in ("$ 36.00 → $ 48.00", "$ 48.00 → $ 36.00", "on 02/16/2026"):
            self.assertIn(words, shown)
        form.save().action_confirm()
        self.assertEqual(
            self._get_changes(order), [("quantity", "2026-01-16", "applied"), ("quantity", "2026-02-16", "planned")]
        )

    def _assert_shown_is_billed(self, **entered):
        """Enter several values at once, and assert that what is charged or credited is what was shown."""
        form = self._open(self.order.action_subscription_change(), moment="now")
        for name, value in entered.items():
            self._enter(form, **{name: value})
        changes = form.save()._get_changes()
        shown = self.env["subscription.change"].sudo()._preview(changes)["adjustment"]["total"]
        before = self.order.invoice_ids
        form.save().action_confirm()
        billed = sum((self.order.invoice_ids - before).mapped("amount_total_signed"))
        self.assertAlmostEqual(shown, billed, places=2)
        return shown

    def test_several_changes_of_a_line_cost_what_they_come_to_together(self):
        # 2 × 10.00 less 15 of 31 days (9.68) instead of 12.00 less 5.81
        self.assertAlmostEqual(self._assert_shown_is_billed(quantity=2, price_unit=10.0), 10.32 - 6.19, places=2)

    def test_another_plan_and_another_quantity_cost_what_they_come_to_together(self):
        # 2 × 120.00 for the year, less what is left of January
        shown = self._assert_shown_is_billed(plan_id=self.yearly, quantity=2)
        self.assertAlmostEqual(shown, 240.0 - 6.19, places=2)

    def test_nonsense_is_refused_with_a_sentence_on_the_screen(self):
        form = self._open(self.order.action_subscription_change())
        for entered, words in (
            ({"quantity": -1}, "cannot be below zero"),
            ({"quantity": 1, "discount": 101.0}, "between 0 and 100"),
        ):
            self._enter(form, **entered)
            self.assertIn(words, form.problem)
            self.assertFalse(form.preview)
        self._enter(form, discount=10.0)
        self.assertFalse(form.problem)
        form.moment = "date"
        self.assertIn("Choose the first day", form.problem)
        form.date = "2026-01-15"
        self.assertIn("that day is over", form.problem)
        wizard = form.save()
        self.assertFalse(self.order.subscription_change_ids)
        with self.assertRaisesRegex(UserError, "that day is over"):
            wizard.action_confirm()

    def test_what_does_not_differ_is_no_change(self):
        wizard = self._open(self.order.action_subscription_change()).save()
        self.assertFalse(wizard.preview)
        with self.assertRaisesRegex(UserError, "Nothing differs"):
            wizard.action_confirm()

    def test_the_button_on_a_line_shows_that_line_only(self):
        order = self._create_subscription(lines=[self._line(), self._line()])
        form = self._open(order.order_line[1].action_subscription_change())
        self.assertEqual([line["line_id"] for line in form.line_ids._records], [order.order_line[1].id])

    def test_a_line_of_another_subscription_is_refused(self):
        other = self._create_subscription().order_line
        wizard = self.env["subscription.change.wizard"].create(
            {
                "order_id": self.order.id,
                "line_ids": [Command.create({**other._prepare_change_wizard_line(), "quantity": 5})],
            }
        )
        self.assertIn("is no line of", wizard.problem)
        with self.assertRaisesRegex(UserError, "is no line of"):
            wizard.action_confirm()

    def test_a_plan_of_another_company_is_refused(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.user.company_ids += company
        plan = self._create_plan("Theirs", company_id=company.id)
        wizard = self.env["subscription.change.wizard"].create(
            {"order_id": self.order.id, "line_ids": self.env["subscription.change.wizard"]._prepare_lines(self.line)}
        )
        with self.assertRaises(UserError):
            wizard.line_ids.plan_id = plan
            wizard.action_confirm()

    def test_what_does_not_run_cannot_change(self):
        quotation = self._create_quotation()
        self.order.sudo()._subscription_close(date(2026, 1, 16), self.reason)
        for order in (quotation, self.order):
            for button in ("action_subscription_change", "action_subscription_pause", "action_subscription_resume"):
                with self.subTest(button=button), self.assertRaisesRegex(UserError, "not possible now"):
                    getattr(order, button)()


@tagged("-at_install", "post_install")
class TestPauseAndResume(LifeCommon):
    def test_carried_days_are_told_and_come_back(self):
        form = self._open(self.order.action_subscription_pause())
        shown = self._get_shown(form)
        for words in ("Magazine: 16 paid days are served after the pause", "before somebody resumes it", "Nothing"):
            self.assertIn(words, shown)
        form.save().action_confirm()
        self.assertEqual(self.order.subscription_status, "paused")
        self._bill("2026-03-01")
        self.assertEqual(len(self._get_invoices(self.order)), 1)
        form = self._open(self.order.action_subscription_resume())
        # 16 days from 1 March
        self.assertIn("Next invoice 03/17/2026", self._get_shown(form))
        form.save().action_confirm()
        self.assertEqual(self.order.subscription_status, "progress")
        self.assertEqual(self.order.subscription_next_invoice_date, date(2026, 3, 17))

    def test_credited_days_are_shown_and_the_next_period_is_charged_at_once(self):
        form = self._open(self.order.action_subscription_pause(), compensation="credit")
        self.assertIn("Credited today $ 6.19", self._get_shown(form))
        form.save().action_confirm()
        self.assertEqual(self.order.invoice_ids.filtered(lambda m: m.move_type == "out_refund").amount_untaxed, 6.19)
        self._set_today("2026-03-01")
        form = self._open(self.order.action_subscription_resume())
        for words in ("Charged today $ 12.00", "Next invoice 04/01/2026", "$ 0.00 → $ 12.00"):
            self.assertIn(words, self._get_shown(form))
        form.save().action_confirm()
        self.assertEqual(self._get_invoices(self.order)[1:].mapped("amount_untaxed"), [12.0])
        self.assertEqual(self.order.subscription_next_invoice_date, date(2026, 4, 1))

    def test_a_pause_until_a_day_ends_by_itself(self):
        form = self._open(self.order.action_subscription_pause(), moment="period", duration="date")
        self.assertIn("Choose the day", form.problem)
        form.resume_on = "2026-01-20"
        self.assertIn("resumes after its pause began", form.problem)
        form.resume_on = "2026-04-01"
        self.assertIn("before it runs again on 04/01/2026", self._get_shown(form))
        form.save().action_confirm()
        self.assertEqual(self._get_changes(), [("pause", "2026-02-01", "planned")])
        self._bill("2026-02-01")
        self.assertEqual(self.order.subscription_status, "paused")
        self._bill("2026-04-01")
        self.assertEqual(self.order.subscription_status, "progress")
        self.assertEqual(self._get_invoices(self.order).mapped("amount_untaxed"), [12.0, 12.0])

    def test_resuming_on_a_date_waits_for_it(self):
        self._open(self.order.action_subscription_pause(), compensation="credit").save().action_confirm()
        form = self._open(self.order.action_subscription_resume(), moment="date")
        self.assertIn("Choose the day", form.problem)
        form.date = "2026-02-10"
        form.save().action_confirm()
        self.assertEqual(self.order.subscription_status, "paused")
        self._bill("2026-02-10")
        self.assertEqual(self.order.subscription_status, "progress")
        self.assertEqual(self._get_invoices(self.order)[1].amount_untaxed, 12.0)

    def test_a_planned_pause_is_cancelled_by_the_button(self):
        self._open(self.order.action_subscription_pause(), moment="period").save().action_confirm()
        self.order.subscription_planned_change_ids.action_cancel()
        self.assertEqual(self._get_changes(), [("pause", "2026-02-01", "cancelled")])
        self.assertEqual(self._bill("2026-02-01")["invoices"], 1)
        with self.assertRaisesRegex(UserError, "no planned change"):
            self.order.subscription_change_ids.action_cancel()


@tagged("-at_install", "post_install")
class TestCloseAndReopen(LifeCommon):
    def test_the_credit_of_a_close_is_shown_before(self):
        form = self._open(self.order.action_subscription_close(), credit=True)
        self.assertFalse(form.preview)
        self.assertFalse(form.problem)
        form.reason_id = self.reason
        self.assertIn("Credited today $ 6.19", self._get_shown(form))
        form.save().action_close()
        self.assertEqual(self.order.subscription_status, "closed")
        self.assertEqual(self.order.invoice_ids.filtered(lambda m: m.move_type == "out_refund").amount_untaxed, 6.19)

    def test_several_orders_each_have_their_figures(self):
        other = self._create_subscription()
        self._bill()
        orders = self.order | other
        form = self._open(orders.action_subscription_close(), credit=True, reason_id=self.reason)
        shown = self._get_shown(form)
        for words in (f"{self.order.name}, Ada Reader", "$ 6.19", f"{other.name}, Ada Reader", "$ 12.00"):
            self.assertIn(words, shown)
        form.save().action_close()
        self.assertEqual(set(orders.mapped("subscription_status")), {"closed"})

    def test_at_the_end_of_the_period_there_is_nothing_to_credit(self):
        form = self._open(self.order.action_subscription_close(), credit=True, reason_id=self.reason, moment="period")
        self.assertIn("Charged or credited on 02/01/2026 Nothing", self._get_shown(form))
        form.save().action_close()
        self._bill("2026-02-01")
        self.assertEqual(self.order.subscription_status, "closed")
        self.assertEqual(len(self.order.invoice_ids), 1)

    def test_a_day_before_the_start_is_refused_on_the_screen(self):
        order = self._create_subscription(subscription_start="2026-03-01")
        form = self._open(order.action_subscription_close(), reason_id=self.reason)
        self.assertIn("cannot end before it starts", form.problem)
        self.assertFalse(form.preview)

    def test_reopening_tells_of_the_gap_and_of_what_was_credited(self):
        form = self._open(self.order.action_subscription_close(), credit=True, reason_id=self.reason)
        form.save().action_close()
        self._set_today("2026-02-10")
        form = self._open(self.order.action_subscription_reopen_ask())
        for words in (
            "the days 01/16/2026 – 02/09/2026 are not billed",
            "from 02/10/2026",
            "stay credited",
        ):
            self.assertIn(words, form.summary)
        form.save().action_reopen()
        self.assertEqual(self.order.subscription_status, "progress")
        self._bill()
        self.assertEqual(self._get_invoices(self.order).mapped("amount_untaxed"), [12.0, 12.0])
        self.assertTiled(self.order)

    def test_reopening_what_runs_is_refused(self):
        form = self._open(self.order.action_subscription_reopen_ask())
        self.assertIn("does not close", form.summary)
        with self.assertRaisesRegex(UserError, "nothing to reopen"):
            form.save().action_reopen()
