"""A company that takes money by Odoo's demo provider, and customers with the links that they were sent."""

from urllib.parse import urlsplit

from odoo.fields import Command

from commands.shell import environment


def prepare(env):
    """Let the company take money, and sell a magazine and a poster."""
    env.company.subscription_tz = "UTC"
    provider = env["payment.provider"].search([("code", "=", "demo"), ("company_id", "=", env.company.id)])
    provider.write({"state": "test", "is_published": True, "allow_tokenization": True})
    # Something that cannot be saved.
    env["payment.method"].create(
        {"name": "Voucher", "code": "voucher", "active": True, "provider_ids": [Command.link(provider.id)]}
    )
    plan = env["subscription.plan"].create({"name": "Monthly", "invoicing_mode": "post"})
    arrears = env["subscription.plan"].create(
        {"name": "Monthly, afterwards", "invoicing_mode": "post", "billing_timing": "arrears"}
    )
    magazine = _create_product(env, "Magazine", 12.0, subscription_ok=True)
    _create_product(env, "Poster", 9.0, subscription_ok=False)
    for each in (plan, arrears):
        env["product.pricelist.item"].create(
            {
                "applied_on": "1_product",
                "product_tmpl_id": magazine.product_tmpl_id.id,
                "subscription_plan_id": each.id,
                "compute_price": "fixed",
                "fixed_price": 12.0,
            }
        )


def _create_product(env, name, price, **values):
    return env["product.product"].create(
        {"name": name, "type": "service", "list_price": price, "taxes_id": [], "invoice_policy": "order", **values}
    )


class World:
    """One database, and what becomes of the subscriptions in it."""

    def __init__(self, db):
        self.db = db

    def quote(self, plan="Monthly", products=("Magazine", "Poster")):
        """Send Ada a quotation, to be paid online; return (its id, its link)."""
        with environment(self.db) as env:
            order = self._create_quotation(env, plan, products, require_payment=True, require_signature=False)
            order.action_quotation_sent()
            env.cr.commit()
            return order.id, _get_link(order)

    def bill(self, count=1):
        """Bill Ada ``count`` subscriptions; return the ids of the orders, and the link of the first invoice."""
        with environment(self.db) as env:
            partner = self._create_customer(env)
            orders = env["sale.order"]
            for _number in range(count):
                orders |= self._create_quotation(env, "Monthly", ["Magazine"], partner_id=partner.id)
            orders.action_confirm()
            env.cr.commit()
            env["subscription.billing.run"]._run()
            return orders.ids, _get_link(orders[0].order_line.invoice_lines.move_id)

    def read(self, order_id):
        """Return what became of an order: state, method, and [(open amount, collection) of each invoice]."""
        with environment(self.db) as env:
            order = env["sale.order"].browse(order_id)
            invoices = order.order_line.invoice_lines.move_id
            return {
                "state": order.state,
                "status": order.subscription_status,
                "method": order.subscription_token_id.payment_details,
                "invoices": [(move.amount_residual, move._get_subscription_charges().state) for move in invoices],
            }

    def _create_quotation(self, env, plan, products, **values):
        return env["sale.order"].create(
            {
                "partner_id": values.pop("partner_id", None) or self._create_customer(env).id,
                **values,
                "subscription_plan_id": env["subscription.plan"].search([("name", "=", plan)]).id,
                "order_line": [
                    Command.create({"product_id": env["product.product"].search([("name", "=", name)]).id})
                    for name in products
                ],
            }
        )

    def _create_customer(self, env):
        return env["res.partner"].create(
            {"name": "Ada Reader", "email": "ada@example.com", "country_id": env.company.country_id.id}
        )


def _get_link(document):
    """Return path and query of the link in the mail; the tests serve them where they like."""
    url = urlsplit(document.get_portal_url())
    return f"{url.path}?{url.query}"
