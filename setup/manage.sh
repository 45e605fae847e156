#!/usr/bin/env bash
# Commands on a database, for people and for schedulers: setup/manage.sh COMMAND --db DB …; --help lists them.
. "$(dirname "$0")/common.sh"
QUIET=1 "$SETUP/install.sh"
use_environment
exec "$VENV/bin/python" "$SETUP/manage.py" "$@"
