from odoo import api, models

from .ir_actions_server import NothingDone


class IrActionsServer(models.Model):
    """How each action for subscriptions is shown, checked and run."""

    _inherit = "ir.actions.server"

    # === WHERE THEY ARE OFFERED ===#

    @api.depends("model_id")
    def _compute_allowed_states(self):
        """Override of `base`: what is for subscriptions is offered on sales orders only."""
        super()._compute_allowed_states()
        own = self._get_subscription_states()
        for action in self.filtered(lambda action: action.model_name != "sale.order"):
            action.allowed_states = [value for value in action.allowed_states if value not in own]

    @api.depends("state")
    def _compute_available_model_ids(self):
        """Override of `base`: as above."""
        own = self.filtered(lambda action: action.state in self._get_subscription_states())
        own.available_model_ids = self.env["ir.model"]._get("sale.order").ids
        super(IrActionsServer, self - own)._compute_available_model_ids()

    @api.model
    def _warning_depends(self):
        return [*super()._warning_depends(), "subscription_close_reason_id", "subscription_discount"]

    def _get_warning_messages(self):
        warnings = super()._get_warning_messages()
        if self.state in self._get_subscription_states() and self.model_id and self.model_id.model != "sale.order":
            warnings.append(self.env._("This action is for subscriptions: choose the model Sales Order."))
        if self.state == "subscription_close" and not self.subscription_close_reason_id:
            warnings.append(self.env._("Choose why the subscription closes."))
        if self.state == "subscription_change" and not 0 <= self.subscription_discount <= 100:
            warnings.append(self.env._("A discount lies between 0 and 100 %."))
        return warnings

    # === EDITED ===#

    def write(self, vals):
        """Override of `base`: a rule whose action was mended is tried again at once."""
        result = super().write(vals)
        # In sudo mode: the right to write the action was checked.
        rules = (self | self.parent_id).sudo().base_automation_id
        if rules and not self.env.context.get("install_mode"):
            rules._subscription_try_again()
        return result

    # === RUN ===#

    def _get_subscriptions_to_act_on(self, eval_context):
        """Return the orders to act on, in sudo mode.

        Odoo has checked that the user may write them; one who does not sell does nothing with a subscription.
        """
        orders = eval_context["records"] or eval_context["record"] or self.env["sale.order"]
        orders = orders.filtered("subscription_status")
        if not orders.env.su:
            orders._subscription_check_right("sales_team.group_sale_salesman")
        # In sudo mode: the rights were checked; what is done to subscriptions is written by no user.
        return orders.sudo()._with_plain_context()

    def _run_action_subscription_change_multi(self, eval_context=None):
        for order in self._get_subscriptions_to_act_on(eval_context):
            if changes := getattr(self, f"_prepare_subscription_{self.subscription_change_kind}")(order):
                self.env["subscription.change"]._schedule(changes)
        return False

    def _prepare_subscription_discount(self, order):
        """Return the changes that give the lines of ``order`` the discount; none where they have more already."""
        lines = order.order_line.filtered(
            lambda line: line._is_alive() and line.price_unit > 0 and line.discount < self.subscription_discount
        )
        return [
            {
                "line_id": line.id,
                "kind": "discount",
                "discount": self.subscription_discount,
                "discount_periods": self.subscription_discount_periods,
                "effective_on": self._get_subscription_date(order, line),
            }
            for line in lines
        ]

    def _prepare_subscription_pause(self, order):
        start = self._get_subscription_date(order)
        days = self.subscription_pause_days
        resume_on = order._fields["subscription_start"].add(start, days=days) if days else False
        return [{"order_id": order.id, "kind": "pause", "effective_on": start, "resume_on": resume_on}]

    def _prepare_subscription_resume(self, order):
        today = order.company_id._get_subscription_today()
        return [{"order_id": order.id, "kind": "resume", "effective_on": today}]

    def _get_subscription_date(self, order, line=None):
        """Return the first day on which what is done to ``order``, or to one line of it, counts."""
        today = order.company_id._get_subscription_today()
        if self.subscription_when == "period_end":
            return line._get_period_end() if line else order._get_period_end_date()
        if self.subscription_when == "term_end":
            # Who is bound to no term has its period to the end.
            return order._get_term_close_date(today) or order._get_period_end_date()
        return today

    def _run_action_subscription_close_multi(self, eval_context=None):
        for order in self._get_subscriptions_to_act_on(eval_context):
            date = self._get_subscription_date(order)
            # What ends earlier already, ends then.
            if not order.subscription_closed_on or order.subscription_closed_on > date:
                order._subscription_close(date, self.subscription_close_reason_id)
        return False

    def _run_action_subscription_renewal_multi(self, eval_context=None):
        """Make renewal quotations, where there are none yet."""
        orders = self._get_subscriptions_to_act_on(eval_context)
        orders = orders.filtered(lambda order: not (order._get_open_renewals() or order._get_confirmed_renewal()))
        orders._subscription_check_renewable()
        renewals = orders._subscription_renew()
        if self.subscription_send_quotation:
            renewals._subscription_mail_quotation()
        renewals.filtered(lambda renewal: renewal.state == "draft")._subscription_ask_to_send()
        return False

    def _run_action_subscription_rating_multi(self, eval_context=None):
        orders = self._get_subscriptions_to_act_on(eval_context)
        asked = orders._subscription_request_rating(self.subscription_rating_template_id or None)
        if orders and not asked:
            raise NothingDone("\n".join(order._get_rating_obstacle() for order in orders[:10]))
        return False

    def _run_action_next_activity(self, eval_context=None):
        """Override of `mail`: what has no salesperson is for the team's leader, else for the administrator."""
        record = self.env[self.model_name].browse(self.env.context.get("active_id"))
        if self.model_name == "sale.order" and self.activity_user_type == "generic" and record.subscription_status:
            self = self.with_context(default_user_id=record._get_subscription_responsible().id)
        return super()._run_action_next_activity(eval_context=eval_context)
