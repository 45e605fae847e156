#!/usr/bin/env bash
# Fills a new database with very many subscriptions: tests/bench/big/fill.sh --db NAME [--subscriptions N] [--months N]
. "$(dirname "${BASH_SOURCE[0]}")/../../../setup/common.sh"
QUIET=1 "$SETUP/install.sh"
use_environment
export PYTHONPATH=$ROOT:$SETUP:$PYTHONPATH
exec "$VENV/bin/python" -m tests.bench.big "$@"
