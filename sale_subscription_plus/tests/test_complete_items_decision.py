"""When invoices are made from complete journal items, and when they are left to Odoo."""

from contextlib import contextmanager

from odoo.fields import Command

from .both_ways import BothWaysCommon
from .invoice_shapes import make_invoice, make_line


class TestCompleteItemsDecision(BothWaysCommon):
    @contextmanager
    def _addon(self, model, name, method):
        """Let an add-on that nobody has proven override a method."""
        addon = type("Addon", (), {"__slots__": (), "__module__": "odoo.addons.l10n_nowhere.models.addon"})
        cls = self.registry[model]
        setattr(addon, name, lambda records, *args, **kwargs: method(super(addon, records), *args, **kwargs))
        bases = cls.__bases__
        cls.__bases__ = (addon, *bases)
        try:
            yield
        finally:
            cls.__bases__ = bases

    def _prepare(self, *shapes):
        return [self.world.prepare_invoice(*item) for item in enumerate(shapes or [make_invoice()])]

    def _count_odoo_way(self, values):
        """Create invoices, and tell how many of them were left to Odoo."""
        moves, odoo_way = self.moves._subscription_create(values)
        self.assertEqual(len(moves), len(values))
        return odoo_way

    def test_usual_invoices_are_not_left_to_odoo(self):
        self.assertEqual(self._count_odoo_way(self._prepare(make_invoice(), make_invoice(terms="thirds"))), 0)

    # === ADD-ONS ===#

    def test_an_addon_that_changes_what_is_bypassed_has_them_made_by_odoo(self):
        for model, name in [
            ("account.move", "create"),
            ("account.move", "_sync_dynamic_lines"),
            ("account.move", "_get_rounded_base_and_tax_lines"),
            ("account.move.line", "create"),
            ("account.move.line", "write"),
            ("account.move.line", "_compute_balance"),
            ("account.tax", "_prepare_tax_lines"),
        ]:

            def method(parent, *args, name=name, **kwargs):
                return getattr(parent, name)(*args, **kwargs)

            with self.subTest(model=model, name=name), self._addon(model, name, method):
                self.assertEqual(self._count_odoo_way(self._prepare()), 1)
        self.assertEqual(self._count_odoo_way(self._prepare()), 0)

    def test_what_an_addon_does_when_odoo_creates_is_done(self):
        def create(parent, vals_list):
            return parent.create([vals | {"narration": "<p>From nowhere</p>"} for vals in vals_list])

        with self._addon("account.move", "create", create):
            moves, _odoo_way = self.moves._subscription_create(self._prepare())
        self.assertEqual(moves.narration, "<p>From nowhere</p>")

    def test_an_addon_that_changes_something_else_is_no_reason(self):
        def name_terms(parent):
            parent._compute_name()
            terms = parent.filtered(lambda line: line.display_type == "payment_term")
            terms.name = "To be paid"

        with self._addon("account.move.line", "_compute_name", name_terms):
            moves, odoo_way = self.moves._subscription_create(self._prepare())
        self.assertEqual(odoo_way, 0)
        term = moves.line_ids.filtered(lambda line: line.display_type == "payment_term")
        self.assertEqual(term.name, "To be paid", "it is asked all the same")

    def test_an_automation_rule_has_them_made_by_odoo(self):
        model = self.env["ir.model"]._get("account.move.line")
        code = "records.write({'subscription_period_start': '2020-01-01'})"
        self.env["base.automation"].sudo().create(
            {
                "name": "New items",
                "model_id": model.id,
                "trigger": "on_create",
                "action_server_ids": [
                    Command.create({"name": "Write", "model_id": model.id, "state": "code", "code": code})
                ],
            }
        )
        self.addCleanup(self.env["base.automation"]._unregister_hook)
        moves, odoo_way = self.moves._subscription_create(self._prepare())
        self.assertEqual(odoo_way, 1)
        self.assertEqual({str(line.subscription_period_start) for line in moves.line_ids}, {"2020-01-01"})

    def test_a_run_tells_how_many_were_left_to_odoo(self):
        def create(parent, vals_list):
            return parent.create(vals_list)

        orders = [self._create_subscription() for _count in range(3)]
        with self._addon("account.move", "create", create):
            result = self._bill()
        self.assertEqual((result["invoices"], result["odoo_way"]), (len(orders), len(orders)))
        result = self._bill("2026-02-01")
        self.assertEqual((result["invoices"], result["odoo_way"]), (len(orders), 0))

    # === DEFAULTS ===#

    def test_defaults_of_users_are_obeyed(self):
        for model, name, value in [
            ("account.move", "journal_id", self.world.journals["odoo references"].id),
            ("account.move", "no_followup", True),
            ("account.move", "invoice_incoterm_id", self.env.ref("account.incoterm_EXW").id),
            ("account.move.line", "no_followup", True),
        ]:
            with self.subTest(model=model, name=name):

                def create(footprint, model=model, name=name, value=value):
                    self.env["ir.default"].sudo().set(model, name, value, company_id=self.company.id)
                    moves, _odoo_way = self.moves._subscription_create(self._prepare())
                    footprint.order(moves)
                    footprint.take("created")

                self.assertSame(create)

    def test_where_the_button_was_pressed_has_no_influence(self):
        order = self._create_subscription()
        context = {"default_journal_id": self.world.journals["odoo references"].id, "default_discount": 10.0}

        def press(footprint):
            order.with_context(**context)._subscription_bill_from_button()
            footprint.order(self._get_invoices(order))
            footprint.take("billed")

        self.assertSame(press)
        order._subscription_bill_from_button()
        self.assertEqual(self._get_invoices(order).journal_id, self.company_data["default_journal_sale"])

    # === VALUES ===#

    def test_values_that_are_not_known_go_to_odoo(self):
        line = {"subscription_period_end": False}
        for name, changes in {
            "an unknown key": {"quick_edit_total_amount": 0.0},
            "a credit note": {"move_type": "out_refund"},
            "a receipt": {"move_type": "out_receipt"},
            "a bill": {"move_type": "in_invoice"},
            "no lines": {"invoice_line_ids": []},
            "an unknown key of a line": {"invoice_line_ids": [line | {"deductible_amount": 100.0}]},
            "a down payment": {"invoice_line_ids": [line | {"is_downpayment": True}]},
            "an account": {"invoice_line_ids": [line | {"account_id": self.world.accounts["income"].id}]},
            "no product": {"invoice_line_ids": [line | {"product_id": False}]},
        }.items():
            with self.subTest(name=name):
                self.assertEqual(self._count_odoo_way([self._change(self._prepare()[0], changes)]), 1)

    def _change(self, values, changes):
        """Return ``values`` with ``changes``; lines among them are changes of the only line."""
        if changes.get("invoice_line_ids"):
            (_create, _id, line), (changed,) = values["invoice_line_ids"][0], changes["invoice_line_ids"]
            changes = {"invoice_line_ids": [Command.create(line | changed)]}
        if changes.get("move_type") == "in_invoice":
            changes = changes | {"journal_id": self.company_data["default_journal_purchase"].id}
        return values | changes

    def test_shapes_that_are_not_proven_go_to_odoo(self):
        self.assertEqual(self._count_odoo_way(self._prepare(make_invoice(terms="early discount mixed"))), 1)
        self.assertEqual(self._count_odoo_way(self._prepare(make_invoice(make_line(product=None)))), 1)
        self.env["account.analytic.distribution.model"].create(
            {"analytic_distribution": {str(self.world.analytic["A"].id): 100}}
        )
        self.assertEqual(self._count_odoo_way(self._prepare()), 1)

    def test_invoices_come_in_the_order_of_their_values(self):
        terms = ["thirds", "early discount mixed", "30 days", "early discount mixed", "thirds"]
        values = self._prepare(*[make_invoice(terms=term, ref=f"{number}") for number, term in enumerate(terms)])
        moves, odoo_way = self.moves._subscription_create(values)
        self.assertEqual(odoo_way, 2)
        self.assertEqual(moves.mapped("ref"), [vals["ref"] for vals in values])
