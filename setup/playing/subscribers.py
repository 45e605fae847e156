"""The subscribers of a simulation: who takes more or less, changes plan, pauses, comes back, or leaves, and why."""

import random
from collections import Counter
from datetime import timedelta

from odoo.exceptions import UserError

# Days of a month, by which rates are told.
MONTH = 30.4
# What those do who change something.
CHANGES = {
    "upgrade": 28,
    "downgrade": 18,
    "discount": 10,
    "price": 6,
    "switch_plan": 16,
    "pause": 22,
}
# From when: at once, from the end of what is billed, or from some day ahead.
MOMENTS = {"now": 45, "period_end": 35, "date": 20}
DAYS_AHEAD = (2, 40)
PAUSES = (7, 60)
# How many of those who pause do not say until when; they come back with the same chance every day.
OPEN_PAUSES, RETURNS = 0.4, 1 / 25
# How many of those who leave want back what they paid ahead; how many think better of it in the months after.
CREDITS, REGRETS = 0.5, 0.1
# How many of the planned changes are taken back in a month before they come.
TAKEN_BACK = 0.15


class Subscribers:
    """Lets subscribers act on a day; what they do depends on the seed, the subscription and the day alone."""

    def __init__(self, env, seed, change_rate, churn_rate):
        self.env = env
        self.seed = seed
        self.change_rate = change_rate
        self.churn_rate = churn_rate
        self.done = Counter()

    def act(self, day):
        """Let everybody do what they do on ``day``; each in a transaction, as at a screen."""
        if not (self.change_rate or self.churn_rate):
            return
        statuses = ("progress", "paused", "closed")
        orders = self.env["sale.order"].search([("subscription_status", "in", statuses)], order="id")
        for order_id in orders.ids:
            order = orders.browse(order_id)
            rng = random.Random(f"{self.seed} {order.name} {day} changes")
            what = self._choose(order, rng)
            if what:
                self._try(what, order, day, rng)

    def _choose(self, order, rng):
        """Return what ``order``'s customer does today, mostly nothing."""
        chance = rng.random() * MONTH
        if order.subscription_status == "closed":
            return "return" if chance < REGRETS * self.churn_rate else None
        if order.subscription_status == "paused":
            return "resume" if rng.random() < RETURNS else None
        if chance < self.churn_rate:
            return "close"
        if chance < self.churn_rate + self.change_rate:
            return rng.choices(list(CHANGES), CHANGES.values())[0]
        if chance > MONTH - TAKEN_BACK and order.subscription_change_ids.filtered(lambda c: c.state == "planned"):
            return "take_back"
        return None

    def _try(self, what, order, day, rng):
        """Do it as a whole, or not at all where it makes no sense."""
        try:
            getattr(self, f"_do_{what}")(order, day, rng)
            self.env.cr.commit()
            self.done[what] += 1
        except UserError:
            self.env.cr.rollback()
            self.done["refused"] += 1
        self.env.invalidate_all()

    # === WHAT THEY DO ===#

    def _do_upgrade(self, order, day, rng):
        line = self._choose_line(order, rng)
        self._schedule(line, day, rng, kind="quantity", quantity=line.product_uom_qty + rng.randint(1, 3))

    def _do_downgrade(self, order, day, rng):
        line = self._choose_line(order, rng)
        self._schedule(line, day, rng, kind="quantity", quantity=max(line.product_uom_qty - rng.randint(1, 3), 0))

    def _do_discount(self, order, day, rng):
        line = self._choose_line(order, rng)
        values = {"discount": rng.choice((5, 10, 12.5, 50)), "discount_periods": rng.randint(0, 3)}
        self._schedule(line, day, rng, kind="discount", **values)

    def _do_price(self, order, day, rng):
        line = self._choose_line(order, rng)
        price = line.currency_id.round(line.price_unit * rng.uniform(0.8, 1.3))
        self._schedule(line, day, rng, kind="price", price_unit=price)

    def _do_switch_plan(self, order, day, rng):
        line = self._choose_line(order, rng)
        old = line.subscription_plan_id
        plans = self.env["subscription.plan"].search(
            [("company_id", "in", (False, order.company_id.id)), ("id", "!=", old.id)], order="id"
        )
        if not plans:
            raise UserError("There is only one plan.")
        plan = rng.choice(plans)
        price = line.currency_id.round(line.price_unit * plan._get_months() / old._get_months())
        self._schedule(line, day, rng, kind="plan", plan_id=plan.id, price_unit=price)

    def _do_pause(self, order, day, rng):
        start = self._choose_day(order.order_line, day, rng)
        until = False if rng.random() < OPEN_PAUSES else start + timedelta(rng.randint(*PAUSES))
        how = rng.choice(("carry", "credit", "none"))
        self._plan(order_id=order.id, kind="pause", effective_on=start, resume_on=until, compensation=how)

    def _do_resume(self, order, day, rng):
        del rng
        self._plan(order_id=order.id, kind="resume", effective_on=day)

    def _do_close(self, order, day, rng):
        reason = rng.choice(self.env["subscription.close.reason"].search([], order="id"))
        how = "credit" if rng.random() < CREDITS else "none"
        start = self._choose_day(order.order_line, day, rng)
        self._plan(order_id=order.id, kind="close", effective_on=start, reason_id=reason.id, compensation=how)

    def _do_return(self, order, day, rng):
        del day, rng
        order._subscription_reopen()

    def _do_take_back(self, order, day, rng):
        del day
        planned = order.subscription_change_ids.filtered(lambda change: change.state == "planned")
        rng.choice(planned.sorted("id"))._withdraw()

    # === HOW ===#

    def _choose_line(self, order, rng):
        lines = order.order_line.filtered(lambda line: line.subscription_phase == "running").sorted("id")
        if not lines:
            raise UserError("Nothing runs.")
        return rng.choice(lines)

    def _choose_day(self, lines, day, rng):
        moment = rng.choices(list(MOMENTS), MOMENTS.values())[0]
        if moment == "date":
            return day + timedelta(rng.randint(*DAYS_AHEAD))
        ends = [line._get_period_end() for line in lines if line.subscription_phase == "running"]
        return max(ends, default=day) if moment == "period_end" else day

    def _schedule(self, line, day, rng, **values):
        self._plan(line_id=line.id, effective_on=self._choose_day(line, day, rng), **values)

    def _plan(self, **values):
        self.env["subscription.change"]._schedule([values])
