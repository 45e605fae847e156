"""How Trendhouse looks after its subscribers: whom it asks, and what it does by itself."""

# How long after the start readers are asked how happy they are, and how often from then on.
FIRST_DAYS, EVERY_MONTHS = 30, 4
# The ready-made rules that are switched on; one is new, so that nothing of it has happened yet.
RULES = ["unhappy", "health_bad", "payment_failed", "mrr_down", "win_back"]
NEW_RULE = "mrr_up"


def look_after(env, companies):
    """Ask the readers of ``companies`` for ratings, and switch most rules on."""
    mail = env.ref("sale_subscription_plus.mail_template_rating")
    for company in companies:
        company.write(
            {
                "subscription_rating_template_id": mail.id,
                "subscription_rating_first_days": FIRST_DAYS,
                "subscription_rating_every_months": EVERY_MONTHS,
            }
        )
    for name in RULES:
        _switch_on(env, name)


def look_on(env):
    """Switch the last rule on, and look after everybody once more."""
    _switch_on(env, NEW_RULE)
    env["subscription.care.run"]._run()


def _switch_on(env, name):
    env.ref(f"sale_subscription_plus.automation_{name}").active = True
