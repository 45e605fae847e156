"""The journal items of customer invoices, worked out before the invoices are created.

Odoo creates an invoice from its lines and then works out what follows from them: amounts, taxes, terms, balance.
It does so record by record, and writes each answer back. Billing knows everything beforehand; Odoo's own tax and
payment term engines, fed with plain values, give the same answers many at a time.
"""

from odoo import fields
from odoo.fields import Command

# What the items are worked out from, or what has no influence on them. Any other value goes Odoo's own way.
INVOICE_KEYS = {
    "campaign_id",
    "company_id",
    "currency_id",
    "delivery_date",
    "fiscal_position_id",
    "invoice_date",
    "invoice_incoterm_id",
    "invoice_line_ids",
    "invoice_origin",
    "invoice_payment_term_id",
    "invoice_user_id",
    "journal_id",
    "medium_id",
    "move_type",
    "narration",
    "partner_id",
    "partner_shipping_id",
    "payment_reference",
    "preferred_payment_method_line_id",
    "ref",
    "source_id",
    "team_id",
    "transaction_ids",
    "user_id",
}
NEEDED_INVOICE_KEYS = {
    "company_id",
    "currency_id",
    "fiscal_position_id",
    "invoice_date",
    "invoice_line_ids",
    "invoice_payment_term_id",
    "move_type",
    "partner_id",
}
LINE_KEYS = {
    "account_id",
    "analytic_distribution",
    "collapse_composition",
    "collapse_prices",
    "discount",
    "display_type",
    "extra_tax_data",
    "is_downpayment",
    "name",
    "price_unit",
    "product_id",
    "product_uom_id",
    "quantity",
    "sale_line_ids",
    "sequence",
    "subscription_period_end",
    "subscription_period_start",
    "tax_ids",
}
NEEDED_PRODUCT_KEYS = {"discount", "name", "price_unit", "product_id", "product_uom_id", "quantity", "tax_ids"}
HEADERS = ("line_section", "line_subsection", "line_note")


