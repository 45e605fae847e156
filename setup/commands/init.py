"""New databases: with our add-ons for people, with Odoo's only as the prepared one that others start from."""

import click

from odoo.modules import Manifest
from odoo.modules.registry import Registry

from . import addons, databases
from .shell import environment, plain_command

PREPARED = {
    addons.STANDING: "subplus_deps",
    addons.GLUE: "subplus_deps_glue",
    addons.SHOP: "subplus_deps_shop",
}


@plain_command("init")
@click.option("--test", is_flag=True, help="Mark it as a test database, whose clock may be moved.")
@click.option("--country", metavar="CODE", help="Country of the company, and so its chart of accounts.")
@click.option("--with", "extra", default="", metavar="MODULE,…", help="Other modules to install.")
@click.option("--glue", is_flag=True, help="Also install all the glue add-ons and what they need, the shop, too.")
def command(db, test, country, extra, glue):
    """Make a new database with our add-ons and a chart of accounts, without demo data."""
    databases.refuse_existing(db)
    extent = addons.SHOP if glue else addons.STANDING
    modules = [*addons.ours(extent), *filter(None, extra.split(","))]
    _refuse_unknown(modules)
    making = f"{db}-making"  # a half-made database never bears the name
    databases.drop(making)
    try:
        result = _make(making, modules, extent, country, test)
        databases.rename(making, db)
    except BaseException:
        databases.drop(making)
        raise
    return {"database": db, **result}, True


def _make(db, modules, extent, country, test):
    _start(db, extent, country)
    install(db, modules)
    with environment(db) as env:
        load_chart(env)
        env["ir.config_parameter"].init(force=True)  # a copy needs a uuid of its own
        if test:
            env["ir.config_parameter"].set_param(databases.MARK, "1")
        return _describe(env)


def _start(db, extent, country):
    """The quick way copies the prepared database; a country's chart can't be loaded over another."""
    if not country:
        databases.copy(prepare(extent), db)
        return
    databases.create(db)
    install(db, [])
    with environment(db) as env:
        set_country(env, country)
    install(db, addons.needed(extent))


def set_country(env, code):
    """Put the company into a country, before accounting is installed."""
    country = env["res.country"].search([("code", "=", code.upper())])
    if not country:
        raise click.BadParameter(f"Odoo knows no country with the code {code}.", param_hint="--country")
    env.company.write({"country_id": country.id, "currency_id": country.currency_id.id})


def load_chart(env):
    """Load the generic chart of accounts, unless the company has one."""
    if not env.company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", env.company, install_demo=False)


def install(db, modules):
    """Install modules, and with none of them Odoo's base."""
    Registry.new(db, update_module=True, install_modules=modules, new_db_demo=False)


def _refuse_unknown(modules):
    unknown = [name for name in modules if not Manifest.for_addon(name, display_warning=False)]
    if unknown:
        raise click.BadParameter(f"There is no module named {', '.join(unknown)}.", param_hint="--with")


def prepare(extent=addons.STANDING):
    """Make the prepared database, if it isn't there or no longer fits; return its name."""
    db, fingerprint = PREPARED[extent], addons.fingerprint_of_needed(extent)
    with databases.lock(db):
        if databases.note(db) != fingerprint:
            databases.drop(db)
            databases.create(db)
            install(db, addons.needed(extent))
            with environment(db) as env:
                load_chart(env)
            databases.pin_note(db, fingerprint)
    return db


def _describe(env):
    modules = env["ir.module.module"].search([("state", "=", "installed")])
    return {
        "add_ons": sorted(set(modules.mapped("name")) & set(addons.ours(addons.SHOP))),
        "modules": len(modules),
        "company_currency": env.company.currency_id.name,
        "chart_of_accounts": env.company.chart_template,
    }
