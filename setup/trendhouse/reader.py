"""A customer with a login, and a few subscriptions to try on what readers look after themselves."""

from datetime import timedelta

from odoo.fields import Command

from .catalogue import PASSWORDLESS
from .player import QUIET

LOGIN = "reader"
# What they subscribe to: plan, how many days ago it started, and the products beside the magazine.
SHELF = [("month", 100, ("archive",)), ("quarter", 40, ()), ("year", 400, ("copy",)), ("month", 20, ())]
# What readers may do themselves.
RIGHTS = {
    "customer_changes": "both",
    "customer_pause": True,
    "customer_pause_days": 90,
    "customer_close": True,
}


def open_self_service(env, plans, houses):
    """Let readers change, pause and close, choose among the plans, and add and remove the extras."""
    for plan in plans.values():
        plan.write(RIGHTS)
    for house in houses:
        for template in house.templates.values():
            template.write(
                {
                    "subscription_offered_plan_ids": [Command.set([plan.id for plan in plans.values()])],
                    "require_payment": house.company == houses[0].company,
                }
            )
            lines = template.sale_order_template_line_ids.filtered(lambda line: line.product_id.subscription_ok)
            # The first one is the magazine itself.
            lines[1:].subscription_option_access = "both"
        house.templates["month"].write(
            {
                "subscription_self_service": True,
                "subscription_public_description": "Each week's issue in your letter box. Choose how often you pay.",
            }
        )
    env.ref("sale_subscription_plus.close_reason_expensive").write(
        {"retention_offer": "discount", "retention_discount": 20, "retention_periods": 3}
    )
    env.ref("sale_subscription_plus.close_reason_unused").write({"retention_offer": "pause", "retention_months": 2})


def let_in(env, shop, today):
    """Make the customer, their login and their subscriptions: one is not paid, one pauses; and a quotation is open."""
    user = (
        env["res.users"]
        .with_context(**PASSWORDLESS)
        .create(
            {
                "name": "Rita Reader",
                "login": LOGIN,
                "password": LOGIN,
                "email": "rita.reader@example.com",
                "company_id": shop.home.company.id,
                "company_ids": [Command.set(shop.home.company.ids)],
                "group_ids": [Command.set(env.ref("base.group_portal").ids)],
            }
        )
    )
    partner = user.partner_id
    partner.write({"street": "7 Quire Lane", "city": "Portland", "zip": "97205", "country_id": env.ref("base.us").id})
    orders = env["sale.order"]
    for plan, days, extras in SHELF:
        orders += _subscribe(shop, partner, plan, today - timedelta(days), extras)
    env["subscription.billing.run"]._run()
    _pay_all_but_the_last(env, orders, today)
    env["subscription.change"]._schedule([{"order_id": orders[-1].id, "kind": "pause", "effective_on": today}])
    # As the customer themself, on the page for new subscriptions.
    shop.home.templates["month"].with_user(user).sudo()._subscription_take(user)


def _subscribe(shop, partner, plan, start, extras):
    house = shop.home
    chosen = {shop.products[name] for name in ("magazine", *extras)}
    lines = []
    for line in house.templates[plan].sale_order_template_line_ids:
        values = line._prepare_order_line_values()
        if line.product_id:
            values["product_uom_qty"] = int(line.product_id in chosen)
        lines.append(Command.create(values))
    order = (
        house.env["sale.order"]
        .with_context(**QUIET)
        .create(
            {
                "company_id": house.company.id,
                "partner_id": partner.id,
                "pricelist_id": house.pricelist.id,
                "user_id": house.sellers[0].id,
                "sale_order_template_id": house.templates[plan].id,
                "subscription_start": start,
                "order_line": lines,
            }
        )
    )
    order.action_confirm()
    return order


def _pay_all_but_the_last(env, orders, today):
    """Book that the customer paid what they were billed, but for one invoice."""
    invoices = orders.invoice_ids.filtered(lambda invoice: invoice.state == "posted").sorted("id")[:-1]
    context = {**QUIET, "active_model": "account.move", "active_ids": invoices.ids}
    register = env["account.payment.register"].with_context(**context)
    register.create({"payment_date": today, "group_payment": False})._create_payments()
