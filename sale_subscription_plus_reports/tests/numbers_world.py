"""Two companies with all that numbers can be told by, and what may happen to their subscriptions."""

import random
from datetime import date, timedelta

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.sale_subscription_plus.tests.common import SubscriptionCommon

from .numbers_oracle import Oracle, Seen

FIRST_DAY = date(2026, 1, 1)
# What a dollar is in euros, and from when; it moves as no real one ever did.
EUROS = {date(2020, 1, 1): 0.5, date(2026, 2, 10): 0.25, date(2026, 5, 5): 0.8, date(2026, 9, 1): 0.4}
MONTHS = {"Monthly": 1, "Quarterly": 3, "Weekly": 7 / (365.25 / 12)}
NOTHING = "nothing to do it to"


class NumbersWorld(SubscriptionCommon):
    """A company in dollars and one in euros, both with a pricelist in either; and one oracle that sees all they do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = cls.company
        cls._create_away_company()
        cls.companies = cls.home | cls.away
        cls.both = cls.env(context={**cls.env.context, "allowed_company_ids": cls.companies.ids})
        cls.pricelists = {
            (company, currency): cls._create_pricelist(
                name=f"{currency.name} of {company.name}", currency_id=currency.id, company_id=company.id
            )
            for company in cls.companies
            for currency in (cls.dollar, cls.euro)
        }
        cls.plans = cls.env["subscription.plan"].union(
            cls.monthly,
            cls._create_plan("Quarterly", interval_count=3),
            cls._create_plan("Weekly", interval_unit="week"),
        )
        cls.products = cls.magazine.union(*(cls._create_recurring_product(name) for name in ("Phone", "Parking")))
        cls.reasons = cls.env["subscription.close.reason"].search([], limit=3)
        cls.users = cls.env["res.users"].union(
            *(
                new_test_user(
                    cls.env,
                    login,
                    groups="sales_team.group_sale_salesman",
                    company_id=cls.home.id,
                    company_ids=[Command.set(cls.companies.ids)],
                )
                for login in ("anna", "bert")
            )
        )
        cls.teams = cls.env["crm.team"].create([{"name": name, "company_id": False} for name in ("Books", "Music")])
        cls._create_customers()

    @classmethod
    def _create_away_company(cls):
        cls.dollar = cls.home.currency_id
        cls.euro = cls.setup_other_currency("EUR", rates=[(str(day), rate) for day, rate in EUROS.items()])
        cls.dollar.rate_ids.unlink()
        cls.env["res.currency.rate"].create(
            {"currency_id": cls.dollar.id, "name": "2020-01-01", "rate": 1.0, "company_id": False}
        )
        cls.euro.rate_ids.company_id = False  # for both companies
        cls.away = cls.setup_other_company(name="Europe", currency_id=cls.euro.id)["company"]
        cls.away.subscription_tz = "UTC"
        cls.env.user.company_ids |= cls.away

    @classmethod
    def _create_customers(cls):
        countries = [cls.env.ref(f"base.{code}").id for code in ("be", "us")] + [False]
        cls.customers = cls.env["res.partner"].create(
            [{"name": f"Customer {number}", "country_id": countries[number % 3]} for number in range(5)]
        )
        # One orders by a contact: the numbers know but the customer.
        cls.contact = cls.env["res.partner"].create({"name": "Contact", "parent_id": cls.customers[0].id})

    def setUp(self):
        super().setUp()
        self._begin(FIRST_DAY)

    def _begin(self, day, seed=0):
        """Begin anew with nothing sold yet, on ``day``."""
        self.rng = random.Random(seed)
        self.log = []
        self.day = day
        self._set_today(day)
        self.orders = self.both["sale.order"]
        self.oracle = Oracle(self._get_rate)

    # === TIME AND MONEY ===#

    def _get_rate(self, company, currency, day):
        """Return what one unit of ``currency`` (its name) is in that of ``company`` (its id) on ``day``."""
        euros = EUROS[max(since for since in EUROS if since <= day)]
        own = "USD" if company == self.home.id else "EUR"
        if own == currency:
            return 1.0
        return euros if own == "EUR" else 1 / euros

    def _get_company_rate(self, company):
        """Return what one unit of the currency of ``company`` (its id) is in dollars today."""
        return self._get_rate(self.home.id, "USD" if company == self.home.id else "EUR", self.day)

    def _let_pass(self, days):
        self.day += timedelta(days=days)
        self._set_today(self.day)

    # === WHAT IS SEEN ===#

    def _see(self):
        """Let the oracle see all lines as they are now."""
        self.env.flush_all()
        self.env.invalidate_all()
        lines = self.orders.sudo().order_line.filtered("subscription_plan_id")
        heirs = lines.filtered(lambda line: line.order_id.subscription_status != "renewed")
        contracts = {self._get_contract(order): order.subscription_status for order in heirs.order_id}
        self.oracle.see(self.day, {self._get_key(line): self._see_line(line) for line in heirs}, contracts)

    def _get_contract(self, order):
        """Return the first order of the chain: a renewal goes on with what it renews."""
        while order.subscription_renews_id:
            order = order.subscription_renews_id
        return order.id

    def _get_key(self, line):
        return self._get_contract(line.order_id), line.product_id.id

    def _see_line(self, line):
        order = line.order_id
        customer = order.partner_id.commercial_partner_id
        return Seen(
            amount=self._get_monthly_price(line),
            currency=order.currency_id.name,
            is_paused=line.subscription_phase == "paused",
            order=order.id,
            company=order.company_id.id,
            partner=customer.id,
            country=customer.country_id.id,
            product=line.product_id.id,
            plan=line.subscription_plan_id.id,
            user=order.user_id.id,
            team=order.team_id.id,
        )

    def _get_monthly_price(self, line):
        """Return what a line brings a month while it runs, after discount, in the currency of its order."""
        if line.order_id.subscription_status != "progress" or line.subscription_phase != "running":
            return 0.0
        price = line.price_unit * line.product_uom_qty * (1 - line.discount / 100)
        return line.currency_id.round(price) / MONTHS[line.subscription_plan_id.name]

    def _get_invoiced(self, first, last):
        """Return (untaxed, the part of it off no recurring line) of what was posted in a period, in dollars."""
        moves = self.both["account.move"].search(
            [("move_type", "in", ("out_invoice", "out_refund")), ("state", "=", "posted")]
        )
        moves = moves.filtered(lambda move: move.company_id in self.companies and first <= move.invoice_date <= last)
        net = one_off = 0.0
        for line in moves.invoice_line_ids:
            amount = -line.balance * self._get_company_rate(line.company_id.id)
            net += amount
            one_off += 0.0 if line.sale_line_ids.subscription_plan_id else amount
        return net, one_off

    # === WHAT HAPPENS ===#

    def _pick(self, options):
        options = list(options)
        if not options:
            raise UserError(NOTHING)
        return self.rng.choice(options)

    def _pick_order(self, *statuses):
        return self._pick(self.orders.filtered(lambda order: order.subscription_status in statuses))

    def _pick_line(self):
        lines = self.orders.order_line.filtered(lambda line: line.subscription_phase == "running")
        return self._pick(lines.filtered(lambda line: line.order_id.subscription_status == "progress"))

    def _schedule(self, order, kind, **values):
        # In sudo mode: the engine's, that is called after rights were checked.
        values = {"order_id": order.id, "kind": kind, "effective_on": self.day, **values}
        return order.env["subscription.change"].sudo()._schedule([values])

    def _do_sell(self, company=None, currency=None, **values):
        company = company or self._pick(self.companies)
        currency = currency or self._pick([self.dollar, self.euro])
        env = self.both(context={**self.both.context, "allowed_company_ids": [company.id, *self.companies.ids]})
        plan = self._pick(self.plans)
        products = self.rng.sample(list(self.products), self.rng.choice([1, 1, 2]))
        order = (
            env["sale.order"]
            .create(
                {
                    "company_id": company.id,
                    "partner_id": self._pick(self.customers | self.contact).id,
                    "pricelist_id": self.pricelists[company, currency].id,
                    "subscription_plan_id": plan.id,
                    "user_id": self._pick([*self.users.ids, False]),
                    "team_id": self._pick([*self.teams.ids, False]),
                    "order_line": [
                        self._line(
                            product,
                            price_unit=self._pick([10.0, 31.0, 7.77]),
                            product_uom_qty=self._pick([1, 2]),
                            tax_ids=[Command.clear()],
                        )
                        for product in products
                    ],
                    **values,
                }
            )
            .with_env(self.both)
        )
        order.action_confirm()
        self.orders |= order

    _do_sell_again = _do_sell

    def _do_change_quantity(self):
        self._pick_line().product_uom_qty = self._pick([1, 2, 3, 5])

    def _do_change_price(self):
        self._pick_line().price_unit = self._pick([5.0, 20.0, 33.33])

    def _do_change_discount(self):
        self._pick_line().discount = self._pick([0, 10, 50])

    def _do_change_plan(self):
        line = self._pick_line()
        plan = self._pick(self.plans - line.subscription_plan_id)
        self._schedule(line.order_id, "plan", line_id=line.id, plan_id=plan.id, price_unit=self._pick([9.0, 31.0]))

    def _do_pause(self):
        self._schedule(self._pick_order("progress"), "pause")

    def _do_resume(self):
        self._schedule(self._pick_order("paused"), "resume")

    def _do_close(self):
        self._schedule(self._pick_order("progress", "paused"), "close", reason_id=self._pick(self.reasons).id)

    _do_close_too = _do_close

    def _do_reopen(self):
        self._pick_order("closed").action_subscription_reopen()

    def _do_renew(self):
        order = self._pick_order("progress")
        renewal = order.browse(order.action_subscription_renew()["res_id"])
        renewal.subscription_start = self.day
        renewal.order_line[:1].price_unit = self._pick([renewal.order_line[:1].price_unit, 12.0])
        renewal.action_confirm()
        self.orders |= renewal

    def _do_hand_over(self):
        order = self._pick_order("progress")
        partner = self._pick(self.customers - order.partner_id.commercial_partner_id)
        order.sudo()._subscription_hand_over(partner, partner, partner)

    def _do_give_to_colleague(self):
        self._pick_order("progress", "paused", "closed").user_id = self._pick([*self.users.ids, False])

    def _do_give_to_team(self):
        self._pick_order("progress", "paused", "closed").team_id = self._pick([*self.teams.ids, False])

    def _do_bill(self):
        self._bill()

    def _do_sell_poster(self):
        self._pick_order("progress").order_line = [self._line(self.poster, tax_ids=[Command.clear()])]

    def _do_credit(self):
        invoices = self.orders.invoice_ids.filtered(
            lambda move: (move.move_type, move.state) == ("out_invoice", "posted") and not move.reversal_move_ids
        )
        invoice = self._pick(invoices)
        Wizard = invoice.env["account.move.reversal"].with_context(active_model="account.move", active_ids=invoice.ids)
        Wizard.create({"journal_id": invoice.journal_id.id}).refund_moves()
        invoice.reversal_move_ids.filtered(lambda move: move.state == "draft").action_post()
