{
    "name": "Subscriptions Plus: Inventory",
    "summary": "Goods of a subscription are delivered once",
    "version": "19.0.1.0.0",
    "category": "Sales/Subscriptions",
    "author": "Subscriptions Plus contributors",
    "license": "LGPL-3",
    "depends": ["sale_subscription_plus", "sale_stock"],
    "auto_install": True,
}
