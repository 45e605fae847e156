import re

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import Refused
from .quotation_common import SIGNATURE, QuotationCommon


@tagged("-at_install", "post_install")
class TestConsent(QuotationCommon):
    """What the customer agreed to is kept in the words that the page showed, whichever way they accept."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.arrears = cls._create_plan("Afterwards", billing_timing="arrears")
        cls._set_recurring_price(cls.magazine, cls.arrears, 7.0)

    def _get_shown(self, order):
        """Return the lines of text by which the page asks to agree."""
        return self._read(self._get_page(order))["subscription_agreement"]

    def _assert_kept(self, order, kind, shown):
        """Assert that what was shown was kept, and return it."""
        consent = order.subscription_consent_ids
        self.assertEqual(consent.mapped("kind"), [kind])
        self.assertEqual(consent.text.replace("\n", "").replace(" ", ""), shown.replace(" ", ""))
        self.assertEqual((str(consent.agreed_on), consent.ip_address), ("2026-01-01 12:00:00", "127.0.0.1"))
        return consent

    # === EACH WAY ===#

    def test_by_signature(self):
        order = self._create_sent(require_signature=True)
        shown = self._get_shown(order)
        self._sign(order, "Ada R. <b>Reader</b>")
        self.assertEqual(order.subscription_status, "progress")
        consent = self._assert_kept(order, "signature", shown)
        self.assertEqual((consent.name, consent.partner_id), ("Ada R. <b>Reader</b>", self.customer))
        for words in (
            f"acceptance of {order.name} on behalf of {self.customer.name}",
            "First invoice: $ 13.20, taxes included.",
            "Then $ 13.20 each month, taxes included",
            "Term of 3 months; it is renewed for the same time unless you end it before.",
        ):
            self.assertIn(words, consent.text.replace("\xa0", " "))

    def test_a_name_that_is_none(self):
        for name in (None, "\x00", ["Ada"], {"name": "Ada"}, 1):
            order = self._create_sent(require_signature=True)
            with self.subTest(name=name):
                self._sign(order, name)
                self.assertEqual(order.subscription_consent_ids.name, self.customer.display_name)

    def test_by_payment(self):
        order = self._create_sent(require_payment=True)
        self._choose(order, self.quarterly)
        shown = self._get_shown(order)
        transaction = self._begin_on_page(order)
        consent = self._assert_kept(order, "payment", shown)
        self.assertIn("By paying $ 36.30, you confirm", consent.text.replace("\xa0", " "))
        self.assertIn("Your payment method is saved and pays the next ones by itself", consent.text)
        self.assertIn("notice 30 days before its end", consent.text)
        self.assertEqual(consent.transaction_id, transaction)
        self._answer(transaction, "done")
        self.assertEqual((consent.transaction_state, order.subscription_status), ("done", "progress"))

    def test_by_paying_a_share(self):
        order = self._create_sent(require_payment=True, prepayment_percent=0.5)
        shown = self._get_shown(order)
        self._begin_on_page(order, amount=6.6)
        consent = self._assert_kept(order, "payment", shown)
        self.assertIn("By paying $ 6.60", consent.text.replace("\xa0", " "))

    def test_by_saving_a_method(self):
        order = self._create_sent(plan=self.arrears, offered=self.arrears, require_payment=True)
        shown = self._get_shown(order)
        self._begin_on_page(order, amount=None, is_validation=True)
        consent = self._assert_kept(order, "method", shown)
        self.assertIn("Nothing is to be paid today. By saving a payment method", consent.text)
        self.assertIn("$ 7.70 each month", consent.text.replace("\xa0", " "))

    def test_by_a_method_that_is_saved_already(self):
        order = self._create_sent(plan=self.arrears, offered=self.arrears, require_payment=True)
        token = self._create_method(self.customer)
        self._log_in(self.ada)
        shown = self._get_shown(order)
        path = f"/my/orders/{order.id}/payment_method"
        self._call(path, token_id=token.id, access_token=order._portal_ensure_token())
        self.assertEqual(order.subscription_status, "progress")
        consent = self._assert_kept(order, "method", shown)
        self.assertEqual((consent.name, consent.partner_id), (self.ada.partner_id.display_name, self.customer))

    def test_by_signature_and_payment(self):
        order = self._create_sent(require_signature=True, require_payment=True)
        self._sign(order)
        self._answer(self._begin_on_page(order), "done")
        self.assertEqual(order.subscription_status, "progress")
        self.assertEqual(order.subscription_consent_ids.mapped("kind"), ["payment", "signature"])

    def test_an_upsell(self):
        running = self._create_subscription()
        running._subscription_bill_signup()
        upsell = self.env["sale.order"].browse(running.action_subscription_upsell()["res_id"])
        upsell.write({"order_line": [self._line(self.archive)], "require_signature": True, "require_payment": False})
        upsell.action_quotation_sent()
        shown = self._get_shown(upsell)
        self._sign(upsell)
        self.assertEqual(upsell.subscription_status, "merged")
        consent = self._assert_kept(upsell, "signature", shown)
        self.assertIn(f"Added to your subscription {running.name}.", consent.text)

    def test_the_language_is_the_one_of_the_page(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        order = self._create_sent(require_signature=True)
        shown = self._get_shown(order)
        self._sign(order)
        consent = self._assert_kept(order, "signature", shown)
        self.assertEqual(consent.lang, "fr_FR")
        self.assertIn("13,20", consent.text)

    # === WHAT IS SHOWN IS WHAT IS ACCEPTED ===#

    def test_what_has_changed_since_the_page_was_opened_is_not_signed(self):
        order = self._create_sent(require_signature=True)
        path = re.search(r"/my/orders/\d+/accept\?[^\"&]+&amp;agreed=\w+", self._get_page(order).text)[0]
        values = {"name": "Ada", "signature": SIGNATURE}
        path = path.replace("&amp;", "&")
        self._choose(order, self.yearly)
        self.assertIn("has changed", self._call(path, **values)["error"])
        self.assertEqual((order.state, order.signature, len(order.subscription_consent_ids)), ("sent", False, 0))
        self._choose(order, self.monthly)
        self.assertNotIn("error", self._call(path, **values))
        self.assertEqual(order.subscription_status, "progress")

    @mute_logger("odoo.http")
    def test_what_has_changed_since_the_page_was_opened_is_not_paid(self):
        order = self._create_sent(require_payment=True)
        route = self._get_payment_context(self._get_page(order))["transaction_route"]
        order.subscription_notice_days = 30
        with self.assertRaisesRegex(Refused, "has changed"):
            self._begin_on_page(order, route=route)
        self.assertFalse(order.transaction_ids)
        route = self._get_payment_context(self._get_page(order))["transaction_route"]
        self._answer(self._begin_on_page(order, route=route), "done")
        self.assertEqual(order.subscription_status, "progress")

    @mute_logger("odoo.http")
    def test_what_has_changed_since_the_page_was_opened_is_not_confirmed_by_a_saved_method(self):
        order = self._create_sent(plan=self.arrears, offered=self.arrears, require_payment=True)
        token = self._create_method(self.customer)
        self._log_in(self.ada)
        values = {"token_id": token.id, "access_token": order._portal_ensure_token()}
        route = self._get_payment_context(self._get_page(order))["assign_token_route"]
        order.order_line.price_unit = 8.0
        with self.assertRaisesRegex(Refused, "has changed"):
            self._call(route, **values)
        route = self._get_payment_context(self._get_page(order))["assign_token_route"]
        self._call(route, **values)
        self.assertEqual(order.subscription_status, "progress")

    # === NOTHING IS KEPT OF WHAT DID NOT HAPPEN ===#

    def test_what_was_refused_is_no_consent(self):
        order = self._create_sent(require_payment=True)
        for amount in (1.0, -1.0, 1e308, float("nan"), float("inf"), None, "x"):
            with self.subTest(amount=amount), self.assertRaises(Refused), mute_logger("odoo.http"):
                self._begin_on_page(order, amount=amount)
        self._sign(order)
        signed = self._create_sent(require_signature=True)
        for values in ({"signature": ""}, {"access_token": "wrong"}, {"signature": None}, {"signature": ["é"]}):
            self.assertIn("error", self._sign(signed, **values))
        self.assertFalse((order | signed).subscription_consent_ids)

    def test_an_ordinary_order_keeps_none(self):
        order = self._create_sent([self._line(self.poster)], offered=self.plans.browse(), require_signature=True)
        self._sign(order)
        self.assertEqual(order.state, "sale")
        self.assertFalse(order.subscription_consent_ids)

    # === WHO READS IT ===#

    def test_it_stays_as_it_was(self):
        order = self._create_sent(require_signature=True)
        self._sign(order)
        consent = order.subscription_consent_ids
        with self.assertRaises(UserError):
            consent.sudo().write({"text": "Something else"})
        with self.assertRaises(UserError):
            consent.sudo().unlink()
        text = consent.text
        self.magazine.name = "Another"
        self.monthly.name = "Another"
        self.assertEqual(consent.text, text)
        self.assertFalse(order.copy().subscription_consent_ids)

    def test_staff_reads_the_consents_of_their_own_orders_and_customers_none(self):
        users = {
            login: new_test_user(
                self.env,
                f"{login}-consent",
                group,
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            for login, group in {
                "own": "sales_team.group_sale_salesman",
                "other": "sales_team.group_sale_salesman",
                "manager": "sales_team.group_sale_manager",
                "accountant": "account.group_account_invoice",
                "nobody": "base.group_user",
            }.items()
        }
        order = self._create_sent(require_signature=True, user_id=users["own"].id)
        self._sign(order)
        consent = order.subscription_consent_ids
        for login in ("own", "manager", "accountant"):
            self.assertTrue(consent.with_user(users[login]).text)
            for operation in ("write", "create", "unlink"):
                self.assertFalse(consent.with_user(users[login]).has_access(operation))
        consent.invalidate_recordset()
        for user in (users["other"], users["nobody"], self.ada):
            with self.subTest(user=user.login), self.assertRaises(AccessError), mute_logger("odoo.models"):
                consent.with_user(user).read(["text"])
