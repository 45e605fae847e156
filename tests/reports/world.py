"""A company whose subscriptions have a history of seventy days."""

from datetime import datetime, time, timedelta

from freezegun import freeze_time

from odoo.fields import Command

from ..life.world import MANAGER, SELLER
from ..life.world import prepare as prepare_people

REASON = "Too expensive"


def prepare(env):
    """Let customers come and go; the MRR of all, and of the seller's own, is told beside each step."""
    prepare_people(env)
    story = _Story(env)
    story.subscribe(70, "Ann", SELLER, quantity=2)  # 24, 24
    story.subscribe(70, "Bob", SELLER, quantity=2)  # 48, 48
    story.subscribe(70, "Cem", MANAGER, quantity=2)  # 72
    story.subscribe(45, "Dot", MANAGER)  # 84
    story.change(20, "Bob", "close", reason_id=story.find("subscription.close.reason", REASON).id)  # 60, 24
    story.change(15, "Ann", "quantity", quantity=3)  # 72, 36
    story.subscribe(10, "Eve", MANAGER, plan="Yearly")  # 82
    story.change(5, "Dot", "pause")  # 70


class _Story:
    def __init__(self, env):
        self.env = env
        self._today = env.company._get_subscription_today()
        self._orders = {}

    def find(self, model, name):
        """Return the record of that name; a new one if there is none."""
        return self.env[model].search([("name", "=", name)], limit=1) or self.env[model].create({"name": name})

    def _at(self, days):
        return freeze_time(datetime.combine(self._today - timedelta(days=days), time(12)))

    def subscribe(self, days, name, login, quantity=1, plan="Monthly"):
        """Let a new customer of ``login`` subscribe to magazines so many days ago."""
        with self._at(days):
            line = {"product_id": self.find("product.product", "Magazine").id, "product_uom_qty": quantity}
            self._orders[name] = self.env["sale.order"].create(
                {
                    "partner_id": self.env["res.partner"].create({"name": name}).id,
                    "user_id": self.env["res.users"].search([("login", "=", login)]).id,
                    "subscription_plan_id": self.find("subscription.plan", plan).id,
                    "order_line": [Command.create(line)],
                }
            )
            self._orders[name].action_confirm()
            self.env.flush_all()

    def change(self, days, name, kind, **values):
        """Change a customer's subscription so many days ago."""
        order = self._orders[name]
        with self._at(days):
            if kind == "quantity":
                values["line_id"] = order.order_line.id
            change = {"order_id": order.id, "kind": kind, "effective_on": self._today - timedelta(days=days), **values}
            self.env["subscription.change"]._schedule([change])
            self.env.flush_all()
