#!/usr/bin/env bash
# Odoo's own command line with this repository's configuration: setup/odoo.sh -d DB -u sale_subscription_plus
. "$(dirname "$0")/common.sh"
QUIET=1 "$SETUP/install.sh"
use_environment
exec "$VENV/bin/python" -m odoo "$@"
