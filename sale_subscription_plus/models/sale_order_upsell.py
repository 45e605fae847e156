from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import clean_context


class SaleOrder(models.Model):
    """Upsell: a quotation that adds to a subscription that runs already."""

    _inherit = "sale.order"

    subscription_origin_id = fields.Many2one(
        comodel_name="sale.order",
        string="Upsell Of",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The running subscription that this quotation adds to, once it is confirmed.",
    )
    subscription_upsell_ids = fields.One2many(
        comodel_name="sale.order", inverse_name="subscription_origin_id", string="Upsells", readonly=True
    )
    subscription_upsell_count = fields.Integer(compute="_compute_subscription_upsell_count")
    subscription_upsell_amount = fields.Monetary(
        string="Due at Confirmation",
        compute="_compute_subscription_upsell_amount",
        help="What is to be paid today, taxes included: what is sold once, and of what recurs the rest of the "
        "current period of each plan.",
    )
    subscription_upsell_problem = fields.Char(compute="_compute_subscription_upsell_problem", groups="base.group_user")

    # === COMPUTE METHODS ===#

    @api.depends("subscription_origin_id")
    def _compute_subscription_status(self):
        """Extend: a quotation for a running subscription is none of its own, whatever recurs on it."""
        upsells = self.filtered(lambda order: order.subscription_origin_id and order.state in ("draft", "sent"))
        upsells.subscription_status = "upsell"
        return super(SaleOrder, self - upsells)._compute_subscription_status()

    @api.depends("subscription_status")
    def _compute_subscription_amounts(self):
        """Extend: what was merged counts where it runs."""
        merged = self.filtered(lambda order: order.subscription_status == "merged")
        merged.update({"subscription_mrr": 0.0, "subscription_recurring_amount": 0.0})
        return super(SaleOrder, self - merged)._compute_subscription_amounts()

    def _compute_subscription_upsell_count(self):
        groups = self._read_group([("subscription_origin_id", "in", self.ids)], ["subscription_origin_id"], ["__count"])
        counts = dict(groups)
        for order in self:
            order.subscription_upsell_count = counts.get(order, 0)

    @api.depends("order_line.price_total", "order_line.product_uom_qty", "subscription_status")
    def _compute_subscription_upsell_amount(self):
        for order in self:
            order.subscription_upsell_amount = (
                order._get_first_invoice_amount() if order.subscription_status == "upsell" else 0.0
            )

    @api.depends("order_line.product_uom_qty", "order_line.price_unit", "order_line.discount", "subscription_status")
    def _compute_subscription_upsell_problem(self):
        for order in self:
            order.subscription_upsell_problem = (
                order._get_upsell_problem() if order.subscription_status == "upsell" else False
            )

    # === ACTION METHODS ===#

    def action_subscription_upsell(self):
        """Make a quotation that adds to this running subscription, and open it.

        :raise UserError: when it does not run
        """
        self.ensure_one()
        self._subscription_check_right("sales_team.group_sale_salesman")
        self.check_access("write")
        self.env["sale.order"].check_access("create")
        if problem := self._get_upsell_obstacle():
            raise UserError(problem)
        # In sudo mode: its link to the subscription is set by no user; the rights were checked.
        # Without the defaults of the screen that the button was pressed on.
        Order = self.env["sale.order"].sudo().with_context(clean_context(self.env.context))
        upsell = Order.with_company(self.company_id).create(self.sudo()._prepare_upsell())
        upsell.message_post(body=self.env._("Quotation to add to %s.", self._get_html_link()))
        return upsell.sudo(False)._get_records_action(name=self.env._("Upsell"))

    def action_view_subscription_upsells(self):
        """Open the upsells of this subscription."""
        self.ensure_one()
        upsells = self.env["sale.order"].search([("subscription_origin_id", "=", self.id)])
        return upsells._get_records_action(name=self.env._("Upsells"))

    def action_view_subscription_origin(self):
        """Open the subscription that this upsell adds to."""
        self.ensure_one()
        return self.subscription_origin_id._get_records_action(name=self.env._("Subscription"))

    # === THE QUOTATION ===#

    def _prepare_upsell(self):
        """Return the values of a quotation that adds to this subscription, its running lines offered to raise."""
        self.ensure_one()
        return {
            **self._prepare_upsell_header(),
            "order_line": [
                Command.create(line._prepare_raise())
                for line in self.order_line._filter_subscribed()._filter_raisable()
            ],
        }

    def _prepare_upsell_header(self):
        names = (
            "partner_id",
            "partner_invoice_id",
            "partner_shipping_id",
            "company_id",
            "currency_id",
            "pricelist_id",
            "fiscal_position_id",
            "payment_term_id",
            "journal_id",
            "user_id",
            "team_id",
            "subscription_plan_id",
        )
        return {
            **{name: self[name].id for name in names},
            "subscription_origin_id": self.id,
            "origin": self.name,
            "client_order_ref": self.client_order_ref,
            # Its lines are not a template's.
            "sale_order_template_id": False,
        }

    def copy(self, default=None):
        """Override of `sale`: the duplicate of an upsell adds to the same subscription."""
        copies = super().copy(default)
        for order, duplicate in zip(self, copies, strict=True):
            if order.subscription_origin_id:
                order._subscription_copy_upsell(duplicate)
        return copies

    def _subscription_copy_upsell(self, duplicate):
        # In sudo mode: the link to the subscription is set by no user; who may read an upsell may duplicate it.
        duplicate.sudo().subscription_origin_id = self.sudo().subscription_origin_id
        lines = self.order_line.filtered(lambda line: not line.is_downpayment)
        if len(lines) == len(duplicate.order_line):
            for line, twin in zip(lines, duplicate.order_line, strict=True):
                if line.subscription_raised_line_id:
                    twin.sudo().subscription_raised_line_id = line.sudo().subscription_raised_line_id  # as above

    def _get_order_lines_to_report(self):
        """Override of `sale`: what could be raised and is not, is no matter of the customer."""
        lines = super()._get_order_lines_to_report()
        return lines.filtered(lambda line: not line.subscription_raised_line_id or line.product_uom_qty)

    # === WHAT SPEAKS AGAINST IT ===#

    def _get_upsell_problem(self):
        """Return why this upsell cannot be confirmed as it stands, in a sentence; or False."""
        self.ensure_one()
        origin = self.subscription_origin_id.sudo()  # In sudo mode: how it runs, whoever asks
        return (
            origin._get_upsell_obstacle()
            or self._get_upsell_mismatch(origin)
            or self.order_line._get_upsell_line_problem()
        )

    def _get_upsell_obstacle(self):
        """Return why nothing can be added to this subscription, in a sentence; or False."""
        self.ensure_one()
        if self.subscription_status != "progress":
            labels = dict(self._fields["subscription_status"]._description_selection(self.env))
            return self.env._(
                'Nothing can be added to %(order)s: it is "%(status)s". Only a subscription in progress can be '
                "added to.",
                order=self.name,
                status=labels.get(self.subscription_status, self.env._("no subscription")),
            )
        if self.subscription_parked_reason:
            return self.env._(
                "%(order)s could not be billed, so nothing can be added to it yet. Solve this first: %(reason)s",
                order=self.name,
                reason=self.subscription_parked_reason,
            )
        return False

    def _get_upsell_mismatch(self, origin):
        """Return in what this upsell differs from the subscription that it adds to, in a sentence; or False."""
        for name in ("company_id", "currency_id", "partner_id"):
            if self[name] != origin[name]:
                return self.env._(
                    '"%(field)s" is %(value)s here and %(wanted)s on %(order)s: both must be the same. '
                    "Make a new upsell from %(order)s.",
                    field=self._fields[name].get_description(self.env)["string"],
                    value=self[name].display_name or "",
                    wanted=origin[name].display_name,
                    order=origin.name,
                )
        return False

    # === SALES' OWN DOORS ===#

    def _confirmation_error_message(self):
        """Override of `sale` to say why an upsell cannot be merged."""
        message = super()._confirmation_error_message()
        if message or self.subscription_status != "upsell":
            return message
        problem = self._get_upsell_problem()
        return f"{self.name}: {problem}" if problem else False

    def _check_subscription_state_write(self, state):
        """Extend: what was merged runs elsewhere."""
        if state == "cancel" and self.subscription_status == "merged":
            raise UserError(
                self.env._(
                    "%(upsell)s was merged into %(order)s and cannot be cancelled any more. Change %(order)s instead.",
                    upsell=self.name,
                    order=self.subscription_origin_id.sudo().name,  # In sudo mode to name it
                )
            )
        return super()._check_subscription_state_write(state)
