{
    "name": "Subscriptions Plus: Loyalty",
    "summary": "Discounts of promotions and codes on the first invoice only, or on each invoice",
    "version": "19.0.1.0.0",
    "category": "Sales/Subscriptions",
    "author": "Subscriptions Plus contributors",
    "license": "LGPL-3",
    "depends": ["sale_subscription_plus", "sale_loyalty"],
    "data": ["views/loyalty_program_views.xml"],
    "auto_install": True,
}
