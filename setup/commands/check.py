"""Prove on a database what must always hold."""

import click

from .shell import database_command, method


@database_command("check")
@click.option("--provider", is_flag=True, help="Compare the books with the payments at the provider as well.")
def command(env, provider):
    """Check every invariant of subscriptions, and name each offender."""
    result = method(env, "subscription.check", "_run")(ask_providers=provider)
    return result, not result["offenders"]
