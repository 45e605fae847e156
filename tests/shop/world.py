"""A company that sells to visitors, at home and abroad; and what becomes of their orders."""

from datetime import date, timedelta

from odoo.fields import Command

from commands.shell import environment

from ..self_service.world import World as Subscriptions

HOME_TAX, ABROAD_TAX = 8.0, 19.0
WELCOME = "WELCOME10"
# Prices by plan.
PRINT = {"Yearly": 120.0, "Monthly": 12.0}
DIGITAL = {"Yearly": 96.0, "Monthly": 9.0}
PRINT_IN_EUROS = {"Yearly": 100.0, "Monthly": 10.0}
BOX, BISCUITS = {"Monthly": 20.0, "Yearly": 200.0}, {"Monthly": 5.0, "Yearly": 48.0}
CLUB, SERVICE, BADGE, POSTER, ISSUE, FEE = 30.0, 40.0, 6.0, 9.99, 15.0, 25.0


def prepare(env):
    """Open a shop at home, in dollars and untaxed prices, and one abroad, in euros and with taxes included."""
    env.company.write({"subscription_tz": "UTC", "country_id": env.ref("base.us").id, "email": "shop@example.com"})
    env["res.lang"].search([]).write({"date_format": "%m/%d/%Y"})
    # The documents are not looked at here, and take long; the ways to deliver ask a service on the network.
    env["mail.template"].search([]).report_template_ids = False
    env["delivery.carrier"].search([]).active = False
    _take_money(env)
    taxes = _tax(env)
    plans = _make_plans(env)
    _sell(env, plans, taxes)
    _open(env, plans)
    _give_code(env)
    _let_in(env)


def _take_money(env):
    """Let visitors pay by Odoo's demo provider, which saves methods, or by bank transfer, which does not."""
    providers = env["payment.provider"].search([("company_id", "=", env.company.id)])
    providers.write({"is_published": False})
    demo = providers.filtered(lambda provider: provider.code == "demo")
    demo.write({"state": "test", "is_published": True, "allow_tokenization": True})
    transfer = providers.filtered(
        lambda provider: provider.code == "custom" and provider.custom_mode == "wire_transfer"
    )
    transfer.write({"state": "enabled", "is_published": True})
    transfer.action_recompute_pending_msg()


def _tax(env):
    """Return the tax at home, in place of which another one is due in Germany."""
    germany = env["account.fiscal.position"].create(
        {
            "name": "Germany",
            "auto_apply": True,
            "country_id": env.ref("base.de").id,
            "sequence": 1,
            "company_id": env.company.id,
        }
    )
    # As copies, since they have accounts.
    tax = env.company.account_sale_tax_id.copy({"name": "Sales Tax", "amount": HOME_TAX, "fiscal_position_ids": False})
    instead = {"fiscal_position_ids": [Command.set(germany.ids)], "original_tax_ids": [Command.set(tax.ids)]}
    tax.copy({"name": "MwSt.", "amount": ABROAD_TAX, **instead})
    return tax


def _make_plans(env):
    """Return {name: plan}; the months of one begin on a day on which nobody subscribes here."""
    values = [
        {"name": "Monthly"},
        {"name": "Yearly", "interval_unit": "year", "commitment_months": 12, "notice_days": 30},
        {"name": "Club month", "alignment": "month_day", "alignment_day": get_club_day()},
        {"name": "Paid by hand", "method_required": False},
    ]
    plans = env["subscription.plan"].create(
        [{"invoicing_mode": "post", "customer_changes": "both", **v} for v in values]
    )
    return {plan.name: plan for plan in plans}


def get_club_day(today=None):
    """Return the day of the month on which the months of the club begin: another one than today's, in each month."""
    return ((today or date.today()) + timedelta(12)).day % 28 + 1


