"""Health rules: the first that holds decides, of all subscriptions daily, of those that changed at once."""

from unittest.mock import patch

import psycopg2

from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .health_common import HealthCommon

CHEAP, DEAR = [("subscription_mrr", "<", 20)], [("subscription_mrr", ">", 20)]


class TestRules(HealthCommon):
    def test_what_runs_is_good_where_no_rule_holds(self):
        order = self._create_subscription()
        self._create_rule(DEAR)
        self.assertEqual(self._get_health(order), "good")
        self.assertFalse(order.subscription_health_reason)
        self.assertEqual(str(order.subscription_health_on), "2026-01-01")
        self.assertEqual(self._get_history(order), [])

    def test_the_first_rule_that_holds_decides_and_its_name_is_the_reason(self):
        order = self._create_subscription()
        self._create_rule(DEAR, "bad", sequence=1)
        rule = self._create_rule(CHEAP, "at_risk", sequence=2, name="Brings little")
        self._create_rule(CHEAP, "bad", sequence=3)
        self.assertEqual(self._get_health(order), "at_risk")
        self.assertEqual(order.subscription_health_rule_id, rule)
        self.assertEqual(order.subscription_health_reason, "Brings little")
        self.assertEqual(self._get_history(order), [("2026-01-01", False, "at_risk", "Brings little")])

    def test_another_order_of_the_rules_decides_otherwise_at_once(self):
        order = self._create_subscription()
        first = self._create_rule(CHEAP, "at_risk", sequence=1)
        self._create_rule(CHEAP, "bad", sequence=2)
        self.assertEqual(self._get_health(order), "at_risk")
        first.sequence = 3
        self.assertEqual(self._get_health(order), "bad")
        first.write({"sequence": 1, "result": "good"})
        self.assertEqual(self._get_health(order), "good")

    def test_an_archived_rule_and_a_deleted_one_hold_for_nothing(self):
        order = self._create_subscription()
        rule, other = self._create_rule(CHEAP, sequence=1), self._create_rule(CHEAP, "bad", sequence=2)
        self.assertEqual(self._get_health(order), "at_risk")
        rule.active = False
        self.assertEqual(self._get_health(order), "bad")
        other.unlink()
        self.assertEqual(self._get_health(order), "good")

    def test_the_reason_stays_as_it_was_and_the_day_too_while_the_health_is_the_same(self):
        order = self._create_subscription()
        rule = self._create_rule(CHEAP, name="Brings little")
        self._care()
        rule.name = "Is cheap"
        self._care("2026-01-02")
        self.assertEqual(order.subscription_health_reason, "Brings little")
        self._create_rule(CHEAP, sequence=1, name="Is poor")
        self._care("2026-01-03")
        self.assertEqual(order.subscription_health_reason, "Is poor")
        self.assertEqual(str(order.subscription_health_on), "2026-01-01")
        self.assertEqual(len(self._get_history(order)), 1)

    def test_only_what_runs_has_a_health(self):
        quotation = self._create_quotation()
        scheduled = self._create_quotation(subscription_start="2026-02-01")
        scheduled.action_confirm()
        paused, closed = self._create_subscription(), self._create_subscription()
        self._create_rule([])
        self.assertEqual(self._get_health(closed), "at_risk")
        self._bill()
        paused.sudo()._subscription_pause_unpaid(self._date("2026-01-02"))
        reason = self.env.ref("sale_subscription_plus.close_reason_expensive")
        self._set_today("2026-01-02")
        closed.sudo()._subscription_close(self._date("2026-01-02"), reason)
        self._care()
        orders = quotation | scheduled | paused | closed
        self.assertEqual(orders.mapped("subscription_health"), [False, "at_risk", "at_risk", False])
        self.assertFalse(closed.subscription_health_rule_id or closed.subscription_health_on)
        closed.action_subscription_reopen()
        self.assertEqual(self._get_health(closed), "at_risk")

    def test_a_copy_and_an_order_that_recurs_in_nothing_have_no_health(self):
        order = self._create_subscription()
        once = self._create_quotation([self._line(self.poster)], plan=self.env["subscription.plan"])
        once.action_confirm()
        self._create_rule([])
        self._care()
        self.assertFalse(order.copy().subscription_health)
        self.assertFalse(once.subscription_health)

    def test_relative_dates_start_from_the_day_of_the_company(self):
        self.company.subscription_tz = "Pacific/Kiritimati"  # 14 hours ahead
        order = self._create_subscription(subscription_start="2026-01-10")
        self._create_rule([("subscription_start", "=", "today")])
        self._create_rule("[('subscription_start', '=', context_today() + relativedelta(days=1))]", "bad")
        self.assertEqual(self._get_health(order, "2026-01-08 09:30:00"), "good")
        self.assertEqual(self._get_health(order, "2026-01-08 10:30:00"), "bad")
        self.assertEqual(self._get_health(order, "2026-01-09 10:30:00"), "at_risk")


