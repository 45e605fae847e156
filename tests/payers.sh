#!/usr/bin/env bash
# Imports real subscribers who pay by a saved method where the sample says so: tests/payers.sh DB COUNT
. "$(dirname "${BASH_SOURCE[0]}")/../setup/common.sh"
QUIET=1 "$SETUP/install.sh"
use_environment
export PYTHONPATH=$ROOT:$SETUP:$PYTHONPATH
exec "$VENV/bin/python" -m tests.payers "$@"
