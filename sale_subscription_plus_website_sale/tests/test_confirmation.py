from lxml import html

from odoo.tests import tagged

from .checkout_common import CheckoutCommon


@tagged("-at_install", "post_install")
class TestConfirmation(CheckoutCommon):
    """The page and the mail that follow an order."""

    def _get_mail(self, cart):
        """Return the mail that told the customer of their order."""
        return cart.message_ids.filtered("subject")

    def _get_link(self, body):
        links = html.fromstring(body).xpath("//a[contains(@href, 'access_token')]/@href")
        self.assertTrue(links)
        return links[0]

    def test_the_page_says_what_was_paid_what_comes_next_and_where(self):
        cart = self._fill_cart(self.aligned, self.poster)
        agreed = cart._get_agreement()[1:]
        page = self._order(cart)
        texts = self._get_texts(page)
        self.assertEqual(texts["subscription_paid"], "Paid: $ 19.00")
        self.assertNotIn("does not match the amount of your cart", page.text)
        self.assertTrue(html.fromstring(page.text).xpath("//div[@role='alert'][contains(@class, 'alert-success')]"))
        for sentence in agreed:
            self.assertIn(" ".join(sentence.split()), texts["confirmation_subscription"])

    def test_a_guest_opens_the_subscription_by_the_links_of_the_page_and_of_the_mail(self):
        cart = self._fill_cart()
        page = self._order(cart)
        for body in (page.text, self._get_mail(cart).body):
            link = self._get_link(body)
            self.assertIn(f"/my/subscriptions/{cart.id}?access_token=", link)
            self._visit()
            self.assertIn(cart.name, self.url_open(link).text)

    def test_the_mail_says_what_was_paid_and_not_the_sum_of_the_lines(self):
        cart = self._fill_cart(self.aligned, self.poster)
        self._order(cart)
        mail = self._get_mail(cart)
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.partner_ids, self.customer)
        text = " ".join(html.fromstring(mail.body).text_content().split())
        self.assertIn("You have paid $ 19.00", text)
        self.assertNotIn("40.00", text)
        self.assertIn("Then $ 31.00 each month", text)

    def test_a_guest_is_invited_to_have_a_login(self):
        self.website.auth_signup_uninvited = "b2c"
        self.env["ir.config_parameter"].sudo().set_param("auth_signup.invitation_scope", "b2c")
        self.assertIn("to follow your order", self._order(self._fill_cart()).text)

    def test_a_pending_order_is_mailed_with_what_is_to_be_paid(self):
        cart = self._fill_cart(self.aligned)
        page = self._order(cart, "pending")
        text = " ".join(html.fromstring(self._get_mail(cart).body).text_content().split())
        self.assertIn("Your payment of $ 10.00 is being processed", text)
        self.assertNotIn("remain to be paid", text)
        self.assertIn(f"/my/orders/{cart.id}", self._get_link(page.text))

    def test_the_websites_own_mail_stays(self):
        own = self.env["mail.template"].create(
            {
                "name": "Own",
                "model_id": self.env.ref("sale.model_sale_order").id,
                "subject": "Our own words",
                "partner_to": "{{ object.partner_id.id }}",
                "body_html": "<p>Welcome</p>",
            }
        )
        self.website.confirmation_email_template_id = own
        cart = self._fill_cart()
        self._order(cart)
        self.assertEqual(self._get_mail(cart).subject, "Our own words")

    def test_an_ordinary_order_is_confirmed_as_in_odoo(self):
        cart = self._create_cart()
        self._add(cart, self.poster)
        self._visit(cart=cart)
        page = self._order(cart)
        self.assertNotIn("confirmation_subscription", self._get_texts(page))
        self.assertIn("amounting in", self._get_mail(cart)[:1].body)

    def test_an_amount_that_does_not_confirm_is_told(self):
        cart = self._fill_cart()
        transaction = self._begin(cart)
        cart.order_line.price_unit = 24.0
        self._answer(transaction, "done")
        self.assertIn("does not match the amount of your cart", self._come_back().text)
        self.assertEqual(cart.state, "draft")
