from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.sale_subscription_plus.tests.test_rights import RightsCommon
from odoo.addons.sale_subscription_plus_portal.models.subscription_access_people import (
    MOST_MAILS_A_DAY,
    MOST_MAILS_TO_ONE,
    MOST_PEOPLE,
)

from .care_common import CareCommon

PATH = "/people"


class PeopleCommon(CareCommon):
    """Bob, whom Ada lets in."""

    def _invite(self, link=None, **values):
        return self._post(
            f"{PATH}/invite", link=link, **{"email": "bob@example.com", "name": "Bob Helper", "level": "pay", **values}
        )

    def _get_access(self, email="bob@example.com"):
        people = self.env["subscription.access"].sudo().with_context(active_test=False).search([])
        return people.filtered(lambda access: access.order_id == self.order and access.partner_id.email == email)

    def _get_mails(self, email="bob@example.com"):
        person = self._get_access(email).partner_id
        return self.env["mail.mail"].sudo().search([("recipient_ids", "in", person.ids)])


@tagged("-at_install", "post_install")
class TestLettingIn(PeopleCommon):
    """Somebody is let in to one subscription, by a mail with a link of their own."""

    def test_they_get_a_mail_with_a_link_that_opens_this_subscription_and_no_other(self):
        self.assertDone(self._invite(), "let_in")
        access, mail = self._get_access(), self._get_mails()
        self.assertEqual((access.level, access.invited_by_id), ("pay", self.customer))
        self.assertEqual(len(mail), 1)
        self.assertEqual((mail.recipient_ids, mail.email_to or "", mail.email_cc or ""), (access.partner_id, "", ""))
        self.assertIn(self.order.name, mail.subject)
        self.assertIn("pay its invoices", mail.body_html)
        link = f"/my/subscriptions/{self.order.id}?access_token={access.access_token}"
        self.assertIn(link, mail.body_html)
        self.assertNotIn(self.link, mail.body_html)
        self._log_out()
        page = self.url_open(link, allow_redirects=False)
        self.assertEqual(page.status_code, 200)
        self.assertNotIn(self.link, page.text, "the customer's own link lets them do more")
        other = self._bill_another().line_ids.sale_line_ids.order_id
        self.assertSentHome(self._open(other, access_token=access.access_token))

    def test_the_history_tells_who_let_in_whom(self):
        self._log_in(self.ada)
        self._invite(link="")
        told = self.order.message_ids.filtered(lambda message: "Access given: Bob Helper" in message.body)
        self.assertEqual(told.author_id, self.customer)
        self.assertIn("bob@example.com", told.body)

    def test_a_contact_of_the_same_company_is_known_again(self):
        bob = self.env["res.partner"].create(
            {"name": "Robert", "email": "Bob@Example.com", "parent_id": self.customer.id}
        )
        self._invite()
        self.assertEqual(self.order.sudo().subscription_access_ids.partner_id, bob)
        self.assertEqual(bob.name, "Robert")

    def test_a_stranger_with_that_address_is_neither_linked_nor_told_of(self):
        bob = self.env["res.partner"].create({"name": "Robert Secret", "email": "bob@example.com", "phone": "12345"})
        login = new_test_user(self.env, "bob-portal", "base.group_portal", partner_id=bob.id, email=bob.email)
        page = self._invite()
        self.assertDone(page, "let_in")
        person = self._get_access().partner_id
        self.assertNotEqual(person, bob)
        self.assertNotIn("Secret", self._open_by_link(suffix=PATH).text)
        self._log_in(login)
        self.assertSentHome(self._open())

    def test_who_is_let_in_does_not_become_one_of_the_company(self):
        self._invite()
        person = self._get_access().partner_id
        self.assertEqual(person.commercial_partner_id, person, "with a login they would see all that the customer has")

    def test_let_in_to_two_subscriptions_they_are_one_person(self):
        self._invite()
        other = self._bill_another().line_ids.sale_line_ids.order_id
        self._post(f"{PATH}/invite", order=other, email="bob@example.com", name="Bob", level="see")
        self.assertEqual(other.sudo().subscription_access_ids.partner_id, self._get_access().partner_id)

    def test_what_is_wrong_is_told_and_what_was_entered_stays(self):
        for values, sentence in (
            ({"email": "nonsense"}, "Enter the e-mail address of one person."),
            ({"email": "a@example.com, b@example.com"}, "Enter the e-mail address of one person."),
            ({"email": "a@example.com\nBcc: b@example.com"}, "Enter the e-mail address of one person."),
            ({"email": "a" * 300 + "@example.com"}, "Enter the e-mail address of one person."),
            ({"email": ""}, "Enter the e-mail address of one person."),
            ({"name": " "}, "Enter the name of this person."),
            ({"name": "x" * 61}, "Enter the name only"),
            ({"name": "Win now: http://evil.example"}, "Enter the name only"),
            ({"name": "Click evil.example"}, "Enter the name only"),
            ({"name": "<b>Bob</b>"}, "Enter the name only"),
            ({"name": "Bob\x00"}, "Enter the name only"),
            ({"level": "own"}, "Choose what this person may do."),
            ({"level": ""}, "Choose what this person may do."),
            ({"email": self.customer.email}, "manages this subscription already"),
        ):
            with self.subTest(values=values):
                page = self._invite(**values)
                self.assertTold(page, sentence)
                self.assertNotIn("<b>Bob</b>", page.text)
                self.assertIn("Bob" if "name" not in values else "people_name", page.text)
        self.assertFalse(self._get_access())
        self.assertFalse(self.env["res.partner"].search([("email", "=", "bob@example.com")]))

    def test_sent_twice_it_is_one_access_and_one_mail(self):
        self._invite()
        self.assertTold(self._invite(level="manage"), "Bob Helper has access already.")
        self.assertEqual(self._get_access().level, "pay")
        self.assertEqual(len(self._get_mails()), 1)

    def test_nobody_is_flooded_with_mails(self):
        self._invite()
        access = self._get_access()
        for _number in range(MOST_MAILS_TO_ONE - 1):
            self.assertDone(self._post(f"{PATH}/{access.id}/send"), "link_sent")
        self.assertTold(self._post(f"{PATH}/{access.id}/send"), "was sent the link several times today")
        self._post(f"{PATH}/{access.id}/revoke")
        self.assertTold(self._invite(), "was sent the link several times today")
        self.assertFalse(self._get_access().active)
        other = self._bill_another().line_ids.sale_line_ids.order_id
        page = self._post(f"{PATH}/invite", order=other, email="bob@example.com", name="Bob", level="see")
        self.assertTold(page, "was sent the link several times today")
        self.assertEqual(len(self._get_mails()), MOST_MAILS_TO_ONE)
        self._set_today("2026-01-02")
        self.assertDone(self._invite(), "let_in")

    def test_strangers_are_not_flooded_one_by_one(self):
        people = self.order.sudo()
        for number in range(MOST_MAILS_A_DAY):
            people._let_in(f"p{number}@example.com", "P", "see", self.customer)
            self._get_access(f"p{number}@example.com")._revoke(self.customer)
        self.assertTold(self._invite(), "Try again tomorrow.")

    def test_a_subscription_is_for_some_people_only(self):
        for number in range(MOST_PEOPLE):
            partner = self.env["res.partner"].create({"name": f"P{number}", "email": f"p{number}@example.com"})
            self._let_in("see", partner)
        self.assertTold(self._invite(), f"{MOST_PEOPLE} people have access")


