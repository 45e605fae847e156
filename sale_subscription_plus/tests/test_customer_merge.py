from odoo.tools import mute_logger

from .charging_common import ChargingCommon


class TestCustomerMerge(ChargingCommon):
    """Two customers turn out to be one: Odoo merges the contacts, and their subscriptions go on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.double = cls.env["res.partner"].create({"name": "A. Reader", "email": "ada@example.com"})
        cls.doubles_card = cls._create_token(cls.double, payment_details="1111")
        cls.first = cls._create_subscription("2026-01-01", subscription_token_id=cls.card.id)
        cls.second = cls._create_subscription(
            "2026-01-10", partner_id=cls.double.id, subscription_token_id=cls.doubles_card.id
        )
        cls.orders = cls.first | cls.second

    @mute_logger("odoo.addons.base.wizard.base_partner_merge")
    def _merge(self):
        """Merge the double into the customer, as the wizard of Odoo does."""
        self.env.flush_all()
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        wizard._merge((self.customer | self.double).ids, self.customer)
        self.env.invalidate_all()

    def _take_stock(self):
        """Return what must stay: what was billed, collected and recorded."""
        records = {
            "ledger": self._get_spans(self.orders),
            "invoices": self._get_invoices(self.orders).mapped("amount_total"),
            "charges": self.orders.subscription_charge_ids.sorted("id").mapped("state"),
            "events": [
                (event.order_id, str(event.date), event.type, event.amount, event.amount_company)
                for event in self.orders.subscription_event_ids.sorted("id")
            ],
            "methods": self.orders.mapped("subscription_token_id.payment_details"),
            "messages": self.second.message_ids.mapped("body"),
        }
        return records

    def assertSound(self):
        self.assertTiled(self.orders)
        self.assertEventsSumToMRR(self.orders)
        self.env.invalidate_all()
        self.assertFalse(self.env["subscription.check"]._run()["details"])

    def test_history_stays_and_belongs_to_the_one_customer(self):
        self._bill("2026-01-31")
        self._charge("done")
        before = self._take_stock()
        self._merge()
        self.assertFalse(self.double.exists())
        self.assertEqual(self._take_stock(), before)
        self.assertEqual(self.orders.partner_id, self.customer)
        self.assertEqual(self.orders.subscription_event_ids.partner_id, self.customer)
        self.assertEqual(self.orders.subscription_charge_ids.partner_id, self.customer)
        self.assertEqual((self.card | self.doubles_card).partner_id, self.customer)
        self.assertEqual(self.customer.subscription_count, 2)
        self.assertSound()

    def test_nothing_is_billed_or_charged_twice(self):
        self._bill("2026-01-31")
        self._charge("done")
        self._merge()
        self._bill("2026-01-31")
        self._charge("done")
        self.assertEqual(len(self._get_invoices(self.orders)), 2)
        attempts = self.env["payment.transaction"].search([("subscription_charge_id", "!=", False)])
        self.assertEqual(len(attempts), 2)
        self._bill("2026-02-28")
        self._charge("done")
        invoices = self._get_invoices(self.orders)
        self.assertEqual(len(invoices), 4)
        self.assertEqual(invoices.partner_id, self.customer)
        self.assertEqual(set(invoices.mapped("payment_state")), {invoices._get_invoice_in_payment_state()})
        self.assertSound()

    def test_each_subscription_keeps_its_own_method(self):
        self._merge()
        self._bill("2026-01-31")
        self._charge("done")
        attempts = self.env["payment.transaction"].search([("subscription_charge_id", "!=", False)])
        paid_with = {tx.subscription_charge_id.order_ids: tx.token_id for tx in attempts}
        self.assertEqual(paid_with, {self.first: self.card, self.second: self.doubles_card})

    def test_collections_under_dunning_go_on(self):
        self._bill("2026-01-31")
        self._charge("soft")
        self._merge()
        self.assertEqual(self.orders.mapped("subscription_payment_status"), ["retrying", "retrying"])
        self._charge("done", "2026-02-01")
        self.assertEqual(set(self.orders.subscription_charge_ids.mapped("state")), {"paid"})
        self.assertEqual(self.orders.mapped("subscription_payment_status"), ["ok", "ok"])
        self.assertSound()

    def test_a_renewal_of_the_merged_customer_goes_on(self):
        self._bill("2026-01-10")
        renewal = self.second.sudo()._subscription_renew()
        self._merge()
        renewal.action_confirm()
        self._bill("2026-02-10")
        self.assertEqual((self.second.subscription_status, renewal.subscription_status), ("renewed", "progress"))
        self.assertSound()

    def test_a_subscription_that_was_handed_over_within_the_merged_customers(self):
        self._bill("2026-01-31")
        self._charge("soft")
        self.second.sudo()._subscription_hand_over(self.customer, self.customer, self.customer)
        charge = self.env["subscription.charge"].search([("former_order_ids", "in", self.second.ids)])
        self._merge()
        self.assertEqual((charge.partner_id, charge.token_id), (self.customer, self.doubles_card))
        self._charge("done", "2026-02-01")
        self.assertEqual(charge.state, "paid")
        transfers = self.second.subscription_event_ids.filtered(lambda event: event.type == "transfer")
        self.assertEqual(sum(transfers.mapped("amount")), 0.0)
        self.assertSound()

    def test_addresses_of_the_double_come_along(self):
        books = self.env["res.partner"].create({"name": "Books", "type": "invoice", "parent_id": self.double.id})
        self.second.partner_invoice_id = books
        self._merge()
        self._bill("2026-01-31")
        invoice = self._get_invoices(self.second)
        self.assertEqual((invoice.partner_id, invoice.commercial_partner_id), (books, self.customer))
        self.assertSound()
