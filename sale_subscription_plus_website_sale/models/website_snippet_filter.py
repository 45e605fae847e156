from odoo import models


class WebsiteSnippetFilter(models.Model):
    """Products in snippets: a subscription costs there what it does in the list of the shop."""

    _inherit = "website.snippet.filter"

    def _filter_records_to_values(self, records, **options):
        """Override of `website_sale`: say "from 10.00 / month" of subscriptions."""
        results = super()._filter_records_to_values(records, **options)
        if (self.model_name or options.get("res_model")) != "product.product" or options.get("is_sample"):
            return results
        website = self.env["website"].get_current_website()
        products = [result["_record"] for result in results]
        templates = self.env["product.template"].union(
            *(product.product_tmpl_id if product.is_product_variant else product for product in products)
        )
        prices = templates.filtered("subscription_ok")._get_sales_prices(website)
        for result in results:
            if result["product_template_id"] in prices:
                result |= self._prepare_price_of_subscription(prices[result["product_template_id"]], website)
        return results

    def _prepare_price_of_subscription(self, values, website):
        price, before = values["price_reduce"], values.get("base_price", 0)
        return values | {
            "price": price,
            "list_price": before,
            "has_discounted_price": website.currency_id.compare_amounts(before, price) == 1,
            "prevent_zero_price_sale": values.get("not_sold") or (not price and website.prevent_zero_price_sale),
        }
