"""A hundred subscriptions with a life: each stands for one percent of what a company has.

They are sold, changed, closed and billed by the add-on itself, with the clock moved through the months, so that
every stored column is what Odoo makes of it.
"""

import random
from datetime import datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from odoo.fields import Command

from commands.simulate import moved_clock

COUNT = 100
SALESPEOPLE = [f"seller{number}" for number in range(10)]
MANAGER = "manager"
# The company is in the first; those abroad pay no tax.
COUNTRIES = ("us", "us", "us", "us", "us", "ca", "fr", "in")
# Days of the month on which something is sold, changed and billed.
PLAYED_DAYS = (1, 8, 15, 22)

# What becomes of the moulds, by number; most just run.
QUOTATIONS = range(4)
SCHEDULED = range(4, 7)
PARKED = range(7, 9)
CLOSED = range(9, 19)
CHANGED = range(19, 29)


def make_moulds(catalog, months, today):
    """Sell a hundred subscriptions in the ``months`` before ``today``, and bill them up to that day.

    Yields each day that was played; billing commits.
    """
    days = list(_played_days(months, today))
    moulds = [Mould(catalog, number, days) for number in range(COUNT)]
    with moved_clock() as clock:
        for day in days:
            clock.move_to(datetime.combine(day, time(12)))
            for mould in moulds:
                mould.live(day)
            catalog.env["subscription.billing.run"]._run()
            yield day


def _played_days(months, today):
    first = today - relativedelta(months=months)
    while first < today:
        if first.day in PLAYED_DAYS:
            yield first
        first += timedelta(days=1)
    yield today


class Catalog:
    """Who sells, and what."""

    def __init__(self, env):
        self.env = env
        self.monthly = self._create_plan("Monthly")
        self.arrears = self._create_plan("Monthly in arrears", billing_timing="arrears")
        self.yearly = self._create_plan("Yearly", interval_unit="year", commitment_months=12)
        self.tax = env["account.tax"].search([("type_tax_use", "=", "sale"), ("amount", ">", 0)], limit=1)
        setup_fee = self._create_product("Set-up")
        self.magazine = self._create_product("Magazine", subscription_ok=True)
        self.support = self._create_product("Support", subscription_ok=True, subscription_setup_product_id=setup_fee.id)
        self.sellers = self._create_users(SALESPEOPLE, "sales_team.group_sale_salesman")
        self._create_teams()
        self._create_users([MANAGER], "sales_team.group_sale_manager", "account.group_account_invoice")
        self.reasons = env["subscription.close.reason"].search([], limit=5)
        self.tags = env["crm.tag"].create([{"name": name} for name in ("Fair", "Web", "Phone")])

    def _create_plan(self, name, **values):
        # Left unsent: a queue of a million mails is not what is measured.
        return self.env["subscription.plan"].create({"name": name, "invoicing_mode": "post", **values})

    def _create_product(self, name, **values):
        taxes = [Command.set(self.tax.ids)]
        return self.env["product.product"].create(
            {"name": name, "type": "service", "list_price": 20.0, "taxes_id": taxes, **values}
        )

    def _create_users(self, logins, *groups):
        """Create users whose password is their login."""
        groups = [Command.link(self.env.ref(group).id) for group in groups]
        users = self.env["res.users"].with_context(no_reset_password=True)
        return users.create(
            [{"name": login.title(), "login": login, "password": login, "group_ids": groups} for login in logins]
        )

    def _create_teams(self):
        half = len(self.sellers) // 2
        for name, sellers in (("North", self.sellers[:half]), ("South", self.sellers[half:])):
            self.env["crm.team"].create({"name": name, "member_ids": [Command.set(sellers.ids)]})


class Mould:
    """One subscription: signed on one of the played days, and on a later one something happens to it."""

    def __init__(self, catalog, number, days):
        self.env = catalog.env
        self.catalog = catalog
        self.number = number
        rng = random.Random(number)
        last = len(days) - 1
        if number in QUOTATIONS or number in SCHEDULED:
            signed = turn = max(last - number, 0)
        else:
            signed = rng.randrange(len(days) * 3 // 4)
            turn = rng.randrange(signed + 1, len(days))
        if number in PARKED:
            turn = max(signed + 1, last - len(PLAYED_DAYS))
        self.signed, self.turn = days[signed], days[turn]

    def live(self, day):
        """Do what happens on ``day``."""
        if day == self.signed:
            self.order = self._offer()
            if self.number not in QUOTATIONS:
                self._confirm(day)
        elif self.number in PARKED and day >= self.turn:
            self._park(day)
        elif self.number in CLOSED and day == self.turn:
            reasons = self.catalog.reasons
            self.order._subscription_close(day, reasons[self.number % len(reasons)])
        elif self.number in CHANGED and day == self.turn:
            self.order.order_line[0].product_uom_qty = self.number % 4 + 1

    def _offer(self):
        catalog, number = self.catalog, self.number
        plan = catalog.yearly if number % 6 == 5 else catalog.arrears if number % 17 == 0 else catalog.monthly
        return self.env["sale.order"].create(
            {
                "partner_id": self._create_customer().id,
                "user_id": catalog.sellers[number % len(catalog.sellers)].id,
                "subscription_plan_id": plan.id,
                "tag_ids": [Command.set(catalog.tags[number % 4 : number % 4 + 1].ids)],
                "order_line": [Command.create(values) for values in self._prepare_lines()],
            }
        )

    def _create_customer(self):
        number = self.number
        return self.env["res.partner"].create(
            {
                "name": f"Customer {number}",
                "is_company": number % 3 == 0,
                "email": f"customer{number}@example.com",
                "country_id": self.env.ref(f"base.{COUNTRIES[number % len(COUNTRIES)]}").id,
            }
        )

    def _prepare_lines(self):
        price = round(5.0 + 1.37 * self.number, 2)
        yield {"product_id": self.catalog.magazine.id, "product_uom_qty": self.number % 3 + 1, "price_unit": price}
        if self.number % 5 == 0:
            yield {"product_id": self.catalog.support.id, "price_unit": 2 * price, "discount": self.number % 20}

    def _confirm(self, day):
        if self.number in SCHEDULED:
            self.order.subscription_start = day + timedelta(days=60 + self.number)
        self.order.action_confirm()

    def _park(self, day):
        if self.order.subscription_next_invoice_date <= day:
            self.order._subscription_park("The tax of this subscription has no account to post to.", day)
