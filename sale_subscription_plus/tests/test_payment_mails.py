import re
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.fields import Date
from odoo.tests import new_test_user
from odoo.tools.mail import html2plaintext

from .charging_common import ChargingCommon

DUTCH = "nl_NL"


class PaymentMailsCommon(ChargingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"name": "Press & Co", "email": "billing@press.example"})
        cls.salesman = new_test_user(
            cls.env, "sam_mails", "sales_team.group_sale_salesman", email="sam@press.example", company_id=cls.company.id
        )

    def _get_mails(self, record):
        """Return the mails about ``record``, the oldest first."""
        domain = [("model", "=", record._name), ("res_id", "=", record.id)]
        return self.env["mail.mail"].sudo().search(domain, order="id")

    def _read(self, mail):
        """Return (subject, plain text on one line, links) of ``mail``."""
        body = str(mail.body_html)
        text = re.sub(r"\s+", " ", html2plaintext(body).replace("*", ""))
        return mail.subject, text, re.findall(r'href="([^"]+)"', body)

    def assertMail(self, mail, subject, *sentences, link=None):
        """Assert that one mail went out, with what it must say and a link that opens without login."""
        mail.ensure_one()
        found, text, links = self._read(mail)
        self.assertEqual(found, subject)
        for sentence in sentences:
            self.assertIn(sentence, text)
        if link:
            self.assertIn("access_token=", link)
            self.assertTrue(link.startswith("http"))
            self.assertIn(link, [url.replace("&amp;", "&") for url in links])