class TestTemplates(HealthCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["sale.order.template"].create({"name": "Own rules"})
        cls.rule = cls._create_rule(CHEAP)

    def _create_both(self):
        return self._create_subscription(sale_order_template_id=self.template.id), self._create_subscription()

    def test_a_template_without_rules_goes_by_the_company_s(self):
        own, other = self._create_both()
        self._care()
        self.assertEqual((own | other).mapped("subscription_health"), ["at_risk", "at_risk"])

    def test_a_template_with_rules_goes_by_these_alone(self):
        own, other = self._create_both()
        self._create_rule(DEAR, "bad", template_id=self.template.id)
        self._care()
        self.assertEqual([own.subscription_health, other.subscription_health], ["good", "at_risk"])
        self.template.subscription_health_rule_ids.domain = "[]"
        self._care()
        self.assertEqual([own.subscription_health, other.subscription_health], ["bad", "at_risk"])

    def test_a_template_starts_from_copies_of_the_company_s_rules_once(self):
        self.template.action_subscription_copy_health_rules()
        copy = self.template.subscription_health_rule_ids
        self.assertEqual((copy.domain, copy.name, copy.result), (self.rule.domain, self.rule.name, "at_risk"))
        with self.assertRaisesRegex(UserError, "already"):
            self.template.action_subscription_copy_health_rules()

    def test_without_rules_there_is_nothing_to_start_from(self):
        self.rule.active = False
        with self.assertRaisesRegex(UserError, "first one"):
            self.template.action_subscription_copy_health_rules()


class TestCompanies(HealthCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_company(name="Kiwi")
        cls.other.subscription_tz = "Pacific/Auckland"

    def test_a_rule_of_one_company_holds_for_no_other(self):
        order = self._create_subscription()
        self._create_rule([], company_id=self.other.id)
        self.assertEqual(self._get_health(order), "good")

    def test_each_company_is_looked_at_when_its_own_day_begins(self):
        self._care("2026-01-01 09:00:00")
        self._care("2026-01-01 12:00:00")
        self.assertEqual(str(self.company.subscription_health_on), "2026-01-01")
        self.assertEqual(str(self.other.subscription_health_on), "2026-01-02")

    def test_one_search_knows_the_day_of_each(self):
        order = self._create_subscription("2025-12-30", subscription_start="2025-12-30")
        foreign = order.copy({"subscription_start": False})
        self.env.cr.execute(
            "UPDATE sale_order SET company_id = %s, subscription_start = '2025-12-30' WHERE id = %s",
            (self.other.id, foreign.id),
        )
        self.env.invalidate_all()
        self._set_today("2026-01-01 12:00:00")
        both = self.env["sale.order"].sudo().browse((order | foreign).ids)
        self.assertEqual(both.mapped("subscription_age_days"), [2, 3])
        found = both.search([("id", "in", both.ids), ("subscription_age_days", ">", 2)])
        self.assertEqual(found, foreign)


class TestWhen(HealthCommon):
    def _count_looks(self, day=None):
        with patch.object(type(self.Rule), "_judge", autospec=True, side_effect=type(self.Rule)._judge) as judge:
            self._care(day)
        return judge.call_count

    def test_all_are_looked_at_once_a_day(self):
        self._create_subscription()
        self._care()
        companies = self.env["res.company"].search_count([])
        self.assertEqual(self._count_looks(), 0)
        self.assertEqual(self._count_looks("2026-01-02"), companies)
        self.assertEqual(self._count_looks("2026-01-02"), 0)

    def test_a_fact_that_a_rule_goes_by_has_its_order_looked_at_at_once(self):
        order = self._create_subscription()
        self._create_rule([("client_order_ref", "=", "Angry")], "bad")
        self._care()
        order.client_order_ref = "Calm"
        self.assertEqual(self._count_looks(), 1)
        order.client_order_ref = "Angry"
        self.assertEqual(self._get_health(order), "bad")
        order.note = "Nothing that a rule goes by"
        self.assertEqual(self._count_looks(), 0)

    def test_what_a_counter_is_computed_from_is_watched(self):
        self._create_rule([("subscription_days_to_term_end", "<", 5)])
        self.assertIn("subscription_term_end", self.env["sale.order"]._get_care_fields())
        self.Rule.search([]).active = False
        self.assertNotIn("subscription_term_end", self.env["sale.order"]._get_care_fields())

    def test_what_no_rule_goes_by_has_nothing_looked_at(self):
        self._create_rule([("subscription_days_to_term_end", "<", 5)])
        self._create_automatic()
        self._care()
        self._charge("done")
        self.assertEqual(self._count_looks(), 0)
        self._create_rule([("subscription_days_since_payment", "<", 5)])
        self._create_automatic()
        self._care()
        self._charge("done")
        self.assertEqual(self._count_looks(), 1)

    def test_a_new_rule_and_a_changed_one_have_all_looked_at_anew(self):
        order = self._create_subscription()
        self._care()
        rule = self._create_rule(CHEAP)
        self.assertEqual(self._get_health(order), "at_risk")
        rule.result = "bad"
        self.assertEqual(self._get_health(order), "bad")
        self.assertEqual([row[1:3] for row in self._get_history(order)], [("good", "at_risk"), ("at_risk", "bad")])

    def test_the_second_run_changes_nothing(self):
        order = self._create_subscription()
        self._create_rule(CHEAP)
        self.assertEqual(self._care()["health"], 1)
        written = order.write_date
        self.company.subscription_health_on = False
        self.assertEqual(self._care()["health"], 0)
        self.assertEqual(order.write_date, written)
        self.assertEqual(len(self._get_history(order)), 1)

    def test_a_run_that_is_killed_in_between_is_made_up_for(self):
        order = self._create_subscription()
        self._create_rule(CHEAP)
        Run = type(self.env["subscription.care.run"])
        killed = patch.object(Run, "_note_whole_look", side_effect=SystemExit)
        with killed, self.assertRaises(SystemExit):
            self._care()
        self.assertFalse(self.company.subscription_health_on)
        self.assertEqual(self._get_health(order), "at_risk")
        self.assertEqual(len(self._get_history(order)), 1)
        self.assertEqual(str(self.company.subscription_health_on), "2026-01-01")

    def test_a_rule_that_changes_during_a_look_has_all_looked_at_again(self):
        self._create_subscription()
        rule = self._create_rule(CHEAP)
        Order = type(self.env["sale.order"])
        original = Order._subscription_write_health

        def write_while_somebody_edits(model, company, health):
            rule.sudo().with_env(model.env).domain = str(DEAR)
            return original(model, company, health)

        with patch.object(Order, "_subscription_write_health", write_while_somebody_edits):
            self._care()
        self.assertFalse(self.company.subscription_health_on)

    def test_what_stops_running_during_a_look_gets_no_health(self):
        order = self._create_subscription()
        self._create_rule(CHEAP)
        health = order.sudo()._get_new_health(self.company, order.ids)
        self.assertEqual(health[order.id][0], "at_risk")
        order.sudo()._subscription_set_status("closed")
        self.assertEqual(order.sudo()._subscription_write_health(self.company, health), 0)
        self.assertFalse(order.subscription_health)

    def test_a_rule_that_is_deleted_during_a_look_is_written_nowhere(self):
        order = self._create_subscription()
        rule = self._create_rule(CHEAP)
        health = order.sudo()._get_new_health(self.company, order.ids)
        rule.unlink()
        self.assertEqual(order.sudo()._subscription_write_health(self.company, health), 0)
        self.assertEqual(self._get_health(order), "good")

    def test_of_two_runs_at_once_the_second_writes_nothing(self):
        order = self._create_subscription()
        self._create_rule(CHEAP)
        health = order.sudo()._get_new_health(self.company, order.ids)
        self.assertEqual(order.sudo()._subscription_write_health(self.company, health), 1)
        self.assertEqual(order.sudo()._subscription_write_health(self.company, health), 0)
        self.assertEqual(len(self._get_history(order)), 1)

    def test_the_button_looks_at_once_and_tells(self):
        order = self._create_subscription()
        self._create_rule(CHEAP, name="Brings little")
        answer = order.action_subscription_check_health()
        self.assertEqual(order.subscription_health, "at_risk")
        self.assertEqual(answer["params"]["message"], "At Risk: Brings little")
        quotation = self._create_quotation()
        answer = (order | quotation).action_subscription_check_health()
        self.assertEqual(answer["params"]["message"], "At Risk: 1, not running: 1")
        self.assertEqual(quotation.action_subscription_check_health()["params"]["message"], "not running: 1")

    def test_rules_are_applied_at_once_or_soon_if_subscriptions_are_many(self):
        order = self._create_subscription()
        self._care()
        self._create_rule(CHEAP)
        with patch("odoo.addons.sale_subscription_plus.models.subscription_health_rule.AT_ONCE", 0):
            self.assertIn("within a minute", self.Rule.action_apply()["params"]["message"])
        self.assertEqual(order.subscription_health, "good")
        self.assertIn("At Risk: ", self.Rule.action_apply()["params"]["message"])
        self.assertEqual(order.subscription_health, "at_risk")

    def test_an_order_that_cannot_be_written_holds_up_no_other(self):
        bad, fine = self._create_subscription(), self._create_subscription()
        self._create_rule(CHEAP)
        Order = type(self.env["sale.order"])
        original = Order.write

        def write(orders, vals):
            if vals.get("subscription_health") and bad in orders:
                raise UserError("Not this one")
            return original(orders, vals)

        with patch.object(Order, "write", write), self.assertLogs("odoo", "ERROR") as logs:
            self._care()
        self.assertIn(bad.name, logs.output[0])
        self.assertEqual([bad.subscription_health, fine.subscription_health], [False, "at_risk"])


class TestParking(HealthCommon):
    def _break(self, rule):
        """Let a rule name a field that is there no more."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE subscription_health_rule SET domain = %s WHERE id = %s", ("[('gone', '=', 1)]", rule.id)
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()

    def test_a_rule_that_fails_is_parked_with_its_reason_and_the_others_go_on(self):
        order = self._create_subscription()
        broken, fine = self._create_rule(DEAR, sequence=1), self._create_rule(CHEAP, "bad", sequence=2)
        self._break(broken)
        self.assertEqual(self._get_health(order), "bad")
        self.assertIn("gone", broken.parked_reason)
        self.assertEqual(str(broken.parked_on), "2026-01-01")
        self.assertFalse(fine.parked_reason)
        self.assertEqual(
            broken.activity_ids.summary or broken.activity_ids.activity_type_id.name, "Health rule to repair"
        )
        self._care("2026-01-02")
        self.assertEqual(len(broken.activity_ids), 1)
        self.assertEqual(str(broken.parked_on), "2026-01-01")

    def test_what_a_parked_rule_said_stays_for_those_it_holds(self):
        order = self._create_subscription()
        rule = self._create_rule(CHEAP, "bad", name="Cheap")
        self._create_rule(CHEAP, "at_risk", sequence=20)
        self._care()
        self._break(rule)
        new = self._create_subscription()
        self._care("2026-01-02")
        self.assertEqual((order.subscription_health, order.subscription_health_reason), ("bad", "Cheap"))
        self.assertEqual(new.subscription_health, "at_risk")

    def test_it_is_tried_again_daily_and_works_again_once_it_does(self):
        order = self._create_subscription()
        rule = self._create_rule(CHEAP)
        self._break(rule)
        self._care()
        self.env.cr.execute("UPDATE subscription_health_rule SET domain = '[]' WHERE id = %s", (rule.id,))
        self.env.invalidate_all()
        order._subscription_watch()
        self.assertEqual(self._get_health(order), "good")
        self.assertTrue(rule.parked_reason)
        self.assertEqual(self._get_health(order, "2026-01-02"), "at_risk")
        self.assertFalse(rule.parked_reason or rule.parked_on or rule.activity_ids)

    def test_it_is_tried_again_once_it_is_edited(self):
        order = self._create_subscription()
        rule = self._create_rule(CHEAP)
        self._break(rule)
        self._care()
        rule.domain = str(CHEAP)
        self.assertFalse(rule.parked_reason or rule.activity_ids)
        self.assertEqual(self._get_health(order), "at_risk")

    def test_a_rule_that_somebody_gets_in_the_way_of_is_not_parked(self):
        self._create_subscription()
        rule = self._create_rule(CHEAP)
        Order, failures = type(self.env["sale.order"]), iter([psycopg2.errors.SerializationFailure()])
        original = Order._search

        def _search(model, domain, *args, **kwargs):
            if "subscription_mrr" in str(domain) and (failure := next(failures, None)):
                raise failure
            return original(model, domain, *args, **kwargs)

        with patch.object(Order, "_search", _search), patch.object(type(self.env.cr), "rollback", lambda cr: None):
            self._care()
        self.assertFalse(rule.parked_reason)

    def test_billing_goes_on_whatever_the_rules_are(self):
        order = self._create_subscription()
        self._break(self._create_rule(CHEAP))
        self._bill()
        self.assertEqual(len(self._get_invoices(order)), 1)


class TestWriting(HealthCommon):
    """What a rule may be."""

    def test_a_rule_that_does_not_work_is_refused_with_its_name(self):
        for domain in (
            [("no_such_field", "=", 1)],
            [("amount_total", ">", "much")],
            "kaput(",
            "__import__('os')",
            [("name", "any!", [])],
        ):
            with (
                self.subTest(domain),
                self.assertRaisesRegex(ValidationError, "Broken one"),
                mute_logger("odoo.sql_db"),
            ):
                self._create_rule(domain, name="Broken one")

    def test_health_does_not_depend_on_health(self):
        with self.assertRaisesRegex(ValidationError, "health cannot depend on health"):
            self._create_rule([("subscription_health", "=", "bad")])

    def _refuse(self, user, domain, sentence):
        """Check that ``user`` can neither create a rule with ``domain`` nor give one to a rule."""
        Rule = self.Rule.with_user(user)
        with self.subTest(domain), mute_logger("odoo.models", "odoo.addons.base.models.ir_model"):
            with self.assertRaisesRegex(ValidationError, f"Curious.*{sentence}"):
                Rule.create({"name": "Curious", "domain": str(domain)})
            with self.assertRaisesRegex(ValidationError, f"Fine.*{sentence}"):
                Rule.create({"name": "Fine"}).domain = str(domain)

    def _create_admin(self, login, *groups, **values):
        groups = ("sale_subscription_plus.group_subscription_admin", *groups)
        return new_test_user(self.env, login, ",".join(groups), company_id=self.company.id, **values)

    def test_what_one_may_not_read_one_may_not_ask_by_a_rule(self):
        admin = self._create_admin("rules_admin", "sales_team.group_sale_salesman_all_leads")
        self._refuse(admin, [("transaction_ids.provider_id.code", "=", "demo")], "not have enough rights")
        self._refuse(admin, [("user_id.totp_secret", "!=", False)], "not have enough rights")

    def test_without_all_documents_one_asks_of_the_order_alone(self):
        admin = self._create_admin("own_documents")
        for domain in (
            [("partner_id.email", "ilike", "a")],
            [("partner_id.sale_order_ids.client_order_ref", "like", "topsec")],
            [("partner_id.sale_order_ids", "any", [("client_order_ref", "=like", "tops%")])],
            [("order_line", "not any", [("price_unit", ">", 1)])],
            ["|", ("name", "=", "S1"), ("subscription_renews_id.name", "=", "S2")],
        ):
            self._refuse(admin, domain, "All Documents")
        for domain in (
            [("partner_id", "=", self.customer.id), ("tag_ids", "in", [1])],
            [("date_order.month_number", "=", 1)],
            [("subscription_token_id", "=", False)],
            [("subscription_renewed_by_id", "=", False)],
        ):
            with self.subTest(domain):
                self.assertTrue(self.Rule.with_user(admin).create({"name": "Fine", "domain": str(domain)}))

    def test_with_all_documents_one_asks_further_but_not_of_what_is_hidden_elsewhere(self):
        admin = self._create_admin("all_documents", "sales_team.group_sale_salesman_all_leads")
        for domain in (
            [("partner_id.sale_order_ids.client_order_ref", "like", "topsec")],  # of other companies, too
            [("partner_id.channel_ids.name", "like", "Private")],
            [("user_id.partner_id.message_ids.body", "like", "secret")],
            [("partner_id", "any", [("sale_order_ids", "any", [("name", "=", "S1")])])],
        ):
            self._refuse(admin, domain, "hidden")
        for domain in (
            [("partner_id.email", "ilike", "a")],
            [("partner_id.category_id", "ilike", "VIP")],
            [("order_line.product_id.product_tag_ids.name", "=", "Paper")],
            [("order_line", "any", [("price_unit", ">", 1)])],
        ):
            with self.subTest(domain):
                self.assertTrue(self.Rule.with_user(admin).create({"name": "Fine", "domain": str(domain)}))

    def test_nobody_asks_for_what_opens_doors(self):
        admin = self._create_admin("settings", "base.group_system", "sales_team.group_sale_salesman_all_leads")
        for name in ("access_token", "rating_ids.access_token", "partner_id.signup_type", "user_id.password"):
            self._refuse(admin, [(name, "like", "a")], "")
        self.assertTrue(
            self.Rule.with_user(admin).create({"name": "Fine", "domain": "[('partner_id.sale_order_ids', '=', False)]"})
        )

    def test_what_is_told_after_applying_the_rules_counts_what_one_may_see(self):
        admin = self._create_admin("applies")
        self._create_subscription(client_order_ref="Foreign")
        self._create_subscription(client_order_ref="Foreign").user_id = admin
        self._create_rule([("client_order_ref", "=", "Foreign")], "bad")
        action = self.Rule.with_user(admin).with_context(allowed_company_ids=self.company.ids).action_apply()
        self.assertEqual(action["params"]["message"], "Bad: 1")

    def test_while_it_is_written_a_rule_tells_how_many_match_or_what_is_wrong(self):
        self._create_subscription()
        self._create_quotation()
        rule = self.Rule.new({"name": "New", "domain": str(CHEAP), "company_id": self.company.id})
        count = self.env["sale.order"].search_count(
            [("subscription_status", "=", "progress"), ("company_id", "=", self.company.id)]
        )
        self.assertEqual(rule.matches, f"{count} of {count} running subscriptions match now.")
        rule.domain = str(DEAR)
        self.assertTrue(rule.matches.startswith("0 of "))
        rule.domain = "[('gone', '=', 1)]"
        self.assertIn("gone", rule.matches)


class TestReadyMade(HealthCommon):
    """The rules that come with the add-on, each with its neighbouring case."""

    def test_suspended_is_bad(self):
        self._create_ready_made("suspended")
        order = self._create_subscription("2026-01-01", subscription_token_id=False)
        self._bill()
        self._charge(day="2026-01-05")
        self.assertEqual(self._get_health(order), "good")
        self._charge(day="2026-01-11")
        self.assertEqual(self._get_health(order), "bad")

    def test_an_unhappy_answer_is_bad_and_a_happy_one_good(self):
        self._create_ready_made("unhappy")
        order = self._create_subscription()
        self.assertEqual(self._get_health(order), "good")
        for day, value, health in ((2, 3, "good"), (3, 2, "bad"), (4, 5, "good")):
            self._set_today(f"2026-01-0{day}")
            order.sudo()._rating_get_access_token()
            asked = order.sudo().rating_ids.filtered(lambda rating: not rating.consumed)
            order.sudo().rating_apply(value, rating=asked)
            self.assertEqual(self._get_health(order), health, value)

    def _answer(self, order, value):
        order.sudo()._rating_get_access_token()
        asked = order.sudo().rating_ids.filtered(lambda rating: not rating.consumed)
        order.sudo().rating_apply(value, rating=asked)

    def test_an_unhappy_customer_stays_so_in_a_renewal_until_the_next_answer(self):
        self._create_ready_made("unhappy")
        order, happy = self._create_subscription(), self._create_subscription()
        self._bill()
        self._answer(order, 1)
        self._answer(happy, 5)
        for day in ("2026-02-01", "2026-03-01"):
            order, happy = renewals = [self._renew(renewed) for renewed in (order, happy)]
            self._bill(day)
            self.assertEqual([self._get_health(renewal) for renewal in renewals], ["bad", "good"], day)
            self.assertEqual({renewal.subscription_renews_id.subscription_status for renewal in renewals}, {"renewed"})
        self._answer(order, 3)
        self._answer(happy, 2)
        self.assertEqual([self._get_health(renewal) for renewal in renewals], ["good", "bad"])

    def _renew(self, order):
        renewal = order.sudo()._subscription_renew()
        renewal.action_confirm()
        return renewal

    def test_what_the_former_customer_said_and_paid_is_not_the_new_one_s(self):
        self._create_ready_made("unhappy")
        order = self._create_subscription()
        renewal = self._renew_unhappy()
        self._bill()
        self._answer(order, 1)
        order.sudo().write({"subscription_last_payment_on": "2026-01-01", "subscription_last_failure_on": "2026-01-01"})
        self.assertEqual(self._get_health(order), "bad")
        self.assertEqual(self._get_health(renewal), "bad")
        new = self.customer.copy({"name": "Another customer"})
        for handed_over in (order, renewal):
            handed_over.sudo()._subscription_hand_over(new, new, new)
            self.assertEqual(self._get_health(handed_over), "good")
            self.assertFalse(handed_over.subscription_last_payment_on or handed_over.subscription_last_failure_on)
            self._answer(handed_over, 2)
            self.assertEqual(self._get_health(handed_over), "bad")

    def _renew_unhappy(self):
        order = self._create_subscription("2025-12-01")
        self._bill()
        self._answer(order, 1)
        renewal = self._renew(order)
        self._bill(renewal.subscription_start)
        return renewal

    def test_overdue_for_more_than_thirty_days_is_at_risk(self):
        self._create_ready_made("overdue")
        order = self._create_subscription("2026-01-01", subscription_token_id=False)
        self._bill()
        due = self._get_charge(order).due_on
        self.assertEqual(self._get_health(order, "2026-01-31"), "good")
        self.assertEqual((self._date("2026-01-31") - due).days, 30)
        self.assertEqual(self._get_health(order, "2026-02-01"), "at_risk")

    def test_two_failed_payments_in_thirty_days_are_a_risk_until_the_first_is_long_ago(self):
        self._create_ready_made("failures")
        order = self._create_automatic()
        self._charge("soft", "2026-01-01")
        self.assertEqual(self._get_health(order), "good")
        self._charge("soft", "2026-01-02")
        self.assertEqual(self._get_health(order), "at_risk")
        self._charge("done", "2026-01-04")
        self.assertEqual(self._get_health(order, "2026-01-30"), "at_risk")
        self.assertEqual(self._get_health(order, "2026-01-31"), "good")

    def test_a_fifth_of_the_revenue_lost_in_ninety_days_is_a_risk(self):
        self._create_ready_made("shrinking")
        order = self._create_subscription(lines=[self._line(price_unit=100.0)])
        self._bill()
        for day, price, health in (("2026-01-10", 81.0, "good"), ("2026-01-20", 80.0, "at_risk")):
            self._set_today(day)
            self.env["subscription.change"].sudo().create(
                {
                    "order_id": order.id,
                    "line_id": order.order_line.id,
                    "kind": "price",
                    "price_unit": price,
                    "effective_on": day,
                    "state": "planned",
                }
            )._apply(self._date(day))
            self.assertEqual(self._get_health(order), health, day)
        self.assertEqual(self._get_health(order, "2026-04-09"), "at_risk")
        self.assertEqual(self._get_health(order, "2026-04-10"), "good")

    def test_a_term_that_ends_soon_is_a_risk_unless_it_renews_itself(self):
        self._create_ready_made("term")
        terms = {"subscription_commitment_months": 12, "subscription_start": "2026-01-01"}
        ends = self._create_subscription(subscription_auto_renew=False, **terms)
        renews = self._create_subscription(subscription_auto_renew=True, **terms)
        forever = self._create_subscription(subscription_auto_renew=False)
        for day, health in (("2026-10-31", "good"), ("2026-11-01", "at_risk"), ("2026-12-31", "at_risk")):
            self._care(day)
            self.assertEqual(ends.subscription_health, health, day)
            self.assertEqual({renews.subscription_health, forever.subscription_health}, {"good"})

    def test_a_term_that_ends_soon_is_no_risk_once_a_renewal_is_confirmed(self):
        self._create_ready_made("term")
        order = self._create_subscription(
            subscription_auto_renew=False, subscription_commitment_months=12, subscription_start="2026-01-01"
        )
        self._bill()
        self.assertEqual(self._get_health(order, "2026-12-10"), "at_risk")
        renewal = order.sudo()._subscription_renew()
        self.assertEqual(self._get_health(order), "at_risk")
        renewal.action_confirm()
        self.assertEqual(renewal.subscription_status, "scheduled")
        self.assertEqual(self._get_health(order), "good")
        renewal._action_cancel()
        self.assertEqual(self._get_health(order), "at_risk")
