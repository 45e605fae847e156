"""The two companies of Trendhouse: their books, plans, products, prices and people."""

from types import SimpleNamespace

from odoo.fields import Command

PASSWORDLESS = {"no_reset_password": True, "mail_create_nosubscribe": True, "tracking_disable": True}
# Untaxed prices by plan: dollars at home, euros in Europe.
PRICES = {
    "magazine": {"home": (12, 32, 120), "europe": (11, 29, 108)},
    "copy": {"home": (6, 16, 60), "europe": (5.5, 14.5, 54)},
}
ARCHIVE = {"home": 3, "europe": 2.75}
USERS = [
    # login, name, group, works for
    ("sales", "Maya Sales", "sales_team.group_sale_salesman_all_leads", ("home", "europe")),
    ("tom", "Tom Field", "sales_team.group_sale_salesman", ("home",)),
    ("ilse", "Ilse Kramer", "sales_team.group_sale_salesman", ("europe",)),
    ("accounts", "Arthur Accounts", "account.group_account_manager", ("home", "europe")),
    ("support", "Sami Support", "sale_subscription_plus.group_subscription_support", ("home", "europe")),
]
# Who of them sells nothing.
OTHERS = {"accounts", "support"}


def make(env, rates):
    """Make everything there is to sell, and who sells it.

    :param rates: [(day, euros a dollar)]
    :return: namespace of ``home`` and ``europe`` (see :func:`make_house`), ``products``, ``plans``
    """
    env["res.config.settings"].create(
        {"group_product_pricelist": True, "group_sale_order_template": True, "group_discount_per_so_line": True}
    ).execute()
    make_rates(env, rates)
    companies = {"home": settle_home(env), "europe": make_europe(env)}
    env.ref("base.user_admin").write({"company_ids": [Command.set([c.id for c in companies.values()])]})
    plans = make_plans(env)
    products = make_products(env, plans, companies)
    users = make_users(env, companies)
    make_policies(env, companies)
    provider = enable_provider(env, companies["home"])
    houses = {key: make_house(env, key, company, plans, products, users) for key, company in companies.items()}
    return SimpleNamespace(**houses, plans=plans, products=products, provider=provider)


# === COMPANIES ===


def make_rates(env, rates):
    """Switch the euro on, with its rates for all companies."""
    euro = env.ref("base.EUR")
    euro.active = True
    env["res.currency.rate"].create(
        [{"currency_id": euro.id, "name": day, "rate": rate, "company_id": False} for day, rate in rates]
    )


def settle_home(env):
    """Make the first company of the database Trendhouse Inc."""
    company = env.ref("base.main_company")
    company.write(
        {
            "name": "Trendhouse Inc.",
            "street": "41 Press Row",
            "city": "Portland",
            "zip": "97204",
            "country_id": env.ref("base.us").id,
            "email": "hello@trendhouse.example",
            "subscription_tz": "America/New_York",
        }
    )
    set_tax(company, "Sales Tax 8%", 8)
    return company


def make_europe(env):
    """Make the second company, with a chart of accounts of its own."""
    # The key keeps Odoo from installing the country's localisation in the middle of this.
    company = (
        env["res.company"]
        .with_context(chart_template_load=True)
        .create(
            {
                "name": "Trendhouse Europe B.V.",
                "street": "Drukkersgracht 8",
                "city": "Amsterdam",
                "zip": "1016 AA",
                "country_id": env.ref("base.nl").id,
                "currency_id": env.ref("base.EUR").id,
                "subscription_tz": "Europe/Amsterdam",
            }
        )
    )
    company = company.with_env(env)
    if "stock.warehouse" in env:
        # Odoo makes one for the first company only.
        env["stock.warehouse"].create({"company_id": company.id})
    env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
    company.currency_id = env.ref("base.EUR")
    env["product.pricelist"].search([("company_id", "=", company.id)]).currency_id = company.currency_id
    # Not while the company is created, or Odoo asks a service on the network who that is.
    company.email = "hallo@trendhouse.example"
    set_tax(company, "VAT 21%", 21)
    domestic = env["account.fiscal.position"].search([("company_id", "=", company.id), ("country_id", "!=", False)])
    domestic.write({"country_id": False, "country_group_id": env.ref("base.europe").id})
    return company


def set_tax(company, name, amount):
    """Give the company's sales tax its name and rate; the chart's fiscal positions let exports go without."""
    tax = company.account_sale_tax_id
    tax.write({"name": name, "amount": amount, "description": name, "invoice_label": name})
    tax.tax_group_id.name = name


def make_users(env, companies):
    """Return {login: user}; the password is the login."""
    users = {}
    for login, name, group, works_for in USERS:
        own = [companies[key].id for key in works_for]
        users[login] = (
            env["res.users"]
            .with_context(**PASSWORDLESS)
            .create(
                {
                    "login": login,
                    "password": login,
                    "name": name,
                    "email": f"{login}@trendhouse.example",
                    "tz": "America/New_York" if "home" in works_for else "Europe/Amsterdam",
                    "company_id": own[0],
                    "company_ids": [Command.set(own)],
                    "group_ids": [Command.set([env.ref("base.group_user").id, env.ref(group).id])],
                }
            )
        )
    return users


# === MONEY ===


