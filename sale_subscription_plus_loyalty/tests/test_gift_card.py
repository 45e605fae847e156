from .common import LoyaltyCommon


class TestGiftCard(LoyaltyCommon):
    """Gift cards and eWallets are money: they pay what is due first, and nothing after."""

    def test_a_gift_card_pays_no_more_than_the_first_invoice(self):
        card = self._create_card(points=50.0)
        order = self._create_stub_order([self._line(), self._line(self.poster)])
        line = self._claim(order, card.code)
        self.assertFalse(line.subscription_plan_id)
        self.assertEqual((line.price_total, line.points_cost, order._get_first_invoice_amount()), (-19.0, 19.0, 0.0))
        order.action_confirm()
        for day in ("2026-01-22", "2026-02-01"):
            self._bill(day)
        self.assertEqual(card.points, 31.0)
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [0.0, 31.0])

    def test_a_gift_card_pays_part_of_the_first_invoice(self):
        card = self._create_card(points=4.0)
        order = self._create_stub_order()
        self._claim(order, card.code)
        self.assertEqual(order._get_first_invoice_amount(), 6.0)
        order.action_confirm()
        for day in ("2026-01-22", "2026-02-01"):
            self._bill(day)
        self.assertEqual(card.points, 0.0)
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [6.0, 31.0])

    def test_two_gift_cards_pay_one_after_the_other(self):
        cards = [self._create_card(points=7.0), self._create_card(points=7.0)]
        order = self._create_stub_order()
        for card in cards:
            self._claim(order, card.code)
        costs = order.order_line.filtered("coupon_id").mapped("points_cost")
        self.assertEqual((costs, order._get_first_invoice_amount()), ([7.0, 3.0], 0.0))

    def test_a_gift_card_pays_what_discounts_leave_whichever_comes_first(self):
        self._create_program(code="FIRST")
        self._create_program(
            "always",
            code="ALWAYS",
            reward={"discount_applicability": "specific", "discount_product_ids": self.magazine.ids, "discount": 20.0},
        )
        for number, codes in enumerate(
            (["FIRST", "ALWAYS", None], [None, "ALWAYS", "FIRST"], [None, "FIRST", "ALWAYS"])
        ):
            card = self._create_card(points=50.0 + number)
            order = self._create_stub_order()
            for code in codes:
                self._claim(order, code or card.code)
            # 10.00 less 2.00 on each invoice, less 10 % of the 8.00 left
            paid = order.order_line.filtered(lambda line, card=card: line.coupon_id == card)
            self.assertEqual((paid.points_cost, order._get_first_invoice_amount()), (7.2, 0.0), codes)

    def test_what_is_money_is_spent_once_whatever_the_program_says(self):
        card = self._create_card()
        card.program_id.subscription_discount = "always"
        order = self._create_quotation()
        self._claim(order, card.code)
        self.assertEqual(self._get_discounts(order), {self.monthly.browse(): 12.0})

    def test_an_ewallet_pays_what_is_due_first(self):
        card = self._create_card("ewallet", points=50.0, partner_id=self.customer.id)
        order = self._create_stub_order()
        self._claim_automatic(order)
        self.assertEqual(order._get_first_invoice_amount(), 0.0)
        order.action_confirm()
        for day in ("2026-01-22", "2026-02-01"):
            self._bill(day)
        self.assertEqual(card.points, 40.0)
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [0.0, 31.0])
