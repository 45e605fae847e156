from . import test_cart, test_cart_plan, test_prices_on_list, test_wishlist, test_zero_price
