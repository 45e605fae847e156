"""The shop of Trendhouse's website: what readers find there, at which prices, and the codes that they may use."""

from odoo.fields import Command

from . import pictures
from .catalogue import ARCHIVE, PRICES, set_prices

CATEGORIES = ["Magazines", "Clubs", "Goods"]
# What the catalogue sells already: category, picture, what the page says.
SHELF = {
    "magazine": (
        "Magazines",
        ("cover", "#e9eef2", "#e07a5f", "TRENDHOUSE"),
        "Houses, the people in them and the things they live with. Every Thursday in your letter box.",
    ),
    "copy": (
        "Magazines",
        ("pile", "#f3ece2", "#81b29a", "TRENDHOUSE"),
        "One more of each issue at the same address, for the waiting room or the neighbours.",
    ),
    "archive": (
        "Magazines",
        ("tablet", "#e8eee9", "#3d6f8e", "Archive"),
        "Each issue since the first one, to read and to search on every screen.",
    ),
    "binder": ("Goods", ("pile", "#eef0f2", "#8d5a4a", "1 - 52"), "Holds the issues of a year, bound in linen."),
    "special": ("Goods", ("cover", "#f1e9df", "#4d7c8a", "DESIGN YEAR"), "What was new in design, on 180 pages."),
}
# What only the shop has, sold once: name, price, picture, what the page says.
GOODS = {
    "poster": ("Anniversary Poster", 24, ("poster", "#f6efe6", "#e9b44c", "1926"), "Screen print, 50 by 70 cm."),
    "tote": ("Tote Bag", 14, ("bag", "#e5ebf0", "#d1495b", "trendhouse"), "Heavy cotton, long handles."),
    "issue": ("Back Issue: Small Houses", 6, ("cover", "#edf1ea", "#6a994e", "SMALL HOUSES"), "Number 12, reprinted."),
}
EDITIONS = {"Print": 78, "Digital": 48, "Print and digital": 90}  # what each costs a year


def open_shop(env, shop):
    """Open the shop of the home company, where the database has a website that sells."""
    installed = env["ir.module.module"]._installed()
    if "sale_subscription_plus_website_sale" not in installed:
        return
    website = _settle_website(env, shop.home.company)
    categories = {name: env["product.public.category"].create({"name": name}) for name in CATEGORIES}
    _show_catalogue(shop.products, categories)
    _sell_goods(env, shop, categories["Goods"])
    _sell_annual(env, shop, categories["Magazines"])
    _sell_box(env, shop, categories["Clubs"])
    _sell_podcast(env, shop, categories["Clubs"])
    _sell_in_euros(env, shop, website)
    if "sale_subscription_plus_loyalty" in installed:
        _give_codes(env, shop.home.company)


def _settle_website(env, company):
    website = env.ref("website.default_website")
    website.write(
        {
            "name": "Trendhouse",
            "logo": pictures.draw_logo("TRENDHOUSE"),
            "company_id": company.id,
            "homepage_url": "/shop",
            "account_on_checkout": "optional",
        }
    )
    return website


# === WHAT IS SOLD ===


def _show_catalogue(products, categories):
    """Publish what the salespeople sell as well; the magazine also by the issue."""
    for key, (category, picture, text) in SHELF.items():
        products[key].write(_get_page(categories[category], picture, text))
    products["magazine"].write(
        {
            "website_sequence": 1,
            "subscription_buy_once_ok": True,
            "optional_product_ids": [Command.set((products["copy"] + products["archive"]).product_tmpl_id.ids)],
            "accessory_product_ids": [Command.set((products["binder"] + products["special"]).ids)],
        }
    )


def _get_page(category, picture, text):
    return {
        "is_published": True,
        "image_1920": pictures.draw(*picture),
        "description_ecommerce": f"<p>{text}</p>",
        "public_categ_ids": [Command.set(category.ids)],
    }


def _create_product(env, shop, name, **values):
    return env["product.template"].create(
        {
            "name": name,
            "type": "service",
            "invoice_policy": "order",
            "purchase_ok": False,
            "taxes_id": [Command.set(shop.products["magazine"].taxes_id.ids)],
            **values,
        }
    )


def _sell_goods(env, shop, category):
    for name, price, picture, text in GOODS.values():
        _create_product(env, shop, name, type="consu", list_price=price, **_get_page(category, picture, text))


