from . import (
    product_feed,
    product_markup,
    product_pricelist_shop,
    product_product_list,
    product_template_guard,
    product_template_list,
    product_template_plans,
    product_template_search,
    sale_order_cart,
    subscription_plan,
    website_snippet_filter,
)
