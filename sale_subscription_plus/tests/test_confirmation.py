from datetime import date

from odoo import api
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import HttpCase

from .common import TODAY, SubscriptionCommon

# A picture of one dot
SIGNATURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
TIMELINE = (
    "subscription_start",
    "subscription_anchor",
    "subscription_end",
    "subscription_phase",
    "subscription_next_start",
    "subscription_next_end",
    "subscription_next_bill_date",
)


class TestConfirmation(SubscriptionCommon):
    # === FROM QUOTATION TO SUBSCRIPTION ===#

    def test_confirming_recurring_lines_starts_the_subscription(self):
        order = self._create_quotation([self._line(), self._line(self.poster)])
        self.assertEqual(order.subscription_status, "quotation")
        self.assertFalse(order.subscription_next_invoice_date)
        order.action_confirm()
        self.assertRecordValues(
            order,
            [
                {
                    "subscription_status": "progress",
                    "subscription_start": TODAY,
                    "subscription_next_invoice_date": TODAY,
                    "subscription_mrr": 12.0,
                }
            ],
        )
        self.assertRecordValues(
            order.order_line,
            [
                {
                    "subscription_anchor": TODAY,
                    "subscription_phase": "running",
                    "subscription_next_end": date(2026, 2, 1),
                },
                {"subscription_anchor": False, "subscription_phase": False, "subscription_next_end": False},
            ],
        )

    def test_an_order_without_recurring_lines_stays_an_ordinary_order(self):
        order = self._create_subscription(lines=[self._line(self.poster)])
        self.assertFalse(order.subscription_status)
        self.assertFalse(order.subscription_start)
        self.assertFalse(order.subscription_stage_id)
        self.assertEqual(order.invoice_status, "to invoice")
        self.assertEqual(order._create_invoices().amount_untaxed, 9.0)

    def test_several_orders_are_confirmed_at_once_from_the_list(self):
        orders = self._create_quotation() | self._create_quotation([self._line(self.poster)]) | self._create_quotation()
        orders.action_confirm()
        self.assertEqual(orders.mapped("subscription_status"), ["progress", False, "progress"])

    def test_a_future_start_is_scheduled_and_starts_by_itself(self):
        order = self._create_subscription(subscription_start="2026-03-15")
        self.assertEqual(order.subscription_status, "scheduled")
        self.assertEqual(order.order_line.subscription_phase, "waiting")
        self.assertFalse(order.subscription_event_ids)
        self._bill("2026-03-14")
        self.assertFalse(order.invoice_ids)
        self._bill("2026-03-15")
        self.assertEqual(order.subscription_status, "progress")
        self.assertEqual(order.invoice_ids.invoice_line_ids.subscription_period_start, date(2026, 3, 15))
        self.assertEqual(
            order.subscription_event_ids.mapped(lambda event: (str(event.date), event.type)), [("2026-03-15", "new")]
        )

    def test_a_past_start_is_caught_up(self):
        order = self._create_subscription(subscription_start="2025-11-15")
        self._bill()
        self.assertEqual(len(self._get_invoices(order)), 2)
        self.assertEqual(order.subscription_event_ids.date, date(2025, 11, 15))
        self.assertTiled(order)

    def test_the_stage_follows_the_status(self):
        order = self._create_subscription(subscription_start="2026-02-01")
        self.assertEqual(order.subscription_stage_id.status, "scheduled")
        self._bill("2026-02-01")
        self.assertEqual(order.subscription_stage_id.status, "progress")

    def test_a_stage_of_another_status_is_refused(self):
        order = self._create_subscription()
        with self.assertRaises(UserError):
            order.subscription_stage_id = self.env.ref("sale_subscription_plus.stage_closed")

    def test_the_status_moves_through_its_door_only(self):
        order = self._create_quotation()
        with self.assertRaisesRegex(UserError, "cannot become"):
            order.sudo()._subscription_set_status("paused")
        order.action_confirm()
        self.assertFalse(order.sudo()._subscription_set_status("progress"), "The same status moves nothing.")
        with self.assertRaisesRegex(UserError, "cannot become"):
            order.sudo()._subscription_set_status("scheduled")

    def test_products_invoiced_on_delivery_cannot_recur(self):
        delivered = self.company_data["product_service_delivery"]
        order = self._create_quotation([self._line(delivered, subscription_plan_id=self.monthly.id)])
        with self.assertRaisesRegex(UserError, "delivered quantities"):
            order.action_confirm()
        self.assertEqual((order.state, order.subscription_status), ("draft", "quotation"))

    def test_combos_cannot_recur(self):
        combo = self.env["product.combo"].create(
            {"name": "Choice", "combo_item_ids": [Command.create({"product_id": self.poster.id})]}
        )
        product = self.env["product.product"].create(
            {"name": "Bundle", "type": "combo", "combo_ids": [Command.set(combo.ids)]}
        )
        order = self._create_quotation([self._line(product, subscription_plan_id=self.monthly.id)])
        with self.assertRaisesRegex(UserError, "combo"):
            order.action_confirm()

    def test_optional_lines_that_were_not_chosen_do_not_run(self):
        order = self._create_subscription(
            lines=[
                self._line(),
                Command.create({"display_type": "line_section", "name": "Options", "is_optional": True}),
                self._line(product_uom_qty=0),
            ]
        )
        self._bill()
        self.assertFalse(order.order_line[2].subscription_start)
        self.assertEqual(len(order.invoice_ids.invoice_line_ids), 1)
        order.order_line[2].product_uom_qty = 1
        self.assertEqual(order.order_line[2].subscription_phase, "running")
        self._bill()
        self.assertEqual(len(self._get_invoices(order)), 2)

    def test_only_options_make_no_subscription_until_one_is_chosen(self):
        order = self._create_subscription(lines=[self._line(product_uom_qty=0), self._line(self.poster)])
        self.assertFalse(order.subscription_status or order.subscription_stage_id)
        self.assertFalse(order.subscription_next_invoice_date)
        self.assertEqual(self._bill()["parked"], 0)
        self.assertFalse(order.invoice_ids)
        self._set_today("2026-01-20")
        order.order_line[0].product_uom_qty = 1
        self.assertEqual((order.subscription_status, order.subscription_start), ("progress", date(2026, 1, 20)))
        self._bill()
        self.assertEqual(order.invoice_ids.amount_untaxed, 21.0)

    def test_an_ordinary_order_with_an_option_that_recurs_cancels_and_comes_back(self):
        order = self._create_subscription(lines=[self._line(product_uom_qty=0), self._line(self.poster)])
        order._action_cancel()
        order.action_draft()
        self.assertEqual(order.subscription_status, "quotation")
        order.order_line[0].product_uom_qty = 1
        order.action_confirm()
        self.assertEqual(order.subscription_status, "progress")

    # === TERMS ===#

    def test_a_commitment_gives_the_end_of_the_term(self):
        self.monthly.commitment_months = 12
        order = self._create_subscription("2026-01-31")
        self.assertEqual(order.subscription_term_end, date(2027, 1, 30))
        self.assertFalse(order.order_line.subscription_end)

    def test_a_term_that_renews_rolls_on_by_itself(self):
        self.monthly.commitment_months = 1
        order = self._create_subscription("2026-01-31")
        self.assertEqual(order.subscription_term_end, date(2026, 2, 27))
        for day, end in (("2026-02-27", "2026-02-27"), ("2026-02-28", "2026-03-30"), ("2026-05-01", "2026-05-30")):
            self._bill(day)
            self.assertEqual(str(order.subscription_term_end), end)
        self.assertEqual(order.subscription_status, "progress")

    def test_a_term_that_does_not_renew_ends(self):
        self.monthly.write({"commitment_months": 2, "auto_renew": False})
        order = self._create_subscription("2026-01-31")
        self.assertEqual(order.order_line.subscription_end, date(2026, 3, 31))
        self._bill("2026-12-31")
        self.assertEqual(
            self._get_spans(order), [("2026-01-31", "2026-02-28", "regular"), ("2026-02-28", "2026-03-31", "regular")]
        )
        self.assertRecordValues(
            order,
            [
                {
                    "subscription_status": "closed",
                    "subscription_closed_on": date(2026, 3, 31),
                    "subscription_close_reason_id": self.env.ref("sale_subscription_plus.close_reason_term_ended").id,
                    "subscription_next_invoice_date": False,
                }
            ],
        )

    def test_a_term_is_separate_from_the_billing_period(self):
        self.yearly.write({"commitment_months": 18, "auto_renew": False})
        order = self._create_subscription("2026-01-01", plan=self.yearly)
        self._bill("2028-01-01")
        self.assertEqual(
            self._get_spans(order), [("2026-01-01", "2027-01-01", "regular"), ("2027-01-01", "2027-07-01", "stub")]
        )
        self.assertEqual(self._get_invoices(order).mapped("amount_untaxed"), [120.0, 59.51])

    def test_a_term_that_shall_not_renew_after_all_ends(self):
        order = self._create_subscription("2026-01-10", subscription_commitment_months=2)
        self._bill()
        order.subscription_auto_renew = False
        self.assertEqual(order.order_line.subscription_end, date(2026, 3, 10))
        self._bill("2026-06-01")
        self.assertEqual(order.subscription_status, "closed")
        self.assertEqual(self._get_spans(order)[-1][1], "2026-03-10")

    def test_a_term_that_shall_renew_after_all_goes_on(self):
        order = self._create_subscription("2026-01-10", subscription_commitment_months=2, subscription_auto_renew=False)
        self._bill()
        order.subscription_auto_renew = True
        self.assertFalse(order.order_line.subscription_end)
        self._bill("2026-03-10")
        self.assertEqual(order.subscription_status, "progress")
        self.assertEqual(order.subscription_term_end, date(2026, 5, 9))
        self.assertEqual(len(order.invoice_ids), 3)

    def test_a_longer_commitment_moves_the_end_of_a_term_that_does_not_renew(self):
        order = self._create_subscription("2026-01-10", subscription_commitment_months=2, subscription_auto_renew=False)
        order.subscription_commitment_months = 3
        self.assertEqual(order.subscription_term_end, date(2026, 4, 9))
        self.assertEqual(order.order_line.subscription_end, date(2026, 4, 10))

    def test_a_close_that_lies_ahead_stands_whatever_the_term_becomes(self):
        order = self._create_subscription("2026-01-10", subscription_commitment_months=3)
        order.sudo()._subscription_close(date(2026, 2, 1), self.env.ref("sale_subscription_plus.close_reason_other"))
        order.subscription_auto_renew = False
        self.assertEqual(order.order_line.subscription_end, date(2026, 2, 1))

    # === LINES THAT COME LATER ===#

    def test_a_recurring_line_added_to_a_running_order_starts_today(self):
        order = self._create_subscription("2026-01-10")
        self._bill()
        self._set_today("2026-01-20")
        order.order_line = [self._line(product_uom_qty=2)]
        line = order.order_line[-1:]
        self.assertEqual((line.subscription_start, line.price_unit), (date(2026, 1, 20), 12.0))
        self.assertEqual(order.subscription_next_invoice_date, date(2026, 1, 20))
        self._bill()
        # It joins the periods of what ran before: 21 of the 31 days until 10 February.
        self.assertEqual(self._get_invoices(order)[-1:].amount_untaxed, 16.26)
        self._bill("2026-02-10")
        self.assertEqual(self._get_invoices(order)[-1:].amount_untaxed, 36.0)
        self.assertEqual(len(self._get_invoices(order)), 3)
        self.assertEventsSumToMRR(order)

    def test_a_line_added_before_the_start_waits_for_it(self):
        order = self._create_subscription(subscription_start="2026-02-01")
        order.order_line = [self._line()]
        self.assertEqual(order.order_line.mapped("subscription_start"), [date(2026, 2, 1)] * 2)
        self._bill("2026-02-01")
        self.assertEqual(order.invoice_ids.amount_untaxed, 24.0)

    def test_a_recurring_line_makes_a_subscription_of_a_confirmed_ordinary_order(self):
        order = self._create_subscription(lines=[self._line(self.poster)])
        self._set_today("2026-01-20")
        order.order_line = [self._line()]
        self.assertEqual(order.subscription_status, "progress")
        self.assertEqual(order.subscription_start, date(2026, 1, 20))
        self._bill()
        self.assertEqual(order.invoice_ids.amount_untaxed, 21.0)

    def test_a_one_off_line_added_to_a_running_order_goes_on_the_next_invoice_once(self):
        order = self._create_subscription("2026-01-01")
        self._bill()
        order.order_line = [self._line(self.poster)]
        self.assertEqual(self._bill("2026-01-15")["invoices"], 0)
        self._bill("2026-02-01")
        self._bill("2026-03-01")
        self.assertEqual(self._get_invoices(order).mapped("amount_untaxed"), [12.0, 21.0, 12.0])

    def test_a_line_added_to_a_closed_order_is_refused(self):
        order = self._create_subscription()
        self._bill()
        order.sudo()._subscription_close(TODAY, self.env.ref("sale_subscription_plus.close_reason_other"))
        with self.assertRaisesRegex(UserError, "reopen"):
            order.order_line = [self._line()]

    # === WHAT IS FROZEN ===#

    def test_recurring_or_not_is_frozen_once_confirmed(self):
        order = self._create_subscription(lines=[self._line(), self._line(self.poster)])
        for line, plan in (
            (order.order_line[0], False),
            (order.order_line[0], self.yearly),
            (order.order_line[1], self.monthly),
        ):
            with self.subTest(line=line.name), self.assertRaisesRegex(UserError, "cannot change"):
                line.subscription_plan_id = plan
        order.order_line[0].write({"subscription_plan_id": self.monthly.id})

    def test_the_timeline_of_a_running_order_is_frozen(self):
        order = self._create_subscription()
        for values in (
            {"subscription_start": "2026-01-02"},
            {"subscription_start": False},
            {"subscription_plan_id": self.yearly.id},
            {"subscription_plan_id": False},
        ):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, "cannot change"):
                order.write(values)
        order.write({"subscription_start": str(TODAY), "subscription_plan_id": self.monthly.id})

    def test_the_product_of_a_running_line_is_frozen(self):
        order = self._create_subscription()
        self._bill()
        with self.assertRaises(UserError):
            order.order_line.product_id = self.poster

    def test_a_line_with_a_history_cannot_be_deleted(self):
        order = self._create_subscription()
        self._bill()
        with self.assertRaises(UserError):
            order.order_line.unlink()
        with self.assertRaises(UserError):
            order.unlink()

    # === CANCEL, BACK, DUPLICATE, LOCK ===#

    def test_an_order_that_was_not_billed_can_be_cancelled(self):
        order = self._create_subscription()
        order._action_cancel()
        self.assertEqual((order.state, order.subscription_status), ("cancel", "cancelled"))
        self.assertFalse(order.subscription_next_invoice_date)
        self.assertEqual(self._bill("2026-03-01")["invoices"], 0)
        self.assertEventsSumToMRR(order)

    def test_an_order_that_was_billed_cannot_be_cancelled(self):
        order = self._create_subscription()
        self._bill()
        with self.assertRaisesRegex(UserError, "Close it instead"):
            order._action_cancel()
        with self.assertRaisesRegex(UserError, "Close it instead"):
            order.action_cancel()
        self.assertEqual((order.state, order.subscription_status), ("sale", "progress"))

    def test_an_order_with_draft_invoices_only_can_be_cancelled(self):
        order = self._create_subscription(subscription_invoicing_mode="draft")
        self._bill()
        order._action_cancel()
        self.assertEqual(order.subscription_status, "cancelled")
        self.assertEqual(order.invoice_ids.state, "cancel")

    def test_back_to_a_quotation_and_confirmed_again_bills_anew(self):
        order = self._create_subscription("2026-01-10", subscription_invoicing_mode="draft")
        self._bill()
        order._action_cancel()
        order.action_draft()
        self.assertEqual(order.subscription_status, "quotation")
        for name in TIMELINE:
            self.assertFalse(order.order_line[name], name)
        self._set_today("2026-01-20")
        order.subscription_start = False
        order.action_confirm()
        self.assertEqual(order.subscription_start, date(2026, 1, 20))
        self._bill()
        self.assertEqual(self._get_spans(order), [("2026-01-20", "2026-02-20", "regular")])
        self.assertTiled(order)
        self.assertEventsSumToMRR(order)

    def test_a_quotation_that_comes_back_keeps_the_start_that_was_agreed(self):
        order = self._create_subscription(subscription_start="2026-03-01")
        order._action_cancel()
        order.action_draft()
        order.action_confirm()
        self.assertEqual((order.subscription_status, order.subscription_start), ("scheduled", date(2026, 3, 1)))

    def test_a_parked_order_that_is_cancelled_waits_for_nobody(self):
        order = self._create_subscription()
        with self._fail_billing(order, UserError("No")):
            self._bill()
        order._action_cancel()
        self.assertFalse(order.subscription_parked_reason)
        self.assertFalse(order.subscription_next_attempt)
        self.assertFalse(order.activity_ids)

    def test_a_duplicate_starts_clean(self):
        order = self._create_subscription("2026-01-10", subscription_start="2026-01-05")
        self._bill()
        self._set_today("2026-02-20")
        copy = order.copy()
        self.assertEqual(copy.subscription_status, "quotation")
        for name in ("subscription_start", "subscription_next_invoice_date", "subscription_closed_on", "invoice_ids"):
            self.assertFalse(copy[name], name)
        for name in (*TIMELINE, "subscription_period_ids", "invoice_lines"):
            self.assertFalse(copy.order_line[name], name)
        self.assertEqual(copy.order_line.subscription_plan_id, self.monthly)
        copy.action_confirm()
        self._bill()
        self.assertEqual(self._get_spans(copy), [("2026-02-20", "2026-03-20", "regular")])

    def test_a_duplicate_of_a_closed_order_starts_clean(self):
        order = self._create_subscription()
        self._bill()
        order.sudo()._subscription_close(TODAY, self.env.ref("sale_subscription_plus.close_reason_other"))
        copy = order.copy()
        self.assertFalse(copy.subscription_close_reason_id)
        copy.action_confirm()
        self.assertEqual(copy.subscription_status, "progress")
        self.assertFalse(copy.order_line.subscription_end)

    def test_a_locked_order_is_billed_and_closed(self):
        order = self._create_subscription()
        order.action_lock()
        self._bill()
        self._bill("2026-02-01")
        self.assertEqual(len(self._get_invoices(order)), 2)
        order.sudo()._subscription_close(date(2026, 2, 1), self.env.ref("sale_subscription_plus.close_reason_other"))
        self.assertEqual(order.subscription_status, "closed")

    def test_orders_that_lock_by_themselves_start_too(self):
        self._enable_feature("sale.group_auto_done_setting")
        order = self._create_subscription()
        self.assertTrue(order.locked)
        self._bill()
        self.assertEqual(order.invoice_ids.amount_untaxed, 12.0)

    def test_a_subscription_that_has_run_cannot_be_deleted(self):
        order = self._create_subscription()
        order._action_cancel()
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            order.unlink()

    def test_a_quotation_can_be_deleted(self):
        order = self._create_quotation()
        order.unlink()
        self.assertFalse(order.exists())

    def test_a_scheduled_order_that_was_cancelled_counts_as_nothing(self):
        order = self._create_subscription(subscription_start="2026-03-01")
        order._action_cancel()
        self.assertFalse(order.subscription_event_ids)
        self._bill("2026-03-01")
        self.assertFalse(order.invoice_ids)

    # === MAIL ===#

    def test_the_quotation_mail_renders(self):
        order = self._create_quotation([self._line(), self._line(self.poster)])
        context = order.action_quotation_send()["context"]
        template = self.env["mail.template"].browse(context["default_template_id"])
        body = template._render_field("body_html", order.ids)[order.id]
        self.assertIn("21.00", body)
        order.action_confirm()
        body = self.env.ref("sale.mail_template_sale_confirmation")._render_field("body_html", order.ids)[order.id]
        self.assertIn(order.name, body)

    def test_the_printed_quotation_renders(self):
        order = self._create_quotation([self._line(), self._line(self.poster)])
        html = self.env["ir.actions.report"]._render_qweb_html("sale.report_saleorder", order.ids)[0]
        self.assertIn(order.name, html.decode())


