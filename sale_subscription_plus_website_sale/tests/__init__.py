from . import (
    test_abandoned_cart,
    test_cart,
    test_cart_plan,
    test_cart_requests,
    test_cart_totals,
    test_configurator,
    test_offers,
    test_prices_on_list,
    test_product_page,
    test_reorder,
    test_wishlist,
    test_zero_price,
)
