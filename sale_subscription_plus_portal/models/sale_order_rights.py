from odoo import models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date


class SaleOrder(models.Model):
    """What the rights of a customer mean today: what may change, to what, and from when."""

    _inherit = "sale.order"

    def _get_customer_end_date(self):
        """Return the first day without this subscription, if its customer leaves today: nothing is given back.

        What was billed is served, and who is bound is so until the end of the term, notice kept.
        """
        self.ensure_one()
        bound = self._get_term_close_date(self.company_id._get_subscription_today())
        return max(filter(None, (self._get_period_end_date(), bound)))

    def _get_switchable_plans(self):
        """Return the plans that the customer may change this subscription to."""
        self.ensure_one()
        if self.subscription_status != "progress" or self.subscription_customer_changes not in ("upgrade", "both"):
            return self.env["subscription.plan"]
        offered = self.subscription_offered_plan_ids.filtered("active") - self.subscription_plan_id
        if not self._get_switching_lines():
            return offered.browse()
        return offered.filtered(lambda plan: self._is_plan_allowed(plan))

    def _get_switching_lines(self):
        """Return the lines that follow the order's plan; products with a plan of their own keep it."""
        return self._get_customer_lines().filtered(
            lambda line: (
                line.subscription_plan_id == self.subscription_plan_id
                and not line.product_id.with_company(self.company_id).subscription_plan_id
            )
        )

    def _is_plan_allowed(self, plan):
        longer = plan._get_months() > self.subscription_plan_id._get_months()
        return self.subscription_customer_changes == "both" or longer or self._is_plan_more(plan)

    def _is_plan_more(self, plan):
        """Return whether this subscription would bring as much a month under ``plan`` as now, or more."""
        lines = self._get_switching_lines()
        now = sum(line._get_monthly_price() for line in lines)
        then = sum(
            line._get_price_under(plan) * line.product_uom_qty * (1 - line.discount / 100) / plan._get_months()
            for line in lines
        )
        return self.currency_id.compare_amounts(then, now) >= 0

    # === WHAT IS REFUSED ===#

    def _check_customer_may(self, right):
        """Raise unless the customer has a right.

        :param str right: one of upgrade, downgrade, pause, close
        :raise UserError: with what to do instead
        """
        allowed = {
            "upgrade": self.subscription_customer_changes in ("upgrade", "both"),
            "downgrade": self.subscription_customer_changes == "both",
            "pause": self.subscription_customer_pause,
            "close": self.subscription_customer_close,
        }
        if not allowed[right]:
            raise UserError(
                self.env._("This cannot be changed online. Please write to us: the message box is on this page.")
            )

    def _check_request_possible(self):
        """Raise while something stands in the way of any change.

        :raise UserError: with what to do
        """
        if self.subscription_status not in ("scheduled", "progress", "paused"):
            raise UserError(self.env._("%s does not run any more, so nothing can be changed.", self.name))
        if self.subscription_parked_reason:
            raise UserError(
                self.env._("%s cannot be changed online right now. Please write to us, we will do it.", self.name)
            )

    def _check_not_closing(self, items):
        """Raise where the subscription ends soon, and something else than its end is asked for."""
        if self.subscription_closed_on and any(item.get("kind") != "close" for item in items):
            raise UserError(
                self.env._(
                    "%(order)s ends on %(date)s. Keep it first, then change it.",
                    order=self.name,
                    date=format_date(self.env, self.subscription_closed_on),
                )
            )

    def _check_pause_length(self, start, resume_on):
        """Raise where a pause is longer than the customer may take.

        :param date start: first day of the pause
        :param date resume_on: first day after it; False: open
        """
        longest = self.subscription_customer_pause_days
        if not longest:
            return
        last = self._fields["subscription_start"].add(start, days=longest)
        if not resume_on or resume_on > last:
            raise UserError(
                self.env._(
                    "A pause lasts %(days)s days at most: choose %(date)s or an earlier day to go on.",
                    days=longest,
                    date=format_date(self.env, last),
                )
            )

    def _check_resumable(self):
        """Raise where the pause is not the customer's to end: what is open must be paid first."""
        # In sudo mode: collections are read by no customer.
        unpaid = (
            self.env["subscription.charge"]
            .sudo()
            .search_count([("final_order_ids", "in", self.ids), ("state", "!=", "paid")], limit=1)
        )
        if unpaid:
            raise UserError(
                self.env._("%s is paused because an invoice is open. It runs again once that is paid.", self.name)
            )
