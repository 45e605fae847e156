"""How Trendhouse looks after its subscribers: whom it asks, what it does by itself, and what its people do then."""

from datetime import timedelta

# How long after the start readers are asked how happy they are, and how often from then on.
FIRST_DAYS, EVERY_MONTHS = 30, 4
# The ready-made rules that are switched on; one is new, so that nothing of it has happened yet.
RULES = ["unhappy", "health_bad", "payment_failed", "mrr_down", "win_back"]
NEW_RULE = "mrr_up"
# How many days after its deadline a salesperson has done what a rule asked for.
LATE_DAYS = 2


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


def do_what_is_asked(env, day):
    """Let salespeople do what is due, but for what came up lately."""
    types = env.ref("mail.mail_activity_data_call") + env.ref("mail.mail_activity_data_todo")
    env["mail.activity"].search(
        [
            ("res_model", "=", "sale.order"),
            ("activity_type_id", "in", types.ids),
            ("date_deadline", "<", day - timedelta(LATE_DAYS)),
        ]
    ).action_feedback(feedback="Talked to them.")


def look_on(env):
    """Switch the last rule on, and look after everybody once more."""
    _switch_on(env, NEW_RULE)
    env["subscription.care.run"]._run()


def _switch_on(env, name):
    env.ref(f"sale_subscription_plus.automation_{name}").active = True
