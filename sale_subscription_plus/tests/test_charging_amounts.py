from odoo.fields import Command

from .charging_common import ChargingCommon


class TestAmounts(ChargingCommon):
    """How much is charged: what is due today, after what the customer has to their credit."""

    def _credit(self, invoice, amount):
        """Post an open credit note of ``amount`` for the customer of ``invoice``."""
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": invoice.partner_id.id,
                "invoice_date": invoice.invoice_date,
                "invoice_line_ids": [Command.create({"name": "Sorry", "price_unit": amount, "tax_ids": []})],
            }
        )
        refund.action_post()
        return refund

    def test_an_open_credit_note_is_used_up_before_money_is_taken(self):
        order = self._create_automatic()
        charge = self._get_charge(order)
        refund = self._credit(charge.move_id, 5.0)
        self.assertEqual(self._charge().amounts, [7.0])
        self.assertEqual((charge.state, refund.payment_state), ("paid", "paid"))

    def test_an_invoice_covered_by_credit_is_settled_without_any_charge(self):
        order = self._create_automatic()
        self._credit(self._get_charge(order).move_id, 50.0)
        self.assertEqual(self._charge().amounts, [])
        self.assertEqual(self._get_charge(order).state, "dropped")

    def test_an_invoice_over_nothing_is_not_collected(self):
        order = self._create_automatic(lines=[self._line(price_unit=0.0)])
        self.assertEqual(self._get_invoices(order).state, "posted")
        self.assertFalse(order.subscription_charge_ids)

    def test_what_the_customer_paid_in_part_is_not_charged_again(self):
        order = self._create_automatic()
        charge = self._get_charge(order)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=charge.move_id.ids
        ).create({"amount": 4.0})._create_payments()
        self.assertEqual(charge.amount_due, 8.0)
        self.assertEqual(self._charge().amounts, [8.0])
        self.assertEqual(charge.state, "paid")

    def test_instalments_are_charged_each_on_its_day(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Half now",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 10}),
                ],
            }
        )
        order = self._create_automatic(payment_term_id=term.id)
        charge = self._get_charge(order)
        self.assertEqual(self._charge().amounts, [6.0])
        self.assertEqual((charge.state, charge.next_attempt_on), ("waiting", self._date("2026-01-11")))
        self.assertEqual(self._charge(day="2026-01-10").amounts, [])
        self.assertEqual(self._charge(day="2026-01-11").amounts, [6.0])
        self.assertEqual((charge.state, charge.move_id.payment_state), ("paid", "paid"))

    def test_an_invoice_due_later_is_charged_on_its_due_date(self):
        term = self.env.ref("account.account_payment_term_15days")
        order = self._create_automatic(payment_term_id=term.id)
        self.assertEqual(self._charge(day="2026-01-15").amounts, [])
        self.assertEqual(self._charge(day="2026-01-16").amounts, [12.0])
        self.assertEqual(self._get_charge(order).state, "paid")

    def test_several_open_invoices_of_one_order_are_charged_each_the_oldest_first(self):
        order = self._create_automatic(lines=[self._line(price_unit=10.0)])
        order.order_line.price_unit = 11.0
        self._bill("2026-02-01")
        self.assertEqual(self._charge().amounts, [10.0, 11.0])
        self.assertEqual(order.subscription_charge_ids.mapped("state"), ["paid", "paid"])

    def test_after_a_hard_decline_the_other_invoices_of_that_method_are_left_alone(self):
        order = self._create_automatic()
        self._bill("2026-02-01")
        self.assertEqual(len(self._charge("hard").sent), 1)
        self.assertEqual(set(order.subscription_charge_ids.mapped("state")), {"method_needed"})

    def test_a_currency_that_the_provider_does_not_take_is_our_fault_and_nothing_is_sent(self):
        self.provider.available_currency_ids = self.env.ref("base.CHF")
        order = self._create_automatic()
        self.assertEqual(self._charge().sent, [])
        charge = self._get_charge(order)
        self.assertEqual(charge.state, "configuration")
        self.assertRegex(charge.last_failure_message, "does not take USD")
        self.assertFalse(charge.pending_mail)

    def test_a_disabled_provider_is_our_fault_and_nothing_is_sent(self):
        order = self._create_automatic()
        self.env.cr.execute("UPDATE payment_provider SET state = 'disabled' WHERE id = %s", [self.provider.id])
        self.provider.invalidate_recordset()
        self.assertEqual(self._charge().sent, [])
        self.assertEqual(self._get_charge(order).state, "configuration")

    def test_an_archived_or_expired_method_is_not_charged_and_the_customer_is_asked(self):
        for change in ({"active": False}, {"subscription_expires_on": "2025-12-31"}):
            with self.subTest(change):
                card = self._create_token()
                order = self._create_automatic(token=card)
                card.sudo().write(change)
                self.assertEqual(self._charge().sent, [])
                charge = self._get_charge(order)
                self.assertEqual(charge.state, "method_needed")
                self.assertEqual(order.subscription_payment_status, "method_needed")

    def test_a_method_is_tried_at_most_twenty_times_in_thirty_days(self):
        order = self._create_automatic()
        self._charge("soft")
        charge = self._get_charge(order)
        for _number in range(19):
            charge.action_retry()
            self.assertEqual(len(self._charge("soft").sent), 1)
        charge.action_retry()
        self.assertEqual(self._charge("soft").sent, [])
        self.assertEqual(charge.next_attempt_on, self._date("2026-02-01"))
        self.assertEqual(len(self._charge("done", "2026-02-01").sent), 1)

    def test_a_payment_that_was_taken_off_the_invoice_is_used_before_money_is_taken_again(self):
        order = self._create_automatic()
        self._charge()
        charge = self._get_charge(order)
        charge.move_id.line_ids.remove_move_reconcile()
        self.assertEqual((charge.state, len(charge.activity_ids)), ("waiting", 1))
        self.assertEqual(self._charge(day="2026-01-02").sent, [])
        self.assertEqual((charge.state, charge.move_id.payment_state), ("paid", "paid"))

    def test_an_invoice_can_be_charged_before_it_is_posted(self):
        self.monthly.invoicing_mode = "charge"
        order = self._create_automatic()
        charge = self._get_charge(order)
        self.assertEqual(charge.move_id.state, "draft")
        self.assertEqual(self._charge("soft").amounts, [12.0])
        self.assertEqual(charge.move_id.state, "draft", "No invoice without the money.")
        self.assertEqual(self._charge("done", "2026-01-02").amounts, [12.0])
        self.assertEqual((charge.state, charge.move_id.state, charge.move_id.payment_state), ("paid", "posted", "paid"))
        self.assertTrue(charge.move_id.sending_data)

    def test_without_a_method_nothing_is_charged_first_and_the_invoice_is_sent(self):
        self.monthly.invoicing_mode = "charge"
        order = self._create_subscription("2026-01-01")
        self._bill()
        charge = self._get_charge(order)
        self.assertEqual((charge.move_id.state, charge.is_automatic), ("posted", False))
        self.assertEqual(self._charge().sent, [])
