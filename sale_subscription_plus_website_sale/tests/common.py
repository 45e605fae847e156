"""What tests of the shop share: a website of the company, published products, carts and requests of visitors."""

from odoo.fields import Command
from odoo.http import root

from odoo.addons.payment.tests.http_common import PaymentHttpCommon
from odoo.addons.sale_subscription_plus.tests.signup_common import SignupCommon
from odoo.addons.sale_subscription_plus_portal.tests.common import Refused


class ShopCommon(SignupCommon, PaymentHttpCommon):
    """The magazine, monthly and yearly, and the poster, sold in the shop of the company's website."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env.ref("website.default_website")
        cls.website.write(
            {
                "company_id": cls.company.id,
                "domain": False,
                "sequence": -1,
                "account_on_checkout": "optional",
                "ecommerce_access": "everyone",
            }
        )
        # One price for everybody, unless a test says otherwise; in the currency of the company.
        cls.env["product.pricelist"].search([("website_id", "in", (False, cls.website.id))]).active = False
        cls.shop_pricelist = cls.env["product.pricelist"].create(
            {
                "name": "Shop",
                "currency_id": cls.company.currency_id.id,
                "company_id": cls.company.id,
                "website_id": cls.website.id,
                "selectable": True,
            }
        )
        (cls.magazine + cls.poster).is_published = True

    @classmethod
    def _create_published_product(cls, name, prices=None, **values):
        """Create a published subscription product: see ``_create_recurring_product``."""
        return cls._create_recurring_product(name, prices, is_published=True, **values)

    # === THE CART, IN PYTHON ===#

    @classmethod
    def _create_cart(cls, **values):
        """Create an empty cart of Ada's."""
        values = {"partner_id": cls.customer.id, "website_id": cls.website.id, **values}
        return cls.env["sale.order"].create(values)

    @classmethod
    def _add(cls, cart, product, plan=None, quantity=1, **kwargs):
        """Put ``product`` into ``cart``, as a visitor does who chose ``plan`` (False: once), and return its line."""
        if plan is not None:
            kwargs["subscription_plan_id"] = plan.id if plan else 0
        values = cart._cart_add(product.id, quantity, **kwargs)
        return cart.order_line.browse(values["line_id"])

    # === THE CART, BY THE VISITOR'S BROWSER ===#

    def _visit(self, user=None, cart=None):
        """Begin a visit: as nobody known, or with the login of ``user``; with ``cart`` in hand, if given."""
        self.authenticate(user and user.login, user and user.login)
        if cart:
            self.session["sale_order_id"] = cart.id
            root.session_store.save(self.session)

    def _call_shop(self, path, **params):
        """Call a JSON route of the shop; raise :class:`Refused` with the sentence that the visitor is told."""
        if not self.session:
            self._visit()
        self.env.flush_all()
        answer = self.url_open(path, json={"jsonrpc": "2.0", "params": params}).json()
        self.env.invalidate_all()
        if "error" in answer:
            raise Refused(answer["error"]["data"]["message"])
        return answer.get("result")

    def _buy(self, product, plan=None, quantity=1, **params):
        """Add ``product`` to the visitor's cart as the product page does, and return the cart."""
        if plan is not None:
            params["subscription_plan_id"] = plan.id if plan else 0
        self._call_shop(
            "/shop/cart/add",
            product_template_id=product.product_tmpl_id.id,
            product_id=product.id,
            quantity=quantity,
            **params,
        )
        return self._get_cart()

    def _get_cart(self):
        """Return the newest cart of the website."""
        return self.env["sale.order"].search([("website_id", "=", self.website.id)], order="id desc", limit=1)

    def _get_shop_page(self, path, **params):
        """Return a page of the shop, as the visitor sees it."""
        if not self.session:
            self._visit()
        self.env.flush_all()
        return self.url_open(path, params=params)

    @classmethod
    def _create_tax(cls, percent=20.0, **values):
        """Create a sales tax of the company."""
        return cls.env["account.tax"].create(
            {"name": f"VAT {percent:g}%", "amount": percent, "type_tax_use": "sale", **values}
        )

    @classmethod
    def _set_taxes(cls, product, taxes):
        product.taxes_id = [Command.set(taxes.ids)]
