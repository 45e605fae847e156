from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, new_test_user

from .common import LoyaltyCommon


class TestRights(LoyaltyCommon):
    """Who discounts subscriptions, who bills them, and who says what programs do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        values = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        cls.salesman = new_test_user(cls.env, "loy_salesman", "sales_team.group_sale_salesman", **values)
        cls.manager = new_test_user(cls.env, "loy_manager", "sales_team.group_sale_manager", **values)
        cls.biller = new_test_user(cls.env, "loy_biller", "account.group_account_invoice", **values)

    def _create_discounted(self, on):
        self._create_program(on)
        order = self._create_quotation([self._line(), self._line(self.poster)], user_id=self.salesman.id)
        order = order.with_user(self.salesman)
        self._claim(order)
        return order

    def test_a_salesman_claims_discounts_and_confirms(self):
        for on, first in (("always", 18.9), ("first", 18.9)):
            order = self._create_discounted(on)
            self.assertEqual(order._get_first_invoice_amount(), first)
            order.action_confirm()
            self.assertEqual(order.subscription_status, "progress")
            self.env["loyalty.program"].search([]).active = False

    def test_who_bills_need_not_read_programs(self):
        order = self._create_discounted("always")
        order.action_confirm()
        with self.assertRaises(AccessError):
            self.env["loyalty.program"].with_user(self.biller).check_access("read")
        order.with_user(self.biller).action_subscription_bill()
        self.assertEqual(self._get_invoices(order.sudo()).amount_total, 18.9)

    def test_who_bills_opens_an_order_though_they_read_no_cards(self):
        order = self._create_discounted("always")
        order.action_confirm()
        with self.assertRaises(AccessError):
            self.env["loyalty.card"].with_user(self.biller).check_access("read")
        form = Form(order.with_user(self.biller), view="sale.view_order_form")
        self.assertEqual(form.subscription_status, "progress")

    def test_a_salesman_renews_and_adds_to_what_is_discounted(self):
        order = self._create_discounted("always")
        order.action_confirm()
        self._bill()
        renewal = order.browse(order.action_subscription_renew()["res_id"])
        self.assertEqual(renewal.amount_total, 10.8)
        upsell = order.browse(order.action_subscription_upsell()["res_id"])
        self.assertEqual(upsell.order_line.product_id, self.magazine)

    def test_managers_say_what_programs_do_and_salesmen_do_not(self):
        program = self._create_program()
        program.with_user(self.manager).subscription_discount = "always"
        with self.assertRaises(AccessError):
            program.with_user(self.salesman).subscription_discount = "first"

    def test_a_salesman_reads_how_often_a_program_was_used(self):
        order = self._create_discounted("always")
        order.action_confirm()
        program = order.order_line.reward_id.program_id
        self.assertEqual(program.with_user(self.salesman).total_order_count, 1)
