"""The add-ons that ours is measured against. They are AGPL: installed to be measured, below .local/, never copied."""

import subprocess
import sys

import odoo.addons

from commands.addons import ROOT

from .common import tell

HOME = ROOT / ".local" / "bench-rivals"
PACKAGES = {
    "contract": "odoo-addon-contract==19.0.1.2.1.2",
    "subscription_oca": "odoo-addon-subscription-oca==19.0.1.1.4.2",
}


def fetch_rivals():
    """Let Odoo find the rivals; return the names of their modules."""
    mark = HOME / "packages"
    wanted = "\n".join(PACKAGES.values())
    if not mark.exists() or mark.read_text() != wanted:
        tell("fetching " + ", ".join(PACKAGES.values()))
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target", HOME]
        subprocess.run([*pip, *PACKAGES.values()], check=True, stdout=subprocess.DEVNULL)
        mark.write_text(wanted)
    path = str(HOME / "odoo" / "addons")
    if path not in odoo.addons.__path__:
        odoo.addons.__path__.append(path)
    return list(PACKAGES)
