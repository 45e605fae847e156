from odoo.tests import Form

from ..models import sale_order_notice
from .test_payment_mails import PaymentMailsCommon


class TestTermClose(PaymentMailsCommon):
    """When a subscription ends if notice is given today."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.year = cls._create_plan("Monthly, for a year", commitment_months=12, notice_days=30)
        cls._set_recurring_price(cls.magazine, cls.year, 11.0)

    def _get_close(self, order, day):
        self._set_today(day)
        today = self._date(day)
        return str(order._get_term_close_date(today)), order._get_term_close_sentence(today)

    def test_in_time_it_ends_with_its_term(self):
        order = self._create_subscription("2026-01-01", plan=self.year)
        self.assertEqual(order.subscription_term_end, self._date("2026-12-31"))
        self.assertEqual(order.subscription_notice_deadline, self._date("2026-12-01"))
        for day in ("2026-01-01", "2026-06-30", "2026-12-01"):
            with self.subTest(day=day):
                date, sentence = self._get_close(order, day)
                self.assertEqual(date, "2027-01-01")
                self.assertIn("12/31/2026", sentence)

    def test_too_late_it_ends_with_the_next_term(self):
        order = self._create_subscription("2026-01-01", plan=self.year)
        for day in ("2026-12-02", "2026-12-31"):
            with self.subTest(day=day):
                date, sentence = self._get_close(order, day)
                self.assertEqual(date, "2028-01-01")
                self.assertIn("due by 12/01/2026", sentence)
                self.assertIn("12/31/2027", sentence)

    def test_the_next_term_is_in_force_once_it_has_begun(self):
        order = self._create_subscription("2026-01-01", plan=self.year)
        self._bill("2027-01-01")
        self.assertEqual(order.subscription_term_end, self._date("2027-12-31"))
        self.assertEqual(self._get_close(order, "2027-01-02")[0], "2028-01-01")

    def test_without_notice_its_last_day_will_do(self):
        self.year.notice_days = 0
        order = self._create_subscription("2026-01-01", plan=self.year)
        self.assertEqual(self._get_close(order, "2026-12-31")[0], "2027-01-01")

    def test_a_notice_longer_than_the_term(self):
        plan = self._create_plan("Monthly terms", commitment_months=1, notice_days=45)
        order = self._create_subscription("2026-01-31", plan=plan, lines=[self._line(price_unit=1.0)])
        # 45 days before 30 April is 16 March; before 30 March, 13 February.
        self.assertEqual(self._get_close(order, "2026-02-13")[0], "2026-03-31")
        self.assertEqual(self._get_close(order, "2026-02-14")[0], "2026-04-30")

    def test_terms_from_a_leap_day(self):
        plan = self._create_plan("Yearly terms", commitment_months=12, notice_days=10)
        order = self._create_subscription("2024-02-29", plan=plan, lines=[self._line(price_unit=1.0)])
        self.assertEqual(self._get_close(order, "2027-02-20")[0], "2028-02-29")
        self.assertEqual(self._get_close(order, "2028-02-18")[0], "2028-02-29")
        self.assertEqual(self._get_close(order, "2028-02-19")[0], "2029-02-28")

    def test_the_screen_tells_when_notice_comes_too_late(self):
        order = self._create_subscription("2026-01-01", plan=self.year)
        self._bill("2026-12-05")
        wizard = self.env["subscription.close.wizard"].create(
            {
                "order_ids": order.ids,
                "reason_id": self.env.ref("sale_subscription_plus.close_reason_other").id,
                "moment": "term",
            }
        )
        self.assertIn("due by 12/01/2026", wizard.summary)
        wizard.action_close()
        self.assertEqual(order.subscription_closed_on, self._date("2028-01-01"))
        self._bill("2027-12-31")
        self.assertEqual(order.subscription_status, "progress")
        self._bill("2028-01-01")
        self.assertEqual(order.subscription_status, "closed")
        self.assertTiled(order)

    def test_a_term_that_ends_by_itself_needs_no_notice(self):
        order = self._create_subscription("2026-01-01", plan=self.year, subscription_auto_renew=False)
        self.assertEqual(self._get_close(order, "2026-12-20")[0], "2027-01-01")

    def test_without_a_term_there_is_no_such_day(self):
        order = self._create_subscription("2026-01-01")
        self.assertEqual(self._get_close(order, "2026-06-01"), ("False", ""))

    def test_before_the_start_the_first_term_counts(self):
        order = self._create_subscription(plan=self.year, subscription_start="2026-05-01")
        self.assertEqual(self._get_close(order, "2026-01-10")[0], "2027-05-01")


class TestTermMails(PaymentMailsCommon):
    """Customers are told ahead of the end of their term: once, in time, with what it means."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.year = cls._create_plan("Monthly, for a year", commitment_months=12, notice_days=30, term_mail_days=14)
        cls._set_recurring_price(cls.magazine, cls.year, 11.0)

    def _run(self, day):
        """Run the scheduled action on ``day``."""
        self._set_today(day)
        cron = self.env.ref("sale_subscription_plus.ir_cron_subscription_terms").sudo()
        with self._test_mode():
            self.assertIs(cron.method_direct_trigger(), True, "The scheduled action failed.")

    def _count(self, order):
        return len(self._get_mails(order))

    def test_they_are_told_days_before_the_last_day_of_notice_and_once(self):
        order = self._create_subscription("2026-01-01", plan=self.year)
        # The last day of notice is 1 December; 14 days before is 17 November.
        self._run("2026-11-16")
        self.assertEqual(self._count(order), 0)
        self._run("2026-11-17")
        self.assertEqual(self._count(order), 1)
        for day in ("2026-11-17", "2026-11-18", "2026-12-01", "2026-12-20"):
            self._run(day)
        self.assertEqual(self._count(order), 1)

    def test_each_term_is_told(self):
        order = self._create_subscription("2026-01-01", plan=self.year)
        self._run("2026-11-17")
        self._bill("2027-01-01")
        self._run("2027-11-16")
        self.assertEqual(self._count(order), 1)
        self._run("2027-11-17")
        self.assertEqual(self._count(order), 2)

    def test_what_the_mail_says(self):
        order = self._create_subscription("2026-01-01", plan=self.year, lines=[self._line(product_uom_qty=2)])
        self._run("2026-11-20")
        self.assertMail(
            self._get_mails(order),
            f"Press & Co: your subscription {order.name} renews on 01/01/2027",
            "ends on 12/31/2026",
            "until 12/31/2027",
            "Magazine × 2",
            "$ 22.00 / month",
            "by 12/01/2026",
            link=order.get_base_url() + order.get_portal_url(),
        )
        self.assertIn(self._get_mails(order).mail_message_id, order.message_ids)
        self.assertEqual(self._get_mails(order).recipient_ids, self.customer)

    def test_a_term_that_ends_is_told_otherwise(self):
        order = self._create_subscription("2026-01-01", plan=self.year, subscription_auto_renew=False)
        self._run("2026-11-20")
        self.assertMail(
            self._get_mails(order),
            f"Press & Co: your subscription {order.name} ends on 12/31/2026",
            "ends with its term, on 12/31/2026",
            "$ 11.00 / month",
            link=order.get_base_url() + order.get_portal_url(),
        )

    def test_it_is_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("nl_NL")
        self.customer.lang = "nl_NL"
        order = self._create_subscription("2026-01-01", plan=self.year)
        self._run("2026-11-20")
        self.assertIn("31-12-2026", self._get_mails(order).body_html)

    def test_a_run_that_was_out_tells_as_long_as_it_matters(self):
        late, too_late, ends = (
            self._create_subscription("2026-01-01", plan=self.year, subscription_auto_renew=renew)
            for renew in (True, True, False)
        )
        too_late.subscription_notice_days = 60
        self._run("2026-11-30")
        self.assertEqual((self._count(late), self._count(too_late)), (1, 0))
        self._run("2026-12-30")
        self.assertEqual((self._count(too_late), self._count(ends)), (0, 1))

    def test_who_has_left_or_has_renewed_is_not_told(self):
        closing, renewed = (self._create_subscription("2026-01-01", plan=self.year) for _number in range(2))
        self._bill()
        closing.sudo()._subscription_close(
            self._date("2027-01-01"), self.env.ref("sale_subscription_plus.close_reason_other")
        )
        renewed.sudo()._subscription_renew().action_confirm()
        self._run("2026-11-20")
        self.assertEqual((self._count(closing), self._count(renewed)), (0, 0))

    def test_nobody_is_told_where_the_plan_does_not_say_so(self):
        self.year.term_mail_days = 0
        order = self._create_subscription("2026-01-01", plan=self.year)
        self._run("2026-11-20")
        self.assertEqual(self._count(order), 0)

    def test_who_cannot_be_told_is_noted_and_stops_nobody(self):
        silent, broken, fine = (self._create_subscription("2026-01-01", plan=self.year) for _number in range(3))
        silent.partner_id = self.env["res.partner"].create({"name": "Quiet"})
        template = self.env.ref("sale_subscription_plus.mail_template_term_renews")
        template.subject = f"{{{{ 1 / 0 if object.id == {broken.id} else object.name }}}}"
        self._run("2026-11-20")
        self.assertEqual((self._count(silent), self._count(broken), self._count(fine)), (0, 0, 1))
        for order in (silent, broken):
            self.assertIn("was not told", "".join(order.message_ids.mapped("body")))
        self._run("2026-11-21")
        notes = [message for message in silent.message_ids if "was not told" in (message.body or "")]
        self.assertEqual(len(notes), 1)

    def test_a_run_that_is_killed_tells_the_rest_and_nobody_twice(self):
        orders = self.env["sale.order"].union(
            *(self._create_subscription("2026-01-01", plan=self.year) for _number in range(3))
        )
        Order = self.registry["sale.order"]
        original, told = Order._subscription_tell_term, []

        def killed(order):
            if len(told) == 2:
                raise KeyboardInterrupt
            told.append(order.id)
            return original(order)

        self._set_today("2026-11-20")
        self.patch(self.registry["sale.order"], "_subscription_tell_term", killed)
        self.patch(sale_order_notice, "BATCH", 1)
        with self.assertRaises(KeyboardInterrupt), self._test_mode(), self.registry.cursor() as cr:
            self.env["sale.order"].with_env(self.env(cr=cr, su=True))._cron_subscription_tell_terms()
        self.patch(self.registry["sale.order"], "_subscription_tell_term", original)
        self._run("2026-11-20")
        self.assertEqual([self._count(order) for order in orders], [1, 1, 1])

    def test_the_run_finds_them_by_an_index(self):
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute(
            """
            EXPLAIN SELECT id FROM sale_order
             WHERE company_id = 1 AND subscription_status = 'progress' AND subscription_term_end IS NOT NULL
               AND subscription_term_told IS DISTINCT FROM subscription_term_end
               AND subscription_term_end - subscription_notice_days <= '2026-12-01'
            """
        )
        plan = "\n".join(row for (row,) in self.env.cr.fetchall())
        self.assertIn("subscription_notice_idx", plan)

    def test_the_plan_says_how_many_days_ahead(self):
        with Form(self.year) as form:
            form.term_mail_days = 20
        order = self._create_subscription("2026-01-01", plan=self.year)
        self._run("2026-11-11")
        self.assertEqual(self._count(order), 1)
