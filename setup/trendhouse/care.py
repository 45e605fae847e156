"""How Trendhouse looks after its subscribers: whom it asks, and what it does by itself."""

# How long after the start readers are asked how happy they are, and how often from then on.
FIRST_DAYS, EVERY_MONTHS = 30, 4


def look_after(env, companies):
    """Ask the readers of ``companies`` for ratings."""
    mail = env.ref("sale_subscription_plus.mail_template_rating")
    for company in companies:
        company.write(
            {
                "subscription_rating_template_id": mail.id,
                "subscription_rating_first_days": FIRST_DAYS,
                "subscription_rating_every_months": EVERY_MONTHS,
            }
        )
