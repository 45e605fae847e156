from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form

from .common import TODAY
from .renewal_common import RenewalCommon


class TestRenewalQuotation(RenewalCommon):
    """The quotation that renews a running subscription."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.year = cls._create_plan("Monthly, for a year", commitment_months=12, notice_days=30)
        cls._set_recurring_price(cls.magazine, cls.year, 11.0)

    # What is on it

    def test_it_starts_the_day_after_the_term(self):
        order = self._create_subscription("2026-01-10", plan=self.year)
        self._bill()
        renewal = self._renew(order)
        self.assertRecordValues(
            renewal,
            [
                {
                    "subscription_status": "quotation",
                    "subscription_renews_id": order.id,
                    "state": "draft",
                    "subscription_start": self._date("2027-01-10"),
                    "subscription_commitment_months": 12,
                    "subscription_notice_days": 30,
                    "partner_id": self.customer.id,
                    "currency_id": order.currency_id.id,
                    "origin": order.name,
                }
            ],
        )
        self.assertEqual(renewal.subscription_term_end, self._date("2028-01-09"))

    def test_without_a_term_it_starts_on_the_first_day_that_is_not_billed(self):
        order = self._create_subscription("2026-01-31")
        self._bill()
        self.assertEqual(self._renew(order).subscription_start, self._date("2026-02-28"))

    def test_in_arrears_it_starts_after_the_period_that_runs(self):
        plan = self._create_plan("Arrears", billing_timing="arrears")
        order = self._create_subscription("2026-01-10", plan=plan, lines=[self._line(price_unit=12.0)])
        self._set_today("2026-01-20")
        self.assertEqual(self._renew(order).subscription_start, self._date("2026-02-10"))

    def test_with_several_plans_it_starts_when_all_of_them_are_used_up(self):
        order = self._create_subscription(
            "2026-01-10", lines=[self._line(), self._line(subscription_plan_id=self.yearly.id)]
        )
        self._bill()
        self.assertEqual(self._renew(order).subscription_start, self._date("2027-01-10"))

    def test_what_is_sold_once_is_not_renewed(self):
        fee = self._create_product(name="Set-up", lst_price=50.0, taxes_id=[])
        phone = self._create_recurring_product("Phone", {self.monthly: 30.0}, subscription_setup_product_id=fee.id)
        section = Command.create({"display_type": "line_section", "name": "Reading"})
        note = Command.create({"display_type": "line_note", "name": "Delivered by bicycle"})
        once = Command.create({"display_type": "line_section", "name": "Only once"})
        order = self._create_subscription(
            lines=[section, note, self._line(), self._line(phone), once, self._line(self.poster)]
        )
        self.assertIn(fee, order.order_line.product_id)
        renewal = self._renew(order)
        self.assertEqual(
            [line.product_id.name or line.name for line in renewal.order_line],
            ["Reading", "Delivered by bicycle", "Magazine", "Phone"],
        )
        renewal.order_line[3].product_uom_qty = 2
        self.assertNotIn(fee, renewal.order_line.product_id, "The fee was paid.")

    def test_what_was_agreed_goes_on(self):
        policy = self.env["subscription.dunning.policy"].create({"name": "Firm"})
        address = self.env["res.partner"].create({"name": "Books", "type": "invoice", "parent_id": self.customer.id})
        order = self._create_subscription(
            lines=[self._line(price_unit=9.5, discount=10, name="Magazine, signed", product_uom_qty=3)],
            partner_invoice_id=address.id,
            subscription_dunning_policy_id=policy.id,
            subscription_invoicing_mode="draft",
            client_order_ref="PO 7",
            note="<p>By hand.</p>",
        )
        renewal = self._renew(order)
        for name in (
            "partner_invoice_id",
            "partner_shipping_id",
            "payment_term_id",
            "fiscal_position_id",
            "pricelist_id",
            "user_id",
            "team_id",
            "subscription_plan_id",
            "subscription_dunning_policy_id",
            "subscription_invoicing_mode",
            "client_order_ref",
            "note",
        ):
            self.assertEqual(renewal[name], order[name], name)
        self.assertRecordValues(
            renewal.order_line,
            [
                {
                    "price_unit": 9.5,
                    "discount": 10,
                    "name": "Magazine, signed",
                    "product_uom_qty": 3,
                    "subscription_plan_id": self.monthly.id,
                    "subscription_renews_line_id": order.order_line.id,
                    "subscription_start": False,
                }
            ],
        )
        self.assertFalse(renewal.subscription_period_ids)

    def test_a_line_that_ends_before_is_left_out(self):
        order = self._create_subscription("2026-01-10", plan=self.year, lines=[self._line(), self._line(self.magazine)])
        order.order_line[1].sudo().subscription_end = self._date("2026-03-10")
        self.assertEqual(self._renew(order).order_line.subscription_renews_line_id, order.order_line[0])

    def test_lines_that_end_with_the_term_are_renewed(self):
        order = self._create_subscription("2026-01-10", plan=self.year, subscription_auto_renew=False)
        self.assertEqual(order.order_line.subscription_end, self._date("2027-01-10"))
        self.assertEqual(len(self._renew(order).order_line), 1)

    # Prices

    def test_agreed_prices_stay_whatever_the_pricelist_says_today(self):
        order = self._create_subscription()
        self._set_recurring_price(self.magazine, self.monthly, 15.0, min_quantity=2)
        renewal = self._renew(order)
        renewal.order_line.product_uom_qty = 5
        self.assertEqual(renewal.order_line.price_unit, 12.0)
        self.assertTrue(renewal.subscription_keep_prices)

    def test_prices_of_today_are_taken_on_demand(self):
        order = self._create_subscription(lines=[self._line(price_unit=9.0, discount=10)])
        renewal = self._renew(order)
        renewal.action_update_prices()
        self.assertEqual((renewal.order_line.price_unit, renewal.order_line.discount), (12.0, 0.0))
        self.assertFalse(renewal.subscription_keep_prices)
        self._set_recurring_price(self.magazine, self.monthly, 10.0, min_quantity=5)
        renewal.order_line.product_uom_qty = 5
        self.assertEqual(renewal.order_line.price_unit, 10.0)

    def test_another_plan_has_its_own_price_and_the_former_one_comes_back_with_its_plan(self):
        order = self._create_subscription(lines=[self._line(price_unit=9.0)])
        with Form(self._renew(order)) as form:
            form.subscription_plan_id = self.yearly
            with form.order_line.edit(0) as line:
                self.assertEqual((line.subscription_plan_id, line.price_unit), (self.yearly, 120.0))
            form.subscription_plan_id = self.monthly
            with form.order_line.edit(0) as line:
                self.assertEqual(line.price_unit, 9.0)

    def test_a_price_set_by_hand_on_the_quotation_stays(self):
        renewal = self._renew(self._create_subscription())
        renewal.order_line.price_unit = 13.0
        renewal.order_line.product_uom_qty = 4
        self.assertEqual(renewal.order_line.price_unit, 13.0)

    # Refused

    def test_only_what_runs_can_be_renewed(self):
        reason = self.env.ref("sale_subscription_plus.close_reason_other")
        closed = self._create_subscription()
        closed.sudo()._subscription_close(TODAY, reason)
        scheduled = self._create_subscription(subscription_start="2026-05-01")
        for order in (closed, scheduled, self._create_quotation()):
            with self.assertRaisesRegex(UserError, f"{order.name} does not run"):
                order.action_subscription_renew()

    def test_a_second_click_opens_the_quotation_that_is_there(self):
        order = self._create_subscription()
        self.assertEqual(self._renew(order), self._renew(order))

    def test_many_are_renewed_at_once(self):
        first, second = (self._create_subscription() for _number in range(2))
        renewal = self._renew(first)
        action = (first | second).action_subscription_renew()
        renewals = self.env["sale.order"].search(action["domain"])
        self.assertEqual(renewals.subscription_renews_id, first | second)
        self.assertIn(renewal, renewals)

    def test_of_many_those_that_cannot_be_renewed_are_named(self):
        order, quotation = self._create_subscription(), self._create_quotation()
        with self.assertRaisesRegex(UserError, quotation.name):
            (order | quotation).action_subscription_renew()
        self.assertFalse(order.subscription_renewal_ids)

    def test_a_renewal_for_another_customer_is_refused(self):
        renewal = self._renew(self._create_subscription())
        renewal.partner_id = self.env["res.partner"].create({"name": "Bo"})
        with self.assertRaisesRegex(UserError, "same customer"):
            renewal.action_confirm()

    def test_a_contact_of_the_same_customer_may_renew(self):
        renewal = self._renew(self._create_subscription())
        renewal.partner_id = self.env["res.partner"].create({"name": "Bo", "parent_id": self.customer.id})
        renewal.action_confirm()
        self.assertEqual(renewal.subscription_status, "scheduled")

    def test_a_renewal_in_another_currency_is_refused(self):
        euro = self.setup_other_currency("EUR")
        renewal = self._renew(self._create_subscription())
        renewal.pricelist_id = self._create_pricelist(name="Euro", currency_id=euro.id)
        with self.assertRaisesRegex(UserError, "same currency"):
            renewal.action_confirm()

    def test_a_renewal_of_which_nothing_recurs_is_refused(self):
        renewal = self._renew(self._create_subscription())
        renewal.order_line = [Command.clear(), self._line(self.poster)]
        with self.assertRaisesRegex(UserError, "nothing on it recurs"):
            renewal.action_confirm()

    def test_a_renewal_that_starts_before_what_it_renews_is_refused(self):
        renewal = self._renew(self._create_subscription("2026-01-10"), subscription_start="2026-01-10")
        with self.assertRaisesRegex(UserError, "must start after"):
            renewal.action_confirm()

    # Copies

    def test_a_duplicate_renews_nothing(self):
        order = self._create_subscription()
        renewal = self._renew_and_confirm(order, subscription_start="2026-03-01")
        for original in (order, renewal):
            duplicate = original.copy()
            self.assertEqual(duplicate.subscription_status, "quotation")
            for name in (
                "subscription_renews_id",
                "subscription_renewal_ids",
                "subscription_keep_prices",
                "subscription_start",
                "subscription_token_id",
                "subscription_term_told",
                "subscription_handed_over_on",
                "subscription_change_ids",
            ):
                self.assertFalse(duplicate[name], name)
            self.assertFalse(duplicate.order_line.subscription_renews_line_id)
            duplicate.action_confirm()
            self.assertEqual(duplicate.subscription_status, "progress")
        self.assertEqual(order.subscription_status, "progress")
