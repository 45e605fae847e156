"""A company that lets its customers look after themselves, and what becomes of their subscriptions."""

import re
from urllib.parse import urlsplit

from lxml import html

from odoo.fields import Command

from commands.shell import environment

PRICES = {"Magazine": (12.0, 120.0), "Archive": (5.0, 50.0), "Audio": (3.0, 30.0)}


def prepare(env):
    """Sell a magazine and two options, monthly or yearly, paid by Odoo's demo provider."""
    env.company.subscription_tz = "UTC"
    env["base.language.install"].create({"lang_ids": env.ref("base.lang_fr").ids}).lang_install()
    # The documents are not looked at here, and take long.
    env["mail.template"].search([]).report_template_ids = False
    provider = env["payment.provider"].search([("code", "=", "demo"), ("company_id", "=", env.company.id)])
    provider.write({"state": "test", "is_published": True, "allow_tokenization": True})
    rights = {"customer_changes": "both", "customer_pause": True, "customer_close": True, "invoicing_mode": "post"}
    env["subscription.plan"].create(
        [{"name": "Monthly", **rights}, {"name": "Yearly", "interval_unit": "year", **rights}]
    )
    for name, prices in PRICES.items():
        _sell(env, name, prices)
    env["product.product"].create({"name": "Poster", "type": "service", "list_price": 9.0, "taxes_id": []})
    env["subscription.close.reason"].create(
        {
            "name": "I move away",
            "retention_offer": "discount",
            "retention_discount": 20,
            "retention_periods": 3,
            "retention_message": "We deliver abroad, too.",
        }
    )


def _sell(env, name, prices):
    product = env["product.product"].create(
        {"name": name, "type": "service", "taxes_id": [], "invoice_policy": "order", "subscription_ok": True}
    )
    plans = [_find(env, "subscription.plan", plan) for plan in ("Monthly", "Yearly")]
    env["product.pricelist.item"].create(
        [
            {
                "applied_on": "1_product",
                "product_tmpl_id": product.product_tmpl_id.id,
                "subscription_plan_id": plan.id,
                "compute_price": "fixed",
                "fixed_price": price,
            }
            for plan, price in zip(plans, prices, strict=True)
        ]
    )


def _find(env, model, name):
    return env[model].search([("name", "=", name)])


class World:
    """One database, and what becomes of the subscriptions in it."""

    def __init__(self, db):
        self.db = db

    def quote(self, **customer):
        """Mail Ada a quotation; return (its id, the link in the mail)."""
        with environment(self.db) as env:
            order = self._create_quotation(env, **customer)
            action = order.action_quotation_send()
            composer = env["mail.compose.message"].with_context(action["context"], mail_notify_force_send=False)
            composer.create({})._action_send_mail()
            env.cr.commit()
            return order.id, _get_link(env, order)

    def subscribe(self, login):
        """Let somebody with a login (which is their password, too) subscribe; return the ids of order and invoice."""
        with environment(self.db) as env:
            order = self._create_quotation(env, name="Lea Login", email=login)
            groups = [Command.set(env.ref("base.group_portal").ids)]
            env["res.users"].create(
                {"login": login, "password": login, "partner_id": order.partner_id.id, "group_ids": groups}
            )
            self._create_template(env, order.company_id)
            order.action_confirm()
            env.cr.commit()
            env["subscription.billing.run"]._run()
            return order.id, order.browse(order.id).order_line.invoice_lines.move_id.id

    def _create_template(self, env, company):
        line = Command.create({"product_id": _find(env, "product.product", "Magazine").id})
        env["sale.order.template"].create(
            {
                "name": "Magazine",
                "company_id": company.id,
                "subscription_plan_id": _find(env, "subscription.plan", "Monthly").id,
                "subscription_self_service": True,
                "sale_order_template_line_ids": [line],
            }
        )

    def _create_quotation(self, env, **customer):
        values = {"name": "Ada Reader", "email": "ada@example.com", "country_id": env.ref("base.us").id, **customer}
        yearly, monthly = (_find(env, "subscription.plan", name) for name in ("Yearly", "Monthly"))
        option = {"product_uom_qty": 0, "subscription_option_access": "both"}
        lines = [
            {"product_id": _find(env, "product.product", "Magazine").id, "product_uom_qty": 2},
            {"product_id": _find(env, "product.product", "Poster").id},
            {"display_type": "line_section", "name": "Options", "is_optional": True},
            {"product_id": _find(env, "product.product", "Archive").id, **option},
            {"product_id": _find(env, "product.product", "Audio").id, **option},
        ]
        return env["sale.order"].create(
            {
                "partner_id": env["res.partner"].create(values).id,
                "subscription_plan_id": yearly.id,
                "subscription_offered_plan_ids": [Command.set((yearly + monthly).ids)],
                "require_signature": True,
                "require_payment": True,
                "prepayment_percent": 1.0,
                "order_line": [Command.create(line) for line in lines],
            }
        )

    def read(self, order_id):
        """Return what became of an order."""
        with environment(self.db) as env:
            order = env["sale.order"].browse(order_id)
            lines = order.order_line.filtered(lambda line: line.product_uom_qty and not line.display_type)
            recurring = lines.filtered("subscription_plan_id")
            rows = order.order_line.subscription_period_ids.filtered(lambda row: row.state == "live")
            return {
                "state": order.state,
                "status": order.subscription_status,
                "plan": order.subscription_plan_id.name,
                "signed": (order.signed_by, bool(order.signature)),
                "lines": [(line.product_id.name, line.product_uom_qty, line.price_unit) for line in lines],
                "rows": [(row.line_id.product_id.name, row.kind) for row in rows.sorted("id")],
                "moves": [
                    (move.move_type, move.amount_untaxed, move.payment_state)
                    for move in order.order_line.invoice_lines.move_id.sorted("id")
                ],
                "payments": [
                    (tx.state, tx.amount, tx.payment_id.is_reconciled)
                    for tx in _get_transactions(order)
                    if tx.operation != "validation"
                ],
                "method": order.subscription_token_id.payment_details,
                "changes": [(change.kind, change.state) for change in order.subscription_change_ids.sorted("id")],
                "requests": [request.state for request in order.subscription_request_ids.sorted("id")],
                "authors": {message.author_id.name for message in order.message_ids if message.subtype_id},
                "consents": order.subscription_consent_ids.sorted("id").mapped("kind"),
                "mrr": round(order.subscription_mrr, 2),
                "started_on": order.subscription_start,
                "period_end": max(recurring.mapped("subscription_next_start"), default=False),
                "closed_on": order.subscription_closed_on,
                "reason": order.subscription_close_reason_id.name,
                "retention": [(each.offer, each.outcome) for each in _get_retentions(order)],
            }


def _get_transactions(order):
    moves = order.order_line.invoice_lines.move_id
    requests = order.subscription_request_ids.transaction_ids
    return (order.transaction_ids | moves.transaction_ids | requests).sorted("id")


def _get_retentions(order):
    return order.env["subscription.retention"].search([("order_id", "=", order.id)], order="id")


def _get_link(env, order):
    """Return path and query of the link in the mail; the tests serve them where they like."""
    mail = env["mail.mail"].search([("model", "=", "sale.order"), ("res_id", "=", order.id)], limit=1)
    links = html.fromstring(mail.body_html).xpath("//a/@href")
    link = next(link for link in links if re.search(r"/my/|/mail/view", link) and "access_token" in link)
    url = urlsplit(link)
    return f"{url.path}?{url.query}"