class TestPaymentMails(PaymentMailsCommon):
    """Each mail: who gets it from whom, what it says, and where its button leads."""

    def _fail(self, answer, **values):
        order = self._create_automatic(user_id=self.salesman.id, **values)
        self._charge(answer)
        return order, self._get_charge(order)

    def test_a_temporary_failure_tells_the_amount_the_method_and_when_it_is_tried_again(self):
        order, charge = self._fail("soft")
        name = charge.move_id.name
        self.assertMail(
            self._get_mails(charge),
            f"Press & Co: your payment of invoice {name} did not go through",
            "Dear Ada Reader",
            f"We tried to collect $ 12.00 for invoice {name} with your Card •••• 4242",
            "We try again on 01/02/2026",
            f"Your subscription {order.name} goes on meanwhile",
            link=charge._get_payment_link(),
        )

    def test_a_permanent_failure_asks_for_a_new_method_and_tells_what_happens_without_one(self):
        order, charge = self._fail("hard")
        self.assertMail(
            self._get_mails(charge),
            f"Press & Co: please give a new payment method for invoice {charge.move_id.name}",
            "We could not collect $ 12.00",
            "your Card •••• 4242 cannot be charged any more",
            f"If it stays unpaid, your subscription {order.name} ends on 01/15/2026",
            link=charge._get_method_link(),
        )

    def test_used_up_retries_are_told_as_such(self):
        self.policy.retry_days = False
        _order, charge = self._fail("soft")
        _subject, text, _links = self._read(self._get_mails(charge))
        self.assertEqual(charge.state, "exhausted")
        self.assertIn("It was declined each time", text)
        self.assertNotIn("cannot be charged any more", text)

    def test_a_policy_that_pauses_or_keeps_does_not_speak_of_an_end(self):
        for action, said in (("pause", "is paused on 01/15/2026"), ("keep", None)):
            with self.subTest(action=action):
                self.policy.final_action = action
                _order, charge = self._fail("hard", token=self._create_token(provider_ref=action))
                _subject, text, _links = self._read(self._get_mails(charge))
                self.assertNotIn("ends on", text)
                self.assertEqual("If it stays unpaid" in text, bool(said))
                self.assertIn(said or "Give a New Method", text)

    def test_a_payment_to_confirm_is_told_with_the_link(self):
        order = self._create_automatic()
        charge = self._get_charge(order)
        charge.sudo()._become_action(self.env["payment.transaction"])
        self._charge()
        self.assertMail(
            self._get_mails(charge),
            f"Press & Co: please confirm your payment of invoice {charge.move_id.name}",
            "Your bank wants you to confirm the payment of $ 12.00",
            "Confirm Payment",
            link=charge._get_payment_link(),
        )

    def test_who_pays_by_hand_is_reminded_warned_and_told_of_the_end(self):
        order = self._create_subscription("2026-01-01")
        self._bill()
        charge = self._get_charge(order)
        name = charge.move_id.name
        self._charge(day="2026-01-04")
        self.assertMail(
            self._get_mails(charge),
            f"Press & Co: invoice {name} is to be paid",
            "was due on 01/01/2026",
            "$ 12.00",
            link=charge._get_payment_link(),
        )
        self._charge(day="2026-01-28")
        self.assertMail(
            self._get_mails(charge)[-1:],
            f"Press & Co: last reminder of invoice {name}",
            f"On 01/31/2026 we close your subscription {order.name}",
            link=charge._get_payment_link(),
        )
        self._charge(day="2026-01-31")
        self.assertMail(
            self._get_mails(charge)[-1:],
            f"Press & Co: invoice {name} was not paid",
            f"your subscription {order.name} is closed as of today",
            "The invoice is still to be paid",
            link=charge._get_payment_link(),
        )

    def test_a_warning_that_comes_late_tells_the_day_that_comes_later_for_it(self):
        order = self._create_subscription("2026-01-01")
        self._bill()
        charge = self._get_charge(order)
        self._charge(day="2026-01-31")
        self.assertMail(
            self._get_mails(charge),
            f"Press & Co: last reminder of invoice {charge.move_id.name}",
            f"On 02/03/2026 we close your subscription {order.name}",
        )
        self.assertIn("02/03/2026", html2plaintext(charge.outlook))

    def test_a_link_that_is_sent_before_the_due_date_does_not_say_that_it_is_overdue(self):
        self.customer.property_payment_term_id = self.env.ref("account.account_payment_term_15days")
        order = self._create_subscription("2026-01-01")
        self._bill()
        charge = self._get_charge(order)
        charge.action_send_link()
        self._charge()
        _subject, text, _links = self._read(self._get_mails(charge))
        self.assertIn("is due on 01/16/2026.", text)
        self.assertNotIn("not received", text)

    def test_a_recovered_payment_is_thanked_for_and_a_smooth_one_is_not(self):
        order = self._create_automatic()
        self._charge("done")
        self.assertFalse(self._get_mails(self._get_charge(order)))
        order = self._create_automatic()
        charge = self._get_charge(order)
        self._charge("soft")
        self._charge("done", "2026-01-02")
        self.assertMail(
            self._get_mails(charge)[-1:],
            f"Press & Co: thank you, invoice {charge.move_id.name} is paid",
            "we have received $ 12.00",
            link=charge._get_payment_link(),
        )

    def test_a_fault_of_ours_is_told_to_staff_and_not_to_the_customer(self):
        for answer in (404, "no_answer"):
            with self.subTest(answer=answer):
                _order, charge = self._fail(answer, token=self._create_token(provider_ref=str(answer)))
                self.assertFalse(
                    self._get_mails(charge).filtered(lambda mail: self.customer in mail.recipient_ids),
                    "The customer was told of what is no fault of theirs.",
                )

    def test_mails_come_from_who_follows_up_and_else_from_the_company(self):
        _order, charge = self._fail("soft")
        mail = self._get_mails(charge)
        self.assertIn("sam@press.example", mail.email_from)
        self.assertEqual(mail.recipient_ids, self.customer)
        self.salesman.action_archive()
        _order, charge = self._fail("soft")
        self.assertIn("billing@press.example", self._get_mails(charge).email_from)

    def test_what_a_customer_was_told_stays_in_the_history(self):
        _order, charge = self._fail("soft")
        mail = self._get_mails(charge)
        message = mail.mail_message_id
        mail._postprocess_sent_message(success_pids=[], success_emails=[])
        self.assertIn(message, charge.message_ids)

    def test_mails_show_the_company_and_no_link_to_the_back_office(self):
        _order, charge = self._fail("soft")
        _subject, text, links = self._read(self._get_mails(charge))
        self.assertIn("billing@press.example", text)
        self.assertFalse([link for link in links if "/mail/view" in link or "/odoo" in link.split("://")[-1]])

    def test_no_template_no_mail(self):
        self.policy.failed_template_id = False
        _order, charge = self._fail("soft")
        self.assertFalse(self._get_mails(charge))
        self.assertEqual(charge.state, "retrying")


