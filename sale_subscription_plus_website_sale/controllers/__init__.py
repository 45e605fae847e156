from . import cart, delivery, product, product_configurator, reorder, variant
