"""What the shop says of a product's plans: prices, savings, and what is due when."""

from datetime import timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo import fields
from odoo.fields import Command

from odoo.addons.website_sale.tests.common import MockRequest

from ..models.product_template_plans import ShopOffer
from .common import ShopCommon

cents = st.integers(0, 10**8)


class OfferCommon(ShopCommon):
    def _get_choice(self, product=None, chosen=None, quantity=1, pricelist=None, position=None, **kwargs):
        """Return (what the product's page says of the price, what it offers), as a visitor sees it."""
        product = product or self.magazine
        template = product if product._name == "product.template" else product.product_tmpl_id
        product_id = product.id if product != template else False
        public = self.website.user_id
        template = template.with_user(public).with_company(self.company)
        template = template.with_context(chosen_subscription_plan_id=chosen)
        website = self.website.with_user(public).with_company(self.company)
        self.env.invalidate_all()
        with MockRequest(template.env, website=website) as request:
            request.pricelist = (pricelist or self.shop_pricelist).sudo()
            request.fiscal_position = (position or self.env["account.fiscal.position"]).sudo()
            template = template.with_env(request.env(context=template.env.context))
            info = template._get_combination_info(product_id=product_id, add_qty=quantity, **kwargs)
            return info, template._get_subscription_choice(info, quantity, kwargs.get("uom_id"))

    def _get_offers(self, *args, **kwargs):
        return self._get_choice(*args, **kwargs)[1]["offers"]

    def _get_prices(self, *args, **kwargs):
        return {offer.plan: offer.price for offer in self._get_offers(*args, **kwargs)}


