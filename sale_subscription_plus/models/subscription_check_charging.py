from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from .subscription_charge import DUNNED
from .subscription_charge_dunning import RANK
from .subscription_check import BATCH

# What is in hand for longer has been left lying.
IN_HAND = timedelta(hours=1)
SETTLED = ("paid", "in_payment", "reversed")


class SubscriptionCheck(models.AbstractModel):
    """Proves the collections: money is taken once, what was taken is in the books, and nothing is forgotten (I6)."""

    _inherit = "subscription.check"

    def _get_checks(self):
        return super()._get_checks() | {
            "invoices_collected": self._check_invoices_collected,
            "collections_go_on": self._check_collections_go_on,
            "collections_settled": self._check_collections_settled,
            "money_booked": self._check_money_booked,
            "paid_once": self._check_paid_once,
            "attempts_told": self._check_attempts_told,
            "payment_status": self._check_payment_status,
        }

    def _check_invoices_collected(self):
        """A posted invoice of a subscription that is not paid is being collected."""
        yield from self._select(
            "account.move",
            SQL(
                """
                SELECT m.id, format('%%s is open, and nobody collects it', m.name)
                  FROM account_move m
                 WHERE m.move_type = 'out_invoice' AND m.state = 'posted' AND m.amount_residual > 0
                   AND m.payment_state != ALL(%s)
                   AND EXISTS (SELECT 1 FROM account_move_line aml
                                WHERE aml.move_id = m.id AND aml.subscription_period_start IS NOT NULL)
                   AND NOT EXISTS (SELECT 1 FROM subscription_charge c
                                    WHERE c.move_id = m.id AND c.state NOT IN ('paid', 'dropped'))
                """,
                list(SETTLED),
            ),
        )

    def _check_collections_go_on(self):
        """An open collection has something ahead of it: an attempt, or a step of its policy."""
        yield from self._select(
            "subscription.charge",
            SQL(
                """
                SELECT id, format('%%s, and nothing is planned', state) FROM subscription_charge
                 WHERE state = ANY(%s) AND next_attempt_on IS NULL AND next_step_on IS NULL
                """,
                list(DUNNED),
            ),
        )

    def _check_collections_settled(self):
        """What is collected is paid in the books, and what is paid there is not collected any more."""
        yield from self._select(
            "subscription.charge",
            SQL(
                """
                SELECT c.id, format('%%s, and invoice %%s is %%s', c.state, m.name, m.payment_state)
                  FROM subscription_charge c
                  JOIN account_move m ON m.id = c.move_id
                 WHERE (c.state = 'paid' AND (m.state != 'posted' OR m.payment_state != ALL(%(settled)s)))
                    OR (c.state NOT IN ('paid', 'dropped', 'in_flight', 'unknown')
                        AND m.state = 'posted' AND m.payment_state = ANY(%(settled)s))
                """,
                settled=list(SETTLED),
            ),
        )

    def _check_money_booked(self):
        """Money that a provider took for a collection is in the books within the hour."""
        yield from self._select(
            "payment.transaction",
            SQL(
                """
                SELECT id, format('%%s was paid on %%s and is not in the books', reference, last_state_change)
                  FROM payment_transaction
                 WHERE subscription_charge_id IS NOT NULL AND state = 'done' AND last_state_change < %s
                   AND (payment_id IS NULL OR is_post_processed IS NOT TRUE)
                """,
                fields.Datetime.now() - IN_HAND,
            ),
        )

    def _check_paid_once(self):
        """No collected invoice got more money through providers than its total."""
        yield from self._select(
            "account.move",
            SQL(
                """
                SELECT m.id, format('%%s over %%s was paid %%s', m.name, m.amount_total, SUM(t.amount))
                  FROM subscription_charge c
                  JOIN account_move m ON m.id = c.move_id
                  JOIN account_invoice_transaction_rel rel ON rel.invoice_id = m.id
                  JOIN payment_transaction t ON t.id = rel.transaction_id
                                            AND t.state = 'done' AND t.operation != 'validation'
                 GROUP BY m.id, m.name, m.amount_total
                HAVING COUNT(*) > 1 AND SUM(t.amount) > m.amount_total + 0.00001
                """
            ),
        )

    def _check_attempts_told(self):
        """An attempt in flight is told, or found to be in doubt, within the hour."""
        yield from self._select(
            "subscription.charge",
            SQL(
                """
                SELECT c.id, format('%%s is in flight since %%s', t.reference, t.subscription_sent_on)
                  FROM subscription_charge c
                  LEFT JOIN payment_transaction t ON t.id = c.last_transaction_id
                 WHERE c.state = 'in_flight' AND COALESCE(t.subscription_sent_on, t.create_date) < %s
                """,
                fields.Datetime.now() - IN_HAND,
            ),
        )

    def _check_payment_status(self):
        """The payment status of a subscription is that of the worst of its collections."""
        Order, Charge = self.env["sale.order"], self.env["subscription.charge"]
        ids = set(Order.search([("subscription_payment_status", "not in", ("ok", False))]).ids)
        ids.update(Charge.search([("state", "not in", ("paid", "dropped"))]).order_ids.ids)
        ids = sorted(ids)
        for number in range(0, len(ids), BATCH):
            orders = Order.browse(ids[number : number + BATCH])
            charges = Charge.search([("order_ids", "in", orders.ids), ("state", "not in", ("paid", "dropped"))])
            for order in orders:
                yield from self._compare_payment_status(order, charges)
            self.env.invalidate_all()

    def _compare_payment_status(self, order, charges):
        charges = charges.filtered(lambda charge: order in charge.order_ids)
        today = order.company_id._get_subscription_today()
        # Where a step is due, the next run changes the status.
        if any(charge.next_step_on and charge.next_step_on <= today for charge in charges):
            return
        expected = max((charge._get_payment_status(today) for charge in charges), key=RANK.get, default="ok")
        if order.subscription_payment_status != expected:
            problem = f"it says {order.subscription_payment_status}, its collections {expected}"
            yield "sale.order", order.id, problem