def make_policies(env, companies):
    """Let Europe, where most pay by transfer, wait longer, and pause instead of close; home has the usual policy."""
    usual = env.ref("sale_subscription_plus.dunning_policy_default")
    patient = usual.copy(
        {
            "name": "Patient, for bank transfers",
            "reminder_days": "5, 20, 40",
            "overdue_final_days": 60,
            "grace_days": 30,
            "final_action": "pause",
        }
    )
    companies["home"].subscription_dunning_policy_id = usual
    companies["europe"].subscription_dunning_policy_id = patient


def enable_provider(env, company):
    """Let ``company`` take (play) money from saved cards; return the provider."""
    provider = env["payment.provider"].search([("code", "=", "demo"), ("company_id", "=", company.id)])
    provider.write({"state": "test", "is_published": True, "allow_tokenization": True})
    return provider


# === WHAT IS SOLD ===


def make_plans(env):
    """Return {name: plan}, each with a commitment of a year."""
    terms = {"commitment_months": 12, "notice_days": 30, "invoicing_mode": "post"}
    values = {
        "month": {"name": "Monthly", "interval_count": 1, "interval_unit": "month"},
        "quarter": {"name": "Quarterly", "interval_count": 3, "interval_unit": "month"},
        "year": {"name": "Yearly", "interval_count": 1, "interval_unit": "year"},
    }
    return {key: env["subscription.plan"].create({**vals, **terms}) for key, vals in values.items()}


def make_products(env, plans, companies):
    """Return {key: product}: two recurring on any plan, one always monthly, three sold once."""
    taxes = [Command.set([company.account_sale_tax_id.id for company in companies.values()])]
    common = {"type": "service", "invoice_policy": "order", "taxes_id": taxes, "purchase_ok": False}
    values = {
        "setup": {"name": "Set-up Fee", "list_price": 4.9},
        "binder": {"name": "Collector's Binder", "type": "consu", "list_price": 18},
        "special": {"name": "Special Issue: Design Year", "type": "consu", "list_price": 15},
        "magazine": {"name": "Trendhouse Weekly", "list_price": 3.5, "subscription_ok": True},
        "copy": {"name": "Second Copy", "list_price": 3.5, "subscription_ok": True},
        "archive": {"name": "Digital Archive", "list_price": 3, "subscription_ok": True},
    }
    products = {key: env["product.product"].create({**common, **vals}) for key, vals in values.items()}
    products["magazine"].subscription_setup_product_id = products["setup"]
    for company in companies.values():
        products["archive"].with_company(company).subscription_plan_id = plans["month"]
    # At home's price for every pricelist that does not say otherwise.
    for key, prices in PRICES.items():
        set_prices(env, products[key], dict(zip(plans.values(), prices["home"], strict=True)))
    set_prices(env, products["archive"], {plans["month"]: ARCHIVE["home"]})
    return products


def set_prices(env, product, prices, pricelist=None):
    """Give ``product`` a fixed price for each plan, on one pricelist or on all."""
    env["product.pricelist.item"].create(
        [
            {
                "product_tmpl_id": product.product_tmpl_id.id,
                "applied_on": "1_product",
                "compute_price": "fixed",
                "subscription_plan_id": plan.id,
                "fixed_price": price,
                "pricelist_id": pricelist.id if pricelist else False,
            }
            for plan, price in prices.items()
        ]
    )


# === A HOUSE: WHAT A COMPANY SELLS WITH ===


def make_house(env, key, company, plans, products, users):
    """Return a namespace: company, env, pricelist, templates by plan, sellers, journals bank and agencies."""
    env = env(context={**env.context, "allowed_company_ids": company.ids})
    pricelist = env["product.pricelist"].search([("company_id", "=", company.id)], limit=1)
    if key == "europe":
        for name, prices in PRICES.items():
            set_prices(env, products[name], dict(zip(plans.values(), prices[key], strict=True)), pricelist)
        set_prices(env, products["archive"], {plans["month"]: ARCHIVE[key]}, pricelist)
    return SimpleNamespace(
        company=company,
        env=env,
        pricelist=pricelist,
        templates={name: make_template(env, company, plan, products) for name, plan in plans.items()},
        bank=env["account.journal"].search([("company_id", "=", company.id), ("type", "=", "bank")], limit=1),
        sellers=[user for user in users.values() if company in user.company_ids and user.login not in OTHERS],
        agencies=env["account.journal"].create(
            {"name": "Agency Sales", "code": "AGY", "type": "sale", "company_id": company.id}
        ),
    )


def make_template(env, company, plan, products):
    """Make the quotation template of a plan, with optional extras: they have no quantity until they are chosen."""
    lines = [
        {"product_id": products["magazine"].id, "product_uom_qty": 1},
        {"display_type": "line_section", "name": "Optional extras", "is_optional": True, "product_uom_qty": 0},
        {"product_id": products["archive"].id, "product_uom_qty": 0},
        {"product_id": products["copy"].id, "product_uom_qty": 0},
        {"product_id": products["binder"].id, "product_uom_qty": 0},
    ]
    return env["sale.order.template"].create(
        {
            "name": f"Trendhouse Weekly, {plan.name.lower()}",
            "company_id": company.id,
            "subscription_plan_id": plan.id,
            "sale_order_template_line_ids": [
                Command.create({**line, "sequence": number}) for number, line in enumerate(lines)
            ],
        }
    )
