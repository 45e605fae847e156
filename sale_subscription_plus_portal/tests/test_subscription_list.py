from datetime import date

from odoo.tests import new_test_user

from .page_common import PageCommon


class TestSubscriptionList(PageCommon):
    """The list of a customer's subscriptions: which are on it, in which order, and what it says of them."""

    def _list(self, path="", **params):
        """Return the text of each row of the list, as Ada sees it."""
        if not self.session:
            self._log_in(self.ada)
        self.env.flush_all()
        response = self.url_open(f"/my/subscriptions{path}", params=params, allow_redirects=False)
        self.assertEqual(response.status_code, 200)
        self.response = response
        return self._get_rows(response, "subscription_row")

    def _names(self, **params):
        return [row.split()[0] for row in self._list(**params)]

    def _close(self, order):
        reason = self.env["subscription.close.reason"].create({"name": "Moved abroad"})
        order.sudo()._subscription_close(date(2026, 1, 1), reason)

    # === ROWS ===#

    def test_a_row_tells_what_it_is_and_what_comes(self):
        self.order.client_order_ref = "PO 4711"
        self.assertEqual(
            self._list(),
            [f"{self.order.name} PO 4711 Magazine $ 12.00 / month Running To pay Next invoice: 02/01/2026 $ 12.00"],
        )

    def test_many_products_are_summed_up(self):
        products = [self._create_recurring_product(name, {self.monthly: 1.0}) for name in ("Paper", "Radio", "Film")]
        self._create_subscription(lines=[self._line(product) for product in products])
        self.assertTrue([row for row in self._list() if "Paper, Radio and 1 more" in row])

    def test_what_is_billed_no_more_has_no_next_invoice(self):
        self._close(self.order)
        self.assertIn("Closed To pay –", self._list(filterby="closed")[0])

    def test_the_list_asks_the_database_no_more_for_many_subscriptions(self):
        for _number in range(2):
            self._create_subscription()
        self._list()
        few = self._count_statements(self._list)
        for _number in range(15):
            self._create_subscription()
        self.env.cr.flush()  # what is written down when a transaction ends is none of the list's
        self.assertLessEqual(self._count_statements(self._list), few)

    # === WHICH ===#

    def test_filters(self):
        running = self._create_subscription()
        later = self._create_subscription(subscription_start="2026-03-01")
        closed = self._create_subscription()
        self._close(closed)
        paused = self._create_subscription()
        self.env["subscription.change"]._schedule(
            [{"order_id": paused.id, "kind": "pause", "effective_on": date(2026, 1, 1)}]
        )
        self._create_quotation().action_quotation_sent()
        everything = {order.name for order in self.order | running | later | paused | closed}
        self.assertEqual(set(self._names(filterby="all")), everything)
        self.assertEqual(set(self._names()), everything - {closed.name})
        self.assertEqual(self._names(filterby="paused"), [paused.name])
        self.assertEqual(self._names(filterby="closed"), [closed.name])
        self.assertEqual(self._names(filterby="to_pay"), [self.order.name])

    def test_of_a_chain_the_running_one_is_shown(self):
        renewal = self.order.sudo()._subscription_renew()
        renewal.action_confirm()
        self.assertEqual(set(self._names()), {self.order.name, renewal.name})
        self._bill("2026-02-01")
        self._log_in(self.ada)  # anew: on a website, a session ends within a month
        self.assertEqual(self._names(), [renewal.name])
        self.assertEqual(self._names(filterby="all"), [renewal.name])
        self.assertEqual(self._names(filterby="closed"), [self.order.name])

    def test_methods_that_expire(self):
        self.order.subscription_token_id = self._create_method(self.customer)
        self.assertEqual(self._names(filterby="method"), [])
        self.order.subscription_token_id.sudo().subscription_expires_on = date(2026, 1, 15)
        self.assertEqual(self._names(filterby="method"), [self.order.name])

    def test_search_by_number_product_and_reference(self):
        paper = self._create_recurring_product("Morning Paper", {self.monthly: 1.0})
        order = self._create_subscription(lines=[self._line(paper)], client_order_ref="Desk 12")
        for search in (order.name, "morning", "desk", " Desk 12 "):
            self.assertEqual(self._names(search=search), [order.name], search)
        self.assertEqual(self._list(search="nowhere"), [])
        self.assertIn("Nothing is found for", self._get_texts(self.response)["subscription_list_empty"])

    def test_what_is_sold_once_is_not_searched(self):
        self._create_subscription(lines=[self._line(), self._line(self.poster)])
        self.assertEqual(self._list(search="poster"), [])

    # === ORDER AND PAGES ===#

    def test_orders(self):
        late = self._create_subscription(subscription_start="2026-05-01", client_order_ref="A")
        self.order.client_order_ref = "B"
        yearly = self._create_subscription(plan=self.yearly, subscription_start="2026-02-01")
        names = [order.name for order in (self.order, yearly, late)]
        self.env.flush_all()
        self.assertEqual(set(self._names()), set(names))
        self.assertEqual(self._names()[-1], late.name)
        self.assertEqual(self._names(sortby="name"), sorted(names, reverse=True))
        self.assertEqual(self._names(sortby="start"), [late.name, yearly.name, self.order.name])
        self.assertEqual(self._names(sortby="reference"), [late.name, self.order.name, yearly.name])

    def test_pages(self):
        for _number in range(21):
            self._create_subscription()
        first, second = self._names(sortby="name"), self._list("/page/2", sortby="name")
        self.assertEqual((len(first), len(second)), (20, 2))
        self.assertIn("/my/subscriptions/page/2?filterby=running", self.response.text)

    def test_nonsense_is_taken_for_nothing_said(self):
        for params in (
            {"filterby": "x"},
            {"sortby": "name; DROP TABLE sale_order"},
            {"search": "\0"},
            {"search": "%' OR 1=1 --", "filterby": "all"},
        ):
            self._list(**params)
        self.assertEqual(len(self._list("/page/0")), 1)
        self.assertEqual(len(self._list("/page/99999999999999")), 1)

    def test_markup_in_a_search_is_text(self):
        self._list(search="<script>alert(1)</script>")
        self.assertNotIn("<script>alert(1)", self.response.text)

    # === WHOSE ===#

    def test_it_takes_a_login(self):
        self.authenticate(None, None)
        response = self.url_open("/my/subscriptions", allow_redirects=False)
        self.assertEqual(response.status_code, 303)
        self.assertIn("/web/login", response.headers["Location"])

    def test_strangers_see_nothing_of_it(self):
        self._log_in(self.eve)
        self.assertEqual(self._list(filterby="all"), [])
        self.assertEqual(
            self._get_texts(self.response)["subscription_list_empty"], "You have no subscription that runs."
        )

    def test_colleagues_see_those_of_their_firm(self):
        self._log_in(self._create_colleague())
        self.assertEqual(self._names(), [self.order.name])

    def test_people_who_were_let_in_see_that_one(self):
        self._create_subscription()
        self._let_in("see", self.eve.partner_id)
        self._log_in(self.eve)
        self.assertEqual(self._names(), [self.order.name])
        self.order.sudo().subscription_access_ids.active = False
        self.assertEqual(self._names(), [])

    def test_whoever_may_only_see_has_nothing_to_pay(self):
        self._let_in("see", self.eve.partner_id)
        self._log_in(self.eve)
        self.assertEqual(self._names(filterby="to_pay"), [])
        self.order.sudo().subscription_access_ids.level = "pay"
        self.assertEqual(self._names(filterby="to_pay"), [self.order.name])

    def test_people_of_a_daughter_firm_see_nothing_of_the_mother(self):
        self._create_colleague()
        mother = self.customer.parent_id
        daughter = self.env["res.partner"].create({"name": "Daughter Ltd", "is_company": True, "parent_id": mother.id})
        self.order.partner_id = mother
        doris = new_test_user(self.env, "doris", "base.group_portal", name="Doris", parent_id=daughter.id)
        self._log_in(doris)
        self.assertEqual(self._list(filterby="all"), [])
