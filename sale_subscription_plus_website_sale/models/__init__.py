from . import product_template_plans, sale_order_cart, subscription_plan
