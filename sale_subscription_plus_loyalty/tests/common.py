"""What tests of discounts on subscriptions share: programs of one reward, and quotations that claim it."""

from datetime import date

from odoo.fields import Command

from odoo.addons.sale_subscription_plus.tests.common import SubscriptionCommon


class LoyaltyCommon(SubscriptionCommon):
    """A plan in whole calendar months, beside the others; no program but those that a test makes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["loyalty.program"].search([]).active = False
        cls.calendar = cls._create_plan("Calendar Month", alignment="month_day", alignment_day=1)
        cls._set_recurring_price(cls.magazine, cls.calendar, 31.0)

    @classmethod
    def _create_tax(cls, rate, **values):
        """Create a sales tax of ``rate`` percent, on top of prices if not told otherwise, with an account."""
        account = cls.company_data["default_account_tax_sale"]
        parts = [Command.create({"repartition_type": "base"}), Command.create({"account_id": account.id})]
        return cls.env["account.tax"].create(
            {
                "name": f"{rate} % tax",
                "amount": rate,
                "type_tax_use": "sale",
                "company_id": cls.company.id,
                "price_include_override": "tax_excluded",
                "invoice_repartition_line_ids": parts,
                "refund_repartition_line_ids": parts,
                **values,
            }
        )

    # === PROGRAMS ===#

    @classmethod
    def _create_program(cls, on="first", code="SAVE", reward=None, rule=None, **values):
        """Create a program of one reward.

        :param str on: 'first' or 'always'
        :param code: what is typed in; None: it applies by itself
        :param dict reward: of the reward; 10 % of the order if not told otherwise
        """
        rule = {"mode": "with_code", "code": code, **(rule or {})} if code else (rule or {})
        return cls.env["loyalty.program"].create(
            {
                "name": "Test",
                "program_type": "promo_code" if code else "promotion",
                "trigger": "with_code" if code else "auto",
                "applies_on": "current",
                "company_id": cls.company.id,
                "currency_id": cls.company.currency_id.id,
                "subscription_discount": on,
                "rule_ids": [Command.create({"minimum_qty": 0, **rule})],
                "reward_ids": [Command.create({"reward_type": "discount", "discount": 10.0, **(reward or {})})],
                **values,
            }
        )

    @classmethod
    def _create_card(cls, program_type="gift_card", points=50.0, **values):
        """Create a gift card or an eWallet worth ``points``."""
        product = cls._create_product(name="Voucher", taxes_id=[])
        program = cls.env["loyalty.program"].create(
            {
                "name": program_type,
                "program_type": program_type,
                "trigger": "auto",
                "applies_on": "future",
                "company_id": cls.company.id,
                "currency_id": cls.company.currency_id.id,
                "rule_ids": [
                    Command.create({"reward_point_amount": 1, "reward_point_mode": "money", "product_ids": product.ids})
                ],
                "reward_ids": [
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount_mode": "per_point",
                            "discount": 1,
                            "discount_applicability": "order",
                            "required_points": 1,
                        }
                    )
                ],
            }
        )
        return cls.env["loyalty.card"].create({"program_id": program.id, "points": points, **values})

    # === CLAIMING ===#

    @classmethod
    def _claim(cls, order, code="SAVE"):
        """Type ``code`` in and take its reward, as the wizard for codes does; return the reward lines."""
        before = order.order_line
        status = order._try_apply_code(code)
        assert "error" not in status, status
        ((card, rewards),) = status.items()
        result = order._apply_program_reward(rewards, card)
        assert not result, result
        order._update_programs_and_rewards()
        return (order.order_line - before).filtered("reward_id")

    @classmethod
    def _claim_automatic(cls, order):
        """Take what applies by itself, as the wizard for rewards does."""
        order._update_programs_and_rewards()
        for card, rewards in order._get_claimable_rewards().items():
            for reward in rewards:
                order._apply_program_reward(reward, card)
        order._update_programs_and_rewards()
        return order.order_line.filtered("reward_id")

    @classmethod
    def _create_stub_order(cls, lines=None, **values):
        """Create a quotation of calendar months that starts on 22 January: 10 of 31 days are on its first invoice."""
        cls._set_today("2026-01-22")
        return cls._create_quotation(lines, cls.calendar, subscription_start=date(2026, 1, 22), **values)

    @classmethod
    def _get_discounts(cls, order):
        """Return {plan or none: what the reward lines on it take off, taxes in}, as positive amounts."""
        lines = order.order_line.filtered("reward_id")
        return {
            plan: round(-sum(lines.mapped("price_total")), 2)
            for plan, lines in lines.grouped("subscription_plan_id").items()
        }
