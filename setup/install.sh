#!/usr/bin/env bash
# Installs all that is needed to run and test the add-ons, below .local/ and .venv. Can be run again at any time.
# ODOO_HOME names an Odoo 19 to use instead of fetching one; PGHOST a PostgreSQL server instead of a private one.
. "$(dirname "$0")/common.sh"

APT_ROOT=$LOCAL/apt
# Odoo's package links to files of the others; unstable's fonts-font-awesome no longer has the files it links to.
ODOO_PACKAGES=(odoo-19/sid fonts-montserrat/sid libjs-jquery/bookworm libjs-jquery-form/bookworm
    libjs-underscore/bookworm fonts-font-awesome/bookworm fonts-roboto-unhinted/bookworm fonts-inconsolata/bookworm
    fonts-ocr-b/bookworm fonts-glyphicons-halflings/bookworm)

main() {
    mkdir -p "$LOCAL"
    exec 9>"$LOCAL/install.lock"
    flock 9   # scripts started together wait for one another
    say "Installing into $LOCAL and $VENV"
    step system-packages "$(hash_of "$SETUP/system-packages.txt")" install_system_packages
    step node-packages "$(hash_of "$SETUP"/npm/*)" install_node_packages
    step_both
    check_odoo
    ensure_cluster
    write_configuration
    say "Ready."
}

# ---- Debian packages --------------------------------------------------------------------------------------------

wanted_packages() { grep -v '^#' "$SETUP/system-packages.txt"; }

missing_packages() {
    wanted_packages | while read -r name; do
        dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed || echo "$name"
    done
}

