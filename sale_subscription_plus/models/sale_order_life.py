from odoo import fields, models
from odoo.exceptions import UserError

CHANGEABLE_STATUSES = ("scheduled", "progress", "paused")


class SaleOrder(models.Model):
    """The buttons of a subscription's life: each opens a screen that tells what it means before it is done."""

    _inherit = "sale.order"

    subscription_planned_change_ids = fields.One2many(
        comodel_name="subscription.change",
        inverse_name="order_id",
        string="What Happens Next",
        domain=[("state", "=", "planned")],
        copy=False,
    )
    subscription_past_change_ids = fields.One2many(
        comodel_name="subscription.change",
        inverse_name="order_id",
        string="What Has Happened",
        domain=[("state", "in", ("applied", "cancelled"))],
        copy=False,
    )

    def action_subscription_change(self):
        """Open the wizard that changes quantity, price, discount or plan of this subscription's lines.

        :raise UserError: when the subscription does not run
        """
        self.ensure_one()
        return self._get_subscription_change_action(self.order_line.filtered(lambda line: line._is_alive()))

    def _get_subscription_change_action(self, lines):
        self._check_subscription_life(CHANGEABLE_STATUSES)
        if not lines:
            raise UserError(self.env._("%s has no line that runs: there is nothing to change.", self.name))
        Wizard = self.env["subscription.change.wizard"]
        return self._get_life_wizard_action(Wizard, self.env._("Change"), default_line_ids=Wizard._prepare_lines(lines))

    def action_subscription_pause(self):
        """Open the wizard that pauses this subscription.

        :raise UserError: when the subscription does not run
        """
        self._check_subscription_life(("scheduled", "progress"))
        return self._get_life_wizard_action(self.env["subscription.pause.wizard"], self.env._("Pause"))

    def action_subscription_resume(self):
        """Open the wizard that ends the pause of this subscription.

        :raise UserError: when it is not paused
        """
        self._check_subscription_life(("paused",))
        return self._get_life_wizard_action(self.env["subscription.resume.wizard"], self.env._("Resume"))

    def action_subscription_reopen_ask(self):
        """Open the screen that tells what it means to reopen these subscriptions."""
        self._subscription_check_right("sales_team.group_sale_salesman")
        return self._get_life_wizard_action(
            self.env["subscription.reopen.wizard"], self.env._("Reopen"), default_order_ids=self.ids
        )

    def action_view_subscription_changes(self):
        """Open all changes of this subscription."""
        self.ensure_one()
        return self._get_subscription_history_action("sale_subscription_plus.subscription_change_action")

    def _get_period_end_date(self):
        """Return the first day on which no line is billed yet: a change of the whole order needs no proration then."""
        self.ensure_one()
        ends = [line._get_period_end() for line in self.order_line if line._is_alive()]
        return max([*ends, self.company_id._get_subscription_today()])

    def _check_subscription_life(self, statuses):
        self.ensure_one()
        self._subscription_check_right("sales_team.group_sale_salesman")
        self.check_access("write")
        if self.subscription_status not in statuses:
            labels = dict(self._fields["subscription_status"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    '%(order)s is "%(status)s": that is not possible now.',
                    order=self.name,
                    status=labels.get(self.subscription_status, self.env._("no subscription")),
                )
            )

    def _get_life_wizard_action(self, wizard, title, **defaults):
        name = self.env._("%(action)s: %(orders)s", action=title, orders=", ".join(self.mapped("name")))
        single = {"default_order_id": self.id} if len(self) == 1 else {}
        return {
            "name": name,
            "type": "ir.actions.act_window",
            "res_model": wizard._name,
            "view_mode": "form",
            "target": "new",
            "context": {**single, **defaults},
        }


class SaleOrderLine(models.Model):
    """The button on a line."""

    _inherit = "sale.order.line"

    def action_subscription_change(self):
        """Open the wizard that changes quantity, price, discount or plan of this line.

        :raise UserError: when the line does not run
        """
        self.ensure_one()
        return self.order_id._get_subscription_change_action(self.filtered(lambda line: line._is_alive()))
