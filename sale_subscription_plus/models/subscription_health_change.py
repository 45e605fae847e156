from odoo import fields, models

from .subscription_health_rule import HEALTH


class SubscriptionHealthChange(models.Model):
    """The history of health: one row each time a subscription becomes good, at risk or bad."""

    _name = "subscription.health.change"
    _description = "Change of Health"
    _order = "id desc"
    _rec_name = "order_id"
    _log_access = False

    order_id = fields.Many2one(
        comodel_name="sale.order", string="Subscription", required=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one(related="order_id.partner_id")
    user_id = fields.Many2one(related="order_id.user_id", string="Salesperson")
    company_id = fields.Many2one(comodel_name="res.company", required=True, index=True)
    date = fields.Date(required=True, index=True, help="The company's day on which it was seen.")
    health_before = fields.Selection(selection=HEALTH, string="Was", help="Empty: it was not judged before.")
    health = fields.Selection(selection=HEALTH, string="Became", required=True)
    reason = fields.Char(help="Name that the rule had on that day; empty where no rule held.")
    rule_id = fields.Many2one(comodel_name="subscription.health.rule", ondelete="set null", index="btree_not_null")
