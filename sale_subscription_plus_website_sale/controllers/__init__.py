from . import cart, checkout, delivery, payment, product, product_configurator, reorder, variant
