{
    "name": "Subscriptions Plus: Reports",
    "summary": "MRR movements, cohorts, churn, key figures and forecast of subscriptions",
    "version": "19.0.1.0.0",
    "category": "Sales/Subscriptions",
    "author": "Subscriptions Plus contributors",
    "license": "LGPL-3",
    "depends": [
        "sale_subscription_plus",
        "spreadsheet_dashboard",
    ],
    "data": [
        # Security
        "security/ir.model.access.csv",
        "security/ir_rules.xml",
        # Views
        "views/subscription_customer_report_views.xml",
        "views/subscription_dashboard_views.xml",
        "views/subscription_movement_report_views.xml",
        "views/subscription_rating_report_views.xml",
        "views/subscription_report_views.xml",
        "views/subscription_salespeople_views.xml",
        "views/subscription_forecast_views.xml",
        # Data that needs the actions
        "data/ir_filters.xml",
        # Menus, after the actions that they open
        "views/subscription_menus.xml",
        # Data that needs the menus
        "data/dashboards.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "sale_subscription_plus_reports/static/src/dashboard/**/*",
            "sale_subscription_plus_reports/static/src/forecast/**/*",
            "sale_subscription_plus_reports/static/src/salespeople/**/*",
        ],
        "web.assets_backend_lazy": [
            "sale_subscription_plus_reports/static/src/cohort/**/*",
            "sale_subscription_plus_reports/static/src/movements/**/*",
            "sale_subscription_plus_reports/static/src/timeline/**/*",
        ],
        "web.assets_unit_tests": [
            "sale_subscription_plus_reports/static/tests/**/*",
        ],
    },
}
