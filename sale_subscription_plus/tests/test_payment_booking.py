from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tools import mute_logger

from .charging_common import ChargingCommon
from .stored_fields import Footprint, Reader, undone


class TestPaymentBooking(ChargingCommon):
    """Payments that are booked together are the ones that Odoo books of each: all rows of all tables."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.charging = cls.env["subscription.charging.run"].sudo()
        cls.reader = Reader(cls.env)

    def _sell(self, **values):
        """Bill a subscription with a saved method of its own: those that share one are charged one after the other."""
        return self._create_automatic(**{"token": self._create_token(), **values})

    def _answer(self, *orders):
        """Make the attempts of ``orders``, which the provider answers with *done*; return their transactions."""
        self.env.flush_all()
        self.charging._plan_attempts(self.company, fields.Date.today(), 50)
        transactions = self.env["subscription.charge"].search(
            [("order_ids", "in", [order.id for order in orders])], order="id"
        )
        transactions = transactions.last_transaction_id.sudo()
        transactions.subscription_sent_on = "2026-01-01 12:00:00"
        transactions._set_done()
        return transactions

    def _play(self, transactions):
        with undone(self.env):
            footprint = Footprint(self.env)
            self.charging._book(transactions.ids)
            payments = transactions.payment_id
            self._order(footprint, payments.move_id + transactions.invoice_ids)
            footprint.note("booked", payments.move_id.sorted("id") + transactions.invoice_ids.sorted("id"))
            footprint.take("booked")
            self.assertEqual(len(payments), len(transactions))
            self.assertEqual(set(transactions.invoice_ids.mapped("amount_residual")), {0.0})
        return footprint

    def _order(self, footprint, moves):
        """Tell the records by their numbers: made together, all payments come first, then all differences of rates."""
        partials = moves.line_ids.matched_debit_ids + moves.line_ids.matched_credit_ids
        partials += partials.exchange_move_id.line_ids.matched_debit_ids
        partials += partials.exchange_move_id.line_ids.matched_credit_ids
        partials = partials.sorted(
            lambda partial: (partial.debit_move_id.move_name, partial.credit_move_id.move_name, partial.amount)
        )
        footprint.order((partials.exchange_move_id + moves).sorted("name"))
        footprint.order(partials)
        footprint.order(partials.full_reconcile_id)

    def assertSameBooks(self, *orders, together=None):
        """Assert that the payments of ``orders`` come out the same one by one.

        :param together: how many of them are booked together; all, if not told otherwise
        """
        transactions = self._answer(*orders)
        self.assertEqual(len(transactions), len(orders), transactions.mapped("reference"))
        Transaction = self.registry["payment.transaction"]
        with patch.object(Transaction, "_subscription_is_booking_proven", lambda _self: False):
            expected = self._play(transactions)
        plain = []
        book = Transaction._subscription_create_payments
        with patch.object(Transaction, "_subscription_create_payments", lambda txs: plain.extend(txs.ids) or book(txs)):
            actual = self._play(transactions)
        self.assertEqual(len(plain), len(orders) if together is None else together)
        self.assertFalse("\n".join(self.reader.compare(expected, actual)[:20]))

    def test_payments_in_the_companys_currency(self):
        other = self.customer.copy({"name": "Bob Reader"})
        card = self._create_token(other)
        self.assertSameBooks(
            self._sell(),
            self._sell(),
            self._sell(partner_id=other.id, subscription_token_id=card.id),
        )

    def test_a_payment_in_a_foreign_currency_whose_rate_has_changed(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        euro.rate_ids.unlink()
        rates = self.env["res.currency.rate"].sudo()
        rates.create({"currency_id": euro.id, "name": "2026-01-01", "rate": 0.9, "company_id": self.company.id})
        pricelist = self.env["product.pricelist"].create({"name": "Euros", "currency_id": euro.id})
        foreign = {"pricelist_id": pricelist.id}
        orders = [self._sell(**foreign), self._sell(), self._sell(**foreign)]
        self.env.flush_all()
        rates.search([("currency_id", "=", euro.id)]).rate = 0.8
        self.assertSameBooks(*orders)

    def test_an_invoice_that_was_paid_in_part(self):
        orders = [self._sell(), self._sell()]
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self._get_charge(orders[0]).move_id.ids
        ).create({"amount": 4.0})._create_payments()
        self.assertSameBooks(*orders)

    def test_an_invoice_with_taxes_that_is_due_when_it_is_paid(self):
        tax = self.company.account_sale_tax_id
        taxed = self._create_recurring_product("Taxed", {self.monthly: 20.0}, taxes_id=[Command.set(tax.ids)])
        order = self._sell(lines=[self._line(taxed)])
        self.assertSameBooks(order, self._sell())

    def test_payments_that_are_cash_at_once(self):
        line = self.env["account.payment.method.line"].search([("payment_provider_id", "=", self.provider.id)])
        line.payment_account_id = self.company_data["default_journal_bank"].default_account_id
        self.assertSameBooks(self._sell(), self._sell())

    def test_payments_beside_a_model_of_analytic_distribution(self):
        plan = self.env["account.analytic.plan"].create({"name": "Departments"})
        account = self.env["account.analytic.account"].create({"name": "Press", "plan_id": plan.id})
        self.env["account.analytic.distribution.model"].create(
            {"partner_id": self.customer.id, "analytic_distribution": {str(account.id): 100}}
        )
        self.assertSameBooks(self._sell(), self._sell())

    def test_instalments_and_discounts_go_odoos_own_way(self):
        halves = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 4}),
                ],
            }
        )
        discount = self.env["account.payment.term"].create(
            {
                "name": "Early",
                "early_discount": True,
                "discount_percentage": 10,
                "discount_days": 10,
                "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 0})],
            }
        )
        orders = [self._sell(payment_term_id=term.id) for term in (halves, discount)]
        self._set_today("2026-01-05")
        self.assertSameBooks(*orders, together=0)

    def test_an_invoice_that_is_charged_before_it_is_posted_goes_odoos_own_way(self):
        plan = self._create_plan("First the money", invoicing_mode="charge", dunning_policy_id=self.policy.id)
        magazine = self._create_recurring_product("First", {plan: 12.0})
        order = self._sell(lines=[self._line(magazine)], plan=plan)
        self.assertSameBooks(order, together=0)

    def test_each_payment_is_told_once_on_its_order(self):
        order = self._sell()
        before = order.message_ids
        self._charge()
        notes = (order.message_ids - before).mapped("body")
        self.assertEqual(len(notes), 1)
        self.assertIn(f"Invoice {self._get_invoices(order).name} paid", notes[0])
        self.assertFalse(self._get_invoices(order).payment_ids.message_ids)

    def test_the_order_tells_when_its_payment_status_changed(self):
        order = self._sell()
        self._charge("soft")
        self._charge("done", "2026-01-02")
        changes = order.message_ids.sudo().tracking_value_ids.filtered(
            lambda value: value.field_id.name == "subscription_payment_status"
        )
        self.assertEqual(len(changes), 2)

    def test_an_attempt_that_cannot_be_booked_keeps_no_other_from_it(self):
        orders = [self._sell() for _number in range(3)]
        transactions = self._answer(*orders)
        bad = transactions[1]
        Transaction = self.registry["payment.transaction"]
        prepare = Transaction._prepare_subscription_payment

        def refuse(transaction):
            return {**prepare(transaction), **({"journal_id": False} if transaction == bad else {})}

        transactions.subscription_charge_id.state = "in_flight"
        with (
            patch.object(Transaction, "_prepare_subscription_payment", refuse),
            mute_logger("odoo.addons.sale_subscription_plus.charger", "odoo.sql_db"),
        ):
            self._charge()
        states = [order.subscription_charge_ids.state for order in orders]
        self.assertEqual(states, ["paid", "unknown", "paid"])
