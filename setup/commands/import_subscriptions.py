"""Take running subscriptions over from a file."""

from itertools import islice

import click

from .shell import LISTED, database_command, method, progress_bar


@database_command("import-subscriptions")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True))
@click.option("--create-missing", is_flag=True, help="Make plans, products and close reasons that aren't there.")
@click.option(
    "--refused",
    type=click.File("w", encoding="utf-8", lazy=False),
    help="Write refused rows here, each with its line and the reason.",
)
def command(env, file, create_missing, refused):
    """Import running subscriptions from FILE (CSV); a refused row makes exit code 1."""
    run_file = method(env, "subscription.import", "run_file")
    with progress_bar("rows") as progress:
        result = run_file(file, create_missing=create_missing, progress=progress)
    rows = result.pop("refused")
    if refused:
        _write_refused(refused, rows)
    reasons = ({"line": row["line"], "reason": row["reason"]} for row in rows)
    return {**result, "refused": len(rows), "first_refused": list(islice(reasons, LISTED))}, not rows


def _write_refused(file, rows):
    # Odoo finds the add-on only once it has read its settings.
    from odoo.addons.sale_subscription_plus.tools.import_rows import write_refused

    write_refused(file, rows)
