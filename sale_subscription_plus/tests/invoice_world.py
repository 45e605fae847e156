"""The records that the names in `invoice_shapes` stand for."""

from datetime import date

from odoo.fields import Command

from .common import TODAY


class World:
    """A company with customers, products, taxes and terms of all kinds; and the values of invoices among them."""

    def __init__(self, test):
        self.test = test
        self.env = test.env
        self.company = test.company
        self.env["res.lang"]._activate_lang("fr_FR")
        self.accounts = self._create_accounts()
        self.tags = self._create_tags()
        self.analytic = self._create_analytic_accounts()
        self.taxes = self._create_taxes()
        self.accounts["taxed"].tax_ids = self.taxes["7.7%"]
        self.currencies = self._create_currencies()
        self.journals = self._create_journals()
        self.terms = self._create_terms()
        self.fiscal_positions = self._create_fiscal_positions()
        self.salespeople = self._create_salespeople()
        self.partners = self._create_partners()
        self.uoms = {"dozen": test.env.ref("uom.product_uom_dozen"), "hour": test.env.ref("uom.product_uom_hour")}
        self.products = self._create_products()
        self.marketing = self._create_marketing()
        self.order = self._create_order()
        self.transaction = self._create_transaction()

    def _create_accounts(self):
        kinds = {
            "income": "income",
            "mapped income": "income",
            "receivable": "asset_receivable",
            "other receivable": "asset_receivable",
            "tax": "liability_current",
            "other tax": "liability_current",
            "transition": "liability_current",
            "discount": "income_other",
            "journal": "income",
            "taxed": "income",
            "open": "liability_current",
        }
        rows = [
            {
                "name": name.capitalize(),
                "code": f"X{number:05}",
                "account_type": kind,
                "reconcile": name in ("receivable", "other receivable", "transition", "open"),
            }
            for number, (name, kind) in enumerate(kinds.items())
        ]
        return dict(zip(kinds, self.env["account.account"].create(rows), strict=True))

    def _create_tags(self):
        names = ("base", "tax", "other", "product", "paid")
        rows = [{"name": f"+{name}", "applicability": "taxes", "country_id": self._country.id} for name in names]
        return dict(zip(names, self.env["account.account.tag"].create(rows), strict=True))

    @property
    def _country(self):
        return self.company.account_fiscal_country_id

    def _create_analytic_accounts(self):
        plans = self.env["account.analytic.plan"].create([{"name": "Projects"}, {"name": "Departments"}])
        accounts = self.env["account.analytic.account"].create(
            [
                {"name": name, "plan_id": plans[number].id, "company_id": False}
                for name, number in [("A", 0), ("B", 0), ("C", 1)]
            ]
        )
        return dict(zip("ABC", accounts, strict=True))

    # === TAXES ===#

    def _create_taxes(self):
        self.company.tax_exigibility = True
        self.company.tax_cash_basis_journal_id = self.test.company_data["default_journal_misc"]
        included = {"price_include_override": "tax_included"}
        transition = {
            "tax_exigibility": "on_payment",
            "cash_basis_transition_account_id": self.accounts["transition"].id,
        }
        taxes = {
            "15%": self._create_tax(15.0),
            "7.7%": self._create_tax(7.7, account="other tax"),
            "21% included": self._create_tax(21.0, **included),
            "0%": self._create_tax(0.0),
            "fixed": self._create_tax(1.35, amount_type="fixed"),
            "fixed included": self._create_tax(0.4, amount_type="fixed", include_base_amount=True, **included),
            "division": self._create_tax(10.0, amount_type="division"),
            "division included": self._create_tax(10.0, amount_type="division", **included),
            "affecting": self._create_tax(10.0, sequence=1, include_base_amount=True),
            "affected": self._create_tax(5.0, sequence=2, tags=("other",)),
            "unaffected": self._create_tax(5.0, sequence=2, is_base_affected=False),
            "split": self._create_tax(20.0, parts=[(60, "tax", "tax"), (40, "other tax", "other")]),
            "split included": self._create_tax(8.1, parts=[(33.33, "tax", "tax"), (66.67, None, "other")], **included),
            "reverse charge": self._create_tax(19.0, parts=[(100, "tax", "tax"), (-100, "other tax", "other")]),
            "withheld": self._create_tax(-11.0, account="other tax"),
            "analytic": self._create_tax(6.0, analytic=True),
            "on payment": self._create_tax(12.0, tags=("paid",), parts=[(100, "tax", "paid")], **transition),
            "without account": self._create_tax(3.0, account=None),
            "without tax part": self._create_tax(9.0, parts=[(0, "tax", "tax")]),
            "retired": self._create_tax(17.0, active=False),
            "withheld included": self._create_tax(-2.0, account="other tax", **included),
            "labelled": self._create_tax(4.0, invoice_label="VAT", description="Value added", tags=()),
        }
        children = self._create_tax(2.0) + self._create_tax(5.5, account="other tax")
        taxes["15%"].with_context(lang="fr_FR").name = "TVA 15"
        taxes["group"] = self._create_tax(0.0, amount_type="group", children_tax_ids=[Command.set(children.ids)])
        return taxes

    def _create_tax(self, amount, account="tax", tags=("base",), parts=None, **values):
        parts = parts or [(100, account, "tax")]
        if values.get("amount_type") != "group":
            for document in ("invoice", "refund"):
                values[f"{document}_repartition_line_ids"] = self._prepare_repartition(parts, tags)
        number = len(self.env["account.tax"].search([("company_id", "=", self.company.id)]))
        return self.env["account.tax"].create(
            {
                "name": f"Tax {number}",
                "amount": amount,
                "type_tax_use": "sale",
                "price_include_override": "tax_excluded",
                "company_id": self.company.id,
                **values,
            }
        )

    def _prepare_repartition(self, parts, tags):
        base = {"repartition_type": "base", "tag_ids": [Command.set([self.tags[name].id for name in tags])]}
        return [Command.clear(), Command.create(base)] + [
            Command.create(
                {
                    "repartition_type": "tax",
                    "factor_percent": percent,
                    "account_id": self.accounts[account].id if account else False,
                    "tag_ids": [Command.set(self.tags[tag].ids)],
                }
            )
            for percent, account, tag in parts
        ]

    # === MONEY ===#

    def _create_currencies(self):
        rates = {
            "EUR": [("1900-01-01", 0.9), ("2026-01-01", 0.8765)],
            "JPY": [("1900-01-01", 150.25)],
            "BHD": [("1900-01-01", 0.376), ("2026-01-31", 0.4)],
            "XAU": [("1900-01-01", 0.000321)],
        }
        currencies = {"USD": self.company.currency_id}
        for code, days in rates.items():
            rounding = {"JPY": 1.0, "BHD": 0.001, "XAU": 0.000001}.get(code, 0.01)
            currencies[code] = self._create_currency(code, rounding, days)
        return currencies

    def _create_currency(self, code, rounding, rates):
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", code)])
        if not currency:
            currency = self.env["res.currency"].create({"name": code, "symbol": code})
        currency.write({"active": True, "rounding": rounding})
        currency.rate_ids.filtered(lambda rate: rate.company_id == self.company).unlink()
        currency.rate_ids = [
            Command.create({"name": day, "rate": rate, "company_id": self.company.id}) for day, rate in rates
        ]
        return currency

    def _create_journals(self):
        references = {
            "euro references": {"invoice_reference_model": "euro", "invoice_reference_type": "invoice"},
            "odoo references": {"invoice_reference_model": "odoo", "invoice_reference_type": "invoice"},
            "partner references": {"invoice_reference_model": "euro", "invoice_reference_type": "partner"},
            "hashed": {"restrict_mode_hash_table": True},
            "euros": {"currency_id": self.currencies["EUR"].id},
            "plain": {"default_account_id": False},
        }
        account = self.accounts["journal"]
        rows = [
            {"name": name, "code": f"J{number}", "type": "sale", "default_account_id": account.id, "sequence": 100}
            | values
            for number, (name, values) in enumerate(references.items())
        ]
        return dict(zip(references, self.env["account.journal"].create(rows), strict=True))

    def _create_terms(self):
        percent = [("percent", 100.0, 10, "days_after")]
        third = [("percent", share, days, "days_after") for share, days in [(33.33, 0), (33.33, 31), (33.34, 62)]]
        terms = {
            "immediate": self._create_term("immediate", [("percent", 100.0, 0, "days_after")]),
            "30 days": self._create_term("30 days", [("percent", 100.0, 30, "days_after")]),
            "30% now, 70% at the end of the following month": self._create_term(
                "30/70", [("percent", 30.0, 0, "days_after"), ("percent", 70.0, 5, "days_after_end_of_next_month")]
            ),
            "thirds": self._create_term("thirds", third),
            "fixed and percent": self._create_term(
                "fixed", [("fixed", 4.0, 0, "days_after"), ("percent", 100.0, 15, "days_after_end_of_month")]
            ),
            "same day twice": self._create_term(
                "twice", [("percent", 50.0, 10, "days_after"), ("percent", 50.0, 10, "days_after")]
            ),
            "days after": self._create_term("tenth", [("percent", 100.0, 0, "days_end_of_month_on_the")]),
        }
        for kind in ("included", "excluded", "mixed"):
            discount = {"early_discount": True, "early_pay_discount_computation": kind, "discount_percentage": 2.5}
            terms[f"early discount {kind}"] = self._create_term(kind, percent, **discount)
        return terms

    def _create_term(self, name, lines, **values):
        rows = [
            Command.create({"value": value, "value_amount": amount, "nb_days": days, "delay_type": delay})
            for value, amount, days, delay in lines
        ]
        return self.env["account.payment.term"].create({"name": name, "line_ids": rows, **values})

    def _create_fiscal_positions(self):
        position = self.env["account.fiscal.position"].create(
            [
                {
                    "name": "Accounts",
                    "account_ids": [
                        Command.create(
                            {"account_src_id": self.accounts[name].id, "account_dest_id": self.accounts[other].id}
                        )
                        for name, other in [("income", "mapped income"), ("receivable", "other receivable")]
                    ],
                },
                {"name": "Taxes", "note": "<p>Intra-community</p>"},
            ]
        )
        self.taxes["7.7%"].write({"fiscal_position_ids": position[1].ids, "original_tax_ids": self.taxes["15%"].ids})
        return {"accounts": position[0], "taxes": position[1]}

    # === PEOPLE ===#

    def _create_salespeople(self):
        user = self.test.company_data["default_user_salesman"]
        return {"salesperson": user, "other": user.copy({"login": "other salesperson", "email": "other@example.com"})}

    def _create_partners(self):
        parent = self.env["res.partner"].create({"name": "Reading Ltd", "is_company": True, "ref": "C-17"})
        bank = self.test.company_data["default_journal_bank"]
        self.payment_method = bank.inbound_payment_method_line_ids[:1]
        tag = self.env["res.partner.category"].create({"name": "Gold"})
        values = {
            "plain": {"email": "plain@example.com"},
            "invoice address": {"parent_id": parent.id, "type": "invoice"},
            "nameless address": {"name": False, "parent_id": parent.id, "type": "invoice", "street": "Main street 1"},
            "contact of company": {"parent_id": parent.id, "invoice_sending_method": "email"},
            "other receivable": {"property_account_receivable_id": self.accounts["receivable"].id},
            "with terms": {"property_payment_term_id": self.terms["thirds"].id},
            "French": {"lang": "fr_FR"},
            "Belgian": {"country_id": self.env.ref("base.be").id, "vat": "BE0477472701", "zip": "1000"},
            "with salesperson": {"user_id": self.salespeople["other"].id},
            "with payment method": {"property_inbound_payment_method_line_id": self.payment_method.id},
            "tagged": {"category_id": tag.ids, "invoice_sending_method": "manual"},
            "archived": {"active": False},
            "fiscal": {"property_account_position_id": self.fiscal_positions["accounts"].id},
            "with bank": {"bank_ids": [Command.create({"acc_number": "12345678"})]},
            "emailless": {"email": False, "autopost_bills": "never"},
        }
        partners = self.env["res.partner"].create([{"name": f"Ms {name}"} | own for name, own in values.items()])
        self.env["res.partner.bank"].create(
            [
                {"acc_number": f"0098-{number}", "partner_id": self.company.partner_id.id, "allow_out_payment": True}
                for number in range(2)
            ]
        )
        return dict(zip(values, partners, strict=True))

    # === GOODS ===#

    def _create_products(self):
        category = self.env["product.category"].create({"name": "Without account"})
        category.with_company(self.company).property_account_income_categ_id = False
        values = {
            "plain": {"property_account_income_id": False},
            "own account": {"property_account_income_id": self.accounts["income"].id},
            "without account": {"property_account_income_id": False, "categ_id": category.id},
            "described": {"description_sale": "On paper", "default_code": "P-1"},
            "taxed": {"taxes_id": [Command.set(self.taxes["15%"].ids)]},
            "dozen": {"uom_id": self.uoms["dozen"].id},
            "archived": {"active": False},
            "taxed account": {"property_account_income_id": self.accounts["taxed"].id},
            "open account": {"property_account_income_id": self.accounts["open"].id},
            "analytic": {"account_tag_ids": [Command.set(self.tags["product"].ids)]},
        }
        products = {
            name: self.env["product.product"].create(
                {
                    "name": f"Magazine {name}",
                    "type": "service",
                    "lst_price": 10.0,
                    "taxes_id": False,
                    "invoice_policy": "order",
                    **own,
                }
            )
            for name, own in values.items()
        }
        products["described"].with_context(lang="fr_FR").write({"name": "Revue", "description_sale": "En papier"})
        return products

    def _create_marketing(self):
        return {
            "campaign_id": self.env["utm.campaign"].create({"name": "Spring"}).id,
            "medium_id": self.env["utm.medium"].create({"name": "Letters"}).id,
            "source_id": self.env["utm.source"].create({"name": "Friends"}).id,
            "team_id": self.env["crm.team"].create({"name": "Doors"}).id,
        }

    def _create_order(self):
        products = [name for name in self.products if name != "archived"]
        lines = [Command.create({"product_id": self.products[name].id, "product_uom_qty": 100.0}) for name in products]
        kinds = ("line_section", "line_subsection", "line_note")
        lines += [Command.create({"display_type": kind, "name": kind}) for kind in kinds]
        order = self.env["sale.order"].create({"partner_id": self.partners["plain"].id, "order_line": lines})
        order.action_confirm()
        self.order_lines = dict(zip((*products, *kinds), order.order_line, strict=True))
        self.order_lines["own account"].analytic_distribution = {str(self.analytic["C"].id): 100}
        return order

    def _create_transaction(self):
        provider = self.env["payment.provider"].sudo().create({"name": "Cards", "company_id": self.company.id})
        return (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": self.env.ref("payment.payment_method_card").id,
                    "amount": 10.0,
                    "currency_id": self.company.currency_id.id,
                    "partner_id": self.partners["plain"].id,
                    "reference": "pending transaction",
                    "state": "pending",
                    "sale_order_ids": self.order.ids,
                }
            )
        )

    # === VALUES ===#

    def set_up_company(self, shape):
        """Make the company one of ``shape``, drawn from `COMPANY`."""
        values = {name: value for name, value in shape.items() if value and name in self.company._fields}
        if shape["discount_account"]:
            values["account_discount_expense_allocation_id"] = self.accounts["discount"].id
        if shape["incoterm"]:
            values |= {"incoterm_id": self.env.ref("account.incoterm_EXW").id}
        if shape["terms"]:
            self.env["ir.config_parameter"].sudo().set_param("account.use_invoice_terms", True)
            values |= {"terms_type": shape["terms"], "invoice_terms": "<p>No returns</p>"}
        if shape["distribution_models"]:
            self._create_distribution_models()
        self.company.sudo().write(values)

    def _create_distribution_models(self):
        share = {name: {str(account.id): 50} for name, account in self.analytic.items()}
        self.env["account.analytic.distribution.model"].create(
            [
                {"partner_category_id": self.partners["tagged"].category_id.id, "analytic_distribution": share["A"]},
                {"account_prefix": self.accounts["income"].code, "analytic_distribution": share["B"]},
                {"product_id": self.products["analytic"].id, "analytic_distribution": share["C"]},
            ]
        )

    def prepare_invoice(self, number, shape):
        """Return the values of an invoice, as billing prepares them.

        :param int number: makes its reference another one than those of other invoices
        :param dict shape: drawn from `INVOICE`
        """
        partner = self.partners[shape["partner"]]
        position = self.fiscal_positions.get(shape["fiscal_position"])
        values = {
            "ref": shape["ref"] and f"{shape['ref']}-{number}",
            "move_type": "out_invoice",
            "narration": shape["narration"],
            "currency_id": self.currencies[shape["currency"]].id,
            "campaign_id": False,
            "medium_id": False,
            "source_id": False,
            "team_id": False,
            "partner_id": partner.id,
            "partner_shipping_id": self.partners[shape["shipping"] or shape["partner"]].id,
            "fiscal_position_id": position.id if position else False,
            "invoice_origin": "S0001",
            "invoice_payment_term_id": self.terms[shape["terms"]].id if shape["terms"] else False,
            "preferred_payment_method_line_id": self.payment_method.id if shape["payment_method"] else False,
            "invoice_user_id": self._get_salesperson(shape),
            "payment_reference": shape["reference"],
            "transaction_ids": [Command.set(self.transaction.ids if shape["transaction"] else [])],
            "company_id": self.company.id,
            "invoice_line_ids": [
                Command.create(self._prepare_line(line) | {"sequence": sequence})
                for sequence, line in enumerate(shape["lines"])
            ],
            "user_id": self._get_salesperson(shape),
            "invoice_date": shape["day"],
        }
        if shape["marketing"]:
            values |= self.marketing
        if shape["journal"]:
            values["journal_id"] = self.journals[shape["journal"]].id
        return values

    def _get_salesperson(self, shape):
        return self.salespeople[shape["salesperson"]].id if shape["salesperson"] else False

    def _prepare_line(self, shape):
        if shape["display_type"] != "product":
            return self._prepare_header(shape)
        product = self.products.get(shape["product"], self.env["product.product"])
        order_line = self._get_order_line(shape, shape["product"])
        values = {
            "display_type": "product",
            "name": shape["name"],
            "product_id": product.id,
            "product_uom_id": (self.uoms[shape["uom"]] if shape["uom"] else product.uom_id).id,
            "quantity": shape["quantity"],
            "discount": shape["discount"],
            "price_unit": shape["price"],
            "tax_ids": [Command.set([self.taxes[name].id for name in shape["taxes"]])],
            "sale_line_ids": order_line,
            "is_downpayment": False,
            "extra_tax_data": None,
            "collapse_prices": shape["collapse"],
            "collapse_composition": shape["collapse"],
        }
        if shape["distribution"]:
            values["analytic_distribution"] = self._get_distribution(shape["distribution"])
        if shape["from_order"]:
            values |= {"subscription_period_start": TODAY, "subscription_period_end": date(2026, 2, 1)}
        return values

    def _prepare_header(self, shape):
        return {
            "display_type": shape["display_type"],
            "name": shape["name"],
            "product_id": False,
            "product_uom_id": False,
            "quantity": 0.0,
            "discount": 0.0,
            "price_unit": 0.0,
            "tax_ids": [Command.set([])],
            "sale_line_ids": self._get_order_line(shape, shape["display_type"]),
            "is_downpayment": False,
            "extra_tax_data": None,
            "collapse_prices": shape["collapse"],
            "collapse_composition": shape["collapse"],
            "account_id": False,
        }

    def _get_order_line(self, shape, name):
        if not shape["from_order"] or name not in self.order_lines:
            return []
        return [Command.link(self.order_lines[name].id)]

    def _get_distribution(self, shape):
        return {
            ",".join(str(self.analytic[name].id) for name in names.split(",")): percent
            for names, percent in shape.items()
        }
