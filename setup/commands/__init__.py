"""The commands of setup/manage.sh: each module here that has a ``command`` is one."""

import importlib
import pkgutil

import click


def modules():
    """The modules of this package, in the order of their names."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [importlib.import_module(f"{__name__}.{name}") for name in names]


def main():
    """Run the command that the arguments name."""
    commands = [module.command for module in modules() if hasattr(module, "command")]
    group = click.Group(
        commands=commands,
        help="Work on a database. Exit code: 0 all went well, 1 not all, 2 wrong arguments.",
        context_settings={"max_content_width": 100, "help_option_names": ["-h", "--help"]},
    )
    group(prog_name="setup/manage.sh")
