from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import retrying
from odoo.tools import SQL, clean_context

# Lines that one transaction plans: those of a button's click, and of each step of the scheduled action.
BATCH = 500
# How many names a sentence lists.
NAMES = 5


class SubscriptionPriceRevision(models.Model):
    """A revision is carried out: its changes are planned in batches, and undone until they are billed."""

    _inherit = "subscription.price.revision"

    line_count = fields.Integer(string="Prices", compute="_compute_preview_totals")
    skipped_count = fields.Integer(string="Not Revised", compute="_compute_preview_totals")
    left_out_count = fields.Integer(string="Left Out", compute="_compute_preview_totals")
    mrr_before = fields.Float(string="MRR Before", digits=0, compute="_compute_preview_totals")
    mrr_after = fields.Float(string="MRR After", digits=0, compute="_compute_preview_totals")
    mrr_effect = fields.Float(string="MRR Effect", digits=0, compute="_compute_preview_totals")

    to_plan_count = fields.Integer(string="To Plan", compute="_compute_progress")
    planned_count = fields.Integer(string="Planned", compute="_compute_progress")
    applied_count = fields.Integer(string="Applied", compute="_compute_progress")
    billed_count = fields.Integer(string="Billed", compute="_compute_progress")

    # === PROGRESS ===#

    @api.depends("line_ids.included", "previewed_on")
    def _compute_preview_totals(self):
        rows = self.env["subscription.price.revision.line"]
        totals = {
            (revision, included): values
            for revision, included, *values in rows._read_group(
                [("revision_id", "in", self.ids), ("problem", "=", False)],
                ["revision_id", "included"],
                ["__count", "mrr_before:sum", "mrr_after:sum"],
            )
        }
        skipped = dict(
            rows._read_group([("revision_id", "in", self.ids), ("problem", "!=", False)], ["revision_id"], ["__count"])
        )
        for revision in self:
            count, before, after = totals.get((revision, True), (0, 0.0, 0.0))
            revision.line_count = count
            revision.left_out_count = totals.get((revision, False), [0])[0]
            revision.skipped_count = skipped.get(revision, 0)
            revision.mrr_before, revision.mrr_after, revision.mrr_effect = before, after, after - before

    @api.depends("state", "change_ids.state")
    def _compute_progress(self):
        domain = [("revision_id", "in", self.ids)]
        Change = self.env["subscription.change"]
        states = Change._read_group(domain, ["revision_id", "state"], ["__count"])
        counts = {(revision, state): count for revision, state, count in states}
        billed = dict(Change._read_group([*domain, ("is_billed", "=", True)], ["revision_id"], ["__count"]))
        left = dict(
            self.env["subscription.price.revision.line"]._read_group(
                self._get_unplanned_domain(), ["revision_id"], ["__count"]
            )
        )
        for revision in self:
            revision.to_plan_count = left.get(revision, 0)
            revision.planned_count = counts.get((revision, "planned"), 0)
            revision.applied_count = counts.get((revision, "applied"), 0)
            revision.billed_count = billed.get(revision, 0)

    def _get_unplanned_domain(self):
        return [
            ("revision_id", "in", self.ids),
            ("revision_id.state", "=", "planned"),
            ("included", "=", True),
            ("problem", "=", False),
            ("change_id", "=", False),
        ]

    # === PLAN ===#

    def action_plan(self):
        """Plan the previewed changes of prices; many are left to the scheduled action.

        :raise UserError: without a preview, or where a price would come to nothing
        """
        self._check_manager()
        for revision in self:
            revision._check_draft()
            revision._check_settings()
            revision._check_previewed()
        # In sudo mode: the right was checked; states and changes are written by no user.
        revisions = self._with_clean_context().sudo()
        revisions.state = "planned"
        revisions._plan_batch()
        self.env.ref("sale_subscription_plus.ir_cron_subscription_price_revision").sudo()._trigger()
        return True

    def _with_clean_context(self):
        """Return these records without the defaults of whatever screen or program a call came from."""
        return self.with_context(clean_context(self.env.context))

    def _check_previewed(self):
        if not self.previewed_on:
            raise UserError(self.env._("%s: preview the new prices first.", self.name))
        rows = self.line_ids.filtered("included")
        if not rows:
            raise UserError(self.env._("%s: no price is left to change.", self.name))
        worthless = rows.filtered(lambda row: row.new_price <= 0)
        if worthless:
            raise UserError(
                self.env._(
                    "%(revision)s: a price must stay above zero. Change by less, or leave out: %(lines)s",
                    revision=self.name,
                    lines=self._list_names(worthless),
                )
            )

    def _list_names(self, rows):
        names = [f"{row.order_id.name} ({row.product_id.display_name})" for row in rows[:NAMES]]
        if len(rows) > NAMES:
            names.append(self.env._("%s more", len(rows) - NAMES))
        return ", ".join(names)

    def _plan_batch(self):
        """Plan the changes of some lines that are not planned yet, of all revisions without records.

        :return: how many lines were handled
        """
        rows = self._lock_unplanned()
        planned = rows.line_id._get_planned_price_changes()
        for revision, revised in rows.grouped("revision_id").items():
            dates = revised.line_id._get_revision_dates(revision.effective_on)
            for row in revised:
                row._plan_anew(dates[row.line_id], planned.get(row.line_id))
        rows.filtered(lambda row: not row.problem)._schedule()
        return len(rows)

    def _lock_unplanned(self):
        """Lock some lines that are not planned yet, with their orders; those in other hands wait."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.id
                  FROM subscription_price_revision_line r
                  JOIN subscription_price_revision v ON v.id = r.revision_id AND v.state = 'planned'
                  JOIN sale_order o ON o.id = r.order_id
                 WHERE r.included AND r.problem IS NULL AND r.change_id IS NULL AND %s
                 ORDER BY r.id LIMIT %s FOR UPDATE OF r, o SKIP LOCKED
                """,
                SQL("v.id = ANY(%s)", list(self.ids)) if self else SQL("TRUE"),
                BATCH,
            )
        )
        self.env.invalidate_all(flush=False)
        return self.env["subscription.price.revision.line"].browse([row_id for (row_id,) in rows])

    # === BY ITSELF ===#

    @api.model
    def _cron_run(self):
        """Plan what is left to plan, tell customers, and end what is done; commits after each batch."""
        revisions = self.sudo().browse()  # In sudo mode: it works for all companies
        for step in (revisions._plan_batch, revisions._tell_batch):
            while done := retrying(step, self.env):
                left = self.env["subscription.price.revision.line"].search_count(
                    revisions.search([("state", "=", "planned")])._get_unplanned_domain()
                )
                if not self.env["ir.cron"]._commit_progress(done, remaining=left + 1):
                    return
        retrying(revisions._finish, self.env)
        self.env["ir.cron"]._commit_progress(remaining=0)

    def _finish(self):
        """End the revisions that have nothing ahead of them."""
        waiting = self.search([("state", "=", "planned")])
        waiting.filtered(lambda revision: not (revision.to_plan_count or revision.planned_count)).state = "done"

    # === UNDO ===#

    def action_undo(self):
        """Undo what is not billed yet: planned prices never come, applied ones are put back.

        :raise UserError: when nothing can be undone any more
        """
        self._check_manager()
        for revision in self:
            if revision.state not in ("planned", "done"):
                raise UserError(self.env._("%s is not planned: there is nothing to undo.", revision.name))
            # In sudo mode: the right was checked; prices and states are written by no user.
            revision._with_clean_context().sudo()._undo()
        return True

    def _undo(self):
        changes = self.change_ids.filtered(lambda change: change.state in ("planned", "applied"))
        changes.order_id._subscription_lock()
        problems = {change: problem for change in changes if (problem := change._get_undo_problem())}
        undone = changes.filtered(lambda change: change not in problems)
        if problems and not undone:
            raise UserError(
                self.env._("%s: all prices are billed. Make another revision to change them again.", self.name)
            )
        undone.filtered(lambda change: change.state == "planned")._withdraw()
        undone.filtered(lambda change: change.state == "applied")._put_back_price()
        for row in self.line_ids.filtered(lambda row: row.change_id in problems):
            row.undo_problem = problems[row.change_id]
        self.state = "undone"
        self._tell_undone(len(undone), len(problems))

    def _tell_undone(self, undone, kept):
        sentences = [self.env._("%s prices were undone.", undone)]
        if kept:
            sentences.append(self.env._("%s stay: see their reasons.", kept))
        told = len(self.notice_ids)
        if told:
            sentences.append(self.env._("%s customers were told of new prices that do not come: write to them.", told))
        self.message_post(body=" ".join(sentences))
