import json

from lxml import html

from odoo.fields import Command
from odoo.tests import tagged

from .list_common import ListCommon


@tagged("-at_install", "post_install")
class TestPricesOnList(ListCommon):
    # === WHAT IT SAYS ===#

    def test_a_product_on_several_plans_costs_from_its_cheapest_month(self):
        self.assertEqual(self._get_label(self.magazine), "from 10.00 / month")

    def test_a_product_on_one_plan_says_its_price_without_from(self):
        monthly = self._create_published_product("Club", {self.monthly: 12.0})
        yearly = self._create_published_product("Almanac", {self.yearly: 90.0})
        self.assertEqual(self._get_label(monthly), "12.00 / month")
        self.assertEqual(self._get_label(yearly), "90.00 / year")

    def test_a_product_sold_once_says_its_sales_price(self):
        self.assertEqual(self._get_label(self.poster), "9.00")

    def test_a_subscription_without_a_plan_of_the_shop_says_the_price_of_buying_it_once(self):
        self.magazine.subscription_buy_once_ok = True
        (self.monthly + self.yearly).shop_ok = False
        self.assertEqual(self._get_label(self.magazine), "50.00")

    def test_a_subscription_that_is_not_sold_says_no_price(self):
        (self.monthly + self.yearly).shop_ok = False
        self.assertEqual(self._get_prices(self.magazine), [{"price_reduce": 0.0, "not_sold": True}])
        price = self._get_tiles()["Magazine"].xpath(".//div[contains(@class, 'product_price')]")[0]
        self.assertEqual(self._get_text(price), "")

    def test_a_price_a_month_is_rounded_to_the_cent(self):
        self._set_recurring_price(self.magazine, self.yearly, 100.0, pricelist_id=self.shop_pricelist.id)
        self.assertEqual(self._get_prices(self.magazine)[0]["price_reduce"], 8.33)

    def test_a_variant_cheaper_than_the_others_is_what_it_costs_from(self):
        attribute = self.env["product.attribute"].create(
            {"name": "Edition", "value_ids": [Command.create({"name": "Paper"}), Command.create({"name": "Digital"})]}
        )
        values = [Command.set(attribute.value_ids.ids)]
        template = self.env["product.template"].create(
            {
                "name": "Paper or digital",
                "subscription_ok": True,
                "is_published": True,
                "list_price": 0.0,
                "taxes_id": False,
                "attribute_line_ids": [Command.create({"attribute_id": attribute.id, "value_ids": values})],
            }
        )
        paper, digital = template.product_variant_ids
        for variant, price in ((paper, 20.0), (digital, 8.0)):
            self._set_recurring_price(
                variant, self.monthly, price, applied_on="0_product_variant", product_id=variant.id
            )
        self.assertEqual(self._get_label(paper), "from 8.00 / month")
        # Nor does its default plan make a price of zero of that of the template.
        template.with_company(self.company).subscription_plan_id = self.monthly
        self.assertEqual(self._get_label(paper), "from 8.00 / month")
        digital.active = False
        self.assertEqual(self._get_label(paper), "20.00 / month")

    # === PRICELIST, TAXES, CURRENCY ===#

    def test_taxes_are_shown_as_the_website_shows_them(self):
        self._set_taxes(self.magazine, self._create_tax(20))
        self.website.show_line_subtotals_tax_selection = "tax_excluded"
        self.assertEqual(self._get_label(self.magazine), "from 10.00 / month")
        self.website.show_line_subtotals_tax_selection = "tax_included"
        self.assertEqual(self._get_label(self.magazine), "from 12.00 / month")

    def test_a_discount_that_is_shown_is_struck_through(self):
        self.shop_pricelist.item_ids = [Command.create({"compute_price": "percentage", "percent_price": 10})]
        (values,) = self._get_prices(self.magazine)
        self.assertEqual((values["price_reduce"], values["base_price"]), (9.0, 10.0))

    def test_another_pricelist_has_its_own_prices_in_its_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        euro.rate_ids = [Command.create({"name": "2026-01-01", "rate": 0.5, "company_id": self.company.id})]
        self.shop_pricelist.currency_id = euro
        self.assertEqual(self._get_label(self.magazine), "from 5.00 / month")
        self._set_recurring_price(self.magazine, self.yearly, 48.0, pricelist_id=self.shop_pricelist.id)
        self.assertEqual(self._get_label(self.magazine), "from 4.00 / month")

    # === THE PAGES ===#

    def test_the_list_shows_the_price_and_leads_to_the_choice_of_a_plan(self):
        tiles = self._get_tiles()
        price = tiles["Magazine"].xpath(".//div[contains(@class, 'product_price')]")[0]
        self.assertEqual(self._get_text(price).replace("\xa0", " "), "from $ 10.00 / month")
        links = tiles["Magazine"].xpath(".//a[@title='Choose a plan']")
        self.assertIn("/shop/magazine", links[0].get("href"))
        self.assertFalse(tiles["Magazine"].xpath(".//button[contains(@class, 'a-submit')]"))
        self.assertTrue(tiles["Poster"].xpath(".//button[contains(@class, 'a-submit')]"))

    def test_one_plan_is_added_by_one_click(self):
        self._create_published_product("Club", {self.monthly: 12.0})
        tile = self._get_tiles()["Club"]
        self.assertTrue(tile.xpath(".//button[contains(@class, 'a-submit')]"))
        self.assertFalse(tile.xpath(".//a[@title='Choose a plan']"))

    def test_one_plan_or_once_is_a_choice(self):
        club = self._create_published_product("Club", {self.monthly: 12.0}, subscription_buy_once_ok=True)
        self.assertTrue(self._get_tiles()["Club"].xpath(".//a[@title='Choose a plan']"))
        self.monthly.shop_ok = False
        self.assertFalse(self._get_tiles()["Club"].xpath(".//a[@title='Choose a plan']"))
        self.assertTrue(club)

    def test_the_search_shows_the_price(self):
        results = self._call_shop(
            "/website/snippet/autocomplete",
            search_type="products_only",
            term="Magazine",
            order="name asc",
            limit=5,
            options=dict.fromkeys(("displayImage", "displayDescription", "displayExtraLink"), False)
            | {"displayDetail": True},
        )["results"]
        self.assertEqual(
            html.fromstring(results[0]["detail"]).text_content().replace("\xa0", " "), "from $ 10.00 / month"
        )

    def test_snippets_show_the_price(self):
        snippet = self.env.ref("website_sale.dynamic_filter_newest_products")
        with self._as_visitor() as env:
            values = (
                snippet.with_env(env)
                .sudo()
                ._filter_records_to_values(env["product.product"].browse((self.magazine + self.poster).ids))
            )
        self.assertEqual(
            [(value["price"], value.get("price_prefix"), value.get("price_suffix")) for value in values],
            [(10.0, "from", "/ month"), (9.0, None, None)],
        )

    # === FILTER AND ORDER ===#

    def _find(self, **params):
        names = self._get_tiles(**params)
        return [name for name in names if name in {"Magazine", "Poster", "Club"}]

    def test_the_shop_sorts_by_the_price_that_it_shows(self):
        self._create_published_product("Club", {self.monthly: 9.5}, lst_price=0.0)
        self.assertEqual(self._find(order="list_price asc", search=""), ["Poster", "Club", "Magazine"])
        self.assertEqual(self._find(order="list_price desc"), ["Magazine", "Club", "Poster"])

    def test_a_filter_by_price_finds_what_is_priced_by_a_plan_only(self):
        self.website.is_view_active("website_sale.filter_products_price") or self._enable_price_filter()
        self._create_published_product("Club", {self.monthly: 9.5}, lst_price=0.0)
        self.assertEqual(set(self._find(min_price=9.2)), {"Magazine", "Club"})
        self.assertEqual(set(self._find(min_price=9.2, max_price=9.9)), {"Club"})
        self.assertEqual(set(self._find(max_price=9.2)), {"Poster"})

    def _enable_price_filter(self):
        self.env["website"].with_context(website_id=self.website.id).viewref(
            "website_sale.filter_products_price"
        ).active = True

    # === SEARCH ENGINES AND MERCHANTS ===#

    def test_search_engines_are_told_the_price_of_each_plan(self):
        with self._as_visitor() as env:
            template = env["product.template"].browse(self.magazine.product_tmpl_id.id)
            data = template._to_markup_data(env["website"].browse(self.website.id))
        offer = data["offers"]
        self.assertEqual(
            [(row["price"], row["billingDuration"]) for row in offer["priceSpecification"]],
            [(12.0, "P1M"), (120.0, "P1Y")],
        )
        self.assertEqual(offer["price"], 12.0)
        json.dumps(data)

    def test_the_merchant_centre_is_told_the_cost_of_a_period(self):
        coffee = self._create_published_product("Coffee", {self.monthly: 12.0, self.yearly: 120.0}, type="consu")
        feed = self.env["product.feed"].create({"name": "Feed", "website_id": self.website.id})
        with self._as_visitor() as env:
            feed = env["product.feed"].browse(feed.id).sudo()
            info = feed._prepare_gmc_price_info(env["product.product"].browse(coffee.id))
            self.assertIn("<g:period>month</g:period>", feed._render_gmc_feed())
        self.assertEqual(
            (info["price"], info["subscription_cost"]),
            ("12.0 USD", {"period": "month", "period_length": 1, "amount": "12.0 USD"}),
        )

    # === HOW FAST ===#

    def _count_queries(self, count):
        products = self.env["product.product"].search([("name", "=like", "Item %")], limit=count)
        with self._as_visitor() as env:
            templates = env["product.template"].browse(products.product_tmpl_id.ids)
            website = env["website"].browse(self.website.id)
            for _warm in range(2):  # what Odoo looks up once is not on their account
                env.invalidate_all()
                templates._get_kept_pricing().clear()
                before = self.cr.sql_log_count
                templates._get_sales_prices(website)
                shown = [template._website_show_quick_add() for template in templates]
                choices = [template._has_shop_choice() for template in templates]
                queries = self.cr.sql_log_count - before
        self.assertTrue(all(shown) and all(choices))
        return queries

    def test_twenty_subscriptions_take_as_many_queries_as_two(self):
        for number in range(20):
            self._create_published_product(f"Item {number}", {self.monthly: 5.0 + number, self.yearly: 50.0})
        self.assertEqual(self._count_queries(2), self._count_queries(20))
