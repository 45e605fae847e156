from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL, clean_context

# More quotations than these wait for nobody: the customer accepts or rejects one first.
MOST_OPEN_QUOTATIONS = 5
# Who takes and rejects all day long does not want to buy.
MOST_QUOTATIONS_A_DAY = 20


class SaleOrderTemplate(models.Model):
    """A template that customers take by themselves."""

    _inherit = "sale.order.template"

    @api.model
    def _get_open_to_self_service(self, user):
        """Return the templates that ``user`` may take in the portal, of the companies whose customer they are."""
        templates = self.sudo().search(self._get_self_service_domain(user))  # In sudo mode: customers read no templates
        return templates.filtered(lambda template: template._has_recurring_line() and template._get_seller(user))

    @api.model
    def _is_any_open_to_self_service(self, user):
        """Return whether it is worth ``user``'s while to look."""
        # In sudo mode, as above.
        return bool(self.sudo().search_count(self._get_self_service_domain(user), limit=1))

    @api.model
    def _get_self_service_domain(self, user):
        return [("subscription_self_service", "=", True), ("company_id", "in", [False, *user.company_ids.ids])]

    def _get_seller(self, user):
        """Return the company that sells this template to ``user``: blank, if it must not."""
        self.ensure_one()
        owner = user.partner_id.company_id
        seller = self.company_id or owner or user.company_id
        return seller if not owner or owner == seller else owner.browse()

    def _prepare_self_service_order(self, user):
        """Return the values of a quotation that ``user`` makes of this template."""
        seller = self._get_seller(user)
        values = {
            "partner_id": user.partner_id.id,
            "company_id": seller.id,
            "sale_order_template_id": self.id,
            "subscription_self_service": True,
        }
        agreed = self._get_agreed_pricelist(user.partner_id.with_company(seller))
        return values | {"pricelist_id": agreed.id} if agreed else values

    def _get_agreed_pricelist(self, partner):
        """Return the pricelist that was set for ``partner``: by itself, a website takes only those it offers to all."""
        if not self.env["res.groups"]._is_feature_enabled("product.group_product_pricelist"):
            return self.env["product.pricelist"]
        # In sudo mode: customers read no pricelists.
        return partner.sudo().specific_property_product_pricelist.filtered("active")

    def _get_prices_from(self, user):
        """Return {template: (currency, the least that it costs ``user`` a month, untaxed)}; nothing is written."""
        prices, positions = {}, {}
        self.mapped("subscription_offered_plan_ids")  # of all of them at once
        for template in self:
            seller = template._get_seller(user)
            order = template._with_seller(user).new(template._prepare_price_order(user) | positions.get(seller, {}))
            positions.setdefault(seller, {"fiscal_position_id": order.fiscal_position_id.id})
            prices[template] = (order.currency_id, order._get_least_monthly())
        return prices

    def _prepare_price_order(self, user):
        """Return the values of a quotation that is never saved."""
        lines = [
            # Without, where it belongs in the books is looked for.
            Command.create(line._prepare_order_line_values() | {"analytic_distribution": False})
            for line in self.sale_order_template_line_ids.filtered("product_uom_qty")
        ]
        return self._prepare_self_service_order(user) | {"state": "draft", "order_line": lines}

    def _subscription_take(self, user):
        """Return the quotation of this template for ``user``: a new one, or the open one that they took before.

        :raise UserError: with a sentence for the customer
        """
        self.ensure_one()
        Order = self._with_seller(user)
        Order._lock_self_service(user)
        taken = Order._get_taken_quotations(user)
        for order in taken.filtered(lambda order: order.sale_order_template_id == self):
            if not order._get_choice_obstacle():
                return order
        if len(taken) >= MOST_OPEN_QUOTATIONS:
            raise UserError(
                self.env._(
                    "You have %s open quotations already. Please accept or reject one of them first.", len(taken)
                )
            )
        if Order._count_taken_today(user) >= MOST_QUOTATIONS_A_DAY:
            raise UserError(self.env._("You took many quotations today. Please try again tomorrow, or contact us."))
        order = Order.create(self._prepare_self_service_order(user))
        order._onchange_sale_order_template_id()
        order._subscription_send_in_portal(user.partner_id)
        return order

    def _with_seller(self, user):
        # In sudo mode: customers make no orders but these.
        Order = self.env["sale.order"].sudo().with_context(clean_context(self.env.context))
        return Order.with_company(self._get_seller(user))


class SaleOrder(models.Model):
    """A quotation that the customer made in the portal."""

    _inherit = "sale.order"

    subscription_self_service = fields.Boolean(
        string="Made by the Customer",
        copy=False,
        readonly=True,
        help="The customer took a template that is open to self-service.",
    )

    def _get_least_monthly(self):
        """Return what a month costs, untaxed, under the cheapest of the plans that are offered."""
        lines = self.order_line._filter_subscribed()
        if self._get_offered_plans():
            # What recurs on a plan of its own does so whatever plan is chosen.
            lines -= self._get_lines_on_order_plan()
        own = sum(line.price_subtotal / line.subscription_plan_id._get_months() for line in lines)
        cheapest = min([offer.monthly for offer in self._get_plan_offers()], default=0.0)
        return self.currency_id.round(own + cheapest)

    def _subscription_send_in_portal(self, author):
        """Give this quotation to the customer who made it in the portal, with a way to accept it.

        :param author: ``res.partner`` in whose name it is noted
        """
        self.ensure_one()
        if not (self.require_signature or self.require_payment):
            self.require_signature = True
        self.action_quotation_sent()
        self.message_post(body=self.env._("Made by the customer in the portal."), author_id=author.id)

    @api.model
    def _get_taken_quotations(self, user):
        """Return the quotations that ``user`` took in the portal and that are still open."""
        orders = self.search(
            [
                ("partner_id", "=", user.partner_id.id),
                ("subscription_self_service", "=", True),
                ("state", "in", ("draft", "sent")),
            ]
        )
        return orders.filtered(lambda order: not order.is_expired)

    @api.model
    def _count_taken_today(self, user):
        """Return how many quotations ``user`` took within a day, whatever became of them."""
        return self.search_count(
            [
                ("partner_id", "=", user.partner_id.id),
                ("subscription_self_service", "=", True),
                ("create_date", ">", fields.Datetime.subtract(fields.Datetime.now(), days=1)),
            ]
        )

    @api.model
    def _lock_self_service(self, user):
        """Let two clicks at once come one after the other: the second one sees what the first one made."""
        self.env.cr.execute(SQL("UPDATE res_users SET write_date = (NOW() AT TIME ZONE 'UTC') WHERE id = %s", user.id))
