from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from psycopg2.errors import LockNotAvailable, SerializationFailure, UndefinedColumn

from odoo.exceptions import RedirectWarning, UserError, ValidationError
from odoo.fields import Command
from odoo.tools import mute_logger

from .common import TODAY, SubscriptionCommon

COUNT = 10
# Words of programmers that must not reach a salesperson.
JARGON = ("Traceback", "File ", "psycopg2", "odoo.", "<", "line ")


class TestParking(SubscriptionCommon):
    """One bad order among several: the others are billed, it is parked, tried again, and billed when mended."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.magazine.taxes_id = cls.tax_sale_a
        cls.salesman = cls.company_data["default_user_salesman"]
        cls.orders = cls.env["sale.order"].union(
            *(cls._create_quotation(user_id=cls.salesman.id) for _number in range(COUNT))
        )
        cls.orders.action_confirm()
        cls.bad = cls.orders[COUNT // 2]
        cls.good = cls.orders - cls.bad

    def _get_activities(self, order=None):
        return (order or self.bad).activity_ids.filtered(
            lambda activity: (
                activity.activity_type_id == self.env.ref("sale_subscription_plus.mail_activity_type_parked")
            )
        )

    def _assert_one_parked(self, *words):
        """Bill by the scheduled action: all but the bad one. It is set aside in words, with one activity."""
        self._bill_by_cron()
        self.assertEqual({len(order.invoice_ids) for order in self.good}, {1})
        self.assertEqual(set(self.good.invoice_ids.mapped("state")), {"posted"})
        self.assertFalse(any(self.good.mapped("subscription_parked_reason")))
        self.assertFalse(self.bad.invoice_ids)
        self.assertFalse(self.bad.subscription_period_ids)
        reason = self.bad.subscription_parked_reason
        for word in words:
            self.assertIn(word, reason)
        for word in JARGON:
            self.assertNotIn(word, reason)
        self.assertEqual(self.bad.subscription_parked_on, TODAY)
        self.assertEqual(self.bad.subscription_next_attempt, date(2026, 1, 2))
        self.assertEqual(self.bad.subscription_status, "progress")
        self.assertEqual(self.bad.subscription_next_invoice_date, TODAY)
        self.assertRecordValues(self._get_activities(), [{"user_id": self.salesman.id}])
        self.assertIn(words[0], self._get_activities().note)

    def _assert_tried_again_tomorrow(self):
        result = self._bill()
        self.assertEqual((result["invoices"], result["parked"]), (0, 0), "Today it had its try.")
        result = self._bill("2026-01-02")
        self.assertEqual((result["invoices"], result["parked"]), (0, 1))
        self.assertEqual(self.bad.subscription_next_attempt, date(2026, 1, 3))
        self.assertEqual(self.bad.subscription_parked_on, TODAY)
        self.assertEqual(len(self._get_activities()), 1)

    def _assert_billed_when_mended(self):
        result = self._bill("2026-01-03")
        self.assertEqual((result["invoices"], result["parked"]), (1, 0))
        self.assertRecordValues(
            self.bad,
            [
                {
                    "subscription_parked_reason": False,
                    "subscription_parked_on": False,
                    "subscription_next_attempt": False,
                    "subscription_next_invoice_date": date(2026, 2, 1),
                }
            ],
        )
        self.assertEqual(self.bad.invoice_ids.state, "posted")
        self.assertFalse(self._get_activities())
        self.assertTiled(self.orders)

    def _assert_whole_course(self, *words, mend):
        self._assert_one_parked(*words)
        self._assert_tried_again_tomorrow()
        mend()
        self._assert_billed_when_mended()

    # === WHAT IS FOUND AHEAD ===#

    def test_archived_journal(self):
        journal = self.company_data["default_journal_sale"].copy({"code": "OLD"})
        journal.name = "Old sales"
        self.bad.journal_id = journal
        journal.active = False

        def mend():
            journal.active = True

        self._assert_whole_course("journal", "Old sales", mend=mend)

    def _use_foreign_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5)])
        self.env.cr.execute("UPDATE sale_order SET currency_id = %s WHERE id = %s", [euro.id, self.bad.id])
        self.env.cr.execute("UPDATE sale_order_line SET currency_id = %s WHERE order_id = %s", [euro.id, self.bad.id])
        self.env.invalidate_all()
        return euro

    def test_inactive_currency(self):
        euro = self._use_foreign_currency()
        euro.active = False

        def mend():
            euro.active = True

        self._assert_whole_course("EUR", "archived", mend=mend)

    def test_currency_without_any_rate(self):
        euro = self._use_foreign_currency()
        euro.rate_ids.unlink()

        def mend():
            euro.rate_ids = [Command.create({"name": "2026-01-03", "rate": 0.5, "company_id": self.company.id})]

        self._assert_whole_course("EUR", "exchange rate", mend=mend)
        self.assertEqual(self.bad.invoice_ids.amount_total_signed, 2 * self.bad.invoice_ids.amount_total)

    def test_currency_with_later_rates_only(self):
        euro = self._use_foreign_currency()
        euro.rate_ids.name = "2026-06-01"
        self._assert_one_parked("exchange rate")

    def _create_bad_tax(self):
        tax = self.tax_sale_a.copy({"name": "Newspaper tax"})
        account = self.company_data["default_account_tax_sale"].copy({"name": "Tax of newspapers", "code": "299998"})
        tax.invoice_repartition_line_ids.filtered(lambda rep: rep.repartition_type == "tax").account_id = account
        self.bad.order_line.tax_ids = tax
        return tax, account

    def test_deleted_tax_account(self):
        tax, account = self._create_bad_tax()
        tax_line = tax.invoice_repartition_line_ids.filtered(lambda rep: rep.repartition_type == "tax")
        tax_line.account_id = False
        account.unlink()

        def mend():
            tax_line.account_id = self.company_data["default_account_tax_sale"]

        self._assert_whole_course("Newspaper tax", "account", mend=mend)

    def test_archived_tax_account(self):
        _tax, account = self._create_bad_tax()
        account.active = False

        def mend():
            account.active = True

        self._assert_whole_course("Newspaper tax", "archived", mend=mend)

    def test_taxes_that_book_nothing_need_no_account(self):
        tax = self.tax_sale_a.copy({"name": "Zero", "amount": 0.0})
        tax.invoice_repartition_line_ids.account_id = False
        self.bad.order_line.tax_ids = tax
        self.assertEqual(self._bill()["parked"], 0)

    def test_a_bad_tax_on_a_one_off_line_is_found_too(self):
        tax, _account = self._create_bad_tax()
        self.bad.order_line.tax_ids = self.tax_sale_a
        tax.invoice_repartition_line_ids.account_id = False
        self.bad.order_line = [self._line(self.poster, tax_ids=[Command.set(tax.ids)])]
        self._assert_one_parked("Newspaper tax")

    def test_a_bad_tax_inside_a_group_is_found_too(self):
        tax, _account = self._create_bad_tax()
        tax.invoice_repartition_line_ids.account_id = False
        tax.type_tax_use = "none"
        group = self.env["account.tax"].create(
            {
                "name": "Group",
                "amount_type": "group",
                "type_tax_use": "sale",
                "children_tax_ids": [Command.set(tax.ids)],
            }
        )
        self.bad.order_line.tax_ids = group
        self._assert_one_parked("Newspaper tax")

    def test_no_sales_journal_at_all(self):
        journals = self.env["account.journal"].search([("type", "=", "sale"), ("company_id", "=", self.company.id)])
        journals.active = False
        result = self._bill()
        self.assertEqual((result["invoices"], result["parked"]), (0, COUNT))
        self.assertIn("sales journal", self.bad.subscription_parked_reason)

    def test_archived_income_account(self):
        account = self.company_data["default_account_revenue"].copy({"name": "Old revenue", "code": "499998"})
        product = self._create_recurring_product("Leaflet", {self.monthly: 5.0}, property_account_income_id=account)
        self.bad.order_line = [self._line(product)]
        account.active = False
        self._assert_one_parked("Old revenue")

    # === WHAT FAILS INSIDE ANOTHER ADD-ON ===#

    def _assert_error_parks(self, error, *words):
        with self._fail_billing(self.bad, error):
            self._assert_one_parked(*words)
            self._assert_tried_again_tomorrow()
        self._assert_billed_when_mended()

    def test_errors_in_business_words_are_told_as_they_are(self):
        words = "Choose an EDI code for Ada."
        for error in (UserError(words), ValidationError(words), RedirectWarning(words, 1, "Go to settings")):
            with self.subTest(error=error), self._fail_billing(self.bad, error):
                self._bill()
                self.assertEqual(self.bad.subscription_parked_reason, words)
            self.bad.sudo().write({"subscription_parked_reason": False, "subscription_next_attempt": False})

    def test_business_errors(self):
        self._assert_error_parks(UserError("Choose an EDI code for Ada."), "Choose an EDI code for Ada.")

    def test_programming_errors_send_to_the_administrator(self):
        self._assert_error_parks(TypeError("unsupported operand"), "administrator", "unsupported operand")

    def test_errors_without_words_still_give_a_reason(self):
        for error in (UserError(""), KeyError(), ValueError("")):
            with self.subTest(error=error), self._fail_billing(self.bad, error):
                self._bill()
                self.assertTrue(self.bad.subscription_parked_reason)
            self.bad.sudo().write({"subscription_parked_reason": False, "subscription_next_attempt": False})

    def _break_statements(self, orders, statement):
        """Let an add-on send ``statement`` to the database whenever one of ``orders`` is invoiced."""
        Order = self.registry["sale.order"]
        original, ids = Order._prepare_invoice, set(orders.ids)

        def _prepare_invoice(order):
            if order.id in ids:
                order.env.cr.execute(statement)
            return original(order)

        return patch.object(Order, "_prepare_invoice", _prepare_invoice)

    def test_an_error_of_the_database_does_not_spoil_the_others(self):
        for statement in ("SELECT 1 / 0", "SELECT no_such_column FROM sale_order", "SELEC"):
            bad = self.orders[0] if "no_such" in statement else self.bad
            with self.subTest(statement=statement), self.cr.savepoint() as undo:
                with self._break_statements(bad, statement), mute_logger("odoo.sql_db"):
                    result = self._bill()
                self.assertEqual((result["invoices"], result["parked"]), (COUNT - 1, 1))
                self.assertIn("administrator", bad.subscription_parked_reason)
                self.assertEqual(len((self.orders - bad).invoice_ids), COUNT - 1)
                undo.rollback()
            self.env.transaction.clear()

    def test_a_database_that_does_not_fit_the_code_parks_nobody(self):
        broken = self._break_statements(self.orders, "SELECT no_such_column FROM sale_order")
        with broken, mute_logger("odoo.sql_db"), self.assertRaises(UndefinedColumn):
            self._bill()
        self.assertFalse(self.env["subscription.billing.claim"].sudo().search([]))
        self.assertFalse(any(self.orders.mapped("subscription_parked_reason")))
        self.assertEqual(self._bill()["invoices"], COUNT)

    def test_orders_that_cannot_even_be_parked_do_not_hide_those_after_them(self):
        Run, Order = self.registry["subscription.billing.run"], self.registry["sale.order"]
        lock_due = Run._lock_due

        def _lock_due(run, company, today, *conditions, limit=2, **options):
            return lock_due(run, company, today, *conditions, limit=min(limit, 2), **options)

        def _subscription_park(orders, reason, today):
            raise ValueError("no activities today")

        with (
            self._fail_billing(self.orders[:3], UserError("No")),
            patch.object(Run, "_lock_due", _lock_due),
            patch.object(Order, "_subscription_park", _subscription_park),
            mute_logger("odoo.addons.sale_subscription_plus.worker"),
        ):
            result = self._bill()
        self.assertEqual((result["invoices"], result["parked"], result["left_due"]), (COUNT - 3, 0, 3))

    def test_an_error_while_posting(self):
        Move = self.registry["account.move"]
        original, bad_name = Move._post, self.bad.name
        reason = "The tax office is closed."

        def _post(moves, soft=True):
            if bad_name in moves.mapped("invoice_origin"):
                raise UserError(reason)
            return original(moves, soft=soft)

        with patch.object(Move, "_post", _post):
            self._assert_one_parked(reason)
        self._set_today("2026-01-02")
        self._assert_billed_when_mended()

    def test_several_bad_orders_are_each_found(self):
        bad = self.orders[0] | self.orders[7] | self.orders[8] | self.orders[-1]
        with self._fail_billing(bad, UserError("No")):
            result = self._bill()
        self.assertEqual((result["invoices"], result["parked"]), (COUNT - 4, 4))
        self.assertEqual(self.orders.filtered("subscription_parked_reason"), bad)
        self.assertEqual(set((self.orders - bad).mapped(lambda order: len(order.invoice_ids))), {1})

    def test_all_orders_bad(self):
        with self._fail_billing(self.orders, UserError("No")):
            result = self._bill()
        self.assertEqual((result["invoices"], result["parked"], result["left_due"]), (0, COUNT, 0))

    def test_another_reason_replaces_the_first_in_the_same_activity(self):
        with self._fail_billing(self.bad, UserError("First reason")):
            self._bill()
        with self._fail_billing(self.bad, UserError("Second reason")):
            self._bill("2026-01-02")
        self.assertEqual(self.bad.subscription_parked_reason, "Second reason")
        self.assertEqual(len(self._get_activities()), 1)
        self.assertIn("Second reason", self._get_activities().note)

    def test_a_parked_order_catches_up_on_all_it_missed(self):
        with self._fail_billing(self.bad, UserError("No")):
            for day in ("2026-01-01", "2026-01-02", "2026-02-01", "2026-03-01"):
                self._bill(day)
        self.assertEqual(self._bill("2026-03-02")["invoices"], 3)
        self.assertTiled(self.bad)

    def test_an_order_without_salesperson_gets_its_activity_too(self):
        self.bad.user_id = self.bad.team_id = False
        with self._fail_billing(self.bad, UserError("No")):
            self._bill()
        self.assertEqual(len(self._get_activities()), 1)
        self.assertTrue(self._get_activities().user_id)

    def test_an_order_of_an_archived_salesperson_gets_its_activity_too(self):
        self.salesman.active = False
        with self._fail_billing(self.bad, UserError("No")):
            self._bill()
        self.assertTrue(self.bad.subscription_parked_reason)
        self.assertEqual(len(self._get_activities()), 1)

    def test_a_reason_with_signs_of_html_is_shown_as_it_is(self):
        with self._fail_billing(self.bad, UserError("Ship <b>to</b> & bill")):
            self._bill()
        self.assertEqual(self.bad.subscription_parked_reason, "Ship <b>to</b> & bill")
        self.assertNotIn("<b>", str(self._get_activities().note))

    # === THE BUTTON ===#

    def test_the_button_tells_the_reason_and_leaves_nothing_half_done(self):
        def state():
            self.env.invalidate_all()
            return (
                self.env["account.move"].search_count([]),
                self.env["subscription.period"].search_count([]),
                self.orders.mapped("subscription_next_invoice_date"),
                self.orders.mapped("subscription_parked_reason"),
            )

        before = state()
        failing = self._fail_billing(self.bad, UserError("Choose an EDI code for Ada."))
        with failing, self.assertRaisesRegex(UserError, "Choose an EDI code for Ada."):
            self.orders[:15].action_subscription_bill()
        self.assertEqual(state(), before)

    def test_the_button_names_the_order_that_blocks(self):
        _tax, account = self._create_bad_tax()
        account.active = False
        with self.assertRaisesRegex(UserError, f"{self.bad.name}.*Newspaper tax"):
            self.bad.action_subscription_bill()

    def test_the_button_bills_a_parked_order_at_once(self):
        with self._fail_billing(self.bad, UserError("No")):
            self._bill()
        self.bad.action_subscription_bill()
        self.assertEqual(len(self.bad.invoice_ids), 1)
        self.assertFalse(self.bad.subscription_parked_reason)
        self.assertFalse(self._get_activities())

    # === OTHER TRANSACTIONS IN THE WAY ===#

    @contextmanager
    def _interrupt(self, error, times=1):
        """Raise ``error`` the first ``times`` that the bad order is invoiced."""
        Order = self.registry["sale.order"]
        original, bad_id, left = Order._prepare_invoice, self.bad.id, [times]

        def _prepare_invoice(order):
            if order.id == bad_id and left[0]:
                left[0] -= 1
                raise error
            return original(order)

        with patch.object(Order, "_prepare_invoice", _prepare_invoice):
            yield left

    def test_a_serialization_failure_restarts_and_parks_nobody(self):
        for error in (SerializationFailure("could not serialize"), LockNotAvailable("busy")):
            order = self.bad = self._create_subscription(TODAY)
            with self.subTest(error=error), self._interrupt(error, 3) as left:
                result = self._bill()
                self.assertEqual(left, [0])
                self.assertEqual((result["parked"], result["left_due"]), (0, 0))
                self.assertFalse(order.subscription_parked_reason)
                self.assertEqual(len(order.invoice_ids), 1)

    def test_who_is_always_in_the_way_is_left_for_the_next_run(self):
        with self._interrupt(SerializationFailure("could not serialize"), 10000), patch("time.sleep"):
            result = self._bill()
        self.assertEqual((result["invoices"], result["parked"], result["left_due"]), (COUNT - 1, 0, 1))
        self.assertFalse(self.bad.subscription_parked_reason)
        result = self._bill()
        self.assertEqual(result["left_due"], 0)
        self.assertEqual({len(order.invoice_ids) for order in self.orders}, {1})

    # === KILLED WORKERS ===#

    def _create_orphan(self, orders, **values):
        """Leave what a worker leaves that was killed while it billed ``orders``."""
        session = {"backend_pid": 2**22 + 1, "backend_start": "2026-01-01 00:00:00+00"}
        return self.env["subscription.billing.claim"].sudo().create({"order_ids": orders.ids, **session, **values})

    def _spy_on_bills(self, calls):
        Run = self.registry["subscription.billing.run"]
        original = Run._bill

        def _bill(run, orders, today):
            calls.append(orders.ids)
            return original(run, orders, today)

        return patch.object(Run, "_bill", _bill)

    def test_orders_of_a_killed_worker_are_billed_singly(self):
        suspects, calls = self.orders[:3], []
        claim = self._create_orphan(suspects)
        with self._spy_on_bills(calls):
            result = self._bill()
        self.assertEqual((result["invoices"], result["parked"]), (COUNT, 0))
        self.assertEqual(calls[:3], [[order.id] for order in suspects])
        self.assertFalse(claim.exists())
        self.assertEqual(set(self.orders.mapped(lambda order: len(order.invoice_ids))), {1})

    def test_an_order_that_killed_twice_is_parked(self):
        self._create_orphan(self.bad, suspected=True)
        self._bill_by_cron()
        self.assertIn("stopped the server", self.bad.subscription_parked_reason)
        self.assertIn("administrator", self.bad.subscription_parked_reason)
        self.assertFalse(self.bad.invoice_ids)
        self.assertEqual(len(self._get_activities()), 1)
        self.assertEqual(set(self.good.mapped(lambda order: len(order.invoice_ids))), {1})
        self.assertEqual(self._bill("2026-01-02")["invoices"], 1, "It is tried again the next day.")

    def test_a_killed_worker_that_had_finished_its_order_parks_nobody(self):
        self.bad.action_subscription_bill()
        self._create_orphan(self.bad, suspected=True)
        self.assertEqual(self._bill()["parked"], 0)
        self.assertFalse(self.bad.subscription_parked_reason)

    def test_the_only_order_of_a_chunk_is_tried_again_after_its_worker_was_killed(self):
        self._create_orphan(self.bad)
        result = self._bill()
        self.assertEqual((result["invoices"], result["parked"]), (COUNT, 0))

    def _get_claims(self, billing):
        """Return [(orders, suspected)] of the claims that a worker makes while ``billing``."""
        Claim, claims = self.registry["subscription.billing.claim"], []
        original = Claim._claim

        def _claim(claim, claim_id, order_ids, suspected):
            claims.append((self.orders.browse(order_ids), suspected))
            return original(claim, claim_id, order_ids, suspected)

        with patch.object(Claim, "_claim", _claim):
            billing()
        return claims

    def test_orders_of_a_killed_worker_are_claimed_as_suspected(self):
        self._create_orphan(self.bad)
        self.assertEqual(self._get_claims(self._bill), [(self.bad, True), (self.good, False)])

    def test_parked_orders_are_claimed_as_suspected(self):
        with self._fail_billing(self.bad, UserError("No")):
            self._bill()
        self.assertEqual(self._get_claims(lambda: self._bill("2026-01-02")), [(self.bad, True)])

    def test_an_idle_claim_of_a_killed_worker_is_cleared(self):
        claim = self._create_orphan(self.env["sale.order"])
        self.assertEqual(self._bill()["parked"], 0)
        self.assertFalse(claim.exists())

    def test_a_claim_on_orders_that_are_gone_harms_nobody(self):
        claim = self._create_orphan(self.bad)
        claim.order_ids = [2**30]
        self.assertEqual(self._bill()["invoices"], COUNT)

    def test_a_living_worker_keeps_its_claim(self):
        self.env.cr.execute("SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()")
        pid, start = self.env.cr.fetchone()
        claim = self._create_orphan(self.bad)
        claim.write({"backend_pid": pid, "backend_start": start})
        self.assertEqual(self._bill()["parked"], 0)
        self.assertTrue(claim.exists())

    def test_a_run_leaves_no_claim_behind(self):
        with self._fail_billing(self.bad, UserError("No")):
            self._bill()
        self.assertFalse(self.env["subscription.billing.claim"].sudo().search([]))

    # === OUT OF TIME ===#

    def test_a_run_out_of_time_goes_on_later(self):
        Cron = self.registry["ir.cron"]
        with patch.object(Cron, "_commit_progress", lambda *_args, **_kwargs: 0):
            result = self._bill()
        self.assertEqual(result["invoices"] + result["left_due"], COUNT)
        self._bill()
        self.assertEqual(set(self.orders.mapped(lambda order: len(order.invoice_ids))), {1})
