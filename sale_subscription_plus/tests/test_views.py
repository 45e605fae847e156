from lxml import etree

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common import SubscriptionCommon

ORDER_FORM = "sale.view_order_form"
PRODUCT_FORM = "product.product_template_only_form_view"


@tagged("-at_install", "post_install")
class TestOrderForm(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._enable_feature("sale.group_discount_per_so_line")

    def _open_quotation(self, plan=None):
        form = Form(self.env["sale.order"], view=ORDER_FORM)
        form.partner_id = self.customer
        form.subscription_plan_id = plan or self.monthly
        return form

    def _add_line(self, form, product=None, plan=None, quantity=1, price=None):
        with form.order_line.new() as line:
            line.product_id = product or self.magazine
            if plan is not None:
                line.subscription_plan_id = plan
            line.product_uom_qty = quantity
            if price is not None:
                line.price_unit = price

    def _assert_lines(self, order, expected):
        """Assert (product, plan, price) of the lines, sorted by line."""
        self.assertEqual(
            [(line.product_id, line.subscription_plan_id, line.price_unit) for line in order.order_line.sorted("id")],
            expected,
        )

    def test_a_quotation_holds_lines_of_several_plans_and_one_off_lines(self):
        form = self._open_quotation()
        self._add_line(form)
        self._add_line(form, plan=self.yearly)
        self._add_line(form, self.poster)
        order = form.save()
        none = self.env["subscription.plan"]
        self._assert_lines(
            order,
            [
                (self.magazine, self.monthly, 12.0),
                (self.magazine, self.yearly, 120.0),
                (self.poster, none, 9.0),
            ],
        )
        self.assertEqual(order.subscription_status, "quotation")

    def test_an_order_without_a_plan_is_sold_once(self):
        form = Form(self.env["sale.order"], view=ORDER_FORM)
        form.partner_id = self.customer
        self._add_line(form)
        order = form.save()
        self._assert_lines(order, [(self.magazine, self.env["subscription.plan"], 50.0)])
        self.assertFalse(order.subscription_status)

    def test_a_plan_chosen_by_hand_survives_a_change_of_the_orders_plan_before_saving(self):
        form = self._open_quotation()
        self._add_line(form)
        self._add_line(form, plan=self.monthly)
        self._add_line(form, plan=self.yearly)
        weekly = self._create_plan("Weekly", interval_unit="week")
        form.subscription_plan_id = weekly
        order = form.save()
        self.assertEqual(order.order_line.sorted("id").subscription_plan_id, weekly | self.yearly)
        self.assertEqual(order.order_line.sorted("id")[2].subscription_plan_id, self.yearly)

    def test_a_plan_chosen_by_hand_survives_a_change_of_the_orders_plan_after_saving(self):
        form = self._open_quotation()
        self._add_line(form)
        self._add_line(form, plan=self.yearly)
        order = form.save()
        weekly = self._create_plan("Weekly", interval_unit="week")
        self._set_recurring_price(self.magazine, weekly, 4.0)
        with Form(order, view=ORDER_FORM) as form:
            form.subscription_plan_id = weekly
        self._assert_lines(order, [(self.magazine, weekly, 4.0), (self.magazine, self.yearly, 120.0)])

    def test_a_price_set_by_hand_survives_a_change_of_plan(self):
        form = self._open_quotation()
        self._add_line(form)
        self._add_line(form, price=10.0)
        self._add_line(form, self.poster, price=7.0)
        form.subscription_plan_id = self.yearly
        order = form.save()
        none = self.env["subscription.plan"]
        expected = [(self.magazine, self.yearly, 120.0), (self.magazine, self.yearly, 10.0), (self.poster, none, 7.0)]
        self._assert_lines(order, expected)
        with Form(order, view=ORDER_FORM) as form:
            form.subscription_plan_id = self.monthly
        expected = [(self.magazine, self.monthly, 12.0), (self.magazine, self.monthly, 10.0), (self.poster, none, 7.0)]
        self._assert_lines(order, expected)

    def test_one_off_lines_are_not_priced_anew_by_a_change_of_plan(self):
        form = self._open_quotation()
        self._add_line(form, self.poster)
        order = form.save()
        self.poster.lst_price = 99.0
        with Form(order, view=ORDER_FORM) as form:
            form.subscription_plan_id = self.yearly
        self.assertEqual(order.order_line.price_unit, 9.0)

    def test_a_set_up_fee_appears_on_saving_and_stays_away_once_removed(self):
        self.magazine.subscription_setup_product_id = self.poster
        form = self._open_quotation()
        self._add_line(form)
        order = form.save()
        self.assertEqual(order.order_line.product_id, self.magazine | self.poster)
        with Form(order, view=ORDER_FORM) as form:
            form.order_line.remove(1)
        with Form(order, view=ORDER_FORM) as form, form.order_line.edit(0) as line:
            line.product_uom_qty = 3
        self.assertEqual(order.order_line.product_id, self.magazine)

    def test_an_optional_product_follows_the_plan_and_costs_nothing_until_it_is_chosen(self):
        form = self._open_quotation()
        self._add_line(form)
        self._add_line(form, quantity=0)
        form.subscription_plan_id = self.yearly
        order = form.save()
        self._assert_lines(order, [(self.magazine, self.yearly, 120.0)] * 2)
        self.assertEqual(order.subscription_recurring_amount, 120.0)
        with Form(order, view=ORDER_FORM) as form, form.order_line.edit(1) as line:
            line.product_uom_qty = 1
        self.assertEqual(order.subscription_recurring_amount, 240.0)

    def test_the_start_and_the_terms_are_chosen_on_the_quotation_and_fixed_on_the_subscription(self):
        form = self._open_quotation()
        self._add_line(form)
        form.subscription_start = "2026-02-01"
        form.subscription_commitment_months = 6
        form.subscription_notice_days = 30
        order = form.save()
        order.action_confirm()
        self.assertEqual(str(order.subscription_term_end), "2026-07-31")
        form = Form(order, view=ORDER_FORM)
        for name, value in (
            ("subscription_plan_id", self.yearly),
            ("subscription_start", "2026-03-01"),
            ("subscription_commitment_months", 12),
            ("subscription_auto_renew", False),
        ):
            with self.assertRaises(AssertionError, msg=f"{name} can be edited"):
                setattr(form, name, value)
        form.subscription_notice_days = 60
        self.assertEqual(form.save().subscription_notice_days, 60)

    def test_a_line_added_to_a_running_subscription_takes_its_plan_but_old_ones_keep_theirs(self):
        order = self._create_subscription()
        with Form(order, view=ORDER_FORM) as form:
            with self.assertRaises(AssertionError), form.order_line.edit(0) as line:
                line.subscription_plan_id = self.yearly
            self._add_line(form, plan=self.yearly)
        self.assertEqual(order.order_line.sorted("id").mapped("subscription_plan_id"), self.monthly | self.yearly)
        self.assertEqual(order.order_line.sorted("id")[1].subscription_phase, "running")

    def test_an_accountant_opens_a_subscription(self):
        accountant = new_test_user(self.env, "anna", "base.group_user,account.group_account_invoice")
        order = self._create_subscription().with_user(accountant)
        form = Form(order, view=ORDER_FORM)
        self.assertEqual(form.subscription_next_invoice_amount, 12.0)
        self.assertEqual(form.subscription_event_count, 1)

    def test_someone_who_only_reads_the_books_opens_a_subscription(self):
        reader = new_test_user(self.env, "rita", "base.group_user,account.group_account_readonly")
        form = Form(self._create_subscription().with_user(reader), view=ORDER_FORM)
        self.assertEqual(form.subscription_status, "progress")

    def test_invoicing_from_sales_is_offered_for_one_off_orders_only(self):
        arch = self.env["sale.order"].get_view(self.env.ref(ORDER_FORM).id, "form")["arch"]
        for button in ("create_invoice", "create_invoice_percentage"):
            self.assertRegex(arch, rf'id="{button}"[^>]*invisible="[^"]*subscription_status')


@tagged("-at_install", "post_install")
class TestCatalogForms(SubscriptionCommon):
    def test_a_price_row_on_a_product_is_a_fixed_price_for_all_pricelists(self):
        self._enable_feature("product.group_product_pricelist")
        with Form(self.env["product.template"], view=PRODUCT_FORM) as form:
            form.name = "Archive"
            form.type = "service"
            form.subscription_ok = True
            with form.subscription_price_ids.new() as row:
                row.subscription_plan_id = self.monthly
                row.fixed_price = 5.0
        product = form.record
        rule = product.subscription_price_ids
        self.assertRecordValues(
            rule,
            [{"applied_on": "1_product", "compute_price": "fixed", "pricelist_id": False, "fixed_price": 5.0}],
        )
        order = self._create_quotation([self._line(product.product_variant_id)])
        self.assertEqual(order.order_line.price_unit, 5.0)

    def test_a_price_row_stands_for_all_pricelists_where_pricelists_are_not_used(self):
        template = self.magazine.product_tmpl_id
        weekly = self._create_plan("Weekly", interval_unit="week")
        with Form(template, view=PRODUCT_FORM) as form, form.subscription_price_ids.new() as row:
            row.subscription_plan_id = weekly
            row.fixed_price = 4.0
        self.assertFalse(template.subscription_price_ids.pricelist_id)
        self.assertEqual(self._create_quotation(plan=weekly).order_line.price_unit, 4.0)

    def test_a_price_row_may_be_for_one_pricelist_and_from_a_quantity(self):
        self._enable_feature("product.group_product_pricelist")
        pricelist = self.env["product.pricelist"].create({"name": "Partners"})
        with Form(self.magazine.product_tmpl_id, view=PRODUCT_FORM) as form, form.subscription_price_ids.new() as row:
            row.subscription_plan_id = self.monthly
            row.pricelist_id = pricelist
            row.min_quantity = 10
            row.fixed_price = 8.0
        order = self._create_quotation(
            [self._line(product_uom_qty=10), self._line(product_uom_qty=9)], pricelist_id=pricelist.id
        )
        self.assertEqual(order.order_line.mapped("price_unit"), [8.0, 12.0])

    def test_a_price_row_for_one_variant_is_a_rule_of_that_variant(self):
        self._enable_feature("product.group_product_variant")
        attribute = self.env["product.attribute"].create(
            {"name": "Paper", "value_ids": [Command.create({"name": "Thin"}), Command.create({"name": "Thick"})]}
        )
        template = self.magazine.product_tmpl_id.with_env(self.env)
        template.attribute_line_ids = [
            Command.create({"attribute_id": attribute.id, "value_ids": [Command.set(attribute.value_ids.ids)]})
        ]
        thin, thick = template.product_variant_ids
        with Form(template, view=PRODUCT_FORM) as form, form.subscription_price_ids.new() as row:
            row.subscription_plan_id = self.monthly
            row.product_id = thick
            row.fixed_price = 15.0
        order = self._create_quotation([self._line(thin), self._line(thick)])
        self.assertEqual(order.order_line.mapped("price_unit"), [12.0, 15.0])

    def test_a_price_row_on_a_plan_is_a_fixed_price_of_that_product(self):
        plan = self._create_plan("Quarterly", interval_count=3)
        with Form(plan) as form, form.price_ids.new() as row:
            row.product_tmpl_id = self.magazine.product_tmpl_id
            row.fixed_price = 32.0
        order = self._create_quotation(plan=plan)
        self.assertEqual(order.order_line.price_unit, 32.0)

    def test_a_plan_is_made_on_its_form(self):
        form = Form(self.env["subscription.plan"])
        form.name = "Each quarter of the year"
        form.interval_count = 3
        with self.assertRaises(AssertionError, msg="the day is asked for without an alignment"):
            form.alignment_day = 5
        form.alignment = "year_day"
        form.alignment_day = 1
        form.alignment_month = "1"
        with self.assertRaises(AssertionError, msg="notice is asked for without a commitment"):
            form.notice_days = 30
        form.commitment_months = 12
        form.notice_days = 30
        plan = form.save()
        self.assertEqual(plan.billing_period_label, "3 months")

    def test_the_periods_of_a_plan_are_fixed_once_subscriptions_run_on_it(self):
        self._create_quotation()
        Form(self.monthly).interval_count = 2
        self._create_subscription()
        form = Form(self.monthly)
        with self.assertRaises(AssertionError):
            form.interval_count = 2
        form.commitment_months = 24
        self.assertEqual(form.save().commitment_months, 24)

    def test_a_template_gives_its_plan_its_lines_and_its_own_terms(self):
        self._enable_feature("sale_management.group_sale_order_template")
        form = Form(self.env["sale.order.template"])
        form.name = "Starter"
        form.subscription_plan_id = self.monthly
        with self.assertRaises(AssertionError, msg="terms are asked for without own terms"):
            form.subscription_commitment_months = 24
        form.subscription_own_terms = True
        form.subscription_commitment_months = 24
        for plan in (None, self.yearly):
            with form.sale_order_template_line_ids.new() as line:
                line.product_id = self.magazine
                if plan:
                    line.subscription_plan_id = plan
        template = form.save()
        form = Form(self.env["sale.order"], view=ORDER_FORM)
        form.partner_id = self.customer
        form.sale_order_template_id = template
        order = form.save()
        self.assertEqual(order.subscription_commitment_months, 24)
        self.assertEqual(order.order_line.sorted("id").mapped("price_unit"), [12.0, 120.0])

    def test_a_discount_of_a_pricelist_may_be_for_one_plan(self):
        self._enable_feature("product.group_product_pricelist")
        pricelist = self.env["product.pricelist"].create({"name": "Loyal"})
        form = Form(self.env["product.pricelist.item"].with_context(default_pricelist_id=pricelist.id))
        form.compute_price = "percentage"
        form.percent_price = 25.0
        form.subscription_plan_id = self.yearly
        form.save()
        lines = [self._line(), self._line(subscription_plan_id=self.yearly.id)]
        order = self._create_quotation(lines, pricelist_id=pricelist.id)
        self.assertEqual(order.order_line.mapped("price_subtotal"), [12.0, 90.0])


@tagged("-at_install", "post_install")
class TestWizards(SubscriptionCommon):
    def test_the_close_wizard_tells_when_the_subscription_ends(self):
        order = self._create_subscription(subscription_commitment_months=3)
        self._bill()
        action = order.action_subscription_close()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        form.reason_id = self.env.ref("sale_subscription_plus.close_reason_other")
        for moment, day in (("now", "01/01/2026"), ("period", "02/01/2026"), ("term", "04/01/2026")):
            form.moment = moment
            self.assertIn(day, form.summary)
        form.moment = "date"
        with self.assertRaises(AssertionError, msg="saved without a date"):
            form.save()
        form.date = "2026-03-15"
        form.save().action_close()
        self.assertEqual(str(order.subscription_closed_on), "2026-03-15")

    def _open_schedule(self, order):
        return Form(self.env["subscription.schedule"].with_context(default_order_id=order.id))

    def test_the_schedule_shows_the_next_invoices_and_writes_nothing(self):
        yearly = self._line(subscription_plan_id=self.yearly.id)
        order = self._create_subscription(lines=[self._line(product_uom_qty=2), yearly, self._line(self.poster)])
        form = self._open_schedule(order)
        self.assertEqual(len(form.line_ids), 12)
        form.count = 3
        self.assertEqual(
            [(str(line["date"]), line["untaxed"]) for line in form.line_ids._records],
            [("2026-01-01", 153.0), ("2026-02-01", 24.0), ("2026-03-01", 24.0)],
        )
        first = form.line_ids._records[0]["description"]
        self.assertEqual(first.count("\n"), 2, "Each line of the order is told.")
        self.assertIn("2 × Magazine: 01/01/2026 – 01/31/2026", first)
        self.assertFalse(form.is_complete)
        self.assertFalse(order.invoice_ids)
        self.assertFalse(order.subscription_period_ids)
        self.assertFalse(self.env["subscription.schedule"].search_count([]))

    def test_the_schedule_ends_with_the_subscription(self):
        order = self._create_subscription(subscription_commitment_months=3, subscription_auto_renew=False)
        form = self._open_schedule(order)
        self.assertEqual(len(form.line_ids), 3)
        self.assertTrue(form.is_complete)

    def test_a_salesperson_opens_the_schedule_of_an_own_subscription(self):
        salesman = new_test_user(self.env, "sam", "base.group_user,sales_team.group_sale_salesman")
        order = self._create_subscription(user_id=salesman.id)
        form = Form(self.env["subscription.schedule"].with_user(salesman).with_context(default_order_id=order.id))
        self.assertEqual(len(form.line_ids), 12)


@tagged("-at_install", "post_install")
class TestDryRun(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env, "anna", "base.group_user,account.group_account_invoice", company_id=cls.company.id
        )

    def _get_rows(self, action):
        rows = self.env[action["res_model"]].with_user(self.accountant).search(action["domain"])
        return [(row.order_id, str(row.date), row.outcome, row.untaxed) for row in rows]

    def test_tonights_billing_shows_what_is_due_tomorrow_and_bills_nothing(self):
        tomorrow = self._create_subscription(subscription_start="2026-01-02")
        later = self._create_subscription(subscription_start="2026-01-03")
        action = self.env["subscription.dry.run"].with_user(self.accountant).action_tonight()
        self.assertEqual(self._get_rows(action), [(tomorrow, "2026-01-02", "bill", 12.0)])
        self.assertFalse((tomorrow | later).invoice_ids)
        self.assertEqual(tomorrow.subscription_status, "scheduled")

    def test_what_would_be_parked_is_shown_with_its_reason(self):
        order = self._create_subscription()
        order.journal_id = self.company_data["default_journal_sale"].copy({"active": False})
        action = self.env["subscription.dry.run"].with_user(self.accountant).action_tonight()
        [(seen, _date, outcome, untaxed)] = self._get_rows(action)
        self.assertEqual((seen, outcome, untaxed), (order, "park", 0.0))
        row = self.env[action["res_model"]].with_user(self.accountant).search(action["domain"])
        self.assertIn("is archived", row.reason)
        self.assertFalse(order.subscription_parked_reason)

    def test_another_day_may_be_looked_at(self):
        order = self._create_subscription()
        form = Form(self.env["subscription.dry.run"].with_user(self.accountant))
        form.date = "2026-03-15"
        rows = self._get_rows(form.save().action_preview())
        self.assertEqual([row[:2] for row in rows], [(order, f"2026-0{month}-01") for month in (1, 2, 3)])

    def test_a_new_preview_replaces_the_last_one_of_the_same_user_only(self):
        self._create_subscription()
        run = self.env["subscription.dry.run"]
        other = run.create({})
        run.with_user(self.accountant).action_tonight()
        run.with_user(self.accountant).action_tonight()
        self.assertEqual(run.sudo().search_count([("create_uid", "=", self.accountant.id)]), 1)
        self.assertTrue(other.exists())

    def test_orders_of_companies_that_the_user_cannot_see_are_left_out(self):
        self._create_subscription()
        elsewhere = self.setup_other_company(name="Elsewhere")["company"]
        user = new_test_user(
            self.env,
            "olga",
            "base.group_user,account.group_account_invoice",
            company_id=elsewhere.id,
            company_ids=[Command.set(elsewhere.ids)],
        )
        action = self.env["subscription.dry.run"].with_user(user).action_tonight()
        self.assertFalse(self.env[action["res_model"]].sudo().search(action["domain"]))

    def test_a_salesperson_may_not_look_at_tonights_billing(self):
        salesman = new_test_user(self.env, "sam", "base.group_user,sales_team.group_sale_manager")
        with self.assertRaises(AccessError):
            self.env["subscription.dry.run"].with_user(salesman).action_tonight()


@tagged("-at_install", "post_install")
class TestScreens(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = new_test_user(cls.env, "sam", "base.group_user,sales_team.group_sale_salesman")
        cls.accountant = new_test_user(cls.env, "anna", "base.group_user,account.group_account_invoice")
        cls.order = cls._create_subscription(user_id=cls.salesman.id)

    def _get_menus(self, user):
        """Return the names (in xmlids) of our menus that ``user`` sees."""
        Menu = self.env["ir.ui.menu"].with_user(user)
        visible = Menu._visible_menu_ids()
        shown = Menu.browse(visible).filtered(
            lambda menu: visible.issuperset(map(int, menu.parent_path.split("/")[:-1]))
        )
        xmlids = shown.get_external_id().values()
        return {xmlid.split(".menu_subscription")[1] for xmlid in xmlids if "subscription_plus.menu_sub" in xmlid}

    def test_a_salesperson_sees_the_app_without_its_configuration(self):
        menus = self._get_menus(self.salesman)
        self.assertLessEqual({"_root", "_orders", "_quotations", "_to_invoice", "_parked", "_products"}, menus)
        self.assertFalse({"_config", "_plans", "_dry_run"} & menus)

    def test_an_accountant_sees_what_is_billed(self):
        menus = self._get_menus(self.accountant)
        self.assertLessEqual({"_root", "_to_invoice", "_parked", "_dry_run", "_periods", "_events"}, menus)
        self.assertFalse({"_config", "_quotations", "_catalog"} & menus)

    def test_an_administrator_of_subscriptions_sees_the_configuration(self):
        admin = new_test_user(self.env, "adam", "base.group_user,sale_subscription_plus.group_subscription_admin")
        self.assertLessEqual({"_config", "_plans", "_stages", "_close_reasons"}, self._get_menus(admin))

    def test_a_stranger_sees_nothing_of_the_app(self):
        self.assertFalse(self._get_menus(new_test_user(self.env, "steve", "base.group_user")))

    def test_each_screen_opens_for_who_sees_its_menu(self):
        for user, xmlids in (
            (self.salesman, ("subscription_action", "subscription_to_invoice_action", "subscription_event_action")),
            (self.accountant, ("subscription_action", "subscription_to_invoice_action", "subscription_event_action")),
            (self.salesman, ("res_partner_action", "product_template_action", "subscription_plan_action")),
        ):
            for xmlid in xmlids:
                with self.subTest(user=user.login, action=xmlid):
                    self.assertTrue(self._open_list(xmlid, user))

    def _open_list(self, xmlid, user):
        """Load the views of an action as ``user``, and return the rows of its list as the web client reads them."""
        action = self.env["ir.actions.actions"].with_user(user)._for_xml_id(f"sale_subscription_plus.{xmlid}")
        self.assertTrue(action["help"], "An empty screen says what to do.")
        Model = self.env[action["res_model"]].with_user(user)
        search_view = action["search_view_id"] and action["search_view_id"][0]
        views = Model.get_views([*action["views"], [search_view, "search"]])
        names = views["models"][action["res_model"]]["fields"]
        in_list = {name: {} for name in names if f'name="{name}"' in views["views"]["list"]["arch"]}
        return Model.web_search_read(safe_eval(action["domain"] or "[]"), in_list)["records"]

    def test_the_buttons_of_customer_invoice_and_plan_open_the_subscriptions(self):
        self._bill()
        for record in (self.customer, self.order.invoice_ids):
            self.assertEqual(record.subscription_count, 1)
            action = record.with_user(self.accountant).action_view_subscriptions()
            self.assertEqual(self.env["sale.order"].search(action["domain"]), self.order)
        self.assertEqual(self.env["sale.order"].search(self.monthly.action_view_orders()["domain"]), self.order)

    def test_each_filter_of_the_search_view_can_be_used(self):
        view = self.env.ref("sale_subscription_plus.subscription_view_search")
        filters = etree.fromstring(self.env["sale.order"].get_view(view.id, "search")["arch"]).iter("filter")
        domains = {node.get("name"): node.get("domain") for node in filters if node.get("domain")}
        self.order.subscription_commitment_months = 1
        found = {
            name
            for name, domain in domains.items()
            if self.order in self.env["sale.order"].search(safe_eval(domain, {"uid": self.salesman.id}))
        }
        expected = {"my_subscriptions", "running", "progress", "due", "term_30", "term_60", "started_this_month"}
        expected |= {"paid_by_hand", "not_renewed"}
        self.assertEqual(found, expected)

    def test_a_card_cannot_be_dragged_to_another_status(self):
        with self.assertRaises(ValidationError):
            self.order.subscription_stage_id = self.env.ref("sale_subscription_plus.stage_closed")
