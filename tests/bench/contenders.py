"""Those who bill: each makes its records of the same agreements once, and then bills month by month."""

from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.fields import Command

from .agreements import START
from .common import Clock, batched


class Contender:
    """One who bills.

    ``clock`` has the time of the last month, ``parts`` the seconds of its steps where they can be told apart.
    """

    name = None

    def __init__(self, cr, agreements):
        self.env = api.Environment(cr, SUPERUSER_ID, {})
        self.agreements = agreements
        self.parts = {}
        self.clock = Clock()

    def make(self):
        """Make the records that are billed from."""
        for agreements in batched(self.agreements):
            self._make(agreements)
            self.env.cr.commit()
            self.env.invalidate_all()

    def bill(self, day):
        """Bill the month that begins on ``day``, until it is posted and committed."""
        self.env.invalidate_all()
        with Clock() as self.clock:
            self._bill(day)
            self.env.flush_all()
            self.env.cr.commit()

    def _step(self, name, method, *arguments):
        with Clock() as clock:
            result = method(*arguments)
            self.env.flush_all()
        self.parts[name] = clock.seconds
        return result

    def _make(self, agreements):
        raise NotImplementedError

    def _bill(self, day):
        raise NotImplementedError


class Floor(Contender):
    """Odoo itself making the same documents, with no records to bill from."""

    name = "Odoo's own invoices (floor)"

    def __init__(self, cr, agreements):
        super().__init__(cr, agreements)
        self.env = self.env(context={"tracking_disable": True, "mail_create_nolog": True})

    def _make(self, agreements):
        pass

    def _bill(self, day):
        invoices = self._step("create", self._create, day)
        self._step("post", invoices._post, False)

    def _create(self, day):
        invoices = self.env["account.move"]
        for agreements in batched(self.agreements):
            invoices += invoices.create([self._prepare(agreement, day) for agreement in agreements])
        return invoices

    def _prepare(self, agreement, day):
        return {
            "move_type": "out_invoice",
            "partner_id": agreement.customer.id,
            "currency_id": agreement.pricelist.currency_id.id,
            "invoice_date": day,
            "invoice_line_ids": [
                Command.create({"product_id": product.id, "quantity": 1, "price_unit": price})
                for product, price in agreement.prices
            ],
        }


class Ours(Contender):
    """The nightly run of this repository: invoices, ledger, dates, events."""

    name = "Subscriptions Plus"

    def make(self):
        self.plan = self.env["subscription.plan"].create({"name": "Monthly", "invoicing_mode": "post"})
        super().make()

    def _make(self, agreements):
        orders = self.env["sale.order"].create([self._prepare(agreement) for agreement in agreements])
        orders.action_confirm()

    def _prepare(self, agreement):
        return {
            "partner_id": agreement.customer.id,
            "user_id": self.env.ref("base.user_admin").id,
            "pricelist_id": agreement.pricelist.id,
            "subscription_plan_id": self.plan.id,
            "subscription_start": agreement.start,
            "order_line": [
                Command.create({"product_id": product.id, "price_unit": price}) for product, price in agreement.prices
            ],
        }

    def _bill(self, day):
        self.result = self.env["sale.order"]._subscription_run_billing(date=day)


class Contract(Contender):
    """OCA's contract: its scheduled action, then posting."""

    name = "OCA contract + post"

    def _make(self, agreements):
        self.env["contract.contract"].create([self._prepare(agreement) for agreement in agreements])

    def _prepare(self, agreement):
        recurrence = {"recurring_rule_type": "monthly", "recurring_interval": 1, "date_start": START}
        return {
            **recurrence,
            "name": agreement.customer.name,
            "partner_id": agreement.customer.id,
            "manual_currency_id": agreement.pricelist.currency_id.id,
            "line_recurrence": False,
            "contract_line_ids": [
                Command.create(
                    {
                        **recurrence,
                        "recurring_next_date": START,
                        "product_id": product.id,
                        "name": product.name,
                        "quantity": 1,
                        "price_unit": price,
                    }
                )
                for product, price in agreement.prices
            ],
        }

    def _bill(self, day):
        self._step("create", self.env["contract.contract"].cron_recurring_create_invoice, day)
        drafts = self.env["account.move"].search([("state", "=", "draft"), ("move_type", "=", "out_invoice")])
        self._step("post", drafts.action_post)


class SubscriptionOca(Contender):
    """OCA's subscription_oca: its scheduled action, which posts each invoice; no PDF and no mail."""

    name = "OCA subscription_oca"

    def make(self):
        self.stage = self.env["sale.subscription.stage"].search([("type", "=", "in_progress")], limit=1)
        self.template = self.env["sale.subscription.template"].create(
            {
                "name": "Monthly",
                "code": "M",
                "recurring_rule_type": "months",
                "recurring_interval": 1,
                "recurring_rule_boundary": "unlimited",
                "invoicing_mode": "invoice",
            }
        )
        self.journals = {agreement.pricelist: self._make_journal(agreement) for agreement in self.agreements[:2]}
        super().make()

    def _make_journal(self, agreement):
        # The invoice's currency is the journal's, whatever the pricelist's.
        currency = agreement.pricelist.currency_id
        return self.env["account.journal"].create(
            {"name": f"OCA {currency.name}", "code": f"O{currency.name}", "type": "sale", "currency_id": currency.id}
        )

    def _make(self, agreements):
        subscriptions = self.env["sale.subscription"].create([self._prepare(agreement) for agreement in agreements])
        subscriptions.write({"stage_id": self.stage.id})
        subscriptions.write({"recurring_next_date": START, "in_progress": True})

    def _prepare(self, agreement):
        return {
            "partner_id": agreement.customer.id,
            "template_id": self.template.id,
            "pricelist_id": agreement.pricelist.id,
            "journal_id": self.journals[agreement.pricelist].id,
            "date_start": START,
            "sale_subscription_line_ids": [
                Command.create(
                    {"product_id": product.id, "name": product.name, "product_uom_qty": 1, "price_unit": price}
                )
                for product, price in agreement.prices
            ],
        }

    def _bill(self, day):
        # Takes no date: it bills one period of all that are behind today.
        with patch.object(type(self.env["account.move.send"]), "_generate_and_send_invoices"):
            self.env["sale.subscription"].cron_subscription_management()
