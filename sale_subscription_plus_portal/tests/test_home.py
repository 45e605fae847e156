from datetime import date

from .page_common import PageCommon

COUNTERS = (
    "subscription_count",
    "subscription_unpaid_count",
    "subscription_method_count",
    "subscription_renewal_count",
    "subscription_request_count",
)


class TestHome(PageCommon):
    """What the home of a customer counts."""

    def _count(self, user):
        self._log_in(user)
        self.env.flush_all()
        return [self.make_jsonrpc_request("/my/counters", {"counters": [name]})[name] for name in COUNTERS]

    def test_what_needs_the_customer_is_counted(self):
        self.assertEqual(self._count(self.ada), [1, 1, 0, 0, 0])
        self._bill_another()
        self.order.subscription_token_id = self._create_method(self.customer)
        self.order.subscription_token_id.sudo().subscription_expires_on = date(2026, 1, 15)
        self.order.sudo()._subscription_renew().action_quotation_sent()
        self.assertEqual(self._count(self.ada), [2, 1, 1, 1, 0])

    def test_changes_that_wait_for_their_payment_are_counted(self):
        request = self.env["subscription.request"].sudo()
        request.create(
            {
                "order_id": self.order.id,
                "partner_id": self.customer.id,
                "items": [{"kind": "resume"}],
                "sentence": "More",
                "digest": "x",
                "effective_on": date(2026, 1, 1),
                "expires_on": "2026-01-02 12:00:00",
            }
        )
        self.assertEqual(self._count(self.ada)[-1], 1)
        self._set_today("2026-01-03")
        self.assertEqual(self._count(self.ada)[-1], 0, "it has lapsed")

    def test_renewed_ones_and_quotations_that_have_expired_are_not_counted(self):
        renewal = self.order.sudo()._subscription_renew()
        renewal.action_quotation_sent()
        renewal.validity_date = date(2025, 12, 31)
        self.assertEqual(self._count(self.ada)[3], 0)
        renewal.validity_date = False
        renewal.action_confirm()
        self._bill("2026-02-01")
        self.assertEqual(self._count(self.ada)[0], 1)

    def test_strangers_have_none(self):
        self.assertEqual(self._count(self.eve), [0, 0, 0, 0, 0])

    def test_people_who_were_let_in_have_what_they_may_do(self):
        self._let_in("see", self.eve.partner_id)
        self.assertEqual(self._count(self.eve), [1, 0, 0, 0, 0])
        self.order.sudo().subscription_access_ids.level = "pay"
        self.assertEqual(self._count(self.eve), [1, 1, 0, 0, 0])

    def test_the_home_page_has_their_cards(self):
        self._log_in(self.ada)
        page = self.url_open("/my").text
        for name in COUNTERS:
            self.assertIn(f'data-placeholder_count="{name}"', page)
