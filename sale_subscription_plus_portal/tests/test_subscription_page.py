from datetime import date

from odoo import http
from odoo.fields import Command

from .page_common import PageCommon


class TestSubscriptionPage(PageCommon):
    """What the page of a subscription says: status, money, terms, lines, what comes and what was."""

    def _close(self, order, day="2026-01-10"):
        reason = self.env["subscription.close.reason"].create({"name": "Moved abroad"})
        order.sudo()._subscription_close(date.fromisoformat(day), reason)

    def _change(self, order, kind, day, line=False, **values):
        subject = {"line_id": order.order_line[0].id} if line else {"order_id": order.id}
        vals = {**subject, "kind": kind, "effective_on": date.fromisoformat(day), **values}
        return self.env["subscription.change"]._schedule([vals])

    # === A RUNNING ONE ===#

    def test_it_tells_what_was_agreed_and_what_comes(self):
        self.order.client_order_ref = "PO 4711"
        page = self._read(self._open_by_link())
        self.assertEqual(page["subscription_status"], "Running")
        self.assertIn("Magazine Runs since 01/01/2026. Next invoice $ 12.00 on 02/01/2026", page["subscription_next"])
        for text in ("Plan Monthly", "$ 12.00 / month, untaxed", "You are not bound to a term.", "PO 4711"):
            self.assertIn(text, page["subscription_terms"])
        self.assertIn("Magazine 1.00 $ 12.00 $ 12.00 per month", page["subscription_lines"])
        self.assertIn("01/01/2026: It started.", page["subscription_history"])
        self.assertNotIn("subscription_coming", page)
        self.assertNotIn("subscription_chain", page)

    def test_the_page_has_one_heading_of_its_own(self):
        response = self._open_by_link()
        self.assertEqual(response.text.count("<h1"), 1)
        self.assertIn('lang="en-US"', response.text)

    def test_a_term_is_told_in_words(self):
        order = self._create_subscription(subscription_commitment_months=12, subscription_notice_days=30)
        terms = self._read(self._open_by_link(order))["subscription_terms"]
        self.assertIn("12 months, until 12/31/2026; then renewed for as long again.", terms)
        self.assertIn("To leave at the end of this term, tell us by 12/01/2026.", terms)
        self._set_today("2026-12-15")
        terms = self._read(self._open_by_link(order))["subscription_terms"]
        self.assertIn("notice was due by 12/01/2026. You can leave on 12/31/2027.", terms)

    def test_a_term_that_is_not_renewed_ends_by_itself(self):
        order = self._create_subscription(subscription_commitment_months=6, subscription_auto_renew=False)
        page = self._read(self._open_by_link(order))
        self.assertIn("6 months, until 06/30/2026; then it ends.", page["subscription_terms"])
        self.assertEqual(page["subscription_status"], "Ending")
        self.assertIn("Its last day is 06/30/2026.", page["subscription_next"])

    def test_several_plans_discounts_options_and_what_is_sold_once(self):
        lines = [
            self._line(discount=12.5),
            Command.create({"display_type": "line_section", "name": "Extras", "is_optional": True}),
            self._line(subscription_plan_id=self.yearly.id, product_uom_qty=2),
            self._line(product_uom_qty=0),
            self._line(self.poster),
        ]
        page = self._read(self._open_by_link(self._create_subscription(lines=lines)))
        self.assertIn("Plan Monthly, Yearly", page["subscription_terms"])
        self.assertIn("$ 10.50 / month + $ 240.00 / year", page["subscription_terms"])
        self.assertIn("12.5 % off", page["subscription_lines"])
        self.assertIn("Magazine Option 2.00 $ 120.00 $ 240.00 per year", page["subscription_lines"])
        self.assertIn("Poster Option 1.00 $ 9.00 $ 9.00 once", page["subscription_lines"])
        self.assertNotIn("0.00 $ 12.00", page["subscription_lines"])

    def test_archived_products_and_plans_are_shown(self):
        self.magazine.action_archive()
        self.monthly.action_archive()
        page = self._read(self._open_by_link())
        self.assertIn("Magazine", page["subscription_lines"])
        self.assertIn("Monthly", page["subscription_terms"])

    def test_the_page_is_in_the_language_of_a_customer_without_login(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.assertIn('lang="fr-FR"', self._open_by_link().text)

    # === OTHER STATUSES ===#

    def test_one_that_starts_later(self):
        order = self._create_subscription(subscription_start="2026-03-01")
        page = self._read(self._open_by_link(order))
        self.assertEqual(page["subscription_status"], "Starts soon")
        self.assertIn("Starts on 03/01/2026. Next invoice $ 12.00 on 03/01/2026", page["subscription_next"])
        self.assertNotIn("subscription_history", page)

    def test_a_pause_and_its_end(self):
        self._change(self.order, "pause", "2026-01-01")
        page = self._read(self._open_by_link())
        self.assertEqual(page["subscription_status"], "Paused")
        self.assertIn("Paused since 01/01/2026, until it is resumed.", page["subscription_next"])
        self.assertIn("No further invoice is planned.", page["subscription_next"])
        self.assertIn("It was paused.", page["subscription_history"])
        self._change(self.order, "resume", "2026-02-01")
        page = self._read(self._open_by_link())
        self.assertIn("It runs again from 02/01/2026.", page["subscription_next"])
        self.assertIn("02/01/2026: It runs again.", page["subscription_coming"])

    def test_a_pause_until_it_is_paid(self):
        self._change(self.order, "pause", "2026-01-01")
        self.order.sudo().subscription_payment_status = "suspended"
        page = self._read(self._open_by_link())
        self.assertIn("as an invoice is not paid. It runs again once you have paid.", page["subscription_next"])

    def test_what_is_planned_is_told(self):
        self._change(self.order, "quantity", "2026-02-01", line=True, quantity=3)
        self._close(self.order, "2026-05-01")
        page = self._read(self._open_by_link())
        self.assertIn("02/01/2026: Quantity of Magazine: 1 → 3", page["subscription_coming"])
        self.assertIn("05/01/2026: It ends.", page["subscription_coming"])
        self.assertEqual(page["subscription_status"], "Ending")
        self.assertIn("Its last day is 04/30/2026.", page["subscription_next"])
        self.assertIn("Next invoice $ 36.00", page["subscription_next"])

    def test_what_a_close_makes_moot_is_not_told(self):
        self._change(self.order, "quantity", "2026-03-01", line=True, quantity=3)
        self._close(self.order, "2026-03-01")
        coming = self._read(self._open_by_link())["subscription_coming"]
        self.assertIn("03/01/2026: It ends.", coming)
        self.assertNotIn("Quantity", coming)

    def test_one_that_has_ended(self):
        self._set_today("2026-01-10")
        self._close(self.order)
        page = self._read(self._open_by_link())
        self.assertEqual(page["subscription_status"], "Closed")
        self.assertIn("Ended. Its last day was 01/09/2026. Reason: Moved abroad.", page["subscription_next"])
        self.assertNotIn("invoice", page["subscription_next"])
        self.assertIn("Magazine", page["subscription_lines"])
        self.assertIn("01/10/2026: It ended.", page["subscription_history"])

    def test_orders_of_the_chain_have_their_links(self):
        renewal = self.order.sudo()._subscription_renew()
        self.assertNotIn("subscription_chain", self._read(self._open_by_link()), "a draft is nobody's business")
        renewal.action_quotation_sent()
        self.assertIn(f"{renewal.name} (Renewal to sign", self._read(self._open_by_link())["subscription_chain"])
        renewal.action_confirm()
        response = self._open_by_link()
        page = self._read(response)
        self.assertIn(f"Goes on as {renewal.name} from 02/01/2026.", page["subscription_next"])
        self.assertIn(f"It goes on as {renewal.name}.", page["subscription_coming"])
        self.assertEqual(self._get_links(response, "subscription_chain"), [renewal.get_portal_url()])
        self._bill("2026-02-01")
        page = self._read(self._open_by_link())
        self.assertEqual(page["subscription_status"], "Renewed")
        self.assertIn(f"Goes on as {renewal.name} since 02/01/2026.", page["subscription_next"])
        self.assertIn(
            f"{self.order.name} (Before this one", self._read(self._open_by_link(renewal))["subscription_chain"]
        )

    def test_what_was_added_is_shown_with_its_invoice(self):
        self._set_today("2026-01-11")
        upsell = self.env["sale.order"].browse(self.order.action_subscription_upsell()["res_id"])
        paper = self._create_recurring_product("Paper", {self.monthly: 31.0})
        upsell.order_line[0].product_uom_qty = 2
        upsell.order_line = [self._line(paper), self._line(self.poster)]
        upsell.action_confirm()
        self.assertEqual(upsell.subscription_status, "merged")
        page = self._read(self._open_by_link())
        self.assertIn(f"{upsell.name} (Added", page["subscription_chain"])
        self.assertIn(self._get_invoices(upsell).name, page["subscription_invoices"])
        self.assertIn("01/11/2026: Quantity of Magazine: 1 → 3", page["subscription_history"])
        self.assertIn("01/11/2026: Paper was added.", page["subscription_history"])

    # === MONEY ===#

    def test_an_open_invoice_is_offered_for_payment(self):
        response = self._open_by_link()
        page = self._read(response)
        self.assertEqual(self._get_links(response, "subscription_pay"), [self.invoice.get_portal_url()])
        self.assertEqual(page["subscription_pay"], "Pay $ 12.00")
        self.assertIn(f"{self.invoice.name}: $ 12.00 is to be paid", page["subscription_alerts"])
        self.assertEqual(page["subscription_payment_status"], "To pay")
        self.assertIn("To pay by", page["subscription_invoices"])

    def test_invoices_that_are_paid_and_credit_notes(self):
        self._register_payment(self.invoice)
        credit = self.invoice._reverse_moves([{"invoice_date": "2026-01-05"}])
        credit.action_post()
        response = self._open_by_link()
        page = self._read(response)
        row = f"{credit.name} 01/05/2026 Credit note 01/05/2026 Credit note $ -\ufeff12.00"
        self.assertIn(row, page["subscription_invoices"])
        self.assertIn("Paid $ 12.00", page["subscription_invoices"])
        self.assertNotIn("subscription_pay", page)
        self.assertEqual(page["subscription_payment_status"], "In order")

    def _register_payment(self, invoice):
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
        wizard.create({})._create_payments()

    def test_drafts_are_not_shown(self):
        self.invoice.button_draft()
        self.assertEqual(self._read(self._open_by_link())["subscription_invoices"], "Invoices There are none yet.")

    def test_twelve_invoices_are_shown_at_first(self):
        self._bill("2027-01-31")
        self._bill("2027-01-31")
        page = self._read(self._open_by_link())["subscription_invoices"]
        count = len(self._get_invoices(self.order))
        self.assertGreater(count, 12)
        self.assertEqual(page.count("INV/"), 12)
        self.assertIn(f"Show all {count} invoices", page)
        page = self._read(self._open_by_link(invoices="all"))["subscription_invoices"]
        self.assertEqual(page.count("INV/"), count)

    def test_amounts_are_in_the_currency_of_the_order(self):
        euro = self._enable_currency("EUR")
        self.env["res.currency.rate"].create({"currency_id": euro.id, "rate": 0.9, "name": "2026-01-01"})
        pricelist = self.env["product.pricelist"].create({"name": "Euro", "currency_id": euro.id})
        order = self._create_subscription(pricelist_id=pricelist.id, lines=[self._line(price_unit=10)])
        page = self._read(self._open_by_link(order))
        self.assertIn("10.00 €", page["subscription_next"])
        self.assertIn("10.00 € / month", page["subscription_terms"])

    def test_the_method_is_named_to_its_owner_only(self):
        self.order.subscription_token_id = self._create_method(self.customer)
        self.assertIn("It is paid automatically.", self._read(self._open_by_link())["subscription_next"])
        self.assertNotIn("4242", self._open_by_link().text)
        self._log_in(self.ada)
        self.assertIn("4242", self._open().text)

    def test_the_page_asks_the_database_no_more_for_many_subscriptions(self):
        self._log_in(self.ada)
        self._open()
        alone = self._count_statements(self._open)
        for _number in range(9):
            self._bill_another()
        self.assertLessEqual(self._count_statements(self._open), alone)

    # === MESSAGES ===#

    def _send(self, text, **params):
        if not self.session:
            self.authenticate(None, None)
        data = {"message": text, "csrf_token": http.Request.csrf_token(self), **params}
        self.env.flush_all()
        response = self.url_open(f"/my/subscriptions/{self.order.id}/message", data=data, allow_redirects=False)
        self.env.invalidate_all()
        return response

    def test_people_who_were_let_in_write_and_read_messages(self):
        link = self._let_in("see")
        self.order.message_post(body="We call you.", message_type="comment", subtype_xmlid="mail.mt_comment")
        self.order.message_post(body="A nice customer", subtype_xmlid="mail.mt_note")
        page = self._read(self._open(access_token=link))
        self.assertIn("We call you.", page["subscription_messages"])
        self.assertNotIn("A nice customer", page["subscription_messages"])
        self._send("More <b>paper</b>,\n please\0", access_token=link)
        message = self.order.message_ids[0]
        self.assertEqual(message.author_id, self.friend)
        self.assertIn("More &lt;b&gt;paper&lt;/b&gt;,", message.body)
        self.assertIn("More <b>paper</b>,", self._read(self._open(access_token=link))["subscription_messages"])

    def test_colleagues_write_messages_by_their_login(self):
        carl = self._create_colleague()
        self._log_in(carl)
        self.assertIn("Write to us", self._read(self._open())["subscription_messages"])
        self._send("Hello")
        self.assertEqual(self.order.message_ids[0].author_id, carl.partner_id)

    def test_the_customer_writes_in_the_thread_of_odoo(self):
        self._log_in(self.ada)
        for response in (self._open(), self._open_by_link()):
            self.assertIn(f'data-token="{self.link}"', response.text)

    def test_an_empty_message_is_not_sent(self):
        count = len(self.order.message_ids)
        self._send("  ", access_token=self.link)
        self.assertEqual(len(self.order.message_ids), count)

    def test_strangers_send_no_message(self):
        count = len(self.order.message_ids)
        self.assertSentHome(self._send("Hello", access_token="wrong"))
        self._log_in(self.eve)
        self.assertSentHome(self._send("Hello"))
        self.assertEqual(len(self.order.message_ids), count)