class TestOnlineConfirmation(SubscriptionCommon, HttpCase):
    """The customer signs the quotation from its link, without a login."""

    def _sign(self, order):
        return self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept",
            {
                "access_token": order._portal_ensure_token(),
                "name": "Ada Reader",
                "signature": SIGNATURE,
            },
        )

    def test_signing_starts_the_subscription(self):
        order = self._create_quotation(
            [self._line(), self._line(self.poster)], require_signature=True, require_payment=False
        )
        order.action_quotation_sent()
        result = self._sign(order)
        self.assertTrue(result.get("force_refresh"), result)
        order.invalidate_recordset()
        self.assertEqual((order.state, order.subscription_status), ("sale", "progress"))
        self.assertEqual(order.order_line[0].subscription_start, TODAY)
        self.assertTrue(order.signature)
        self.assertEqual(order.subscription_event_ids.type, "new")
        self._bill()
        self.assertEqual(order.invoice_ids.amount_untaxed, 21.0)

    def test_signing_with_a_wrong_token_starts_nothing(self):
        order = self._create_quotation(require_signature=True, require_payment=False)
        order.action_quotation_sent()
        result = self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept", {"access_token": "wrong", "name": "Eve", "signature": "aGk="}
        )
        self.assertIn("error", result)
        order.invalidate_recordset()
        self.assertEqual((order.state, order.subscription_status), ("sent", "quotation"))

    def test_the_page_of_a_running_subscription_opens_from_its_link(self):
        order = self._create_subscription()
        self._bill()
        response = self.url_open(f"/my/orders/{order.id}?access_token={order._portal_ensure_token()}")
        self.assertEqual(response.status_code, 200)
        self.assertIn("Magazine", response.text)


class TestConfirmationBySalesperson(SubscriptionCommon):
    """A salesperson has no right on ledger, events or invoices, and needs none to sell."""

    def test_a_salesperson_confirms_and_adds(self):
        salesman = self.company_data["default_user_salesman"]
        env = api.Environment(self.cr, salesman.id, {})
        order = self._create_quotation(user_id=salesman.id)
        own = order.with_env(env)
        own.action_confirm()
        own.order_line[0].product_uom_qty = 2
        own.write({"order_line": [self._line()]})
        self.assertEqual(order.subscription_status, "progress")
        self.assertEqual(order.subscription_mrr, 36.0)
        self.assertEventsSumToMRR(order)
