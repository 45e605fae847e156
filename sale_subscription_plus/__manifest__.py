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
        "data/ir_cron.xml",
    ],
    "application": True,
    "pre_init_hook": "pre_init_hook",
}
