"""A crowd of subscriptions of many kinds that are all due on one day, quickly made: their rows are copied."""

from datetime import date

from dateutil.relativedelta import relativedelta

from odoo.fields import Command
from odoo.tools import SQL

from .bench.big.multiply import Multiplier
from .crowd_changes import Changing
from .outcome import select

# Not some day of the past: after it was billed, nothing must be due.
DAY = date.today()
MOULDS = 40
TABLES = (
    "res_partner",
    "sale_order",
    "sale_order_line",
    "subscription_event",
    "subscription_period",
    "subscription_change",
)


def make_crowd(env, count):
    """Make ``count`` subscriptions (a multiple of 40) that are due on :data:`DAY`; in a transaction of its own."""
    env.company.subscription_tz = "UTC"
    shop = Shop(env)
    multiplier = Multiplier(env.cr, TABLES)
    shop.sell_each_kind()
    env.flush_all()
    multiplier.multiply(count // MOULDS - 1, {("sale_order", "name"): SQL("t.name || '-' || n")})
    env.cr.commit()
    env.cr.execute("ANALYZE")
    env.cr.commit()


def get_plain_orders(db):
    """Return pairs of ids, of the orders of one magazine a month whose invoices are posted, and of their lines."""
    return select(
        db,
        """
        SELECT o.id, MIN(l.id) FROM sale_order o JOIN sale_order_line l ON l.order_id = o.id
          JOIN subscription_plan p ON p.id = o.subscription_plan_id
         WHERE p.name->>'en_US' = 'Monthly' AND o.subscription_invoicing_mode = 'post'
           AND o.subscription_next_invoice_date IS NOT NULL AND l.subscription_end IS NULL
           AND NOT EXISTS (SELECT 1 FROM subscription_change c WHERE c.order_id = o.id)
         GROUP BY o.id HAVING COUNT(*) = 1 AND MIN(o.amount_untaxed) = 12.34 ORDER BY o.id""",
    )


class Shop:
    """What is sold to the crowd: plans, products, taxes, currencies."""

    def __init__(self, env):
        self.env = env
        self.monthly = self._create_plan("Monthly")
        self.yearly = self._create_plan("Yearly", interval_unit="year")
        self.weekly = self._create_plan("Weekly", interval_unit="week")
        self.arrears = self._create_plan("Arrears", billing_timing="arrears")
        self.aligned = self._create_plan("Aligned", alignment="month_day", alignment_day=15)
        self.together = self._create_plan("Together", consolidate=True)
        small = env.company.account_sale_tax_id.copy({"name": "Small", "amount": 2.5})
        self.magazine = self._create_product("Magazine", 12.34)
        self.archive = self._create_product("Archive", 5.55, taxes=env.company.account_sale_tax_id + small)
        self.poster = self._create_product("Poster", 9.0, subscription_ok=False)
        self.euros = self._create_euro_pricelist()

    def _create_plan(self, name, **values):
        return self.env["subscription.plan"].create({"name": name, "invoicing_mode": "post", **values})

    def _create_product(self, name, price, taxes=None, **values):
        taxes = self.env.company.account_sale_tax_id if taxes is None else taxes
        values = {"type": "service", "invoice_policy": "order", "subscription_ok": True, **values}
        return self.env["product.product"].create(
            {"name": name, "list_price": price, "taxes_id": [Command.set(taxes.ids)], **values}
        )

    def _create_euro_pricelist(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create({"currency_id": euro.id, "rate": 0.8, "name": date(2020, 1, 1)})
        return self.env["product.pricelist"].create({"name": "Euro", "currency_id": euro.id})

    # === SELLING ===#

    def sell_each_kind(self):
        """Confirm one order of each kind, and as many plain ones as make up the number of moulds."""
        magazine, archive = self._line(self.magazine), self._line(self.archive)
        orders = [
            self._order(self.monthly, subscription_invoicing_mode="send"),
            self._order(self.monthly, subscription_invoicing_mode="draft"),
            self._order(self.monthly, [self._title("Reading"), magazine, archive, self._note("Thank you")]),
            self._order(self.monthly, [magazine, self._line(self.poster, subscription_plan_id=False)]),
            self._order(self.monthly, [magazine, self._line(self.archive, subscription_plan_id=self.yearly.id)]),
            self._order(self.monthly, [archive], pricelist_id=self.euros.id),
            self._order(self.yearly, [self._line(self.magazine, discount=12.5, product_uom_qty=3)]),
            self._order(self.weekly, start=DAY - relativedelta(weeks=2)),
            self._order(self.arrears, start=DAY - relativedelta(months=1)),
            self._order(self.aligned),
            self._order(self.monthly, start=DAY - relativedelta(months=2), client_order_ref="Ends"),
            *self._orders_of_one_customer(),
        ]
        changing = Changing(self, DAY)
        cases = changing.get_cases()
        orders += [self._order(self.monthly) for _number in range(MOULDS - len(orders) - len(cases))]
        orders += [values for values, _changes in cases]
        orders = self.env["sale.order"].create(orders)
        orders.action_confirm()
        changing.plan(orders[-len(cases) :], [changes for _values, changes in cases])
        ending = orders.filtered(lambda order: order.client_order_ref == "Ends").order_line
        ending.subscription_end = DAY
        ending._subscription_update_next()

    def _orders_of_one_customer(self):
        first = self._order(self.together)
        return [first, self._order(self.together, [self._line(self.archive)], partner_id=first["partner_id"])]

    def _order(self, plan, lines=None, start=DAY, **values):
        if "partner_id" not in values:
            values["partner_id"] = self.env["res.partner"].create({"name": "Reader", "email": "r@example.com"}).id
        return {
            "subscription_plan_id": plan.id,
            "subscription_start": start,
            "order_line": lines or [self._line(self.magazine)],
            "user_id": self.env.ref("base.user_admin").id,
            **values,
        }

    def _line(self, product, **values):
        return Command.create({"product_id": product.id, **values})

    def _title(self, name):
        return Command.create({"display_type": "line_section", "name": name})

    def _note(self, name):
        return Command.create({"display_type": "line_note", "name": name})
