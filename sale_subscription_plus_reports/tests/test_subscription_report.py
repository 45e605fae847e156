from .test_kpi import KpiCommon

MODEL = "subscription.report"


class TestSubscriptionReport(KpiCommon):
    """Subscriptions as they stand: one row a recurring line."""

    def _read(self, groupby, *aggregates, domain=()):
        return self.env[MODEL]._read_group(list(domain), groupby, aggregates)

    def test_one_row_a_recurring_line_of_what_was_confirmed(self):
        self._create_quotation()
        order = self._create_subscription("2026-01-10", lines=[self._line(), self._line(), self._line(self.poster)])
        self.assertEqual(self.env[MODEL].search([]).line_id, order.order_line[:2])

    def test_a_row_tells_how_its_subscription_stands(self):
        self.bo.country_id = self.env.ref("base.be")
        contact = self.env["res.partner"].create({"name": "Bo's Son", "parent_id": self.bo.id})
        order = self._create_subscription(
            "2026-01-10", plan=self.yearly, partner_id=contact.id, subscription_commitment_months=24
        )
        self._bill("2026-04-11")
        self.assertRecordValues(
            self.env[MODEL].search([]),
            [
                {
                    "id": order.order_line.id,
                    "order_id": order.id,
                    "status": "progress",
                    "phase": "running",
                    "payment_status": order.subscription_payment_status,
                    "start": order.subscription_start,
                    "line_start": order.subscription_start,
                    "line_end": False,
                    "closed_on": False,
                    "close_reason_id": False,
                    "next_invoice_date": order.subscription_next_invoice_date,
                    "commitment": 24,
                    "term_end": order.subscription_term_end,
                    "auto_renew": True,
                    "age": 3,
                    "partner_id": self.bo.id,
                    "country_id": self.env.ref("base.be").id,
                    "plan_id": self.yearly.id,
                    "product_id": self.magazine.id,
                    "categ_id": self.magazine.categ_id.id,
                    "user_id": order.user_id.id,
                    "team_id": order.team_id.id,
                    "company_id": self.company.id,
                    "quantity": 1.0,
                    "mrr": 10.0,
                    "run_rate": 120.0,
                    "mrr_today": 10.0,
                    "mrr_order": 10.0,
                }
            ],
        )

    def test_closed_paused_and_scheduled_bring_nothing(self):
        closed = self._create_subscription("2026-01-10")
        paused = self._create_subscription("2026-01-10")
        self._change(paused, "2026-02-10", "pause")
        self._close(closed, "2026-03-10")
        self._create_subscription(subscription_start="2027-01-01")
        self._set_today("2026-06-10")
        rows = self.env[MODEL].search([], order="age desc, id desc")
        self.assertEqual(
            [(row.status, row.phase, row.age, row.mrr, row.mrr_order) for row in rows],
            [("paused", "paused", 5, 0, 0), ("closed", "ended", 2, 0, 0), ("scheduled", "waiting", 0, 0, 0)],
        )
        self.assertEqual(rows[1].close_reason_id, self.reason)

    def test_subscriptions_and_customers_are_counted_once_each(self):
        self._create_subscription(lines=[self._line(), self._line()])
        self._create_subscription()
        self._create_subscription(partner_id=self.bo.id)
        counts = self._read([], "__count", "contract_count:count_distinct", "customer_count:count_distinct")
        self.assertEqual(counts, [(4, 3, 2)])

    def test_the_revenue_per_subscription_is_no_average_of_lines(self):
        self._create_subscription(lines=[self._line(), self._line(product_uom_qty=3)])
        self._create_subscription(plan=self.yearly)
        self._close(self._create_subscription(), "2026-01-20")
        self.assertEqual(self._read([], "revenue_per_contract:avg"), [(29.0,)])
        self.assertEqual(
            self._read(["plan_id"], "revenue_per_contract:avg"), [(self.monthly, 48.0), (self.yearly, 10.0)]
        )
        [(nothing,)] = self._read([], "revenue_per_contract:avg", domain=[("status", "=", "closed")])
        self.assertFalse(nothing)

    def test_revenue_is_what_the_movements_say_and_at_todays_rate_another_measure(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5), ("2026-03-01", 0.25)])
        pricelist = self._create_pricelist(name="Euros", currency_id=euro.id)
        order = self._create_subscription(
            "2026-02-01", pricelist_id=pricelist.id, lines=[self._line(price_unit=10.0, product_uom_qty=2)]
        )
        self._set_today("2026-03-15")
        self.assertEqual(self._read([], "mrr_order:sum", "mrr:sum", "mrr_today:sum"), [(20.0, 40.0, 80.0)])
        [(movements,)] = self.env["subscription.movement.report"]._read_group([], [], ["amount_company:sum"])
        self.assertEqual(movements, 40.0)
        self._close(order, "2026-03-20")
        self.assertEqual(self._read([], "mrr_order:sum", "mrr:sum", "mrr_today:sum"), [(0.0, 0.0, 0.0)])

    def test_what_was_just_written_is_counted(self):
        order = self._create_subscription("2026-01-10")
        self.assertEqual(self._read([], "mrr:sum", "quantity:sum"), [(12.0, 1.0)])
        order.order_line.product_uom_qty = 3
        self.assertEqual(self._read([], "mrr:sum", "quantity:sum"), [(36.0, 3.0)])

    def test_a_row_opens_its_subscription(self):
        order = self._create_subscription()
        action = self.env[MODEL].search([]).action_view_order()
        self.assertEqual((action["res_model"], action["res_id"]), ("sale.order", order.id))
