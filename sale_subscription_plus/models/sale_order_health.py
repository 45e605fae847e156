import logging
from collections import defaultdict

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from .sale_order import RUNNING_STATUSES
from .subscription_health_rule import HEALTH

_logger = logging.getLogger(__name__)

# The kanban's colours: green, yellow, red.
COLORS = {"good": 10, "at_risk": 3, "bad": 1}


class SaleOrder(models.Model):
    """How a running subscription is, and why."""

    _inherit = "sale.order"

    subscription_health = fields.Selection(
        selection=HEALTH,
        string="Health",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="What the first health rule that holds says; good where none holds. Empty unless it is running.",
    )
    subscription_health_rule_id = fields.Many2one(
        comodel_name="subscription.health.rule",
        string="Health Rule",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_user",
    )
    subscription_health_reason = fields.Char(
        string="Health Reason",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="Name of the rule, as it was when it began to hold.",
    )
    subscription_health_on = fields.Date(
        string="Health Since", copy=False, readonly=True, groups="base.group_user", help="Since when it is so."
    )
    subscription_health_color = fields.Integer(
        compute="_compute_subscription_health_color", groups="base.group_user", help="Technical: stripe in the kanban."
    )
    subscription_health_change_ids = fields.One2many(
        comodel_name="subscription.health.change",
        inverse_name="order_id",
        string="Health History",
        groups="base.group_user",
    )

    _subscription_health_idx = models.Index(
        "(company_id, subscription_health) WHERE subscription_health IN ('at_risk', 'bad')"
    )

    @api.depends("subscription_health")
    def _compute_subscription_health_color(self):
        for order in self:
            order.subscription_health_color = COLORS.get(order.subscription_health, 0)

    # === ACTION METHODS ===#

    def action_subscription_check_health(self):
        """Look at the health of these subscriptions now.

        :return: a notification that tells what came of it
        """
        self._subscription_check_right("sales_team.group_sale_salesman")
        self.check_access("read")
        # In sudo mode: health is written by no user, and what the rules make of it does not depend on who asks.
        self.sudo()._subscription_judge()
        message = self._get_health_summary([("id", "in", self.ids)])
        if len(self) == 1 and self.subscription_health:
            labels = dict(self._fields["subscription_health"]._description_selection(self.env))
            reason = self.subscription_health_reason or self.env._("no health rule speaks against it.")
            message = f"{labels[self.subscription_health]}: {reason}"
        return self.env["subscription.health.rule"]._notify(message)

    def action_view_subscription_health(self):
        """Open the history of this subscription's health."""
        self.ensure_one()
        return self._get_subscription_history_action("sale_subscription_plus.subscription_health_change_action")

    @api.model
    def _get_health_summary(self, domain):
        """Return what became of subscriptions that the user sees, in a line."""
        counts = dict(self._read_group(domain, ["subscription_health"], ["__count"]))
        labels = dict(self._fields["subscription_health"]._description_selection(self.env))
        parts = [f"{labels[health]}: {counts[health]}" for health in reversed(labels) if counts.get(health)]
        if counts.get(False):
            parts.append(self.env._("not running: %s", counts[False]))
        return ", ".join(parts) or self.env._("You see no running subscription.")

    # === WHAT IS WATCHED ===#

    @api.model
    def _get_care_fields(self):
        """Extend: what the rules go by is watched, and which rules these are."""
        return (
            super()._get_care_fields()
            | {"sale_order_template_id"}
            | self.env["subscription.health.rule"]._get_watched_fields()
        )

    # === LOOKING ===#

    def _subscription_judge(self):
        """Have the rules decide on these orders, and return how many changed."""
        return sum(
            self._subscription_write_health(company, self._get_new_health(company, orders.ids))
            for company, orders in self.grouped("company_id").items()
        )

    @api.model
    def _subscription_judge_all(self, company):
        """Have the rules decide on all subscriptions of a company, in this transaction."""
        self._subscription_write_health(company, self._get_new_health(company, again=True))

    @api.model
    def _get_new_health(self, company, order_ids=None, again=False):
        """Return the health of subscriptions whose health or rule is another one by now.

        :return: {order id: (health or False, rule or none)}
        """
        Rule = self.env["subscription.health.rule"]
        verdicts = Rule._judge(company, order_ids, again)
        changed = {}
        for order_id, running, health, rule_id in self._read_health(company, order_ids):
            verdict = verdicts.get(order_id, ("good", Rule)) if running else (False, Rule)
            if verdict and (verdict[0] or None, verdict[1].id or None) != (health, rule_id):
                changed[order_id] = verdict
        return changed

    @api.model
    def _read_health(self, company, order_ids):
        """Return rows (id, whether it is running, health, rule) of orders that have a health, or should."""
        self.flush_model(["company_id", "subscription_status", "subscription_health", "subscription_health_rule_id"])
        return self.env.execute_query(
            SQL(
                """
                SELECT id, subscription_status = ANY(%(running)s), subscription_health, subscription_health_rule_id
                  FROM sale_order
                 WHERE company_id = %(company)s AND %(orders)s
                   AND (subscription_status = ANY(%(running)s) OR subscription_health IS NOT NULL)
                 ORDER BY id
                """,
                running=list(RUNNING_STATUSES),
                company=company.id,
                orders=self._get_orders_sql(SQL("id"), order_ids),
            )
        )

    # === WRITING ===#

    @api.model
    def _subscription_write_health(self, company, health):
        """Write what :meth:`_get_new_health` returned. An order that cannot be written holds up no other.

        :return: how many were written; those that somebody else has in hand are looked at again by the next run
        """
        orders = self._lock_for_health(health)
        # Meanwhile another run may have written them, they may have stopped running, or the rule is gone.
        rules = self.env["subscription.health.rule"].union(*(health[order.id][1] for order in orders)).exists()
        orders = orders.filtered(lambda order: order._may_become(*health[order.id], rules))
        try:
            with self.env.cr.savepoint():
                orders._write_health(company, health)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:  # whatever other add-ons do when an order is written
            if len(orders) == 1:
                _logger.exception("The health of %s could not be written.", orders.name)
                return 0
            return sum(self._subscription_write_health(company, {order.id: health[order.id]}) for order in orders)
        return len(orders)

    @api.model
    def _lock_for_health(self, health):
        """Lock those of the orders that nobody has in hand, and return them; the others are looked at again."""
        rows = self.env.execute_query(
            SQL("SELECT id FROM sale_order WHERE id = ANY(%s) ORDER BY id FOR UPDATE SKIP LOCKED", list(health))
        )
        orders = self.browse(order_id for (order_id,) in rows)
        self.browse(health.keys() - set(orders._ids))._subscription_watch()
        return orders

    def _may_become(self, health, rule, rules):
        """Return whether this order has another health or rule, and the new one is for an order as it is now."""
        same = (self.subscription_health, self.subscription_health_rule_id) == (health, rule)
        return not same and rule <= rules and bool(health) == (self.subscription_status in RUNNING_STATUSES)

    def _write_health(self, company, health):
        today = company._get_subscription_today()
        self._log_health(company, health, today)
        groups = defaultdict(self.browse)
        for order in self:
            groups[(*health[order.id], order.subscription_health != health[order.id][0])] |= order
        for (value, rule, is_new), orders in groups.items():
            # Its customers', for it is kept as it is now, whoever looks.
            name = rule.with_context(lang=company.partner_id.lang).name
            values = {
                "subscription_health": value,
                "subscription_health_rule_id": rule.id,
                "subscription_health_reason": name,
                "subscription_health_on": value and today,
            }
            if not is_new:
                del values["subscription_health_on"]
            orders.with_context(tracking_disable=True).write(values)

    def _log_health(self, company, health, today):
        """Write the history: what is good from the start, or stops running, is no news."""
        values = []
        for order in self:
            value, rule = health[order.id]
            before = order.subscription_health
            if value and value != before and (before or value != "good"):
                values.append(
                    {
                        "order_id": order.id,
                        "company_id": company.id,
                        "date": today,
                        "health_before": before,
                        "health": value,
                        "rule_id": rule.id,
                        "reason": rule.with_context(lang=company.partner_id.lang).name,
                    }
                )
        self.env["subscription.health.change"].create(values)
