"""What tests of automation rules share: rules of their own, and days that are played."""

from datetime import timedelta

from odoo.fields import Command, Date

from .charging_common import ChargingCommon


class AutomationCommon(ChargingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order_model = cls.env["ir.model"]._get("sale.order")
        cls.customer.email = "ada@example.com"

    @classmethod
    def _create_rule(cls, trigger, actions=None, **values):
        """Create a rule on subscriptions that is on; it leaves an activity if not told otherwise."""
        # In sudo mode: it takes the right to the settings.
        return (
            cls.env["base.automation"]
            .sudo()
            .create(
                {
                    "name": "Rule",
                    "model_id": cls.order_model.id,
                    "trigger": trigger,
                    "action_server_ids": [Command.create(vals) for vals in actions or [cls._activity()]],
                    **values,
                }
            )
        )

    @classmethod
    def _action(cls, state, **values):
        return {
            "name": "Action",
            "model_id": cls.order_model.id,
            "usage": "base_automation",
            "state": state,
            **values,
        }

    @classmethod
    def _activity(cls):
        return cls._action(
            "next_activity",
            activity_type_id=cls.env.ref("mail.mail_activity_data_todo").id,
            activity_summary="Look",
            activity_user_type="generic",
            activity_user_field_name="user_id",
        )

    @classmethod
    def _failing(cls):
        return cls._action("code", code="raise UserError('The fax is out of paper.')")

    @classmethod
    def _switch_on(cls, xmlid, **values):
        """Switch a ready-made rule on."""
        rule = cls.env.ref(f"sale_subscription_plus.{xmlid}")
        rule.write({"active": True, **values})
        return rule

    def _get_fired(self, rule, orders=None, state="done"):
        domain = [("automation_id", "=", rule.id), ("state", "=", state)]
        if orders is not None:
            domain.append(("order_id", "in", orders.ids))
        return self.env["subscription.firing"].search(domain, order="id")

    def _play(self, rule, first, last, answer=None):
        """Play the days from ``first`` to ``last``, both inclusive: bill, charge with ``answer``, look after.

        :return: [(day as a string, order)] of what the rule did, in their order
        """
        seen, result = self._get_fired(rule), []
        day, last = Date.to_date(first), Date.to_date(last)
        while day <= last:
            self._bill(day)
            if answer:
                self._charge(answer)
            self._care()
            new = self._get_fired(rule) - seen
            seen |= new
            result += [(str(day), firing.order_id) for firing in new]
            day += timedelta(days=1)
        return result

    def _change_quantity(self, order, quantity):
        self.env["subscription.change"]._schedule(
            [{"line_id": order.order_line[0].id, "kind": "quantity", "quantity": quantity}]
        )

    def _rate(self, order, rate):
        """Ask the customer, and let them answer."""
        order._subscription_request_rating()
        return order.sudo().rating_apply(rate, rating=order._get_open_rating())
