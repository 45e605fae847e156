from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

# Who was asked to stay is not asked again for a year.
QUIET_MONTHS = 12


class SubscriptionRetention(models.Model):
    """An offer to stay that a customer about to leave took, or did not."""

    _name = "subscription.retention"
    _description = "Offer to Stay"
    _order = "date desc, id desc"
    _rec_name = "order_id"
    _check_company_auto = True

    order_id = fields.Many2one(
        comodel_name="sale.order", string="Subscription", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="order_id.partner_id", string="Customer", store=True, index=True)
    user_id = fields.Many2one(related="order_id.user_id", string="Salesperson", store=True)
    visitor_id = fields.Many2one(
        comodel_name="res.partner", string="Answered By", ondelete="set null", index="btree_not_null"
    )
    date = fields.Date(required=True, help="The company's date on which the customer answered.")
    reason_id = fields.Many2one(
        comodel_name="subscription.close.reason", required=True, ondelete="restrict", index=True
    )
    offer = fields.Selection(selection=[("discount", "A discount"), ("pause", "A pause")], required=True)
    discount = fields.Float(string="Discount (%)", digits="Discount", aggregator="avg")
    periods = fields.Integer(string="Periods at This Discount", aggregator="avg")
    months = fields.Integer(string="Months of Pause", aggregator="avg")
    outcome = fields.Selection(selection=[("taken", "Stayed"), ("declined", "Closed")], required=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    mrr = fields.Monetary(
        string="MRR Asked For", help="What the subscription brought a month when its customer wanted to leave."
    )
    mrr_kept = fields.Monetary(
        string="MRR Kept",
        compute="_compute_outcome",
        store=True,
        help="The same of customers who stayed; a discount for some periods is not taken off.",
    )
    stayed = fields.Float(
        string="Stayed (%)",
        compute="_compute_outcome",
        store=True,
        aggregator="avg",
        digits=(5, 1),
        help="How many of the customers who were asked took the offer.",
    )

    @api.depends("outcome", "mrr")
    def _compute_outcome(self):
        for retention in self:
            taken = retention.outcome == "taken"
            retention.mrr_kept = retention.mrr if taken else 0.0
            retention.stayed = 100.0 if taken else 0.0


class SaleOrder(models.Model):
    """What the customer of a subscription is offered for staying."""

    _inherit = "sale.order"

    # === IN THE FORMS OF THE PORTAL ===#

    def _prepare_review(self, form, entered, items):
        """Extend: who closes is told what is offered for staying."""
        values = super()._prepare_review(form, entered, items)
        if form == "close":
            values["offer"] = self._prepare_retention_offer(self._get_entered_reason(entered))
        return values

    def _prepare_retention_offer(self, reason):
        """Return what the customer is offered, with its figures; None: nothing."""
        items = self._get_retention_items(reason)
        if not items:
            return None
        try:
            quote = self._quote_request(items)
        except UserError:
            # What cannot be done now is not offered.
            return None
        if reason.retention_offer == "pause":
            remarks = self._describe_pause(items[0])
        else:
            remarks = [self.env._("After that, the price of today counts again.")]
        sentence = reason._get_retention_sentence(self._get_customer_lines().subscription_plan_id)
        return {"reason": reason, "sentence": sentence, "quote": quote, "remarks": remarks}

    def _get_stay_problem(self):
        return self._get_close_problem()

    def _enter_stay(self, entered):
        items = self._get_retention_items(self._get_entered_reason(entered))
        if not items:
            raise UserError(self.env._("This offer is not open any more."))
        return items

    def _submit_form(self, form, entered, visitor):
        """Extend: what the customer answers to an offer is kept."""
        # First of all, for whoever comes second starts anew here.
        self._subscription_lock()
        if form not in ("close", "stay") or self._find_submitted(entered.get("digest")):
            return super()._submit_form(form, entered, visitor)
        reason = self._get_entered_reason(entered)
        offer = self._prepare_retention_offer(reason)
        retention_values = offer and self._prepare_retention(reason, "taken" if form == "stay" else "declined", visitor)
        request = super()._submit_form(form, entered, visitor)
        if offer:
            # In sudo mode: it is written by no user, only by what a customer answers.
            self.env["subscription.retention"].sudo().create(retention_values)
        return request

    # === OFFER AND ANSWER ===#

    def _get_retention_items(self, reason):
        """Return the items of the request that ``reason`` offers for staying; empty: none, or not again so soon."""
        self.ensure_one()
        today = self._get_today()
        if self.subscription_status != "progress" or self.subscription_closed_on:
            return []
        # In sudo mode: customers read no such record.
        asked = self.env["subscription.retention"].sudo()
        since = today - relativedelta(months=QUIET_MONTHS)
        if asked.search_count([("order_id", "=", self.id), ("date", ">", since)], limit=1):
            return []
        return reason._prepare_retention_items(today)

    def _prepare_retention(self, reason, outcome, visitor):
        """Return how the customer answers the offer of ``reason``, to be kept.

        :param str outcome: taken or declined
        :param visitor: the ``res.partner`` who answers
        """
        today = self._get_today()
        is_discount = reason.retention_offer == "discount"
        return {
            "order_id": self.id,
            "visitor_id": visitor.id,
            "date": today,
            "reason_id": reason.id,
            "offer": reason.retention_offer,
            "discount": is_discount and reason.retention_discount,
            "periods": is_discount and reason.retention_periods,
            "months": not is_discount and reason.retention_months,
            "outcome": outcome,
            "mrr": self.currency_id._convert(
                self.subscription_mrr, self.company_id.currency_id, self.company_id, today
            ),
        }
