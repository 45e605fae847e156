from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form

from .charging_common import ChargingCommon


class TestDunning(ChargingCommon):
    """What happens to an invoice that stays unpaid, day by day."""

    def _play(self, order, answer, days):
        """Charge day by day in January; return {day: payment status} of the days on which it changed."""
        charge = self._get_charge(order)
        told = {}
        for day in range(1, days + 1):
            self._charge(answer, f"2026-01-{day:02}")
            if order.subscription_payment_status != list(told.values() or [None])[-1]:
                told[day] = order.subscription_payment_status
        return told, charge

    def test_grace_and_suspension_follow_a_declined_payment_day_by_day(self):
        told, charge = self._play(self._create_automatic(), "soft", 15)
        self.assertEqual(told, {1: "retrying", 8: "grace", 11: "suspended"})
        self.assertEqual(charge.state, "given_up")

    def test_customers_who_pay_by_hand_are_reminded_and_never_charged(self):
        order = self._create_subscription("2026-01-01")
        self._bill()
        told, charge = self._play(order, "done", 30)
        self.assertEqual(told, {1: "ok", 2: "overdue", 11: "suspended"})
        self.assertEqual(charge.attempt_count, 0)
        self._charge("done", "2026-01-31")
        self.assertEqual((charge.state, order.subscription_status), ("given_up", "closed"))

    def test_the_final_action_can_pause_and_payment_resumes_without_giving_days_back(self):
        self.policy.final_action = "pause"
        order = self._create_automatic()
        _told, charge = self._play(order, "soft", 15)
        self.assertEqual((order.subscription_status, order.subscription_mrr), ("paused", 0.0))
        self.assertFalse(order.subscription_next_invoice_date)
        self._bill("2026-02-10")
        charge.action_retry()
        self._charge("done")
        self.assertEqual((charge.state, order.subscription_status), ("paid", "progress"))
        self.assertEqual(
            self._get_spans(order)[-1], ("2026-02-01", "2026-02-10", "skip"), "Paused days are not billed afterwards."
        )
        self.assertEqual(order.subscription_next_invoice_date, self._date("2026-02-10"))
        self.assertTiled(order)
        self.assertEventsSumToMRR(order)

    def test_the_final_action_can_keep_the_subscription(self):
        self.policy.final_action = "keep"
        order = self._create_automatic()
        _told, charge = self._play(order, "soft", 15)
        self.assertEqual((charge.state, order.subscription_status), ("given_up", "progress"))
        self.assertEqual(order.subscription_payment_status, "suspended")

    def test_late_payment_reopens_where_the_policy_says_so(self):
        self.policy.reopen_on_payment = True
        order = self._create_automatic()
        _told, charge = self._play(order, "soft", 15)
        self.assertEqual(order.subscription_status, "closed")
        card = self._create_token()
        order.subscription_token_id = card
        self._charge("done")
        self.assertEqual((charge.state, order.subscription_status), ("paid", "progress"))

    def test_of_two_unpaid_invoices_the_first_closes_and_the_second_only_gives_up(self):
        order = self._create_automatic()
        self._bill("2026-02-01")
        self._charge("soft")
        self._charge("soft", "2026-02-12")
        self._charge("soft", "2026-02-15")
        self.assertEqual(order.subscription_status, "closed")
        self.assertEqual(set(order.subscription_charge_ids.mapped("state")), {"given_up"})
        self.assertEqual(len(order.subscription_charge_ids.final_order_ids), 1)

    def test_steps_that_were_missed_are_caught_up_without_a_flood_of_mails(self):
        order = self._create_subscription("2026-01-01")
        self._bill()
        charge = self._get_charge(order)
        before = self.env["mail.mail"].sudo().search_count([])
        self._charge(day="2026-01-29")
        self.assertLessEqual(self.env["mail.mail"].sudo().search_count([]) - before, 1)
        self.assertEqual(charge.next_step_on, self._date("2026-02-01"), "three days after the warning")

    def test_nobody_loses_a_subscription_without_a_warning_however_long_the_run_was_out(self):
        order = self._create_subscription("2026-01-01")
        self._bill()
        charge = self._get_charge(order)
        self._charge(day="2026-06-01")
        self.assertEqual((order.subscription_status, charge.warned_on), ("progress", self._date("2026-06-01")))
        self._charge(day="2026-06-03")
        self.assertEqual(order.subscription_status, "progress")
        self._charge(day="2026-06-04")
        self.assertEqual((order.subscription_status, charge.state), ("closed", "given_up"))

    def test_an_attempt_that_fails_after_the_final_action_leaves_it_given_up(self):
        order = self._create_automatic()
        _told, charge = self._play(order, "soft", 15)
        charge.action_retry()
        for day in ("2026-02-01", "2026-02-02", "2026-02-04", "2026-02-08"):
            self.assertEqual(len(self._charge("soft", day).sent), 1)
        self.assertEqual(charge.state, "given_up")

    def test_nothing_is_dunned_while_the_outcome_is_open(self):
        order = self._create_automatic()
        self._charge("no_answer")
        self._charge("done", "2026-03-01")
        self.assertEqual((self._get_charge(order).state, order.subscription_status), ("unknown", "progress"))

    def test_crediting_the_invoice_ends_its_collection(self):
        order = self._create_automatic()
        self._charge("soft")
        charge = self._get_charge(order)
        self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=charge.move_id.ids
        ).create({"journal_id": charge.move_id.journal_id.id}).refund_moves()
        refund = charge.move_id.reversal_move_ids
        refund.action_post()
        (charge.move_id + refund).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable" and not line.reconciled
        ).reconcile()
        self.assertEqual((charge.state, order.subscription_payment_status), ("dropped", "ok"))
        self.assertEqual(self._charge(day="2026-01-02").sent, [])

    def test_an_invoice_set_back_to_draft_is_not_charged_and_is_again_once_it_is_posted(self):
        order = self._create_automatic()
        charge = self._get_charge(order)
        charge.move_id.button_draft()
        self.assertEqual((charge.state, self._charge().sent), ("dropped", []))
        charge.move_id.action_post()
        self.assertEqual(self._charge().amounts, [12.0])
        self.assertEqual(charge.state, "paid")

    def test_an_invoice_whose_payment_is_under_way_cannot_be_cancelled_or_edited(self):
        order = self._create_automatic()
        self._charge("pending")
        move = self._get_charge(order).move_id
        for method in (move.button_draft, move.button_cancel):
            with self.assertRaisesRegex(UserError, "under way"):
                method()

    def test_removing_the_method_leaves_the_customer_to_pay_by_hand(self):
        order = self._create_automatic()
        self._charge("soft")
        order.subscription_token_id = False
        charge = self._get_charge(order)
        self.assertEqual((charge.is_automatic, charge.next_attempt_on), (False, False))
        self.assertTrue(charge.next_step_on)


