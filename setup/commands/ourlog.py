"""Which warnings and errors in Odoo's log are about our add-ons."""

import logging
import re

from . import addons

# Our models and fields, wherever they are named.
NAMES = r"\bsubscription[._][a-z]"


class OurLog(logging.Handler):
    """Collects the warnings and errors that are about our add-ons."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []
        self.pattern = re.compile("|".join([*map(re.escape, addons.manifests()), NAMES]))
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    def __enter__(self):
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *error):
        logging.getLogger().removeHandler(self)

    def emit(self, record):
        """Keep a record that names one of our add-ons, models or fields, or a file of ours."""
        text = self.format(record)
        if self.pattern.search(_without_paths(text)):
            self.lines.append(text)

    def take(self):
        """The lines since the last call."""
        lines, self.lines = self.lines, []
        return lines


def _without_paths(text):
    """Leave out where the clone lies, and tests in a traceback: neither says whose warning it is."""
    lines = text.replace(str(addons.ROOT), "").splitlines()
    return "\n".join(line for line in lines if "/tests/" not in line)
