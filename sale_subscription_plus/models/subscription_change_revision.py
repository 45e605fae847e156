from odoo import api, fields, models
from odoo.tools import SQL, float_is_zero
from odoo.tools.misc import format_date

from ..tools.price_revision import PRICE_DIGITS

# A row of the ledger that asked for a price.
BILLED_KINDS = ("regular", "stub")


class SubscriptionChange(models.Model):
    """A change of price that is part of a price revision."""

    _inherit = "subscription.change"

    revision_id = fields.Many2one(
        comodel_name="subscription.price.revision",
        string="Price Revision",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    is_billed = fields.Boolean(
        compute="_compute_is_billed",
        search="_search_is_billed",
        help="A period was billed since the change took effect.",
    )

    def _compute_is_billed(self):
        billed = self.filtered_domain([("id", "in", self._search([("id", "in", self.ids), ("is_billed", "=", True)]))])
        for change in self:
            change.is_billed = change in billed

    @api.model
    def _search_is_billed(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.env["subscription.period"].flush_model(["line_id", "kind", "state", "start"])
        query = SQL(
            """(SELECT c.id FROM subscription_change c
                 WHERE c.state = 'applied'
                   AND EXISTS (SELECT 1 FROM subscription_period p
                                WHERE p.line_id = c.line_id AND p.state = 'live' AND p.start >= c.effective_on
                                  AND p.kind = ANY(%s)))""",
            list(BILLED_KINDS),
        )
        return [("id", "in", query)]

    # === WHEN IT FALLS DUE ===#

    @api.model
    def _get_due(self, orders, today):
        """Override: a revised price waits for the start of a period, and gives way to what was agreed meanwhile."""
        super()._get_due(orders, today).filtered("revision_id")._follow_lines()
        return super()._get_due(orders, today)

    def _follow_lines(self):
        """Move revised prices on where a pause has moved the periods, and cancel those that are overtaken."""
        if not self:
            return
        dates = {}
        for day, changes in self.grouped("effective_on").items():
            dates |= changes.line_id._get_revision_dates(day)
        rows = self.env["subscription.price.revision.line"].search([("change_id", "in", self.ids)])
        for row in rows:
            change, problem = row.change_id, row._get_overtaken_problem()
            if problem:
                change.state = "cancelled"
                row.problem = problem
            elif dates[row.line_id] and dates[row.line_id] != change.effective_on:
                change.effective_on = row.effective_on = dates[row.line_id]

    def _tell(self, title):
        """Override: orders are told which revision it is."""
        for revision, changes in self.grouped("revision_id").items():
            name = self.env._("%(title)s (%(revision)s)", title=title, revision=revision.name) if revision else title
            super(SubscriptionChange, changes)._tell(name)

    # === UNDO ===#

    def _get_undo_problem(self):
        """Return why this change cannot be undone any more, or False."""
        if self.is_billed:
            row = self._get_billed_periods()[:1]
            return self.env._(
                "%(invoice)s bills the new price from %(date)s",
                invoice=row.move_id.name or self.env._("A draft invoice"),
                date=format_date(self.env, row.start),
            )
        if self.state == "applied" and self._is_followed():
            return self.env._("The subscription has changed since")
        return False

    def _is_followed(self):
        """Return whether the line changed again after this change: its history rests on the new price."""
        return bool(
            self.search_count(
                [("line_id", "=", self.line_id.id), ("state", "=", "applied"), ("id", ">", self.id)], limit=1
            )
        ) or not float_is_zero(self.line_id.price_unit - self.price_unit, precision_digits=PRICE_DIGITS)

    def _put_back_price(self):
        """Give lines the price that they had before these changes, of which nothing was billed yet."""
        for change in self:
            change._write_line({"price_unit": change.old_price_unit})
        self.state = "cancelled"
        self.line_id._subscription_record_movements("change")
        self.line_id._subscription_update_next()
        self._tell(self.env._("Taken back"))

    def _get_billed_periods(self):
        """Return the rows of the ledger that asked for the price of this change, the first one first."""
        self.ensure_one()
        return self.env["subscription.period"].search(
            [
                ("line_id", "=", self.line_id.id),
                ("state", "=", "live"),
                ("kind", "in", BILLED_KINDS),
                ("start", ">=", self.effective_on),
            ],
            order="start",
        )