class TestPolicy(ChargingCommon):
    def test_days_that_are_no_growing_numbers_are_refused(self):
        for text in ("1, x", "3, 1", "0", "1, 1", "-2"):
            with self.subTest(text), self.assertRaisesRegex(ValidationError, "growing numbers"):
                self.policy.retry_days = text

    def test_retries_beyond_the_final_action_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "beyond the final action"):
            self.policy.retry_days = "1, 20"

    def test_without_retries_the_first_soft_decline_is_the_last(self):
        self.policy.retry_days = False
        order = self._create_automatic()
        self._charge("soft")
        self.assertEqual(self._get_charge(order).state, "exhausted")

    def test_a_policy_that_collects_cannot_be_deleted(self):
        self._create_automatic()
        with self.assertRaisesRegex(UserError, "Archive"):
            self.policy.unlink()

    def test_orders_take_the_policy_of_template_plan_or_company(self):
        other = self.env["subscription.dunning.policy"].create({"name": "Mild"})
        self.assertEqual(self._create_quotation().subscription_dunning_policy_id, self.policy)
        self.monthly.dunning_policy_id = False
        self.company.subscription_dunning_policy_id = other
        self.assertEqual(self._create_quotation().subscription_dunning_policy_id, other)
        template = self.env["sale.order.template"].create(
            {"name": "Paper", "subscription_dunning_policy_id": self.policy.id}
        )
        order = self._create_quotation(sale_order_template_id=template.id)
        self.assertEqual(order.subscription_dunning_policy_id, self.policy)

    def test_the_form_of_a_policy_can_be_filled_in(self):
        with Form(self.env["subscription.dunning.policy"]) as form:
            form.name = "Soft"
            form.retry_days = "2, 5"
        self.assertEqual(form.record._parse_days("retry_days"), [2, 5])
