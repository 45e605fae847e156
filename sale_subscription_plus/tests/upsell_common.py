"""What tests of upsells share: a running subscription, and one way to add to it."""

from .common import SubscriptionCommon


class UpsellCommon(SubscriptionCommon):
    """A magazine and paper by the month; the days of January are worth 1.00 each of the paper."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.paper = cls._create_recurring_product("Paper", {cls.monthly: 31.0, cls.yearly: 365.0})

    @classmethod
    def _create_running(cls, *args, **kwargs):
        """Create a subscription that is billed until its first day."""
        order = cls._create_subscription(*args, **kwargs).sudo()
        order._subscription_bill_due()
        return order.sudo(False)

    @classmethod
    def _create_upsell(cls, order, *lines, raise_by=0):
        """Create an upsell of ``order`` as its button does.

        :param lines: commands, see ``_line``
        :param raise_by: quantity that is added to the first running line
        """
        upsell = cls.env["sale.order"].browse(order.action_subscription_upsell()["res_id"])
        if raise_by:
            upsell.order_line[0].product_uom_qty = raise_by
        if lines:
            upsell.order_line = list(lines)
        cls.env.flush_all()
        return upsell

    def _merge(self, order, *lines, **kwargs):
        """Upsell and confirm; return the upsell and the invoice that this made."""
        known = self._get_invoices(order)
        upsell = self._create_upsell(order, *lines, **kwargs)
        amount = upsell._get_first_invoice_amount()
        self.assertEqual(upsell.subscription_upsell_amount, amount)
        upsell.action_confirm()
        self.assertEqual(upsell.subscription_status, "merged")
        invoices = self._get_invoices(order | upsell) - known
        self.assertEqual(sum(invoices.mapped("amount_total")), amount, "what was told is what is billed")
        return upsell, invoices

    def assertSound(self, order):
        """Assert that the ledger of ``order`` tiles, its events sum up, and the books of all are in order."""
        self.assertTiled(order)
        self.assertEventsSumToMRR(order)
        self.env.invalidate_all()
        self.assertEqual(self.env["subscription.check"]._run()["details"], [])
