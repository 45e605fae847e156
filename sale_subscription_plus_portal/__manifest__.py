{
    "name": "Subscriptions Plus: Portal",
    "summary": "Customers look after their subscriptions themselves, with a login or by a secured link",
    "version": "19.0.1.0.0",
    "category": "Sales/Subscriptions",
    "author": "Subscriptions Plus contributors",
    "license": "LGPL-3",
    "depends": [
        "sale_subscription_plus",
    ],
    "data": [
        "security/ir.model.access.csv",
        "security/ir_rules.xml",
        "data/ir_cron.xml",
        "data/subscription_close_reason_data.xml",
        "views/portal_invoice_templates.xml",
        "views/portal_payment_method_templates.xml",
        "views/portal_subscription_agreement.xml",
        "views/portal_subscription_history.xml",
        "views/portal_quotation_templates.xml",
        "views/portal_subscription_page.xml",
        "views/portal_subscription_request.xml",
        "views/subscription_request_views.xml",
        "views/subscription_rights_views.xml",
        "views/sale_order_offer_views.xml",
        "views/subscription_retention_views.xml",
    ],
    "assets": {
        "web.assets_frontend": [
            "sale_subscription_plus_portal/static/src/interactions/payment_form.js",
            "sale_subscription_plus_portal/static/src/scss/payment_form.scss",
        ],
    },
}
