#!/usr/bin/env bash
# Measures how fast billing is, in databases of its own: tests/bench/run.sh NAME [--subscriptions N] --json FILE
# Without arguments it tells the names. Figures mean something on a quiet machine only.
. "$(dirname "${BASH_SOURCE[0]}")/../../setup/common.sh"
QUIET=1 "$SETUP/install.sh"
use_environment
export PYTHONPATH=$ROOT:$SETUP:$PYTHONPATH
exec "$VENV/bin/python" -m tests.bench "$@"
