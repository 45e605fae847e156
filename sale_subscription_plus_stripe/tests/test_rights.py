import inspect

from odoo import models
from odoo.tests import TransactionCase, tagged

ADDON = "sale_subscription_plus_stripe"


@tagged("-at_install", "post_install")
class TestRights(TransactionCase):
    """Nothing of the add-on can be called over the network."""

    def test_it_has_no_public_method(self):
        public = [
            (model._name, name)
            for model in self.env.values()
            for base in type(model).__mro__
            if issubclass(base, models.BaseModel) and f".{ADDON}." in f"{base.__module__}."
            for name, member in vars(base).items()
            if inspect.isfunction(member) and not name.startswith("_")
        ]
        self.assertFalse(public)
