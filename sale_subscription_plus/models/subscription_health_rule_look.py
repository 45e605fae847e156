from odoo import api, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..engine_context import Shared
from .sale_order import RUNNING_STATUSES
from .subscription_health_rule import DECIDING


class SubscriptionHealthRule(models.Model):
    """Looking at subscriptions rule by rule; one that fails is parked, and keeps no other one waiting."""

    _inherit = "subscription.health.rule"

    # === LOOKING ===#

    @api.model
    def _get_for_company(self, company):
        """Return the rules of a company in their order, those of templates included."""
        return self.search([("company_id", "in", (company.id, False))])

    @api.model
    def _get_version(self, company):
        """Return what tells whether the rules of a company are still those that were looked at."""
        deciding = DECIDING - {"company_id"}
        return [(rule.id, *(rule[name] for name in sorted(deciding))) for rule in self._get_for_company(company)]

    @api.model
    def _judge(self, company, order_ids=None, again=False):
        """Return what becomes of running subscriptions by the rules.

        :param order_ids: the orders in question; all of the company if None
        :param bool again: whether parked rules are tried again
        :return: {order id: (health, rule)}, or None in place of the pair where a parked rule keeps what was said
            before; an order that is not there is good, for no rule holds
        """
        verdicts = {}
        rules = self._get_for_company(company)
        with_rules = rules.template_id
        for rule in rules:
            scope = rule._get_scope(company, with_rules, order_ids)
            verdict = (rule.result, rule)
            ids = None if rule.parked_reason and not again else rule._find(company, scope, order_ids)
            if ids is None:
                verdict, ids = None, rule._get_held(scope)
            for order_id in ids:
                verdicts.setdefault(order_id, verdict)
        return verdicts

    def _get_scope(self, company, with_rules, order_ids):
        scope = Domain("company_id", "=", company.id) & Domain("subscription_status", "in", RUNNING_STATUSES)
        if self.template_id:
            scope &= Domain("sale_order_template_id", "=", self.template_id.id)
        elif with_rules:
            scope &= Domain("sale_order_template_id", "not in", with_rules.ids)
        return scope if order_ids is None else scope & Domain("id", "in", order_ids)

    def _find(self, company, scope, order_ids):
        """Return the ids of subscriptions that the rule holds for; None when it fails, and is parked for it."""
        Order = self._get_order_model(company, order_ids)
        try:
            with self.env.cr.savepoint(flush=False):
                ids = Order._search(scope & self._get_domain(company)).get_result_ids()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:  # whatever is wrong with it: the other rules go on
            self._park(self._describe(error), company._get_subscription_today())
            return None
        self._unpark()
        return ids

    @api.model
    def _get_order_model(self, company, order_ids):
        """Return the model in which relative dates mean the company's, and facts are looked up of these orders."""
        Order = self.env["sale.order"].with_context(
            allowed_company_ids=company.ids, tz=company.subscription_tz, lang=self.env.lang
        )
        return Order if order_ids is None else Order.with_context(subscription_facts_of=Shared.fromkeys(order_ids))

    def _get_held(self, scope):
        return (
            self.env["sale.order"]._search(scope & Domain("subscription_health_rule_id", "=", self.id)).get_result_ids()
        )

    # === PARKING ===#

    def _park(self, reason, today):
        """Set the rule aside with its reason, and tell whoever wrote it."""
        if self.parked_reason == reason:
            return
        first = not self.parked_reason
        self.write({"parked_reason": reason, "parked_on": today})
        if first:
            self.activity_schedule(
                "sale_subscription_plus.mail_activity_type_rule",
                user_id=self._get_keeper().id,
                note=reason,
                date_deadline=today,
            )

    def _unpark(self):
        """Take rules back in: they work again, or were changed."""
        parked = self.filtered("parked_reason")
        if parked:
            parked.write({"parked_reason": False, "parked_on": False})
            parked.activity_unlink(["sale_subscription_plus.mail_activity_type_rule"])

    def _get_keeper(self):
        """Return the user who sees to a rule that does not work: who wrote it last, else an administrator."""
        admins = self.env.ref("sale_subscription_plus.group_subscription_admin").all_user_ids
        people = admins.filtered(lambda user: user.active and not user.share and user != self.env.ref("base.user_root"))
        return (self.write_uid & people) or (self.create_uid & people) or people[:1] or self.env.ref("base.user_admin")
