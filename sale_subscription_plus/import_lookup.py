"""Finds the records that the texts of an import name. Reads only; what is missing is made later, as told here."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from odoo.fields import Domain
from odoo.tools import SQL, email_normalize

# Plans that may be made when they are missing: {name in lower case: (count, unit)}.
KNOWN_PLANS = {"weekly": (1, "week"), "monthly": (1, "month"), "quarterly": (3, "month"), "yearly": (1, "year")}


class Refusal(Exception):
    """A row cannot be imported; the message is a sentence for whoever wrote the file."""


@dataclass(eq=False)
class Customer:
    """A customer of the file: one for all rows that name the same; made when an order of theirs is."""

    name: str
    email: str
    reference: str
    partner: Any  # res.partner, empty until made


class Lookup:
    """Names to records, each asked of the database once.

    What does not exist and may be made is returned as a new record (``id`` is falsy): the same one for all rows.
    """

    def __init__(self, env, companies, create_missing):
        """
        :param env: in sudo mode
        :param companies: those that rows may be imported into; the first is the default
        """
        self.env = env
        self.companies = companies
        self.create_missing = create_missing
        self.cache = {}
        self.orders = {}
        self.products_by_code = {}
        self.products_by_name = {}
        self.partners_by_ref = {}
        self.partners_by_name = {}
        self.emails_by_name = {}
        self.tokens = {}

    def _once(self, key, find):
        """Return what ``find`` returned, or raise what it refused, the first time that ``key`` was asked for."""
        if key not in self.cache:
            try:
                self.cache[key] = find()
            except Refusal as refusal:
                self.cache[key] = refusal
        found = self.cache[key]
        if isinstance(found, Refusal):
            raise found
        return found

    def _pick(self, candidates, company, ambiguous):
        """Return the best of records with the same name: of the company, in use; none where there are none.

        :param str ambiguous: the sentence for several that are equally good
        """
        candidates = candidates.filtered(lambda record: not record.company_id or record.company_id == company)
        ranks = {record: (not record.active, not record.company_id) for record in candidates}
        best = [record for record in candidates if ranks[record] == min(ranks.values())]
        if len(best) > 1:
            raise Refusal(ambiguous)
        return best[0] if best else candidates

    # === ALL AT ONCE ===#

    def fetch(self, entries):
        """Read the orders, products, customers and tokens that ``entries`` name, in few queries."""
        self._fetch_orders({entry["reference"] for entry in entries})
        self._fetch_products({entry["product"] for entry in entries})
        self._fetch_partners(entries)
        self._fetch_tokens({entry["token"] for entry in entries} - {""})

    def _fetch_orders(self, references):
        orders = self.env["sale.order"].search(
            [("subscription_import_ref", "in", list(references)), ("company_id", "in", self.companies.ids)]
        )
        self.orders = {(order.company_id, order.subscription_import_ref): order for order in orders}

    def _fetch_products(self, texts):
        Product = self.env["product.product"].with_context(active_test=False)
        names = {text.lower() for text in texts}
        templates = self.env.execute_query(
            SQL(
                """
                SELECT id FROM product_template
                 WHERE lower(name->>%(lang)s) = ANY(%(names)s) OR lower(name->>'en_US') = ANY(%(names)s)
                """,
                lang=self.env.lang or "en_US",
                names=list(names),
            )
        )
        by_name = Product.search([("product_tmpl_id", "in", [template_id for (template_id,) in templates])])
        by_code = Product.search([("default_code", "in", list(texts))])
        self.products_by_name = self._index_names(by_name)
        self.products_by_code = by_code.with_context(active_test=True).grouped("default_code")

    def _index_names(self, records):
        """Return {name in lower case: records}, by the names in the user's language and in the database's own."""
        records = records.with_context(active_test=True)
        index = {}
        for record, source in zip(records, records.with_context(lang=None), strict=True):
            for name in {record.name.strip().lower(), source.name.strip().lower()}:
                index[name] = index.get(name, records.browse()) | record
        return index

    def _fetch_partners(self, entries):
        Partner = self.env["res.partner"].with_context(active_test=False)
        fields = ["name", "ref", "email", "active", "parent_id", "company_id"]
        refs = {entry["customer_reference"] for entry in entries} - {""}
        for partner in Partner.search_fetch([("ref", "in", list(refs))], fields, order="id"):
            self.partners_by_ref.setdefault(partner.ref, []).append(partner)
        unnumbered = [entry for entry in entries if not entry["customer_reference"]]
        names = {entry["customer"] for entry in unnumbered}
        for partner in Partner.search_fetch([("name", "in", list(names))], fields, order="id"):
            email = email_normalize(partner.email or "") or ""
            self.partners_by_name.setdefault((partner.name, email), []).append(partner)
            self.emails_by_name.setdefault(partner.name, set()).add(email)
        for entry in unnumbered:
            if email := email_normalize(entry["email"]):
                self.emails_by_name.setdefault(entry["customer"], set()).add(email)

    def _fetch_tokens(self, names):
        for token in self.env["payment.token"].search([("provider_ref", "in", list(names))]):
            self.tokens.setdefault(token.provider_ref, []).append(token)

    def is_present(self, entry, company):
        """Return whether the row's line stands on an order that was imported before."""
        order = self.orders.get((company, entry.reference))
        if not order:
            return False
        try:
            key = (self.get_product(entry["product"], company), self.get_plan(entry["plan"], company))
        except Refusal:
            return False
        return key in self._once(("lines", order), partial(self._read_keys, order))

    def _read_keys(self, order):
        return {(line.product_id, line.subscription_plan_id) for line in order.order_line}

    # === COMPANY AND MONEY ===#

    def get_company(self, name):
        if not name:
            return self.companies[0]
        for company in self.companies:
            if company.name.strip().lower() == name.lower():
                return company
        raise Refusal(self.env._('There is no company "%s" among yours.', name))

    def get_today(self, company):
        return self._once(("today", company), company._get_subscription_today)

    def get_currency(self, code, company):
        """Return the currency of ``code``, the company's if there is none."""
        return self._once(("currency", code.upper(), company), partial(self._find_currency, code.upper(), company))

    def _find_currency(self, code, company):
        currency = company.currency_id
        if code:
            Currency = self.env["res.currency"].with_context(active_test=False)
            currency = Currency.search([("name", "=", code)], limit=1)
        if not currency:
            raise Refusal(self.env._('There is no currency "%s".', code))
        problem = self.env["sale.order"]._get_currency_problem(currency, company, self.get_today(company))
        if problem:
            raise Refusal(problem)
        return currency

    def get_pricelist(self, customer, currency, company):
        """Return the pricelist of an order in ``currency``: the customer's own, else the first one in it.

        None is needed for the company's own currency.
        """
        own = customer.partner.with_company(company).property_product_pricelist
        if own.currency_id == currency:
            return own
        return self._once(("pricelist", currency, company), partial(self._find_pricelist, currency, company))

    def _find_pricelist(self, currency, company):
        Pricelist = self.env["product.pricelist"]
        used = self.env["res.groups"]._is_feature_enabled("product.group_product_pricelist")
        if currency == company.currency_id and not used:
            return Pricelist
        domain = Domain("currency_id", "=", currency.id) & Domain("company_id", "in", [False, company.id])
        found = Pricelist.search(domain, limit=1)
        if found or currency == company.currency_id:
            return found
        if self.create_missing:
            name = self.env._("Imported (%s)", currency.name)
            return Pricelist.new({"name": name, "currency_id": currency.id, "company_id": company.id}, ref=name)
        raise Refusal(self.env._("There is no pricelist in %s, which an order in that currency needs.", currency.name))

    # === WHAT IS SUBSCRIBED TO ===#

    def get_plan(self, name, company):
        return self._once(("plan", name.lower(), company), partial(self._find_plan, name, company))

    def _find_plan(self, name, company):
        plans = self._get_by_name("subscription.plan").get(name.lower(), self.env["subscription.plan"])
        plan = self._pick(plans, company, self.env._('Several plans are called "%s".', name))
        return plan or self._once(("new plan", name.lower()), partial(self._make_plan, name))

    def _make_plan(self, name):
        if not self.create_missing:
            raise Refusal(self.env._('There is no plan "%s".', name))
        if name.lower() not in KNOWN_PLANS:
            raise Refusal(
                self.env._(
                    'There is no plan "%(name)s", and its name does not tell how long its periods are. Make it first; '
                    "only %(known)s can be made by the import.",
                    name=name,
                    known=", ".join(known.capitalize() for known in KNOWN_PLANS),
                )
            )
        count, unit = KNOWN_PLANS[name.lower()]
        values = {"name": name.capitalize(), "interval_count": count, "interval_unit": unit}
        return self.env["subscription.plan"].new(values, ref=name.lower())

    def get_close_reason(self, name):
        return self._once(("reason", name.lower()), partial(self._find_close_reason, name))

    def _find_close_reason(self, name):
        reasons = self._get_by_name("subscription.close.reason").get(name.lower())
        if reasons:
            return reasons.sorted(lambda reason: not reason.active)[:1]
        if not self.create_missing:
            raise Refusal(self.env._('There is no close reason "%s".', name))
        return self.env["subscription.close.reason"].new({"name": name}, ref=name.lower())

    def _get_by_name(self, model):
        """Return {name in lower case: records} of a small table, archived ones too."""
        return self._once(("names", model), partial(self._read_names, model))

    def _read_names(self, model):
        return self._index_names(self.env[model].with_context(active_test=False).search([]))

    def get_product(self, text, company):
        """Return the variant whose internal reference, else whose name, is ``text``."""
        return self._once(("product", text, company), partial(self._find_product, text, company))

    def _find_product(self, text, company):
        none = self.env["product.product"]
        ambiguous = self.env._('Several products are called "%s": give the internal reference of one.', text)
        for found in (self.products_by_code.get(text, none), self.products_by_name.get(text.lower(), none)):
            if product := self._pick(found, company, ambiguous):
                self._check_product(product)
                return product
        return self._once(("new product", text.lower()), partial(self._make_product, text))

    def _make_product(self, name):
        if not self.create_missing:
            raise Refusal(self.env._('There is no product with the internal reference or name "%s".', name))
        return self.env["product.product"].new({"name": name}, ref=name.lower())

    def _check_product(self, product):
        if product.type == "combo":
            raise Refusal(self.env._('The combo "%s" cannot recur.', product.display_name))
        if product.invoice_policy == "delivery":
            raise Refusal(
                self.env._(
                    '"%s" is invoiced on delivered quantities and cannot recur. '
                    "Choose ordered quantities as its invoicing policy.",
                    product.display_name,
                )
            )

    # === WHO SUBSCRIBES ===#

    def get_customer(self, name, email, reference, company):
        """Return the :class:`Customer` with that reference; where none is given, with that name and e-mail.

        A name alone is enough where only one customer, here and in the file, bears it.
        """
        address = email_normalize(email) if email else ""
        if email and not address:
            raise Refusal(self.env._('"%s" is no e-mail address.', email))
        if reference:
            key = ("ref", reference)
        else:
            key = ("name", name, address or self._get_only_email(name))
        customer = self._once(key, partial(self._find_customer, key, name, address, reference))
        owner = customer.partner.company_id
        if owner and owner != company:
            raise Refusal(
                self.env._(
                    'The customer "%(customer)s" belongs to %(company)s.', customer=name, company=owner.display_name
                )
            )
        return customer

    def _get_only_email(self, name):
        emails = self.emails_by_name.get(name, set())
        if "" in emails or not emails:
            return ""
        if len(emails) > 1:
            raise Refusal(
                self.env._('Several customers are called "%s": give the e-mail address or the reference.', name)
            )
        return next(iter(emails))

    def _find_customer(self, key, name, email, reference):
        partners = self.partners_by_ref.get(reference, []) if reference else self.partners_by_name.get(key[1:], [])
        active = [partner for partner in partners if partner.active]
        if partners and not active:
            raise Refusal(self.env._('The customer "%s" is archived.', name))
        if len(active) > 1:
            active = [partner for partner in active if not partner.parent_id] or active
        if len(active) > 1:
            raise Refusal(
                self.env._('Several customers are called "%s" or have this reference: merge them first.', name)
            )
        partner = active[0].with_context(active_test=True) if active else self.env["res.partner"]
        return Customer(name, key[2] if not reference else email, reference, partner)

    def get_token(self, name, customer, company):
        """Return the customer's saved payment method that the provider calls ``name``."""
        owner = customer.partner.commercial_partner_id
        tokens = [
            token
            for token in self.tokens.get(name, [])
            if owner and token.partner_id.commercial_partner_id == owner and token.company_id in company.parent_ids
        ]
        if len(tokens) != 1:
            raise Refusal(
                self.env._(
                    '"%(customer)s" has no saved payment method "%(token)s".', customer=customer.name, token=name
                )
                if not tokens
                else self.env._(
                    '"%(customer)s" has several payment methods "%(token)s".', customer=customer.name, token=name
                )
            )
        return tokens[0]
