from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.sale_subscription_plus_portal.models.sale_order_address import MOST_ADDRESSES_A_DAY

from .care_common import CareCommon

PATH = "/addresses"


class AddressCommon(CareCommon):
    """Ada's company has an address for invoices, and one for deliveries."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.belgium = cls.env.ref("base.be")
        cls.carl = cls._create_colleague()
        cls.firm = cls.customer.parent_id
        cls.firm.write(
            {"street": "Rue Haute 1", "city": "Brussels", "country_id": cls.belgium.id, "email": "f@example.com"}
        )
        cls.desk = cls._create_address("invoice", "Desk", email="desk@example.com")
        cls.dock = cls._create_address("delivery", "Dock")
        cls.strangers = cls.env["res.partner"].create(
            {"name": "Stranger Desk", "type": "invoice", "parent_id": cls.eve.partner_id.id, "email": "s@example.com"}
        )

    @classmethod
    def _create_address(cls, kind, name, **values):
        return cls.env["res.partner"].create(
            {
                "name": name,
                "type": kind,
                "parent_id": cls.firm.id,
                "street": "Rue Basse 2",
                "city": "Brussels",
                "zip": "1000",
                "country_id": cls.belgium.id,
                **values,
            }
        )

    def _get_entries(self, **values):
        """Return what somebody enters for a new address."""
        return {
            "name": "Accounts",
            "email": "accounts@example.com",
            "phone": "+32 2 555 00 00",
            "street": "Rue Neuve 3",
            "zip": "1000",
            "city": "Brussels",
            "country_id": self.belgium.id,
            **values,
        }

    def _give(self, kind="invoice", link=None, **values):
        return self._post(f"{PATH}/{kind}/new", link=link, **self._get_entries(**values))

    def _choose(self, partner, kind="invoice", link=None):
        return self._post(f"{PATH}/{kind}/choose", link=link, partner_id=partner.id)


@tagged("-at_install", "post_install")
class TestAddressPage(AddressCommon):
    """Which address gets the invoices, and where it is delivered to."""

    def test_the_customer_chooses_among_all_addresses_of_the_company(self):
        self._log_in(self.ada)
        page = self._open(suffix=PATH)
        self.assertEqual(page.status_code, 200)
        for name in ("Desk", "Dock", "Rue Haute 1"):
            self.assertIn(name, page.text)
        self.assertNotIn("Stranger Desk", page.text)
        self.assertDone(self._choose(self.desk, link=""), "invoice_address")
        self.assertEqual(self.order.partner_invoice_id, self.desk)
        self.assertDone(self._choose(self.dock, "delivery", link=""), "delivery_address")
        self.assertEqual(self.order.partner_shipping_id, self.dock)
        told = self.order.message_ids.filtered(lambda message: "Invoices go to Readers Ltd, Desk" in message.body)
        self.assertEqual(told.author_id, self.customer)

    def test_the_next_invoice_goes_there_and_earlier_ones_stay(self):
        self._log_in(self.ada)
        self._choose(self.desk, link="")
        self._bill("2026-02-01")
        invoices = self._get_invoices(self.order).sorted("id")
        self.assertEqual(invoices.mapped("partner_id"), self.customer | self.desk)
        self.assertEqual(invoices[0].partner_id, self.customer)
        self.assertEqual(invoices.commercial_partner_id, self.firm)

    def test_of_two_billed_together_each_goes_to_its_own_address(self):
        values = {"subscription_consolidate": True, "partner_invoice_id": self.customer.id}
        orders = self._create_subscription(**values) | self._create_subscription(**values)
        self._bill("2026-01-01")
        self.assertEqual(len(self._get_invoices(orders)), 1)
        orders[0]._set_address("invoice", self.desk, self.customer)
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(orders[0]).sorted("id")[-1].partner_id, self.desk)
        self.assertEqual(self._get_invoices(orders[1]).sorted("id")[-1].partner_id, self.customer)

    def test_a_link_shows_the_addresses_of_the_contract_and_no_others(self):
        self._log_out()
        page = self._open_by_link(suffix=PATH)
        self.assertEqual(page.status_code, 200)
        self.assertNotIn("Desk", page.text)
        self.assertNotIn("Dock", page.text)
        self.assertNotIn("Carl", page.text)
        self.assertTold(self._choose(self.desk), "Choose one of the addresses.")
        self.assertEqual(self.order.partner_invoice_id, self.customer)

    def test_a_new_address_is_for_this_contract_and_changes_no_other_one(self):
        others, names = self.firm | self.desk | self.dock | self.customer, ["name", "email", "street", "vat"]
        before = others.read(names)
        self.assertDone(self._give(), "invoice_address")
        address = self.order.partner_invoice_id
        self.assertEqual((address.name, address.type, address.parent_id), ("Accounts", "invoice", self.firm))
        self.assertEqual(address.commercial_partner_id, self.firm)
        self.assertDone(self._give("delivery", name="Shed"), "delivery_address")
        self.assertEqual(self.order.partner_shipping_id.type, "delivery")
        self.assertEqual(
            (self.firm | self.desk | self.dock | self.customer).read(["name", "email", "street", "vat"]), before
        )

    def test_sent_twice_it_is_one_address(self):
        self._give()
        address = self.order.partner_invoice_id
        self.assertDone(self._give(), "invoice_address")
        self.assertEqual(self.order.partner_invoice_id, address)
        self.assertEqual(len(self.firm.child_ids.filtered(lambda child: child.name == "Accounts")), 1)
        self.assertEqual(len([body for body in self._get_history() if "Invoices go to" in body]), 1)

    def test_a_phone_written_in_another_way_is_the_same(self):
        usa = {"country_id": self.env.ref("base.us").id, "state_id": self.env.ref("base.state_us_5").id}
        self._give(phone="202 555 0199", **usa)
        address = self.order.partner_invoice_id
        self._give(phone="202 555 0199", **usa)
        self.assertEqual(self.order.partner_invoice_id, address)
        self._give(phone="202 555 0100", **usa)
        self.assertNotEqual(self.order.partner_invoice_id, address)

    @mute_logger("odoo.http")
    def test_looking_at_the_form_gives_no_address(self):
        entries = {**self._get_entries(), "access_token": self.link}
        for method in ("HEAD", "OPTIONS", "GET"):
            self.url_open(f"/my/subscriptions/{self.order.id}{PATH}/invoice/new", params=entries, method=method)
            self.env.invalidate_all()
            self.assertEqual(self.order.partner_invoice_id, self.customer, method)

    def test_what_is_missing_or_wrong_is_told_and_what_was_entered_stays(self):
        self.assertTold(self._give(street=""), "Some required fields are empty.")
        self.assertTold(self._give(email="nonsense"), "Invalid Email!")
        self.assertTold(self._give(country_id="abc"), "Some required fields are empty.")
        page = self._give(email="nonsense", name="<b>Bold</b>")
        self.assertIn("&lt;b&gt;Bold&lt;/b&gt;", page.text)
        self.assertNotIn("<b>Bold</b>", page.text)
        self.assertEqual(self.order.partner_invoice_id, self.customer)

    def test_a_country_with_states_asks_for_one_of_its_own(self):
        usa = self.env.ref("base.us")
        page = self._give(country_id=usa.id)
        self.assertTold(page, "Some required fields are empty.")
        self.assertIn("California", page.text)
        wrong = self.env["res.country.state"].search([("country_id", "!=", usa.id)], limit=1)
        self.assertTold(self._give(country_id=usa.id, state_id=wrong.id), "Some required fields are empty.")
        self.assertDone(self._give(country_id=usa.id, state_id=self.env.ref("base.state_us_5").id), "invoice_address")

    def test_nobody_renames_the_company_or_gives_it_another_vat_by_this_form(self):
        extra = {"company_name": "Evil Ltd", "vat": "BE0477472701", "parent_id": self.eve.partner_id.id}
        extra |= {"type": "contact", "user_ids": "1", "partner_id": self.firm.id, "id": self.firm.id}
        self.assertDone(self._give(**extra), "invoice_address")
        address = self.order.partner_invoice_id
        self.assertEqual((self.firm.name, self.firm.vat, address.vat), ("Readers Ltd", False, False))
        self.assertEqual((address.parent_id, address.type), (self.firm, "invoice"))

    def test_odd_texts_are_kept_as_texts(self):
        self.assertDone(self._give(name="A\x00B <script>alert(1)</script>", street="x" * 5000), "invoice_address")
        address = self.order.partner_invoice_id
        self.assertEqual(address.name, "AB <script>alert(1)</script>")
        self.assertEqual(len(address.street), 128)
        for suffix in ("", PATH):
            self.assertNotIn("<script>alert(1)", self._open_by_link(suffix=suffix).text)
        self.assertFalse([body for body in self._get_history() if "<script>" in body])

    def test_changed_ids_choose_nothing(self):
        self._log_in(self.ada)
        for partner_id in (self.strangers.id, self.eve.partner_id.id, 10**30, -1, "abc", "", f"{self.desk.id} "):
            with self.subTest(partner_id=partner_id):
                page = self._post(f"{PATH}/invoice/choose", link="", partner_id=partner_id)
                self.assertTold(page, "Choose one of the addresses.")
        self.assertEqual(self.order.partner_invoice_id, self.customer)
        self.assertEqual(self._post(f"{PATH}/nonsense/choose", partner_id=self.desk.id).status_code, 404)

    def test_an_incomplete_address_is_not_taken(self):
        self.desk.street = False
        self._log_in(self.ada)
        self.assertTold(self._choose(self.desk, link=""), "This address is not complete.")

    def test_nobody_below_manage_changes_an_address(self):
        for suffix in (f"{PATH}/invoice/choose", f"{PATH}/delivery/new", f"{PATH}/contact"):
            self.assertRefusedToAll(suffix, "manage", partner_id=self.desk.id, **self._get_entries())
        self._log_in(self.carl)
        self.assertSentHome(self._choose(self.desk, link=""))
        self.assertSentHome(self._open(suffix=PATH))
        self.assertEqual(
            (self.order.partner_invoice_id, self.order.partner_shipping_id), (self.customer, self.customer)
        )

    def test_who_manages_from_outside_gives_an_address_of_the_customer_and_not_their_own(self):
        link = self._come(None, "manage")
        self.assertNotIn("Desk", self._open(suffix=PATH, access_token=link).text)
        self.assertDone(self._give(link=link), "invoice_address")
        self.assertEqual(self.order.partner_invoice_id.commercial_partner_id, self.firm)
        self._let_in("manage", self.eve.partner_id)
        self._log_in(self.eve)
        self.assertDone(self._give(link="", name="Eve's"), "invoice_address")
        self.assertEqual(self.order.partner_invoice_id.commercial_partner_id, self.firm)

    def test_nobody_fills_the_address_book(self):
        for number in range(MOST_ADDRESSES_A_DAY - 2):
            self._create_address("invoice", f"Desk {number}")
        self.assertTold(self._give(), "Enough addresses for one day.")

    def test_what_has_ended_keeps_its_addresses(self):
        reason = self.env.ref("sale_subscription_plus.close_reason_expensive")
        self.order.sudo()._subscription_close(self.order.company_id._get_subscription_today(), reason)
        self.assertTold(self._give(), "This subscription has ended")
        self.assertFalse(self.firm.child_ids.filtered(lambda child: child.name == "Accounts"))


@tagged("-at_install", "post_install")
class TestAddressAndTaxes(AddressCommon):
    """Taxes follow the delivery address at the next billing, unless staff have set them by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.france = cls.env.ref("base.fr")
        cls.abroad = cls.env["account.fiscal.position"].create(
            {"name": "France", "auto_apply": True, "country_id": cls.france.id, "company_id": cls.company.id}
        )
        cls.order.sudo().subscription_fiscal_auto = True

    def test_they_follow_the_address(self):
        self._give("delivery", country_id=self.france.id, city="Paris")
        self._bill("2026-02-01")
        first, second = self._get_invoices(self.order).sorted("id")
        self.assertFalse(first.fiscal_position_id)
        self.assertEqual(second.fiscal_position_id, self.abroad)

    def test_what_staff_have_set_by_hand_stays(self):
        special = self.env["account.fiscal.position"].create({"name": "Special", "company_id": self.company.id})
        self.order.fiscal_position_id = special
        self.order.sudo().subscription_fiscal_auto = False
        self._give("delivery", country_id=self.france.id, city="Paris")
        self.assertEqual(self.order.fiscal_position_id, special)


