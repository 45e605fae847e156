import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..tools.recurrence import Grid

_logger = logging.getLogger(__name__)

BATCH = 100


class SaleOrder(models.Model):
    """The end of a term: until when the customer may leave, and that they are told in time."""

    _inherit = "sale.order"

    subscription_notice_deadline = fields.Date(
        string="Last Day of Notice",
        compute="_compute_subscription_notice_deadline",
        help="Until then the customer may leave at the end of this term; after it, at the end of the next one.",
    )
    subscription_term_told = fields.Date(
        copy=False, readonly=True, help="Technical: the customer was told about the term that ends on this day."
    )

    # Those that were told leave the index, and so does what has no term: a run reads what it mails.
    _subscription_notice_idx = models.Index(
        "(company_id, (subscription_term_end - subscription_notice_days)) "
        "WHERE subscription_status = 'progress' AND subscription_term_end IS NOT NULL "
        "AND subscription_term_told IS DISTINCT FROM subscription_term_end"
    )

    @api.depends("subscription_term_end", "subscription_notice_days")
    def _compute_subscription_notice_deadline(self):
        for order in self:
            end = order.subscription_term_end
            order.subscription_notice_deadline = end and end - timedelta(days=order.subscription_notice_days)

    # === LEAVING ===#

    def _get_term_close_date(self, today):
        """Return the first day without this subscription when its customer gives notice on ``today``.

        That is the day after its term; where notice comes too late for it, after the next one.

        :return: date, or False where the customer is bound to no term
        """
        self.ensure_one()
        start, months, end = self.subscription_start, self.subscription_commitment_months, self.subscription_term_end
        if not end:
            return False
        if not self.subscription_auto_renew and end >= today:
            return fields.Date.add(end, days=1)
        grid = Grid(start, months, "month")
        number = max(grid.index(today), 0) + 1
        while grid.boundary(number) < today + timedelta(days=self.subscription_notice_days + 1):
            number += 1
        return grid.boundary(number)

    def _get_term_close_sentence(self, today):
        """Return in words when this subscription ends if notice is given on ``today``; blank without a term."""
        date = self._get_term_close_date(today)
        if not date:
            return ""
        values = {"order": self.name, "date": format_date(self.env, date - timedelta(days=1))}
        if date > fields.Date.add(self.subscription_term_end, days=1):
            return self.env._(
                "Notice for this term of %(order)s was due by %(deadline)s: its last day is %(date)s, when the next "
                "term ends.",
                deadline=format_date(self.env, self.subscription_notice_deadline),
                **values,
            )
        return self.env._("Its term ends: the last day of %(order)s is %(date)s.", **values)

    # === TELLING ===#

    @api.model
    def _cron_subscription_tell_terms(self):
        """Mail the customers whose term ends soon: once a term, as many days ahead as their plan says."""
        for company in self.env["res.company"].search([], order="id"):
            today, orders = company._get_subscription_today(), self.browse()
            # What was told is kept, however the run ends; and a lock is the first thing that a transaction does.
            while self.env["ir.cron"]._commit_progress(len(orders)):
                orders = self._lock_subscription_terms(company, today)
                for order in orders:
                    order._subscription_tell_term()
                if not orders:
                    break
            else:
                return

    def _subscription_play_day(self, rng):
        """Extend: customers are told of the end of their terms, too."""
        result = super()._subscription_play_day(rng)
        self._cron_subscription_tell_terms()
        return result

    @api.model
    def _lock_subscription_terms(self, company, today):
        """Lock some orders whose customers are to be told now, and return them."""
        self.flush_model()
        self.env["subscription.plan"].flush_model(["term_mail_days"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT o.id
                  FROM sale_order o
                  JOIN subscription_plan p ON p.id = o.subscription_plan_id AND p.term_mail_days > 0
                 WHERE o.company_id = %(company)s AND o.subscription_status = 'progress'
                   AND o.subscription_term_end IS NOT NULL AND o.subscription_term_end >= %(today)s
                   AND o.subscription_term_told IS DISTINCT FROM o.subscription_term_end
                   -- The index leads to those whose last day of notice is near at all.
                   AND o.subscription_term_end - o.subscription_notice_days
                       <= %(today)s::date + (SELECT MAX(term_mail_days) FROM subscription_plan)
                   AND o.subscription_term_end - o.subscription_notice_days <= %(today)s::date + p.term_mail_days
                   -- Too late to leave: there is nothing to tell any more.
                   AND (o.subscription_auto_renew IS NOT TRUE
                        OR o.subscription_term_end - o.subscription_notice_days >= %(today)s)
                   AND o.subscription_closed_on IS NULL
                   AND NOT EXISTS (SELECT 1 FROM sale_order r
                                    WHERE r.subscription_renews_id = o.id AND r.subscription_status = 'scheduled')
                 ORDER BY o.id LIMIT %(limit)s
                   FOR UPDATE OF o SKIP LOCKED
                """,
                company=company.id,
                today=today,
                limit=BATCH,
            )
        )
        orders = self.browse([order_id for (order_id,) in rows])
        orders.invalidate_recordset()
        return orders

    def _subscription_tell_term(self):
        """Mail the customer what happens at the end of the term; where that fails, say so on the order."""
        self.ensure_one()
        self.subscription_term_told = self.subscription_term_end
        if not self.partner_id.email:
            self._subscription_note_term_untold(self.env._("the customer has no e-mail address"))
            return
        kind = "renews" if self.subscription_auto_renew else "ends"
        template = self.env.ref(f"sale_subscription_plus.mail_template_term_{kind}", raise_if_not_found=False)
        if not template:
            return
        try:
            with self.env.cr.savepoint():
                template.send_mail(self.id)
        except Exception as error:  # whatever is in a template that users may edit: the other customers are told
            _logger.info("The customer of %s was not told about the term.", self.name, exc_info=True)
            self._subscription_note_term_untold(str(error).split("\n")[0][:200])

    def _subscription_note_term_untold(self, reason):
        self._message_log(
            body=self.env._(
                "The term ends on %(date)s, and the customer was not told: %(reason)s.",
                date=format_date(self.env, self.subscription_term_end),
                reason=reason,
            )
        )

    # === WHAT THE MAIL SAYS ===#

    def _get_term_lines(self):
        """Return the lines that run until the end of the term."""
        return self.order_line._filter_subscribed().filtered(lambda line: line._is_alive())

    def _get_next_term_start(self):
        return fields.Date.add(self.subscription_term_end, days=1)

    def _get_next_term_end(self):
        """Return the last day of the term after this one."""
        self.ensure_one()
        grid = Grid(self.subscription_start, self.subscription_commitment_months, "month")
        return grid.boundary(grid.index(self.subscription_term_end) + 2) - timedelta(days=1)
