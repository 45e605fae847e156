"""Prove on a database what must always hold."""

from .shell import database_command, method


@database_command("check")
def command(env):
    """Check every invariant of subscriptions, and name each offender."""
    result = method(env, "subscription.check", "_run")()
    return result, not result["offenders"]
