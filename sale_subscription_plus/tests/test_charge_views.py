from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.fields import Date
from odoo.tests import Form, new_test_user
from odoo.tools import mute_logger
from odoo.tools.mail import html2plaintext
from odoo.tools.safe_eval import safe_eval

from .charging_common import ChargingCommon


class ScreensCommon(ChargingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = cls._create_person("sam_screens", "sales_team.group_sale_salesman")
        cls.other = cls._create_person("otto_screens", "sales_team.group_sale_salesman")
        cls.accountant = cls._create_person("anna_screens", "account.group_account_invoice")
        cls.reader = cls._create_person("rita_screens", "account.group_account_readonly")

    @classmethod
    def _create_person(cls, login, group):
        return new_test_user(cls.env, login, group, company_id=cls.company.id)

    def _fail(self, answer, **values):
        order = self._create_automatic(user_id=self.salesman.id, **values)
        self._charge(answer)
        return order, self._get_charge(order)

    def _get_buttons(self, record, user):
        """Return the names of the buttons that ``user`` is offered on the form of ``record``, as its state is."""
        record = record.with_user(user)
        arch = etree.fromstring(record.get_view(view_type="form")["arch"])
        values = record.read()[0]
        buttons = set()
        for node in arch.findall(".//header/button"):
            if not safe_eval(node.get("invisible", "False"), values):
                buttons.add(node.get("name"))
        return buttons

    def _get_outlook(self, charge):
        return html2plaintext(charge.outlook)


class TestChargeForm(ScreensCommon):
    """What staff see of a collection, and what they are offered."""

    def test_everybody_who_may_see_a_collection_can_open_it(self):
        _order, charge = self._fail("soft")
        for user in (self.salesman, self.accountant, self.reader):
            with self.subTest(user=user.login):
                form = Form(charge.with_user(user))
                self.assertEqual((form.state, form.amount_due), ("retrying", 12.0))
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            Form(charge.with_user(self.other))

    def test_buttons_are_offered_where_they_make_sense_to_whom_may_press_them(self):
        common = {"action_retry", "action_send_link"}
        for answer, salesman, accountant in (
            ("soft", common | {"action_close_subscriptions"}, common),
            ("hard", common | {"action_close_subscriptions"}, common),
            ("no_answer", {"action_close_subscriptions"}, {"action_mark_paid", "action_mark_not_paid"}),
            (404, {"action_retry", "action_close_subscriptions"}, {"action_retry"}),
            ("pending", {"action_close_subscriptions"}, set()),
            ("done", set(), set()),
        ):
            with self.subTest(answer=answer):
                _order, charge = self._fail(answer, token=self._create_token(provider_ref=str(answer)))
                self.assertEqual(self._get_buttons(charge, self.salesman), salesman)
                self.assertEqual(self._get_buttons(charge, self.accountant), accountant)
                self.assertEqual(self._get_buttons(charge, self.reader), set())

    def test_attempts_are_for_accountants(self):
        _order, charge = self._fail("soft")
        for user, seen in ((self.salesman, False), (self.accountant, True)):
            arch = etree.fromstring(charge.with_user(user).get_view(view_type="form")["arch"])
            self.assertEqual(bool(arch.xpath("//field[@name='transaction_ids']")), seen)

    def test_the_form_tells_day_by_day_what_comes_next(self):
        _order, charge = self._fail("soft")
        outlook = self._get_outlook(charge)
        days = ("01/02/2026", "01/04/2026", "01/08/2026", "01/11/2026", "01/12/2026", "01/15/2026")
        self.assertEqual([outlook.count(day) for day in days], [1] * len(days))
        self.assertEqual(sorted(days, key=outlook.index), list(days))
        self.assertIn("$ 12.00 is charged to •••• 4242", outlook.replace("\xa0", " "))
        self.assertIn("The subscription is closed", outlook)

    def test_the_form_tells_what_is_waited_for(self):
        for answer, said in (
            ("hard", "before the customer gives a new payment method"),
            ("no_answer", "It is not known whether the provider took the money"),
            ("pending", "The payment is on its way"),
            (404, "The customer was not told"),
        ):
            with self.subTest(answer=answer):
                _order, charge = self._fail(answer, token=self._create_token(provider_ref=str(answer)))
                self.assertIn(said, self._get_outlook(charge))
        self._charge("done")
        order = self._create_automatic(token=self._create_token(provider_ref="good"))
        self._charge("done")
        self.assertFalse(self._get_charge(order).outlook)

    def test_the_amount_to_collect_adds_up_in_lists_and_pivots(self):
        _order, charge = self._fail("soft")
        [(total,)] = charge._read_group([("id", "in", charge.ids)], [], ["amount_due_company:sum"])
        self.assertEqual(total, 12.0)
        self.assertEqual(charge.fields_get(["amount_due_company"])["amount_due_company"]["aggregator"], "sum")

    def test_each_filter_of_the_search_view_finds_its_collections(self):
        view = self.env.ref("sale_subscription_plus.subscription_charge_view_search")
        filters = etree.fromstring(self.env["subscription.charge"].get_view(view.id, "search")["arch"]).iter("filter")
        domains = {node.get("name"): node.get("domain") for node in filters if node.get("domain")}
        _order, charge = self._fail("soft")
        expected = {
            "soft": {"open", "failed", "automatic"},
            "hard": {"open", "failed", "awaiting", "automatic"},
            "done": {"paid", "automatic"},
            404: {"open", "to_resolve", "automatic"},
        }
        for answer, names in expected.items():
            with self.subTest(answer=answer):
                _order, charge = self._fail(answer, token=self._create_token(provider_ref=str(answer)))
                found = {
                    name
                    for name, domain in domains.items()
                    if charge in charge.search(safe_eval(domain, {"uid": self.env.uid}))
                }
                self.assertEqual(found, names)

    def test_the_overview_of_a_list_and_its_groups_open(self):
        self._fail("soft")
        Charge = self.env["subscription.charge"].with_user(self.salesman)
        for group in ("state", "policy_id", "user_id", "partner_id", "last_failure_kind", "due_on:month"):
            [(_group, count)] = Charge._read_group([], [group], ["__count"])
            self.assertEqual(count, 1)


class TestFollowUpWizard(ScreensCommon):
    def _assign(self, charge, user, **values):
        wizard = self.env["subscription.follow.up.wizard"].with_user(user)
        wizard = wizard.with_context(active_model=charge._name, active_ids=charge.ids)
        return wizard.create({"user_id": self.accountant.id, **values}).action_assign()

    def test_collections_are_handed_over_with_a_to_do(self):
        _order, charge = self._fail("soft")
        self._assign(charge, self.salesman, date_deadline="2026-01-05", note="Call her")
        self.assertEqual(charge.user_id, self.accountant)
        self.assertRecordValues(
            charge.activity_ids, [{"user_id": self.accountant.id, "date_deadline": Date.to_date("2026-01-05")}]
        )

    def test_without_a_date_nobody_gets_a_to_do(self):
        _order, charge = self._fail("soft")
        self._assign(charge, self.accountant)
        self.assertEqual(charge.user_id, self.accountant)
        self.assertFalse(charge.activity_ids)

    def test_nobody_hands_over_what_they_may_not_see(self):
        _order, charge = self._fail("soft")
        for user in (self.other, self.reader):
            with self.subTest(user=user.login), self.assertRaises(AccessError), mute_logger("odoo.models"):
                self._assign(charge, user)
        self.assertEqual(charge.user_id, self.salesman)


class TestPolicyForm(ScreensCommon):
    """A policy tells in words what it will do."""

    def _get_days(self, summary):
        return [
            line.split(maxsplit=2) for line in html2plaintext(summary).replace("*", "").splitlines() if line.strip()
        ]

    def test_the_standard_policy_is_told_day_by_day(self):
        policy = self.env.ref("sale_subscription_plus.dunning_policy_default")
        automatic = html2plaintext(policy.summary_automatic)
        by_hand = html2plaintext(policy.summary_by_hand)
        for day in (0, 1, 3, 7, 10, 11, 14):
            self.assertIn(f"Day {day}*", automatic)
        for day in (0, 1, 3, 10, 27, 30):
            self.assertIn(f"Day {day}*", by_hand)
        self.assertIn("Tried again, if it was declined for now.", automatic)
        self.assertIn("The customer is reminded.", by_hand)

    def test_the_words_follow_while_somebody_types(self):
        form = Form(self.env["subscription.dunning.policy"])
        form.name = "Patient"
        form.retry_days = "5"
        form.final_action = "pause"
        self.assertIn("Day 5*", html2plaintext(form.summary_automatic))
        self.assertIn("The subscription is paused until it is paid.", html2plaintext(form.summary_automatic))
        form.retry_days = "x"
        self.assertIn("is no list of days", html2plaintext(form.summary_automatic))
        form.retry_days = "2, 4"
        policy = form.save()
        self.assertTrue(policy.close_reason_id)

    def test_a_new_policy_sends_the_mails_that_come_with_the_add_on(self):
        policy = self.env["subscription.dunning.policy"].create({"name": "New"})
        for name, xmlid in (
            ("failed", "payment_failed"),
            ("method", "method_needed"),
            ("action", "confirm_payment"),
            ("reminder", "reminder"),
            ("warning", "last_warning"),
            ("final", "closed_unpaid"),
            ("paid", "paid"),
        ):
            self.assertEqual(
                policy[f"{name}_template_id"], self.env.ref(f"sale_subscription_plus.mail_template_{xmlid}")
            )

    def test_a_step_without_a_mail_says_so(self):
        self.policy.reminder_template_id = False
        self.assertIn("no template is chosen", html2plaintext(self.policy.summary_by_hand))


class TestSubscriptionForm(ScreensCommon):
    """The payment side of a subscription's own form."""

    def test_a_banner_tells_what_is_wrong_and_what_happens_next(self):
        order, charge = self._fail("soft")
        form = Form(order.with_user(self.salesman), view="sale.view_order_form")
        notice = form.subscription_payment_notice.replace("\xa0", " ")
        self.assertIn(f"{charge.move_id.name} ($ 12.00): Insufficient funds", notice)
        self.assertIn("01/02/2026: $ 12.00 is charged to •••• 4242", notice)
        self.assertIn("01/15/2026: The subscription is closed", notice)
        self._charge("done", "2026-01-02")
        self.assertFalse(order.subscription_payment_notice)
        self.assertFalse(self._get_invoices(order).subscription_charge_problem)

    def test_the_invoice_tells_the_same(self):
        order, charge = self._fail("hard")
        invoice = self._get_invoices(order).with_user(self.accountant)
        self.assertEqual(invoice.subscription_charge_state, "method_needed")
        self.assertIn("Lost card", invoice.subscription_charge_problem)
        action = invoice.action_view_subscription_charge()
        self.assertEqual((action["res_model"], action["res_id"]), ("subscription.charge", charge.id))

    def test_staff_change_and_remove_the_method_on_the_form(self):
        order, charge = self._fail("soft")
        other = self._create_token(provider_ref="other")
        with Form(order.with_user(self.salesman), view="sale.view_order_form") as form:
            form.subscription_token_id = other
        self.assertEqual((order.subscription_token_id, charge.token_id), (other, other))
        with Form(order.with_user(self.salesman), view="sale.view_order_form") as form:
            form.subscription_token_id = self.env["payment.token"]
        self.assertFalse(charge.is_automatic)

    def test_what_is_wrong_with_the_method_is_shown(self):
        order, _charge = self._fail("hard")
        self.assertIn("Lost card", order.subscription_token_problem)
        order, _charge = self._fail("done", token=self._create_token(provider_ref="good"))
        self.assertIs(order.subscription_token_problem, False)
        token = order.subscription_token_id.sudo()
        for day, said in (("2026-01-31", "It expires on 01/31/2026."), ("2025-12-31", "It expired on 12/31/2025.")):
            token.subscription_expires_on = Date.to_date(day)
            order.invalidate_recordset(["subscription_token_problem"])
            self.assertEqual(order.subscription_token_problem, said)
        order.subscription_token_id = False
        self.assertIs(order.subscription_token_problem, False)

    def test_collections_open_from_the_subscription(self):
        order, charge = self._fail("soft")
        action = order.with_user(self.salesman).action_view_subscription_charges()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), charge)


class TestSettings(ScreensCommon):
    def test_the_default_policy_is_chosen_for_each_company(self):
        settings = self.env["res.config.settings"].create({"subscription_dunning_policy_id": self.policy.id})
        settings.execute()
        self.assertEqual(self.env.company.subscription_dunning_policy_id, self.policy)
        plan = self._create_plan("Plain")
        self.assertEqual(self._create_quotation(plan=plan).subscription_dunning_policy_id, self.policy)

    def test_a_policy_in_use_is_archived_and_not_deleted(self):
        self._fail("soft")
        with self.assertRaises(UserError):
            self.policy.unlink()
        self.policy.action_archive()
        self.assertFalse(self.policy.active)
