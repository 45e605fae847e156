"""Lets the people of the story do what they do, with the buttons that a salesperson has."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.fields import Command

QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
    "sale_no_log_for_new_lines": True,
}
REASONS = {
    "expensive": 30,
    "unused": 28,
    "switched": 16,
    "moved": 12,
    "quality": 8,
    "other": 6,
}


class Player:
    """Plays days; what happened stays in the database."""

    def __init__(self, env, shop, rng):
        self.env = env
        self.shop = shop
        self.rng = rng
        self.subscriber_by_partner = {}

    def play(self, day, steps):
        """Let one day pass: people act, the nightly billing runs, twice a month the bank's statement comes."""
        for step in steps:
            getattr(self, f"_{step.kind}")(step)
        self.env["sale.order"]._subscription_play_day(self.rng)
        if day.day in (1, 15):
            for house in (self.shop.home, self.shop.europe):
                self._collect(house, day)

    # === SALES ===

    def _quote(self, step):
        who = step.who
        house = self._house(who)
        who.records["partner"] = partner = self._make_partner(house, who)
        values = {
            "company_id": house.company.id,
            "partner_id": partner.id,
            "pricelist_id": house.pricelist.id,
            "user_id": self.rng.choice(house.sellers).id,
            "sale_order_template_id": house.templates[who.plan].id,
            "subscription_start": who.start,
            "order_line": self._get_lines(house, who),
        }
        if who.agency:
            values["journal_id"] = house.agencies.id
        who.records["order"] = house.env["sale.order"].with_context(**QUIET).create(values)

    def _make_partner(self, house, who):
        partner = (
            house.env["res.partner"]
            .with_context(**QUIET)
            .create(
                {
                    "name": who.name,
                    "email": who.email,
                    "city": who.city,
                    "country_id": self.env["res.country"].search([("code", "=", who.country)]).id,
                    "customer_rank": 1,
                }
            )
        )
        self.subscriber_by_partner[partner.id] = who
        return partner

    def _get_lines(self, house, who):
        """Return the lines of the template, as its screen fills them in, with what the customer chose."""
        products = self.shop.products
        chosen = {products["magazine"]: 1, products["copy"]: who.copies - 1}
        chosen |= {products["archive"]: int(who.archive), products["binder"]: int(who.binder)}
        commands = []
        for line in house.templates[who.plan].sale_order_template_line_ids:
            values = line._prepare_order_line_values()
            if line.product_id:
                values["product_uom_qty"] = chosen[line.product_id]
            if line.product_id == products["magazine"] and who.discount:
                values["discount"] = who.discount
            commands.append(Command.create(values))
        return commands

    def _send(self, step):
        self._order(step).action_quotation_sent()

    def _cancel(self, step):
        self._order(step).action_cancel()

    def _confirm(self, step):
        order = self._order(step)
        order.action_confirm()
        if step.who.card:
            order.subscription_token_id = self._save_card(order)

    def _save_card(self, order):
        return self.env["payment.token"].create(
            {
                "provider_id": self.shop.provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_card").id,
                "partner_id": order.partner_id.id,
                "provider_ref": f"card of {order.name}",
                "payment_details": f"{self.rng.randint(0, 9999):04}",
                "demo_simulated_state": "done",
            }
        )

    # === CHANGES ===

    def _extend(self, step):
        order = self._order(step)
        if not self._goes_on(order):
            return
        line = self._line(order, step.how)
        if line.subscription_start:
            self._change(order, line, quantity=line.product_uom_qty + 1)
        else:
            line.product_uom_qty += 1

    def _reduce(self, step):
        order = self._order(step)
        lines = [self._line(order, key) for key in ("copy", "archive")]
        line = next((line for line in lines if line.product_uom_qty), None)
        if line and self._goes_on(order):
            self._change(order, line, quantity=line.product_uom_qty - 1)

    def _switch(self, step):
        order = self._order(step)
        plan = self._house(step.who).templates["year"].subscription_plan_id
        line = self._line(order, "magazine")
        if self._goes_on(order) and line.subscription_plan_id != plan:
            moment = "period" if step.how == "later" else "now"
            self._change(order, line, moment, plan_id=plan.id, price_unit=line._get_price_under(plan))

    def _change(self, order, line, moment="auto", **values):
        Wizard = self.env["subscription.change.wizard"]
        lines = Wizard._prepare_lines(line)
        wizard = Wizard.create({"order_id": order.id, "moment": moment, "line_ids": lines})
        wizard.line_ids.write(values)
        wizard.action_confirm()

    def _pause(self, step):
        order = self._order(step)
        if not self._goes_on(order):
            return
        values = {"order_id": order.id, "moment": "now", "duration": "open"}
        if step.how == "later":
            values["moment"] = "period"
        else:
            today = order.company_id._get_subscription_today()
            values |= {"duration": "date", "resume_on": today + timedelta(int(step.how))}
        self.env["subscription.pause.wizard"].create(values).action_confirm()

    def _upsell(self, step):
        order = self._order(step)
        if not self._goes_on(order):
            return
        action = order.action_subscription_upsell()
        upsell = self.env["sale.order"].browse(action["res_id"])
        raised = upsell.order_line.filtered("subscription_raised_line_id")[:1]
        raised.product_uom_qty = 1
        upsell.action_confirm()

    def _renew(self, step):
        order = self._order(step)
        if self._goes_on(order):
            order.action_subscription_renew()

    def _goes_on(self, order):
        """Whether an order runs, with no end in sight and nothing in the way."""
        return (
            order.subscription_status == "progress"
            and not order.subscription_closed_on
            and not order.subscription_parked_reason
            and not order.subscription_planned_change_ids
        )

    def _revise(self, step):
        """Raise what a plan of the magazine at home costs by some percent, told ahead."""
        house = self.shop.home
        today = house.company._get_subscription_today()
        revision = house.env["subscription.price.revision"].create(
            {
                "name": f"{today.year}: a {step.how}",
                "company_id": house.company.id,
                "effective_on": today + timedelta(30),
                "percentage": 5,
                "rounding": 0.05,
                "plan_ids": [Command.set(house.templates[step.how].subscription_plan_id.ids)],
            }
        )
        try:
            revision.action_preview()
            revision.action_plan()
        except UserError:  # In a small demo, nobody may have the plan.
            revision.unlink()

    def _leave(self, step):
        order = self._order(step)
        if order.subscription_status not in ("progress", "scheduled") or order.subscription_closed_on:
            return
        reason = self.env.ref(f"sale_subscription_plus.close_reason_{self._pick(REASONS)}")
        wizard = self.env["subscription.close.wizard"].create(
            {"order_ids": [Command.set(order.ids)], "reason_id": reason.id, "moment": step.how}
        )
        wizard.action_close()

    def _reopen(self, step):
        order = self._order(step)
        if order.subscription_status == "closed":
            order.action_subscription_reopen()

    # === MONEY ===

    def _close_journal(self, step):
        self._house(step.who).agencies.active = False

    def _collect(self, house, day):
        """Book what the bank's statement says of those who pay by themselves: one payout at home, each in Europe."""
        domain = [
            ("company_id", "=", house.company.id),
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
            ("payment_state", "=", "not_paid"),
        ]
        invoices = house.env["account.move"].search(domain)
        by_card = invoices._get_subscription_charges().filtered("is_automatic").move_id
        paid = (invoices - by_card).filtered(lambda invoice: self._is_paid(invoice, day))
        if paid and house is self.shop.home:
            self._book_payout(house, paid, day)
        elif paid:
            self._register_payments(house, paid, day)

    def _register_payments(self, house, invoices, day):
        context = {**QUIET, "active_model": "account.move", "active_ids": invoices.ids}
        register = house.env["account.payment.register"].with_context(**context)
        register.create({"payment_date": day, "group_payment": False})._create_payments()

    def _book_payout(self, house, invoices, day):
        """Book one payout of the card company for many ``invoices``."""
        owed = invoices.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        name = f"Card payout {day:%Y-%m-%d}"
        total = sum(owed.mapped("balance"))
        lines = [{"account_id": house.bank.default_account_id.id, "name": name, "debit": total}]
        for line in owed:
            values = {"account_id": line.account_id.id, "partner_id": line.partner_id.id}
            lines.append({**values, "name": line.move_id.name, "credit": line.balance})
        payout = (
            house.env["account.move"]
            .with_context(**QUIET)
            .create(
                {
                    "journal_id": house.bank.id,
                    "date": day,
                    "ref": name,
                    "line_ids": [Command.create({**line, "sequence": place}) for place, line in enumerate(lines)],
                }
            )
        )
        payout.action_post()
        pairs = zip(owed, payout.line_ids.sorted("sequence")[1:], strict=True)
        owed._reconcile_plan([line | counterpart for line, counterpart in pairs])

    def _is_paid(self, invoice, day):
        who = self.subscriber_by_partner[invoice.partner_id.id]
        return who.pays_after is not None and invoice.invoice_date + timedelta(who.pays_after) <= day

    # === HELPERS ===

    def _house(self, who):
        return getattr(self.shop, who.house)

    def _order(self, step):
        return step.who.records["order"]

    def _line(self, order, key):
        return order.order_line.filtered(lambda line: line.product_id == self.shop.products[key])[:1]

    def _pick(self, weights):
        return self.rng.choices(list(weights), weights.values())[0]
