{
    "name": "Subscriptions Plus: Portal",
    "summary": "Customers pay a subscription's invoice by its link, and let a saved method pay the next ones",
    "version": "19.0.1.0.0",
    "category": "Sales/Subscriptions",
    "author": "Subscriptions Plus contributors",
    "license": "LGPL-3",
    "depends": [
        "sale_subscription_plus",
    ],
    "data": [
        "views/portal_invoice_templates.xml",
        "views/portal_payment_method_templates.xml",
    ],
    "assets": {
        "web.assets_frontend": [
            "sale_subscription_plus_portal/static/src/interactions/payment_form.js",
            "sale_subscription_plus_portal/static/src/scss/payment_form.scss",
        ],
    },
}
