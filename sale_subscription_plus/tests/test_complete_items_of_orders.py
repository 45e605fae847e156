"""Subscriptions billed with complete journal items leave the same as those billed by Odoo's own way."""

from odoo.api import SUPERUSER_ID
from odoo.fields import Command

from .accountant import go_on
from .both_ways import BothWaysCommon
from .common import TODAY


class TestCompleteItemsOfOrders(BothWaysCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.magazine.taxes_id = cls.world.taxes["15%"]
        cls.poster.taxes_id = cls.world.taxes["21% included"]
        cls.customer.property_account_receivable_id = cls.world.accounts["receivable"]

    def assertBilledTheSame(self, *orders, invoices=1, odoo_way=0):
        """Assert that a run leaves the same of ``orders`` by both ways, and what is done to the invoices later, too.

        :param int invoices: how many there are to be
        :param int odoo_way: how many of them are not made from complete journal items
        """
        orders = self.env["sale.order"].union(*orders)

        def bill(footprint):
            run = self.env["subscription.billing.run"].with_user(SUPERUSER_ID)
            run._turn(orders.with_env(run.env), TODAY)
            self.result = run._bill(orders.with_env(run.env), TODAY)
            moves = self._get_invoices(orders)
            moves = moves.sorted(lambda move: (move.ref, move.invoice_line_ids.mapped("name")))
            footprint.order(moves)
            footprint.take("billed")
            self.env.invalidate_all()
            go_on(moves, footprint)

        self.assertSame(bill)
        self.assertEqual((self.result.invoices, self.result.odoo_way), (invoices, odoo_way))

    def test_taxed_lines(self):
        order = self._create_subscription(lines=[self._line(), self._line(product_uom_qty=2.5, discount=12.5)])
        self.assertBilledTheSame(order)

    def test_sections_notes_and_one_off_lines(self):
        headers = [
            Command.create({"display_type": kind, "name": kind})
            for kind in ("line_section", "line_subsection", "line_note")
        ]
        lines = [headers[0], self._line(), headers[1], self._line(self.poster, subscription_plan_id=False), headers[2]]
        self.assertBilledTheSame(self._create_subscription(lines=lines))

    def test_lines_with_plans_of_their_own(self):
        arrears = self._create_plan("Arrears", billing_timing="arrears")
        lines = [self._line(), self._line(subscription_plan_id=self.yearly.id)]
        lines.append(self._line(subscription_plan_id=arrears.id))
        order = self._create_subscription(lines=lines, subscription_start="2025-12-01")
        self.assertBilledTheSame(order, invoices=2)

    def test_missed_periods(self):
        order = self._create_subscription(subscription_start="2025-10-15")
        self.assertBilledTheSame(order, invoices=3)

    def test_a_stub(self):
        aligned = self._create_plan("On the 10th", alignment="month_day", alignment_day=10)
        self.assertBilledTheSame(self._create_subscription(plan=aligned))

    def test_orders_that_share_an_invoice(self):
        orders = [
            self._create_subscription(partner_id=self.customer.id, subscription_consolidate=True) for _count in range(3)
        ]
        self.assertBilledTheSame(*orders)

    def test_all_kinds_of_customers(self):
        orders = [
            self._create_subscription(partner_id=partner.id, note=f"<p>{name}</p>", client_order_ref=name)
            for name, partner in self.world.partners.items()
            if partner.active
        ]
        self.assertBilledTheSame(*orders, invoices=len(orders))

    def test_all_terms(self):
        orders = [
            self._create_subscription(payment_term_id=term.id, client_order_ref=name)
            for name, term in self.world.terms.items()
        ]
        self.assertBilledTheSame(*orders, invoices=len(orders), odoo_way=1)

    def test_a_foreign_currency(self):
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euros", "currency_id": self.world.currencies["EUR"].id}
        )
        self._set_recurring_price(self.magazine, self.monthly, 7.77, pricelist_id=pricelist.id)
        self.assertBilledTheSame(self._create_subscription(pricelist_id=pricelist.id))

    def test_drafts_and_invoices_to_be_sent(self):
        orders = [
            self._create_subscription(plan=self._create_plan(mode, invoicing_mode=mode)) for mode in ("draft", "send")
        ]
        self.assertBilledTheSame(*orders, invoices=2)

    def test_analytic_distributions(self):
        distribution = {str(self.world.analytic["A"].id): 60.0, str(self.world.analytic["B"].id): 40.0}
        order = self._create_subscription(lines=[self._line(analytic_distribution=distribution), self._line()])
        self.assertBilledTheSame(order)

    def test_a_fiscal_position_that_came_later(self):
        order = self._create_subscription()
        order.partner_id.property_account_position_id = self.world.fiscal_positions["taxes"]
        self.assertBilledTheSame(order)

    def test_ways_mixed_in_one_run(self):
        orders = [
            self._create_subscription(payment_term_id=self.world.terms[name].id)
            for name in ("thirds", "early discount mixed", "thirds")
        ]
        self.assertBilledTheSame(*orders, invoices=3, odoo_way=1)
