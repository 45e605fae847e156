from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.recurrence import Grid
from .sale_order_rating import REST_DAYS

BATCH = 100


class SaleOrder(models.Model):
    """Some time after the start, and every so many months, customers are asked for a rating by themselves."""

    _inherit = "sale.order"

    subscription_next_rating_on = fields.Date(
        string="Next Rating Request",
        compute="_compute_subscription_next_rating_on",
        store=True,
        precompute=True,
        copy=False,
        help="The customer is asked on this day, unless the subscription is paused or not paid then.",
    )

    # Only those that are to be asked some day are in it, and a run reads the first of them.
    _subscription_rating_idx = models.Index(
        "(company_id, subscription_next_rating_on) WHERE subscription_next_rating_on IS NOT NULL"
    )

    @api.depends("subscription_status", "subscription_start", "subscription_rating_asked_on", "sale_order_template_id")
    def _compute_subscription_next_rating_on(self):
        for order in self:
            order.subscription_next_rating_on = order._get_next_rating_day()

    def _get_next_rating_day(self, after=None):
        """Return the next day of the schedule: today or later, and some time after the last request.

        Days that went by unused are not made up for: whoever has been a customer for years when the schedule is
        switched on is asked at its next turn.

        :param date after: a day that does not count any more, nor those before it
        :return: date, or False where nobody is to be asked
        """
        schedule = self._get_rating_schedule()
        if self.subscription_status != "progress" or not schedule.subscription_rating_template_id:
            return False
        earliest = self.company_id._get_subscription_today() if after is None else after + timedelta(days=1)
        if self.subscription_rating_asked_on:
            earliest = max(earliest, self.subscription_rating_asked_on + timedelta(days=REST_DAYS))
        first = self.subscription_start + timedelta(days=schedule.subscription_rating_first_days)
        months = schedule.subscription_rating_every_months
        if first >= earliest or not months:
            return first if first >= earliest else False
        grid = Grid(first, months, "month")
        return grid.boundary(grid.index(earliest - timedelta(days=1)) + 1)

    # === THE RUN ===#

    @api.model
    def _lock_rating_due(self, company, today):
        """Lock some orders whose customers are to be asked now, and return them."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM sale_order
                 WHERE company_id = %s AND subscription_next_rating_on <= %s AND subscription_status = 'progress'
                   -- Nobody is asked how happy they are while we ask them for money.
                   AND subscription_payment_status = 'ok'
                 ORDER BY subscription_next_rating_on, id LIMIT %s
                   FOR UPDATE SKIP LOCKED
                """,
                company.id,
                today,
                BATCH,
            )
        )
        orders = self.browse([order_id for (order_id,) in rows])
        orders.invalidate_recordset()
        return orders

    def _subscription_ask_due(self, today):
        """Ask the customers of these orders, whose day has come.

        :return: the number of customers asked
        """
        # Nobody is asked once the mail is deleted.
        wanted = self.filtered(lambda order: order._get_rating_schedule().subscription_rating_template_id)
        obstacles, asked = wanted._get_rating_obstacles(), 0
        asking = wanted.filtered(lambda order: order not in obstacles)
        for schedule, orders in asking.grouped(lambda order: order._get_rating_schedule()).items():
            asked += len(orders) - len(orders._subscription_ask_by(schedule, today))
        for order in self - asking:
            order._subscription_skip_rating(today)
        return asked

    def _subscription_ask_by(self, schedule, today):
        """Ask with the mail of ``schedule``; those whose mail fails are tried again tomorrow.

        :return: {order: the reason why its customer was not asked}
        """
        mail = schedule.subscription_rating_template_id
        failures = schedule._subscription_mail(self, lambda orders: orders._subscription_ask_for_rating(mail))
        for order in failures:
            order.subscription_next_rating_on = today + timedelta(days=1)
        return failures

    def _subscription_skip_rating(self, today):
        if not self.partner_id.email:
            self._message_log(body=self.env._("The customer was not asked for a rating: they have no e-mail address."))
        self.subscription_next_rating_on = self._get_next_rating_day(after=today)
