from datetime import timedelta

from odoo import api, fields, models
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

        Orders are left out whose customers were asked in the last 14 days, about whatever subscription, owe us
        money or have no e-mail address, and those that are no subscriptions (yet). A customer of several of these
        orders is asked about one.

        :param template: the ``mail.template`` on ``sale.order`` to ask with; by default the one of the order's
            quotation template, of its company or, where neither has one, that which comes with the add-on
        :return: the orders whose customers were asked
        :raise UserError: where there is no template; whatever else the template raises
        """
        obstacles = self._get_rating_obstacles()
        orders = self.filtered(lambda order: order not in obstacles)
        for mail, of_mail in orders.grouped(lambda order: template or order._get_rating_mail()).items():
            of_mail._subscription_ask_for_rating(mail)
        return orders

    def _get_rating_obstacles(self):
        """Return ``{order: sentence}`` that says why these customers are not to be asked for a rating today."""
        asked_on, obstacles = self._get_days_asked(), {}
        for order in self:
            if sentence := order._find_rating_obstacle(asked_on.get(order.partner_id)):
                obstacles[order] = sentence
            else:
                asked_on[order.partner_id] = order.company_id._get_subscription_today()
        return obstacles

    def _get_rating_obstacle(self):
        """Return the sentence that says why the customer is not to be asked for a rating today; blank if they are."""
        self.ensure_one()
        return self._get_rating_obstacles().get(self, "")

    def _get_days_asked(self):
        """Return ``{partner: day}`` on which the customers of these orders were last asked about any subscription."""
        # In sudo mode: they are left in peace whoever asked them, of whatever company.
        asked = (
            self.env["rating.rating"]
            .sudo()
            ._read_group(
                [
                    ("res_model", "=", "sale.order"),
                    ("partner_id", "in", self.partner_id.ids),
                    ("subscription_asked_on", "!=", False),
                ],
                ["partner_id"],
                ["subscription_asked_on:max"],
            )
        )
        return {partner.sudo(self.env.su): day for partner, day in asked}

    def _find_rating_obstacle(self, asked_on):
        customer = self.partner_id
        if self.subscription_status not in RATED_STATUSES:
            return self.env._("%s is no running subscription: there is nothing to rate.", self.name)
        if not customer.email:
            return self.env._(
                "%(order)s: %(customer)s has no e-mail address.", order=self.name, customer=customer.display_name
            )
        if self.subscription_payment_status != "ok":
            return self.env._("%s is not paid: nobody is asked how happy they are while they owe money.", self.name)
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
        left_out = list(self._get_rating_obstacles().values())
        asked = self._subscription_request_rating()
        if not asked:
            raise UserError("\n".join(left_out[:10]))
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

    @api.depends("partner_id")
    def _compute_rating_last_value(self):
        """Override of `rating`: what a former customer said, before a hand-over, is not the customer's word."""
        super()._compute_rating_last_value()
        for order in self.filtered("rating_last_value"):
            order.rating_last_value = order._get_rating_answers()[:1].rating

    def _get_own_ratings(self):
        """Return what the customer was asked and said; not what a former one was, before a hand-over."""
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id
        return self.rating_ids.filtered(
            lambda rating: (rating.partner_id.commercial_partner_id or customer) == customer
        )

    def _get_rating_answers(self):
        """Return the answers of the customer, the newest first."""
        answers = self._get_own_ratings().filtered("consumed")
        return answers.sorted(lambda rating: (rating.rated_on or rating.create_date, rating.id), reverse=True)

    def _get_open_rating(self):
        """Return the request that waits for an answer: the last one, if it has none."""
        requests = self._get_own_ratings().filtered("subscription_asked_on").sorted("id")
        return requests[-1:].filtered(lambda rating: not rating.consumed)

    # === NOBODY ELSE RATES ===#

    def _get_allowed_message_params(self):
        """Override of `rating`: customers rate on the page of their request, nobody does by a message."""
        return super()._get_allowed_message_params() - {"rating_value"}

    def message_post(self, **kwargs):
        """Override of `rating`: as above."""
        if not self.env.su:
            kwargs = {name: value for name, value in kwargs.items() if name not in ("rating_id", "rating_value")}
        return super().message_post(**kwargs)

    def action_view_subscription_ratings(self):
        """Open the requests and answers of this order."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id("sale_subscription_plus.subscription_rating_action") | {
            "domain": [("res_model", "=", "sale.order"), ("res_id", "=", self.id), *SHOWN_RATINGS]
        }
