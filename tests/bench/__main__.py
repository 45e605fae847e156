"""Command line of the benchmarks: ``tests/bench/run.sh NAME``.

A benchmark is a module of this package with

* ``SUBSCRIPTIONS``: over how many subscriptions it measures unless told otherwise,
* ``run(options)``: measures, prints a table for people, and returns a dict of the figures;
  ``options.subscriptions`` tells how many.

The first line of its docstring is its help.
"""

import importlib
import json
import pkgutil
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import click

from commands.shell import configure

from . import __path__ as package_path
from .common import machine


def benchmarks():
    """The modules that measure something, by name."""
    names = [module.name for module in pkgutil.iter_modules(package_path) if not module.name.startswith("_")]
    modules = {name: importlib.import_module(f"{__package__}.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "run")}


def make_command(name, module):
    """The command of one benchmark."""

    @click.command(name, help=module.__doc__)
    @click.option("--subscriptions", type=click.IntRange(1), default=module.SUBSCRIPTIONS, show_default=True)
    @click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the figures here.")
    def command(subscriptions, json_file):
        configure(log_level="error")
        click.echo(machine())
        figures = module.run(SimpleNamespace(subscriptions=subscriptions))
        if json_file:
            json_file.write_text(json.dumps({**figures, "machine": machine()}, indent=2) + "\n")

    return command


def main():
    """Run the benchmark that the arguments name."""
    # So that databases are dropped when somebody ends it, too.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    group = click.Group(
        commands=[make_command(*item) for item in benchmarks().items()],
        help="Measure in databases of their own, which are dropped at the end.",
        context_settings={"max_content_width": 120},
    )
    group(prog_name="tests/bench/run.sh")


if __name__ == "__main__":
    main()
