from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import ormcache
from odoo.tools.safe_eval import datetime as safe_datetime
from odoo.tools.safe_eval import dateutil, safe_eval

from .sale_order import RUNNING_STATUSES

HEALTH = [("good", "Good"), ("at_risk", "At Risk"), ("bad", "Bad")]
# More are left to the care run.
AT_ONCE = 2000
# When one of these changes, all subscriptions are looked at anew.
DECIDING = {"active", "company_id", "domain", "result", "sequence", "template_id"}


class SubscriptionHealthRule(models.Model):
    """What makes a running subscription good, at risk or bad: the first rule that holds decides."""

    _name = "subscription.health.rule"
    _description = "Health Rule"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    name = fields.Char(
        string="Reason", required=True, translate=True, help="Shown on each subscription that the rule holds for."
    )
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        help="Empty: the rule is there for all companies.",
    )
    template_id = fields.Many2one(
        comodel_name="sale.order.template",
        string="Quotation Template",
        ondelete="cascade",
        check_company=True,
        index="btree_not_null",
        help="A template that has rules of its own goes by these alone. Empty: a rule for all the others.",
    )
    domain = fields.Char(
        string="Subscriptions",
        default="[]",
        required=True,
        tracking=True,
        help="The rule holds for running subscriptions that match.",
    )
    result = fields.Selection(
        selection=HEALTH, string="Health", required=True, default="at_risk", tracking=True, help="What they are then."
    )
    description = fields.Text(help="What to do about it, for those who see it.")
    parked_reason = fields.Char(
        string="Parked Because",
        readonly=True,
        copy=False,
        help="Why the rule could not be looked at. The others go on, and it is tried again every day.",
    )
    parked_on = fields.Date(readonly=True, copy=False)
    order_count = fields.Integer(
        string="Holds For", compute="_compute_order_count", help="Running subscriptions that the rule decides on now."
    )

    matches = fields.Char(compute="_compute_matches", help="Whether an earlier rule decides on them is not asked here.")

    # === COMPUTE METHODS ===#

    @api.depends("template_id")
    def _compute_company_id(self):
        for rule in self:
            rule.company_id = rule.template_id.company_id or rule.company_id

    def _compute_order_count(self):
        groups = self.env["sale.order"]._read_group(
            [("subscription_health_rule_id", "in", self.ids)], ["subscription_health_rule_id"], ["__count"]
        )
        counts = dict(groups)
        for rule in self:
            rule.order_count = counts.get(rule, 0)

    @api.depends("domain", "template_id", "company_id")
    def _compute_matches(self):
        """Tell of how many running subscriptions the rule speaks, while it is being written."""
        Order = self.env["sale.order"]
        for rule in self:
            companies = rule.company_id or self.env.companies
            running = Domain("company_id", "in", companies.ids) & Domain("subscription_status", "in", RUNNING_STATUSES)
            if rule.template_id:
                running &= Domain("sale_order_template_id", "=", rule.template_id._origin.id)
            found, problem = rule._try_domain(lambda domain, running=running: Order.search_count(running & domain))
            rule.matches = problem or self.env._(
                "%(found)s of %(all)s running subscriptions match now.", found=found, all=Order.search_count(running)
            )

    # === WHAT MAY BE ASKED ===#

    def _check_domain(self):
        """Try rules with the rights of whoever writes them: what one may not read, one may not ask by a rule.

        Not a constraint, which Odoo checks in sudo mode.

        :raise ValidationError: it names the rule
        """
        for rule in self:
            _orders, reason = rule._try_domain(lambda domain: self.env["sale.order"].search(domain, limit=1))
            if reason:
                raise ValidationError(
                    self.env._('The health rule "%(rule)s" does not work: %(reason)s', rule=rule.name, reason=reason)
                )

    def _try_domain(self, look_up):
        """Try the domain with the rights of the user.

        :param look_up: called with the domain
        :return: what it returns, and what speaks against the domain, as a sentence; one of them is None
        """
        try:
            domain = self._get_domain(self.company_id or self.env.company)
            if any(path.startswith("subscription_health") for path in self._get_paths(domain)):
                return None, self.env._("health cannot depend on health.")
            self._check_readable(self.env["sale.order"], domain)
            with self.env.cr.savepoint(flush=False):
                return look_up(domain), None
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:  # whatever a domain may bring about that users write by hand
            return None, self._describe(error)

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._check_domain()
        rules._have_all_looked_at()
        return rules

    def write(self, vals):
        if DECIDING.isdisjoint(vals):
            return super().write(vals)
        # Once for the companies that it was for, and once for those that it is for now.
        self._have_all_looked_at()
        self._unpark()
        result = super().write(vals)
        if "domain" in vals:
            self._check_domain()
        self._have_all_looked_at()
        return result

    def unlink(self):
        self._have_all_looked_at()
        return super().unlink()

    def _have_all_looked_at(self):
        """Have the next care run look at all subscriptions that these rules may concern."""
        self.env.registry.clear_cache()  # what is watched depends on the rules
        if not self:
            return
        # In sudo mode: when a company was looked at is written by no user.
        Company = self.env["res.company"].sudo()
        shared = self.filtered(lambda rule: not rule.company_id)
        companies = Company.search([]) if shared else self.sudo().company_id
        companies.filtered("subscription_health_on").subscription_health_on = False
        self.env["subscription.care.run"]._trigger()

    # === ACTION METHODS ===#

    def action_apply(self):
        """Look at the health of all running subscriptions of the selected companies: at once, or soon if they are many.

        :return: a notification that tells what came of it
        """
        self.browse().check_access("write")
        # In sudo mode: health is written by no user, and what the rules make of it does not depend on who asks.
        Order, companies = self.env["sale.order"].sudo(), self.env.companies.sudo()
        running = [("company_id", "in", companies.ids), ("subscription_status", "in", RUNNING_STATUSES)]
        if Order.search_count(running, limit=AT_ONCE + 1) > AT_ONCE:
            companies.subscription_health_on = False
            self.env["subscription.care.run"]._trigger()
            return self._notify(self.env._("All running subscriptions are looked at within a minute or two."))
        for company in companies:
            Order._subscription_judge_all(company)
        return self._notify(self.env["sale.order"]._get_health_summary(running))  # of those that the user may see

    def _notify(self, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "info", "message": message, "next": {"type": "ir.actions.client", "tag": "soft_reload"}},
        }

    def action_view_orders(self):
        """Open the subscriptions that this rule decides on now."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sale_subscription_plus.subscription_action")
        action["domain"] = [("subscription_health_rule_id", "=", self.id)]
        action["context"] = {"sale_show_partner_name": True}
        return action

    # === WHAT A RULE SAYS ===#

    def _get_domain(self, company):
        """Return the rule's domain.

        :param company: whose today relative dates start from
        :raise Exception: whatever is wrong with it
        """
        self.ensure_one()
        today = company._get_subscription_today()
        names = {
            "context_today": lambda: today,
            "datetime": safe_datetime,
            "relativedelta": dateutil.relativedelta.relativedelta,
        }
        return Domain(safe_eval(self.domain, names))

    @api.model
    def _get_paths(self, domain):
        """Return the paths of fields that a domain names, on the subscription itself."""
        return {condition.field_expr for condition in domain.iter_conditions()}

    @api.model
    def _describe(self, error):
        return (str(error).strip() or type(error).__name__).split("\n")[0][:300]

    @api.model
    @ormcache()
    def _get_watched_fields(self):
        """Return the names of the fields that active rules go by, and of those that these are computed from."""
        Order, names = self.env["sale.order"], set()
        # In sudo mode: what is watched does not depend on who changes it.
        for rule in self.sudo().search([]):
            names.update(path.partition(".")[0] for path in rule._get_valid_paths())
        computed_from = [path for name in names for path in self.pool.field_depends.get(Order._fields[name], ())]
        return frozenset(names.union(path.partition(".")[0] for path in computed_from))

    def _get_valid_paths(self):
        """Return the paths that the rule names; none if it does not work, which the run will tell."""
        try:
            paths = self._get_paths(self._get_domain(self.company_id or self.env.company))
        except Exception:  # whatever a domain may bring about that users write by hand
            return set()
        return {path for path in paths if path.partition(".")[0] in self.env["sale.order"]._fields}
