"""Invoices of all shapes, as hypothesis draws them: names and numbers; see `invoice_world` for what they stand for."""

from datetime import date

from hypothesis import strategies as st

from .common import TODAY

TAXES = [
    (),
    ("15%",),
    ("21% included",),
    ("0%",),
    ("15%", "7.7%"),
    ("fixed",),
    ("fixed", "15%"),
    ("fixed included", "21% included"),
    ("division",),
    ("division included",),
    ("group",),
    ("affecting", "affected"),
    ("affecting", "unaffected"),
    ("21% included", "affected"),
    ("split",),
    ("split included", "15%"),
    ("reverse charge",),
    ("withheld",),
    ("15%", "withheld"),
    ("analytic",),
    ("analytic", "15%"),
    ("on payment",),
    ("on payment", "15%"),
    ("without account",),
    ("without tax part",),
    ("labelled",),
    ("affected", "affecting"),
    ("retired",),
    ("withheld included", "15%"),
]
PRODUCTS = [
    "plain",
    "own account",
    "without account",
    "described",
    "taxed",
    "dozen",
    "archived",
    "analytic",
    "taxed account",
    "open account",
]
PARTNERS = [
    "plain",
    "invoice address",
    "nameless address",
    "contact of company",
    "other receivable",
    "with terms",
    "French",
    "Belgian",
    "with salesperson",
    "with payment method",
    "tagged",
    "archived",
    "fiscal",
    "with bank",
    "emailless",
]
TERMS = [
    None,
    "immediate",
    "30 days",
    "30% now, 70% at the end of the following month",
    "thirds",
    "fixed and percent",
    "same day twice",
    "early discount included",
    "early discount excluded",
    "early discount mixed",
    "days after",
]
CURRENCIES = ["USD", "EUR", "JPY", "BHD", "XAU"]
# Beside "euro references", which are made of the invoice's id: the short way first creates what it can.
JOURNALS = [None, "plain", "euros", "odoo references", "partner references", "hashed"]
FISCAL_POSITIONS = [False, "accounts", "taxes"]
DISTRIBUTIONS = [None, {"A": 100}, {"A": 60, "B": 40}, {"A,C": 33.33, "B": 66.67}, {"C": 12.5}]
# At most 15 digits in any currency: beyond them, a float has no exact cents to be equal in.
PRICES = [10.0, 0.0, -5.0, 0.01, 33.335, 1.005, 19.99, 99.999, 0.125, 123456.78, 123.456789, -0.005, 7]
QUANTITIES = [1.0, 2.0, 3.0, -1.0, 0.0, 0.333333, 12.5, 1.0 / 3.0, 100.0, 0.005, 7]
DISCOUNTS = [0.0, 10.0, 33.33, 100.0, 0.5, 12.345, -10.0]
DAYS = [TODAY, date(2026, 1, 31), date(2025, 12, 31), date(2026, 2, 28), date(2027, 3, 1)]


# What may be special, and the usual: {name: (usual value, others)}.
LINE_CHOICES = {
    "display_type": ("product", []),
    "product": ("plain", PRODUCTS),
    "taxes": (("15%",), TAXES),
    "price": (10.0, PRICES),
    "quantity": (1.0, QUANTITIES),
    "discount": (0.0, DISCOUNTS),
    "distribution": (None, DISTRIBUTIONS),
    "name": ("Magazine", ["Magazine\nuntil the end", "", "  spaces ", False]),
    "from_order": (True, [False]),
    "uom": (None, ["dozen", "hour"]),
    "collapse": (False, [True]),
}
HEADER_CHOICES = {
    "display_type": ("line_section", ["line_subsection", "line_note"]),
    "name": ("Title", ["A note\non two lines", ""]),
    "from_order": (True, [False]),
    "collapse": (False, [True]),
}
INVOICE_CHOICES = {
    "partner": ("plain", PARTNERS),
    "shipping": (None, PARTNERS),
    "terms": (None, TERMS),
    "currency": ("USD", CURRENCIES),
    "journal": (None, JOURNALS),
    "fiscal_position": (False, FISCAL_POSITIONS),
    "day": (TODAY, DAYS),
    "ref": ("S0001", ["", False, 'it\'s "quoted" %s é']),
    "reference": (False, ["RF18 5390 0754 7034", "S0001"]),
    "narration": (False, ["<p>Thank <b>you</b></p>", "plain words", ""]),
    "salesperson": ("salesperson", [None, "other"]),
    "marketing": (False, [True]),
    "payment_method": (None, ["bank"]),
    "transaction": (False, [True]),
}
COMPANY_CHOICES = {
    "tax_calculation_rounding_method": ("round_per_line", ["round_globally"]),
    "account_storno": (False, [True]),
    "anglo_saxon_accounting": (False, [True]),
    "account_price_include": (False, ["tax_included"]),
    "qr_code": (False, [True]),
    "restrictive_audit_trail": (False, [True]),
    "discount_account": (False, [True]),
    "distribution_models": (False, [True]),
    "incoterm": (False, [True]),
    "terms": (False, ["plain", "html"]),
    "tax_lock_date": (False, [date(2025, 12, 31)]),
    "quick_edit_mode": (False, ["out_invoices", "out_and_in_invoices"]),
    "lang": (False, ["fr_FR"]),
    "tz": (False, ["Pacific/Auckland", "America/Los_Angeles"]),
}


def draw(choices, bias):
    """Draw from ``choices``: what is special meets company that is usual, the more so the greater ``bias``."""
    return st.fixed_dictionaries(
        {
            name: st.sampled_from([usual] * max(round(len(others) * bias), 2) + list(others))
            for name, (usual, others) in choices.items()
        }
    )


LINE = draw(LINE_CHOICES, bias=0.5)
HEADER = draw(HEADER_CHOICES, bias=0.5)
LINES = st.builds(
    lambda above, line, below: [*above, line, *below],
    st.lists(HEADER, max_size=2),
    LINE,
    st.lists(st.one_of(LINE, LINE, HEADER), max_size=3),
)
INVOICE = st.builds(lambda values, lines: {**values, "lines": lines}, draw(INVOICE_CHOICES, bias=0.5), LINES)
COMPANY = draw(COMPANY_CHOICES, bias=9)


def make_usual(choices, **special):
    """Return a shape that is usual but for ``special``."""
    return {name: usual for name, (usual, _others) in choices.items()} | special


def make_line(**special):
    """Return the shape of a line that is usual but for ``special``."""
    return make_usual(LINE_CHOICES, **special)


def make_invoice(*lines, **special):
    """Return the shape of an invoice that is usual but for ``special``; of one line, if none is given."""
    return make_usual(INVOICE_CHOICES, lines=list(lines) or [make_line()], **special)


def describe(shape, choices):
    """Return what is unusual about ``shape``."""
    values = {name: shape[name] for name in choices if name in shape and shape[name] != choices[name][0]}
    if "lines" in shape:
        values["lines"] = [describe(line, LINE_CHOICES) for line in shape["lines"]]
    return values