@tagged("-at_install", "post_install")
class TestTakingBack(PeopleCommon):
    """Access is changed and taken back, and that counts at once."""

    def test_the_link_is_dead_at_once_and_so_is_the_login(self):
        self._invite()
        access = self._get_access()
        token = access.access_token
        login = new_test_user(self.env, "bob-portal", "base.group_portal", partner_id=access.partner_id.id)
        self._log_in(login)
        self.assertEqual(self._open().status_code, 200)
        self._log_out()
        self.assertDone(self._post(f"{PATH}/{access.id}/revoke"), "taken_back")
        self.assertSentHome(self._open(access_token=token))
        self._log_in(login)
        self.assertSentHome(self._open())
        self.assertNotIn(self.order.name, self.url_open("/my/subscriptions").text)
        self.assertTrue([body for body in self._get_history() if "Access taken back" in body])

    def test_given_again_the_former_link_stays_dead(self):
        self._invite()
        former = self._get_access().access_token
        self._post(f"{PATH}/{self._get_access().id}/revoke")
        self._invite(level="see")
        access = self._get_access()
        self.assertEqual((len(access), access.active, access.level), (1, True, "see"))
        self.assertNotEqual(access.access_token, former)
        self.assertSentHome(self._open(access_token=former))

    def test_a_level_is_changed(self):
        self._invite(level="manage")
        access = self._get_access()
        self.assertEqual(self._open(suffix=PATH, access_token=access.access_token).status_code, 200)
        self.assertDone(self._post(f"{PATH}/{access.id}/level", level="see"), "level_set")
        self.assertSentHome(self._open(suffix=PATH, access_token=access.access_token))
        self.assertTold(self._post(f"{PATH}/{access.id}/level", level="own"), "Choose what this person may do.")
        self.assertEqual(access.level, "see")

    def test_nobody_below_manage_does_any_of_it(self):
        access = self.env["subscription.access"].sudo().browse()
        for suffix, data in (
            ("/invite", {"email": "evil@example.com", "name": "Evil", "level": "manage"}),
            ("/keep", {}),
        ):
            if suffix != "/keep":
                self.assertRefusedToAll(f"{PATH}{suffix}", "manage", **data)
        self.assertFalse(self._get_access("evil@example.com"))
        bob = self.env["res.partner"].create({"name": "Bob", "email": "bob@example.com"})
        for level in ("see", "pay"):
            self.order.sudo().subscription_access_ids.unlink()
            token = self._let_in(level, bob)
            access = self._get_access()
            for action in ("level", "send", "revoke"):
                with self.subTest(level=level, action=action):
                    self._log_out()
                    self.assertSentHome(self._post(f"{PATH}/{access.id}/{action}", link=token, level="manage"))
            self.assertSentHome(self._open(suffix=PATH, access_token=token))
            self.assertEqual((access.level, access.active), (level, True), "nobody raises their own level")

    def test_who_manages_does_not_change_their_own_level(self):
        token = self._let_in("manage")
        access = self.order.sudo().subscription_access_ids
        page = self._post(f"{PATH}/{access.id}/level", link=token, level="see")
        self.assertTold(page, "You cannot change what you may do yourself.")
        self.assertEqual(access.level, "manage")

    def test_people_of_another_subscription_are_out_of_reach(self):
        other = self._bill_another(partner_id=self.eve.partner_id.id).line_ids.sale_line_ids.order_id
        self._let_in("see", order=other)
        foreign = other.sudo().subscription_access_ids
        for access_id in (foreign.id, 10**9, 0):
            for action in ("level", "send", "revoke"):
                with self.subTest(access_id=access_id, action=action):
                    page = self._post(f"{PATH}/{access_id}/{action}", level="manage")
                    self.assertEqual(page.status_code, 303)
                    self.assertNotIn("message=", page.headers["Location"])
        self.assertEqual((foreign.level, foreign.active), ("see", True))

    def test_the_next_customer_does_not_inherit_them(self):
        token = self._let_in("manage")
        self.order.sudo()._subscription_hand_over(self.eve.partner_id, self.eve.partner_id, self.eve.partner_id)
        self.assertFalse(self.order.sudo().subscription_access_ids)
        self._log_out()
        self.assertSentHome(self._open(access_token=token))


