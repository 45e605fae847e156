{
    "name": "Subscription Poison",
    "summary": "For tests: another add-on whose bug breaks the billing of marked orders",
    "version": "19.0.1.0.0",
    "category": "Hidden/Tests",
    "author": "Subscriptions Plus contributors",
    "license": "LGPL-3",
    "depends": ["sale_subscription_plus"],
}
