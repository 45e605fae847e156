"""What people try over the network, past the buttons: changes that they may not make, values that make no sense."""

from datetime import date
from math import inf, nan

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_rights import RightsCommon

HOSTILE_CONTEXT = {
    "subscription_change": True,
    "subscription_engine": {"lines": [1]},
    "su": True,
    "sudo": True,
    "install_mode": True,
    "import_file": True,
    "default_state": "applied",
    "default_kind": "credit",
    "default_value": -1000.0,
    "default_price_unit": 0.01,
    "default_discount": 100.0,
    "default_quantity": 1000.0,
    "default_effective_on": "2020-01-01",
    "default_subscription_pending_on": "2020-01-01",
    "default_invoice_line_id": 1,
    "default_move_type": "out_refund",
    "default_amount": -1000.0,
    "default_service_end": "2020-01-01",
    "default_period_ids": [(0, 0, {"kind": "credit", "value": -1000.0})],
}
FAR_AWAY = ("9999-12-31", "9999-01-01", "2500-01-01")


@tagged("-at_install", "post_install")
class ChangesRightsCommon(RightsCommon):
    """A running, billed subscription of the salesman with a change that lies ahead; and another's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Change = cls.env["subscription.change"].sudo()
        vals = {"kind": "quantity", "quantity": 2, "effective_on": "2026-03-01"}
        cls.change, cls.foreign_change = Change._schedule(
            [{"line_id": cls.line.id, **vals}, {"line_id": cls.foreign_line.id, **vals}]
        )
        cls.elsewhere = cls._create_company(name="Elsewhere")
        cls.people["stranger"] = cls._create_user("stranger_salesman", "sales_team.group_sale_manager")
        cls.people["stranger"].write({"company_ids": [Command.set(cls.elsewhere.ids)], "company_id": cls.elsewhere.id})
        cls.people["other_portal"] = cls._create_user("other_portal", "base.group_portal")

    def _count(self):
        """Return what money was moved, and what is known of the order."""
        rows = self.order.subscription_period_ids
        return (
            len(rows),
            sum(rows.mapped("value")),
            self.order.invoice_ids.ids,
            self.line.product_uom_qty,
            self.line.price_unit,
            self.line.discount,
            self.order.subscription_next_invoice_date,
            self.env["subscription.change"].search_count([("order_id", "=", self.order.id)]),
        )


@tagged("-at_install", "post_install")
class TestChangesAccess(ChangesRightsCommon):
    def test_nobody_writes_a_change_past_the_engine(self):
        before = self._count()
        new = {"order_id": self.order.id, "line_id": self.line.id, "kind": "price", "effective_on": "2026-01-01"}
        for person in self.people:
            self.assertBlocked(person, self.change.browse(), "create", {**new, "state": "planned", "price_unit": 0.01})
            self.assertBlocked(person, self.change, "write", {"effective_on": "2026-01-01"})
            self.assertBlocked(person, self.change, "write", {"state": "applied"})
            self.assertBlocked(person, self.change, "unlink")
            self.assertBlocked(person, self.change, "copy", {"price_unit": 0.01})
        self.assertEqual(self._count(), before)

    def test_nor_through_the_records_beside_it(self):
        before = self._count()
        new = {"order_id": self.order.id, "line_id": self.line.id, "kind": "price", "effective_on": "2026-01-01"}
        commands = (
            [Command.create({**new, "state": "planned"})],
            [Command.update(self.change.id, {"effective_on": "2026-01-01", "price_unit": 0.01})],
            [Command.delete(self.change.id)],
            [Command.link(self.foreign_change.id)],
            [Command.clear()],
        )
        names = [
            name
            for name, definition in self.env["sale.order"]._fields.items()
            if definition.comodel_name == "subscription.change" and definition.type == "one2many"
        ]
        self.assertTrue(names)
        for name in names:
            # Nothing is taken from where nothing is.
            for command in commands if self.order[name] else commands[:-1]:
                for person in ("salesman", "sales_manager", "accountant", "portal"):
                    with self.subTest(name=name, command=command):
                        self.assertBlocked(person, self.order, "write", {name: command})
        self.assertEqual(self._count(), before)

    def test_an_order_does_not_come_with_changes(self):
        command = Command.create({"line_id": self.line.id, "kind": "price", "effective_on": "2026-01-01"})
        values = {"partner_id": self.customer.id, "subscription_change_ids": [command]}
        self.assertBlocked("sales_manager", self.order.browse(), "create", values)

    def test_money_in_the_ledger_is_written_by_nobody(self):
        row = self.line.subscription_period_ids
        for person in self.people:
            for values in (
                {"value": 0.0},
                {"full_days": 1},
                {"service_end": "2026-01-02"},
                {"change_id": self.change.id},
                {"kind": "credit"},
                {"invoice_line_id": False},
            ):
                self.assertBlocked(person, row, "write", values)
            credit = {
                "line_id": self.line.id,
                "kind": "credit",
                "start": "2026-01-01",
                "end": "2026-02-01",
                "service_end": "2026-02-01",
                "value": -1000.0,
                "change_id": self.change.id,
            }
            self.assertBlocked(person, row.browse(), "create", credit)
            self.assertBlocked(person, self.change, "write", {"period_ids": [Command.create(credit)]})

    def test_what_makes_money_due_is_guarded(self):
        for person in ("salesman", "sales_manager", "admin"):
            self.assertBlocked(person, self.order, "write", {"subscription_pending_on": "2026-01-01"})
            self.assertBlocked(person, self.line, "write", {"subscription_paused_on": "2026-01-01"})

    def test_the_engine_cannot_be_called(self):
        values = [{"line_id": self.line.id, "kind": "price", "price_unit": 0.01, "effective_on": "2026-01-01"}]
        for person in self.people:
            for method, args in (("_schedule", [values]), ("_preview", [values]), ("_withdraw", [])):
                self.assertBlocked(person, self.change, method, *args)
            self.assertBlocked(person, self.order, "_subscription_close", "2026-01-01", self.reason.id, True)
            self.assertBlocked(person, self.order, "_subscription_reopen")

    def test_who_sees_an_order_sees_its_changes(self):
        changes = self.change | self.foreign_change
        domain = [("id", "in", changes.ids)]

        def seen(person):
            return changes.with_user(self.people[person]).search(domain)

        self.assertEqual(seen("salesman"), self.change)
        self.assertEqual(seen("other_salesman"), self.foreign_change)
        for person in ("sales_manager", "accountant", "auditor"):
            self.assertEqual(seen(person), changes, person)
        self.assertFalse(seen("stranger"))
        for person in ("nobody", "portal", "public", "other_portal"):
            self.assertBlocked(person, self.change.browse(), "search", domain)
            self.assertBlocked(person, self.change, "read", ["note"])
        self.assertBlocked("other_salesman", self.change, "read", ["note"])
        self.assertBlocked("stranger", self.change, "read", ["note"])

    def test_only_who_may_change_the_order_takes_a_change_back(self):
        for person in ("other_salesman", "accountant", "auditor", "nobody", "portal", "public", "stranger"):
            self.assertBlocked(person, self.change, "action_cancel")
        self.assertEqual(self.change.state, "planned")
        self._call("salesman", self.change, "action_cancel")
        self.assertEqual(self.change.state, "cancelled")
        self.assertBlocked("salesman", self.change, "action_cancel", error=UserError)
        self._call("sales_manager", self.foreign_change, "action_cancel")
        self.assertEqual(self.foreign_change.state, "cancelled")


@tagged("-at_install", "post_install")
class TestChangesNonsense(ChangesRightsCommon):
    """Values that no screen offers; whatever comes of it, it is a sentence, and nothing has moved."""

    def _schedule(self, **values):
        Change = self.env["subscription.change"].sudo()  # The engine's, that is called after rights were checked
        return Change._schedule([{"order_id": self.order.id, **values}])

    @mute_logger("odoo.sql_db")
    def assertRefused(self, **values):
        before = self._count()
        with self.subTest(**values):
            with self.assertRaises(UserError) as caught, self.cr.savepoint():
                self._schedule(**values)
                self.env.flush_all()
            self.assertTrue(str(caught.exception).strip())
            self.env.invalidate_all()
            self.assertEqual(self._count(), before)
        with self.subTest("preview", **values):
            with self.assertRaises(UserError), self.cr.savepoint():
                self.env["subscription.change"].sudo()._preview([{"order_id": self.order.id, **values}])
            self.env.invalidate_all()
            self.assertEqual(self._count(), before)

    def test_amounts_that_are_none(self):
        line = self.line.id
        for amount in (nan, inf, -inf, 1e308, -1e308, 1e13):
            self.assertRefused(line_id=line, kind="quantity", quantity=amount, effective_on="2026-01-10")
            self.assertRefused(line_id=line, kind="price", price_unit=amount, effective_on="2026-01-10")
            self.assertRefused(line_id=line, kind="discount", discount=amount, effective_on="2026-01-10")
            self.assertRefused(
                line_id=line, kind="plan", plan_id=self.yearly.id, price_unit=amount, effective_on="2026-01-10"
            )

    def test_quantities_and_discounts_out_of_bounds(self):
        for quantity in (-1, -0.01, -1e9):
            self.assertRefused(line_id=self.line.id, kind="quantity", quantity=quantity, effective_on="2026-01-10")
        for discount in (-0.01, -50, 100.01, 1000):
            self.assertRefused(line_id=self.line.id, kind="discount", discount=discount, effective_on="2026-01-10")

    def test_amounts_that_are_too_much_for_an_invoice(self):
        before = self._count()
        for values in ({"kind": "quantity", "quantity": 9e11}, {"kind": "price", "price_unit": 9e14}):
            with self.assertRaises(UserError), self.cr.savepoint():
                self._schedule(line_id=self.line.id, effective_on="2026-01-01", **values)
            self.env.invalidate_all()
            self.assertEqual(self._count(), before)

    def test_numbers_of_periods_out_of_bounds(self):
        for periods in (-1, 10**6):
            self.assertRefused(
                line_id=self.line.id,
                kind="discount",
                discount=10,
                discount_periods=periods,
                effective_on="2026-02-01",
            )

    def test_days_that_are_over(self):
        self._set_today("2026-01-10")
        for day in ("2026-01-09", "2025-12-31", "2020-01-01", "1900-01-01", "0001-01-01"):
            self.assertRefused(line_id=self.line.id, kind="quantity", quantity=2, effective_on=day)
            self.assertRefused(line_id=self.line.id, kind="plan", plan_id=self.yearly.id, effective_on=day)
            self.assertRefused(kind="pause", effective_on=day)
            self.assertRefused(kind="close", reason_id=self.reason.id, effective_on=day)

    def test_days_that_are_out_of_this_world(self):
        for day in FAR_AWAY:
            self.assertRefused(line_id=self.line.id, kind="quantity", quantity=2, effective_on=day)
            self.assertRefused(line_id=self.line.id, kind="plan", plan_id=self.yearly.id, effective_on=day)
            self.assertRefused(kind="pause", effective_on=day)
            self.assertRefused(kind="pause", effective_on="2026-02-01", resume_on=day)

    def test_days_in_the_wrong_order(self):
        self.assertRefused(kind="pause", effective_on="2026-02-01", resume_on="2026-02-01")
        self.assertRefused(kind="pause", effective_on="2026-02-01", resume_on="2026-01-15")

    def test_kinds_that_do_not_fit(self):
        self.assertRefused(kind="resume", effective_on="2026-01-10")
        self.assertRefused(kind="close", effective_on="2026-01-10")  # no reason
        self.assertRefused(kind="quantity", quantity=2, effective_on="2026-01-10")  # no line
        self.assertRefused(line_id=self.line.id, kind="plan", effective_on="2026-01-10")  # no plan
        self.assertRefused(line_id=self.line.id, kind="plan", plan_id=self.monthly.id, effective_on="2026-01-10")

    def test_lines_and_plans_of_others(self):
        self.assertRefused(line_id=self.foreign_line.id, kind="quantity", quantity=2, effective_on="2026-01-10")
        plan = self._create_plan("Theirs", company_id=self.elsewhere.id)
        self.assertRefused(line_id=self.line.id, kind="plan", plan_id=plan.id, effective_on="2026-01-10")
        archived = self._create_plan("Archived", active=False)
        self.assertRefused(line_id=self.line.id, kind="plan", plan_id=archived.id, effective_on="2026-01-10")

    def test_one_off_lines_and_sections_do_not_change(self):
        self.order.order_line = [
            self._line(self.poster),
            Command.create({"name": "Notes", "display_type": "line_note"}),
        ]
        for line in self.order.order_line - self.line:
            self.assertRefused(line_id=line.id, kind="quantity", quantity=2, effective_on="2026-01-10")
            self.assertRefused(line_id=line.id, kind="plan", plan_id=self.yearly.id, effective_on="2026-01-10")

    def test_orders_that_do_not_run(self):
        values = {"kind": "quantity", "quantity": 2, "effective_on": "2026-01-10"}
        quotation = self._create_quotation()
        ordinary = self._create_quotation(lines=[self._line(self.poster)])
        ordinary.action_confirm()
        closed = self._create_subscription()
        # In sudo mode: the engine's, that is called after rights were checked.
        closed.sudo()._subscription_close(date(2026, 1, 1), self.reason)
        for order in (quotation, ordinary, closed):
            self.assertRefused(order_id=order.id, line_id=order.order_line.id, **values)
            self.assertRefused(order_id=order.id, kind="pause", effective_on="2026-01-10")
            self.assertRefused(order_id=order.id, kind="close", reason_id=self.reason.id, effective_on="2026-01-10")

    def test_one_nonsense_keeps_the_sense_beside_it_from_happening(self):
        before = self._count()
        Change = self.env["subscription.change"].sudo()  # as above
        good = {"line_id": self.line.id, "kind": "quantity", "quantity": 5, "effective_on": "2026-01-01"}
        with self.assertRaises(UserError), self.cr.savepoint():
            Change._schedule([good, {**good, "quantity": -1}])
        self.env.invalidate_all()
        self.assertEqual(self._count(), before)

    def test_a_preview_writes_nothing(self):
        before = self._count()
        events = self.order.subscription_event_ids
        Change = self.env["subscription.change"].sudo()  # as above
        for values in (
            {"line_id": self.line.id, "kind": "quantity", "quantity": 5, "effective_on": "2026-01-10"},
            {"line_id": self.line.id, "kind": "plan", "plan_id": self.yearly.id, "effective_on": "2026-01-10"},
            {"kind": "pause", "effective_on": "2026-01-10", "compensation": "credit"},
            {"kind": "close", "reason_id": self.reason.id, "effective_on": "2026-01-10", "compensation": "credit"},
        ):
            with self.subTest(kind=values["kind"]):
                self._set_today("2026-01-10")
                Change._preview([{"order_id": self.order.id, **values}])
                self.env.flush_all()
                self.env.invalidate_all()
                self.assertEqual(self._count(), before)
                self.assertEqual(self.order.subscription_event_ids, events)

    def test_markup_in_a_note_is_text(self):
        evil = '<script>alert("x")</script><img src=x onerror=alert(1)>'
        self.magazine.name = f"Magazine {evil}"
        self._schedule(line_id=self.line.id, kind="quantity", quantity=3, effective_on="2026-01-01", note=evil)
        self._schedule(line_id=self.line.id, kind="price", price_unit=3, effective_on="2026-02-20", note=evil)
        bodies = "".join(str(body) for body in self.order.message_ids.mapped("body"))
        self.assertNotIn("<script", bodies)
        self.assertNotIn("<img", bodies)

    def test_no_context_moves_money(self):
        """The same change, with and without what a caller put into the context, comes to the same."""
        twin = self._create_subscription("2026-01-01", user_id=self.salesman.id)
        self._bill()
        self._set_today("2026-01-11")
        Change = self.env["subscription.change"].sudo()  # as above
        for order, context in ((self.order, HOSTILE_CONTEXT), (twin, {})):
            for values in ({"kind": "quantity", "quantity": 3}, {"kind": "price", "price_unit": 40}):
                Change.with_context(**context)._schedule([{"line_id": order.order_line.id, **values}])
            order.sudo().with_context(**context)._subscription_close(
                order.company_id._get_subscription_today(), self.reason, credit=True
            )
        tell = self._tell_all
        self.assertEqual(tell(self.order), tell(twin))

    def _tell_all(self, order):
        rows = order.subscription_period_ids.sorted(lambda row: (row.start, row.kind, row.value))
        moves = order.order_line.invoice_lines.move_id.sorted("id")
        return (
            [(row.kind, row.start, row.end, row.service_end, row.value, row.quantity, row.state) for row in rows],
            [(move.move_type, move.amount_total, move.state, move.invoice_date) for move in moves],
            [(event.type, event.date, event.amount) for event in order.subscription_event_ids.sorted("id")],
            order.subscription_status,
        )

    def test_a_context_over_the_network_opens_no_frozen_field(self):
        for context in (HOSTILE_CONTEXT, {"subscription_change": {"shared": True}}, {"subscription_change": [1]}):
            self.assertBlocked(
                "salesman",
                self.order,
                "write",
                {"subscription_plan_id": self.yearly.id},
                context=context,
                error=UserError,
            )
            self.assertBlocked(
                "salesman",
                self.line,
                "write",
                {"subscription_plan_id": self.yearly.id},
                context=context,
                error=UserError,
            )