@tagged("-at_install", "post_install")
class TestPeoplePage(PeopleCommon):
    """Who is shown to whom."""

    def test_a_login_shows_the_colleagues_and_a_link_does_not(self):
        carl = self._create_colleague()
        self._let_in("see")
        self._log_in(self.ada)
        page = self._open(suffix=PATH).text
        self.assertIn("Carl", page)
        self.assertIn("Frida Friend", page)
        self._log_out()
        page = self._open_by_link(suffix=PATH).text
        self.assertNotIn(carl.name, page)
        self.assertIn("Readers Ltd", page)
        self.assertIn("Frida Friend", page)

    def test_names_are_texts(self):
        self.friend.name = "<script>alert(1)</script>"
        self._let_in("see")
        self.assertNotIn("<script>alert(1)", self._open_by_link(suffix=PATH).text)

    def test_a_message_comes_by_its_code_only(self):
        page = self._open_by_link(suffix=PATH, message="<b>evil</b>").text
        self.assertNotIn("evil", page.replace("message=", ""))

    def test_whoever_has_a_login_keeps_the_subscription_in_their_account(self):
        token = self._let_in("pay")
        self._log_in(self.eve)
        self.assertNotIn(self.order.name, self.url_open("/my/subscriptions").text)
        self.assertIn("subscription_keep", self._open(access_token=token).text)
        self.assertFalse(self.order.sudo()._get_level_by_login(self.eve), "opening the page changes nothing")
        self.assertDone(self._post(f"{PATH}/keep", link=token), "kept")
        self.assertEqual(self.order.sudo().subscription_access_ids.partner_id, self.eve.partner_id)
        self.assertEqual(self._open().status_code, 200)
        self.assertIn(self.order.name, self.url_open("/my/subscriptions").text)
        self.assertNotIn("message=", self._post(f"{PATH}/keep", link=token).headers["Location"])

    def test_people_are_let_in_to_the_renewal_by_the_same_link_and_lose_both(self):
        link = self._let_in("pay")
        renewal = self.order.sudo()._subscription_renew()
        self.assertFalse(renewal.subscription_access_ids, "a quotation is none of theirs")
        renewal.action_confirm()
        self._log_out()
        self.assertEqual(self._open(renewal, access_token=link).status_code, 200)
        self.assertEqual(renewal.subscription_access_ids.level, "pay")
        renewal.subscription_access_ids._revoke(self.ada.partner_id)
        self.env.flush_all()
        for order in (renewal, self.order):
            self.assertEqual(self._open(order, access_token=link).status_code, 303)

    def test_nobody_keeps_what_is_in_another_account(self):
        other = new_test_user(self.env, "frida-portal", "base.group_portal", partner_id=self.friend.id)
        token = self._let_in("pay")
        self._log_in(self.eve)
        self._post(f"{PATH}/keep", link=token)
        self.assertEqual(self.order.sudo().subscription_access_ids.partner_id, other.partner_id)
        self._log_out()
        self._post(f"{PATH}/keep", link=token)
        self._post(f"{PATH}/keep", link=self.link)
        self.assertEqual(self.order.sudo().subscription_access_ids.partner_id, other.partner_id)