class TestOffers(OfferCommon):
    def test_the_shortest_plan_comes_first_and_others_save_against_it(self):
        monthly, yearly = self._get_offers()
        self.assertEqual((monthly.plan, monthly.price, monthly.monthly), (self.monthly, 12.0, 12.0))
        self.assertEqual((monthly.saving, monthly.percent), (0.0, 0))
        self.assertEqual((yearly.plan, yearly.price, yearly.monthly), (self.yearly, 120.0, 10.0))
        self.assertEqual((yearly.saving, yearly.percent), (24.0, 17))
        self.assertTrue(monthly.chosen)

    def test_a_longer_plan_that_costs_more_saves_nothing(self):
        plan = self._create_plan("Quarterly", interval_count=3)
        self._set_recurring_price(self.magazine, plan, 40.0)
        offer = self._get_offers()[1]
        self.assertEqual((offer.plan, offer.saving, offer.percent), (plan, 0.0, 0))

    def test_a_week_is_reckoned_by_the_mean_month(self):
        weekly = self._create_plan("Weekly", interval_unit="week")
        self._set_recurring_price(self.magazine, weekly, 3.0)
        first, monthly, _yearly = self._get_offers()
        self.assertEqual(first.plan, weekly)
        self.assertAlmostEqual(first.monthly, 3.0 * 365.25 / 12 / 7)
        self.assertEqual((monthly.saving, monthly.percent), (1.04, 8))

    # === TAXES, CURRENCIES, PRICELISTS ===#

    def test_prices_show_taxes_as_the_website_does(self):
        self._set_taxes(self.magazine, self._create_tax(20.0))
        self.website.show_line_subtotals_tax_selection = "tax_excluded"
        self.assertEqual(self._get_prices(), {self.monthly: 12.0, self.yearly: 120.0})
        self.website.show_line_subtotals_tax_selection = "tax_included"
        self.assertEqual(self._get_prices(), {self.monthly: 14.4, self.yearly: 144.0})
        self.assertEqual(self._get_offers()[1].saving, 28.8)

    def test_prices_follow_the_fiscal_position_of_the_visitor(self):
        home, abroad = self._create_tax(20.0), self._create_tax(5.0)
        self._set_taxes(self.magazine, home)
        self.website.show_line_subtotals_tax_selection = "tax_included"
        position = self.env["account.fiscal.position"].create({"name": "Abroad", "tax_ids": [Command.link(abroad.id)]})
        abroad.write({"fiscal_position_ids": [Command.link(position.id)], "original_tax_ids": [Command.link(home.id)]})
        _info, choice = self._get_choice(position=position)
        self.assertEqual(choice["offers"][0].price, 12.6)
        self.assertIn("Due today: $\xa012.60, taxes included.", choice["sentences"])

    def test_prices_of_all_pricelists_are_converted(self):
        self.assertEqual(self._get_prices(pricelist=self._create_euro_list())[self.monthly], 24.0)

    def test_a_pricelist_has_a_price_of_its_own(self):
        euros = self._create_euro_list()
        self._set_recurring_price(self.magazine, self.monthly, 19.0, pricelist_id=euros.id)
        self.assertEqual(self._get_prices(pricelist=euros), {self.monthly: 19.0, self.yearly: 240.0})
        self.assertEqual(self._get_prices(), {self.monthly: 12.0, self.yearly: 120.0})

    def test_a_discount_is_shown(self):
        self.env["product.pricelist.item"].create(
            {
                "pricelist_id": self.shop_pricelist.id,
                "applied_on": "3_global",
                "compute_price": "percentage",
                "percent_price": 10.0,
            }
        )
        info, choice = self._get_choice(chosen=self.yearly.id)
        yearly = choice["offers"][1]
        self.assertEqual((yearly.price, yearly.list_price), (108.0, 120.0))
        self.assertEqual((info["price"], info["list_price"], info["has_discounted_price"]), (108.0, 120.0, True))

    def test_more_of_it_costs_less(self):
        self._set_recurring_price(self.magazine, self.monthly, 8.0, min_quantity=5)
        self.assertEqual(self._get_prices(quantity=4)[self.monthly], 12.0)
        self.assertEqual(self._get_prices(quantity=5)[self.monthly], 8.0)

    def test_a_variant_adds_to_the_sales_price_and_has_a_price_of_its_own(self):
        small, large = self._create_variants()
        self.assertEqual(self._get_prices(small), {self.monthly: 50.0})
        self.assertEqual(self._get_prices(large), {self.monthly: 55.0})
        self._set_recurring_price(large, self.yearly, 480.0, applied_on="0_product_variant", product_id=large.id)
        self.assertEqual(self._get_prices(small), {self.monthly: 50.0})
        self.assertEqual(self._get_prices(large), {self.monthly: 55.0, self.yearly: 480.0})

    # === WHAT IS OFFERED ===#

    def test_a_plan_that_is_not_for_the_shop_is_not_offered(self):
        for field, value in (("shop_ok", False), ("active", False), ("company_id", self._create_elsewhere().id)):
            with self.subTest(field):
                plan = self._create_plan("Hidden")
                self._set_recurring_price(self.magazine, plan, 1.0)
                self.assertIn(plan, self._get_prices())
                plan[field] = value
                self.assertNotIn(plan, self._get_prices())
                info, _choice = self._get_choice(chosen=plan.id)
                self.assertEqual(info["subscription_plan_id"], self.monthly.id)

    def test_the_default_plan_is_that_of_the_websites_company(self):
        product = self._create_published_product("Club")
        product.with_company(self._create_elsewhere()).subscription_plan_id = self.yearly
        self.assertEqual(self._get_prices(product), {})
        product.subscription_plan_id = self.monthly
        self.assertEqual(self._get_prices(product), {self.monthly: 50.0})

    def test_what_is_chosen_sets_the_price(self):
        for chosen, price, period in ((None, 12.0, "month"), (self.yearly.id, 120.0, "year"), (0, 12.0, "month")):
            with self.subTest(chosen=chosen):
                info, choice = self._get_choice(chosen=chosen)
                self.assertEqual((info["price"], info["subscription_period"]), (price, period))
                self.assertIsNone(choice["once"])

    def test_it_is_bought_once_where_the_product_allows_it(self):
        self.magazine.subscription_buy_once_ok = True
        info, choice = self._get_choice(chosen=0)
        self.assertEqual((info["price"], info["subscription_plan_id"], choice["once"]), (50.0, 0, 50.0))
        self.assertFalse(choice["sentences"])
        self.assertFalse(any(offer.chosen for offer in choice["offers"]))

    def test_a_product_priced_only_by_a_plan_is_sellable(self):
        self.website.prevent_zero_price_sale = True
        self.magazine.list_price = 0.0
        info, _choice = self._get_choice()
        self.assertFalse(info["prevent_zero_price_sale"])
        self.assertEqual(info["price"], 12.0)

    def test_a_plan_that_costs_nothing_is_guarded(self):
        self.website.prevent_zero_price_sale = True
        self._set_recurring_price(self.magazine, self.monthly, 0.0, pricelist_id=self.shop_pricelist.id)
        self.assertTrue(self._get_choice()[0]["prevent_zero_price_sale"])
        self.assertFalse(self._get_choice(chosen=self.yearly.id)[0]["prevent_zero_price_sale"])

    def test_a_product_on_no_plan_cannot_be_bought(self):
        info, choice = self._get_choice(self._create_published_product("Club"))
        self.assertTrue(info["prevent_zero_price_sale"])
        self.assertFalse(choice["offers"])

    def test_the_price_of_other_products_takes_no_plan_from_a_browser(self):
        product = self.poster.with_context(shown_subscription_plan=self.yearly.id)
        self._set_recurring_price(self.poster, self.yearly, 1.0)
        self.assertEqual(self.shop_pricelist._get_product_price(product, 1.0), 9.0)

    def test_a_variant_that_is_made_when_it_is_bought_has_prices_but_no_amounts_yet(self):
        size = self._create_size(create_variant="dynamic")
        template = self.env["product.template"].create(
            {
                "name": "Made to order",
                "type": "service",
                "is_published": True,
                "invoice_policy": "order",
                "list_price": 50.0,
                "subscription_ok": True,
                "subscription_plan_id": self.monthly.id,
                "attribute_line_ids": [
                    Command.create({"attribute_id": size.id, "value_ids": [Command.set(size.value_ids.ids)]})
                ],
            }
        )
        self.assertFalse(template.product_variant_ids)
        _info, choice = self._get_choice(template)
        self.assertEqual([offer.price for offer in choice["offers"]], [50.0])
        self.assertEqual(choice["sentences"], ["No minimum term: it goes on until you or we end it."])

    def test_a_price_that_has_ended_offers_nothing(self):
        plan = self._create_plan("Spring")
        yesterday = fields.Datetime.now() - timedelta(days=1)
        self._set_recurring_price(self.magazine, plan, 1.0, date_end=yesterday)
        self.assertNotIn(plan, self._get_prices())

    @settings(max_examples=200, deadline=None, derandomize=True, database=None)
    @given(cents, cents, st.integers(1, 1200))
    @example(1, 11, 12)
    @example(0, 0, 12)
    def test_a_saving_is_what_the_same_time_costs_less(self, shortest, longer, months):
        plan = self.env["subscription.plan"].new({"interval_count": months, "interval_unit": "month"})
        currency = self.company.currency_id
        first = ShopOffer(self.monthly, shortest / 100, shortest / 100, shortest / 100, 0.0, 0, False)
        offer = ShopOffer(plan, longer / 100, longer / 100, longer / 100 / months, 0.0, 0, False)
        saving, percent = offer._get_saving(first, currency)
        difference = shortest * months - longer
        self.assertIn(currency.compare_amounts(saving, max(difference, 0) / 100), (0, 0) if percent else (0, -1))
        self.assertGreaterEqual(saving, 0.0)
        self.assertLessEqual(percent, 100)
        self.assertEqual(bool(percent), bool(saving))

    # === RECORDS ===#

    def _create_euro_list(self):
        """Create a pricelist in a currency of which two are worth one of the company's."""
        currency = self.env["res.currency"].create(
            {"name": "TWO", "symbol": "T", "rate_ids": [Command.create({"name": "2020-01-01", "rate": 2.0})]}
        )
        return self.shop_pricelist.copy({"name": "Two", "currency_id": currency.id})

    def _create_elsewhere(self):
        return self.env["res.company"].create({"name": "Elsewhere"})

    def _create_variants(self):
        """Create a product at 50.0 on the monthly plan, small, or large for 5.0 more, and return both variants."""
        attribute = self._create_size()
        template = self._create_published_product("Box").product_tmpl_id.with_context(create_product_product=True)
        template.subscription_plan_id = self.monthly
        template.attribute_line_ids = [
            Command.create({"attribute_id": attribute.id, "value_ids": [Command.set(attribute.value_ids.ids)]})
        ]
        template.attribute_line_ids.product_template_value_ids[1].price_extra = 5.0
        return template.product_variant_ids

    def _create_size(self, **values):
        """Create the attribute of what is small or large."""
        sizes = [Command.create({"name": "Small"}), Command.create({"name": "Large"})]
        return self.env["product.attribute"].create({"name": "Size", "value_ids": sizes, **values})


