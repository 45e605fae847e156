from . import cart, cart_check, checkout, delivery, payment, product, product_configurator, reorder, variant
