from odoo import api, fields, models
from odoo.fields import Domain

from .sale_order import RUNNING_STATUSES

# The domains below stand in the search views too, under the filter's name: a card opens what it counts.
DECLINED = ("retrying", "exhausted", "method_needed")
AWAITING = ("action", "method_needed")
TO_RESOLVE = ("unknown", "configuration")


class SubscriptionOverview(models.AbstractModel):
    """What needs attention, on one page: counts and amounts, each with the list behind it."""

    _name = "subscription.overview"
    _description = "Subscription Overview"

    @api.model
    def get_overview(self):
        """Return the cards of the overview, of what the user may see in the selected companies.

        :return: {currency_id, groups: [{name, cards: [card of :meth:`_prepare_card`]}]}; amounts are in the
            currency of the current company, and False where a card has none
        """
        return {
            "currency_id": self.env.company.currency_id.id,
            "groups": [
                {"name": self.env._("Payments"), "cards": self._get_payment_cards()},
                {"name": self.env._("Subscriptions"), "cards": self._get_subscription_cards()},
            ],
        }

    # === PAYMENTS ===#

    @api.model
    def _get_payment_cards(self):
        by_state = self._count_charges()
        overdue = self._sum_groups(
            self._read_charges([("state", "=", "waiting"), ("is_automatic", "=", False), ("due_on", "<", "today")])
        )
        return [
            self._prepare_charge_card(
                "failed",
                self.env._("Payment Failures"),
                self.env._("The saved method was declined"),
                self._pick(by_state, DECLINED),
                "danger",
                "fa-credit-card",
            ),
            self._prepare_charge_card(
                "awaiting",
                self.env._("Awaiting the Customer"),
                self.env._("To confirm a payment, or to give a new method"),
                self._pick(by_state, AWAITING),
                "warning",
                "fa-user-o",
            ),
            self._prepare_charge_card(
                "to_resolve",
                self.env._("To Resolve"),
                self.env._("Outcome unknown, or a fault of our set-up"),
                self._pick(by_state, TO_RESOLVE),
                "danger",
                "fa-question-circle-o",
            ),
            self._prepare_charge_card(
                "overdue",
                self.env._("Overdue"),
                self.env._("Not paid in time by customers who pay by themselves"),
                overdue,
                "warning",
                "fa-clock-o",
            ),
            self._prepare_card(
                "methods",
                self.env._("Methods Expiring"),
                self.env._("Expired, or within 30 days, and in use"),
                (self._count_methods(), False),
                "warning",
                "fa-calendar-times-o",
                action="sale_subscription_plus.payment_token_action_expiring",
                filters=["expiring"],
            ),
        ]

    @api.model
    def _prepare_charge_card(self, key, name, hint, totals, tone, icon):
        action = "sale_subscription_plus.subscription_charge_action"
        return self._prepare_card(key, name, hint, totals, tone, icon, action=action, filters=[key])

    @api.model
    def _count_charges(self):
        """Return {state: (count, amount)} of all that is not settled."""
        groups = self._read_charges([("state", "in", {*DECLINED, *AWAITING, *TO_RESOLVE})], "state")
        states = {}
        for *key, number, amount, state in groups:
            states.setdefault(state, []).append((*key, number, amount))
        return {state: self._sum_groups(rows) for state, rows in states.items()}

    @api.model
    def _read_charges(self, domain, *groupby):
        """Return rows of company, currency, count and amount, and of what is grouped by, of collections."""
        domain = Domain(domain) & Domain("company_id", "in", self.env.companies.ids)
        groups = self.env["subscription.charge"]._read_group(
            domain, ["company_id", *groupby], ["__count", "amount_due_company:sum"]
        )
        return [(company, company.currency_id, number, amount, *keys) for company, *keys, number, amount in groups]

    @api.model
    def _count_methods(self):
        return self.env["payment.token"].search_count(
            [
                ("subscription_expires_on", "<=", "+30d"),
                ("subscription_ids.subscription_status", "in", RUNNING_STATUSES),
            ]
        )

    # === SUBSCRIPTIONS ===#

    @api.model
    def _get_subscription_cards(self):
        orders, mrr = "sale_subscription_plus.subscription_action", self.env._("MRR")
        return [
            self._prepare_card(
                "suspended",
                self.env._("Suspended"),
                self.env._("Not paid, and grace is over"),
                self._sum_orders(
                    [("subscription_payment_status", "=", "suspended"), ("subscription_status", "in", RUNNING_STATUSES)]
                ),
                "danger",
                "fa-ban",
                action=orders,
                filters=["running", "suspended"],
                unit=mrr,
            ),
            self._prepare_card(
                "parked",
                self.env._("Parked"),
                self.env._("Could not be billed"),
                self._sum_orders([("subscription_parked_reason", "!=", False)]),
                "danger",
                "fa-exclamation-triangle",
                action="sale_subscription_plus.subscription_parked_action",
                unit=mrr,
            ),
            self._prepare_card(
                "term_expired",
                self.env._("Term Expired"),
                self.env._("The term is over: running on, or ended in the last 30 days"),
                self._sum_orders(self._get_expired_domain()),
                "warning",
                "fa-hourglass-end",
                action=orders,
                filters=["term_expired"],
                unit=mrr,
            ),
            self._prepare_card(
                "term_30",
                self.env._("Expiring Soon"),
                self.env._("The term ends within 30 days"),
                self._sum_orders(self._get_expiring_domain()),
                "info",
                "fa-hourglass-half",
                action=orders,
                filters=["term_30"],
                unit=mrr,
            ),
        ]

    @api.model
    def _get_expired_domain(self):
        over = Domain("subscription_term_end", "<", "today")
        return over & (
            Domain("subscription_status", "in", ("progress", "paused"))
            | (Domain("subscription_status", "=", "closed") & Domain("subscription_closed_on", ">=", "-30d"))
        )

    @api.model
    def _get_expiring_domain(self):
        return [
            ("subscription_status", "in", ("progress", "paused")),
            ("subscription_term_end", ">=", "today"),
            ("subscription_term_end", "<=", "+30d"),
        ]

    @api.model
    def _sum_orders(self, domain):
        domain = Domain(domain) & Domain("company_id", "in", self.env.companies.ids)
        return self._sum_groups(
            self.env["sale.order"]._read_group(
                domain, ["company_id", "currency_id"], ["__count", "subscription_mrr:sum"]
            )
        )

    # === CARDS ===#

    @api.model
    def _sum_groups(self, groups):
        """Return (count, amount) of rows of (company, currency, count, amount), at today's rates."""
        target, today = self.env.company.currency_id, fields.Date.context_today(self)
        return (
            sum(number for _company, _currency, number, _amount in groups),
            sum(
                currency._convert(amount or 0.0, target, company, today)
                for company, currency, _number, amount in groups
            ),
        )

    @api.model
    def _pick(self, by_state, states):
        counts, amounts = zip(*(by_state.get(state, (0, 0.0)) for state in states), strict=True)
        return sum(counts), sum(amounts)

    @api.model
    def _prepare_card(self, key, name, hint, totals, tone, icon, action, filters=(), unit=""):
        """Return a card.

        :param tuple totals: count and amount
        :param str tone: Bootstrap's name for the colour that the card has when it counts something
        :param filters: names of the filters in the action's search view that are switched on
        :param str unit: what the amount is, where it is not money that is owed
        """
        return {
            "key": key,
            "name": name,
            "hint": hint,
            "count": totals[0],
            "amount": totals[1],
            "unit": unit,
            "tone": tone,
            "icon": icon,
            "action": action,
            "filters": list(filters),
        }
