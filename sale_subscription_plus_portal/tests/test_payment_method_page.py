from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.sale_subscription_plus.tests.trap import trap_charges

from .care_common import CareCommon
from .common import Refused

PATH = "/payment_method"


class MethodCommon(CareCommon):
    """What the form of the page sends."""

    def _save(self, link=None, order=None, **params):
        order = order or self.order
        values = {
            "access_token": self.link if link is None else link,
            "provider_id": self.provider.id,
            "payment_method_id": self.payment_method.id,
            "token_id": None,
            "amount": None,
            "flow": "redirect",
            "tokenization_requested": True,
            "landing_route": "/evil",
            "is_validation": True,
            **params,
        }
        answer = self._call(f"/my/subscriptions/{order.id}{PATH}/transaction", **values)
        return self._get_tx(answer["reference"])

    def _assign(self, token, link=None, suffix="assign"):
        link = self.link if link is None else link
        return self._call(f"/my/subscriptions/{self.order.id}{PATH}/{suffix}", token_id=token.id, access_token=link)

    def assertMethodRefused(self, action, *args, **params):
        with self.assertRaises(Refused), mute_logger("odoo.http"):
            action(*args, **params)
        self.env.invalidate_all()


@tagged("-at_install", "post_install")
class TestPaymentMethodPage(MethodCommon):
    """The customer saves, changes and removes the method of a subscription, with or without a login."""

    def test_a_method_is_saved_by_the_link_alone(self):
        page = self._open_by_link(suffix=PATH)
        self.assertEqual(page.status_code, 200)
        transaction = self._save()
        self.assertEqual((transaction.operation, transaction.amount, transaction.tokenize), ("validation", 0.0, True))
        self.assertEqual(transaction.landing_route, f"/my/subscriptions/{self.order.id}?access_token={self.link}")
        self._answer(transaction, "done")
        self.assertEqual(self.order.subscription_token_id, transaction.token_id)
        self.assertEqual(self.invoice.amount_residual, 12.0, "nothing was paid")

    def test_the_page_names_the_method_to_the_customers_login_and_its_kind_to_the_link(self):
        self.order.subscription_token_id = self._create_method(self.customer)
        for suffix in ("", PATH):
            by_link = self._open_by_link(suffix=suffix).text
            self.assertIn(self.payment_method.name, by_link)
            self.assertNotIn("4242", by_link)
        self._log_in(self.ada)
        for suffix in ("", PATH):
            self.assertIn("4242", self._open(suffix=suffix).text)

    def test_a_method_that_expires_is_told_in_time_and_one_that_is_gone_too(self):
        method = self._create_method(self.customer)
        self.order.subscription_token_id = method
        self.assertNotIn("subscription_method_alert", self._read(self._open_by_link()))
        method.subscription_expires_on = "2026-01-20"
        self.assertIn("It expires on 01/20/2026", self._read(self._open_by_link())["subscription_method_alert"])
        method.subscription_expires_on = "2025-12-31"
        self.assertIn("cannot be charged any more", self._read(self._open_by_link())["subscription_method_alert"])
        self._log_in(self.ada)
        self.assertIn("It expired on 12/31/2025", self._read(self._open())["subscription_method_alert"])

    def test_what_failed_is_charged_to_the_new_method_at_once(self):
        self.order.subscription_token_id = self._create_method(self.customer)
        self.charge.sudo()._need_method("Lost card")
        self.assertIn(f"What is open ({self.invoice.name}) is charged", self._open_by_link(suffix=PATH).text)
        self._answer(self._save(), "done")
        self.assertEqual(self.charge.state, "waiting")
        with self._test_mode(), self.registry.cursor() as cr, trap_charges(self.env) as trap:
            self.env(cr=cr)["subscription.charging.run"].sudo()._run()
        self.assertEqual(trap.amounts, [12.0])

    def test_the_box_lets_it_pay_the_other_subscriptions_too(self):
        other = self._bill_another().line_ids.sale_line_ids.order_id
        self.assertIn("subscription_enrol_all", self._open_by_link(suffix=PATH).text)
        self._answer(self._save(), "done")
        self.assertFalse(other.subscription_token_id)
        self.order.subscription_token_id = False
        transaction = self._answer(self._save(subscription_enrol_all=True), "done")
        self.assertEqual((self.order + other).subscription_token_id, transaction.token_id)

    def test_the_customer_chooses_a_method_saved_before(self):
        method = self._create_method(self.customer)
        other = self._bill_another().line_ids.sale_line_ids.order_id
        self._log_in(self.ada)
        self.assertEqual(self._get_tokens_on(self._open(suffix=PATH)), [method.id])
        self._assign(method, link="")
        self.assertEqual((self.order + other).mapped("subscription_token_id"), method)
        self.assertFalse(other.subscription_token_id)
        self.order.subscription_token_id = False
        self._assign(method, suffix="assign_all")
        self.assertEqual(other.subscription_token_id, method)

    def test_who_logs_in_saves_their_own_method_and_who_has_the_link_that_of_who_gets_the_invoices(self):
        desk = self.env["res.partner"].create({"name": "Desk", "parent_id": self.customer.id, "type": "invoice"})
        self.order.partner_invoice_id = desk
        method = self._create_method(self.customer)
        self.assertEqual(self._save().partner_id, desk)
        self._log_in(self.ada)
        self.assertEqual(self._get_tokens_on(self._open(suffix=PATH)), [method.id])
        self.assertEqual(self._save(link="").partner_id, self.customer)

    def test_automatic_payment_is_turned_off_and_the_history_tells_by_whom(self):
        self.order.subscription_token_id = self._create_method(self.customer)
        self.assertDone(self._post(f"{PATH}/remove"), "method_removed")
        self.assertFalse(self.order.subscription_token_id)
        told = self.order.message_ids.filtered(lambda message: "Automatic payment is off" in message.body)
        self.assertEqual(told.author_id, self.customer)
        self.assertDone(self._post(f"{PATH}/remove"), "method_removed")
        self.assertEqual(len([body for body in self._get_history() if "payment is off" in body]), 1, "once is enough")

    def test_what_has_ended_and_is_paid_needs_no_method(self):
        self._answer(self._begin_on_page(), "done")
        self.order.sudo()._subscription_close(self.order.company_id._get_subscription_today(), self._get_reason())
        self.assertEqual(self.order.subscription_status, "closed")
        self.assertEqual(self._open_by_link(suffix=PATH).status_code, 303)
        self.assertMethodRefused(self._save)

    def _get_reason(self):
        return self.env.ref("sale_subscription_plus.close_reason_expensive")

    def test_a_method_that_cannot_be_saved_is_refused(self):
        self.assertMethodRefused(self._save, payment_method_id=self._create_unsavable_method().id)
        self.provider.allow_tokenization = False
        self.assertMethodRefused(self._save)

    def test_nonsense_from_a_browser_is_answered_with_a_sentence(self):
        for params in (
            {"provider_id": "abc"},
            {"provider_id": 10**30},
            {"payment_method_id": None},
            {"subscription_enrol_order_ids": [self.order.id]},
            {"flow": "token", "token_id": 10**30},
        ):
            with self.subTest(params=params):
                self.assertMethodRefused(self._save, **params)


