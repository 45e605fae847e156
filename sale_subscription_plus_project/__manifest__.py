{
    "name": "Subscriptions Plus: Projects",
    "summary": "Tasks and projects of a subscription are made once",
    "version": "19.0.1.0.0",
    "category": "Sales/Subscriptions",
    "author": "Subscriptions Plus contributors",
    "license": "LGPL-3",
    "depends": ["sale_subscription_plus", "sale_project"],
    "auto_install": True,
}
