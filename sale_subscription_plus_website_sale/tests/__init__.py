from . import test_cart
