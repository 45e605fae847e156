from odoo.fields import Command

from .test_kpi import KpiCommon

MODEL = "subscription.movement.report"


class TestMovementReport(KpiCommon):
    """MRR movements as a report: one row an event."""

    def _read(self, groupby, aggregate, domain=(), env=None):
        """Return [(group, …, aggregate)] of the report."""
        return (env or self.env)[MODEL]._read_group(list(domain), groupby, [aggregate])

    def _get_rows(self, *names, domain=()):
        rows = self.env[MODEL].search(list(domain), order="date, id")
        return [tuple(row[name] for name in names) for row in rows]

    def test_one_row_an_event_with_all_that_the_event_knows(self):
        self.customer.country_id = self.env.ref("base.be")
        category = self.env["product.category"].create({"name": "Papers"})
        self.magazine.categ_id = category
        template = self.env["sale.order.template"].create({"name": "Reader"})
        order = self._create_subscription("2026-01-10", sale_order_template_id=template.id)
        event = order.subscription_event_ids
        self.assertRecordValues(
            self.env[MODEL].search([]),
            [
                {
                    "id": event.id,
                    "date": event.date,
                    "type": "new",
                    "customer_type": "new",
                    "order_id": order.id,
                    "line_id": order.order_line.id,
                    "template_id": template.id,
                    "partner_id": self.customer.id,
                    "country_id": self.env.ref("base.be").id,
                    "product_id": self.magazine.id,
                    "categ_id": category.id,
                    "plan_id": self.monthly.id,
                    "user_id": order.user_id.id,
                    "team_id": order.team_id.id,
                    "company_id": self.company.id,
                    "currency_id": order.currency_id.id,
                    "company_currency_id": self.company.currency_id.id,
                    "close_reason_id": False,
                    "age": 0,
                    "age_band": "00",
                    "amount": 12.0,
                    "amount_company": 12.0,
                    "amount_lost": -12.0,
                    "amount_today": 12.0,
                }
            ],
        )

    def test_what_a_second_subscription_is_depends_on_who_is_asked(self):
        self._create_subscription("2026-01-10")
        second = self._create_subscription("2026-02-10")
        self._close(second, "2026-03-10")
        self.assertEqual(
            self._get_rows("type", "customer_type"), [("new", "new"), ("new", "expansion"), ("churn", "contraction")]
        )

    def test_all_rows_of_a_customer_and_day_share_the_type_of_their_sum(self):
        order = self._create_subscription("2026-01-10")
        self._create_subscription("2026-02-10", plan=self.yearly)
        self._close(order, "2026-02-10")
        self.assertEqual(
            self._get_rows("type", "customer_type", domain=[("date", "=", "2026-02-10")]),
            [("new", "contraction"), ("churn", "contraction")],
        )

    def test_a_filter_does_not_change_what_a_movement_was(self):
        self._create_subscription("2026-01-10")
        self._create_subscription("2026-02-10", plan=self.yearly)
        self.assertEqual(
            self._read(["customer_type"], "__count", [("plan_id", "=", self.yearly.id)]), [("expansion", 1)]
        )
        self.assertEqual(self._read(["customer_type"], "__count", [("date", ">", "2026-02-01")]), [("expansion", 1)])

    def test_who_leaves_comes_back_pauses_and_goes_on(self):
        order = self._create_subscription("2026-01-10")
        self._close(order, "2026-02-10")
        self._set_today("2026-03-10")
        order.sudo().action_subscription_reopen()
        self._change(order, "2026-04-10", "pause")
        self._change(order, "2026-05-10", "resume")
        self.assertEqual(
            [movement for (movement,) in self._get_rows("customer_type")],
            ["new", "churn", "reactivation", "pause", "resume"],
        )

    def test_movements_are_told_growth_first_in_groups_too(self):
        self._close(self._create_subscription("2026-01-10"), "2026-02-10")
        self._create_subscription("2026-01-10", partner_id=self.bo.id)
        order = self._create_subscription("2026-01-20", partner_id=self.bo.id)
        self._close(order, "2026-03-20")
        report = self.env[MODEL]
        for groups in (
            report._read_group([], ["customer_type"], ["__count"]),
            report._read_grouping_sets([], [["customer_type"]], ["__count"], order="customer_type")[0],
        ):
            self.assertEqual([group[0] for group in groups], ["new", "expansion", "contraction", "churn"])
        by_customer = report._read_group([], ["partner_id", "type"], ["__count"], order="partner_id desc, type desc")
        self.assertEqual(
            [(partner, movement) for partner, movement, _count in by_customer],
            [(self.bo, "churn"), (self.bo, "new"), (self.customer, "churn"), (self.customer, "new")],
        )

    def test_the_age_is_that_of_the_customer_in_whole_months(self):
        self._create_subscription("2025-01-31")
        for day, age, band in (
            ("2025-02-27", 0, "00"),
            ("2025-02-28", 0, "00"),
            ("2025-03-01", 1, "01"),
            ("2025-04-30", 2, "01"),
            ("2025-05-01", 3, "03"),
            ("2025-07-31", 6, "06"),
            ("2026-01-31", 12, "12"),
            ("2027-01-31", 24, "24"),
            ("2028-01-31", 36, "36"),
            ("2030-01-31", 60, "60"),
        ):
            self._create_subscription(day)
            with self.subTest(day=day):
                self.assertEqual(self._get_rows("age", "age_band", domain=[("date", "=", day)]), [(age, band)])

    def test_customers_and_subscriptions_are_counted_once_each(self):
        lines = [self._line(), self._line(product_uom_qty=2)]
        self._create_subscription("2026-01-10", lines=lines)
        self._create_subscription("2026-01-10")
        self._create_subscription("2026-01-11", partner_id=self.bo.id)
        self.assertEqual(self._read([], "__count"), [(4,)])
        self.assertEqual(self._read([], "customer_count:count_distinct"), [(2,)])
        self.assertEqual(self._read([], "contract_count:count_distinct"), [(3,)])

    def test_churn_by_reason_plan_and_age_in_customers_and_money(self):
        contact = self.env["res.partner"].create({"name": "Bo's Son", "parent_id": self.bo.id})
        lines = [self._line(), self._line(product_uom_qty=2)]
        two_lines = self._create_subscription("2026-01-10", lines=lines, partner_id=contact.id)
        yearly = self._create_subscription("2026-01-10", plan=self.yearly, partner_id=self.cy.id)
        stays = self._create_subscription("2026-01-10")
        self._close(self._create_subscription("2026-02-10"), "2026-03-09")
        self._close(two_lines, "2026-03-10")
        self._close(yearly, "2026-04-10")
        churn = [("customer_type", "=", "churn")]
        self.assertEqual(
            self.env[MODEL]._read_group(
                churn,
                ["close_reason_id", "plan_id", "age_band"],
                ["customer_count:count_distinct", "amount_lost:sum"],
            ),
            [(self.reason, self.monthly, "01", 1, 36.0), (self.reason, self.yearly, "03", 1, 10.0)],
        )
        self.assertNotIn(stays, self.env[MODEL].search(churn).order_id)

    def test_what_was_just_written_is_counted(self):
        order = self._create_subscription("2026-01-10")
        self._set_today("2026-01-20")
        order.order_line.product_uom_qty = 3
        self.assertEqual(self._read([], "amount_company:sum"), [(36.0,)])
        self.magazine.categ_id = self.env["product.category"].create({"name": "Papers"})
        self.customer.country_id = self.env.ref("base.be")
        self.assertEqual(
            set(self._get_rows("categ_id", "country_id")), {(self.magazine.categ_id, self.env.ref("base.be"))}
        )

    def test_the_sum_is_the_revenue_of_the_running_lines(self):
        orders = self._create_subscription("2026-01-10", lines=[self._line(), self._line(discount=25)])
        orders |= self._create_subscription("2026-01-12", plan=self.yearly, partner_id=self.bo.id)
        closed = self._create_subscription("2026-01-12", partner_id=self.cy.id)
        self._close(closed, "2026-01-20")
        for order, amount in self._read(["order_id"], "amount_company:sum"):
            self.assertAlmostEqual(amount, order.subscription_mrr)
        self.assertEqual(self._read([], "amount_company:sum"), [(31.0,)])

    def test_handed_over_to_another_plan_all_balances_are_right(self):
        order = self._create_subscription("2026-01-10")
        self._change(order, "2026-01-20", "plan", plan_id=self.yearly.id, price_unit=120.0)
        self.assertEqual(dict(self._read(["plan_id"], "amount_company:sum")), {self.monthly: 0.0, self.yearly: 10.0})

    def test_a_row_opens_its_subscription(self):
        order = self._create_subscription()
        action = self.env[MODEL].search([]).action_view_order()
        self.assertEqual((action["res_model"], action["res_id"]), ("sale.order", order.id))


