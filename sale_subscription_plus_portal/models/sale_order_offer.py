from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

# More of an option than this is a slip of the keyboard, or worse.
MOST_OF_AN_OPTION = 100_000


class PlanOffer(NamedTuple):
    """What a quotation costs under one of the plans that it offers."""

    plan: models.Model
    chosen: bool
    untaxed: float
    total: float
    monthly: float
    saving: float
    percent: int
    term: str


class SaleOrder(models.Model):
    """What the customer chooses on the page of a quotation: the plan, options and their quantities."""

    _inherit = "sale.order"

    subscription_offered_plan_ids = fields.Many2many(
        comodel_name="subscription.plan",
        relation="sale_order_offered_plan_rel",
        string="Plans Offered",
        compute="_compute_subscription_offered_plan_ids",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        # Customers see their choice on the page; they read no plans.
        groups="base.group_user",
        help="The customer chooses one of them on the page of the quotation. Prices that were set by hand stay, "
        "whichever plan is chosen. Empty: there is no choice.",
    )

    @api.depends("sale_order_template_id")
    def _compute_subscription_offered_plan_ids(self):
        for order in self:
            source = order.sale_order_template_id if order.state in ("draft", "sent") else order
            order.subscription_offered_plan_ids = (source or order).subscription_offered_plan_ids

    @api.constrains("subscription_plan_id", "subscription_offered_plan_ids")
    def _check_subscription_offered_plans(self):
        for order in self.filtered(lambda order: order.state in ("draft", "sent")):
            offered = order.with_context(active_test=False).subscription_offered_plan_ids
            if offered and order.subscription_plan_id not in offered:
                raise ValidationError(
                    self.env._("%s: its plan must be among the plans that are offered.", order.display_name)
                )

    def copy_data(self, default=None):
        """Extend: a duplicate, or a renewal, offers the plan that it has by now, and no archived one."""
        vals_list = super().copy_data(default)
        for order, vals in zip(self, vals_list, strict=True):
            if offered := order.subscription_offered_plan_ids:
                offered |= offered.browse(vals.get("subscription_plan_id"))
                vals["subscription_offered_plan_ids"] = [Command.set(offered.ids)]
        return vals_list

    # === MAY THEY CHOOSE ===#

    def _get_choice_obstacle(self):
        """Return why the customer cannot change this quotation any more, in a sentence for them; or False.

        What was signed, and what is being paid, stays as it was when that happened.
        """
        self.ensure_one()
        if self.state not in ("draft", "sent"):
            return self.env._("This quotation is closed, so nothing can be chosen any more.")
        if self.is_expired:
            return self.env._("This offer has expired. Please ask us for a new one.")
        if self.signature:
            return self.env._("This quotation is signed. Please contact us if something is to change.")
        # In sudo mode: customers read no payments.
        if any(tx.state in ("pending", "authorized", "done") for tx in self.sudo().transaction_ids):
            return self.env._("A payment of this quotation was made. Please contact us if something is to change.")
        return False

    def _can_be_edited_on_portal(self):
        """Override of `sale`: options of a subscription are chosen until it is signed, or a payment was made."""
        recurs = self.subscription_status in ("quotation", "upsell")
        return super()._can_be_edited_on_portal() and not (recurs and self._get_choice_obstacle())

    @api.model
    def _parse_option_quantity(self, quantity):
        """Return ``quantity`` of an option, as it came from the browser, as a number.

        :raise UserError: unless it is a whole number that somebody may want
        """
        try:
            number = float("nan" if isinstance(quantity, bool) else quantity)
        except (TypeError, ValueError):
            number = float("nan")
        if not (0 <= number <= MOST_OF_AN_OPTION and number.is_integer()):
            raise UserError(self.env._("Please enter a whole number between 0 and %s.", MOST_OF_AN_OPTION))
        return number

    def _is_signup_payment_awaited(self):
        """Return whether this quotation was paid, and the provider has not told yet what became of it."""
        self.ensure_one()
        return self._is_subscription_signup() and bool(self._get_signup_payment_under_way())

    # === THE PLAN ===#

    def _get_offered_plans(self):
        """Return the plans that the customer chooses from, the shortest first; none where there is no choice."""
        self.ensure_one()
        plans = self.subscription_offered_plan_ids._origin
        if self.subscription_status != "quotation" or not self._get_lines_on_order_plan():
            return plans.browse()
        plans = (plans and plans | self.subscription_plan_id).sorted(lambda plan: plan._get_months())
        return plans if len(plans) > 1 else plans.browse()

    def _get_lines_on_order_plan(self):
        """Return the lines whose plan is the order's, and changes with it."""
        return self.order_line.filtered(lambda line: line._follows_order_plan())

    def _subscription_choose_plan(self, plan, author):
        """Let the customer have ``plan``: prices that are automatic become those of the plan.

        :param author: ``res.partner`` in whose name it is noted
        :raise UserError: with a sentence for the customer
        """
        self.ensure_one()
        # Two choices, or a choice and a payment, at once: the second one looks at what the first has done.
        self._subscription_lock()
        if obstacle := self._get_choice_obstacle():
            raise UserError(obstacle)
        if plan not in self._get_offered_plans():
            raise UserError(self.env._("This plan is not offered here. Please choose one of those on the page."))
        if plan != self.subscription_plan_id:
            self.subscription_plan_id = plan
            self.message_post(body=self.env._("Plan chosen by the customer: %s", plan.name), author_id=author.id)

    # === WHAT EACH PLAN COSTS ===#

    def _get_plan_offers(self):
        """Return a :class:`PlanOffer` for each plan that the customer chooses from, the shortest first."""
        self.ensure_one()
        plans = self._get_offered_plans()
        if not plans:
            return []
        totals = {plan: self._get_totals_under(plan) for plan in plans}
        shortest = plans[0]
        monthly = totals[shortest]["untaxed"] / shortest._get_months()
        return [self._prepare_plan_offer(plan, totals[plan], monthly) for plan in plans]

    def _prepare_plan_offer(self, plan, totals, monthly):
        """Return the :class:`PlanOffer` of ``plan``.

        :param float monthly: what the shortest plan costs a month, to compare with
        """
        months = plan._get_months()
        whole = monthly * months
        saving = max(self.currency_id.round(whole - totals["untaxed"]), 0.0)
        return PlanOffer(
            plan=plan,
            chosen=plan == self.subscription_plan_id,
            untaxed=totals["untaxed"],
            total=totals["total"],
            monthly=self.currency_id.round(totals["untaxed"] / months),
            saving=saving,
            percent=round(100 * saving / whole) if saving else 0,
            term=self._get_term_sentence(*self._get_term_under(plan)),
        )

    def _get_totals_under(self, plan):
        """Return {untaxed, tax, total} of a period under ``plan``, of the lines that follow the order's plan.

        By the engine that prices a line when the plan is chosen, and nothing is written.
        """
        lines = self._get_lines_on_order_plan()._filter_subscribed()
        quoted = [line._quote_under(plan)._prepare_base_line_for_taxes_computation() for line in lines]
        return self._get_base_line_totals(quoted)

    def _get_term_under(self, plan):
        """Return the commitment (months), whether it renews, and the notice (days) that come with ``plan``."""
        if plan == self.subscription_plan_id or self.sale_order_template_id.subscription_own_terms:
            return self.subscription_commitment_months, self.subscription_auto_renew, self.subscription_notice_days
        return plan.commitment_months, plan.auto_renew, plan.notice_days


