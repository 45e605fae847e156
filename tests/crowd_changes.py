"""Subscriptions of the crowd on which something changes on the day: planned before, done by the run that bills."""

from dateutil.relativedelta import relativedelta

# Billed from so long before the day, for a month: the day lies in the middle of it.
DAYS_BEFORE = 10


class Changing:
    """Sells subscriptions that were billed elsewhere until some day, and plans a change of each."""

    def __init__(self, shop, day):
        """
        :param shop: the :class:`crowd.Shop`
        :param date day: on which the changes fall due
        """
        self.shop = shop
        self.env = shop.env
        self.day = day
        self.middle = day - relativedelta(days=DAYS_BEFORE)
        self.month_ago = day - relativedelta(months=1)

    def get_cases(self):
        """Return (values of the order, [values of its changes]) of each kind."""
        reason = self.env["subscription.close.reason"].search([], order="id", limit=1)
        back = self.day + relativedelta(days=20)
        return [
            (self._sell(), [self._line_change("quantity", quantity=5)]),
            (self._sell(quantity=5), [self._line_change("quantity", quantity=2)]),
            (self._sell(), [self._line_change("plan", plan_id=self.shop.yearly.id, price_unit=99.0)]),
            (self._sell(), [self._change("pause", compensation="carry", resume_on=back)]),
            (self._sell(), [self._change("pause", compensation="credit")]),
            # Overdue: it pauses and resumes in one run.
            (
                self._sell(),
                [
                    self._change(
                        "pause",
                        effective_on=self.day - relativedelta(days=4),
                        compensation="carry",
                        resume_on=self.day,
                    )
                ],
            ),
            (self._sell(), [self._change("close", compensation="credit", reason_id=reason.id)]),
            (self._sell(self.month_ago), [self._line_change("price", price_unit=15.67)]),
            (
                self._sell(self.month_ago),
                [
                    self._line_change("discount", discount=50.0, discount_periods=2),
                    self._line_change("quantity", quantity=2),
                ],
            ),
        ]

    def _sell(self, start=None, quantity=1):
        line = self.shop._line(self.shop.magazine, product_uom_qty=quantity)
        return self.shop._order(self.shop.monthly, [line], start=start or self.middle)

    def _change(self, kind, **values):
        return {"kind": kind, "effective_on": self.day, "state": "planned", **values}

    def _line_change(self, kind, **values):
        return self._change(kind, on_line=True, **values)

    def plan(self, orders, changes):
        """Let ``orders`` have been billed for their first month, and plan their changes.

        :param list changes: of each order
        """
        for order, planned in zip(orders, changes, strict=True):
            line = order.order_line
            end = order.subscription_start + relativedelta(months=1)
            self.env["subscription.period"].create(
                {
                    "line_id": line.id,
                    "kind": "imported",
                    "start": order.subscription_start,
                    "end": end,
                    "service_end": end,
                    "quantity": line.product_uom_qty,
                }
            )
            line._subscription_update_next()
            for values in planned:
                self._plan_one(order, values)

    def _plan_one(self, order, values):
        values = {"order_id": order.id, **values}
        if values.pop("on_line", False):
            values["line_id"] = order.order_line.id
        change = self.env["subscription.change"].create(values)
        if change.kind == "close":
            order.order_line.subscription_end = change.effective_on
            order.order_line._subscription_update_next()
            order.write({"subscription_close_reason_id": change.reason_id.id, "subscription_closed_on": self.day})
