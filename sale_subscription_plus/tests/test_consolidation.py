from datetime import date

from .common import SubscriptionCommon


class TestConsolidation(SubscriptionCommon):
    """Several subscriptions of one invoice address on one invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.together = cls._create_plan("Together", consolidate=True)
        cls._set_recurring_price(cls.magazine, cls.together, 12.0)

    def _sell(self, start="2026-01-01", **values):
        return self._create_subscription(start, plan=self.together, **values)

    def test_subscriptions_of_one_customer_share_an_invoice(self):
        first, second = self._sell(client_order_ref="PO 1"), self._sell(lines=[self._line(product_uom_qty=2)])
        self.assertEqual(self._bill()["invoices"], 1)
        invoice = first.invoice_ids
        self.assertEqual(invoice, second.invoice_ids)
        self.assertEqual(invoice.amount_untaxed, 36.0)
        self.assertEqual(invoice.invoice_origin, f"{first.name}, {second.name}")
        self.assertEqual(
            [(line.display_type, line.name.split("\n")[0]) for line in invoice.invoice_line_ids.sorted("sequence")],
            [
                ("line_section", f"{first.name} (PO 1)"),
                ("product", "Magazine"),
                ("line_section", second.name),
                ("product", "Magazine"),
            ],
        )
        for order in (first, second):
            self.assertEqual(order.subscription_period_ids.move_id, invoice)
            self.assertTiled(order)

    def test_one_subscription_alone_gets_no_section(self):
        order = self._sell()
        self._bill()
        self.assertEqual(order.invoice_ids.invoice_line_ids.mapped("display_type"), ["product"])

    def test_orders_that_do_not_want_it_stay_apart(self):
        first, second = self._sell(), self._create_subscription("2026-01-01")
        third = self._sell(subscription_consolidate=False)
        self.assertEqual(self._bill()["invoices"], 3)
        self.assertEqual(len((first | second | third).invoice_ids), 3)

    def test_what_must_be_the_same(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5)])
        pricelist = self._create_pricelist(name="Euro", currency_id=euro.id)
        journal = self.company_data["default_journal_sale"].copy({"name": "Subscriptions", "code": "SUB"})
        for values in (
            {"partner_invoice_id": self.partner_a.id},
            {"pricelist_id": pricelist.id},
            {"journal_id": journal.id},
            {"payment_term_id": self.pay_terms_b.id},
            {"subscription_invoicing_mode": "draft"},
            {"fiscal_position_id": self.fiscal_pos_a.id},
        ):
            with self.subTest(values=values):
                first, second = self._sell(), self._sell(**values)
                self._bill()
                self.assertEqual(len(first.invoice_ids), 1)
                self.assertEqual(len(second.invoice_ids), 1)
                self.assertNotEqual(first.invoice_ids, second.invoice_ids)

    def test_different_days_make_different_invoices(self):
        first, second = self._sell("2026-01-10"), self._sell("2026-01-20")
        self._bill("2026-02-20")
        self.assertEqual(len((first | second).invoice_ids), 4)
        self.assertTiled(first | second)

    def test_missed_days_are_grouped_day_by_day(self):
        first, second = self._sell("2026-01-10"), self._sell("2026-01-10")
        self.assertEqual(self._bill("2026-03-10")["invoices"], 3)
        self.assertEqual(first.invoice_ids, second.invoice_ids)
        for invoice in first.invoice_ids:
            self.assertEqual(len(set(invoice.invoice_line_ids.mapped("subscription_period_start")) - {False}), 1)

    def test_orders_of_several_contacts_at_one_invoice_address_share(self):
        contacts = self.env["res.partner"].create(
            [{"name": name, "parent_id": self.customer.id, "type": "other"} for name in ("Bo", "Cy")]
        )
        first = self._sell(partner_id=contacts[0].id, partner_invoice_id=self.customer.id)
        second = self._sell(partner_id=contacts[1].id, partner_invoice_id=self.customer.id)
        self._bill()
        self.assertEqual(first.invoice_ids, second.invoice_ids)

    def test_one_bad_order_does_not_take_its_neighbours_along(self):
        good, bad, other = self._sell(), self._sell(), self._sell()
        with self._fail_billing(bad, ValueError("broken")):
            result = self._bill()
        self.assertEqual((result["invoices"], result["parked"]), (2, 1))
        self.assertFalse(bad.invoice_ids)
        self.assertTrue(bad.subscription_parked_reason)
        self.assertTrue(good.invoice_ids and other.invoice_ids)
        self.assertTiled(good | bad | other)

    def test_an_order_parked_ahead_leaves_the_others_together(self):
        first, bad, third = self._sell(), self._sell(), self._sell()
        bad.journal_id = self.company_data["default_journal_sale"].copy({"name": "Gone", "code": "GON"})
        bad.journal_id.active = False
        self._bill()
        self.assertEqual(first.invoice_ids, third.invoice_ids)
        self.assertTrue(bad.subscription_parked_reason)

    def test_a_consolidated_invoice_undone_is_undone_for_all(self):
        first, second = self._sell(), self._sell()
        self._bill()
        first.invoice_ids.button_draft()
        first.invoice_ids.button_cancel()
        for order in (first, second):
            self.assertEqual(self._get_spans(order), [("2026-01-01", "2026-02-01", "skip")])
            self.assertTiled(order)
        skips = (first | second).subscription_period_ids.filtered(lambda row: row.kind == "skip")
        skips.action_bill_again()
        self.assertEqual(self._bill()["invoices"], 1)
        self.assertTiled(first | second)

    def test_the_button_on_several_orders_consolidates_too(self):
        orders = self._sell() | self._sell()
        orders.action_subscription_bill()
        self.assertEqual(len(orders.invoice_ids), 1)

    def test_one_order_reaches_its_limit_without_its_neighbours(self):
        self.company.subscription_max_periods = 2
        late, fresh = self._sell("2025-10-01"), self._sell("2026-01-01")
        self._bill("2026-01-01")
        self.assertEqual(len(late.invoice_ids), 2)
        self.assertEqual(len(fresh.invoice_ids), 1)
        self.assertEqual(late.subscription_next_attempt, date(2026, 1, 2))
        self.assertFalse(fresh.subscription_next_attempt)
        self._bill("2026-01-02")
        self.assertTiled(late | fresh)

    def test_a_run_twice_changes_nothing(self):
        orders = self._sell() | self._sell()
        self._bill()
        self.assertEqual(self._bill()["invoices"], 0)
        self.assertEqual(len(orders.invoice_ids), 1)
