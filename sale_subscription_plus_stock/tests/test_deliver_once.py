from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.sale_subscription_plus.tests.upsell_common import UpsellCommon


@tagged("-at_install", "post_install")
class TestDeliverOnce(UpsellCommon):
    """Goods are delivered by the order that sold them, and by no other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.goods = cls._create_recurring_product("Filter", {cls.monthly: 31.0}, type="consu", is_storable=True)
        cls.lamp = cls._create_product(
            name="Lamp", type="consu", is_storable=True, lst_price=9.0, taxes_id=[], invoice_policy="order"
        )
        cls.order = cls._create_running(lines=[cls._line(cls.goods, product_uom_qty=2)])
        cls._deliver(cls.order)

    @classmethod
    def _deliver(cls, order):
        for picking in order.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel")):
            for move in picking.move_ids:
                move.quantity = move.product_uom_qty
            picking.button_validate()

    @staticmethod
    def _get_moved(order):
        """Return {product: quantity that left, or is to leave, for ``order``}."""
        moved = {}
        for move in order.picking_ids.move_ids.filtered(lambda move: move.state != "cancel"):
            sign = 1 if move.location_dest_id.usage == "customer" else -1
            moved[move.product_id] = moved.get(move.product_id, 0) + sign * move.product_uom_qty
        return moved

    def _schedule(self, quantity):
        values = {"line_id": self.order.order_line[0].id, "kind": "quantity", "quantity": quantity}
        self.env["subscription.change"]._schedule([values])

    def test_an_upsell_delivers_what_it_sold_and_its_subscription_nothing(self):
        lines = [self._line(self.goods, product_uom_qty=3), self._line(self.lamp)]
        upsell, _invoice = self._merge(self.order, *lines, raise_by=1)
        self.assertEqual(self._get_moved(upsell), {self.goods: 4, self.lamp: 1})
        self.assertEqual(self._get_moved(self.order), {self.goods: 2})
        self._deliver(upsell)
        self.assertEqual(upsell.order_line.mapped("qty_delivered"), [1.0, 3.0, 1.0])
        self._bill("2026-02-01")
        self.assertEqual(self._get_moved(self.order), {self.goods: 2})
        self.assertEqual(self._get_invoices(self.order)[-1].amount_total, 6 * 31.0)

    def test_after_an_upsell_only_the_difference_is_delivered(self):
        self._merge(self.order, raise_by=1)
        self._schedule(5)
        self.assertEqual(self._get_moved(self.order), {self.goods: 4})
        upsell, _invoice = self._merge(self.order, self._line(self.goods))
        added = self.order.order_line.filtered("subscription_upsell_line_id")
        added.product_uom_qty = 3
        self.assertEqual(self._get_moved(self.order), {self.goods: 6})
        self.assertEqual(self._get_moved(upsell), {self.goods: 1})

    def test_less_calls_nothing_home(self):
        self._schedule(1)
        self.assertEqual(self._get_moved(self.order), {self.goods: 2})
        self._schedule(2)
        self.assertEqual(self._get_moved(self.order), {self.goods: 2}, "the customer has them still")
        self._schedule(0)
        self._schedule(3)
        self.assertEqual(self._get_moved(self.order), {self.goods: 3})

    def test_less_is_taken_off_what_is_not_delivered_yet(self):
        self._schedule(5)
        self._schedule(3)
        self.assertEqual(self._get_moved(self.order), {self.goods: 3})
        self._schedule(1)
        self.assertEqual(self._get_moved(self.order), {self.goods: 2})

    def test_an_ordinary_order_cannot_ask_for_less_than_was_delivered(self):
        order = self._create_quotation([self._line(self.lamp, product_uom_qty=2)])
        order.action_confirm()
        self._deliver(order)
        with self.assertRaisesRegex(UserError, "cannot be decreased below the amount already delivered"):
            order.order_line.product_uom_qty = 1

    def test_a_renewal_delivers_only_what_it_adds(self):
        upsell, _invoice = self._merge(self.order, raise_by=1)
        self._deliver(upsell)
        self.order.action_subscription_renew()
        renewal = self.order.subscription_renewal_ids
        renewal.order_line = [self._line(self.goods), self._line(self.lamp)]
        renewal.order_line[0].product_uom_qty = 4
        renewal.action_confirm()
        self.assertEqual(self._get_moved(renewal), {self.goods: 2, self.lamp: 1})
        self.assertEqual(self._get_moved(self.order), {self.goods: 2})
