"""What tests of customers' requests share: a subscription that its customer looks after."""

from odoo.fields import Command

from odoo.addons.sale_subscription_plus.tests.signup_common import SignupCommon


class RequestCommon(SignupCommon):
    """A magazine and paper by the month, an option to add; January is worth 1.00 a day of the paper."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.paper = cls._create_recurring_product("Paper", {cls.monthly: 31.0, cls.yearly: 365.0})
        cls.archive = cls._create_recurring_product("Archive", {cls.monthly: 6.2, cls.yearly: 60.0})
        cls.other_reason = cls.env.ref("sale_subscription_plus.close_reason_other")
        cls.monthly.write({"customer_changes": "both", "customer_pause": True, "customer_close": True})
        cls.template = cls.env["sale.order.template"].create(
            {
                "name": "Reader",
                "subscription_plan_id": cls.monthly.id,
                "sale_order_template_line_ids": [
                    Command.create({"product_id": cls.archive.id, "subscription_option_access": "both"})
                ],
            }
        )

    @classmethod
    def _create_running(cls, lines=None, **values):
        """Create a subscription that is billed until today, without automatic payment."""
        lines = lines or [cls._line(), cls._line(cls.paper)]
        order = cls._create_subscription(lines=lines, **values).sudo()
        order._subscription_bill_due()
        # Its options, not its lines.
        order.sale_order_template_id = cls.template
        cls.env.flush_all()
        return order

    def _get_line(self, order, product):
        return order.order_line.filtered(lambda line: line.product_id == product and line._is_alive())

    def _ask(self, order, *items, note=""):
        """Ask for ``items`` as the pages do: a quote is shown, and confirmed."""
        quote = order._quote_request(list(items))
        return order._submit_request(list(items), quote["digest"], order.partner_id, note)

    def _pay_request(self, request, state="done", **values):
        """Pay for ``request`` as its page does."""
        values = {"reference": f"request-{request.id}-{len(request.transaction_ids)}", **values}
        transaction = self._create_transaction(
            "redirect",
            amount=request.amount,
            currency_id=request.currency_id.id,
            partner_id=request.order_id.partner_id.id,
            subscription_request_id=request.id,
            **values,
        )
        return self._answer(transaction, state, save=False)

    def _get_invoice_of(self, request):
        return request.move_ids.ensure_one()
