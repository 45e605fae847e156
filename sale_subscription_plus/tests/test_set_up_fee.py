from odoo.exceptions import ValidationError

from .common import SubscriptionCommon


class TestSetUpFee(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fee = cls._create_product(name="Set-up", lst_price=30.0, taxes_id=[], type="service")
        cls.phone = cls._create_recurring_product(
            "Phone", {cls.monthly: 20.0}, subscription_setup_product_id=cls.fee.id
        )

    def _get_fees(self, order):
        return order.order_line.filtered(lambda line: line.product_id == self.fee)

    def test_the_fee_follows_its_product_onto_the_quotation(self):
        order = self._create_quotation([self._line(self.phone, product_uom_qty=3)])
        fee = self._get_fees(order)
        self.assertRecordValues(
            fee,
            [
                {
                    "product_uom_qty": 1,
                    "price_unit": 30.0,
                    "subscription_plan_id": False,
                    "subscription_setup_line_id": order.order_line.filtered("subscription_plan_id").id,
                }
            ],
        )

    def test_the_fee_is_invoiced_once_and_never_again(self):
        order = self._create_subscription("2026-01-01", lines=[self._line(self.phone)])
        self._bill()
        self._bill("2026-03-01")
        self.assertEqual(self._get_invoices(order).mapped("amount_untaxed"), [50.0, 20.0, 20.0])
        self.assertEqual(self._get_fees(order).invoice_status, "invoiced")

    def test_a_fee_taken_away_stays_away(self):
        order = self._create_quotation([self._line(self.phone)])
        self._get_fees(order).unlink()
        order.order_line.product_uom_qty = 2
        order.subscription_plan_id = self.yearly
        self.assertFalse(self._get_fees(order))
        order.action_confirm()
        self._bill()
        self.assertEqual(self._get_invoices(order).amount_untaxed, order.order_line.price_subtotal)

    def test_the_fee_leaves_with_its_line(self):
        order = self._create_quotation([self._line(self.phone), self._line()])
        order.order_line.filtered(lambda line: line.product_id == self.phone).unlink()
        self.assertEqual(order.order_line.product_id, self.magazine)
        self.assertEqual(order.amount_untaxed, 12.0)

    def test_another_product_takes_the_fee_away(self):
        order = self._create_quotation([self._line(self.phone)])
        order.order_line.filtered("subscription_plan_id").product_id = self.magazine
        self.assertEqual(order.order_line.product_id, self.magazine)

    def test_a_product_changed_to_one_with_a_fee_brings_it(self):
        order = self._create_quotation()
        order.order_line.product_id = self.phone
        self.assertEqual(len(self._get_fees(order)), 1)

    def test_sold_once_there_is_no_fee(self):
        order = self._create_quotation([self._line(self.phone)], plan=self.env["subscription.plan"])
        self.assertFalse(self._get_fees(order))
        order.subscription_plan_id = self.monthly
        self.assertEqual(len(self._get_fees(order)), 1)

    def test_an_option_brings_its_fee_when_it_is_chosen(self):
        order = self._create_quotation([self._line(), self._line(self.phone, product_uom_qty=0)])
        self.assertFalse(self._get_fees(order))
        order.order_line[1].product_uom_qty = 1
        self.assertEqual(len(self._get_fees(order)), 1)

    def test_the_fee_of_an_option_let_go_leaves(self):
        order = self._create_quotation([self._line(), self._line(self.phone)])
        order.order_line.filtered(lambda line: line.product_id == self.phone).product_uom_qty = 0
        self.assertFalse(self._get_fees(order))
        self.assertEqual(order.amount_untaxed, 12.0)
        order.order_line.filtered(lambda line: line.product_id == self.phone).product_uom_qty = 1
        self.assertEqual(len(self._get_fees(order)), 1)

    def test_the_fee_leaves_when_nothing_recurs_any_more(self):
        order = self._create_quotation([self._line(self.phone)])
        order.subscription_plan_id = False
        self.assertFalse(self._get_fees(order))
        order.subscription_plan_id = self.monthly
        self.assertEqual(len(self._get_fees(order)), 1)
        order.order_line.filtered("subscription_plan_id").subscription_plan_id = False
        self.assertFalse(self._get_fees(order))

    def test_a_running_line_without_quantity_keeps_its_fee(self):
        order = self._create_subscription(lines=[self._line(self.phone)])
        order.order_line.filtered("subscription_plan_id").product_uom_qty = 0
        self.assertEqual(len(self._get_fees(order)), 1)

    def test_a_duplicate_has_the_fee_once(self):
        order = self._create_subscription(lines=[self._line(self.phone)])
        copy = order.copy()
        self.assertEqual(len(self._get_fees(copy)), 1)
        copy.action_confirm()
        self._bill()
        self.assertEqual(self._get_invoices(copy).amount_untaxed, 50.0)

    def test_the_fee_of_a_duplicate_belongs_to_the_line_of_the_duplicate(self):
        copy = self._create_quotation([self._line(self.phone)]).copy()
        copy.order_line.filtered("subscription_plan_id").product_id = self.magazine
        self.assertFalse(self._get_fees(copy), "The fee stayed although its product left.")

    def test_a_line_added_to_a_running_order_brings_its_fee(self):
        order = self._create_subscription()
        self._bill()
        order.order_line = [self._line(self.phone)]
        self.assertEqual(len(self._get_fees(order)), 1)
        self._bill()
        self.assertEqual(self._get_invoices(order)[-1:].amount_untaxed, 50.0)

    def test_several_subscribed_products_have_each_their_fee(self):
        order = self._create_quotation([self._line(self.phone), self._line(self.phone)])
        self.assertEqual(len(self._get_fees(order)), 2)

    def test_a_fee_that_recurs_is_refused(self):
        with self.assertRaises(ValidationError):
            self.phone.subscription_setup_product_id = self.magazine

    def test_a_product_that_is_a_fee_cannot_recur(self):
        with self.assertRaises(ValidationError):
            self.fee.subscription_ok = True

    def test_an_archived_fee_does_not_stop_the_sale(self):
        self.fee.action_archive()
        order = self._create_subscription(lines=[self._line(self.phone)])
        self.assertTrue(order.subscription_status)