install_system_packages() {
    local missing
    command -v apt-get >/dev/null || fail "this machine has no apt-get: install $(wanted_packages | xargs) by hand."
    mapfile -t missing < <(missing_packages)
    [ ${#missing[@]} -gt 0 ] || return 0
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update ||
        echo "apt-get update had errors; trying with the lists there are."
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" ||
        fail "apt-get could not install ${missing[*]}: check the network and the machine's package sources."
}

# ---- Packages of npm, for the browser tests ---------------------------------------------------------------------

install_node_packages() {
    # Not among the system's packages above: where Node.js comes from elsewhere, npm comes with it.
    command -v npm >/dev/null ||
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends npm ||
        fail "npm is missing and cannot be installed: install it by hand."
    mkdir -p "$LOCAL/npm"
    cp "$SETUP"/npm/* "$LOCAL/npm/"
    npm ci --prefix "$LOCAL/npm" --ignore-scripts --no-audit --no-fund ||
        fail "npm could not install its packages: check the network, or npm's configuration."
}

# ---- Odoo and Python packages, at the same time: one waits for the disk, the other for the network --------------

step_both() {
    local odoo=
    if [ -z "${ODOO_HOME:-}" ]; then
        step odoo "$(printf '%s ' 1 "${ODOO_PACKAGES[@]}" | sha256sum | cut -c1-16)" fetch_odoo & odoo=$!
    fi
    step python-packages "$(hash_of "$SETUP/python-packages.txt" "$SETUP/constraints.txt")" install_python_packages
    [ -z "$odoo" ] || wait "$odoo" || exit 1
}

install_python_packages() {
    local pins=()
    # The system's Python, not one that happens to come first: the versions are pinned for it.
    /usr/bin/python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || fail "Odoo 19 needs Python 3.10 or newer."
    "$VENV/bin/python" -c '' 2>/dev/null || { rm -rf "$VENV"; /usr/bin/python3 -m venv "$VENV"; }
    [ ! -f "$SETUP/constraints.txt" ] || pins=(-c "$SETUP/constraints.txt")
    "$VENV/bin/pip" install --no-input --progress-bar off "${pins[@]}" -r "$SETUP/python-packages.txt" ||
        fail "pip could not install the Python packages: check the network, or pip's configuration."
}

# The unstable suite of the archive that this machine already uses, signed with Debian's own key. A throwaway
# configuration: the machine's own sources stay as they are, and nothing of unstable is ever installed.
write_apt_configuration() {
    local uri keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    uri=$(apt-get indextargets --format '$(REPO_URI) $(LABEL)' 'Created-By: Packages' |
        awk '$2 == "Debian" { print $1; exit }')
    [ -n "$uri" ] || fail "no Debian archive in this machine's package sources: set ODOO_HOME to an Odoo 19."
    mkdir -p "$APT_ROOT/lists/partial" "$APT_ROOT/cache/archives/partial"
    printf "deb [signed-by=$keyring] $uri %s main\n" bookworm sid >"$APT_ROOT/sources.list"
}

own_apt() {
    apt-get -o Dir::Etc::SourceList="$APT_ROOT/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State::Lists="$APT_ROOT/lists" -o Dir::Cache="$APT_ROOT/cache" \
        -o APT::Sandbox::User="$ME" -o APT::Architecture="$(dpkg --print-architecture)" -q "$@"
}

fetch_odoo() {
    write_apt_configuration
    own_apt update || fail "Debian's unstable suite cannot be read: check the network, or set ODOO_HOME to an Odoo 19."
    (cd "$APT_ROOT/cache/archives" && rm -f ./*.deb && own_apt download "${ODOO_PACKAGES[@]}") ||
        fail "Debian's unstable suite no longer holds odoo-19, or one of the packages it links to: set ODOO_HOME to an Odoo 19."
    rm -rf "$ODOO_PREFIX"
    mkdir -p "$ODOO_PREFIX"
    for package in "$APT_ROOT"/cache/archives/*.deb; do dpkg -x "$package" "$ODOO_PREFIX"; done
    dpkg-deb -f "$APT_ROOT"/cache/archives/odoo-19_*.deb Version >"$ODOO_PREFIX/VERSION"
    [ -z "$(find "$ODOO_PREFIX" -xtype l -print -quit)" ] ||
        fail "Odoo's package links to files that are not there: $(find "$ODOO_PREFIX" -xtype l | head -n 3 | xargs)."
    rm -rf "$APT_ROOT/cache"
}

check_odoo() {
    local path version
    path=$(odoo_python_path) ||
        fail "ODOO_HOME is ${ODOO_HOME:-not set}: it must name a source checkout of Odoo 19 (with odoo-bin), or the directory that holds its package 'odoo'."
    version=$(grep -oP '^version_info = \(\K\d+' "$path/odoo/release.py") || version=unknown
    [ "$version" = 19 ] || fail "the Odoo in $path is version $version; these add-ons need 19."
    say "  Odoo $(cat "$ODOO_PREFIX/VERSION" 2>/dev/null || echo 19) in $path"
}

# ---- PostgreSQL -------------------------------------------------------------------------------------------------

ensure_cluster() {
    local data
    if ! own_cluster; then
        "$(pg_bin)/pg_isready" -q || fail "PGHOST is $PGHOST, but no PostgreSQL answers there."
        return 0
    fi
    data=$(pg_data)
    end_orphan "$data"
    "$(pg_bin)/pg_isready" -qh "$PG_SOCKET" -p 5432 && return 0
    as_postgres test -f "$data/ready" || create_cluster "$data"
    start_cluster "$data"
}

# The server of an earlier clone at this place, whose directory was deleted, may still hold the socket.
end_orphan() {
    local data=$1 lock=$PG_SOCKET/.s.PGSQL.5432.lock pid
    { [ -f "$lock" ] && ! as_postgres test -f "$data/postmaster.pid"; } || return 0
    pid=$(head -n 1 "$lock")
    [ "$(readlink "/proc/$pid/exe")" = "$(pg_bin)/postgres" ] || return 0   # gone already, its number may be reused
    kill -QUIT "$pid"
    for _ in $(seq 50); do [ -d "/proc/$pid" ] || return 0; sleep 0.1; done
    fail "an old PostgreSQL server (process $pid) holds $PG_SOCKET and does not end."
}

# Only this machine's user gets in, over a socket in a directory of mode 0700; so there are no passwords.
create_cluster() {
    local data=$1
    rm -rf "$data"
    mkdir -p "$data"
    [ "$ME" != root ] || chown postgres: "$data"
    as_postgres "$(pg_bin)/initdb" -D "$data" -U "$ME" -A trust --locale=C.UTF-8 -E UTF8 -N >"$LOCAL/log/initdb.log" 2>&1 ||
        fail "PostgreSQL could not create its data in $data; see $LOCAL/log/initdb.log."
    as_postgres sh -c "cat >> '$data/postgresql.conf' && touch '$data/ready'" <<CONF
listen_addresses = ''
unix_socket_permissions = 0700
shared_buffers = 1GB
effective_cache_size = 4GB
work_mem = 32MB
maintenance_work_mem = 256MB
max_connections = 100
synchronous_commit = off   # a crash may lose the last moments, never consistency
max_wal_size = 4GB
random_page_cost = 1.1
CONF
    as_postgres sh -c "echo 'local all all trust' > '$data/pg_hba.conf'"
}

start_cluster() {
    local data=$1
    mkdir -p -m 0700 "$PG_SOCKET"
    [ -O "$PG_SOCKET" ] || [ "$ME" = root ] || fail "$PG_SOCKET belongs to somebody else: remove it."
    [ "$ME" != root ] || chown postgres: "$PG_SOCKET"
    # Descriptor 9 is closed, or the server would hold the lock of this script for ever.
    as_postgres "$(pg_bin)/pg_ctl" -D "$data" -o "-k $PG_SOCKET -p 5432" -l "$data/server.log" -w -t 60 start >/dev/null 9>&- ||
        fail "PostgreSQL did not start; see $data/server.log."
    say "  PostgreSQL started: psql -h $PG_SOCKET -d postgres"
}

# ---- Configuration ----------------------------------------------------------------------------------------------

addons_path() {
    local path roots=()
    path=$(odoo_python_path)
    [ -z "$(addons)" ] || roots+=("$ROOT")   # Odoo refuses a directory that holds no add-on
    [ -d "$path/odoo/addons/sale" ] || roots+=("$path/addons")   # a source checkout keeps them apart
    roots+=("$path/odoo/addons")
    (IFS=,; echo "${roots[*]}")
}

configuration() {
    echo "# Written by setup/install.sh, again at each run: change that script, not this file."
    echo "[options]"
    echo "addons_path = $(addons_path)"
    echo "data_dir = $LOCAL/data"
    if own_cluster; then printf 'db_host = %s\ndb_user = %s\n' "$PG_SOCKET" "$ME"; fi
    echo "http_interface = 127.0.0.1"
    echo "list_db = False"
    echo "with_demo = False"
}

write_configuration() {
    local new
    new=$(configuration)
    [ "$new" = "$(cat "$CONF" 2>/dev/null)" ] || printf '%s\n' "$new" >"$CONF"
    environment >"$LOCAL/env"
}

# For work by hand: `. .local/env`, then psql, python, odoo's modules are all found.
environment() {
    if own_cluster; then printf 'export PGHOST=%q PGUSER=%q PGPORT=5432\n' "$PG_SOCKET" "$ME"; fi
    printf 'export PYTHONPATH=%q ODOO_RC=%q\nexport PATH=%q:$PATH\n' "$(odoo_python_path)" "$CONF" "$VENV/bin"
}

main
