"""Nothing is delivered, discounted or invoiced twice because an order recurs."""

from datetime import date

import pytest
from dateutil.relativedelta import relativedelta

from odoo.fields import Command

START = date(2024, 1, 15)

pytestmark = pytest.mark.slow


@pytest.fixture
def plan(env):
    return env["subscription.plan"].create({"name": "Monthly", "invoicing_mode": "post"})


def make_product(env, name, price=10.0, **values):
    return env["product.product"].create({"name": name, "list_price": price, "invoice_policy": "order", **values})


def make_order(env, plan, *products, quantity=1):
    return env["sale.order"].create(
        {
            "partner_id": env["res.partner"].create({"name": "Jane"}).id,
            "subscription_plan_id": plan.id,
            "subscription_start": START,
            "order_line": [
                Command.create({"product_id": product.id, "product_uom_qty": quantity}) for product in products
            ],
        }
    )


def bill(order, months=3):
    """Bill ``months`` periods, one a month, as the nightly run does."""
    invoices = order.env["account.move"]
    for number in range(months):
        day = START + relativedelta(months=number)
        order.env["subscription.billing.run"]._turn(order, day)
        invoices += order._subscription_bill(day)
    return invoices


def line_of(order, product):
    return order.order_line.filtered(lambda line: line.product_id == product)


def test_recurring_goods_are_delivered_once_and_invoiced_each_period(env, plan):
    goods = make_product(env, "Magazine", type="consu", is_storable=True, subscription_ok=True)
    order = make_order(env, plan, goods, quantity=5)
    order.action_confirm()
    moves = order.picking_ids.move_ids
    assert moves.mapped("product_uom_qty") == [5]
    moves.quantity = 5
    order.picking_ids.button_validate()
    invoices = bill(order)
    assert len(invoices) == 3
    assert invoices.invoice_line_ids.mapped("quantity") == [5, 5, 5]
    assert order.picking_ids.move_ids == moves, "billing moves no goods"
    assert line_of(order, goods).qty_delivered == 5
    assert line_of(order, goods).qty_to_invoice == 0


def test_one_off_goods_beside_a_subscription_are_delivered_and_invoiced_once(env, plan):
    service = make_product(env, "Access", type="service", subscription_ok=True)
    binder = make_product(env, "Binder", type="consu", is_storable=True, invoice_policy="delivery")
    order = make_order(env, plan, service, binder)
    order.action_confirm()
    first = bill(order, months=1)
    assert first.invoice_line_ids.product_id == service, "what is not delivered is not invoiced"
    order.picking_ids.move_ids.quantity = 1
    order.picking_ids.button_validate()
    day = START + relativedelta(months=1)
    second = order._subscription_bill(day)
    assert second.invoice_line_ids.product_id == service + binder
    third = order._subscription_bill(day + relativedelta(months=1))
    assert third.invoice_line_ids.product_id == service
    assert order.invoice_status == "invoiced"


def test_a_higher_quantity_delivers_only_the_difference(env, plan):
    goods = make_product(env, "Magazine", type="consu", is_storable=True, subscription_ok=True)
    order = make_order(env, plan, goods, quantity=2)
    order.action_confirm()
    bill(order, months=1)
    order.order_line.product_uom_qty = 3
    assert sum(order.picking_ids.move_ids.mapped("product_uom_qty")) == 3
    assert order._subscription_bill(START + relativedelta(months=1)).invoice_line_ids.quantity == 3
    assert sum(order.picking_ids.move_ids.mapped("product_uom_qty")) == 3


def test_cancelling_before_the_first_bill_cancels_the_delivery(env, plan):
    goods = make_product(env, "Magazine", type="consu", is_storable=True, subscription_ok=True)
    order = make_order(env, plan, goods)
    order.action_confirm()
    order._action_cancel()
    assert order.picking_ids.state == "cancel"
    assert order.subscription_status == "cancelled"


def test_a_recurring_service_makes_its_task_once(env, plan):
    project = env["project.project"].create({"name": "Care", "allow_billable": True})
    service = make_product(
        env,
        "Care plan",
        type="service",
        subscription_ok=True,
        service_tracking="task_global_project",
        project_id=project.id,
    )
    order = make_order(env, plan, service)
    order.action_confirm()
    assert len(order.tasks_ids) == 1
    assert len(bill(order)) == 3
    assert len(order.tasks_ids) == 1
    assert order.tasks_ids.sale_line_id == order.order_line


def promotion(env, **values):
    return env["loyalty.program"].create(
        {
            "name": "10% off",
            "program_type": "promotion",
            "trigger": "auto",
            "applies_on": "current",
            "rule_ids": [Command.create({"minimum_amount": 1})],
            "reward_ids": [
                Command.create({"reward_type": "discount", "discount": 10, "discount_applicability": "order"})
            ],
            **values,
        }
    )


def claim_reward(order):
    """Give the order the reward it may have, and return its line."""
    order._update_programs_and_rewards()
    for coupon, rewards in order._get_claimable_rewards().items():
        order._apply_program_reward(rewards[0], coupon)
    return order.order_line.filtered("is_reward_line")


def test_a_promotion_on_the_order_discounts_the_first_invoice_only(env, plan):
    promotion(env)
    service = make_product(env, "Access", 100.0, type="service", subscription_ok=True, taxes_id=[])
    order = make_order(env, plan, service)
    reward = claim_reward(order)
    assert reward.price_unit == -10
    assert not reward.subscription_plan_id
    order.action_confirm()
    assert bill(order).mapped("amount_untaxed") == [90, 100, 100]


def test_a_promotion_with_a_plan_discounts_each_invoice(env, plan):
    promotion(env)
    service = make_product(env, "Access", 100.0, type="service", subscription_ok=True, taxes_id=[])
    order = make_order(env, plan, service)
    claim_reward(order).subscription_plan_id = plan
    order.action_confirm()
    assert bill(order).mapped("amount_untaxed") == [90, 90, 90]
    assert order.subscription_mrr == pytest.approx(90)


def test_loyalty_points_are_given_once(env, plan):
    program = env["loyalty.program"].create(
        {
            "name": "Points",
            "program_type": "loyalty",
            "trigger": "auto",
            "applies_on": "both",
            "rule_ids": [Command.create({"reward_point_mode": "order", "reward_point_amount": 7})],
            "reward_ids": [Command.create({"reward_type": "discount", "discount": 5, "required_points": 1000})],
        }
    )
    service = make_product(env, "Access", 100.0, type="service", subscription_ok=True)
    order = make_order(env, plan, service)
    order._update_programs_and_rewards()
    order.action_confirm()
    card = env["loyalty.card"].search([("program_id", "=", program.id), ("partner_id", "=", order.partner_id.id)])
    assert card.points == 7
    bill(order)
    assert card.points == 7


def test_ordinary_orders_are_left_alone(env):
    goods = make_product(env, "Binder", type="consu", is_storable=True)
    order = env["sale.order"].create(
        {
            "partner_id": env["res.partner"].create({"name": "Jane"}).id,
            "order_line": [Command.create({"product_id": goods.id})],
        }
    )
    order.action_confirm()
    assert not order.subscription_status
    assert order.order_line.qty_to_invoice == 1
    assert order.invoice_status == "to invoice"
    assert order._create_invoices().invoice_line_ids.quantity == 1
