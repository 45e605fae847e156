from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import formatLang

from .base_automation import PARAMETERS


class BaseAutomation(models.Model):
    """The page of automated actions: what each rule does, in words, and how often it did."""

    _inherit = "base.automation"

    subscription_sentence = fields.Char(
        string="What It Does", compute="_compute_subscription_sentence", compute_sudo=True
    )
    subscription_fired_count = fields.Integer(string="Fired", compute="_compute_subscription_counts")
    subscription_fired_30_count = fields.Integer(string="Fired in 30 Days", compute="_compute_subscription_counts")
    subscription_failed_count = fields.Integer(string="Failed", compute="_compute_subscription_counts")
    subscription_last_fired_on = fields.Date(string="Last Fired", compute="_compute_subscription_counts")

    # === COMPUTE METHODS ===#

    @api.depends("trigger", "action_server_ids.name", *PARAMETERS)
    @api.depends_context("lang")
    def _compute_subscription_sentence(self):
        for rule in self:
            describe = getattr(rule, f"_describe_{rule.trigger}", None)
            actions = ", ".join(rule.action_server_ids.mapped("name"))
            rule.subscription_sentence = describe and self.env._(
                "%(when)s: %(actions)s", when=describe(), actions=actions or self.env._("nothing is done yet")
            )

    def _describe_on_subscription_health(self):
        return self.env._("When health becomes %s", self._get_label("subscription_health").lower())

    def _describe_on_subscription_status(self):
        return self.env._("When a subscription becomes %s", self._get_label("subscription_status").lower())

    def _describe_on_subscription_payment_failed(self):
        if self.subscription_failures == 1:
            return self.env._("When the payment of an invoice failed")
        return self.env._("When the payment of an invoice failed %s times", self.subscription_failures)

    def _describe_on_subscription_mrr_change(self):
        change = formatLang(self.env, self.subscription_mrr_change).rstrip("0").rstrip(".,")
        unit = "\u00a0%" if self.subscription_mrr_unit == "percent" else ""
        numbers = {"change": f"{change}{unit}", "days": self.subscription_mrr_days}
        if self.subscription_mrr_direction == "down":
            return self.env._("When MRR fell by %(change)s or more within %(days)s days", **numbers)
        return self.env._("When MRR grew by %(change)s or more within %(days)s days", **numbers)

    def _describe_on_subscription_date(self):
        day, months = self._describe_day(), self.subscription_date_repeat
        if self.subscription_date_mode == "before" or not months:
            return day
        return self.env._("%(day)s, and again every %(months)s months", day=day, months=months)

    def _describe_day(self):
        date = self._get_label("subscription_date_field")
        if not self.subscription_date_days:
            return self.env._("On the day of %s", date)
        if self.subscription_date_mode == "before":
            return self.env._("%(days)s days before %(date)s", days=self.subscription_date_days, date=date)
        return self.env._("%(days)s days after %(date)s", days=self.subscription_date_days, date=date)

    def _describe_on_subscription_rating(self):
        mode = self._get_label("subscription_rating_mode")
        return self.env._(
            "When a customer rates the subscription %(mode)s %(rating)s of 5",
            mode=mode,
            rating=self.subscription_rating,
        )

    def _get_label(self, name):
        return dict(self._fields[name]._description_selection(self.env)).get(self[name], "")

    def _compute_subscription_counts(self):
        Firing = self.env["subscription.firing"]
        domain = [("automation_id", "in", self.ids), ("state", "!=", "before")]
        since = self.env.company._get_subscription_today() - timedelta(days=30)
        all_time = {
            (rule, state): (count, last)
            for rule, state, count, last in Firing._read_group(
                domain, ["automation_id", "state"], ["__count", "fired_on:max"]
            )
        }
        lately = dict(
            Firing._read_group(
                [*domain, ("state", "=", "done"), ("fired_on", ">", since)], ["automation_id"], ["__count"]
            )
        )
        for rule in self:
            count, last = all_time.get((rule, "done"), (0, False))
            rule.subscription_fired_count = count
            rule.subscription_last_fired_on = last
            rule.subscription_fired_30_count = lately.get(rule, 0)
            rule.subscription_failed_count = all_time.get((rule, "failed"), (0, False))[0]

    # === ACTION METHODS ===#

    def action_view_subscription_firings(self):
        """Open what these rules did."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("sale_subscription_plus.subscription_firing_action")
        domain = [("automation_id", "in", self.ids), ("state", "!=", "before")]
        return action | {"domain": domain, "context": {}}

    def action_subscription_try_again(self):
        """Have parked rules, and what failed, tried again at once."""
        self.check_access("write")
        self._subscription_try_again()
        self.env["subscription.care.run"]._trigger()
        return True

    def action_subscription_edit(self):
        """Open the whole rule, as Odoo shows it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("base_automation.base_automation_act")
        form = self.env.ref("base_automation.view_base_automation_form")
        return action | {"views": [(form.id, "form")], "view_mode": "form", "res_id": self.id}
