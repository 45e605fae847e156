"""Very many subscriptions that are due, quickly: some are made by the add-on, their rows are copied."""

from dataclasses import replace

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import SQL

from .agreements import START, make_agreements
from .big.multiply import Multiplier
from .common import analyze, tell
from .contenders import Ours

MOULDS = 100
TABLES = ("res_partner", "sale_order", "sale_order_line", "subscription_event")


def make_many(db, count, late=0.0):
    """Make ``count`` subscriptions of which nothing is billed yet; the share ``late`` starts a day after START.

    :return: how many there are: a multiple of the moulds
    """
    moulds = min(MOULDS, count)
    copies = count // moulds - 1
    with Registry(db).cursor() as cr:
        tell(f"making {count} subscriptions")
        env = api.Environment(cr, SUPERUSER_ID, {})
        multiplier = Multiplier(cr, TABLES)
        agreements = make_agreements(env, moulds)
        first_late = round(moulds * (1 - late))
        tomorrow = START.replace(day=START.day + 1)
        agreements[first_late:] = [replace(agreement, start=tomorrow) for agreement in agreements[first_late:]]
        Ours(cr, agreements).make()
        # Prices differ from copy to copy, as those of customers do; billing goes by the price alone.
        multiplier.multiply(copies, {("sale_order_line", "price_unit"): SQL("t.price_unit + n / 100.0")})
    analyze(db)
    return moulds * (copies + 1)
