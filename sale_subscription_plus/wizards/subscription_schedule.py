from odoo import api, fields, models
from odoo.fields import Command

# More than that is no preview any more.
MAX_COUNT = 60


class SubscriptionSchedule(models.TransientModel):
    """The next invoices of one subscription, worked out anew on each look; never saved."""

    _name = "subscription.schedule"
    _description = "Subscription Schedule"

    order_id = fields.Many2one(
        comodel_name="sale.order", string="Subscription", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="order_id.currency_id")
    count = fields.Integer(string="Invoices", default=12, required=True, help="How many invoices to show, 60 at most.")
    line_ids = fields.One2many(
        comodel_name="subscription.schedule.line", inverse_name="schedule_id", compute="_compute_line_ids"
    )
    is_complete = fields.Boolean(
        compute="_compute_line_ids", help="Technical: no invoice follows those that are shown."
    )

    @api.depends("order_id", "count")
    def _compute_line_ids(self):
        for schedule in self:
            count = min(max(schedule.count, 1), MAX_COUNT)
            bills = schedule.order_id._get_subscription_schedule(count + 1) if schedule.order_id else []
            schedule.is_complete = len(bills) <= count
            schedule.line_ids = [Command.clear()] + [
                Command.create(schedule._prepare_line_values(bill)) for bill in bills[:count]
            ]

    def _prepare_line_values(self, bill):
        return {
            "currency_id": self.order_id.currency_id.id,
            "date": bill["date"],
            "description": "\n".join(self._describe_part(bill["part"])),
            "untaxed": bill["untaxed"],
            "total": bill["total"],
        }

    def _describe_part(self, part):
        """Return what an invoice bills, a sentence a line: the periods, then what is sold once."""
        format_days = self.env["subscription.period"]._format_days
        described = [
            self.env._(
                "%(product)s: %(days)s",
                product=self._describe_product(line),
                days=format_days(period.start, period.end, self.env),
            )
            for line, period in part.periods
        ]
        return described + [self._describe_product(line) for line in part.one_off_lines]

    def _describe_product(self, line):
        name = line.product_id.display_name or line.name
        if line.product_uom_qty == 1:
            return name
        return self.env._("%(quantity)g × %(product)s", quantity=line.product_uom_qty, product=name)


class SubscriptionScheduleLine(models.TransientModel):
    _name = "subscription.schedule.line"
    _description = "Subscription Schedule Line"
    _order = "date, id"

    schedule_id = fields.Many2one(comodel_name="subscription.schedule", required=True, ondelete="cascade")
    currency_id = fields.Many2one(comodel_name="res.currency")
    date = fields.Date(string="Invoice Date", readonly=True)
    description = fields.Text(string="What It Bills", readonly=True)
    untaxed = fields.Monetary(readonly=True)
    total = fields.Monetary(readonly=True)
