from datetime import date

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form

from .common import SubscriptionCommon


class TestPricing(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._enable_pricelists()
        cls._enable_feature("sale.group_discount_per_so_line")

    def _get_price(self, plan=None, product=None, **values):
        """Return the price that a line of a new quotation gets by itself."""
        order_values = {name: values.pop(name) for name in ("pricelist_id", "partner_id") if name in values}
        line = self._line(product or self.magazine, **values)
        return self._create_quotation([line], plan, **order_values).order_line[:1].price_unit

    def _create_rule(self, **values):
        """Create a rule on the test's pricelist, for all products if not told otherwise."""
        return self.env["product.pricelist.item"].create(
            {"pricelist_id": self.pricelist.id, "applied_on": "3_global", **values}
        )

    # === WHICH RULE ===#

    def test_each_plan_has_its_price(self):
        self.assertEqual(self._get_price(self.monthly), 12.0)
        self.assertEqual(self._get_price(self.yearly), 120.0)

    def test_a_plan_without_price_costs_the_list_price(self):
        self.assertEqual(self._get_price(self._create_plan("Weekly", interval_unit="week")), 50.0)

    def test_a_product_priced_by_its_plans_only_can_be_sold(self):
        product = self._create_recurring_product("Club", {self.monthly: 7.0}, lst_price=0.0)
        self.assertEqual(self._get_price(product=product), 7.0)

    def test_a_line_without_plan_costs_the_list_price(self):
        self.assertEqual(self._get_price(self.env["subscription.plan"]), 50.0)
        self.assertEqual(self._get_price(self.monthly, subscription_plan_id=False), 50.0)

    def test_a_price_for_a_variant_beats_that_of_its_template(self):
        self.env["product.pricelist.item"].create(
            {
                "applied_on": "0_product_variant",
                "product_id": self.magazine.id,
                "product_tmpl_id": self.magazine.product_tmpl_id.id,
                "subscription_plan_id": self.monthly.id,
                "compute_price": "fixed",
                "fixed_price": 11.0,
                "pricelist_id": False,
            }
        )
        self.assertEqual(self._get_price(), 11.0)
        self.assertEqual(self._get_price(self.yearly), 120.0)

    def test_each_variant_has_its_price(self):
        attribute = self.env["product.attribute"].create(
            {"name": "Edition", "value_ids": [Command.create({"name": "Paper"}), Command.create({"name": "Digital"})]}
        )
        template = self.env["product.template"].create(
            {
                "name": "Paper or digital",
                "subscription_ok": True,
                "taxes_id": False,
                "attribute_line_ids": [
                    Command.create({"attribute_id": attribute.id, "value_ids": [Command.set(attribute.value_ids.ids)]})
                ],
            }
        )
        paper, digital = template.product_variant_ids
        for variant, price in ((paper, 20.0), (digital, 8.0)):
            self._set_recurring_price(
                variant, self.monthly, price, applied_on="0_product_variant", product_id=variant.id
            )
        self.assertEqual((self._get_price(product=paper), self._get_price(product=digital)), (20.0, 8.0))

    def test_the_price_of_a_pricelist_beats_that_for_all(self):
        self._set_recurring_price(self.magazine, self.monthly, 9.0, pricelist_id=self.pricelist.id)
        other = self._create_pricelist(name="Other")
        self.assertEqual(self._get_price(pricelist_id=self.pricelist.id), 9.0)
        self.assertEqual(self._get_price(pricelist_id=other.id), 12.0)

    def test_minimum_quantities_count_in_the_unit_of_the_product(self):
        self._set_recurring_price(self.magazine, self.monthly, 10.0, min_quantity=12)
        self.assertEqual(self._get_price(product_uom_qty=11), 12.0)
        self.assertEqual(self._get_price(product_uom_qty=12), 10.0)
        dozen = self.quick_ref("uom.product_uom_dozen")
        self.assertEqual(self._get_price(product_uom_id=dozen.id), 120.0)

    def test_prices_have_their_dates(self):
        self._set_recurring_price(
            self.magazine, self.monthly, 6.0, min_quantity=1, date_start="2026-02-01", date_end="2026-02-28"
        )
        self.assertEqual(self._get_price(), 12.0)
        self._set_today("2026-02-10")
        self.assertEqual(self._get_price(), 6.0)
        self._set_today("2026-03-02")
        self.assertEqual(self._get_price(), 12.0)

    # === MANY AT ONCE ===#

    def _create_catalogue(self, count):
        """Create products of which every other has a recurring price, and a fixed price of single sales."""
        products = self.env["product.product"]
        for number in range(count):
            products += self._create_recurring_product(
                f"Product {number}", {self.monthly: 5.0 + number} if number % 2 else None
            )
        for product in products:
            self._create_rule(
                compute_price="fixed",
                fixed_price=99.0,
                applied_on="1_product",
                product_tmpl_id=product.product_tmpl_id.id,
            )
        return products

    def _get_prices(self, products, pricelist=None, plan=None):
        pricelist = self.pricelist if pricelist is None else pricelist
        return pricelist._get_products_price(products, 1.0, subscription_plan=plan or self.monthly)

    def test_many_products_cost_together_what_each_costs_alone(self):
        products = self._create_catalogue(6)
        self._create_rule(compute_price="percentage", percent_price=10)
        for pricelist in (self.pricelist, self.pricelist.browse()):
            for records in (products, products.product_tmpl_id):
                together = self._get_prices(records, pricelist)
                self.assertEqual(
                    together, {record.id: self._get_prices(record, pricelist)[record.id] for record in records}
                )
        # Those without a recurring price keep the fixed one though the others have got theirs.
        prices = self._get_prices(products)
        self.assertEqual([prices[product.id] for product in products[:4]], [99.0, 5.4, 99.0, 7.2])

    def test_the_price_of_twenty_products_takes_as_many_queries_as_that_of_two(self):
        products = self._create_catalogue(20)
        self._create_rule(compute_price="percentage", percent_price=10)

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._get_prices(some)
            return self.cr.sql_log_count - before

        count(products)  # what Odoo looks up once is not on their account
        self.assertEqual(count(products[:2]), count(products))

    # === DISCOUNTS AND FORMULAS ===#

    def test_a_percentage_works_on_the_recurring_price(self):
        self._create_rule(compute_price="percentage", percent_price=25)
        order = self._create_quotation(pricelist_id=self.pricelist.id)
        self.assertEqual(order.order_line.price_subtotal, 9.0)
        order.subscription_plan_id = self.yearly
        self.assertEqual(order.order_line.price_subtotal, 90.0)

    def test_a_formula_works_on_the_recurring_price(self):
        self._create_rule(compute_price="formula", price_discount=50, price_surcharge=1)
        self.assertEqual(self._get_price(self.monthly, pricelist_id=self.pricelist.id), 7.0)
        self.assertEqual(self._get_price(self.yearly, pricelist_id=self.pricelist.id), 61.0)

    def test_a_percentage_on_a_plan_is_for_that_plan_only(self):
        self._create_rule(compute_price="percentage", percent_price=50, subscription_plan_id=self.yearly.id)
        monthly = self._create_quotation(pricelist_id=self.pricelist.id)
        yearly = self._create_quotation(plan=self.yearly, pricelist_id=self.pricelist.id)
        self.assertEqual(monthly.order_line.price_subtotal, 12.0)
        self.assertEqual(yearly.order_line.price_subtotal, 60.0)

    def test_a_pricelist_based_on_another_takes_its_recurring_price(self):
        self._set_recurring_price(self.magazine, self.monthly, 10.0, pricelist_id=self.pricelist.id)
        derived = self._create_pricelist(name="Derived")
        self._create_rule(
            pricelist_id=derived.id,
            compute_price="formula",
            base="pricelist",
            base_pricelist_id=self.pricelist.id,
            price_discount=10,
        )
        self.assertEqual(self._get_price(pricelist_id=derived.id), 9.0)

    def test_the_fixed_price_of_a_single_sale_is_no_recurring_price(self):
        self._create_rule(
            compute_price="fixed",
            fixed_price=33.0,
            applied_on="1_product",
            product_tmpl_id=self.magazine.product_tmpl_id.id,
        )
        self.assertEqual(self._get_price(pricelist_id=self.pricelist.id), 12.0)
        no_plan = self.env["subscription.plan"]
        self.assertEqual(self._get_price(no_plan, pricelist_id=self.pricelist.id), 33.0)

    def test_a_fixed_price_stands_where_there_is_no_recurring_one(self):
        plain = self._create_recurring_product("Plain")
        self._create_rule(
            compute_price="fixed", fixed_price=33.0, applied_on="1_product", product_tmpl_id=plain.product_tmpl_id.id
        )
        self.assertEqual(self._get_price(product=plain, pricelist_id=self.pricelist.id), 33.0)

    def test_recurring_prices_do_not_reach_single_sales(self):
        self._set_recurring_price(self.poster, self.monthly, 1.0)
        self.assertEqual(self._get_price(product=self.poster), 9.0)

    def test_a_price_for_all_pricelists_must_be_a_fixed_one_of_a_product(self):
        for values in (
            {"compute_price": "percentage", "percent_price": 5},
            {"applied_on": "3_global"},
            {"subscription_plan_id": False},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self._set_recurring_price(self.magazine, self.monthly, 3.0, **values)

    # === CURRENCIES ===#

    def test_the_price_is_in_the_currency_of_the_pricelist(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5)])
        pricelist = self._create_pricelist(name="Euro", currency_id=euro.id)
        order = self._create_quotation(pricelist_id=pricelist.id)
        self.assertEqual((order.currency_id, order.order_line.price_unit), (euro, 6.0))
        self._set_recurring_price(self.magazine, self.monthly, 7.0, pricelist_id=pricelist.id)
        self.assertEqual(self._get_price(pricelist_id=pricelist.id), 7.0)

    # === WHAT MOVES A PRICE, AND WHAT DOES NOT ===#

    def test_a_change_of_plan_reprices_recurring_lines_only(self):
        order = self._create_quotation(
            [self._line(), self._line(self.poster, price_unit=8.0), self._line(self.poster, discount=5.0)]
        )
        self.poster.lst_price = 10.0
        order.subscription_plan_id = self.yearly
        self.assertRecordValues(
            order.order_line,
            [
                {"price_unit": 120.0, "discount": 0.0},
                {"price_unit": 8.0, "discount": 0.0},
                {"price_unit": 9.0, "discount": 5.0},
            ],
        )

    def test_one_off_lines_still_follow_their_quantity(self):
        order = self._create_quotation([self._line(), self._line(self.poster)])
        order.subscription_plan_id = self.yearly
        self.poster.lst_price = 10.0
        order.order_line[1].product_uom_qty = 2
        self.assertEqual(order.order_line[1].price_unit, 10.0)

    def test_a_change_of_plan_leaves_prices_set_by_hand(self):
        order = self._create_quotation([self._line(price_unit=5.0), self._line(price_unit=0.0), self._line()])
        free, later = order.order_line[1], order.order_line[2]
        later.copy({"order_id": order.id}).price_unit = 6.0
        order.subscription_plan_id = self.yearly
        self.assertEqual(order.order_line.mapped("price_unit"), [5.0, 0.0, 120.0, 6.0])
        order.order_line.product_uom_qty = 2
        self.assertEqual((order.order_line[0].price_unit, free.price_unit), (5.0, 0.0))

    def test_a_price_given_before_the_order_has_a_plan_stays_too(self):
        order = self._create_quotation([self._line(price_unit=5.0)], plan=self.env["subscription.plan"])
        order.subscription_plan_id = self.yearly
        self.assertEqual(order.order_line.price_unit, 5.0)

    def test_a_change_of_plan_on_the_screen_does_the_same(self):
        order = self._create_quotation([self._line(), self._line(), self._line(self.poster)])
        order.order_line[1].price_unit = 5.0
        with Form(order) as form:
            form.subscription_plan_id = self.yearly
        self.assertEqual(order.order_line.mapped("price_unit"), [120.0, 5.0, 9.0])

    def test_a_discount_agreed_by_hand_survives_quantity_and_plan(self):
        order = self._create_quotation([self._line(discount=10.0)])
        order.order_line.product_uom_qty = 3
        order.subscription_plan_id = self.yearly
        self.assertEqual((order.order_line.discount, order.order_line.price_subtotal), (10.0, 324.0))

    def test_a_discount_of_the_pricelist_follows_the_plan(self):
        self._create_rule(compute_price="percentage", percent_price=50, subscription_plan_id=self.monthly.id)
        order = self._create_quotation(pricelist_id=self.pricelist.id)
        self.assertEqual(order.order_line.discount, 50.0)
        order.subscription_plan_id = self.yearly
        self.assertEqual(order.order_line.discount, 0.0)

    def test_prices_computed_anew_bring_their_discount(self):
        rule = self._create_rule(compute_price="percentage", percent_price=50)
        order = self._create_quotation(pricelist_id=self.pricelist.id)
        order._recompute_prices()
        self.assertEqual(order.order_line.discount, 50.0)
        rule.percent_price = 25
        order._recompute_prices()
        self.assertEqual(order.order_line.discount, 25.0)
        rule.unlink()
        order._recompute_prices()
        self.assertEqual(order.order_line.discount, 0.0)

    def test_prices_computed_anew_replace_a_discount_agreed_by_hand(self):
        self._create_rule(compute_price="percentage", percent_price=50)
        order = self._create_quotation([self._line(discount=10.0)], pricelist_id=self.pricelist.id)
        self.assertEqual(order.order_line.discount, 10.0)
        order._recompute_prices()
        self.assertEqual(order.order_line.discount, 50.0)

    def test_a_line_keeps_its_own_plan_when_the_order_changes(self):
        order = self._create_quotation([self._line(), self._line(subscription_plan_id=self.yearly.id)])
        quarterly = self._create_plan("Quarterly", interval_count=3)
        self._set_recurring_price(self.magazine, quarterly, 32.0)
        order.subscription_plan_id = quarterly
        self.assertEqual(order.order_line.mapped("price_unit"), [32.0, 120.0])

    def test_a_line_without_plan_by_hand_stays_without(self):
        order = self._create_quotation([self._line(), self._line(subscription_plan_id=False)])
        order.subscription_plan_id = self.yearly
        self.assertEqual(order.order_line.subscription_plan_id, self.yearly)
        self.assertFalse(order.order_line[1].subscription_plan_id)

    def test_a_line_follows_the_order_again_when_its_own_plan_was_the_same(self):
        order = self._create_quotation([self._line(subscription_plan_id=self.monthly.id)])
        order.subscription_plan_id = self.yearly
        # Said by hand, if in the same words as the order's default.
        self.assertIn(order.order_line.subscription_plan_id, self.yearly | self.monthly)
        self.assertEqual(
            order.order_line.price_unit, 120.0 if order.order_line.subscription_plan_id == self.yearly else 12.0
        )

    def test_a_product_brings_its_default_plan(self):
        self.magazine.subscription_plan_id = self.yearly
        order = self._create_quotation([self._line()])
        self.assertEqual(order.order_line.subscription_plan_id, self.yearly)
        self.assertEqual(order.order_line.price_unit, 120.0)

    def test_products_that_do_not_recur_may_be_given_a_plan(self):
        order = self._create_quotation([self._line(self.poster, subscription_plan_id=self.monthly.id)])
        self.assertEqual(order.order_line.subscription_mrr, 9.0)

    def test_another_product_on_the_line_brings_its_own_plan_and_price(self):
        order = self._create_quotation([self._line(self.poster)])
        order.order_line.product_id = self.magazine
        self.assertEqual((order.order_line.subscription_plan_id, order.order_line.price_unit), (self.monthly, 12.0))
        order.order_line.product_id = self.poster
        self.assertFalse(order.order_line.subscription_plan_id)
        self.assertEqual(order.order_line.price_unit, 9.0)

    def test_optional_products_take_the_new_plan_and_its_price(self):
        order = self._create_quotation(
            [
                self._line(),
                Command.create({"display_type": "line_section", "name": "Options", "is_optional": True}),
                self._line(product_uom_qty=0),
            ]
        )
        order.subscription_plan_id = self.yearly
        optional = order.order_line[2]
        self.assertEqual((optional.subscription_plan_id, optional.price_unit), (self.yearly, 120.0))

    def test_agreed_prices_of_running_lines_do_not_move(self):
        order = self._create_subscription(pricelist_id=self.pricelist.id)
        self._set_recurring_price(self.magazine, self.monthly, 99.0, min_quantity=1)
        self._create_rule(compute_price="percentage", percent_price=90)
        order.order_line.product_uom_qty = 5
        order.action_update_prices()
        self.assertEqual((order.order_line.price_unit, order.order_line.discount), (12.0, 0.0))

    def test_an_agreed_discount_of_a_running_line_does_not_move(self):
        order = self._create_subscription(lines=[self._line(discount=25.0)])
        order.order_line.product_uom_qty = 2
        self.assertEqual((order.order_line.discount, order.order_line.price_subtotal), (25.0, 18.0))
        self._bill()
        order.order_line.product_uom_qty = 3
        order.action_update_prices()
        self.assertEqual((order.order_line.discount, order.order_line.price_subtotal), (25.0, 27.0))

    # === MRR ===#

    def test_mrr_makes_plans_comparable(self):
        weekly = self._create_plan("Weekly", interval_unit="week")
        order = self._create_quotation(
            [
                self._line(product_uom_qty=2, discount=50),
                self._line(subscription_plan_id=self.yearly.id),
                self._line(subscription_plan_id=weekly.id, price_unit=7.0),
                self._line(self.poster),
            ]
        )
        for line, expected in zip(order.order_line, (12.0, 10.0, 365.25 / 12, 0.0), strict=True):
            self.assertAlmostEqual(line.subscription_mrr, expected)
        self.assertAlmostEqual(order.subscription_mrr, 22.0 + 365.25 / 12)

    def test_mrr_is_untaxed_where_prices_include_taxes(self):
        tax = self.tax_sale_a.copy({"name": "20% included", "amount": 20, "price_include_override": "tax_included"})
        order = self._create_quotation([self._line(tax_ids=[Command.set(tax.ids)], price_unit=12.0)])
        self.assertAlmostEqual(order.subscription_mrr, 10.0)

    # === TEMPLATES ===#

    def _create_template(self, **values):
        return self.env["sale.order.template"].create(
            {
                "name": "Offer",
                "subscription_plan_id": self.yearly.id,
                "sale_order_template_line_ids": [
                    self._line(product_uom_qty=2),
                    self._line(subscription_plan_id=self.monthly.id, product_uom_qty=1),
                    self._line(self.poster, product_uom_qty=1),
                ],
                **values,
            }
        )

    def _create_from_template(self, template):
        order = self.env["sale.order"].new({"partner_id": self.customer.id, "sale_order_template_id": template.id})
        order._onchange_sale_order_template_id()
        return self.env["sale.order"].create(order._convert_to_write(order._cache))

    def test_a_template_brings_plan_lines_and_prices(self):
        order = self._create_from_template(self._create_template())
        self.assertEqual(order.subscription_plan_id, self.yearly)
        self.assertRecordValues(
            order.order_line,
            [
                {"subscription_plan_id": self.yearly.id, "price_unit": 120.0, "product_uom_qty": 2},
                {"subscription_plan_id": self.monthly.id, "price_unit": 12.0, "product_uom_qty": 1},
                {"subscription_plan_id": False, "price_unit": 9.0, "product_uom_qty": 1},
            ],
        )

    def test_terms_come_from_the_plan(self):
        self.yearly.write({"commitment_months": 12, "notice_days": 30, "invoicing_mode": "draft", "auto_renew": False})
        order = self._create_from_template(self._create_template())
        self.assertRecordValues(
            order,
            [
                {
                    "subscription_commitment_months": 12,
                    "subscription_notice_days": 30,
                    "subscription_invoicing_mode": "draft",
                    "subscription_auto_renew": False,
                }
            ],
        )

    def test_terms_of_the_template_beat_those_of_the_plan(self):
        self.yearly.commitment_months = 12
        order = self._create_from_template(
            self._create_template(
                subscription_own_terms=True,
                subscription_commitment_months=24,
                subscription_invoicing_mode="post",
                subscription_auto_renew=False,
            )
        )
        self.assertRecordValues(
            order,
            [
                {
                    "subscription_commitment_months": 24,
                    "subscription_invoicing_mode": "post",
                    "subscription_auto_renew": False,
                }
            ],
        )

    def test_terms_set_by_hand_are_those_of_the_contract(self):
        self.monthly.commitment_months = 12
        order = self._create_subscription("2026-01-15", subscription_commitment_months=6)
        self.assertEqual(order.subscription_commitment_months, 6)
        self.assertEqual(order.subscription_term_end, date(2026, 7, 14))
