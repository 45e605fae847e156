"""What tests of charging share: a provider, saved methods, and one way to charge."""

from odoo import api
from odoo.api import SUPERUSER_ID
from odoo.fields import Date

from .common import SubscriptionCommon
from .trap import trap_charges


class ChargingCommon(SubscriptionCommon):
    """A provider of the company that saves methods; a customer with a card. Its answers are trapped."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls._create_provider()
        cls.card = cls._create_token()
        cls.policy = cls.env["subscription.dunning.policy"].create({"name": "Firm"})
        cls.monthly.dunning_policy_id = cls.policy
        cls.customer.property_payment_term_id = False

    @classmethod
    def _create_provider(cls, **values):
        provider = cls.env["payment.provider"].create(
            {
                "name": "Trapped",
                "code": "none",
                "state": "test",
                "company_id": cls.company.id,
                "journal_id": cls.company_data["default_journal_bank"].id,
                **values,
            }
        )
        cls.method = cls.env["payment.method"].create(
            {"name": "Card", "code": "trapped_card", "support_tokenization": True, "provider_ids": provider.ids}
        )
        account = (
            cls.env["account.payment.method"]
            .sudo()
            .create({"name": "Trapped", "code": f"trapped_{provider.id}", "payment_type": "inbound"})
        )
        cls.env["account.payment.method.line"].create(
            {
                "payment_method_id": account.id,
                "journal_id": provider.journal_id.id,
                "payment_provider_id": provider.id,
                "payment_account_id": cls.inbound_payment_method_line.payment_account_id.id,
            }
        )
        return provider

    @classmethod
    def _create_token(cls, partner=None, **values):
        return cls.env["payment.token"].create(
            {
                "provider_id": cls.provider.id,
                "payment_method_id": cls.method.id,
                "payment_details": "4242",
                "partner_id": (partner or cls.customer).id,
                "provider_ref": "card",
                **values,
            }
        )

    def _create_automatic(self, start="2026-01-01", token=None, **values):
        """Create a subscription that is paid by a saved method, and bill its first invoice."""
        values.setdefault("subscription_token_id", (token or self.card).id)
        order = self._create_subscription(start, **values)
        self._bill()
        return order

    def _charge(self, answer="done", day=None):
        """Run the charging, on ``day`` if given; return the trap with what was sent."""
        if day:
            self._set_today(day)
        with self._test_mode(), self.registry.cursor() as cr, trap_charges(self.env, answer) as trap:
            trap.result = api.Environment(cr, SUPERUSER_ID, {})["subscription.charging.run"]._run()
        return trap

    @staticmethod
    def _date(text):
        return Date.to_date(text)

    def _get_charge(self, order):
        """Return the collection of the only invoice of ``order``."""
        return order.subscription_charge_ids.ensure_one()
