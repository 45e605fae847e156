from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .test_rights import RightsCommon


@tagged("-at_install", "post_install")
class TestUpsellRights(RightsCommon):
    """Who may upsell: whoever may change the subscription. What an upsell adds to is written by nobody."""

    def _upsell(self, person, order=None):
        action = self._call(person, order or self.order, "action_subscription_upsell")
        return self.env["sale.order"].browse(action["res_id"])

    def test_a_plain_salesman_upsells_own_subscriptions(self):
        upsell = self._upsell("salesman")
        self.assertEqual((upsell.user_id, upsell.create_uid), (self.salesman, self.salesman))
        lines = [Command.update(upsell.order_line.id, {"product_uom_qty": 2})]
        self._call("salesman", upsell, "write", {"order_line": lines})
        self._call("salesman", upsell, "action_confirm")
        self.assertEqual(upsell.subscription_status, "merged")
        self.assertEqual(self.line.product_uom_qty, 3.0)

    def test_managers_upsell_all(self):
        self.assertEqual(self._upsell("sales_manager").user_id, self.salesman)

    def test_others_do_not(self):
        for person in ("other_salesman", "accountant", "auditor", "admin", "nobody", "portal", "public"):
            self.assertBlocked(person, self.order, "action_subscription_upsell")

    def test_nobody_confirms_the_upsell_of_another_salesman(self):
        upsell = self._upsell("salesman")
        upsell.order_line.product_uom_qty = 1
        # Sales lets accountants write orders.
        for person in ("other_salesman", "auditor", "nobody", "portal", "public"):
            self.assertBlocked(person, upsell, "action_confirm")

    def test_a_duplicate_is_made_by_whoever_may_read_it_and_is_theirs(self):
        upsell = self._upsell("salesman")
        twin = self.env["sale.order"].browse(self._call("salesman", upsell, "copy"))
        self.assertEqual(twin.subscription_origin_id, self.order)
        self.assertBlocked("other_salesman", upsell, "copy")

    def test_no_quotation_becomes_an_upsell_of_anothers_subscription(self):
        quotation = self._create_quotation(user_id=self.salesman.id)
        for values in (
            {"subscription_origin_id": self.foreign.id},
            {"subscription_status": "upsell"},
            {"order_line": [Command.update(quotation.order_line.id, {"subscription_raised_line_id": self.line.id})]},
        ):
            self.assertBlocked("salesman", quotation, "write", values)
        self.assertBlocked("salesman", self.order, "write", {"subscription_upsell_ids": [Command.link(quotation.id)]})

    def test_no_context_of_a_caller_changes_what_is_merged(self):
        context = {
            "default_product_uom_qty": 50,
            "default_subscription_origin_id": self.foreign.id,
            "default_discount": 100,
            "default_price_unit": 0,
            "default_state": "sale",
            "default_move_type": "out_refund",
            "tracking_disable": True,
        }
        action = self._call("salesman", self.order, "action_subscription_upsell", context=context)
        upsell = self.env["sale.order"].browse(action["res_id"])
        self.assertEqual((upsell.state, upsell.subscription_origin_id), ("draft", self.order))
        self.assertEqual(upsell.order_line.mapped("product_uom_qty"), [0.0])
        upsell.order_line = [self._line(subscription_plan_id=self.yearly.id), self._line(self.poster)]
        self._call("salesman", upsell, "action_confirm", context=context)
        invoice = self._get_invoices(self.order)[-1]
        self.assertEqual((invoice.move_type, invoice.amount_total), ("out_invoice", 129.0))
        self.assertEqual(self.order.order_line.mapped("product_uom_qty"), [1.0, 1.0])

    def test_another_companys_subscription_is_out_of_reach(self):
        other = (
            self.company_data_2["company"] if hasattr(self, "company_data_2") else self._create_company(name="Other")
        )
        stranger = self._create_user(
            "stranger", "sales_team.group_sale_manager", company_id=other.id, company_ids=[Command.set(other.ids)]
        )
        self.assertBlocked(stranger, self.order, "action_subscription_upsell")

    def test_an_auditor_sees_where_it_came_from(self):
        upsell = self._upsell("salesman")
        self._call("auditor", self.order, "read", ["subscription_upsell_count", "subscription_upsell_ids"])
        self._call("accountant", upsell, "read", ["subscription_origin_id", "subscription_upsell_amount"])

    def test_a_quotation_for_what_does_not_run_is_refused(self):
        quotation = self._create_quotation(user_id=self.salesman.id)
        self.assertBlocked("salesman", quotation, "action_subscription_upsell", error=UserError)
        with self.assertRaises(AccessError):
            self.foreign.with_user(self.salesman).action_subscription_upsell()
