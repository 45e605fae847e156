"""Which add-ons were proven to leave alone what billing shortens."""

# Beside these, invoices came out the same by the short way and by Odoo's own: see tests/test_complete_items.py here,
# and tests/matrix/test_same_invoices.py of the repository.
PROVEN_ADDONS = {
    "account",
    "account_payment",
    "analytic",
    "base",
    "base_automation",
    "mail",
    "payment",
    "portal",
    "product",
    "rating",
    "sale",
    "sale_management",
    "sale_project",
    "sale_stock",
    "sale_subscription_plus",
    "stock_account",
}


def is_untouched(model, *methods):
    """Return whether no other add-on overrides one of ``methods``, nor an automation rule patched it.

    :param model: any recordset of the model
    """
    return not any(_is_touched(type(model), name) for name in methods)


def _is_touched(cls, name):
    # Rules patch the class of the registry itself, which has no methods of its own.
    return name in vars(cls) or any(name in vars(base) and not _is_proven(base.__module__) for base in cls.__mro__)


def _is_proven(module):
    _odoo, addons, addon, *_path = [*module.split("."), "", ""]
    return addons != "addons" or addon in PROVEN_ADDONS
