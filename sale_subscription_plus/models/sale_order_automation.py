from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .sale_order import RUNNING_STATUSES


class SaleOrder(models.Model):
    """What automation rules do with a subscription, and what they did."""

    _inherit = "sale.order"

    subscription_firing_count = fields.Integer(
        string="Automations", compute="_compute_subscription_firing_count", groups="sales_team.group_sale_salesman"
    )

    subscription_customer_runs = fields.Boolean(
        string="Customer Has a Running Subscription",
        compute="_compute_subscription_customer_runs",
        search="_search_subscription_customer_runs",
        compute_sudo=True,
        help="This one, or another one.",
    )

    @api.depends("subscription_status", "partner_id")
    def _compute_subscription_customer_runs(self):
        running = self.filtered_domain(self._search_subscription_customer_runs("in", [True]))
        for order in self:
            order.subscription_customer_runs = order in running

    @api.model
    def _search_subscription_customer_runs(self, operator, value):
        if operator != "in":
            return NotImplemented
        customers = SQL(
            """
            (SELECT partner.commercial_partner_id
               FROM sale_order running JOIN res_partner partner ON partner.id = running.partner_id
              WHERE running.subscription_status = ANY(%s))
            """,
            list(RUNNING_STATUSES),
        )
        return Domain("partner_id.commercial_partner_id", "in", customers)

    def _compute_subscription_firing_count(self):
        groups = self.env["subscription.firing"]._read_group(
            [("order_id", "in", self.ids), ("state", "!=", "before")], ["order_id"], ["__count"]
        )
        counts = dict(groups)
        for order in self:
            order.subscription_firing_count = counts.get(order, 0)

    def action_view_subscription_firings(self):
        """Open what automation rules did about these subscriptions."""
        action = self.env["ir.actions.act_window"]._for_xml_id("sale_subscription_plus.subscription_firing_action")
        return action | {"domain": [("order_id", "in", self.ids), ("state", "!=", "before")], "context": {}}

    def _get_subscription_responsible(self):
        """Return who sees to this subscription: its salesperson, their team's leader or the administrator."""
        self.ensure_one()
        return (self.user_id + self.team_id.user_id).filtered("active")[:1] or self.env.ref("base.user_admin")

    def _subscription_check_renewable(self):
        """Raise where one of these subscriptions cannot be renewed.

        :raise UserError: with the reasons
        """
        problems = [problem for order in self if (problem := order._get_renewing_problem())]
        if problems:
            raise UserError("\n".join(problems))

    def _subscription_mail_quotation(self):
        """Queue the mail with each of these quotations; without an address it is told in the history instead."""
        for order in self:
            if not order.partner_id.email:
                order._message_log(body=self.env._("Not mailed: %s has no e-mail address.", order.partner_id.name))
                continue
            order.with_context(mail_notify_force_send=False).message_post_with_source(
                order._find_mail_template(),
                email_layout_xmlid="mail.mail_notification_layout_with_responsible_signature",
                subtype_xmlid="mail.mt_comment",
            )
            order.action_quotation_sent()

    def _subscription_ask_to_send(self):
        """Ask who sees to these renewal quotations to send them, where they are nobody's."""
        for order in self.filtered(lambda order: not order.user_id):
            order.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=order._get_subscription_responsible().id,
                summary=self.env._("Look at this renewal quotation, and send it"),
            )
