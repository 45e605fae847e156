"""Bill what is due."""

import click

from .shell import database_command, method, progress_bar


@database_command("bill")
@click.option("--date", type=click.DateTime(["%Y-%m-%d"]), help="Bill as if it were this day; today if not given.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be billed.")
def command(env, date, dry_run):
    """Bill every subscription that is due; what could not be billed makes exit code 1."""
    run_billing = method(env, "sale.order", "_subscription_run_billing")
    with progress_bar("orders") as progress:
        result = run_billing(date=date and date.date(), dry_run=dry_run, progress=progress)
    return result, not result["parked"] and not result["left_due"]
