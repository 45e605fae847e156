"""What the server logs while it is attacked."""

import re

# Odoo logs what PostgreSQL refuses, and starts the request anew: somebody else came first.
RETRIED = re.compile(
    r"^.* ERROR .*odoo\.sql_db: bad query: .*\nERROR: could not (serialize access|obtain lock).*$", re.MULTILINE
)


class ServerLog:
    """The file that a server writes warnings and errors to."""

    def __init__(self, path):
        self._path, self._read = path, 0
        self._path.touch()

    @property
    def options(self):
        """Options that make Odoo write it."""
        return ["--logfile", str(self._path), "--log-level=warn"]

    def take(self):
        """Return what was logged since the last call, if an error or a traceback is among it; else nothing."""
        with self._path.open(errors="replace") as file:
            file.seek(self._read)
            text = file.read()
            self._read = file.tell()
        text = RETRIED.sub("", text)
        return text if " ERROR " in text or " CRITICAL " in text or "Traceback" in text else ""