@tagged("-at_install", "post_install")
class TestContact(CareCommon):
    """E-mail and phone of the contact: by the link only where they are of no other use."""

    def _enter(self, link=None, **values):
        return self._post(
            f"{PATH}/contact", link=link, **{"email": "new@example.com", "phone": "+1 555 1234", **values}
        )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.grace = cls.env["res.partner"].create({"name": "Grace", "email": "grace@example.com"})
        cls.order = cls._create_subscription(partner_id=cls.grace.id)
        cls.link = cls.order._portal_ensure_token()

    def test_a_contact_without_a_login_changes_them_and_the_former_address_is_told(self):
        self.assertDone(self._enter(), "contact")
        self.assertEqual((self.grace.email, self.grace.phone), ("new@example.com", "+1 555 1234"))
        mail = self.env["mail.mail"].sudo().search([("email_to", "=", "grace@example.com")])
        self.assertIn(self.order.name, mail.subject)
        self.assertTrue([body for body in self._get_history() if "new@example.com" in body])
        self._enter()
        self.assertEqual(self.env["mail.mail"].sudo().search_count([("email_to", "=", "grace@example.com")]), 1)

    def test_nonsense_is_told_and_stays_in_the_form(self):
        self.assertTold(self._enter(email="nonsense"), "Enter your e-mail address.")
        self.assertTold(self._enter(email="a@example.com, b@example.com"), "Enter your e-mail address.")
        self.assertTold(self._enter(phone="5" * 100), "Enter a phone number.")
        self.assertIn("&lt;b&gt;", self._enter(email="<b>").text)
        self.assertEqual(self.grace.email, "grace@example.com")

    def test_who_logs_in_changes_them_in_the_account(self):
        user = new_test_user(
            self.env, "grace-portal", "base.group_portal", partner_id=self.grace.id, email=self.grace.email
        )
        self._log_out()
        self.assertTold(self._enter(), "This cannot be changed here.")
        user.active = False
        self.assertTold(self._enter(), "This cannot be changed here.")
        user.active = True
        self._log_in(user)
        self.assertIn("/my/account?redirect=", self._open(suffix=PATH).text)
        self.assertEqual(self.grace.email, "grace@example.com")

    def test_those_of_a_company_or_of_several_subscriptions_are_not_for_one_link(self):
        other = self._create_subscription(partner_id=self.grace.id)
        self.assertTold(self._enter(), "This cannot be changed here.")
        other.sudo()._action_cancel()
        self.order.sudo().partner_id.is_company = True
        self.assertTold(self._enter(), "This cannot be changed here.")

    def test_whom_the_customer_let_in_does_not_change_them(self):
        link = self._come(None, "manage")
        self.assertSentHome(self._enter(link=link))
        self.assertEqual(self.grace.email, "grace@example.com")
