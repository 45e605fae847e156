from odoo.exceptions import UserError

from .entitlement_common import EntitlementCommon

LIFE = [f"2026-{month:02}-{day:02}" for month in (1, 2, 3, 4) for day in range(1, 29)]


class TestEntitlements(EntitlementCommon):
    """What a customer may use, from when until when, on the day before and on the day itself."""

    # Start

    def test_a_running_subscription_is_active_and_knows_no_end(self):
        order = self._create_subscription("2026-01-01")
        self.assertEqual(
            self._ask(),
            [
                {
                    "partner_id": self.customer.id,
                    "partner": "Ada Reader",
                    "product_id": self.magazine.id,
                    "product": "Magazine",
                    "code": None,
                    "variant": "",
                    "quantity": 1.0,
                    "uom": "Units",
                    "plan": "Monthly",
                    "date_from": self._date("2026-01-01"),
                    "date_to": None,
                    "state": "active",
                    "usable": True,
                    "reason": "Runs since 01/01/2026.",
                    "order": order.name,
                    "company_id": self.company.id,
                    "company": self.company.name,
                }
            ],
        )

    def test_what_starts_later_may_be_used_from_its_first_day(self):
        self._create_subscription(subscription_start="2026-02-01")
        self.assertEqual(self._tell("2026-01-31"), [("Magazine", "upcoming", "2026-02-01", "None")])
        self.assertEqual(self._tell("2026-02-01"), [("Magazine", "active", "2026-02-01", "None")])
        # Whether or not the nightly run has been there.
        self._set_today("2026-02-01")
        self.assertEqual(self._get_states(), [("Magazine", "active")])

    def test_a_quotation_or_what_is_sold_once_gives_nothing(self):
        self._create_quotation()
        self._create_subscription(lines=[self._line(), self._line(self.poster)])
        self.assertEqual(self._get_states(), [("Magazine", "active")])

    def test_a_cancelled_subscription_gives_nothing_on_any_day(self):
        order = self._create_subscription()
        order._action_cancel()
        self.assertEqual([self._ask(day) for day in (None, "2025-12-31", "2026-06-01")], [[], [], []])

    def test_a_line_of_its_own_plan_tells_its_plan(self):
        lines = [self._line(), self._line(self.archive, subscription_plan_id=self.yearly.id)]
        self._create_subscription(lines=lines)
        self.assertEqual(self._tell(names=("product", "plan")), [("Magazine", "Monthly"), ("Archive", "Yearly")])

    def test_what_is_free_counts_and_a_discount_or_nothing_of_it_does_not(self):
        lines = [
            self._line(price_unit=0.0),
            self._line(self.archive, price_unit=-5.0),
            self._line(self.archive, product_uom_qty=0.0),
        ]
        self._create_subscription(lines=lines)
        self.assertEqual(self._get_states(), [("Magazine", "active")])

    # End

    def test_closed_ahead_it_is_paid_until_its_last_day(self):
        order = self._create_subscription()
        self._bill()
        self._close(order, "2026-02-01")
        self.assertEqual(self._tell(), [("Magazine", "paid_until", "2026-01-01", "2026-01-31")])
        self.assertEqual(self._ask()[0]["reason"], "Until 01/31/2026; closed: Too expensive.")
        for day, usable in (("2026-01-31", True), ("2026-02-01", False)):
            self.assertEqual(self._ask(day)[0]["usable"], usable)
            self._bill(day)
            self.assertEqual(self._ask()[0]["usable"], usable)
        self.assertEqual(self._tell(), [("Magazine", "ended", "2026-01-01", "2026-01-31")])

    def test_what_ended_is_told_for_ninety_days(self):
        order = self._create_subscription()
        self._close(order, "2026-01-11")
        self._bill("2026-01-11")
        self.assertEqual(self._get_states("2026-04-10"), [("Magazine", "ended")])
        self.assertEqual(self._get_states("2026-04-11"), [])

    def test_the_last_day_of_a_term_that_is_not_renewed_is_the_last(self):
        self._create_subscription(subscription_commitment_months=3, subscription_auto_renew=False)
        self.assertEqual(self._tell(), [("Magazine", "paid_until", "2026-01-01", "2026-03-31")])
        self.assertIn("a term that is not renewed", self._ask()[0]["reason"])
        self.assertEqual(self._get_states("2026-03-31"), [("Magazine", "paid_until")])
        self.assertEqual(self._get_states("2026-04-01"), [("Magazine", "ended")])

    def test_a_term_that_renews_itself_is_no_end(self):
        self._create_subscription(subscription_commitment_months=3)
        self.assertEqual(self._tell("2026-04-01"), [("Magazine", "active", "2026-01-01", "None")])

    def test_of_two_lines_one_may_end_before_the_other(self):
        order = self._create_subscription(lines=[self._line(), self._line(self.archive)])
        self._change(order.order_line[1], "close", "2026-01-15", reason_id=self.reason.id)
        self.assertEqual(self._get_states(), [("Magazine", "active"), ("Archive", "paid_until")])
        self._bill("2026-01-15")
        self.assertEqual(self._get_states(), [("Magazine", "active"), ("Archive", "ended")])

    def test_reopened_it_runs_again_and_did_not_while_it_was_closed(self):
        order = self._create_subscription()
        self._bill()
        self._close(order, "2026-02-01")
        self._bill("2026-02-20")
        order.action_subscription_reopen()
        self.assertEqual(self._tell(), [("Magazine", "active", "2026-02-20", "None")])
        self.assertEqual(self._tell("2026-01-31"), [("Magazine", "paid_until", "2026-01-01", "2026-01-31")])
        self.assertEqual(self._tell("2026-02-19"), [("Magazine", "ended", "2026-01-01", "2026-01-31")])

    def test_closed_and_reopened_within_what_was_billed_it_did_not_run_in_between(self):
        order = self._create_subscription()
        self._bill()
        self._set_today("2026-01-10")
        self._close(order, "2026-01-10")
        self._set_today("2026-01-20")
        order.action_subscription_reopen()
        self._set_today("2026-01-25")
        told = {day: self._tell(day)[0][1:] for day in ("2026-01-09", "2026-01-10", "2026-01-19", "2026-01-20")}
        self.assertEqual(
            told,
            {
                "2026-01-09": ("paid_until", "2026-01-01", "2026-01-09"),
                "2026-01-10": ("ended", "2026-01-01", "2026-01-09"),
                "2026-01-19": ("ended", "2026-01-01", "2026-01-09"),
                "2026-01-20": ("active", "2026-01-20", "None"),
            },
        )

    def test_closed_and_reopened_on_one_day_it_never_stopped(self):
        order = self._create_subscription()
        self._bill("2026-01-10")
        self._close(order, "2026-01-10")
        order.action_subscription_reopen()
        self._set_today("2026-01-25")
        self.assertEqual(self._get_states("2026-01-09"), [("Magazine", "active")])
        self.assertEqual(self._get_states("2026-01-10"), [("Magazine", "active")])

    # Renewed, handed over

    def test_a_renewal_takes_over_without_a_gap_and_nothing_is_told_twice(self):
        self._grant_grace()
        order = self._create_subscription(
            lines=[self._line(), self._line(self.archive)], subscription_commitment_months=1
        )
        self._bill()
        renewal = self.env["sale.order"].browse(order.action_subscription_renew()["res_id"])
        renewal.order_line[1].unlink()
        renewal.order_line.product_uom_qty = 3
        renewal.action_confirm()
        names = ("product", "quantity", "state", "order")
        self.assertEqual(
            self._tell("2026-01-31", names=names),
            [
                ("Magazine", 1.0, "paid_until", order.name),
                ("Archive", 1.0, "paid_until", order.name),
                ("Magazine", 3.0, "upcoming", renewal.name),
            ],
        )
        self.assertIn(f"renewed by {renewal.name}", self._ask()[0]["reason"])
        after = [("Magazine", 3.0, "active", renewal.name), ("Archive", 1.0, "ended", order.name)]
        self.assertEqual(self._tell("2026-02-01", names=names), after)
        self._bill("2026-02-01")
        self.assertEqual(order.subscription_status, "renewed")
        # Its first invoice, of the order that was renewed, is not paid yet.
        after[0] = ("Magazine", 3.0, "in_grace", renewal.name)
        self.assertEqual(self._tell(names=names), after)

    def test_handed_over_it_is_the_former_customers_until_the_day_before(self):
        order = self._create_subscription()
        self._bill()
        self._set_today("2026-01-20")
        heir = self.env["res.partner"].create({"name": "Bo Heir"})
        order.sudo()._subscription_hand_over(heir, heir, heir)
        self.assertEqual(self._tell(partner=heir), [("Magazine", "active", "2026-01-20", "None")])
        self.assertEqual(self._ask(), [])
        self.assertEqual(self._ask("2026-01-19", heir), [])
        self.assertEqual(self._tell("2026-01-19"), [("Magazine", "paid_until", "2026-01-01", "2026-01-19")])

    # Pauses

    def test_paused_it_is_suspended_until_it_runs_again(self):
        order = self._create_subscription()
        self._bill()
        self._change(order, "pause", "2026-01-11", resume_on=self._date("2026-01-21"))
        days = {"2026-01-10": "active", "2026-01-11": "suspended", "2026-01-20": "suspended", "2026-01-21": "active"}
        ahead = {day: self._get_states(day)[0][1] for day in days}
        reason = self._ask("2026-01-11")[0]["reason"]
        self.assertEqual(reason, "Paused since 01/11/2026; runs again on 01/21/2026.")
        lived = {}
        for day in days:
            self._bill(day)
            lived[day] = self._get_states()[0][1]
            if day == "2026-01-20":
                self.assertEqual(self._ask()[0]["reason"], reason)
        past = {day: self._get_states(day)[0][1] for day in days}
        self.assertEqual((ahead, lived, past), (days, days, days))

    def test_paused_until_somebody_resumes_it(self):
        order = self._create_subscription()
        self._bill()
        self._set_today("2026-01-11")
        self._change(order, "pause")
        self.assertEqual(self._ask("2027-01-01")[0]["reason"], "Paused since 01/11/2026.")
        self._set_today("2026-01-21")
        self._change(order, "resume")
        self.assertEqual(self._get_states(), [("Magazine", "active")])
        self.assertEqual(self._get_states("2026-01-20"), [("Magazine", "suspended")])

    def test_one_line_may_pause_while_the_other_runs(self):
        order = self._create_subscription(lines=[self._line(), self._line(self.archive)])
        self._bill()
        self._change(order.order_line[1], "pause")
        self.assertEqual(self._get_states(), [("Magazine", "active"), ("Archive", "suspended")])

    def test_closed_while_paused_and_reopened_it_runs(self):
        order = self._create_subscription()
        self._bill()
        self._set_today("2026-01-11")
        self._change(order, "pause", compensation="credit")
        self._set_today("2026-01-15")
        self._close(order, "2026-01-15")
        self._set_today("2026-01-20")
        order.action_subscription_reopen()
        self._set_today("2026-01-25")
        told = [self._get_states(day)[0][1] for day in ("2026-01-14", "2026-01-19", "2026-01-20", None)]
        self.assertEqual(told, ["suspended", "ended", "active", "active"])

    # Payment

    def test_not_paid_it_is_in_grace_then_suspended_and_paid_it_is_active(self):
        order = self._create_automatic()
        told = {}
        for day in range(1, 13):
            self._charge("soft", f"2026-01-{day:02}")
            told[day] = self._ask()[0]
        self.assertEqual([told[day]["state"] for day in (1, 8, 10, 11)], ["in_grace"] * 3 + ["suspended"])
        self.assertEqual([told[day]["usable"] for day in (10, 11)], [True, False])
        self.assertEqual(
            told[1]["reason"],
            "A payment was declined and is tried again. Suspended from 01/11/2026 on, unless it is paid.",
        )
        self.assertEqual(told[8]["reason"], "A payment failed. Suspended from 01/11/2026 on, unless it is paid.")
        self.assertEqual(told[11]["reason"], "An invoice is not paid.")
        self._get_charge(order).action_retry()
        self._charge("done")
        self.assertEqual(self._get_states(), [("Magazine", "active")])

    def test_who_pays_by_hand_is_in_grace_once_it_is_overdue(self):
        self._create_subscription()
        self._bill()
        self._charge(day="2026-01-01")
        self.assertEqual(self._get_states(), [("Magazine", "active")])
        self._charge(day="2026-01-02")
        self.assertEqual(self._get_states(), [("Magazine", "in_grace")])
        self.assertIn("An invoice is overdue. Suspended from 01/11/2026 on", self._ask()[0]["reason"])

    def test_how_it_is_paid_is_not_told_of_a_day_that_is_over(self):
        self._create_automatic()
        for day in ("2026-01-01", "2026-01-02", "2026-01-05", "2026-01-09", "2026-01-12"):
            self._charge("soft", day)
        self.assertEqual(self._get_states(), [("Magazine", "suspended")])
        self.assertEqual(self._get_states("2026-01-11"), [("Magazine", "active")])
        self.assertEqual(self._get_states("2026-01-13"), [("Magazine", "suspended")])

    def test_paused_for_an_unpaid_invoice_says_both(self):
        self.policy.final_action = "pause"
        self._create_automatic()
        for day in range(1, 16):
            self._charge("soft", f"2026-01-{day:02}")
        self.assertEqual(self._ask()[0]["reason"], "Paused since 01/15/2026. An invoice is not paid.")

    # Quantity and plan

    def test_a_quantity_counts_from_the_day_of_its_change_ahead_and_back(self):
        order = self._create_subscription()
        self._bill()
        self._change(order.order_line, "quantity", "2026-01-11", quantity=5)
        self._change(order.order_line, "quantity", "2026-01-21", quantity=2)
        days = {"2026-01-10": 1, "2026-01-11": 5, "2026-01-20": 5, "2026-01-21": 2, "2026-02-10": 2}
        self.assertEqual({day: self._ask(day)[0]["quantity"] for day in days}, days)
        self._bill("2026-03-01")
        self.assertEqual({day: self._ask(day)[0]["quantity"] for day in days}, days)

    def test_what_is_due_today_counts_before_the_nightly_run(self):
        order = self._create_subscription()
        self._bill()
        self._change(order.order_line, "quantity", "2026-01-11", quantity=5)
        self._set_today("2026-01-11")
        self.assertEqual(self._ask()[0]["quantity"], 5)

    def test_a_quantity_written_on_the_line_leaves_what_was_billed_before(self):
        order = self._create_subscription()
        self._bill()
        self._set_today("2026-02-01")
        order.order_line.product_uom_qty = 4
        self._bill()
        self.assertEqual([self._ask(day)[0]["quantity"] for day in ("2026-01-31", None)], [1, 4])

    def test_reduced_to_nothing_it_gives_nothing(self):
        order = self._create_subscription(lines=[self._line(), self._line(self.archive)])
        self._bill()
        self._change(order.order_line[1], "quantity", "2026-01-11", quantity=0)
        self.assertEqual(len(self._ask("2026-01-10")), 2)
        self.assertEqual(self._get_states("2026-01-11"), [("Magazine", "active")])

    def test_a_plan_counts_from_the_day_of_its_change_and_the_line_stays_one(self):
        order = self._create_subscription()
        self._bill()
        self._change(order.order_line, "plan", "2026-02-01", plan_id=self.yearly.id)
        days = {"2026-01-31": "Monthly", "2026-02-01": "Yearly"}
        self.assertEqual({day: row["plan"] for day in days for row in self._ask(day)}, days)
        self._bill("2026-03-01")
        told = {day: [row["plan"] for row in self._ask(day)] for day in days}
        self.assertEqual(told, {"2026-01-31": ["Monthly"], "2026-02-01": ["Yearly"]})
        self.assertEqual(self._tell(), [("Magazine", "active", "2026-01-01", "None")])

    def test_a_merged_upsell_counts_once_on_its_subscription(self):
        order = self._create_subscription()
        self._bill()
        self._set_today("2026-01-11")
        upsell = self.env["sale.order"].browse(order.action_subscription_upsell()["res_id"])
        upsell.order_line.product_uom_qty = 2
        upsell.order_line = [self._line(self.archive)]
        self.env.flush_all()
        upsell.action_confirm()
        names = ("product", "quantity", "date_from", "order")
        self.assertEqual(
            self._tell(names=names),
            [("Magazine", 3.0, "2026-01-01", order.name), ("Archive", 1.0, "2026-01-11", order.name)],
        )
        self.assertEqual(
            self._tell("2026-01-10", names=("product", "quantity", "state")),
            [("Magazine", 1.0, "active"), ("Archive", 1.0, "upcoming")],
        )

    # Who, and which day

    def test_a_contact_has_what_its_company_has_and_the_other_way_round(self):
        company = self.env["res.partner"].create({"name": "Press", "is_company": True})
        one, other = self.env["res.partner"].create(
            [{"name": name, "parent_id": company.id} for name in ("One", "Other")]
        )
        self._create_subscription(partner_id=one.id)
        for partner in (company, one, other, one | other):
            self.assertEqual(self._tell(partner=partner, names=("partner", "product")), [("Press", "Magazine")])
        self.assertEqual(self._ask(), [])

    def test_nobody_has_nothing(self):
        self.assertEqual(self.env["res.partner"]._get_entitlements(), [])

    def test_what_may_be_used_comes_first(self):
        for start in ("2026-01-01", "2026-03-01"):
            self._create_subscription(subscription_start=start)
        self._close(self._create_subscription(), "2026-01-05")
        self._create_subscription()
        states = [row["state"] for row in self._ask("2026-01-10")]
        self.assertEqual(states, ["active", "active", "upcoming", "ended"])

    def test_days_asked_about_do_not_mix(self):
        self._close(self._create_subscription(), "2026-01-05")
        entitlements = self.env["subscription.entitlement"].search([("partner_id", "=", self.customer.id)])
        told = []
        for day in ("2026-01-10", None, "2026-01-04", "2025-12-31"):
            told += [entitlements.state, self._ask(day)[0]["state"]]
        self.assertEqual(told[::2], ["paid_until"] * 4)
        self.assertEqual(told[1::2], ["ended", "paid_until", "paid_until", "upcoming"])

    def test_today_is_the_day_of_the_company(self):
        self._create_subscription(subscription_start="2026-01-02")
        self._set_today("2026-01-01 23:30:00")
        self.assertEqual(self._get_states(), [("Magazine", "upcoming")])
        self.company.subscription_tz = "Asia/Tokyo"
        self.assertEqual(self._get_states(), [("Magazine", "active")])

    def test_what_is_no_date_is_refused_with_a_sentence(self):
        for text in ("tomorrow", "2026-13-01", 5, [2026]):
            with self.subTest(text=text), self.assertRaisesRegex(UserError, "is no date"):
                self._ask(text)

    def test_reasons_are_in_the_language_of_the_user(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self._create_subscription(subscription_start="2026-02-13")
        reason = self.customer.with_context(lang="fr_FR")._get_entitlements()[0]["reason"]
        self.assertIn("13/02/2026", reason)

    # All of it

    def test_what_was_told_day_by_day_is_what_the_books_tell_afterwards(self):
        self._grant_grace()
        order = self._create_subscription(lines=[self._line(), self._line(self.archive, product_uom_qty=2)])
        first, second = order.order_line
        steps = {
            "2026-01-05": lambda: self._change(first, "quantity", quantity=4),
            "2026-01-09": lambda: self._change(second, "pause"),
            "2026-01-15": lambda: self._change(second, "resume"),
            "2026-01-20": lambda: self._change(second, "plan", plan_id=self.yearly.id),
            "2026-02-03": lambda: self._change(order, "pause", compensation="credit"),
            "2026-02-10": lambda: self._change(order, "resume"),
            "2026-02-12": lambda: self._change(first, "quantity", quantity=1),
            "2026-03-01": lambda: self._change(second, "close", reason_id=self.reason.id),
            "2026-03-05": lambda: self._change(order, "pause", compensation="credit"),
            "2026-03-10": lambda: self._change(order, "close", reason_id=self.reason.id, compensation="credit"),
            "2026-03-20": lambda: order.action_subscription_reopen(),
            "2026-04-02": lambda: self._change(first, "quantity", quantity=7),
        }
        told = {}
        for day in LIFE:
            self._bill(day)
            if day in steps:
                steps[day]()
            told[day] = self._summarise(self._ask())
        for day in LIFE:
            with self.subTest(day=day):
                self.assertEqual(self._summarise(self._ask(day)), told[day])

    def _summarise(self, rows):
        """Return what does not depend on what is known of the end."""
        return [
            (row["product"], row["usable"] or row["state"], row["quantity"], row["plan"], row["date_from"])
            for row in rows
        ]

    def test_a_customer_with_many_subscriptions_costs_no_more_queries(self):
        self._create_subscription()
        self._ask()
        counts = []
        for _time in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._ask()
            counts.append(self.env.cr.sql_log_count - before)
            for _order in range(5):
                self._create_subscription()
        self.assertLessEqual(counts[1], counts[0])
