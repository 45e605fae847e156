"""Prove on a database what must always hold."""

from contextlib import nullcontext
from datetime import date

import click

from .shell import database_command, method
from .simulate import moved_clock, noon_of, played_until


@database_command("check")
@click.option("--provider", is_flag=True, help="Compare the books with the payments at the provider as well.")
def command(env, provider):
    """Check every invariant of subscriptions, and name each offender."""
    run = method(env, "subscription.check", "_run")
    # Where days to come were played, it is the last of them.
    until = played_until(env)
    ahead = until and until > date.today()
    with moved_clock() if ahead else nullcontext() as clock:
        if ahead:
            clock.move_to(noon_of(until))
        result = run(ask_providers=provider)
    return result, not result["offenders"]
