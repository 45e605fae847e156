{
    "name": "Subscriptions Plus: Shop",
    "summary": "Subscriptions sold in the website's shop: plans on the product page, mixed carts, methods saved",
    "version": "19.0.1.0.0",
    "category": "Website/Website",
    "author": "Subscriptions Plus contributors",
    "license": "LGPL-3",
    "depends": ["sale_subscription_plus_portal", "website_sale"],
    "data": [
        "data/mail_template_data.xml",
        "views/product_list_templates.xml",
        "views/checkout_templates.xml",
        "views/confirmation_templates.xml",
        "views/subscription_plan_views.xml",
        "views/product_template_views.xml",
        "views/sale_order_views.xml",
        "views/cart_templates.xml",
        "views/product_templates.xml",
    ],
    "assets": {
        "web.assets_frontend": [
            "sale_subscription_plus_website_sale/static/src/**/*",
        ],
    },
    "auto_install": True,
}
