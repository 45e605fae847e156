#!/usr/bin/env bash
# Kills a run at twenty moments, each in a copy of one database, and runs again: tests/crash/run.sh [--seed N]
# [--kills N] [--subscriptions N]. It takes about a minute a kill.
. "$(dirname "${BASH_SOURCE[0]}")/../../setup/common.sh"
QUIET=1 "$SETUP/install.sh"
use_environment
export PYTHONPATH=$ROOT:$SETUP:$PYTHONPATH
exec "$VENV/bin/python" -m tests.crash "$@"
