"""Take running subscriptions over from a file."""

import csv

import click

from .shell import database_command, method, progress_bar


@database_command("import-subscriptions")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True))
@click.option("--create-missing", is_flag=True, help="Make customers, products and plans that aren't there.")
@click.option("--refused", type=click.File("w", encoding="utf-8"), help="Write refused rows, each with its reason.")
def command(env, file, create_missing, refused):
    """Import running subscriptions from FILE (CSV); a refused row makes exit code 1."""
    run_file = method(env, "subscription.import", "run_file")
    with progress_bar("rows") as progress:
        result = run_file(file, create_missing=create_missing, progress=progress)
    if refused:
        _write_refused(refused, result["refused"])
    return result, not result["refused"]


def _write_refused(file, refused):
    columns = list(dict.fromkeys(column for entry in refused for column in entry["row"]))
    writer = csv.DictWriter(file, ["line", "reason", *columns])
    writer.writeheader()
    for entry in refused:
        writer.writerow({**entry["row"], "line": entry["line"], "reason": entry["reason"]})
