from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools.misc import format_date

# A renewal that was confirmed is the one: another one of the same subscription is refused.
CONFIRMED_STATUSES = ("scheduled", "progress", "paused", "closed", "renewed")
RENEWABLE_STATUSES = ("progress", "paused")


class SaleOrder(models.Model):
    """Renewing: a quotation for what comes after a running subscription, and the chain of orders it makes."""

    _inherit = "sale.order"

    subscription_renews_id = fields.Many2one(
        comodel_name="sale.order",
        string="Renews",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The subscription that this one goes on from.",
    )
    subscription_renewal_ids = fields.One2many(
        comodel_name="sale.order", inverse_name="subscription_renews_id", string="Renewals"
    )
    subscription_renewed_by_id = fields.Many2one(
        comodel_name="sale.order",
        string="Renewed By",
        compute="_compute_subscription_renewed_by_id",
        search="_search_subscription_renewed_by_id",
        compute_sudo=True,
        help="The confirmed order that goes on from this subscription.",
    )
    subscription_keep_prices = fields.Boolean(
        string="Keep Agreed Prices",
        copy=False,
        help="Recurring lines cost what they do now, as long as product and plan stay. Updating the prices of the "
        "quotation takes those of today's pricelist instead.",
    )
    subscription_history_count = fields.Integer(
        string="History", compute="_compute_subscription_history_count", compute_sudo=True
    )

    _subscription_renewed_once = models.UniqueIndex(
        "(subscription_renews_id) WHERE subscription_status IN "
        "('scheduled', 'progress', 'paused', 'closed', 'renewed')",
        "This subscription was renewed already.",
    )

    # === COMPUTE METHODS ===#

    @api.depends("subscription_renewal_ids.subscription_status")
    def _compute_subscription_renewed_by_id(self):
        for order in self:
            order.subscription_renewed_by_id = order._get_confirmed_renewal()

    @api.model
    def _search_subscription_renewed_by_id(self, operator, value):
        if operator not in ("in", "any", "any!"):
            return NotImplemented
        confirmed = Domain("state", "=", "sale") & Domain("subscription_status", "in", CONFIRMED_STATUSES)
        # "!": a renewal counts whoever may see it. What is asked of it, "any", goes by the user's rights.
        through = "any!" if operator == "in" else operator
        domain = Domain("subscription_renewal_ids", through, confirmed & Domain("id", operator, value))
        if operator == "in" and False in value:
            domain |= Domain("subscription_renewal_ids", "not any!", confirmed)
        return domain

    def _compute_subscription_history_count(self):
        for order in self:
            order.subscription_history_count = len(order._get_subscription_history())

    # === ACTION METHODS ===#

    def action_subscription_renew(self):
        """Open the renewal quotations of these subscriptions; they are made where there are none yet.

        :raise UserError: for those that cannot be renewed
        """
        self._subscription_check_right("sales_team.group_sale_salesman")
        self.check_access("write")
        problems = [problem for order in self if (problem := order._get_renewing_problem())]
        if problems:
            raise UserError("\n".join(problems))
        # In sudo mode: the right was checked; what a quotation renews is written by no user.
        orders = self.sudo()._with_plain_context()
        renewals = orders._get_open_renewals()
        renewals |= (orders - renewals.subscription_renews_id)._subscription_renew()
        return renewals.sudo(False)._get_renewal_action()

    def action_view_subscription_history(self):
        """Open the chain of orders that this one belongs to."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sale_subscription_plus.subscription_history_action")
        # In sudo mode: which orders there are; the list shows those that the user may see.
        action["domain"] = [("id", "in", self.sudo()._get_subscription_history().ids)]
        return action

    def _get_renewal_action(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("sale_subscription_plus.subscription_quotation_action")
        if len(self) == 1:
            form = self.env.ref("sale.view_order_form")
            return action | {"views": [(form.id, "form")], "view_mode": "form", "res_id": self.id, "domain": []}
        return action | {"domain": [("id", "in", self.ids)], "context": {}}

    # === THE QUOTATION ===#

    def _get_renewing_problem(self):
        """Return why no renewal of this subscription can be offered, or False."""
        self.ensure_one()
        if renewal := self.sudo()._get_confirmed_renewal():  # In sudo mode: it counts whoever may see it
            return self.env._("%(order)s is renewed by %(renewal)s already.", order=self.name, renewal=renewal.name)
        if self.subscription_status not in RENEWABLE_STATUSES:
            return self.env._("%s does not run: only a running subscription can be renewed.", self.name)
        if not self._get_renewed_lines(self._get_renewal_start()):
            return self.env._("%s has no recurring line that goes on: there is nothing to renew.", self.name)
        return False

    def _get_open_renewals(self):
        """Return the renewals of these subscriptions that are still quotations."""
        return self.subscription_renewal_ids.filtered(lambda order: order.state in ("draft", "sent"))

    def _get_confirmed_renewal(self):
        """Return the confirmed order that renews this one, whether it has begun or not."""
        return self.subscription_renewal_ids.filtered(
            lambda order: order.state == "sale" and order.subscription_status in CONFIRMED_STATUSES
        )[:1]

    def _get_coming_renewals(self):
        """Return the confirmed renewals of these subscriptions that have not begun yet."""
        return self.subscription_renewal_ids.filtered(
            lambda order: order.state == "sale" and order.subscription_status == "scheduled"
        )

    def _subscription_renew(self):
        """Make a renewal quotation of each of these subscriptions.

        :return: the quotations
        """
        renewals = self.browse()
        for order in self:
            renewal = order.with_company(order.company_id).create(order._prepare_renewal())
            order.message_post(body=self.env._("Renewal quotation made: %s", renewal._get_html_link()))
            renewal.message_post(body=self.env._("This quotation renews %s.", order._get_html_link()))
            renewals |= renewal
        return renewals

    def _prepare_renewal(self):
        """Return the values of the quotation: what is agreed goes on, what was sold once does not."""
        start = self._get_renewal_start()
        recurring = self._get_renewed_lines(start)
        lines = self._get_lines_with_headers(set(recurring.ids))
        values = self.copy_data({"order_line": [Command.create(line._prepare_renewal_line()) for line in lines]})[0]
        return values | {
            "subscription_renews_id": self.id,
            "subscription_start": start,
            "subscription_keep_prices": True,
            "subscription_token_id": self.subscription_token_id.id,
            "client_order_ref": self.client_order_ref,
            "origin": self.name,
            # A saved method pays the first invoice of the renewal like any other.
            "require_payment": self.require_payment and not self.subscription_token_id,
        }

    def _get_renewal_start(self):
        """Return the day after the term, else the first day that is not billed yet."""
        self.ensure_one()
        today = self.company_id._get_subscription_today()
        if self.subscription_term_end and self.subscription_term_end >= today:
            return fields.Date.add(self.subscription_term_end, days=1)
        ends = [line._get_period_end() for line in self.order_line if line._is_alive()]
        if max(ends, default=today) <= self.subscription_start:
            # Nothing is billed yet: it runs a period at least.
            ends = [line.subscription_next_end for line in self.order_line if line.subscription_next_end]
        return max([today, *ends])

    def _get_renewed_lines(self, start):
        """Return the recurring lines that go on: all but those that end by themselves before ``start``."""
        return self.order_line._filter_subscribed().filtered(
            lambda line: line._is_alive() and not line._ends_by_itself_before(start)
        )

    # === CONFIRMATION ===#

    def _confirmation_error_message(self):
        """Extend: a renewal takes the place of one running subscription of the same customer."""
        return super()._confirmation_error_message() or self._get_renewal_refusal()

    def _get_renewal_refusal(self):
        """Return why this renewal cannot be confirmed, or False."""
        parent = self.sudo().subscription_renews_id  # In sudo mode: a customer may sign who cannot read it
        if not parent:
            return False
        names = {"order": self.name, "parent": parent.name}
        if not self.order_line._filter_subscribed():
            return self.env._("%(order)s renews %(parent)s, and nothing on it recurs. Add a recurring line.", **names)
        if renewal := parent._get_confirmed_renewal() - self:
            return self.env._(
                "%(parent)s was renewed by %(renewal)s already. Cancel %(order)s.", renewal=renewal.name, **names
            )
        if parent.subscription_status not in (*RENEWABLE_STATUSES, "closed"):
            return self.env._("%(parent)s did not run, so %(order)s cannot renew it.", **names)
        if self.subscription_start and self.subscription_start <= parent.subscription_start:
            return self.env._(
                "%(order)s must start after %(date)s, when %(parent)s started.",
                date=format_date(self.env, parent.subscription_start),
                **names,
            )
        return self._get_renewal_difference(parent, names)

    def _get_renewal_difference(self, parent, names):
        if self.partner_id.commercial_partner_id != parent.partner_id.commercial_partner_id:
            return self.env._(
                "%(order)s renews %(parent)s of %(customer)s: it must be for the same customer. To give the "
                "subscription to somebody else, use Hand Over.",
                customer=parent.partner_id.commercial_partner_id.display_name,
                **names,
            )
        if self.currency_id != parent.currency_id:
            return self.env._(
                "%(order)s renews %(parent)s, which is in %(currency)s: it must be in the same currency. "
                "Choose a pricelist in that currency.",
                currency=parent.currency_id.name,
                **names,
            )
        return False

    def _get_upsell_obstacle(self):
        """Extend: what is added to a subscription whose renewal was confirmed, would end with it."""
        obstacle = super()._get_upsell_obstacle()
        if obstacle or not (renewal := self.sudo()._get_coming_renewals()):  # In sudo mode: it counts for any user
            return obstacle
        return self.env._(
            "%(order)s is renewed by %(renewal)s on %(date)s: add to that one, once it runs.",
            order=self.name,
            renewal=renewal.name,
            date=format_date(self.env, renewal.subscription_start),
        )

    # === PRICES ===#

    def _recompute_prices(self):
        """Override of `sale`: whoever updates the prices of a renewal wants those of today."""
        self.filtered("subscription_keep_prices").subscription_keep_prices = False
        return super()._recompute_prices()

    # === HISTORY ===#

    def _get_subscription_history(self):
        """Return all orders of the chain: renewals and upsells, from the first to the last."""
        chain, found = self.browse(), self
        while found:
            chain |= found
            found = found._get_next_in_history() - chain
        return chain.sorted("id")

    def _get_next_in_history(self):
        """Return the orders next to these in their chains."""
        renewals = self.subscription_renews_id | self.subscription_renewal_ids
        return renewals | self.subscription_origin_id | self.subscription_upsell_ids