def get_club_stub(today=None):
    """Return what the club costs from today until its next month begins."""
    today, day = today or date.today(), get_club_day(today)
    last = today.replace(day=day) if today.day >= day else (today.replace(day=1) - timedelta(1)).replace(day=day)
    coming = (last.replace(day=1) + timedelta(32)).replace(day=day)
    return round(CLUB * (coming - today).days / (coming - last).days, 2), coming


def _sell(env, plans, taxes):
    magazine = _create_product(
        env, taxes, "Magazine", list_price=ISSUE, subscription_ok=True, subscription_buy_once_ok=True
    )
    edition = env["product.attribute"].create(
        {"name": "Edition", "value_ids": [Command.create({"name": name}) for name in ("Print", "Digital")]}
    )
    magazine.attribute_line_ids = [
        Command.create({"attribute_id": edition.id, "value_ids": [Command.set(edition.value_ids.ids)]})
    ]
    for variant, prices in zip(magazine.product_variant_ids, (PRINT, DIGITAL), strict=True):
        _set_prices(env, variant, plans, prices)
    biscuits = _create_product(env, taxes, "Biscuits", subscription_ok=True)
    fee = _create_product(env, taxes, "Coffee machine", list_price=FEE, is_published=False)
    box = _create_product(
        env,
        taxes,
        "Coffee Box",
        subscription_ok=True,
        subscription_setup_product_id=fee.product_variant_id.id,
        optional_product_ids=[Command.set(biscuits.ids)],
    )
    club = _create_product(env, taxes, "Club", subscription_ok=True)
    service = _create_product(env, taxes, "Service", subscription_ok=True)
    badge = _create_product(env, taxes, "Badge", subscription_ok=True, is_published=True)
    _create_product(env, taxes, "Poster", list_price=POSTER)
    _set_prices(env, box.product_variant_id, plans, BOX)
    _set_prices(env, biscuits.product_variant_id, plans, BISCUITS)
    _set_prices(env, club.product_variant_id, plans, {"Club month": CLUB})
    _set_prices(env, service.product_variant_id, plans, {"Paid by hand": SERVICE})
    _set_prices(env, badge.product_variant_id, plans, {"Monthly": BADGE})


def _create_product(env, taxes, name, **values):
    return env["product.template"].create(
        {
            "name": name,
            "type": "service",
            "invoice_policy": "order",
            "list_price": 0.0,
            "is_published": True,
            "taxes_id": [Command.set(taxes.ids)],
            **values,
        }
    )


def _set_prices(env, variant, plans, prices, pricelist=None):
    env["product.pricelist.item"].create(
        [
            {
                "applied_on": "0_product_variant",
                "product_tmpl_id": variant.product_tmpl_id.id,
                "product_id": variant.id,
                "compute_price": "fixed",
                "subscription_plan_id": plans[plan].id,
                "fixed_price": price,
                "pricelist_id": pricelist.id if pricelist else False,
            }
            for plan, price in prices.items()
        ]
    )


def _open(env, plans):
    """Open the two websites: the one abroad is found by its domain."""
    env["product.pricelist"].search([]).active = False
    euro = env.ref("base.EUR")
    euro.active = True
    env["res.currency.rate"].create({"currency_id": euro.id, "name": date(2020, 1, 1), "rate": 0.5})
    home = env.ref("website.default_website")
    home.write({"name": "Home", "account_on_checkout": "optional", "domain": False})
    home.show_line_subtotals_tax_selection = "tax_excluded"
    abroad = env["website"].create(
        {"name": "Abroad", "domain": "http://localhost", "company_id": home.company_id.id, "sequence": 99}
    )
    abroad.write({"account_on_checkout": "optional", "show_line_subtotals_tax_selection": "tax_included"})
    values = {"company_id": home.company_id.id, "selectable": True}
    lists = env["product.pricelist"].create(
        [
            {"name": "Dollars", "currency_id": env.ref("base.USD").id, "website_id": home.id, **values},
            {"name": "Euros", "currency_id": euro.id, "website_id": abroad.id, **values},
        ]
    )
    variant = find(env, "product.template", "Magazine").product_variant_ids[0]
    _set_prices(env, variant, plans, PRINT_IN_EUROS, lists[1])


