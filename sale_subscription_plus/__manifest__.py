{
    "name": "Subscriptions Plus",
    "summary": "Recurring plans and prices on sale orders, billed by themselves",
    "version": "19.0.1.0.0",
    "category": "Sales/Subscriptions",
    "author": "Subscriptions Plus contributors",
    "license": "LGPL-3",
    "depends": [
        "sale_management",
        "account_payment",
        "base_automation",
        "rating",
    ],
    "data": [
        # Security
        "security/sale_subscription_plus_groups.xml",
        "security/ir.model.access.csv",
        "security/ir_rules.xml",
        # Record data
        "data/subscription_stage_data.xml",
        "data/subscription_close_reason_data.xml",
        "data/mail_activity_type_data.xml",
        "data/mail_template_data.xml",
        "data/subscription_dunning_policy_data.xml",
        "data/mail_template_signup_data.xml",
        "data/ir_cron.xml",
        # Views
        "views/subscription_plan_views.xml",
        "views/subscription_stage_views.xml",
        "views/subscription_close_reason_views.xml",
        "views/subscription_period_views.xml",
        "views/subscription_event_views.xml",
        "wizards/subscription_close_wizard_views.xml",
        "wizards/subscription_schedule_views.xml",
        "wizards/subscription_dry_run_views.xml",
        "wizards/subscription_follow_up_wizard_views.xml",
        "views/subscription_charge_views.xml",
        "views/subscription_dunning_policy_views.xml",
        "views/payment_token_views.xml",
        "views/payment_transaction_views.xml",
        "views/subscription_overview_views.xml",
        "views/sale_order_views.xml",
        "views/sale_order_template_views.xml",
        "views/product_pricelist_item_views.xml",
        "views/product_template_views.xml",
        "views/account_move_views.xml",
        "views/res_partner_views.xml",
        "views/res_config_settings_views.xml",
        # Menus, after the actions that they open
        "views/subscription_menus.xml",
        "wizards/subscription_import_wizard_views.xml",  # with its menu item
        # Documents
        "report/sale_order_templates.xml",
        "views/sale_portal_templates.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "sale_subscription_plus/static/src/overview/**/*",
        ],
    },
    "application": True,
    "pre_init_hook": "pre_init_hook",
}