@tagged("-at_install", "post_install")
class TestWhoMayGiveTheMethod(MethodCommon):
    """Only the customer's own method pays a subscription by itself."""

    def test_nobody_else_changes_it(self):
        adas, eves = self._create_method(self.customer), self._create_method(self.eve.partner_id)
        self.order.subscription_token_id = adas
        self.assertRefusedToAll(f"{PATH}/remove", "pay")
        for visitor, level in ((None, ""), (None, "wrong"), (self.eve, ""), (self.eve, "own"), (None, "see")):
            with self.subTest(visitor=visitor and visitor.name, level=level):
                link = self._come(visitor, level)
                self.assertMethodRefused(self._save, link=link)
                for method in adas + eves:
                    for suffix in ("assign", "assign_all"):
                        self.assertMethodRefused(self._assign, method, link=link, suffix=suffix)
                self.assertEqual(self._open(suffix=PATH, access_token=link).status_code, 303)
        self.assertEqual(self.order.subscription_token_id, adas)

    def test_who_has_a_link_only_uses_no_saved_method(self):
        method = self._create_method(self.customer)
        self._log_out()
        self.assertEqual(self._get_tokens_on(self._open_by_link(suffix=PATH)), [])
        self.assertMethodRefused(self._assign, method)
        self.assertMethodRefused(self._save, flow="token", token_id=method.id, payment_method_id=None)

    def test_who_was_let_in_from_outside_gives_no_method_at_any_level(self):
        for level in ("pay", "manage"):
            with self.subTest(level=level):
                link = self._come(None, level)
                self.assertIn("Only the customer gives the method", self._open(access_token=link).text)
                self.assertMethodRefused(self._save, link=link)
                self.assertSentHome(self._post(f"{PATH}/remove", link=link))

    def test_a_colleague_who_pays_gives_a_method_of_their_own(self):
        carl = self._create_colleague()
        self._log_in(carl)
        page = self._open(suffix=PATH)
        self.assertEqual(page.status_code, 200)
        self.assertNotIn(self.link, page.text, "with the customer's link they could do more")
        transaction = self._answer(self._save(link=""), "done")
        self.assertEqual(transaction.token_id.partner_id, carl.partner_id, "theirs, and not that of the contact")
        self.assertEqual(self.order.subscription_token_id, transaction.token_id)

    def test_a_colleague_let_in_to_one_subscription_reaches_no_other_one(self):
        self.friend.parent_id = self.customer
        other = self._bill_another().line_ids.sale_line_ids.order_id
        link = self._come(None, "pay")
        page = self._open(suffix=PATH, access_token=link).text
        self.assertNotIn("subscription_enrol_all", page)
        self.assertNotIn(self.link, page)
        transaction = self._save(link=link, subscription_enrol_all=True)
        self.assertEqual(transaction.landing_route, f"/my/subscriptions/{self.order.id}?access_token={link}")
        self._answer(transaction, "done")
        self.assertEqual(self.order.subscription_token_id.partner_id, self.friend)
        self.assertFalse(other.subscription_token_id)

    def test_a_method_of_another_company_is_not_taken(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        provider = self.provider.copy({"company_id": company.id, "journal_id": False})
        foreign = self._create_token(partner_id=self.customer.id, provider_id=provider.id)
        self._log_in(self.ada)
        self.assertMethodRefused(self._assign, foreign)


@tagged("-at_install", "post_install")
class TestMethodMails(MethodCommon):
    """Mails that ask for a method lead to its page, and give nobody more than they may."""

    def test_a_mail_about_an_expiry_leads_to_the_page(self):
        self.order.subscription_token_id = self._create_method(self.customer)
        link = self.order.subscription_token_id._get_subscription_method_link()
        self.assertTrue(link.endswith(f"/my/subscriptions/{self.order.id}{PATH}?access_token={self.link}"))
        self.assertEqual(self.url_open(link, allow_redirects=False).status_code, 200)

    def test_a_colleague_whose_method_pays_gets_no_link_of_the_customer(self):
        carl = self._create_colleague()
        self.order.subscription_token_id = self._create_method(carl.partner_id)
        self.assertNotIn("access_token", self.order.subscription_token_id._get_subscription_method_link())
        token = self._let_in("pay", carl.partner_id)
        self.assertIn(token, self.order.subscription_token_id._get_subscription_method_link())

    def test_a_mail_about_a_failure_leads_the_contact_to_the_page_and_others_to_the_invoice(self):
        self.assertIn(f"/my/subscriptions/{self.order.id}{PATH}?", self.charge._get_method_link())
        self.assertEqual(self.url_open(self.charge._get_method_link(), allow_redirects=False).status_code, 200)
        desk = self.env["res.partner"].create({"name": "Desk", "parent_id": self.customer.id, "type": "invoice"})
        invoice = self._bill_another(partner_invoice_id=desk.id)
        link = invoice._get_subscription_charges()._get_method_link()
        self.assertIn(f"/my/invoices/{invoice.id}{PATH}?", link)
        self.assertEqual(self.url_open(link, allow_redirects=False).status_code, 200)


@tagged("-at_install", "post_install")
class TestSavedMethodsPage(MethodCommon):
    """Odoo's own page of saved methods says what each of them pays."""

    def test_it_says_what_a_method_pays_and_what_deleting_it_means(self):
        self.order.subscription_token_id = self._create_method(self.customer)
        self._create_method(self.customer)
        self._log_in(self.ada)
        page = self.url_open("/my/payment_method").text
        self.assertEqual(page.count(f"Pays {self.order.name}."), 1)
        info = self.order.subscription_token_id.get_linked_records_info()
        self.assertEqual((info[0]["name"], info[0]["url"]), (self.order.name, f"/my/subscriptions/{self.order.id}"))

    def test_deleting_it_asks_for_another_one_and_the_history_tells(self):
        method = self._create_method(self.customer)
        self.order.subscription_token_id = method
        self._log_in(self.ada)
        self._call("/payment/archive_token", token_id=method.id)
        self.assertFalse(method.active)
        told = self.order.message_ids.filtered(lambda message: "was deleted" in message.body)
        self.assertEqual(told.author_id, self.customer)
        alert = self._read(self._open())["subscription_method_alert"]
        self.assertIn("not in use any more", alert)

    def test_a_pay_colleague_from_outside_pays_one_invoice_and_saves_nothing(self):
        link = self._come(None, "pay")
        page = self._get_page(access_token=link)
        self.assertEqual(page.status_code, 200)
        self.assertNotIn(self.invoice.access_token, page.text)
        self.assertNotIn(self.link, page.text)
        self.assertNotIn('name="subscription_enrol"', page.text)
        self.assertMethodRefused(self._begin_on_page, access_token=link, subscription_enrol=True)
        transaction = self._begin_on_page(access_token=link, tokenization_requested=True)
        self.assertFalse(transaction.tokenize)
        self.assertIn(link, transaction.landing_route)
        self._answer(transaction, "done")
        self.assertEqual(self.charge.state, "paid")
        self.assertFalse(self.order.subscription_token_id)
        self.assertSentHome(self._get_page(suffix=PATH, access_token=link))
        self.assertSentHome(self._turn_off_on_page(access_token=link))

    def test_who_may_see_an_invoice_does_not_pay_it(self):
        link = self._come(None, "see")
        page = self._get_page(access_token=link)
        self.assertEqual(page.status_code, 200)
        self.assertNotIn("o_payment_form", page.text)
        self.assertMethodRefused(self._begin_on_page, access_token=link)

    def test_the_link_of_a_subscription_opens_its_own_invoices_only(self):
        link = self._come(None, "pay")
        foreign = self._bill_another()
        self.assertSentHome(self._get_page(foreign, access_token=link))
        self.order.sudo().subscription_access_ids._revoke(self.customer)
        self.assertSentHome(self._get_page(access_token=link))

    def test_a_shared_login_opens_the_invoice_until_it_is_taken_back(self):
        self._let_in("pay", self.eve.partner_id)
        self._log_in(self.eve)
        self.assertEqual(self._get_page(access_token="").status_code, 200)
        self.order.sudo().subscription_access_ids._revoke(self.customer)
        self.assertSentHome(self._get_page(access_token=""))

    def test_no_page_of_a_payment_form_hands_the_link_of_the_invoice_to_who_was_let_in(self):
        key = self.invoice._portal_ensure_token()
        self._let_in("see", self.eve.partner_id)
        self._log_in(self.eve)
        other = self._bill_another(partner_id=self.eve.partner_id.id)
        for path in ("/my/payment_method", f"/my/invoices/{self.invoice.id}", f"/my/invoices/{other.id}"):
            with self.subTest(path=path):
                page = self.url_open(path, params={"invoice_id": self.invoice.id})
                self.assertEqual(page.status_code, 200)
                self.assertNotIn(key, page.text)