def _give_code(env):
    """Print a code that takes ten percent off the first invoice."""
    env["loyalty.program"].create(
        {
            "name": WELCOME,
            "program_type": "promo_code",
            "applies_on": "current",
            "trigger": "with_code",
            "rule_ids": [Command.create({"mode": "with_code", "code": WELCOME})],
            "reward_ids": [
                Command.create({"discount": 10, "discount_mode": "percent", "discount_applicability": "order"})
            ],
        }
    )


def _let_in(env):
    """Give Berta, in Germany, a login."""
    env["res.users"].with_context(no_reset_password=True).create(
        {
            "name": "Berta",
            "login": "berta@example.com",
            "email": "berta@example.com",
            "password": "berta@example.com",
            "group_ids": [Command.set(env.ref("base.group_portal").ids)],
        }
    ).partner_id.write(
        {
            "street": "Kaffeeweg 1",
            "zip": "10115",
            "city": "Berlin",
            "phone": "+49 30 123456",
            "country_id": env.ref("base.de").id,
        }
    )


def find(env, model, name):
    """Return the record of a name."""
    return env[model].search([("name", "=", name)])


class World(Subscriptions):
    """One database, and what becomes of the orders in it."""

    def find_orders(self, email):
        """Return the ids of the orders of whom has this address, the first one first."""
        with environment(self.db) as env:
            return env["sale.order"].search([("partner_id.email", "=", email)], order="id").ids

    def get_path(self, product):
        """Return the path of a product's page."""
        with environment(self.db) as env:
            return find(env, "product.template", product).website_url

    def get_choice(self, product, plan=None):
        """Return what a browser sends to put the first variant of a product into the cart; plan "once": no plan."""
        with environment(self.db) as env:
            template = find(env, "product.template", product)
            values = {
                "product_template_id": template.id,
                "product_id": template.product_variant_ids[0].id,
                "quantity": 1,
            }
            if plan:
                values["subscription_plan_id"] = (plan != "once" and find(env, "subscription.plan", plan).id) or 0
            return values

    def read_money(self, order_id):
        """Return the amounts of the payments and of the invoices of an order, its currencies and its taxes."""
        with environment(self.db) as env:
            order = env["sale.order"].browse(order_id)
            moves = order.order_line.invoice_lines.move_id.sorted("id")
            return {
                "paid": [(tx.state, tx.amount) for tx in order.transaction_ids.sorted("id")],
                "billed": [(move.amount_total, move.payment_state) for move in moves],
                "currency": {order.currency_id.name, *moves.currency_id.mapped("name")},
                "taxes": set(order.order_line.tax_ids.mapped("amount")),
            }

    def read_lines(self, order_id):
        """Return {(product, plan): (quantity, price, the day on which it is next billed)}."""
        with environment(self.db) as env:
            lines = env["sale.order"].browse(order_id).order_line
            return {
                (line.product_id.display_name, line.subscription_plan_id.name or "once"): (
                    line.product_uom_qty,
                    line.price_unit,
                    line.subscription_next_start or None,
                )
                for line in lines
            }

    def read_mails(self, email):
        """Return [(subject, body)] of the mails to an address, the first one first."""
        with environment(self.db) as env:
            mails = env["mail.mail"].sudo().search([], order="id")
            mails = mails.filtered(
                lambda mail: email in (mail.email_to or "") or email in mail.recipient_ids.mapped("email")
            )
            return [(mail.subject, mail.body_html) for mail in mails]

    def confirm(self, order_id):
        """Let somebody of the company confirm an order."""
        with environment(self.db) as env:
            env["sale.order"].browse(order_id).action_confirm()
            env.cr.commit()

    def set_saving(self, on):
        """Let the demo provider save methods, or not."""
        with environment(self.db) as env:
            env["payment.provider"].search([("code", "=", "demo")]).allow_tokenization = on
            env.cr.commit()
