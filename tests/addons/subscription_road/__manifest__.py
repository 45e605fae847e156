{
    "name": "Subscription Road",
    "summary": "For tests: Stripe is a server of the test's own, and charging stops where a test wants it to",
    "version": "19.0.1.0.0",
    "category": "Hidden/Tests",
    "author": "Subscriptions Plus contributors",
    "license": "LGPL-3",
    "depends": ["sale_subscription_plus_stripe"],
}
