"""What tests of lists share: pages and results as a visitor without a login sees them."""

from contextlib import contextmanager

from lxml import html

from odoo.addons.website_sale.tests.common import MockRequest

from .common import ShopCommon


class ListCommon(ShopCommon):
    @contextmanager
    def _as_visitor(self):
        """Yield the environment of a visitor without a login, within a request to the website."""
        self.env.flush_all()
        self.env.invalidate_all()
        env = self.env(user=self.website.user_id, context={"website_id": self.website.id})
        website = env["website"].browse(self.website.id)
        # The pricelist of the test, as if the visitor's country or a choice of theirs had led to it.
        with MockRequest(env, website=website, website_sale_current_pl=self.shop_pricelist.id):
            yield env

    def _get_prices(self, *products):
        """Return what the list says of ``products``."""
        with self._as_visitor() as env:
            templates = env["product.template"].browse([product.product_tmpl_id.id for product in products])
            prices = templates._get_sales_prices(env["website"].browse(self.website.id))
        return [prices[template.id] for template in templates]

    def _get_label(self, product):
        """Return what the list says of one product, in a line."""
        (values,) = self._get_prices(product)
        words = [values.get("price_prefix"), f"{values['price_reduce']:.2f}", values.get("price_suffix")]
        return " ".join(word for word in words if word)

    def _get_tiles(self, path="/shop", **params):
        """Return {name of a product: its tile} on a page of the shop."""
        page = html.fromstring(self._get_shop_page(path, **params).text)
        tiles = page.xpath("//form[contains(@class, 'oe_product_cart')]")
        return {tile.get("aria-label"): tile for tile in tiles}

    @staticmethod
    def _get_text(element):
        return " ".join(element.text_content().split())
