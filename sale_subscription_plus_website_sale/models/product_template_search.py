from markupsafe import Markup

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.sale_subscription_plus.tools.mrr import months_in_period

# The months of a plan's period, as PostgreSQL reckons them.
MONTHS = SQL(
    "plan.interval_count * CASE plan.interval_unit %s END",
    SQL(" ").join(
        SQL("WHEN %s THEN %s::float", unit, months_in_period(1, unit)) for unit in ("day", "week", "month", "year")
    ),
)


class ProductTemplate(models.Model):
    """Search in the shop: a subscription is found, and sorted, by what it costs a month."""

    _inherit = "product.template"

    def _get_shop_price_sql(self, alias):
        """Return what a product of the table ``alias`` costs, for filters and sorting: its cheapest plan, a month.

        As `website_sale` does with the sales price, it takes the price of the catalogue, not that of a pricelist.
        """
        company = self.env["website"].get_current_website().company_id
        return SQL(
            """COALESCE((
                SELECT MIN(item.fixed_price / (%(months)s))
                  FROM product_pricelist_item item JOIN subscription_plan plan ON plan.id = item.subscription_plan_id
                 WHERE item.product_tmpl_id = %(id)s AND item.pricelist_id IS NULL AND item.compute_price = 'fixed'
                   AND plan.shop_ok AND plan.active AND COALESCE(plan.company_id, %(company)s) = %(company)s
                   AND COALESCE(item.company_id, %(company)s) = %(company)s AND %(recurring)s
                   AND COALESCE(item.date_start, now() AT TIME ZONE 'UTC') <= now() AT TIME ZONE 'UTC'
                   AND COALESCE(item.date_end, now() AT TIME ZONE 'UTC') >= now() AT TIME ZONE 'UTC'
            ), %(list_price)s)""",
            months=MONTHS,
            id=SQL.identifier(alias, "id"),
            company=company.id,
            recurring=SQL.identifier(alias, "subscription_ok"),
            list_price=SQL.identifier(alias, "list_price"),
        )

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Override of `base`: the shop sorts by the price that it shows."""
        if field_name == "list_price" and self.env.context.get("sort_by_shop_price"):
            return SQL("%s %s %s", self._get_shop_price_sql(alias), direction, nulls)
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    def _search_fetch(self, search_detail, search, limit, order):
        """Override of `website`: the shop sorts by the price that it shows."""
        results, count = super(ProductTemplate, self.with_context(sort_by_shop_price=True))._search_fetch(
            search_detail, search, limit, order
        )
        return results.with_env(self.env), count

    @api.model
    def _search_get_detail(self, website, order, options):
        """Override of `website_sale`: the filter by price knows what subscriptions cost a month."""
        bounds = {name: options.get(name) for name in ("min_price", "max_price")}
        detail = super()._search_get_detail(website, order, options | dict.fromkeys(bounds))
        for name, operator in (("min_price", SQL(">=")), ("max_price", SQL("<="))):
            if bounds[name]:
                detail["base_domain"].append(self._get_shop_price_bound(operator, bounds[name]))
        return detail

    def _get_shop_price_bound(self, operator, price):
        return Domain.custom(
            to_sql=lambda model, alias, _query: SQL("%s %s %s", model._get_shop_price_sql(alias), operator, price)
        )

    def _search_render_results(self, fetch_fields, mapping, icon, limit):
        """Override of `website_sale`: results say "from 10.00 / month" of subscriptions."""
        results = super(ProductTemplate, self.with_context(priced_together=True))._search_render_results(
            fetch_fields, mapping, icon, limit
        )
        if "detail" not in mapping:
            return results
        website = self.env["website"].get_current_website()
        recurring = self.filtered("subscription_ok")
        prices = recurring._get_sales_prices(website)
        for template, result in zip(self, results, strict=False):
            if template in recurring:
                result |= self._prepare_result_price(prices[template.id], website)
        return results

    def _get_combination_info(self, *args, only_template=False, **kwargs):
        """Override of `website_sale`: it is not asked for each result what is told of all subscriptions together."""
        if only_template and self.subscription_ok and self.env.context.get("priced_together"):
            return {"prevent_zero_price_sale": True}
        return super()._get_combination_info(*args, only_template=only_template, **kwargs)

    def _prepare_result_price(self, values, website):
        """Return what a result of the search says of the price, made of the values of a list."""
        price, before = values["price_reduce"], values.get("base_price", 0)
        if values.get("not_sold") or (not price and website.prevent_zero_price_sale):
            return {"price": None, "list_price": None}

        def show(amount):
            return self.env["ir.qweb.field.monetary"].value_to_html(amount, {"display_currency": website.currency_id})

        # Results are narrow on a phone: there, "from" stands above the price.
        prefix, suffix = (
            Markup('<small class="%s fw-normal">%s</small>') % (css, values[name]) if values.get(name) else ""
            for css, name in (("d-block d-md-inline", "price_prefix"), ("d-inline", "price_suffix"))
        )
        return {
            "price": Markup(" ").join(word for word in (prefix, show(price), suffix) if word),
            "list_price": show(before) if website.currency_id.compare_amounts(before, price) == 1 else None,
        }
