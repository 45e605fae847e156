#!/usr/bin/env bash
# Checks the style of the code, installs the add-ons into a database and runs all tests: setup/test.sh [--fast]
# [pytest's arguments]. --fast leaves slow tests out and goes on with the database of the last run.
. "$(dirname "$0")/common.sh"

FAST=
STATUS=0
RUN=subplus_t$$   # every run has databases of its own
LOG=$LOCAL/log
OF_THE_SHOP='^(\./)?sale_subscription_plus_(loyalty|website_sale(_loyalty)?)(/|$)'

main() {
    [ "${1:-}" != --fast ] || { FAST=--fast; shift; }
    "$SETUP/install.sh"
    use_environment
    mapfile -t ADDONS < <(addons)
    [ ${#ADDONS[@]} -gt 0 ] || fail "there is no add-on to test: no directory here holds a __manifest__.py."
    trap drop_databases EXIT
    trap 'exit 130' INT TERM
    drop_left_over
    printf '  style and databases …\n' >&2
    lint >"$LOG/lint.log" 2>&1 & local lint=$!
    # Neither a matter of style nor a warning keeps the tests from running; each makes the run fail in the end.
    make_databases || { database_exists "$RUN" || fail "the add-ons do not install, see above."; STATUS=1; }
    wait "$lint" || { cat "$LOG/lint.log" >&2; STATUS=1; }
    run_tests "$@" || STATUS=$?
    return "$STATUS"
}

lint() {
    local failed=0
    cd "$ROOT"
    ruff check . || failed=1
    ruff format --check . || failed=1
    pylint --rcfile=.pylintrc --ignore=tests "${ADDONS[@]}" || failed=1
    # What a test raises to see it caught is read by nobody.
    pylint --rcfile=.pylintrc --disable=translation-required "${ADDONS[@]/%//tests}" || failed=1
    return "$failed"
}

make_databases() { "$VENV/bin/python" "$SETUP/manage.py" testbed --db "$RUN" $FAST; }

# Two runs: on a website each page is another, so what needs the shop has a database of its own, and the customers'
# pages are tested on both.
run_tests() {
    local paths=() rest=() shop=() others=() argument ran='' status=0
    for argument in "$@"; do
        if [ -e "${argument%%::*}" ]; then paths+=("$argument"); else rest+=("$argument"); fi
    done
    cd "$ROOT"
    if [ ${#paths[@]} -eq 0 ]; then
        mapfile -t paths < <(all_tests)
        [ -n "$FAST" ] || shop=(sale_subscription_plus_portal/tests)
    fi
    for argument in "${paths[@]}"; do
        if [[ $argument =~ $OF_THE_SHOP ]]; then shop+=("$argument"); else others+=("$argument"); fi
    done
    [ ${#others[@]} -eq 0 ] || run_tests_on "$RUN" "${others[@]}" "${rest[@]}"
    [ ${#shop[@]} -eq 0 ] || run_tests_on "${RUN}_shop" "${shop[@]}" "${rest[@]}"
    [ -n "$ran" ] || status=5
    return "$status"
}

all_tests() {
    local directory
    for directory in "${ADDONS[@]/%//tests}" "${ADDONS[@]/%//tools}" tests; do
        [ ! -d "$directory" ] || echo "$directory"
    done
}

# Two processes; the tests of a class stay together, for what they set up once.
run_tests_on() {
    local database=$1 result=0; shift
    SUBPLUS_TEST_RUN=$RUN pytest -n 2 --dist loadscope --odoo-database="$database" --odoo-http --odoo-log-level=warn \
        --doctest-modules ${FAST:+-m "not slow"} "$@" </dev/null || result=$?
    [ "$result" -ne 5 ] || return 0   # nothing was chosen here, as by -k
    ran=1
    [ "$result" -eq 0 ] || status=$result
}

databases_like() { psql -XAtqd postgres -c "select datname from pg_database where datname ~ '^subplus_t[0-9]+'"; }

drop_database() {
    dropdb --if-exists --force "$1" 2>/dev/null || true
    rm -rf "$LOCAL/data/filestore/$1"
}

drop_databases() {
    databases_like | { grep -E "^$RUN(_|-|\$)" || true; } | while read -r name; do drop_database "$name"; done
}

# Of runs that were killed: their process is no more.
drop_left_over() {
    local name pid
    databases_like | while read -r name; do
        pid=$(grep -oE '[0-9]+' <<<"$name" | head -n 1)
        kill -0 "$pid" 2>/dev/null || drop_database "$name"
    done
}

main "$@"
