"""The add-ons of this repository, and what they need of Odoo's."""

import ast
import hashlib
from pathlib import Path

from odoo.release import version

ROOT = Path(__file__).resolve().parents[2]

# What the core add-on needs, kept here too so that the prepared database can be made before it exists; payment_demo
# and a chart of accounts let a new database take (play) money.
BASE = {"sale_management", "account_payment", "base_automation", "payment_demo", "rating"}


def manifests():
    """The manifests of our add-ons by name, in the order of their names."""
    paths = sorted(ROOT.glob("*/__manifest__.py"))
    found = {path.parent.name: ast.literal_eval(path.read_text()) for path in paths}
    return {name: manifest for name, manifest in found.items() if manifest.get("installable", True)}


def ours(with_glue=False):
    """Names of our add-ons; without the glue, which Odoo installs where both of its sides are."""
    return [name for name, manifest in manifests().items() if with_glue or not manifest.get("auto_install")]


def needed(with_glue=False):
    """Names of Odoo's add-ons that ours depend on."""
    own = manifests()
    return sorted(BASE.union(*(own[name].get("depends", []) for name in ours(with_glue))) - set(own))


def fingerprint_of_needed(with_glue=False):
    """Changes when the prepared database has to be made anew."""
    return _hash([version, str(ROOT), *needed(with_glue)])  # its files are kept below ROOT


def fingerprint_of_ours():
    """Changes with any file of our add-ons."""
    files = sorted(path for name in manifests() for path in (ROOT / name).rglob("*") if _counts(path))
    return _hash(f"{path.relative_to(ROOT)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files)


def _counts(path):
    return path.is_file() and "__pycache__" not in path.parts


def _hash(lines):
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
