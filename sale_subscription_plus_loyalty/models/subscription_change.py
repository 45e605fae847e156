from collections import defaultdict

from odoo import api, models

# With these changes, a line leaves what is billed with its discount.
LEAVING_KINDS = ("plan", "close", "pause", "resume")
# Changes of what a line costs, and which value each of them changes.
VALUES = {"quantity": "quantity", "price": "price_unit", "discount": "discount"}


class SubscriptionChange(models.Model):
    """What is taken off a line goes with it: to its other plan, or away."""

    _inherit = "subscription.change"

    def _withdraw(self):
        """Extend: discounts that were to change with these lines, do not."""
        followers = self.order_id.subscription_change_ids.filtered(
            lambda change: change.state == "planned" and change.line_id.reward_id
        )
        days = {(change.order_id, change.effective_on) for change in self}
        followers = followers.filtered(lambda change: (change.order_id, change.effective_on) in days)
        return super(SubscriptionChange, self | followers)._withdraw()

    @api.model
    def _complete_vals_list(self, vals_list):
        """Extend: discounts change together with what they are taken off."""
        vals_list = super()._complete_vals_list(vals_list)
        by_line = {vals["line_id"]: vals for vals in vals_list if vals.get("line_id")}
        # In sudo mode: the caller has checked the rights.
        lines = self.env["sale.order.line"].sudo().browse(by_line).filtered(lambda line: not line.reward_id)
        more, shares = [], defaultdict(float)
        for discount in lines.order_id.order_line._filter_running_discounts():
            if discount.id not in by_line:
                more += self._get_discount_changes(discount, by_line, shares)
        more += [self._prepare_discount_of_line(line, share, by_line[line.id]) for line, share in shares.items()]
        return vals_list + more

    @api.model
    def _get_discount_changes(self, discount, by_line, shares):
        """Return the values of what becomes of ``discount`` itself.

        :param dict by_line: {id of a line: values of its change}
        :param dict shares: {line: share of its price that it takes along to another plan}; added to
        """
        lines = discount._get_discounted_lines()
        whole = {line: line._get_whole(line._get_agreed()) for line in lines}
        leaving = lines.filtered(lambda line: by_line.get(line.id, {}).get("kind") in LEAVING_KINDS)
        staying = lines - leaving
        if not leaving:
            return self._get_discount_limit(discount, by_line, whole)
        first = by_line[leaving[0].id]
        if not staying:
            return [self._prepare_discount_move(discount, leaving, by_line, whole)]
        if first["kind"] in ("pause", "resume"):
            return []
        total = sum(whole.values()) or 1.0
        for line in leaving.filtered(lambda line: by_line[line.id]["kind"] == "plan"):
            shares[line] -= discount._get_whole(discount._get_agreed()) / total
        return [self._prepare_discount_price(discount, first, sum(whole[line] for line in staying) / total)]

    @api.model
    def _prepare_discount_move(self, discount, leaving, by_line, whole):
        """Return the values with which ``discount`` does what all lines do that it is taken off."""
        moved = leaving.filtered(lambda line: by_line[line.id]["kind"] == "plan")
        vals = dict(by_line[(moved or leaving)[0].id], line_id=discount.id)
        if moved:
            new = sum(
                line._get_whole(line._get_agreed()._replace(price_unit=by_line[line.id]["price_unit"]))
                for line in moved
            )
            share = new / (sum(whole.values()) or 1.0)
            vals["price_unit"] = discount.currency_id.round(discount.price_unit * share)
        return vals

    @api.model
    def _prepare_discount_price(self, discount, vals, share):
        """Return the values with which ``share`` of ``discount`` is left, from the day of ``vals`` on."""
        return {
            "order_id": discount.order_id.id,
            "line_id": discount.id,
            "kind": "price",
            "effective_on": vals["effective_on"],
            "price_unit": discount.currency_id.round(discount.price_unit * share),
        }

    @api.model
    def _prepare_discount_of_line(self, line, share, vals):
        """Return the values with which ``line`` takes its ``share`` of discounts along to its other plan."""
        return {
            "order_id": line.order_id.id,
            "line_id": line.id,
            "kind": "discount",
            "effective_on": vals["effective_on"],
            "discount": round(100 - (100 - line.discount) * (1 - share), 2),
        }

    @api.model
    def _get_discount_limit(self, discount, by_line, whole):
        """Return the values that keep ``discount``, with others of its kind, from being more than what is left."""
        changed = [line for line in whole if by_line.get(line.id, {}).get("kind") in VALUES]
        if not changed:
            return []
        left = sum(self._get_whole_after(line, by_line[line.id]) if line in changed else whole[line] for line in whole)
        others = discount.order_id.order_line._filter_running_discounts().filtered(
            lambda line: line._get_discounted_lines() == discount._get_discounted_lines()
        )
        taken = -sum(line._get_whole(line._get_agreed()) for line in others)
        if taken <= max(left, 0.0):
            return []
        return [self._prepare_discount_price(discount, by_line[changed[0].id], max(left, 0.0) / taken)]

    @api.model
    def _get_whole_after(self, line, vals):
        name = VALUES[vals["kind"]]
        return line._get_whole(line._get_agreed()._replace(**{name: vals.get(name) or 0.0}))
