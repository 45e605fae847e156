"""Look after subscriptions: health, mails of stages, automated actions, ratings."""

from .shell import database_command, method


@database_command("care")
def command(env):
    """Look after subscriptions now, as the scheduled action does every hour."""
    return dict(method(env, "subscription.care.run", "_run")()), True
