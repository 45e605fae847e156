"""Beside Odoo's other sales apps, invoices from complete journal items equal those that Odoo makes itself."""

import pytest

from odoo.fields import Command

from odoo.addons.sale_subscription_plus.models.account_move_complete import BYPASSED
from odoo.addons.sale_subscription_plus.proven_addons import is_untouched
from odoo.addons.sale_subscription_plus.tests.stored_fields import Footprint, Reader, undone

from .test_beside_other_sales_apps import START, make_order, make_product

pytestmark = pytest.mark.slow


@pytest.fixture
def plan(env):
    return env["subscription.plan"].create({"name": "Monthly", "invoicing_mode": "post"})


def make_goods_order(env, plan):
    goods = make_product(env, "Magazine", type="consu", is_storable=True, subscription_ok=True)
    parcel = make_product(env, "Parcel", 5.0, type="consu", is_storable=True)
    order = make_order(env, plan, goods, parcel, quantity=3)
    order.action_confirm()
    return order


def make_booked_at_cost_order(env, plan):
    """Goods whose cost is booked with the invoice."""
    category = env["product.category"].create({"name": "At cost", "property_valuation": "real_time"})
    goods = make_product(
        env, "Wine", type="consu", is_storable=True, subscription_ok=True, standard_price=4.0, categ_id=category.id
    )
    order = make_order(env, plan, goods)
    order.action_confirm()
    order.picking_ids.move_ids.quantity = 1
    order.picking_ids.button_validate()
    return order


def make_project_order(env, plan):
    care = make_product(env, "Care", type="service", service_tracking="task_in_project", subscription_ok=True)
    order = make_order(env, plan, care)
    order.action_confirm()
    return order


def make_discounted_order(env, plan):
    order = make_order(env, plan, make_product(env, "App", 20.0, type="service", subscription_ok=True))
    product = make_product(env, "10% off", type="service")
    order.order_line = [
        Command.create({"product_id": product.id, "price_unit": -2.0, "subscription_plan_id": plan.id}),
        Command.create({"display_type": "line_section", "name": "Terms"}),
        Command.create({"display_type": "line_note", "name": "Thank you"}),
    ]
    order.action_confirm()
    return order


MAKERS = [make_goods_order, make_booked_at_cost_order, make_project_order, make_discounted_order]


def bill(env, order):
    """Bill the first period; return all that it leaves, and how many invoices were made by Odoo's own way."""
    with undone(env):
        footprint = Footprint(env)
        result = env["subscription.billing.run"]._bill(order, START)
        footprint.order(order.order_line.invoice_lines.move_id.sorted("id"))
        footprint.take("billed")
        return footprint, result.odoo_way


@pytest.mark.parametrize("make", MAKERS)
def test_both_ways_leave_the_same(env, plan, monkeypatch, make):
    order = make(env, plan)
    env["subscription.billing.run"]._turn(order, START)
    actual, odoo_way = bill(env, order)
    assert odoo_way == 0
    monkeypatch.setattr(type(env["account.move"]), "_subscription_is_proven", lambda self: False, raising=False)
    expected, odoo_way = bill(env, order)
    assert odoo_way == 1
    assert not "\n".join(Reader(env).compare(expected, actual))


def test_what_these_apps_change_was_proven(env):
    assert all(is_untouched(env[model], *names) for model, names in BYPASSED.items())
