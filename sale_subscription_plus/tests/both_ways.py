"""Does the same work twice, invoices created by Odoo and with complete journal items, and compares what is left."""

from unittest.mock import patch

from psycopg2 import Error

from odoo.exceptions import UserError

from .common import SubscriptionCommon
from .invoice_world import World
from .stored_fields import Footprint, Reader, undone


class BothWaysCommon(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world = World(cls)
        cls.reader = Reader(cls.env)

    @property
    def moves(self):
        """The model as billing uses it."""
        Move = self.env["account.move"].sudo().with_company(self.company)
        return Move.with_context(default_move_type="out_invoice", tracking_disable=True)

    def _odoo_only(self):
        """Make billing create all invoices by Odoo's own way."""
        return patch.object(self.registry["account.move"], "_subscription_is_proven", lambda moves: False)

    def _compare(self, scenario):
        """Play ``scenario(footprint)`` with each way to create invoices.

        :return: (the differences as sentences, the words in which Odoo refused to do it)
        """
        with self._odoo_only():
            expected = self._play(scenario)
        actual = self._play(scenario)
        if isinstance(expected, Footprint) and isinstance(actual, Footprint):
            return self.reader.compare(expected, actual), ""
        same = str(expected) == str(actual)
        return [] if same else [f"{expected} became {actual}"], expected if isinstance(expected, str) else ""

    def _play(self, scenario):
        """Play ``scenario`` once; return the footprint, or the error that it met."""
        with undone(self.env):
            footprint = Footprint(self.env)
            try:
                scenario(footprint)
            except (UserError, Error) as error:
                # What follows the first line of a database error holds ids.
                return f"{type(error).__name__}: {str(error).splitlines()[0]}"
            return footprint

    def assertSame(self, scenario):
        """Assert that ``scenario(footprint)`` leaves the same, whichever way invoices are created."""
        differences, refused = self._compare(scenario)
        self.assertFalse("\n".join(differences[:20]))
        self.assertFalse(refused, "Nothing was compared.")