class SaleOrderLine(models.Model):
    """A line of a quotation whose customer chooses the plan."""

    _inherit = "sale.order.line"

    def _follows_order_plan(self):
        """Return whether this line gets another plan together with its order: its own was not chosen by hand."""
        self.ensure_one()
        plan = self.subscription_plan_id
        follows = plan and plan == self.subscription_default_plan_id == self.order_id.subscription_plan_id
        return bool(follows and not self.product_id.with_company(self.company_id).subscription_plan_id)

    def _quote_under(self, plan):
        """Return this line as it would be under ``plan``, in memory."""
        self.ensure_one()
        if plan == self.subscription_plan_id:
            return self
        quoted = self.new(
            {
                "order_id": self.order_id.id,
                "product_id": self.product_id.id,
                "name": self.name,
                "product_no_variant_attribute_value_ids": self.product_no_variant_attribute_value_ids.ids,
                "product_uom_id": self.product_uom_id.id,
                "product_uom_qty": self.product_uom_qty,
                "tax_ids": self.tax_ids.ids,
                # Without, it is looked for.
                "analytic_distribution": False,
                "price_unit": self.price_unit,
                "technical_price_unit": self.technical_price_unit,
                "discount": self.discount,
                "subscription_rule_discount": self.subscription_rule_discount,
                "subscription_renews_line_id": self.subscription_renews_line_id.id,
                "subscription_plan_id": self.subscription_plan_id.id,
                "subscription_default_plan_id": self.subscription_default_plan_id.id,
            }
        )
        # Whatever depends on the plan follows: prices and discounts that are automatic.
        quoted.subscription_plan_id = plan
        return quoted