class CompleteItems:
    """Completes the values of invoices, many in one transaction; remembers what they have in common."""

    def __init__(self, moves):
        """:param moves: the ``account.move`` model in the environment that will create the invoices"""
        self.moves = moves
        self.env = moves.env
        self.tax_model = moves.env["account.tax"]
        self.line_model = moves.env["account.move.line"]
        self.memo = {}

    def _once(self, function, *key):
        """Return ``function(*key)``, worked out once."""
        key = (function, *key)
        if key not in self.memo:
            self.memo[key] = function(*key[1:])
        return self.memo[key]

    # === ONE INVOICE ===#

    def complete(self, values):
        """Return the values of an invoice with all its journal items.

        :param dict values: as for ``account.move.create``, with ``invoice_line_ids``
        :return: values with ``line_ids`` instead, to be created under Odoo's ``skip_invoice_sync``; None where
            the invoice has something of which it is not proven that it comes out the same
        """
        if not self._is_known(values):
            return None
        invoice = _Invoice(self.env, values)
        lines = [dict(command[2]) for command in values["invoice_line_ids"]]
        base_lines = self._complete_lines(invoice, lines)
        if base_lines is None:
            return None
        tax_lines = self._get_tax_lines(invoice, base_lines)
        term_lines = self._get_term_lines(invoice, base_lines, tax_lines)
        items = [{**invoice.get_hints(line), **line} for line in lines + tax_lines + term_lines]
        return {
            "journal_id": self._once(self._get_journal, invoice.company, invoice.currency),
            **{name: value for name, value in values.items() if name != "invoice_line_ids"},
            "date": invoice.date,
            "invoice_date_due": max(line["date_maturity"] for line in term_lines),
            "line_ids": [Command.create(line) for line in items],
        }

    def _is_known(self, values):
        """Return whether nothing in ``values`` leads off the road."""
        return (
            values.keys() <= INVOICE_KEYS
            and values.keys() >= NEEDED_INVOICE_KEYS
            and values["move_type"] == "out_invoice"
            and all(values[name] for name in ("company_id", "currency_id", "invoice_date", "partner_id"))
            and all(command[0] == Command.CREATE for command in values["invoice_line_ids"])
            and all(self._is_known_line(command[2]) for command in values["invoice_line_ids"])
            and any(command[2].get("display_type") == "product" for command in values["invoice_line_ids"])
            and self._once(self._is_known_company, values["company_id"])
            and self._once(self._is_known_term, values["invoice_payment_term_id"])
        )

    def _is_known_line(self, values):
        if not values.keys() <= LINE_KEYS or values.get("is_downpayment") or values.get("account_id"):
            return False
        if values.get("display_type") in HEADERS:
            return True
        return (
            values.get("display_type") == "product"
            and values.keys() >= NEEDED_PRODUCT_KEYS
            and bool(values["product_id"])
            and len(values["tax_ids"]) == 1
            and values["tax_ids"][0][0] == Command.SET
        )

    def _is_known_company(self, company_id):
        """Companies that book discounts apart have more items than the ones made here."""
        return not self.env["res.company"].browse(company_id).account_discount_expense_allocation_id

    def _is_known_term(self, term_id):
        """A discount for early payment that also lowers the tax has items of its own."""
        term = self.env["account.payment.term"].browse(term_id)
        return not term.early_discount or term.early_pay_discount_computation != "mixed"

    # === PRODUCT LINES ===#

    def _complete_lines(self, invoice, lines):
        """Add account, totals, and what belongs to the whole invoice to ``lines``; return their base lines."""
        base_lines = []
        for line in lines:
            line.update(invoice.common_values)
            if line["display_type"] == "product":
                account = self._once(self._get_account, line["product_id"], invoice.position, invoice.company)
                if not account or self._is_storno(line, invoice) or not self._complete_analytic(line):
                    return None
                line["account_id"] = account.id
                base_lines.append(self._prepare_base_line(invoice, line, account))
        return base_lines

    def _is_storno(self, line, invoice):
        """Return whether the company books ``line`` as a negative amount on the same side."""
        return invoice.company.account_storno and line["price_unit"] * line["quantity"] < 0

    def _prepare_base_line(self, invoice, line, account):
        """Return what the tax engine must know, with raw tax details, and put totals on ``line``."""
        base_line = self.tax_model._prepare_base_line_for_taxes_computation(
            line,
            **{name: self._convert(name, line[name]) for name in ("price_unit", "quantity", "discount")},
            name=line["name"],
            tax_ids=self._once(self._browse_taxes, tuple(line["tax_ids"][0][2])),
            product_id=self.env["product.product"].browse(line["product_id"]),
            product_uom_id=self.env["uom.uom"].browse(line["product_uom_id"]),
            account_id=account,
            partner_id=invoice.partner,
            currency_id=invoice.currency,
            rate=self._once(self._get_rate, invoice.company, invoice.currency, invoice.date),
            sign=-1,
        )
        self.tax_model._add_tax_details_in_base_line(base_line, invoice.company)
        self._complete_totals(invoice, line, base_line)
        return base_line

    def _convert(self, name, value):
        """Round as the field does."""
        return self.line_model._fields[name].convert_to_cache(value, self.line_model)

    def _complete_totals(self, invoice, line, base_line):
        """Put the totals on ``line``: rounded as if it stood alone, as Odoo does."""
        details = base_line["tax_details"]
        alone = {
            **base_line,
            "tax_details": {**details, "taxes_data": [dict(tax_data) for tax_data in details["taxes_data"]]},
        }
        self.tax_model._round_base_lines_tax_details([alone], invoice.company)
        line["price_subtotal"] = alone["tax_details"]["total_excluded_currency"]
        line["price_total"] = alone["tax_details"]["total_included_currency"]

    def _complete_analytic(self, line):
        """Settle the analytic distribution of ``line``; return False where only Odoo can.

        Without any distribution model, a line has the distribution of its order line, or none.
        """
        if line.get("analytic_distribution"):
            return True
        if self._once(self._has_distribution_models):
            return False
        line["analytic_distribution"] = False
        for command in line.get("sale_line_ids", ())[:1]:
            if command[0] != Command.LINK:
                return False
            order_line = self.env["sale.order.line"].browse(command[1])
            line["analytic_distribution"] = order_line.analytic_distribution or False
        return True

    # === WHAT FOLLOWS FROM THEM ===#

    def _get_tax_lines(self, invoice, base_lines):
        """Return the values of the tax items; put amounts and tax tags on the product lines."""
        self.tax_model._round_base_lines_tax_details(base_lines, invoice.company)
        self.tax_model._add_accounting_data_in_base_lines_tax_details(base_lines, invoice.company)
        taxes = self.tax_model._prepare_tax_lines(base_lines, invoice.company)
        for base_line, update in taxes["base_lines_to_update"]:
            base_line["record"].update(update)
        return [{**line, "display_type": "tax"} for line in taxes["tax_lines_to_add"]]

    def _get_term_lines(self, invoice, base_lines, tax_lines):
        """Return the values of the items that the customer owes, one a date."""
        untaxed = invoice.get_total([base_line["record"] for base_line in base_lines])
        tax = invoice.get_total(tax_lines)
        lines = {}
        for date, discount, balance, amount_currency in self._get_terms(invoice, untaxed, tax):
            line = lines.setdefault(date, {"balance": 0.0, "amount_currency": 0.0, **discount})
            line["balance"] += balance
            line["amount_currency"] += amount_currency
        return [
            {**invoice.common_values, **line, "date_maturity": date, "display_type": "payment_term"}
            for date, line in lines.items()
        ]

    def _get_terms(self, invoice, untaxed, tax):
        """Yield (date, values of the early discount, balance, amount in currency)."""
        if not invoice.term:
            no_discount = {"discount_balance": 0.0, "discount_amount_currency": 0.0}
            yield fields.Date.context_today(self.moves), no_discount, untaxed[0] + tax[0], untaxed[1] + tax[1]
            return
        terms = invoice.term._compute_terms(
            date_ref=invoice.date,
            currency=invoice.currency,
            company=invoice.company,
            untaxed_amount=untaxed[0],
            untaxed_amount_currency=untaxed[1],
            tax_amount=tax[0],
            tax_amount_currency=tax[1],
            sign=1,
        )
        discount = {
            "discount_date": terms.get("discount_date"),
            "discount_balance": terms.get("discount_balance") or 0.0,
            "discount_amount_currency": terms.get("discount_amount_currency") or 0.0,
        }
        for term in terms["line_ids"]:
            yield term["date"], discount, term["company_amount"], term["foreign_amount"]

    # === WORKED OUT ONCE ===#

    def _get_journal(self, company, currency):
        draft = {"move_type": "out_invoice", "company_id": company.id, "currency_id": currency.id}
        return self.moves.new(draft).journal_id.id

    def _get_rate(self, company, currency, date):
        return self.env["res.currency"]._get_conversion_rate(company.currency_id, currency, company, date)

    def _get_account(self, product_id, position, company):
        template = self.env["product.product"].browse(product_id).with_company(company).product_tmpl_id
        return template.get_product_accounts(fiscal_pos=position)["income"]

    def _browse_taxes(self, ids):
        return self.tax_model.browse(ids)

    def _has_distribution_models(self):
        return bool(self.env["account.analytic.distribution.model"].search_count([], limit=1))


