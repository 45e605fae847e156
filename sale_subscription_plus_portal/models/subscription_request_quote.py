import json

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import hmac
from odoo.tools.misc import format_date, formatLang

from odoo.addons.sale_subscription_plus.engine_context import Shared

NOTHING = {"untaxed": 0.0, "tax": 0.0, "total": 0.0}


class QuoteChanged(UserError):
    """What a customer confirmed is not what it would be now."""


class SaleOrder(models.Model):
    """What a customer's wishes would cost and bring, told before they confirm; nothing is written."""

    _inherit = "sale.order"

    def _quote_request(self, items):
        """Return what ``items`` (see :meth:`_read_request`) come to.

        :return: dict of ``effective_on`` (the first day with something new); ``now`` (untaxed, tax and total that is
            to be paid today; below zero: credited); ``steps``, one a day: ``effective_on``, ``adjustment`` (untaxed,
            tax, total) and ``sentences``; ``recurring_before`` and ``recurring_after``, one a plan: ``plan``,
            ``label`` (untaxed) and ``total_label`` (taxes included); ``next_invoice_date`` (False: none);
            ``sentences``; ``digest``, which the customer confirms
        :raise UserError: with a sentence for the customer, where that is not possible
        """
        changes, added = self._read_request(items)
        today = self._get_today()
        raised = [vals for vals in changes.get(today, ()) if vals["kind"] == "quantity"] if added else []
        steps = [self._quote_added(added, raised)] if added else []
        for day, vals_list in changes.items():
            rest = [vals for vals in vals_list if vals not in raised]
            steps += [self._quote_changes(day, rest)] if rest else []
        figures = {
            "effective_on": min(step["effective_on"] for step in steps),
            "now": self._sum_steps(step for step in steps if step["effective_on"] == today),
            "steps": steps,
            "recurring_before": self._label_recurring([], []),
            "recurring_after": self._label_recurring([vals for day in changes.values() for vals in day], added),
            "next_invoice_date": steps[-1]["next_invoice_date"],
            "sentences": [sentence for step in steps for sentence in step["sentences"]],
        }
        return {**figures, "digest": self._get_quote_digest(items, figures)}

    def _get_quote_digest(self, items, figures):
        """Return what stands for the items and all their figures: only we can make it, for this subscription."""
        # What is confirmed once does not count for the same wish of a later time.
        last = self.subscription_request_ids[:1].id
        message = json.dumps([self.id, last, items, figures], default=str, sort_keys=True)
        return hmac(self.env(su=True), "subscription-request", message)

    def _sum_steps(self, steps):
        total = dict(NOTHING)
        for step in steps:
            for name in total:
                total[name] = self.currency_id.round(total[name] + step["adjustment"][name])
        return total

    # === CHANGES ===#

    def _quote_changes(self, day, vals_list):
        Change = self.env["subscription.change"].with_context(subscription_request=Shared())
        preview = Change._preview(vals_list)
        return {
            "effective_on": day,
            "adjustment": {name: self.currency_id.round(preview["adjustment"][name]) for name in NOTHING},
            "next_invoice_date": preview["next_invoice_date_after"],
            "sentences": preview["sentences"][: preview["count"]],
        }

    # === WHAT IS ADDED ===#

    def _quote_added(self, added, raised):
        """Return the step of today that adds options, and raises quantities together with them."""
        upsell = self.env["sale.order"].new(self._prepare_request_upsell(added, raised))
        for line in upsell.order_line.filtered(lambda line: line.product_id.subscription_setup_product_id):
            if not line.subscription_setup_done:
                upsell.order_line += self.env["sale.order.line"].new(
                    {**line._prepare_setup_fee(), "order_id": upsell, "subscription_setup_line_id": False}
                )
        self._check_raises(raised)
        totals = upsell._get_base_line_totals(upsell._get_first_base_lines())
        return {
            "effective_on": self._get_today(),
            "adjustment": {name: self.currency_id.round(totals[name]) for name in NOTHING},
            "next_invoice_date": self.subscription_next_invoice_date,
            "sentences": [
                *(self._describe_changes(raised)),
                *(line._describe_added() for line in upsell.order_line._filter_added()),
            ],
        }

    def _check_raises(self, raised):
        """Raise where staff has planned another quantity, which would undo what the customer asks for."""
        lines = [vals["line_id"] for vals in raised]
        planned = self._get_planned_changes().filtered(
            lambda change: change.kind == "quantity" and change.line_id.id in lines and not change.request_id
        )
        for change in planned:
            raise UserError(
                self.env._(
                    "%(product)s changes on %(date)s already. Please write to us, and we will do both.",
                    product=change._get_product_name(),
                    date=format_date(self.env, change.effective_on),
                )
            )

    def _describe_changes(self, vals_list):
        Change = self.env["subscription.change"]
        return [Change.new({**vals, "state": "draft"})._get_sentence() for vals in vals_list]

    def _prepare_request_upsell(self, added, raised):
        """Return the values of the upsell by which options and raised quantities come to this subscription.

        :param list added: (Option, quantity)
        :param list raised: values of ``subscription.change``, quantities only
        """
        lines = [self._prepare_request_line(option, quantity) for option, quantity in added]
        for vals in raised:
            line = self.env["sale.order.line"].browse(vals["line_id"])
            lines.append({**line._prepare_raise(), "product_uom_qty": vals["quantity"] - line.product_uom_qty})
        return {
            **self._prepare_upsell_header(),
            # Asked for and paid in the portal: nothing else confirms it.
            "require_signature": False,
            "require_payment": False,
            "order_line": [Command.create(vals) for vals in lines],
        }

    def _prepare_request_line(self, option, quantity):
        values = {
            "product_id": option.product.id,
            "product_uom_qty": quantity,
            "subscription_plan_id": option.plan.id,
            "subscription_option_access": option.line.subscription_option_access,
        }
        if option.line._name == "sale.order.line":
            # It stands on the contract, so its price was agreed.
            values |= {"price_unit": option.price_unit, "discount": option.line.discount, "name": option.line.name}
        return values

    # === EACH PERIOD ===#

    def _label_recurring(self, vals_list, added):
        """Return what each period costs once ``vals_list`` and ``added`` are done, plan by plan."""
        changes = self.env["subscription.change"]
        for vals in changes._complete_vals_list(vals_list):
            changes += changes.new(vals)
        base_lines = {}
        for line, terms in self._get_terms_with(changes).items():
            base_line = line._prepare_base_line_for_taxes_computation(
                price_unit=terms.price_unit, quantity=terms.quantity, discount=terms.discount
            )
            base_lines.setdefault(terms.plan_id, []).append(base_line)
        for option, quantity in added:
            line = self._prepare_option_line(option.product, option.plan, quantity)
            price = {"price_unit": option.price_unit} if option.line._name == "sale.order.line" else {}
            base_line = line._prepare_base_line_for_taxes_computation(**price)
            base_lines.setdefault(option.plan.id, []).append(base_line)
        return [self._label_plan(plan_id, lines) for plan_id, lines in base_lines.items()]

    def _get_terms_with(self, changes):
        if changes:
            return changes._get_terms_by_line()
        alive = self.order_line.filtered(lambda line: line._is_alive() and line.subscription_phase != "paused")
        return {line: line._get_agreed() for line in alive}

    def _label_plan(self, plan_id, base_lines):
        plan = self.env["subscription.plan"].browse(plan_id)
        totals = self._get_base_line_totals(base_lines)
        period = plan._get_period_label()

        def label(amount):
            return f"{formatLang(self.env, amount, currency_obj=self.currency_id)} / {period}"

        return {"plan": plan.name, "label": label(totals["untaxed"]), "total_label": label(totals["total"])}
