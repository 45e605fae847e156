"""Running subscriptions, and what becomes of them."""

from odoo.fields import Command

from commands.shell import environment

SELLER, MANAGER, CLERK = "seller", "manager", "clerk"
GROUPS = {
    SELLER: ["sales_team.group_sale_salesman"],
    MANAGER: ["sales_team.group_sale_manager"],
    # Odoo itself does not let plain salespeople open posted invoices.
    CLERK: ["sales_team.group_sale_salesman", "account.group_account_invoice"],
}


def prepare(env):
    """Hire people (their password is their login), and sell a magazine and an archive."""
    env.company.subscription_tz = "UTC"
    for login, names in GROUPS.items():
        groups = env["res.groups"].union(*map(env.ref, ["base.group_user", *names]))
        env["res.users"].create({"name": login, "login": login, "password": login, "group_ids": groups.ids})
    monthly = env["subscription.plan"].create({"name": "Monthly", "invoicing_mode": "post"})
    yearly = env["subscription.plan"].create({"name": "Yearly", "invoicing_mode": "post", "interval_unit": "year"})
    _sell(env, "Magazine", {monthly: 12.0, yearly: 120.0})
    _sell(env, "Archive", {monthly: 5.0, yearly: 50.0})


def _sell(env, name, prices):
    product = env["product.product"].create(
        {"name": name, "type": "service", "taxes_id": [], "invoice_policy": "order", "subscription_ok": True}
    )
    env["product.pricelist.item"].create(
        [
            {
                "applied_on": "1_product",
                "product_tmpl_id": product.product_tmpl_id.id,
                "subscription_plan_id": plan.id,
                "compute_price": "fixed",
                "fixed_price": price,
            }
            for plan, price in prices.items()
        ]
    )


class World:
    """One database; each subscription in it starts today, and is billed for its first month."""

    def __init__(self, db):
        self.db = db

    def subscribe(self, login=SELLER, quantity=2):
        """Let a customer of ``login`` subscribe to magazines, billed for a month; return the order's id."""
        with environment(self.db) as env:
            order = env["sale.order"].create(
                {
                    "partner_id": env["res.partner"].create({"name": "Ada Reader", "email": "ada@example.com"}).id,
                    "user_id": env["res.users"].search([("login", "=", login)]).id,
                    "subscription_plan_id": env["subscription.plan"].search([("name", "=", "Monthly")]).id,
                    "order_line": [
                        Command.create({"product_id": _find(env, "Magazine").id, "product_uom_qty": quantity})
                    ],
                }
            )
            order.action_confirm()
            env.cr.commit()
            env["subscription.billing.run"]._run()
            return order.id

    def read(self, order_id):
        """Return what became of an order: status, lines, changes and documents."""
        with environment(self.db) as env:
            order = env["sale.order"].browse(order_id)
            today = order.company_id._get_subscription_today()
            return {
                "status": order.subscription_status,
                "lines": [(line.product_id.name, line.product_uom_qty, line.price_unit) for line in order.order_line],
                "changes": [
                    (change.kind, change.state, "now" if change.effective_on == today else "later")
                    for change in order.subscription_change_ids.sorted("id")
                ],
                "moves": [(move.move_type, move.amount_untaxed) for move in order.invoice_ids.sorted("id")],
                "mrr": round(order.subscription_mrr, 2),
            }


def _find(env, name):
    return env["product.product"].search([("name", "=", name)])
