from datetime import timedelta

from odoo import models
from odoo.exceptions import RedirectWarning, UserError
from odoo.tools import SQL, plaintext2html


class SaleOrder(models.Model):
    """Why an order cannot be billed, and what happens to it then."""

    _inherit = "sale.order"

    def _get_day_after(self, day):
        return day + timedelta(days=1)

    # === BLOCKERS: what would bill wrong, or fail without words ===#

    def _get_billing_blockers(self, today, positions):
        """Return {order: sentence} of the orders that must not be billed as they are.

        Checked ahead because Odoo would not: it converts at 1.0 where a currency has no rate, and puts a tax
        without an account among the revenues.

        :param dict positions: {order: fiscal position of the day}
        """
        return self._get_tax_blockers(positions) | self._get_journal_blockers() | self._get_currency_blockers(today)

    def _get_currency_blockers(self, today):
        blockers = {}
        for (currency, company), orders in self.grouped(lambda o: (o.currency_id, o.company_id)).items():
            reason = self._get_currency_problem(currency, company, today)
            if reason:
                blockers |= dict.fromkeys(orders, reason)
        return blockers

    def _get_currency_problem(self, currency, company, today):
        if not currency.active:
            return self.env._(
                "The currency %s is archived. Activate it under Invoicing > Configuration > Currencies.", currency.name
            )
        if currency == company.currency_id or self._has_rate(currency, company, today):
            return False
        return self.env._(
            "The currency %(currency)s has no exchange rate on %(date)s in %(company)s. "
            "Add one under Invoicing > Configuration > Currencies.",
            currency=currency.name,
            date=today,
            company=company.name,
        )

    def _has_rate(self, currency, company, today):
        self.env["res.currency.rate"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT 1 FROM res_currency_rate
                 WHERE currency_id = %s AND name <= %s AND (company_id IS NULL OR company_id = %s) LIMIT 1
                """,
                currency.id,
                today,
                company.root_id.id,
            )
        )
        return bool(rows)

    def _get_journal_blockers(self):
        blockers = {}
        for order in self:
            if order.journal_id and not order.journal_id.active:
                blockers[order] = self.env._(
                    'The journal "%s" is archived. Choose another invoicing journal on the order, or activate it.',
                    order.journal_id.name,
                )
        for company, orders in self.filtered(lambda order: not order.journal_id).grouped("company_id").items():
            if not self._has_sale_journal(company):
                reason = self.env._(
                    "%s has no active sales journal. Make one under Invoicing > Configuration > Journals.", company.name
                )
                blockers |= dict.fromkeys(orders, reason)
        return blockers

    def _has_sale_journal(self, company):
        domain = [*self.env["account.journal"]._check_company_domain(company), ("type", "=", "sale")]
        return bool(self.env["account.journal"].sudo().search_count(domain, limit=1))  # the same for any user

    def _get_tax_blockers(self, positions):
        problems = {}
        for order in self:
            for line in order.order_line.filtered("subscription_next_bill_date") + order._get_one_off_lines():
                for tax in line._get_billing_taxes(positions[order]).flatten_taxes_hierarchy():
                    if tax not in problems:
                        problems[tax] = self._get_tax_problem(tax)
                    if problems[tax]:
                        problems[order] = problems[tax]
        return {order: problems[order] for order in self if order in problems}

    def _get_tax_problem(self, tax):
        lines = tax.sudo().invoice_repartition_line_ids.filtered(  # In sudo mode: the same for any user
            lambda rep: rep.repartition_type == "tax" and rep.factor_percent and tax.amount
        )
        if any(not rep.account_id for rep in lines):
            return self.env._(
                'The tax "%s" has no account to post to. Set it under Invoicing > Configuration > Taxes.', tax.name
            )
        archived = lines.account_id.filtered(lambda account: not account.active)
        if archived:
            return self.env._(
                'The tax "%(tax)s" posts to the archived account %(account)s. Choose another one under '
                "Invoicing > Configuration > Taxes.",
                tax=tax.name,
                account=archived[0].display_name,
            )
        return False

    # === PARKING ===#

    def _describe_failure(self, error):
        """Return why billing failed, in words that a salesperson can act on."""
        if isinstance(error, (UserError, RedirectWarning)) and error.args[0]:
            return str(error.args[0])
        return self.env._(
            "Billing failed unexpectedly (%(kind)s: %(message)s). Your administrator finds the details in the log.",
            kind=type(error).__name__,
            message=str(error).split("\n")[0][:200],
        )

    def _subscription_park(self, reason, today):
        """Set an order aside with its reason; it is tried again the next day.

        :param str reason: in business words
        """
        for order in self:
            order.write(
                {
                    "subscription_parked_reason": reason,
                    "subscription_parked_on": order.subscription_parked_on or today,
                    "subscription_next_attempt": order._get_day_after(today),
                }
            )
            order._subscription_schedule_parked_activity(reason)

    def _subscription_schedule_parked_activity(self, reason):
        """Ask the salesperson to act; once, however often the order fails for the same reason."""
        self.ensure_one()
        xmlid = "sale_subscription_plus.mail_activity_type_parked"
        open_activities = self.activity_search([xmlid])
        if open_activities:
            open_activities.note = plaintext2html(reason)
            return
        self.activity_schedule(
            xmlid,
            user_id=self._get_subscription_responsible().id,
            summary=self.env._("Not billed: see why"),
            note=plaintext2html(reason),
            date_deadline=self.company_id._get_subscription_today(),
        )

    def _get_subscription_responsible(self):
        """Return the user who is asked to act on this order."""
        self.ensure_one()
        return (self.user_id + self.team_id.user_id).filtered("active")[:1] or self.env.ref("base.user_admin")

    def _subscription_unpark(self, feedback=None):
        """Take orders that could be billed, or have nothing to bill any more, out of the parked ones.

        :param str feedback: what becomes of the activity (default: billed)
        """
        parked = self.filtered("subscription_parked_reason")
        parked.activity_feedback(
            ["sale_subscription_plus.mail_activity_type_parked"], feedback=feedback or self.env._("Billed.")
        )
        parked.write({"subscription_parked_reason": False, "subscription_parked_on": False})
        self.filtered("subscription_next_attempt").subscription_next_attempt = False
