"""What tests of the checkout share: a cart at the payment step, and payments that begin on its page."""

from lxml import html

from odoo.tests import new_test_user

from .common import ShopCommon


class CheckoutCommon(ShopCommon):
    """Ada's cart, with her addresses, in the hands of a visitor without a login."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write(
            {
                "street": "1 Main Street",
                "city": "Springfield",
                "zip": "62701",
                "phone": "+1 555 0100",
                "country_id": cls.env.ref("base.us").id,
                "state_id": cls.env.ref("base.state_us_23").id,
            }
        )
        cls.poster.type = "service"
        cls.provider.write({"is_published": True, "available_currency_ids": False})
        cls.payment_method.supported_currency_ids = False
        cls.aligned = cls._create_plan("Aligned", alignment="month_day", alignment_day=11)
        cls.arrears = cls._create_plan("Arrears", billing_timing="arrears")
        cls.by_hand = cls._create_plan("By Hand", method_required=False)
        for plan, price in ((cls.aligned, 31.0), (cls.arrears, 7.0), (cls.by_hand, 10.0)):
            cls._set_recurring_price(cls.magazine, plan, price)
        cls.voucher = cls.payment_method.copy(
            {"name": "Voucher", "code": "voucher_shop", "support_tokenization": False, "active": True}
        )
        cls.voucher.provider_ids = cls.provider
        cls.ada = new_test_user(cls.env, "ada-shop", "base.group_portal", partner_id=cls.customer.id)

    def _fill_cart(self, plan=None, *once, **values):
        """Create a cart of the magazine on ``plan`` and of products sold once, and hand it to a visitor."""
        cart = self._create_cart(**values)
        self._add(cart, self.magazine, plan or self.monthly)
        for product in once:
            self._add(cart, product)
        self._visit(cart=cart)
        return cart

    def _use_currency(self, code, rate=None):
        """Return a currency, with that rate of the company's or with none."""
        currency = self.env.ref(f"base.{code}")
        currency.active = True
        currency.rate_ids.unlink()
        if rate:
            self.env["res.currency.rate"].create({"name": "2025-01-01", "rate": rate, "currency_id": currency.id})
        return currency

    def _create_tax_with_account(self, percent):
        tax = self._create_tax(percent)
        shares = tax.invoice_repartition_line_ids | tax.refund_repartition_line_ids
        account = self.company_data["default_account_tax_sale"]
        shares.filtered(lambda share: share.repartition_type == "tax").account_id = account
        return tax

    # === PAGES ===#

    def _get_payment_page(self):
        """Return the payment step, as the visitor comes to it from the cart."""
        page = self._get_shop_page("/shop/checkout", try_skip_step="true")
        self.env.invalidate_all()
        return page

    def _get_texts(self, page):
        """Return {name: text} of the named parts of a page."""
        nodes = html.fromstring(page.text).xpath("//*[@name]")
        return {node.get("name"): " ".join(node.text_content().split()) for node in nodes}

    def _get_form(self, page):
        """Return what the payment form of a page says, or nothing where it has none."""
        return self._get_payment_context(page) if 'id="o_payment_form"' in page.text else {}

    # === PAYING ===#

    def _begin(self, cart, form=None, **params):
        """Begin the payment of ``cart`` as the payment page does; return the transaction."""
        form = form or self._get_form(self._get_payment_page())
        values = {
            "access_token": form["access_token"],
            "provider_id": self.provider.id,
            "payment_method_id": self.payment_method.id,
            "token_id": None,
            "amount": form.get("amount"),
            "flow": "redirect",
            "tokenization_requested": False,
            "landing_route": form["landing_route"],
            "is_validation": form["mode"] == "validation",
            **params,
        }
        answer = self._call_shop(form["transaction_route"], **values)
        return self._get_tx(answer["reference"])

    def _order(self, cart, state="done", **params):
        """Pay ``cart`` as a visitor does, with that outcome, and come back to the shop; return the last page."""
        self.last_tx = self._answer(self._begin(cart, **params), state)
        return self._come_back()

    def _come_back(self):
        page = self._get_shop_page("/shop/payment/validate")
        self.env.invalidate_all()
        return page