class _Invoice:
    """The records that the values of an invoice name."""

    def __init__(self, env, values):
        self.company = env["res.company"].browse(values["company_id"])
        self.currency = env["res.currency"].browse(values["currency_id"])
        self.partner = env["res.partner"].browse(values["partner_id"]).commercial_partner_id
        self.position = env["account.fiscal.position"].browse(values["fiscal_position_id"])
        self.term = env["account.payment.term"].browse(values["invoice_payment_term_id"])
        self.date = fields.Date.to_date(values["invoice_date"])
        self.common_values = {"partner_id": self.partner.id, "currency_id": self.currency.id}
        self.ref = values.get("ref")

    def get_hints(self, line):
        """Return what Odoo works out by itself: where it is right already, it need not be written again."""
        owed = line["display_type"] == "payment_term"
        return {
            "amount_residual": line["balance"] if owed else 0.0,
            "amount_residual_currency": line["amount_currency"] if owed else 0.0,
            "date": self.date,
            "invoice_date": self.date,
            "parent_state": "draft",
            "price_subtotal": 0.0,
            "price_total": 0.0,
            "reconciled": False,
            "ref": self.ref,
        }

    def get_total(self, lines):
        """Return what the customer owes for ``lines``: (in company currency, in the invoice's), rounded."""
        balance = -sum(line["balance"] for line in lines)
        amount_currency = -sum(line["amount_currency"] for line in lines)
        return self.company.currency_id.round(balance), self.currency.round(amount_currency)
