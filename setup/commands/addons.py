"""The add-ons of this repository, and what they need of Odoo's."""

import ast
import hashlib
from pathlib import Path

from odoo.release import version

ROOT = Path(__file__).resolve().parents[2]

# What the core add-on needs, kept here too so that the prepared database can be made before it exists; payment_demo
# and a chart of accounts let a new database take (play) money.
BASE = {"sale_management", "account_payment", "base_automation", "payment_demo", "rating"}


# How much a database holds: what stands by itself; the glue, too; or all, with the shop, which turns each page into
# one of a website, and the add-ons that its visitors meet.
STANDING, GLUE, SHOP = "standing", "glue", "shop"
OF_THE_SHOP = {"sale_loyalty", "website_sale", "website_sale_loyalty"}
BESIDE_THE_SHOP = {
    "website_sale_collect",
    "website_sale_comparison",
    "website_sale_loyalty",
    "website_sale_stock",
    "website_sale_wishlist",
}


def manifests():
    """The manifests of our add-ons by name, in the order of their names."""
    paths = sorted(ROOT.glob("*/__manifest__.py"))
    found = {path.parent.name: ast.literal_eval(path.read_text()) for path in paths}
    return {name: manifest for name, manifest in found.items() if manifest.get("installable", True)}


def ours(extent=STANDING):
    """Names of those of our add-ons that a database of this extent holds."""
    return [name for name, manifest in manifests().items() if _holds(extent, manifest)]


def _holds(extent, manifest):
    if extent == STANDING:
        return not manifest.get("auto_install")
    return extent == SHOP or not OF_THE_SHOP.intersection(manifest["depends"])


def needed(extent=STANDING):
    """Names of Odoo's add-ons that a database of this extent holds: those that ours depend on, at least."""
    own = manifests()
    beside = BESIDE_THE_SHOP if extent == SHOP else set()
    return sorted(BASE.union(beside, *(own[name].get("depends", []) for name in ours(extent))) - set(own))


def fingerprint_of_needed(extent=STANDING):
    """Changes when the prepared database has to be made anew."""
    return _hash([version, str(ROOT), *needed(extent)])  # its files are kept below ROOT


def fingerprint_of_ours():
    """Changes with any file of our add-ons."""
    files = sorted(path for name in manifests() for path in (ROOT / name).rglob("*") if _counts(path))
    return _hash(f"{path.relative_to(ROOT)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files)


def _counts(path):
    return path.is_file() and "__pycache__" not in path.parts


def _hash(lines):
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