@tagged("-at_install", "post_install")
class TestPeopleRights(RightsCommon):
    """Staff see who was let in to their subscriptions, and take it back; nobody writes it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "ada@example.com"
        friends = cls.env["res.partner"].create([{"name": "Bob", "email": f"bob{n}@example.com"} for n in range(2)])
        cls.own, cls.others = (
            cls.env["subscription.access"]
            .sudo()
            .create(
                [
                    {"order_id": order.id, "partner_id": friend.id, "level": "see"}
                    for order, friend in zip(cls.order | cls.foreign, friends, strict=True)
                ]
            )
        )

    def _see(self, person):
        people = (self.own | self.others).with_user(self.people[person]).sudo(False)
        return people._filtered_access("read").ids

    def test_who_sees_whom(self):
        self.assertEqual(self._see("salesman"), self.own.ids)
        self.assertEqual(self._see("other_salesman"), self.others.ids)
        self.assertEqual(self._see("sales_manager"), (self.own | self.others).ids)
        for person in ("accountant", "nobody", "portal", "public"):
            self.assertEqual(self._see(person), [], person)

    def test_another_company_sees_nobody(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        manager = self._create_user(
            "elsewhere", "sales_team.group_sale_manager", company_id=company.id, company_ids=[(6, 0, company.ids)]
        )
        self.assertFalse(self.own.with_user(manager).sudo(False)._filtered_access("read"))

    def test_nobody_writes_it(self):
        values = {"order_id": self.order.id, "partner_id": self.people["portal"].partner_id.id, "level": "manage"}
        for person in self.people:
            self.assertBlocked(person, self.own, "write", {"level": "manage"})
            self.assertBlocked(person, self.own, "unlink")
            self.assertBlocked(person, self.own, "create", [values])
        lines = {"subscription_access_ids": [(1, self.own.id, {"level": "manage"})]}
        for person in ("salesman", "sales_manager", "portal"):
            self.assertBlocked(person, self.order, "write", lines)
        self.assertEqual(self.own.level, "see")

    def test_nobody_reads_the_links(self):
        for person in ("salesman", "sales_manager", "portal"):
            self.assertBlocked(person, self.own, "read", ["access_token"])

    def test_staff_take_it_back_and_send_the_link(self):
        for action in ("action_revoke", "action_send_link"):
            for person in ("other_salesman", "accountant", "nobody", "portal"):
                self.assertBlocked(person, self.own, action)
        self._call("salesman", self.own, "action_send_link")
        self.assertEqual(self.own.mail_count, 1)
        self._call("salesman", self.own, "action_revoke")
        self.assertFalse(self.own.active)
        self._call("sales_manager", self.others, "action_revoke")
        self.assertFalse(self.others.active)
        told = self.order.message_ids.filtered(lambda message: "Access taken back" in message.body)
        self.assertEqual(told.author_id, self.salesman.partner_id)

    def test_without_an_address_nothing_is_sent(self):
        self.own.partner_id.email = False
        self.assertBlocked("salesman", self.own, "action_send_link", error=UserError)

    def test_the_methods_behind_are_for_nobody_over_the_network(self):
        for method in ("_let_in", "_set_address", "_set_contact", "_keep_access"):
            with self.assertRaises(AccessError), mute_logger("odoo.models"):
                self._call("sales_manager", self.order, method)

    def test_the_order_form_opens_for_everybody_who_may_see_the_order(self):
        for person in ("salesman", "sales_manager", "accountant"):
            order = self.order.with_user(self.people[person])
            arch = order.get_view(self.env.ref("sale.view_order_form").id, "form")["arch"]
            self.assertEqual("subscription_access_ids" in arch, person != "accountant")