class TestMovementReportCurrencies(KpiCommon):
    """Amounts in the order's currency, in the company's, and at today's rate."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency("EUR", rates=[("2026-01-01", 0.5), ("2026-03-01", 0.25)])
        cls.pricelist = cls._create_pricelist(name="Euros", currency_id=cls.euro.id)

    def _get_amounts(self, env=None):
        fields = ["amount:sum", "amount_company:sum", "amount_today:sum"]
        return (env or self.env)[MODEL]._read_group([], [], fields)[0]

    def _subscribe_in_euros(self, day, **values):
        return self._create_subscription(
            day, pricelist_id=self.pricelist.id, lines=[self._line(price_unit=10.0)], **values
        )

    def test_no_rate_move_is_a_movement(self):
        order = self._subscribe_in_euros("2026-02-01")
        self.assertEqual(order.currency_id, self.euro)
        self.assertEqual(self._get_amounts(), (10.0, 20.0, 20.0))
        self._set_today("2026-03-15")
        self.assertEqual(self._get_amounts(), (10.0, 20.0, 40.0))
        self._close(order, "2026-03-20")
        self.assertEqual(self._get_amounts(), (0.0, 0.0, 0.0))

    def test_currencies_are_not_added_up_unconverted(self):
        self._subscribe_in_euros("2026-02-01")
        self._create_subscription("2026-02-01")
        self._set_today("2026-03-15")
        [group] = self.env[MODEL].formatted_read_group(
            [], [], ["amount:sum_currency", "amount_company:sum_currency", "company_currency_id:array_agg_distinct"]
        )
        self.assertEqual(group["amount:sum_currency"], 52.0)
        self.assertEqual(group["amount_company:sum_currency"], 32.0)
        self.assertEqual(group["company_currency_id:array_agg_distinct"], self.company.currency_id.ids)

    def test_several_companies_are_told_in_the_currency_of_the_current_one(self):
        self._create_subscription("2026-02-01")
        away = self.setup_other_company(name="Europe", currency_id=self.euro.id)["company"]
        away.subscription_tz = "UTC"
        self.env.user.company_ids = [Command.link(away.id)]
        both = self.env(context={**self.env.context, "allowed_company_ids": [self.company.id, away.id]})
        order = both["sale.order"].create(
            {
                "company_id": away.id,
                "partner_id": self.customer.id,
                "subscription_plan_id": self.monthly.id,
                "order_line": [self._line(price_unit=10.0)],
            }
        )
        self.assertEqual(order.currency_id, self.euro)
        order.action_confirm()
        self.assertEqual(
            both[MODEL]._read_group([], ["company_id"], ["amount_company:sum"]), [(self.company, 12.0), (away, 20.0)]
        )
        self.assertEqual(both[MODEL]._read_group([], [], ["customer_count:count_distinct"]), [(2,)])
        self.assertEqual(both[MODEL].search([]).company_currency_id, self.company.currency_id)
        other = both(context={**both.context, "allowed_company_ids": [away.id, self.company.id]})
        home = both(context={**both.context, "allowed_company_ids": [self.company.id]})
        self.assertEqual(home[MODEL].search([]).company_id, self.company)
        other.invalidate_all()  # as between two requests
        self.assertEqual(other[MODEL].search([]).company_currency_id, self.euro)

    def test_rates_that_companies_share_count(self):
        self.euro.rate_ids.company_id = False
        self.test_several_companies_are_told_in_the_currency_of_the_current_one()

    def test_menus_load_without_that_of_the_list_whose_place_it_takes(self):
        menu = self.env.ref("sale_subscription_plus.menu_subscription_events")
        Menu = self.env["ir.ui.menu"]
        self.assertIn(menu.id, Menu._load_menus_blacklist())
        menu.unlink()
        Menu._load_menus_blacklist()