def _sell_annual(env, shop, category):
    """Sell a yearbook whose price depends on the edition, and which nobody gets without a plan."""
    edition = env["product.attribute"].create(
        {
            "name": "Edition",
            "display_type": "pills",
            "value_ids": [Command.create({"name": name}) for name in EDITIONS],
        }
    )
    line = {"attribute_id": edition.id, "value_ids": [Command.set(edition.value_ids.ids)]}
    page = _get_page(
        category,
        ("cover", "#efe9f0", "#b56576", "ANNUAL"),
        "The yearbook of Trendhouse, and what it grows from: a letter from the workshop each season.",
    )
    annual = _create_product(
        env,
        shop,
        "Trendhouse Annual",
        subscription_ok=True,
        list_price=0,
        website_sequence=2,
        attribute_line_ids=[Command.create(line)],
        **page,
    )
    for variant, price in zip(annual.product_variant_ids, EDITIONS.values(), strict=True):
        _set_price_of_variant(env, variant, shop.plans["year"], price)


def _set_price_of_variant(env, variant, plan, price):
    env["product.pricelist.item"].create(
        {
            "product_tmpl_id": variant.product_tmpl_id.id,
            "product_id": variant.id,
            "applied_on": "0_product_variant",
            "compute_price": "fixed",
            "subscription_plan_id": plan.id,
            "fixed_price": price,
        }
    )


def _sell_box(env, shop, category):
    """Sell a box of coffee, with a fee that is paid once, and biscuits that go with it."""
    fee = _create_product(env, shop, "Coffee Box: Grinder and Tin", list_price=15)
    biscuits = _create_product(
        env,
        shop,
        "Oat Biscuits",
        subscription_ok=True,
        list_price=0,
        **_get_page(category, ("box", "#eef0e6", "#a3a25a", "biscuits"), "A tin of biscuits with each box."),
    )
    box = _create_product(
        env,
        shop,
        "Editors' Coffee Box",
        subscription_ok=True,
        list_price=0,
        website_sequence=3,
        subscription_setup_product_id=fee.product_variant_id.id,
        optional_product_ids=[Command.set(biscuits.ids)],
        **_get_page(
            category, ("box", "#f1e9df", "#b8794b", "coffee"), "What the editors drink: two bags, freshly roasted."
        ),
    )
    plans = [shop.plans["month"], shop.plans["quarter"]]
    for product, prices in ((box, (22, 60)), (biscuits, (7, 19))):
        set_prices(env, product.product_variant_id, dict(zip(plans, prices, strict=True)))


def _sell_podcast(env, shop, category):
    """Sell a club whose months begin on the first, so that readers pay a part of the one in which they come."""
    plan = env["subscription.plan"].create(
        {
            "name": "Monthly, from the 1st",
            "alignment": "month_day",
            "alignment_day": 1,
            "customer_close": True,
        }
    )
    podcast = _create_product(
        env,
        shop,
        "Podcast Club",
        subscription_ok=True,
        list_price=0,
        **_get_page(
            category, ("disc", "#ece8f1", "#6d597a", "PODCAST"), "Each episode a week early, and two that others miss."
        ),
    )
    set_prices(env, podcast.product_variant_id, {plan: 6})


# === PRICES AND CODES ===


def _sell_in_euros(env, shop, website):
    """Let visitors choose dollars or euros; what has no price in euros is converted."""
    shop.home.pricelist.write({"name": "US dollars", "website_id": website.id, "selectable": True})
    euros = env["product.pricelist"].create(
        {
            "name": "Euros",
            "currency_id": env.ref("base.EUR").id,
            "company_id": shop.home.company.id,
            "website_id": website.id,
            "selectable": True,
            "sequence": shop.home.pricelist.sequence + 1,
        }
    )
    for key, prices in PRICES.items():
        set_prices(env, shop.products[key], dict(zip(shop.plans.values(), prices["europe"], strict=True)), euros)
    set_prices(env, shop.products["archive"], {shop.plans["month"]: ARCHIVE["europe"]}, euros)


def _give_codes(env, company):
    """Print two codes: one for the first invoice, and one for all of them."""
    for code, percent, invoices in (("WELCOME10", 10, "first"), ("READER5", 5, "always")):
        env["loyalty.program"].create(
            {
                "name": f"{code}: {percent}% off",
                "program_type": "promo_code",
                "applies_on": "current",
                "trigger": "with_code",
                "company_id": company.id,
                "currency_id": company.currency_id.id,
                "subscription_discount": invoices,
                "rule_ids": [Command.create({"mode": "with_code", "code": code})],
                "reward_ids": [
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount": percent,
                            "discount_mode": "percent",
                            "discount_applicability": "order",
                        }
                    )
                ],
            }
        )
