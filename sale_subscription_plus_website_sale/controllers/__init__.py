from . import cart, delivery, reorder
