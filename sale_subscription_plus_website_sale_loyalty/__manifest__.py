{
    "name": "Subscriptions Plus: Loyalty in the Shop",
    "summary": "Discounts of subscriptions in the shop's cart: what is off the first invoice, and what off each one",
    "version": "19.0.1.0.0",
    "category": "Website/Website",
    "author": "Subscriptions Plus contributors",
    "license": "LGPL-3",
    "depends": [
        "sale_subscription_plus_loyalty",
        "sale_subscription_plus_website_sale",
        "website_sale_loyalty",
    ],
    "auto_install": True,
}
