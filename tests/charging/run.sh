#!/usr/bin/env bash
# Kills a charging process ten times before, in and after the call of the provider, and runs again:
# tests/charging/run.sh [pytest's arguments]. SUBPLUS_KILLS=N kills N times. It takes about half a minute a kill.
export SUBPLUS_KILLS=${SUBPLUS_KILLS:-10}
exec "$(dirname "${BASH_SOURCE[0]}")/../../setup/test.sh" tests/charging/test_killed.py -rP "$@"
