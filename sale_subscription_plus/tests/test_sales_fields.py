from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form

from .common import SubscriptionCommon


class TestSalesFields(SubscriptionCommon):
    """What Sales' own fields and screens say of recurring lines."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_subscription(
            "2026-01-01", lines=[cls._line(product_uom_qty=2), cls._line(cls.poster, product_uom_qty=3)]
        )
        cls.recurring, cls.one_off = cls.order.order_line

    def _assert_nothing_recurring_to_invoice(self):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertRecordValues(
            self.recurring,
            [
                {
                    "qty_to_invoice": 0.0,
                    "amount_to_invoice": 0.0,
                    "untaxed_amount_to_invoice": 0.0,
                    "invoice_status": "no",
                }
            ],
        )

    # === LINES ===#

    def test_recurring_lines_are_never_to_invoice(self):
        self._assert_nothing_recurring_to_invoice()
        self._bill()
        self._assert_nothing_recurring_to_invoice()
        self._bill("2026-04-01")
        self._assert_nothing_recurring_to_invoice()
        self.recurring.product_uom_qty = 1
        self._assert_nothing_recurring_to_invoice()
        self.recurring.product_uom_qty = 50
        self._assert_nothing_recurring_to_invoice()

    def test_invoiced_is_what_the_latest_period_invoiced(self):
        self.assertEqual(self.recurring.qty_invoiced, 0.0)
        self._bill("2026-03-01")
        self.assertRecordValues(
            self.recurring,
            [
                {
                    "qty_invoiced": 2.0,
                    "qty_invoiced_posted": 2.0,
                    "untaxed_amount_invoiced": 24.0,
                    "amount_invoiced": 24.0,
                }
            ],
        )
        self.recurring.product_uom_qty = 5
        self._bill("2026-04-01")
        self.assertEqual((self.recurring.qty_invoiced, self.recurring.untaxed_amount_invoiced), (5.0, 60.0))

    def test_invoiced_follows_undone_invoices(self):
        self._bill()
        self.recurring.product_uom_qty = 5
        self._bill("2026-02-01")
        second = self._get_invoices(self.order)[-1:]
        second.button_draft()
        self.assertEqual(self.recurring.qty_invoiced_posted, 0.0)
        second.button_cancel()
        self.assertEqual((self.recurring.qty_invoiced, self.recurring.qty_invoiced_posted), (2.0, 2.0))
        second.button_draft()
        second.action_post()
        self.assertEqual((self.recurring.qty_invoiced, self.recurring.qty_invoiced_posted), (5.0, 5.0))

    def test_drafts_are_invoiced_but_not_posted(self):
        self.order.subscription_invoicing_mode = "draft"
        self._bill()
        self.assertEqual((self.recurring.qty_invoiced, self.recurring.qty_invoiced_posted), (2.0, 0.0))
        self.assertEqual(self.recurring.untaxed_amount_invoiced, 0.0)
        self.order.invoice_ids.action_post()
        self.assertEqual((self.recurring.qty_invoiced_posted, self.recurring.untaxed_amount_invoiced), (2.0, 24.0))

    def test_one_off_lines_are_invoiced_as_ever(self):
        self.assertEqual((self.one_off.qty_to_invoice, self.one_off.invoice_status), (3.0, "to invoice"))
        self._bill()
        self.assertRecordValues(
            self.one_off, [{"qty_invoiced": 3.0, "qty_to_invoice": 0.0, "invoice_status": "invoiced"}]
        )

    # === THE ORDER ===#

    def test_the_status_of_the_order_speaks_of_one_off_lines_only(self):
        self.assertEqual(self.order.invoice_status, "to invoice")
        self._bill()
        self.assertEqual(self.order.invoice_status, "invoiced")
        self._bill("2026-03-01")
        self.assertEqual(self.order.invoice_status, "invoiced")

    def test_an_order_of_recurring_lines_alone_is_never_to_invoice(self):
        order = self._create_subscription()
        self.assertEqual(order.invoice_status, "no")
        self._bill()
        self.assertEqual(order.invoice_status, "no")
        self.assertNotIn(order, self.env["sale.order"].search([("invoice_status", "=", "to invoice")]))

    def test_amounts_of_the_order_count_one_off_lines_only(self):
        self.assertEqual(self.order.amount_to_invoice, 27.0)
        self._bill("2026-03-01")
        self.assertEqual(self.order.amount_to_invoice, 0.0)

    def test_what_is_still_to_bill_is_no_credit_of_the_customer(self):
        self.company.account_use_credit_limit = True
        before = self.customer.credit_to_invoice
        order = self._create_subscription()
        self._bill("2026-03-01")
        self.env.invalidate_all()
        self.assertEqual(self.customer.credit_to_invoice, before - 27.0)
        self.assertEqual(order.amount_to_invoice, 0.0)

    def test_posted_invoices_count_as_credit_of_the_customer(self):
        self._bill("2026-02-01")
        self.env.invalidate_all()
        self.assertEqual(self.customer.credit, 24.0 + 27.0 + 24.0)

    # === ORDINARY INVOICING ===#

    def _open_invoicing(self, orders, method="delivered", **values):
        return (
            self.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=orders.ids, active_id=orders[:1].id)
            .create({"advance_payment_method": method, **values})
        )

    def test_ordinary_invoicing_takes_one_off_lines_only(self):
        self._open_invoicing(self.order).create_invoices()
        self.assertEqual(self.order.invoice_ids.amount_untaxed, 27.0)
        self._bill()
        self.assertEqual(self._get_invoices(self.order).mapped("amount_untaxed"), [27.0, 24.0])

    def test_ordinary_invoicing_of_recurring_lines_alone_says_who_bills_them(self):
        order = self._create_subscription()
        with self.assertRaisesRegex(UserError, "billed by the subscription's own schedule"):
            self._open_invoicing(order).create_invoices()
        with self.assertRaisesRegex(UserError, "billed by the subscription's own schedule"):
            order._create_invoices()
        self.assertFalse(order.invoice_ids)

    def test_down_payments_are_refused(self):
        for method, values in (("percentage", {"amount": 50}), ("fixed", {"fixed_amount": 5})):
            with self.subTest(method=method), self.assertRaisesRegex(UserError, "no down payment"):
                self._open_invoicing(self.order, method, **values).create_invoices()
        self.assertFalse(self.order.invoice_ids)

    def test_ordinary_orders_are_invoiced_and_take_down_payments_as_ever(self):
        ordinary = self._create_subscription(lines=[self._line(self.poster)])
        self._open_invoicing(ordinary, "percentage", amount=50).create_invoices()
        self.assertEqual(ordinary.invoice_ids.amount_total, 4.5)
        self._open_invoicing(ordinary).create_invoices()
        self.assertEqual(sum(ordinary.invoice_ids.mapped("amount_total")), 9.0)

    def test_ordinary_and_recurring_orders_are_invoiced_together(self):
        ordinary = self._create_subscription(lines=[self._line(self.poster)])
        (self.order | ordinary)._create_invoices()
        self.assertEqual(self.order.invoice_ids.amount_untaxed, 27.0 + 9.0)
        self.assertEqual(self._bill()["untaxed_total"], 24.0)

    def test_one_off_lines_wait_for_their_delivery(self):
        delivered = self.company_data["product_service_delivery"]
        order = self._create_subscription("2026-01-01", lines=[self._line(), self._line(delivered, price_unit=7.0)])
        self._bill()
        self.assertEqual(order.invoice_ids.amount_untaxed, 12.0)
        order.order_line[1].qty_delivered = 1
        self._bill("2026-02-01")
        self._bill("2026-03-01")
        self.assertEqual(self._get_invoices(order).mapped("amount_untaxed"), [12.0, 19.0, 12.0])

    def test_one_off_lines_of_a_cancelled_draft_go_on_the_next_invoice(self):
        self.order.subscription_invoicing_mode = "draft"
        self._bill()
        self.order.invoice_ids.button_cancel()
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(self.order)[-1:].amount_untaxed, 24.0 + 27.0)

    # === WHAT MOVES NO PRICE ===#

    def test_another_quantity_keeps_the_agreed_price(self):
        self._set_recurring_price(self.magazine, self.monthly, 99.0, min_quantity=3)
        for billed in (False, True):
            if billed:
                self._bill()
            self.recurring.product_uom_qty += 5
            self.assertEqual(self.recurring.price_unit, 12.0)
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(self.order)[-1:].amount_untaxed, 144.0)

    def test_another_quantity_on_the_screen_keeps_the_agreed_price(self):
        self._set_recurring_price(self.magazine, self.monthly, 99.0, min_quantity=3)
        with Form(self.order) as form, form.order_line.edit(0) as line:
            line.product_uom_qty = 9
        self.assertEqual((self.recurring.product_uom_qty, self.recurring.price_unit), (9.0, 12.0))

    def test_another_unit_keeps_the_agreed_price(self):
        self.recurring.product_uom_id = self.quick_ref("uom.product_uom_dozen")
        self.assertEqual(self.recurring.price_unit, 12.0)

    def test_other_prices_reach_no_running_line(self):
        self._enable_pricelists()
        self.env["product.pricelist.item"].create(
            {
                "pricelist_id": self.pricelist.id,
                "applied_on": "3_global",
                "compute_price": "percentage",
                "percent_price": 50,
            }
        )
        self.magazine.lst_price = 1.0
        self.order.action_update_prices()
        self.recurring.product_uom_qty = 3
        self._bill()
        self.assertEqual(self.recurring.price_subtotal, 36.0)
        self.assertEqual(self.recurring.invoice_lines.price_subtotal, 36.0)

    def test_a_customer_with_another_pricelist_moves_no_price(self):
        other = self._create_pricelist(name="Other")
        self._set_recurring_price(self.magazine, self.monthly, 1.0, pricelist_id=other.id)
        self.customer.property_product_pricelist = other
        self._bill("2026-02-01")
        self.assertEqual(set(self.recurring.invoice_lines.mapped("price_unit")), {12.0})

    def test_a_price_changed_by_hand_counts_from_the_next_period(self):
        self._bill()
        self.recurring.price_unit = 13.0
        self._bill("2026-02-01")
        self.assertEqual(self.recurring.invoice_lines.sorted("id").mapped("price_unit"), [12.0, 13.0])

    def test_a_renamed_line_is_renamed_on_the_next_invoice(self):
        self._bill()
        self.recurring.name = "Magazine, signed"
        self._bill("2026-02-01")
        self.assertIn("Magazine, signed", self.recurring.invoice_lines.sorted("id")[-1:].name)

    # === UPSELLING, REPORTS, AND WHAT IS SHOWN AT A GLANCE ===#

    def test_a_lowered_quantity_is_no_refund(self):
        self._bill()
        self.recurring.product_uom_qty = 1
        with self.assertRaises(UserError):
            self.order._create_invoices(final=True)
        self.assertEqual(len(self.order.invoice_ids), 1)

    def test_the_amount_says_what_is_paid_plan_by_plan(self):
        self.order.order_line = [self._line(subscription_plan_id=self.yearly.id)]
        label = self.order.subscription_price_label
        for text in ("24.00", "/ month", "120.00", "/ year"):
            self.assertIn(text, label)
        self.assertEqual(self.order.subscription_recurring_amount, 144.0)
        self.assertEqual(self.order.subscription_mrr, 34.0)

    def test_the_amount_leaves_out_options_that_were_not_chosen(self):
        self.order.order_line = [self._line(subscription_plan_id=self.yearly.id, product_uom_qty=0)]
        self.assertNotIn("/ year", self.order.subscription_price_label)

    def test_customers_count_their_running_subscriptions(self):
        contact = self.env["res.partner"].create({"name": "Bo", "parent_id": self.customer.id})
        self._create_subscription(partner_id=contact.id)
        self._create_quotation()
        self._create_subscription(lines=[self._line(self.poster)])
        self.assertEqual(self.customer.subscription_count, 2)
        self.assertEqual(contact.subscription_count, 1)
        action = self.customer.action_view_subscriptions()
        self.assertEqual(self.env["sale.order"].search_count(action["domain"]), 3)

    def test_the_next_invoice_at_a_glance(self):
        self.assertEqual(self.order.subscription_next_invoice_amount, 51.0)
        self._bill()
        self.assertEqual(
            (self.order.subscription_next_invoice_date, self.order.subscription_next_invoice_amount),
            (date(2026, 2, 1), 24.0),
        )
        self.assertEqual((self.order.subscription_period_count, self.order.subscription_event_count), (1, 1))

    def test_a_new_quotation_form_with_a_recurring_line(self):
        with Form(self.env["sale.order"]) as form:
            form.partner_id = self.customer
            form.subscription_plan_id = self.yearly
            with form.order_line.new() as line:
                line.product_id = self.magazine
                self.assertEqual(line.price_unit, 120.0)
            with form.order_line.new() as line:
                line.product_id = self.poster
        order = form.record
        self.assertEqual(order.order_line.mapped("price_unit"), [120.0, 9.0])
        self.assertEqual(order.order_line[0].subscription_plan_id, self.yearly)
        self.assertFalse(order.order_line[1].subscription_plan_id)

    def test_invoicing_several_orders_keeps_their_sections(self):
        order = self._create_subscription(
            lines=[
                Command.create({"display_type": "line_section", "name": "Reading"}),
                self._line(),
                Command.create({"display_type": "line_section", "name": "On the wall"}),
                self._line(self.poster),
            ]
        )
        invoice = order._create_invoices()
        self.assertEqual(
            [line.name for line in invoice.invoice_line_ids if line.display_type != "product"], ["On the wall"]
        )
