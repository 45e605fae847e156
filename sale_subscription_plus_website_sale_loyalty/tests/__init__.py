from . import test_loyalty_in_cart
