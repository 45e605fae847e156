from datetime import date

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo.fields import Command

from .common import LoyaltyCommon

# The same examples in each run: a test that fails once in a while helps nobody.
EXAMPLES = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
LINES = st.lists(
    st.tuples(
        st.sampled_from(["monthly", "calendar", "yearly", "arrears", "once"]),
        st.integers(1, 30000),  # cents
        st.integers(1, 7),
        st.sampled_from(["none", "on top", "included"]),
    ),
    min_size=1,
    max_size=5,
)
REWARDS = st.tuples(
    st.sampled_from(["first", "always"]),
    st.sampled_from(["percent", "per_order"]),
    st.sampled_from(["order", "cheapest"]),
    st.one_of(st.sampled_from([100.0, 10.0, 33.33]), st.integers(1, 10000).map(lambda cents: cents / 100)),
)


class TestDiscountsRandom(LoyaltyCommon):
    """Whatever is discounted by whatever program: invoices are what was shown, and none is below zero."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.tax_calculation_rounding_method = "round_per_line"
        cls.plans = {
            "monthly": cls.monthly,
            "calendar": cls.calendar,
            "yearly": cls.yearly,
            "arrears": cls._create_plan("In Arrears", billing_timing="arrears"),
            "once": cls.monthly.browse(),
        }
        cls.taxes = {
            "none": cls.env["account.tax"],
            "on top": cls._create_tax(21.0),
            "included": cls._create_tax(10.0, price_include_override="tax_included"),
        }
        cls.paper = cls._create_recurring_product("Paper")

    def _create_random(self, lines):
        self._set_today("2026-01-14")
        values = [
            self._line(
                self.paper if self.plans[plan] else self.poster,
                product_uom_qty=quantity,
                price_unit=cents / 100,
                subscription_plan_id=self.plans[plan].id,
                tax_ids=[Command.set(self.taxes[tax].ids)],
            )
            for plan, cents, quantity, tax in lines
        ]
        return self._create_quotation(values, subscription_start=date(2026, 1, 14))

    @EXAMPLES
    @given(LINES, REWARDS)
    def test_invoices_are_what_was_shown_and_none_is_below_zero(self, lines, reward):
        on, mode, applicability, amount = reward
        if mode == "percent":
            amount = min(amount, 100.0)
        self.env["loyalty.program"].search([]).active = False
        self._create_program(
            on, reward={"discount_mode": mode, "discount": amount, "discount_applicability": applicability}
        )
        order = self._create_random(lines)
        before = order._get_first_invoice_amount()
        if not self._get_status(order):
            return
        shown = order._get_first_invoice_amount()
        self.assertGreaterEqual(shown, 0.0)
        self.assertLessEqual(shown, before)
        discounts = self._get_discounts(order)
        order._update_programs_and_rewards()
        self.assertEqual(self._get_discounts(order), discounts)
        order.action_confirm()
        # It raises where the night would park the order.
        order.sudo()._subscription_bill_due()
        first = self._get_invoices(order)
        self.assertAlmostEqual(sum(first.mapped("amount_total")), shown, places=2)
        self._set_today("2026-03-14")
        order.sudo()._subscription_bill_due()
        later = self._get_invoices(order) - first
        self.assertTrue(all(total >= 0 for total in later.mapped("amount_total")))
        self.assertTiled(order)

    def _get_status(self, order):
        """Claim the code where there is something to discount; return whether it was."""
        status = order._try_apply_code("SAVE")
        for card, rewards in status.items() if "error" not in status else ():
            values = order._get_reward_line_values_if_any(rewards, card)
            if values:
                order._apply_program_reward(rewards, card)
                return True
        return False
