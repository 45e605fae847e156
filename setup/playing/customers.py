"""The customers of a simulation: who pays by hand and when, who gives a new card, who says how happy they are."""

import random
from datetime import timedelta

from odoo.fields import Command

# How many days after its due date an invoice is paid by hand, at most, and how often; None: never.
PAYING = [((0, 2), 55), ((3, 12), 33), ((13, 35), 9), (None, 3)]
# What customers do whose saved method was refused: give a new one, pay this invoice by hand, or nothing.
REFUSED = {"card": 75, "transfer": 10, "nothing": 15}
HESITATING = (0, 8)
# How many of those who are asked for a rating answer, within how many days, and what: from 5 (happy) to 1 (unhappy).
ANSWERS, ANSWER_DAYS = 0.6, 7
RATINGS = {
    5: (66, ["", "", "Love it.", "My favourite on Saturday morning.", "Always on time."]),
    3: (21, ["", "", "It is fine.", "Could be a bit cheaper."]),
    1: (13, ["", "It comes late more often than not.", "Too expensive for what it is.", "Nobody answers my mails."]),
}


class Customers:
    """Lets customers act on a day; what they do depends on the seed, the invoice and its failure alone."""

    def __init__(self, env, seed):
        self.env = env
        self.seed = seed

    def act(self, day):
        """Let everybody do what they do on ``day``."""
        by_hand = self.env["subscription.charge"].search(
            [("is_automatic", "=", False), ("state", "in", ("waiting", "given_up"))], order="id"
        )
        self._transfer(by_hand.filtered(lambda charge: self._pays_by_hand(charge, day)), day)
        self.answer_refusals(day)
        self.answer_ratings(day)

    def answer_refusals(self, day):
        """Let those act whose saved method was refused."""
        refused = self.env["subscription.charge"].search(
            [("is_automatic", "=", True), ("state", "in", ("method_needed", "exhausted"))], order="id"
        )
        for charge in refused:
            self._answer_refusal(charge, day)

    def answer_ratings(self, day):
        """Let those answer who were asked how happy they are, as by the link in their mail."""
        since = day - timedelta(ANSWER_DAYS + 1)
        asked = self.env["rating.rating"].search(
            [("res_model", "=", "sale.order"), ("consumed", "=", False), ("create_date", ">=", since)], order="id"
        )
        for rating in asked:
            order = self.env["sale.order"].browse(rating.res_id)
            rng = random.Random(f"{self.seed} {order.name} {rating.create_date.date()} rating")
            if rng.random() < ANSWERS and day >= rating.create_date.date() + timedelta(rng.randint(0, ANSWER_DAYS)):
                self._rate(order, rating, rng)

    def _rate(self, order, rating, rng):
        rate = rng.choices(list(RATINGS), [weight for weight, _texts in RATINGS.values()])[0]
        # Whom it concerns is told by a mail, which waits in the queue like all others.
        order = order.with_context(mail_notify_force_send=False)
        order.rating_apply(rate, rating=rating, feedback=rng.choice(RATINGS[rate][1]))
        self.env.cr.commit()

    def _pays_by_hand(self, charge, day):
        rng = random.Random(f"{self.seed} {charge.move_id.name} by hand")
        days = rng.choices([days for days, _weight in PAYING], [weight for _days, weight in PAYING])[0]
        return days is not None and day >= charge.due_on + timedelta(rng.randint(*days))

    def _answer_refusal(self, charge, day):
        rng = random.Random(f"{self.seed} {charge.move_id.name} {charge.method_failure_on} refused")
        what, days = rng.choices(list(REFUSED), REFUSED.values())[0], rng.randint(*HESITATING)
        if what == "nothing" or day < charge.method_failure_on + timedelta(days):
            return
        if what == "card":
            self._give_card(charge)
        else:
            self._transfer(charge, day)

    def _give_card(self, charge):
        """Save a new method, as customers do on the page that the mail links to."""
        old = charge.token_id
        old.copy({"provider_ref": f"{old.provider_ref}+", "subscription_blocked_reason": False})
        self.env.cr.commit()

    def _transfer(self, charges, day):
        """Book what the bank's statement of ``day`` says: one entry for all who have paid by hand."""
        for company, own in charges.grouped("company_id").items():
            owed = own.move_id.line_ids.filtered(
                lambda line: line.account_type == "asset_receivable" and not line.reconciled
            )
            entry = self._book_statement(company, owed, day)
            counterparts = entry.line_ids.sorted("sequence")[1:]
            owed._reconcile_plan([line | other for line, other in zip(owed, counterparts, strict=True)])
            self.env.cr.commit()

    def _book_statement(self, company, owed, day):
        """Post the entry that balances the items ``owed``, its first line the bank's."""
        bank = self.env["account.journal"].search([("company_id", "=", company.id), ("type", "=", "bank")], limit=1)
        total = sum(owed.mapped("amount_residual"))
        lines = [{"account_id": bank.default_account_id.id, "name": f"Transfers of {day}", "balance": total}]
        lines += [
            {
                "account_id": line.account_id.id,
                "partner_id": line.partner_id.id,
                "currency_id": line.currency_id.id,
                "name": line.move_id.name,
                "balance": -line.amount_residual,
                "amount_currency": -line.amount_residual_currency,
            }
            for line in owed
        ]
        lines = [Command.create({**line, "sequence": place}) for place, line in enumerate(lines)]
        Move = self.env["account.move"].with_company(company).with_context(tracking_disable=True)
        entry = Move.create({"journal_id": bank.id, "date": day, "line_ids": lines})
        entry._post()
        return entry
