from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date

# How long a customer is left in peace after they were asked about a subscription.
REST_DAYS = 14
# Odoo makes a request whenever somebody looks at the mail; these are the ones that somebody was sent, or answered.
SHOWN_RATINGS = ["|", ("subscription_asked_on", "!=", False), ("consumed", "=", True)]
RATED_STATUSES = ("scheduled", "progress", "paused", "closed", "renewed")


class SaleOrder(models.Model):
    """Customers are asked how happy they are with a subscription, and answer by a link in a mail."""

    _name = "sale.order"
    _inherit = ["rating.mixin", "sale.order"]

    subscription_rating_asked_on = fields.Date(
        string="Last Asked for a Rating", copy=False, readonly=True, help="When the customer was last asked."
    )

    # === ASKING ===#

    def _subscription_request_rating(self, template=None):
        """Ask the customers of these orders for a rating; the mails are queued, and leave with Odoo's own queue.

        Orders that were asked about in the last 14 days are left out, and those without an e-mail address or that
        are no subscriptions (yet).

        :param template: the ``mail.template`` on ``sale.order`` to ask with; by default the one of the order's
            quotation template, of its company or, where neither has one, that which comes with the add-on
        :return: the orders whose customers were asked
        :raise UserError: where there is no template; whatever else the template raises
        """
        orders = self.filtered(lambda order: not order._get_rating_obstacle())
        for mail, of_mail in orders.grouped(lambda order: template or order._get_rating_mail()).items():
            of_mail._subscription_ask_for_rating(mail)
        return orders

    def _get_rating_obstacle(self):
        """Return the sentence that says why the customer cannot be asked for a rating today; blank if they can."""
        self.ensure_one()
        asked_on = self.subscription_rating_asked_on
        if self.subscription_status not in RATED_STATUSES:
            return self.env._("%s is no running subscription: there is nothing to rate.", self.name)
        if not self.partner_id.email:
            return self.env._(
                "%(order)s: %(customer)s has no e-mail address.", order=self.name, customer=self.partner_id.display_name
            )
        if asked_on and asked_on > self.company_id._get_subscription_today() - timedelta(days=REST_DAYS):
            return self.env._(
                "%(order)s: the customer was asked on %(date)s already. Give them %(days)s days.",
                order=self.name,
                date=format_date(self.env, asked_on),
                days=REST_DAYS,
            )
        return ""

    def _get_rating_mail(self):
        """Return the template of the mail that asks for a rating of this order."""
        self.ensure_one()
        mail = self._get_rating_schedule().subscription_rating_template_id or self.env.ref(
            "sale_subscription_plus.mail_template_rating", raise_if_not_found=False
        )
        if not mail:
            raise UserError(self.env._("There is no mail that asks for a rating. Choose one in the settings."))
        return mail

    def _get_rating_schedule(self):
        """Return whose settings say when the customer is asked: the quotation template's, or the company's."""
        self.ensure_one()
        template = self.sale_order_template_id
        return template if template.subscription_own_ratings else self.company_id

    def _subscription_ask_for_rating(self, mail):
        """Queue ``mail`` (a template) to the customers, each with links of its own."""
        # In sudo mode: the request and the date are written by no user, whoever may ask.
        self.env["rating.rating"].sudo().create([order._prepare_rating_request() for order in self])
        # The links are those of the newest request, which comes first when read anew.
        self.invalidate_recordset(["rating_ids"])
        mail.send_mail_batch(self.ids)
        for order in self.sudo():  # as above
            order.subscription_rating_asked_on = order.company_id._get_subscription_today()

    def _prepare_rating_request(self):
        self.ensure_one()
        return {
            "partner_id": self._rating_get_partner().id,
            "rated_partner_id": self._rating_get_operator().id,
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "is_internal": False,
            "subscription_asked_on": self.company_id._get_subscription_today(),
        }

    def action_subscription_request_rating(self):
        """Ask the customers of these orders for a rating, and tell how many were.

        :raise UserError: where nobody can be asked; it says why
        """
        self._subscription_check_right("sales_team.group_sale_salesman")
        self.check_access("write")
        asked = self._subscription_request_rating()
        if not asked:
            raise UserError("\n".join(order._get_rating_obstacle() for order in self[:10]))
        left_out = [order._get_rating_obstacle() for order in self - asked]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if left_out else "success",
                "message": "\n".join([self.env._("Customers asked: %s.", len(asked)), *left_out[:10]]),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # === ANSWERS ===#

    def _get_rating_answers(self):
        """Return the answers of the customer, the newest first."""
        self.ensure_one()
        return self.rating_ids.filtered("consumed").sorted(lambda rating: (rating.rated_on, rating.id), reverse=True)

    def _get_open_rating(self):
        """Return the request that waits for an answer: the last one, if it has none."""
        self.ensure_one()
        requests = self.rating_ids.filtered("subscription_asked_on").sorted("id")
        return requests[-1:].filtered(lambda rating: not rating.consumed)

    def action_view_subscription_ratings(self):
        """Open the requests and answers of this order."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id("sale_subscription_plus.subscription_rating_action") | {
            "domain": [("res_model", "=", "sale.order"), ("res_id", "=", self.id), *SHOWN_RATINGS]
        }
