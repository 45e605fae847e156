"""What tests of subscriptions share: plans, products, a clock, and one way to sell and to bill."""

from contextlib import contextmanager, nullcontext
from datetime import date, datetime, time
from unittest.mock import patch

from odoo import api
from odoo.api import SUPERUSER_ID
from odoo.fields import Command, Date
from odoo.tests import freeze_time, tagged

from odoo.addons.sale.tests.common import TestSaleCommon

# The day on which each test begins, at noon UTC.
TODAY = date(2026, 1, 1)


@tagged("-at_install", "post_install")
class SubscriptionCommon(TestSaleCommon):
    """A company in USD and UTC, a monthly and a yearly plan, a magazine with a price on each, a set-up fee.

    Time stands still: at :data:`TODAY` when a test begins, then wherever :meth:`_set_today` moves it.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clock = cls.startClassPatcher(freeze_time(datetime.combine(TODAY, time(12))))
        cls.company.subscription_tz = "UTC"
        cls.monthly = cls._create_plan("Monthly")
        cls.yearly = cls._create_plan("Yearly", interval_unit="year")
        cls.magazine = cls._create_recurring_product("Magazine", {cls.monthly: 12.0, cls.yearly: 120.0})
        cls.poster = cls._create_product(name="Poster", lst_price=9.0, taxes_id=[], invoice_policy="order")
        cls.customer = cls.env["res.partner"].create(
            {"name": "Ada Reader", "email": "ada@example.com", "invoice_sending_method": "email"}
        )

    def setUp(self):
        super().setUp()
        self._set_today(TODAY)

    @classmethod
    def get_default_groups(cls):
        return (
            super().get_default_groups()
            | cls.quick_ref("sale_subscription_plus.group_subscription_admin")
            | cls.quick_ref("analytic.group_analytic_accounting")
        )

    @classmethod
    def _enable_feature(cls, group):
        """Switch a feature of the settings on (xmlid of its group); Odoo asks the superuser whether it is."""
        for user in (cls.env.user, cls.quick_ref("base.user_root")):
            user.group_ids += cls.quick_ref(group)

    # === RECORDS ===#

    @classmethod
    def _create_plan(cls, name="Plan", **values):
        """Create a plan; one month in advance, its invoices posted and not sent, unless told otherwise."""
        return cls.env["subscription.plan"].create({"name": name, "invoicing_mode": "post", **values})

    @classmethod
    def _create_recurring_product(cls, name, prices=None, **values):
        """Create a subscription product without taxes, with its fixed price for each plan of ``prices``."""
        product = cls._create_product(
            **{"name": name, "type": "service", "lst_price": 50.0, "taxes_id": [], "subscription_ok": True, **values}
        )
        for plan, price in (prices or {}).items():
            cls._set_recurring_price(product, plan, price)
        return product

    @classmethod
    def _set_recurring_price(cls, product, plan, price, **values):
        """Create the pricelist rule "``product`` costs ``price`` on ``plan``", for all pricelists or one of them."""
        return cls.env["product.pricelist.item"].create(
            {
                "applied_on": "1_product",
                "product_tmpl_id": product.product_tmpl_id.id,
                "subscription_plan_id": plan.id,
                "compute_price": "fixed",
                "fixed_price": price,
                "pricelist_id": False,
                **values,
            }
        )

    @classmethod
    def _line(cls, product=None, **values):
        """Return the command that creates an order line; a magazine if not told otherwise."""
        return Command.create({"product_id": (product or cls.magazine).id, **values})

    @classmethod
    def _create_quotation(cls, lines=None, plan=None, **values):
        """Create a quotation.

        :param list lines: commands, see :meth:`_line`; one magazine if not told otherwise
        :param plan: the order's plan; the monthly one if not told otherwise
        """
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "subscription_plan_id": (cls.monthly if plan is None else plan).id,
                "order_line": [cls._line()] if lines is None else lines,
                **values,
            }
        )

    @classmethod
    def _create_subscription(cls, start=None, lines=None, plan=None, **values):
        """Create and confirm an order; on its first day, if a ``start`` is given (date or string).

        The clock stays at ``start``. To confirm on another day than the first one, give ``subscription_start``.
        """
        if start:
            cls._set_today(start)
        order = cls._create_quotation(lines, plan, **values)
        order.action_confirm()
        return order

    # === TIME AND BILLING ===#

    @classmethod
    def _set_today(cls, day):
        """Move the clock to noon UTC of ``day`` (date or string), or to that very time (datetime)."""
        if isinstance(day, str):
            day = datetime.fromisoformat(day) if len(day) > 10 else Date.to_date(day)
        cls.clock.move_to(day if isinstance(day, datetime) else datetime.combine(day, time(12)))

    def _bill(self, day=None, **kwargs):
        """Run the nightly billing, on ``day`` if given, and return what it did: see ``_run`` for it all."""
        if day:
            self._set_today(day)
        with self._test_mode(), self.registry.cursor() as cr:
            return api.Environment(cr, SUPERUSER_ID, {})["subscription.billing.run"]._run(**kwargs)

    def _bill_by_cron(self, day=None):
        """Run the scheduled action as the scheduler does, on ``day`` if given."""
        if day:
            self._set_today(day)
        cron = self.env.ref("sale_subscription_plus.ir_cron_subscription_billing").sudo()
        with self._test_mode():
            self.assertIs(cron.method_direct_trigger(), True, "The scheduled action failed.")

    def _care(self, day=None):
        """Look after subscriptions as the scheduled action does, on ``day`` if given, and return what was done."""
        if day:
            self._set_today(day)
        self.env.cr.flush()  # what is to be looked at is written down when a transaction ends
        with self._test_mode(), self.registry.cursor() as cr:
            return api.Environment(cr, SUPERUSER_ID, {})["subscription.care.run"]._run()

    @contextmanager
    def _test_mode(self):
        """Let new cursors share the test's, unless they do already (as in an HttpCase)."""
        self.env.flush_all()
        with nullcontext() if type(self)._registry_patched else self.enter_registry_test_mode():
            yield
        self.env.invalidate_all()
        # They posted invoices, and this cursor would go on with the number that it keeps in mind.
        self.cr.precommit.data.pop("sequence.mixin", None)

    # === WHAT CAME OF IT ===#

    @classmethod
    def _get_invoices(cls, orders):
        """Return the invoices of ``orders``, the oldest first; no credit notes."""
        moves = orders.order_line.invoice_lines.move_id
        return moves.filtered(lambda move: move.move_type == "out_invoice").sorted("id")

    @classmethod
    def _get_spans(cls, orders):
        """Return the live rows of the ledger as (start, end, kind) of strings, by line and start."""
        rows = orders.order_line.subscription_period_ids.filtered(lambda row: row.state == "live")
        return [
            (str(row.start), str(row.service_end), row.kind)
            for row in rows.sorted(lambda row: (row.line_id.id, row.start))
        ]

    def assertTiled(self, orders, holes=False):
        """Assert that the live rows of each line tile from its start to its next period (I2).

        :param bool holes: whether days before later rows may wait to be billed again
        """
        for line in orders.order_line.filtered("subscription_start"):
            rows = line.subscription_period_ids.filtered(
                lambda row: (
                    row.state == "live" and row.kind not in ("proration", "credit") and row.service_end > row.start
                )
            )
            day, first_hole = line.subscription_start, None
            for row in rows.sorted("start"):
                if holes and row.start > day:
                    first_hole = first_hole or day
                else:
                    self.assertEqual(row.start, day, f"{line.name}: a gap or an overlap before {row.start}")
                day = row.service_end
            self.assertEqual(
                line.subscription_next_start, first_hole or day, f"{line.name}: its next period is not the first hole"
            )

    def assertEventsSumToMRR(self, orders):
        """Assert that the events of each line sum up to what it brings now, in both currencies (I8)."""
        for line in orders.order_line:
            events = self.env["subscription.event"].search([("line_id", "=", line.id)])
            self.assertAlmostEqual(sum(events.mapped("amount")), line._get_running_mrr(), places=6)
            if not line._get_running_mrr():
                self.assertAlmostEqual(sum(events.mapped("amount_company")), 0.0, places=6)

    def _fail_billing(self, orders, error):
        """Make an add-on raise ``error`` whenever one of ``orders`` is invoiced; return the patcher."""
        Order = self.registry["sale.order"]
        original, ids = Order._prepare_invoice, set(orders.ids)

        def _prepare_invoice(order):
            if order.id in ids:
                raise error
            return original(order)

        return patch.object(Order, "_prepare_invoice", _prepare_invoice)
