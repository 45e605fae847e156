{
    "name": "Subscriptions Plus: Stripe",
    "summary": "What Stripe's declines mean, and what became of payments without an answer",
    "version": "19.0.1.0.0",
    "category": "Sales/Subscriptions",
    "author": "Subscriptions Plus contributors",
    "license": "LGPL-3",
    "depends": ["sale_subscription_plus", "payment_stripe"],
    "auto_install": True,
}
