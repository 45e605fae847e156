"""Subscribers, and people who look after them."""

import re

from odoo.fields import Command

from commands.shell import environment

from ..life.world import MANAGER, SELLER
from ..life.world import prepare as prepare_people

KEEPER, SUPPORT = "keeper", "support"
GROUPS = {
    KEEPER: ["sale_subscription_plus.group_subscription_admin", "sales_team.group_sale_salesman_all_leads"],
    SUPPORT: ["sale_subscription_plus.group_subscription_support"],
}
TO_DO = "Health is bad: look into it"


def prepare(env):
    """Hire people who sell, who set things up, and who answer the phone."""
    prepare_people(env)
    for login, names in GROUPS.items():
        groups = env["res.groups"].union(*map(env.ref, ["base.group_user", *names]))
        env["res.users"].create({"name": login, "login": login, "password": login, "group_ids": groups.ids})


class World:
    """One database, whose days are played by the command."""

    def __init__(self, db, manage):
        self.db = db
        self._manage = manage

    def subscribe(self, name, quantity=1):
        """Let a customer of that name subscribe to magazines, with the seller; return the order's id."""
        with environment(self.db) as env:
            find = {
                key: env[model].search([("name", "=", value)])
                for key, model, value in (
                    ("user", "res.users", SELLER),
                    ("plan", "subscription.plan", "Monthly"),
                    ("product", "product.product", "Magazine"),
                )
            }
            partner = env["res.partner"].create(
                {"name": name, "email": f"{name.lower().replace(' ', '.')}@example.com"}
            )
            line = {"product_id": find["product"].id, "product_uom_qty": quantity}
            order = env["sale.order"].create(
                {
                    "partner_id": partner.id,
                    "user_id": find["user"].id,
                    "subscription_plan_id": find["plan"].id,
                    "order_line": [Command.create(line)],
                }
            )
            order.action_confirm()
            env.cr.commit()
            return order.id

    def play_a_day(self):
        """Let a day pass."""
        played = self._manage("simulate", "--db", self.db, "--days", 1)
        assert played.rc == 0, played.stderr

    def read(self, order_id):
        """Return what became of an order: its health and why, and what is to be done about it."""
        with environment(self.db) as env:
            order = env["sale.order"].browse(order_id)
            return {
                "health": order.subscription_health,
                "reason": order.subscription_health_reason,
                "to_do": order.activity_ids.mapped("summary"),
                "rating": order.rating_last_value,
            }

    def get_link(self, order_id, path):
        """Return the first link below ``path`` of the last mail to the customer of an order."""
        with environment(self.db) as env:
            partner = env["sale.order"].browse(order_id).partner_id
            mail = env["mail.mail"].search([("recipient_ids", "in", partner.ids)], order="id desc", limit=1)
            return re.search(rf'href="[^"]*?({path}[^"]*)"', mail.body_html)[1].replace("&amp;", "&")

    def send_survey(self, order_id):
        """Send the customer the survey that comes with the add-on."""
        with environment(self.db) as env:
            survey = env.ref("sale_subscription_plus_survey.survey_satisfaction")
            env["sale.order"].browse(order_id)._subscription_send_survey(survey)
            env.cr.commit()


__all__ = ["KEEPER", "MANAGER", "SELLER", "SUPPORT", "TO_DO", "World", "prepare"]
