from odoo.exceptions import UserError
from odoo.http import request, route

from .subscription import SubscriptionPage

PATH = "/my/subscriptions/<int:order_id>/addresses"
KIND = "<any(invoice, delivery):kind>"
# What the form of an address asks for: neither company nor VAT, they are the customer's, and not one contract's.
TEXTS = ("name", "email", "phone", "street", "street2", "zip", "city")
LONGEST_TEXT = 128
# What Odoo calls the kinds.
ODOO_KINDS = {"invoice": "billing", "delivery": "delivery"}


class SubscriptionAddresses(SubscriptionPage):
    """Where the invoices of a subscription go, where it is delivered to, and how its contact is reached.

    An address that is given here is a new one, for this subscription: none that others use is changed.
    """

    def _get_page_messages(self):
        """Extend by what is said after an address was changed."""
        return super()._get_page_messages() | {
            "invoice_address": ("success", request.env._("The next invoices go to the new address.")),
            "delivery_address": ("success", request.env._("The new delivery address is kept.")),
            "contact": ("success", request.env._("Your contact details are kept.")),
        }

    # === THE PAGE ===#

    @route(PATH, type="http", auth="public", methods=["GET"], website=True, sitemap=False)
    def subscription_addresses(self, order_id, access_token=None, message=None, **kwargs):
        """Show the addresses of a subscription, and those that may take their place.

        :param int order_id: the subscription
        :param str access_token: that of the visitor's link
        :param str message: code of what was done
        """
        order_sudo = self._get_subscription(order_id, access_token, "manage")
        if not order_sudo:
            return request.redirect("/my")
        return self._show_addresses(order_sudo, access_token, message=self._get_page_messages().get(message))

    def _show_addresses(self, order_sudo, access_token, message=None, error=None, entered=None):
        values = self._get_subscription_values(order_sudo, access_token)
        contact = order_sudo.partner_id
        values |= {
            "message": message,
            "error": error,
            "entered": entered or {"email": contact.email, "phone": contact.phone},
            "choices": {kind: self._get_choices(order_sudo, kind) for kind in ODOO_KINDS},
            "contact_is_visitor": request.env.user.partner_id == contact,
            "contact_editable": self._is_customer(order_sudo, access_token) and order_sudo._is_contact_editable(),
        }
        return request.render("sale_subscription_plus_portal.portal_subscription_address_page", values)

    def _get_choices(self, order_sudo, kind):
        """Return the addresses that the visitor chooses among.

        Who has a link and no login as the customer is shown those that are on the contract, and no others.
        """
        choices = order_sudo._get_address_choices(kind)
        if not self._is_named(order_sudo):
            choices &= order_sudo.partner_id | order_sudo.partner_invoice_id | order_sudo.partner_shipping_id
        return choices

    # === WHAT IS DONE THERE ===#

    @route(f"{PATH}/{KIND}/choose", type="http", auth="public", methods=["POST"], website=True)
    def subscription_address_choose(self, order_id, kind, access_token=None, partner_id=None, **kwargs):
        """Let another address of the customer take the place of that of a subscription.

        :param int order_id: the subscription
        :param str kind: invoice or delivery
        :param str access_token: that of the visitor's link
        :param str partner_id: one of the addresses on the page
        """
        order_sudo = self._get_subscription(order_id, access_token, "manage")
        if not order_sudo:
            return request.redirect("/my")
        chosen = self._get_choices(order_sudo, kind).filtered(lambda partner: str(partner.id) == partner_id)
        values = self._get_subscription_values(order_sudo, access_token)
        try:
            self._check_choice(chosen, kind)
            order_sudo._set_address(kind, chosen, values["visitor"])
        except UserError as error:
            return self._show_addresses(order_sudo, access_token, error=error.args[0])
        return request.redirect(values["subscription_url"]("/addresses", message=f"{kind}_address"))

    def _check_choice(self, partner_sudo, kind):
        if not partner_sudo:
            raise UserError(request.env._("Choose one of the addresses."))
        if not partner_sudo._is_complete_address(kind):
            raise UserError(
                request.env._("This address is not complete. Complete it in your account, or give another one.")
            )

    @route(f"{PATH}/{KIND}/new", type="http", auth="public", methods=["GET", "POST"], website=True, sitemap=False)
    def subscription_address_new(self, order_id, kind, access_token=None, **entered):
        """Show the form of a new address; by POST, take it.

        :param int order_id: the subscription
        :param str kind: invoice or delivery
        :param str access_token: that of the visitor's link
        :param entered: fields of the address
        """
        order_sudo = self._get_subscription(order_id, access_token, "manage")
        if not order_sudo:
            return request.redirect("/my")
        if request.httprequest.method != "POST":
            return self._show_new_address(order_sudo, access_token, kind, self._get_blank_address(order_sudo, kind))
        entered = self._read_address(entered)
        values = self._get_subscription_values(order_sudo, access_token)
        try:
            with request.env.cr.savepoint():
                partner_sudo, feedback = self._create_subscription_address(order_sudo, kind, entered)
                if not feedback.get("messages"):
                    order_sudo._set_address(kind, partner_sudo, values["visitor"])
        except UserError as error:
            feedback = {"messages": [error.args[0]]}
        if feedback.get("messages"):
            return self._show_new_address(order_sudo, access_token, kind, entered, feedback)
        return request.redirect(values["subscription_url"]("/addresses", message=f"{kind}_address"))

    @route(f"{PATH}/contact", type="http", auth="public", methods=["POST"], website=True)
    def subscription_contact(self, order_id, access_token=None, email="", phone="", **kwargs):
        """Reach the contact of a subscription by another e-mail or phone.

        :param int order_id: the subscription
        :param str access_token: that of the visitor's link
        :param str email: from now on
        :param str phone: from now on
        """
        order_sudo = self._get_subscription(order_id, access_token, "manage")
        if not (order_sudo and self._is_customer(order_sudo, access_token)):
            return request.redirect("/my")
        values = self._get_subscription_values(order_sudo, access_token)
        try:
            order_sudo._set_contact(email, phone, values["visitor"])
        except UserError as error:
            entered = {"email": email, "phone": phone}
            return self._show_addresses(order_sudo, access_token, error=error.args[0], entered=entered)
        return request.redirect(values["subscription_url"]("/addresses", message="contact"))

    # === A NEW ADDRESS ===#

    def _get_blank_address(self, order_sudo, kind):
        """Return what the form begins with: how the customer is reached, and its country."""
        contact = order_sudo.partner_id
        country = order_sudo._get_address_choices(kind)[:1].country_id or contact.country_id
        country = country or order_sudo.company_id.country_id
        return {"name": contact.name, "email": contact.email, "phone": contact.phone, "country_id": country.id}

    def _read_address(self, entered):
        """Return what was entered into the form of an address, and nothing else."""
        values = {name: " ".join(str(entered.get(name) or "").split()) for name in TEXTS}
        values = {name: "".join(filter(str.isprintable, text))[:LONGEST_TEXT] for name, text in values.items()}
        # In sudo mode: countries are shown to everybody.
        countries = request.env["res.country"].sudo().search([])
        country = countries.filtered(lambda country: str(country.id) == entered.get("country_id"))
        state = country.state_ids.filtered(lambda state: str(state.id) == entered.get("state_id"))
        return values | {"country_id": country.id or "", "state_id": state.id or ""}

    def _create_subscription_address(self, order_sudo, kind, entered):
        """Return the new address and Odoo's feedback: what is missing or wrong, if anything is."""
        order_sudo._subscription_lock()
        values, _extra = self._parse_form_data({name: str(value) for name, value in entered.items()})
        if twin := self._get_twin_address(order_sudo, kind, values):
            return twin, {}
        order_sudo._check_new_address()
        return self._create_or_update_address(
            request.env["res.partner"].sudo(),  # In sudo mode: visitors write no contacts; this is a new one
            address_type=ODOO_KINDS[kind],
            required_fields="name,email" if kind == "invoice" else "name",
            subscription_sudo=order_sudo,
            **{name: str(value) for name, value in entered.items()},
        )

    def _get_twin_address(self, order_sudo, kind, values):
        """Return the address that somebody gave before with the same ``values``."""
        phone = "".join(filter(str.isdigit, values["phone"] or "")).lstrip("0")
        others = {name: value for name, value in values.items() if name != "phone"}
        return order_sudo._get_address_choices(
            kind
        ).filtered(
            lambda partner: (
                partner.type == kind
                and self._are_same_addresses(others, partner)
                # Odoo writes it in the way of its country.
                and "".join(filter(str.isdigit, partner.phone or "")).endswith(phone)
            )
        )[:1]

    def _show_new_address(self, order_sudo, access_token, kind, entered, feedback=None):
        feedback = feedback or {}
        # In sudo mode: countries are shown to everybody.
        Country = request.env["res.country"].sudo()
        country = Country.browse(entered.get("country_id") or False)
        values = self._get_subscription_values(order_sudo, access_token)
        values |= {
            "kind": kind,
            "entered": entered,
            "errors": feedback.get("messages", []),
            "invalid": set(feedback.get("invalid_fields", [])),
            "countries": Country.search([]),
            "states": country.state_ids,
            "required": self._get_mandatory_address_fields(country) | {"name", "phone", "email"},
        }
        return request.render("sale_subscription_plus_portal.portal_subscription_address_form", values)