class TestMailLanguage(PaymentMailsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang(DUTCH)
        cls.customer.lang = DUTCH

    def test_dates_and_amounts_are_written_as_in_the_customers_language(self):
        order = self._create_automatic()
        self._charge("soft")
        _subject, text, _links = self._read(self._get_mails(self._get_charge(order)))
        self.assertIn("$ 12,00", text)
        self.assertIn("02-01-2026", text)

    def test_a_translated_mail_goes_out_in_the_customers_language(self):
        template = self.env.ref("sale_subscription_plus.mail_template_payment_failed")
        translated = "{{ object.company_id.name }}: uw betaling van {{ object._get_invoice_name() }} is mislukt"
        template.with_context(lang=DUTCH).subject = translated
        body = template.body_html.replace("We try again on", "Wij proberen het opnieuw op")
        template.with_context(lang=DUTCH).body_html = body
        order = self._create_automatic()
        self._charge("soft")
        charge = self._get_charge(order)
        self.assertMail(
            self._get_mails(charge),
            f"Press & Co: uw betaling van {charge.move_id.name} is mislukt",
            "Wij proberen het opnieuw op 02-01-2026",
        )
        self.customer.lang = "en_US"
        order = self._create_automatic()
        self._charge("soft")
        self.assertIn("did not go through", self._get_mails(self._get_charge(order)).subject)


class TestExpiryMail(PaymentMailsCommon):
    def test_a_method_that_expires_is_told_thirty_and_seven_days_ahead(self):
        order = self._create_automatic()
        self._charge()
        self.card.sudo().subscription_expires_on = Date.to_date("2026-02-15")
        for day, count in (
            ("2026-01-10", 0),
            ("2026-01-16", 1),
            ("2026-01-20", 1),
            ("2026-02-08", 2),
            ("2026-02-10", 2),
        ):
            self._charge(day=day)
            self.assertEqual(len(self._get_mails(self.card)), count, day)
        self.assertMail(
            self._get_mails(self.card)[:1],
            "Press & Co: your payment method expires on 02/15/2026",
            f"Your Card •••• 4242 pays your subscription {order.name}. It is valid until 02/15/2026.",
            link=self.card._get_subscription_method_link(),
        )

    def test_staff_ask_for_a_new_method_and_the_day_is_kept(self):
        self._create_automatic(user_id=self.salesman.id)
        self.card.sudo().subscription_expires_on = Date.to_date("2025-12-31")
        self.card.with_user(self.salesman).action_subscription_ask_new()
        _subject, text, _links = self._read(self._get_mails(self.card))
        self.assertIn("It was valid until 12/31/2025", text)
        self.assertEqual(self.card.subscription_expiry_told_on, Date.to_date("2026-01-01"))

    def test_nobody_is_asked_for_another_method_in_vain(self):
        with self.assertRaisesRegex(UserError, "does not expire"):
            self.card.action_subscription_ask_new()
        self.card.sudo().subscription_expires_on = Date.to_date("2026-01-31")
        self.customer.email = False
        with self.assertRaisesRegex(UserError, "has no e-mail address"):
            self.card.action_subscription_ask_new()


class TestInvoiceMail(PaymentMailsCommon):
    """The mail with the invoice says how it gets paid."""

    def _get_body(self, invoice):
        wizard = self.env["account.move.send.wizard"].create({"move_id": invoice.id})
        return self._read(
            self.env["mail.mail"].sudo().new({"subject": wizard.subject, "body_html": wizard.body})
        ), wizard

    def test_who_pays_by_hand_gets_a_pay_button_and_the_due_date(self):
        order = self._create_subscription("2026-01-01")
        self._bill()
        invoice = self._get_invoices(order)
        (subject, text, links), wizard = self._get_body(invoice)
        self.assertEqual(wizard.template_id, self.env.ref("sale_subscription_plus.mail_template_invoice"))
        self.assertIn(invoice.name, subject)
        self.assertIn("Please pay $ 12.00 by 01/01/2026", text)
        self.assertIn("Pay Now", text)
        self.assertIn(invoice._get_subscription_link(), [link.replace("&amp;", "&") for link in links])

    def test_who_has_a_saved_method_is_told_when_it_is_charged(self):
        self.customer.property_payment_term_id = self.env.ref("account.account_payment_term_15days")
        order = self._create_automatic()
        (_subject, text, _links), _wizard = self._get_body(self._get_invoices(order))
        self.assertIn("It will be charged to your Card •••• 4242 on 01/16/2026: you need not do anything", text)
        self.assertNotIn("Pay Now", text)

    def test_an_invoice_that_is_paid_or_under_way_asks_for_nothing(self):
        for answer, said in (("done", "It is paid already"), ("pending", "Its payment is under way")):
            with self.subTest(answer=answer):
                order = self._create_automatic(token=self._create_token(provider_ref=answer))
                self._charge(answer)
                (_subject, text, _links), _wizard = self._get_body(self._get_invoices(order))
                self.assertIn(said, text)
                self.assertNotIn("Pay Now", text)

    def test_a_template_that_the_company_chose_wins(self):
        own = self.env.ref("account.email_template_edi_invoice").copy({"name": "Ours"})
        self.company.subscription_invoice_template_id = own
        order = self._create_automatic()
        _read, wizard = self._get_body(self._get_invoices(order))
        self.assertEqual(wizard.template_id, own)

    def test_invoices_of_no_subscription_and_credit_notes_keep_odoos_templates(self):
        Send = self.env["account.move.send"]
        plain = self.init_invoice("out_invoice", products=self.poster, post=True)
        self.assertEqual(Send._get_default_mail_template_id(plain), self.env.ref("account.email_template_edi_invoice"))
        invoice = self._get_invoices(self._create_automatic())
        refund = invoice._reverse_moves([{"invoice_date": Date.today() + timedelta(days=1)}])
        self.assertEqual(
            Send._get_default_mail_template_id(refund), self.env.ref("account.email_template_edi_credit_note")
        )

    def test_the_nightly_sending_takes_our_mail(self):
        self.monthly.invoicing_mode = "send"
        order = self._create_subscription("2026-01-01")
        self._bill()
        invoice = self._get_invoices(order)
        settings = self.env["account.move.send"]._get_default_sending_settings(invoice, from_cron=True)
        self.assertEqual(settings["mail_template"], self.env.ref("sale_subscription_plus.mail_template_invoice"))
        self.assertIn("Pay Now", settings["mail_body"])
