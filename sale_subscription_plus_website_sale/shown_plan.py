"""The plan that a product is shown on: told in its context, where Odoo's shop passes no plan through."""

from odoo.models import BaseModel


def show_on_plan(product, plan):
    """Return ``product`` (or product template) as it is priced on ``plan``, or bought once where there is none."""
    return product.with_context(shown_subscription_plan=plan)


def get_shown_plan(product):
    """Return the plan of :func:`show_on_plan`; None where nothing is said.

    A browser may send a context with its request: ids in there say nothing, and a record cannot come from there.
    """
    plan = product.env.context.get("shown_subscription_plan")
    return plan if isinstance(plan, BaseModel) else None