class TestSentences(OfferCommon):
    """What is due today and later is what the cart comes to."""

    def _get_sentences(self, product=None, plan=None, quantity=1):
        return self._get_choice(product, (plan or self.monthly).id, quantity)[1]["sentences"]

    def _assert_due_as_in_cart(self, product, plan, quantity=1):
        cart = self._create_cart()
        self._add(cart, product, plan, quantity)
        amount = self.website.company_id.currency_id.format(cart._get_first_invoice_amount())
        sentences = self._get_sentences(product, plan, quantity)
        self.assertIn(f"Due today: {amount}, taxes included.", sentences)
        return sentences

    def test_a_whole_period_is_due_first(self):
        sentences = self._assert_due_as_in_cart(self.magazine, self.monthly, 3)
        self.assertIn("Then $\xa036.00 each month, taxes included, from 02/01/2026 on.", sentences)
        self.assertIn("No minimum term: it goes on until you or we end it.", sentences)

    def test_an_aligned_plan_is_due_for_its_first_days(self):
        self._set_today("2026-01-21")
        self._set_taxes(self.magazine, self._create_tax(19.0))
        plan = self._create_plan("First of the month", alignment="month_day")
        self._set_recurring_price(self.magazine, plan, 10.0)
        sentences = self._assert_due_as_in_cart(self.magazine, plan, 3)
        self.assertIn("Due today: $\xa012.67, taxes included.", sentences)  # 11 of 31 days of 30.00, and 19 %
        self.assertIn("The first period is shorter: it lasts until 01/31/2026.", sentences)
        self.assertIn("Then $\xa035.70 each month, taxes included, from 02/01/2026 on.", sentences)

    def test_the_set_up_fee_is_said_and_due_once(self):
        fee = self._create_product(name="Set-up", lst_price=25.0, taxes_id=[], invoice_policy="order")
        self.magazine.subscription_setup_product_id = fee
        sentences = self._assert_due_as_in_cart(self.magazine, self.monthly, 2)
        self.assertIn("Set-up fee, charged once: $\xa025.00, taxes included.", sentences)
        self.assertIn("Due today: $\xa049.00, taxes included.", sentences)

    def test_nothing_is_due_today_in_arrears(self):
        plan = self._create_plan("Usage", billing_timing="arrears")
        self._set_recurring_price(self.magazine, plan, 10.0)
        sentences = self._get_sentences(plan=plan)
        self.assertIn("Nothing is due today: each period is billed at its end.", sentences)
        self.assertIn("Then $\xa010.00 each month, taxes included, from 02/01/2026 on.", sentences)

    def test_commitment_and_notice_are_said(self):
        self.monthly.write({"commitment_months": 12, "notice_days": 30})
        self.assertIn(
            "Term of 12 months; it is renewed for the same time unless you give notice 30 days before its end.",
            self._get_sentences(),
        )

    def test_nothing_is_stored(self):
        before = self.env["sale.order"].search_count([])
        self._get_sentences()
        self.env.flush_all()
        self.assertEqual(self.env["sale.order"].search_count([]), before)
