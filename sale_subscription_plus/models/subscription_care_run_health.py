from collections import Counter

from odoo import api, models
from odoo.tools import split_every

# Small enough to keep nobody waiting.
BATCH = 500


class SubscriptionCareRun(models.AbstractModel):
    """The health of subscriptions: of all once a day, of those that changed at once."""

    _inherit = "subscription.care.run"

    @api.model
    def _get_steps(self):
        return [*super()._get_steps(), self._look_after_health]

    @api.model
    def _look_after_health(self):
        """Look at all subscriptions of companies where a day began or a rule changed, and at those with tasks."""
        companies = self.env["res.company"].search([])
        due = companies.filtered(lambda company: company.subscription_health_on != company._get_subscription_today())
        result, last = Counter(health=0), self.env["subscription.care.task"]._get_last()
        while (changed := self._in_transaction(self._judge_tasks, due, last)) is not None:
            result["health"] += changed
        for company in due:
            result["health"] += self._judge_company(company)
        return result

    @api.model
    def _judge_tasks(self, due, last):
        """Judge orders that have tasks; those of companies ``due`` are looked at all together anyway.

        :param int last: id of the last task that counts
        :return: how many changed; None once no task is left
        """
        taken = self.env["subscription.care.task"]._take("health", BATCH, last)
        if not taken:
            return None
        [(_stage, orders)] = taken
        orders = orders.filtered(lambda order: order.company_id not in due)
        return orders._subscription_judge()

    @api.model
    def _judge_company(self, company):
        """Judge all subscriptions of a company; commits as it goes, and begins anew if it is killed meanwhile."""
        version, health = self._in_transaction(self._find_new_health, company)
        changed = 0
        for ids in split_every(BATCH, health):
            batch = {order_id: health[order_id] for order_id in ids}
            changed += self._in_transaction(self.env["sale.order"]._subscription_write_health, company, batch)
        self._in_transaction(self._note_whole_look, company, version)
        return changed

    @api.model
    def _find_new_health(self, company):
        Rule = self.env["subscription.health.rule"]
        return Rule._get_version(company), self.env["sale.order"]._get_new_health(company, again=True)

    @api.model
    def _note_whole_look(self, company, version):
        """Note that all was looked at, unless the rules became others meanwhile."""
        if version == self.env["subscription.health.rule"]._get_version(company):
            company.subscription_health_on = company._get_subscription_today()
