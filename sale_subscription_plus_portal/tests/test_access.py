"""Who comes to a subscription's page, and what they may do there."""

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import new_test_user, tagged

from .request_common import RequestCommon


@tagged("post_install", "-at_install")
class TestAccess(RequestCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.firm = cls.env["res.partner"].create({"name": "Readers Ltd", "is_company": True})
        cls.boss, cls.clerk = (
            cls.env["res.partner"].create({"name": name, "parent_id": cls.firm.id}) for name in ("Boss", "Clerk")
        )
        cls.order = cls._create_running(partner_id=cls.boss.id)
        cls.link = cls.order._portal_ensure_token()
        cls.public = cls.env.ref("base.public_user")
        cls.users = {
            partner: new_test_user(cls.env, f"user-{partner.id}", "base.group_portal", partner_id=partner.id)
            for partner in (cls.boss, cls.clerk, cls.customer)
        }

    def _let_in(self, partner, level):
        return (
            self.env["subscription.access"]
            .sudo()
            .create({"order_id": self.order.id, "partner_id": partner.id, "level": level})
        )

    def _level(self, user=None, link=None):
        return self.order._get_portal_level(user or self.public, link)

    def test_the_link_manages_and_any_other_is_none(self):
        other = self._create_running()._portal_ensure_token()
        self.assertEqual(self._level(link=self.link), "manage")
        for link in (None, "", other, self.link[:-1], "é", 7, ["x"], "%"):
            self.assertIsNone(self._level(link=link))

    def test_the_contact_manages_and_colleagues_see_and_pay(self):
        self.assertEqual(self._level(self.users[self.boss]), "manage")
        self.assertEqual(self._level(self.users[self.clerk]), "pay")
        self.assertIsNone(self._level(self.users[self.customer]))
        self._let_in(self.clerk, "manage")
        self.assertEqual(self._level(self.users[self.clerk]), "manage")

    def test_all_people_of_a_company_manage_what_the_company_itself_has(self):
        self.order.partner_id = self.firm
        self.assertEqual(self._level(self.users[self.clerk]), "manage")

    def test_people_who_were_let_in_do_what_was_granted_by_link_and_login_until_it_is_taken_back(self):
        for level in ("see", "pay", "manage"):
            access = self._let_in(self.customer, level)
            self.assertEqual(self._level(link=access.access_token), level)
            self.assertEqual(self._level(self.users[self.customer]), level)
            self.assertEqual(self.order._get_visitor(self.public, access.access_token), self.customer)
            access.active = False
            self.env.flush_all()
            self.order.invalidate_recordset()
            self.assertIsNone(self._level(link=access.access_token))
            self.assertIsNone(self._level(self.users[self.customer]))

    def test_lists_hold_what_the_levels_say(self):
        def listed(partner):
            domain = Domain(self.order._get_subscription_page_domain(partner)) & Domain("id", "=", self.order.id)
            return bool(self.env["sale.order"].search_count(domain))

        self.assertEqual([listed(partner) for partner in (self.boss, self.clerk, self.customer)], [True, True, False])
        branch = self.env["res.partner"].create({"name": "Branch", "is_company": True, "parent_id": self.firm.id})
        self.order.partner_id = branch
        self.assertFalse(listed(self.boss), "a company of its own")
        self.assertIsNone(self._level(self.users[self.boss]))
        self._let_in(self.boss, "see")
        self.assertTrue(listed(self.boss))

    def test_staff_see_what_they_may_read(self):
        mine, other = (
            new_test_user(self.env, f"sales-{name}", "sales_team.group_sale_salesman") for name in ("mine", "other")
        )
        self.order.user_id = mine
        self.assertEqual(self._level(mine), "see")
        self.assertIsNone(self._level(other))

    def test_the_key_is_told_to_no_customer_over_the_network(self):
        order = self.order.with_user(self.users[self.clerk])
        self.assertEqual(order.name, self.order.name, "Odoo lets colleagues read it")
        with self.assertRaises(AccessError):
            order.read(["access_token"])
        with self.assertRaises(AccessError):
            order.search([("access_token", "=", self.link)])
        self.assertNotIn(self.link, order.get_portal_url(query_string="&message=x"))
        self.assertNotIn("access_token", order.fields_get())
        with self.assertRaises(AccessError):
            self.order.with_user(self.users[self.customer]).get_portal_url()

    def test_mails_lead_to_the_page_once_there_is_one(self):
        self.assertTrue(self.order.get_portal_url().startswith(f"/my/subscriptions/{self.order.id}?access_token="))
        self.assertTrue(self._create_quotation().get_portal_url().startswith("/my/orders/"))

    def test_people_are_seen_and_sent_away_by_the_salesperson_of_the_subscription(self):
        access = self._let_in(self.customer, "see")
        mine, other = (
            new_test_user(self.env, f"sales-{name}", "sales_team.group_sale_salesman") for name in ("mine", "other")
        )
        self.order.user_id = mine
        self.assertEqual(access.with_user(mine).level, "see")
        access.with_user(mine).action_revoke()
        self.assertFalse(access.active)
        for user in (other, self.users[self.clerk]):
            with self.assertRaises(AccessError):
                access.with_user(user).read(["level"])
        with self.assertRaises(AccessError):
            access.with_user(mine).read(["access_token"])
