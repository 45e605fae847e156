#!/usr/bin/env bash
# Installs everything, makes a demo database once, and serves it on this machine only.
# setup/run.sh [--db NAME] [--port N] [--subscribers N] [--no-serve]
. "$(dirname "$0")/common.sh"

DB=subscriptions_demo
PORT=8069
SUBSCRIBERS=300
SERVE=1
# Odoo's own add-ons that open the shop; the demo fills it.
SHOP=website_sale,website_sale_loyalty

main() {
    read_arguments "$@"
    "$SETUP/install.sh"
    use_environment
    if database_exists "$DB"; then say "The database $DB is there already."; else make_database; fi
    upgrade_database
    [ -n "$SERVE" ] || return 0
    serve
}

read_arguments() {
    while [ $# -gt 0 ]; do
        case $1 in
            --db) DB=${2:?--db needs a name}; shift 2 ;;
            --port) PORT=${2:?--port needs a number}; shift 2 ;;
            --subscribers) SUBSCRIBERS=${2:?--subscribers needs a number}; shift 2 ;;
            --no-serve) SERVE=; shift ;;
            *) fail "'$1' is not an argument of run.sh; there are --db NAME, --port N, --subscribers N and --no-serve." ;;
        esac
    done
}

# Under a name of its own until it is complete, so that an interrupted start leaves nothing behind that looks right.
make_database() {
    local making=$DB-new
    say "Making the database $DB with $SUBSCRIBERS subscribers; this is done once."
    dropdb --if-exists --force "$making" 2>/dev/null
    rm -rf "$LOCAL/data/filestore/$making"
    "$SETUP/manage.sh" init --db "$making" --test --with "$SHOP"
    "$SETUP/manage.sh" demo --db "$making" --subscribers "$SUBSCRIBERS"
    psql -XAtqd postgres -c "alter database \"$making\" rename to \"$DB\""
    [ ! -d "$LOCAL/data/filestore/$making" ] || mv -T "$LOCAL/data/filestore/$making" "$LOCAL/data/filestore/$DB"
    state_of_addons >"$LOCAL/done/database-$DB"
}

state_of_addons() {
    (cd "$ROOT" && addons | xargs -I{} find {} -type f -not -path '*/__pycache__/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum)
}

standing_addons() {
    PYTHONPATH=$SETUP:${PYTHONPATH:-} "$VENV/bin/python" -c 'from commands import addons; print(",".join(addons.ours()))'
}

upgrade_database() {
    local marker=$LOCAL/done/database-$DB
    [ "$(state_of_addons)" != "$(cat "$marker" 2>/dev/null)" ] || return 0
    say "The add-ons have changed: upgrading $DB."
    # What is new since then is installed; the glue comes by itself where both of its sides are.
    "$SETUP/odoo.sh" -d "$DB" -u "$(addons | paste -sd,)" -i "$(standing_addons)" --stop-after-init --log-level=warn
    state_of_addons >"$marker"
}

serve() {
    ! (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null || fail "port $PORT is in use: take another one with --port."
    say ""
    say "  http://127.0.0.1:$PORT    (Ctrl-C ends it)"
    say "  login and password: admin, sales or accounts; reader is a customer"
    say "  the shop: http://127.0.0.1:$PORT/shop"
    say ""
    exec "$SETUP/odoo.sh" -d "$DB" --db-filter "^$DB\$" --http-interface 127.0.0.1 --http-port "$PORT" --no-database-list
}

main "$@"
