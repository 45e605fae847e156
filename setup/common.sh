# Sourced by every script here: paths, steps with their time, errors as a sentence.
# shellcheck shell=bash
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
SETUP=$ROOT/setup
LOCAL=$ROOT/.local
VENV=$ROOT/.venv
CLONE=$(printf %s "$ROOT" | sha256sum | cut -c1-8)   # two clones on one machine never meet
ME=$(id -un)
CONF=$LOCAL/odoo.conf
QUIET=${QUIET:-}

say() { [ -n "$QUIET" ] || printf '%s\n' "$*" >&2; }
fail() { printf 'Error: %s\n' "$*" >&2; exit 1; }

hash_of() { cat -- "$@" 2>/dev/null | sha256sum | cut -c1-16; }

# step NAME KEY FUNCTION: run FUNCTION unless it was done for the same KEY; its output goes to a log.
step() {
    local name=$1 key=$2 function=$3 log started
    mkdir -p "$LOCAL/done" "$LOCAL/log"
    log=$LOCAL/log/$name.log
    [ "$(cat "$LOCAL/done/$name" 2>/dev/null)" != "$key" ] || return 0
    started=$(date +%s)
    printf '  %s …\n' "$name" >&2
    if ! ( set -e; "$function" ) >"$log" 2>&1 </dev/null; then
        tail -n 15 "$log" >&2
        fail "the step '$name' did not work; its last lines are above, the whole log is $log."
    fi
    printf %s "$key" >"$LOCAL/done/$name"
    printf '  %s: done in %s s\n' "$name" "$(($(date +%s) - started))" >&2
}

as_root() {
    if [ "$ME" = root ]; then "$@"
    elif sudo -n true 2>/dev/null || [ -t 0 ]; then sudo "$@"
    else fail "this needs root: run '$*' as root, or give $ME passwordless sudo, then start again."
    fi
}

# ---- Odoo: its own prefix, or the one that ODOO_HOME names ------------------------------------------------------

ODOO_PREFIX=$LOCAL/odoo

# Prints the directory to put on PYTHONPATH, below a source checkout, an unpacked package or a site-packages.
odoo_python_path() {
    local home=${ODOO_HOME:-$ODOO_PREFIX} candidate
    for candidate in "$home" "$home/usr/lib/python3/dist-packages" "$home/.."; do
        [ -f "$candidate/odoo/release.py" ] && { (cd "$candidate" && pwd -P); return 0; }
    done
    return 1
}

# ---- PostgreSQL: a private cluster on a unix socket, or the server that PGHOST names ----------------------------

PG_SOCKET=/tmp/subplus-$CLONE   # short: a socket's path may not exceed 107 bytes

own_cluster() { [ -z "${PGHOST:-}" ] || [ "$PGHOST" = "$PG_SOCKET" ]; }

pg_bin() { find /usr/lib/postgresql -maxdepth 2 -name bin -type d 2>/dev/null | sort -V | tail -n 1; }

# PostgreSQL refuses to run as root: root starts it as user postgres, anybody else as themselves.
as_postgres() {
    if [ "$ME" = root ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

# The data directory, outside of the clone only when user postgres cannot get into it.
pg_data() {
    if as_postgres test -x "$ROOT"; then echo "$LOCAL/pg"; else echo "/var/lib/subscriptions-plus-$CLONE"; fi
}

use_environment() {
    if own_cluster; then export PGHOST=$PG_SOCKET PGUSER=$ME PGPORT=5432; fi
    PYTHONPATH=$(odoo_python_path) || fail "there is no Odoo in ${ODOO_HOME:-$ODOO_PREFIX}."
    export PYTHONPATH ODOO_RC=$CONF PATH=$VENV/bin:$PATH
}

database_exists() { [ "$(psql -XAtqd postgres -v name="$1" <<<"select 1 from pg_database where datname = :'name'")" = 1 ]; }

addons() { (cd "$ROOT" && for manifest in */__manifest__.py; do [ -f "$manifest" ] && dirname "$manifest"; done); }
