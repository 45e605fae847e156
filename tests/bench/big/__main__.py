"""Command line of the generator: ``tests/bench/big/fill.sh --db NAME``."""

import click

from commands.shell import plain_command

from . import COUNT, fill


@plain_command("fill")
@click.option("--subscriptions", type=click.IntRange(COUNT), default=100_000, show_default=True)
@click.option("--months", type=click.IntRange(1), default=36, show_default=True, help="How long ago it began.")
def command(db, subscriptions, months):
    """Fill a new database, made with ``setup/manage.sh init --test``, with subscriptions and their history."""
    fill(db, subscriptions, months)
    return {"database": db, "subscriptions": subscriptions}, True


if __name__ == "__main__":
    command(prog_name="tests/bench/big/fill.sh")
