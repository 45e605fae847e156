from datetime import datetime, time

from odoo import api, models
from odoo.fields import Command


class SubscriptionImport(models.AbstractModel):
    """What becomes of good rows: customers, orders that run, ledger, events."""

    _inherit = "subscription.import"

    # === WHAT IS MISSING ===#

    @api.model
    def _create_missing(self, groups, commit):
        """Make plans, products, close reasons and pricelists that good rows name and that are not there."""
        made = {}

        def real(record, prepare):
            if not record or record.id:
                return record
            if record not in made:
                made[record] = record.create(prepare(record))
            return made[record]

        for group in groups:
            group.shared.reason = real(group.shared.reason, self._prepare_missing_reason)
            group.pricelist = real(group.pricelist, self._prepare_missing_pricelist)
            for entry in group.get_new():
                entry.plan = real(entry.plan, self._prepare_missing_plan)
                entry.product = real(entry.product, self._prepare_missing_product)
        if commit:
            self._commit()

    @api.model
    def _prepare_missing_reason(self, reason):
        return {"name": reason.name}

    @api.model
    def _prepare_missing_pricelist(self, pricelist):
        return {
            "name": pricelist.name,
            "currency_id": pricelist.currency_id.id,
            "company_id": pricelist.company_id.id,
        }

    @api.model
    def _prepare_missing_plan(self, plan):
        return {"name": plan.name, "interval_count": plan.interval_count, "interval_unit": plan.interval_unit}

    @api.model
    def _prepare_missing_product(self, product):
        return {
            "name": product.name,
            "type": "service",
            "subscription_ok": True,
            "invoice_policy": "order",
            "purchase_ok": False,
            "list_price": 0.0,
        }

    # === ORDERS ===#

    @api.model
    def _write_orders(self, groups):
        """Write the good rows of ``groups``: new orders, and lines that join orders imported before."""
        groups = [group for group in groups if group.get_new()]
        self._create_customers([group.shared.customer for group in groups])
        lines = {}
        for company in {group.shared.company: None for group in groups}:
            of_company = [group for group in groups if group.shared.company == company]
            importer = self.with_company(company)
            lines |= importer._create_orders([group for group in of_company if not group.order])
            lines |= importer._add_lines([group for group in of_company if group.order])
        self._settle_lines(lines)
        self._create_ledger_rows(lines)
        imported = self.env["sale.order.line"].union(*lines)
        self._create_events(imported)
        self.env["base.automation"]._subscription_note_imported(imported.order_id)

    @api.model
    def _create_customers(self, customers):
        new = list({customer: None for customer in customers if not customer.partner})
        partners = self.env["res.partner"].create(
            [
                {"name": customer.name, "email": customer.email or False, "ref": customer.reference or False}
                for customer in new
            ]
        )
        for customer, partner in zip(new, partners, strict=True):
            customer.partner = partner

    @api.model
    def _create_orders(self, groups):
        """Create orders that run from the start.

        They are no orders that somebody confirms: whatever an add-on does when goods are sold (deliver, plan,
        buy, mail, charge a fee) was done long ago. So they are made as quotations and only change their state.

        :return: {line: its :class:`Entry`}
        """
        orders = self.env["sale.order"].create([self._prepare_order(group) for group in groups])
        lines, by_status = {}, {}
        for group, order in zip(groups, orders, strict=True):
            own = order.order_line.filtered("subscription_start").sorted("id")
            lines |= dict(zip(own, group.get_new(), strict=True))
            by_status[group.get_status()] = by_status.get(group.get_status(), order.browse()) | order
        for status, of_status in by_status.items():
            # Together with the state: they do not start now, so nothing of what starting does is to happen.
            of_status.write({"state": "sale", "subscription_status": status})
        # They came to their stage long ago: its mail is not for them.
        self.env["subscription.care.task"]._forget("stage", orders.ids)
        orders.filtered(lambda order: order._should_be_locked()).action_lock()
        orders._message_log_batch(
            bodies={
                order.id: self.env._('Taken over by an import, where it is "%s".', order.subscription_import_ref)
                for order in orders
            }
        )
        return lines

    @api.model
    def _prepare_order(self, group):
        shared, entries = group.shared, group.get_new()
        start, today = group.get_start(), group.today
        partner = shared.customer.partner
        values = {
            "company_id": shared.company.id,
            "partner_id": partner.id,
            "pricelist_id": group.pricelist.id,
            "user_id": self._get_salesperson(partner).id,
            "date_order": datetime.combine(min(start, today), time(12)),
            "sale_order_template_id": False,
            "subscription_import_ref": group.reference,
            "subscription_plan_id": entries[0].plan.id,
            "subscription_start": start,
            "subscription_fiscal_auto": True,
            "subscription_closed_on": shared.closed_on,
            "subscription_close_reason_id": shared.reason and shared.reason.id,
            "subscription_token_id": shared.token and shared.token.id,
            "order_line": [
                Command.create(self._prepare_line(entry) | self._prepare_timeline(entry, today)) for entry in entries
            ],
        }
        if shared.months is not None:
            values["subscription_commitment_months"] = shared.months
        return values

    @api.model
    def _get_salesperson(self, partner):
        """Return whose the order is: the customer's salesperson, else the user who imports; never the robot."""
        user = partner.user_id or partner.commercial_partner_id.user_id or self.env.user
        return user.browse() if user.id == api.SUPERUSER_ID else user

    @api.model
    def _prepare_line(self, entry):
        values = {
            "product_id": entry.product.id,
            "product_uom_qty": entry.quantity,
            "subscription_plan_id": entry.plan.id,
            # The fee was charged when the subscription was new.
            "subscription_setup_done": True,
        }
        if entry.price is not None:
            # A technical price that differs marks a price as agreed by hand; lists do not touch it.
            technical = -1.0 if entry.price == 0 else 0.0
            values |= {"price_unit": entry.price, "technical_price_unit": technical, "discount": 0.0}
        return values

    @api.model
    def _prepare_timeline(self, entry, today):
        return {
            "subscription_tax_auto": True,
            "subscription_start": entry.start,
            "subscription_anchor": entry.anchor,
            "subscription_phase": "running" if entry.start <= today else "waiting",
        }

    @api.model
    def _add_lines(self, groups):
        """Add lines to orders imported before.

        What add-ons do for lines that are created on a confirmed order (deliver, plan, buy) was done long ago. So
        they are created on a quotation, as all others, and move from there.

        :return: {line: its :class:`Entry`}
        """
        lines = {}
        for group in groups:
            group.order._subscription_lock()
            quotation = self.env["sale.order"].create(self._prepare_quotation_beside(group))
            added = quotation.order_line.sorted("id")
            added.order_id = group.order
            quotation.unlink()
            names = ", ".join(added.product_id.mapped("display_name"))
            group.order._message_log(body=self.env._("Another import added: %s", names))
            for line, entry in zip(added, group.get_new(), strict=True):
                line.write(self._prepare_timeline(entry, group.today))
                lines[line] = entry
        return lines

    @api.model
    def _prepare_quotation_beside(self, group):
        """Return the values of a quotation that gives its lines the same taxes and prices as the order would."""
        order = group.order
        same = ("company_id", "partner_id", "partner_invoice_id", "partner_shipping_id", "pricelist_id", "user_id")
        values = {name: order[name].id for name in (*same, "fiscal_position_id", "subscription_plan_id")}
        return values | {
            "name": order.name,
            "date_order": order.date_order,
            "sale_order_template_id": False,
            "order_line": [Command.create(self._prepare_line(entry)) for entry in group.get_new()],
        }

    # === TIMELINE, LEDGER, EVENTS ===#

    @api.model
    def _settle_lines(self, lines):
        """Set the ends of lines and their next periods; let terms that are over roll on."""
        for line, entry in lines.items():
            order = line.order_id
            if order.subscription_status == "closed":
                line.subscription_end = order.subscription_closed_on
            elif end := line._get_settled_end():
                line.subscription_end = end
            line.write(
                {
                    **line._get_next_period_values(entry.hole),
                    # As on any other line, for those who duplicate the order.
                    "subscription_default_plan_id": line._get_default_subscription_plan().id,
                    "subscription_setup_done": False,
                }
            )
        orders = self.env["sale.order.line"].union(*lines).order_id
        for company, of_company in orders.grouped("company_id").items():
            today = company._get_subscription_today()
            of_company.filtered(
                lambda order, today=today: (
                    order.subscription_status == "progress"
                    and order.subscription_auto_renew
                    and order.subscription_term_end
                    and order.subscription_term_end < today
                )
            )._subscription_roll_term(today)

    @api.model
    def _create_ledger_rows(self, lines):
        """Cover the days that were billed elsewhere with one row each line."""
        self.env["subscription.period"].create(
            [
                {
                    "line_id": line.id,
                    "kind": "imported",
                    "start": entry.start,
                    "end": entry.hole,
                    "service_end": entry.hole,
                    "quantity": entry.quantity,
                }
                for line, entry in lines.items()
                if entry.hole > entry.start
            ]
        )

    @api.model
    def _create_events(self, lines):
        """Tell the recurring revenue what lines brought from their start, and lost when they were closed."""
        running = lines._filter_running()
        Event = self.env["subscription.event"]
        carried = Event._get_carried(running.order_id.order_line)
        values = []
        starts = running.grouped(lambda line: (line.subscription_start, line.order_id))
        for (start, order), starting in sorted(starts.items(), key=lambda item: item[0][0]):
            movements = starting._prepare_movements(order, "start", start, carried)
            for vals in movements:
                carried[starting.browse(vals["line_id"])] = (vals["amount"], vals["amount_company"], 1)
            values += movements
        Event.create(values)
        closed = running.filtered(lambda line: line.order_id.subscription_status == "closed")
        for day, ending in closed.grouped("subscription_end").items():
            ending._subscription_stop(day)
