from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .quotation_common import QuotationCommon


@tagged("-at_install", "post_install")
class TestPlanChoice(QuotationCommon):
    """Several plans are offered, and the customer chooses one on the page of the quotation."""

    # === WHAT IS OFFERED ===#

    def test_an_order_offers_the_plans_of_its_template_and_staff_may_change_them(self):
        template = self.env["sale.order.template"].create(
            {
                "name": "Offer",
                "subscription_plan_id": self.monthly.id,
                "subscription_offered_plan_ids": [Command.set((self.monthly | self.yearly).ids)],
            }
        )
        order = self._create_quotation(sale_order_template_id=template.id)
        self.assertEqual(order.subscription_offered_plan_ids, self.monthly | self.yearly)
        order.subscription_offered_plan_ids |= self.quarterly
        self.assertEqual(order._get_offered_plans().ids, [self.monthly.id, self.quarterly.id, self.yearly.id])
        self.assertEqual(template.subscription_offered_plan_ids, self.monthly | self.yearly)

    def test_the_plan_with_which_it_starts_is_among_those_offered(self):
        with self.assertRaises(ValidationError):
            self._create_sent(offered=self.yearly)
        with self.assertRaises(ValidationError):
            self.env["sale.order.template"].create(
                {"name": "Offer", "subscription_offered_plan_ids": [Command.set(self.yearly.ids)]}
            )

    def test_a_plan_of_another_company_is_not_offered(self):
        company = self.env["res.company"].create({"name": "Other"})
        foreign = self._create_plan("Foreign", company_id=company.id)
        order = self._create_sent()
        with self.assertRaisesRegex(Exception, "compan"):
            order.subscription_offered_plan_ids |= foreign

    def test_an_archived_plan_is_not_offered_any_more(self):
        order = self._create_sent()
        self.quarterly.active = False
        self.assertEqual(order._get_offered_plans(), self.monthly | self.yearly)
        self._choose(order, self.quarterly)
        self.assertEqual(order.subscription_plan_id, self.monthly)

    def test_one_plan_is_no_choice(self):
        page = self._read(self._get_page(self._create_sent(offered=self.monthly)))
        self.assertNotIn("subscription_plans", page)

    def test_a_renewal_offers_the_plan_that_its_subscription_has_by_now(self):
        order = self._create_sent(offered=self.monthly | self.quarterly)
        order.action_confirm()
        order._with_change().subscription_plan_id = self.yearly
        renewal = order.sudo()._subscription_renew()
        self.assertEqual(renewal.subscription_offered_plan_ids, self.plans)

    # === WHAT EACH COSTS ===#

    def test_each_plan_shows_its_price_the_price_a_month_and_what_it_saves(self):
        order = self._create_sent([self._line(product_uom_qty=2)])
        monthly, quarterly, yearly = self._read(self._get_page(order))["subscription_plan"]
        self.assertEqual(self._get_amounts(monthly), [24.0, 26.4])
        self.assertIn("Your choice", monthly)
        self.assertEqual(self._get_amounts(quarterly), [66.0, 72.6, 22.0, 6.0])
        self.assertIn("You save $ 6.00 (8%)", quarterly)
        self.assertEqual(self._get_amounts(yearly), [240.0, 264.0, 20.0, 48.0])
        self.assertIn("(17%)", yearly)
        self.assertIn("Term of 12 months; it ends by itself.", yearly)

    def test_what_a_plan_is_said_to_cost_is_what_it_costs_once_it_is_chosen(self):
        self._enable_feature("sale.group_discount_per_so_line")
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Friends",
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "3_global",
                            "compute_price": "percentage",
                            "percent_price": 15.0,
                            "subscription_plan_id": plan.id,
                        }
                    )
                    for plan in (self.quarterly, self.monthly)
                ],
            }
        )
        order = self._create_sent(
            [
                self._line(product_uom_qty=3),
                self._line(self.archive, discount=20.0),
                self._line(self.archive, price_unit=4.0),
                self._line(self.archive, subscription_plan_id=self.yearly.id),
                self._line(self.poster),
            ],
            pricelist_id=pricelist.id,
        )
        before = {line: (line.price_unit, line.discount) for line in order.order_line}
        offers = order._get_plan_offers()
        self.assertEqual({line: (line.price_unit, line.discount) for line in order.order_line}, before)
        for offer in offers:
            with self.subTest(plan=offer.plan.name):
                self._choose(order, offer.plan)
                following = order.order_line.filtered(lambda line: line._follows_order_plan())
                self.assertEqual(len(following), 3)
                self.assertAlmostEqual(sum(following.mapped("price_subtotal")), offer.untaxed)
                self.assertAlmostEqual(sum(following.mapped("price_total")), offer.total)

    def test_a_renewal_keeps_its_agreed_price_with_its_plan_only(self):
        running = self._create_sent([self._line(price_unit=10.0, discount=5.0)])
        running.action_confirm()
        renewal = running.sudo()._subscription_renew()
        renewal.action_quotation_sent()
        said = {offer.plan: offer.untaxed for offer in renewal._get_plan_offers()}
        self.assertEqual(said, {self.monthly: 9.5, self.quarterly: 31.35, self.yearly: 114.0})
        for plan in (self.yearly, self.quarterly, self.monthly):
            self._choose(renewal, plan)
            with self.subTest(plan=plan.name):
                self.assertEqual(renewal.amount_untaxed, said[plan])
        self.assertEqual(renewal.order_line.price_unit, 10.0)

    def test_looking_at_prices_writes_nothing(self):
        order = self._create_sent([self._line(), *self._option(quantity=2)])
        self.env.flush_all()
        stamp = order.write_date
        self._get_page(order)
        self._get_page(order)
        self.assertEqual((order.write_date, len(order.order_line)), (stamp, 3))

    # === CHOOSING ===#

    def test_choosing_a_plan_prices_the_lines_anew_and_takes_its_terms(self):
        order = self._create_sent([self._line(product_uom_qty=2), self._line(self.poster, price_unit=8.0)])
        response = self._choose(order, self.yearly)
        self.assertEqual(response.status_code, 303)
        self.assertEqual(order.subscription_plan_id, self.yearly)
        magazine, poster = order.order_line
        self.assertEqual((magazine.price_unit, magazine.product_uom_qty), (120.0, 2.0))
        self.assertEqual((poster.price_unit, poster.subscription_plan_id.id), (8.0, False))
        self.assertEqual((order.subscription_commitment_months, order.subscription_auto_renew), (12, False))
        page = self._read(self._get_page(order))
        self.assertIn("You chose Yearly", page["subscription_answer"])
        self.assertIn("First invoice: $ 272.00, taxes included.", page["subscription_terms"])
        self.assertIn("Plan chosen by the customer: Yearly", " ".join(order.message_ids.mapped("preview")))
        self.assertNotIn("subscription_answer", self._read(self._get_page(order)), "it is told once")

    def test_prices_and_discounts_set_by_hand_and_lines_with_a_plan_of_their_own_stay(self):
        order = self._create_sent(
            [
                self._line(price_unit=7.0),
                self._line(discount=20.0),
                self._line(self.archive, subscription_plan_id=self.yearly.id),
            ]
        )
        self._choose(order, self.quarterly)
        by_hand, discounted, own = order.order_line
        self.assertEqual((by_hand.price_unit, by_hand.subscription_plan_id), (7.0, self.quarterly))
        self.assertEqual((discounted.price_unit, discounted.discount), (33.0, 20.0))
        self.assertEqual((own.price_unit, own.subscription_plan_id), (50.0, self.yearly))

    def test_back_and_forth_ends_where_it_began(self):
        order = self._create_sent([self._line(), *self._option(quantity=3)])
        before = order.order_line.mapped("price_unit")
        for plan in (self.yearly, self.quarterly, self.quarterly, self.monthly):
            self._choose(order, plan)
        self.assertEqual(order.order_line.mapped("price_unit"), before)
        self.assertEqual(order.amount_untaxed, 27.0)

    def test_the_customer_chooses_with_a_login_too(self):
        order = self._create_sent()
        self._log_in(self.ada)
        self._choose(order, self.yearly, access_token="")
        self.assertEqual(order.subscription_plan_id, self.yearly)

    # === WHAT IS REFUSED ===#

    def _assert_not_chosen(self, order, plan=None, **values):
        response = self._choose(order, plan or self.yearly, **values)
        self.assertLess(response.status_code, 500)
        self.assertEqual(order.subscription_plan_id, self.monthly)
        return response

    def test_strangers_choose_nothing(self):
        order, other = self._create_sent(), self._create_sent()
        for token in ("", "wrong", other._portal_ensure_token()):
            self._assert_not_chosen(order, access_token=token)
        self._log_in(self.eve)
        self._assert_not_chosen(order, access_token="")
        self._log_in(None)
        self._assert_not_chosen(order, csrf_token="forged")

    def test_plans_that_are_not_offered_are_refused(self):
        order = self._create_sent(offered=self.monthly | self.quarterly)
        for plan in (self.yearly, 0, -1, "1e9", "<b>", "", "nan", 10**30, f"{self.quarterly.id} "):
            with self.subTest(plan=plan):
                self._assert_not_chosen(order, plan)
        self.assertIn("not offered here", self._read(self._get_page(order))["subscription_answer"])

    def test_looking_at_the_address_of_the_choice_changes_nothing(self):
        order = self._create_sent()
        self.env.flush_all()
        params = {"plan_id": self.yearly.id, "access_token": order._portal_ensure_token()}
        response = self.url_open(f"/my/orders/{order.id}/plan", params=params)
        self.assertIn(response.status_code, (404, 405))
        self.assertEqual(order.subscription_plan_id, self.monthly)

    def test_nothing_is_chosen_once_it_expired_or_was_signed_or_confirmed(self):
        expired = self._create_sent(validity_date="2025-12-31")
        self._assert_not_chosen(expired)
        signed = self._create_sent(require_signature=True, require_payment=True)
        self._sign(signed)
        self.assertEqual(signed.state, "sent")
        self._assert_not_chosen(signed)
        page = self._read(self._get_page(signed))
        self.assertNotIn("subscription_plan", page)
        self.assertIn("is signed", page["subscription_answer"])
        confirmed = self._create_sent()
        confirmed.action_confirm()
        self._assert_not_chosen(confirmed)

    def test_nothing_is_chosen_while_a_payment_is_under_way(self):
        order = self._create_sent([self._line(), *self._option()], require_payment=True)
        transaction = self._answer(self._begin_on_page(order), "pending")
        self._assert_not_chosen(order)
        page = self._read(self._get_page(order))
        self.assertNotIn("subscription_plan", page)
        self._answer(transaction, "error")
        self._choose(order, self.yearly)
        self.assertEqual(order.subscription_plan_id, self.yearly, "it failed, so the choice is open again")
