"""Subscriptions for tests that need many of them: plain, alike, and quickly made."""

from odoo.fields import Command


def make_subscriptions(env, count, start, price=10.0):
    """Confirm ``count`` orders of one monthly line at ``price`` that start on ``start``.

    :return: the orders
    """
    plan = env["subscription.plan"].create({"name": "Monthly", "invoicing_mode": "post"})
    product = env["product.product"].create(
        {"name": "Magazine", "type": "service", "list_price": price, "subscription_ok": True}
    )
    customers = env["res.partner"].create([{"name": f"Customer {number}"} for number in range(count)])
    orders = env["sale.order"].create(
        [
            {
                "partner_id": customer.id,
                "user_id": env.ref("base.user_admin").id,
                "subscription_plan_id": plan.id,
                "subscription_start": start,
                "order_line": [Command.create({"product_id": product.id})],
            }
            for customer in customers
        ]
    )
    orders.action_confirm()
    return orders
