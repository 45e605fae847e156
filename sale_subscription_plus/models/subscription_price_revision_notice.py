from odoo import api, fields, models
from odoo.tools import SQL

# Mails that one transaction queues.
BATCH = 50


class SubscriptionPriceRevision(models.Model):
    """Customers are told ahead of time."""

    _inherit = "subscription.price.revision"

    notice_count = fields.Integer(string="Customers Told", compute="_compute_notice_count")

    @api.depends("notice_ids")
    def _compute_notice_count(self):
        groups = self.env["subscription.price.notice"]._read_group(
            [("revision_id", "in", self.ids)], ["revision_id"], ["__count"]
        )
        counts = dict(groups)
        for revision in self:
            revision.notice_count = counts.get(revision, 0)

    def _tell_batch(self):
        """Put the mails to some customers into Odoo's queue, and keep that it was done; all or nothing.

        :return: how many customers there were
        """
        for revision in self._lock_untold():
            partners = revision._get_untold_customers()
            if partners:
                revision._tell(partners)
                return len(partners)
        return 0

    def _lock_untold(self):
        """Lock the revisions that are planned to the end and tell customers by mail; not those in other hands.

        The touch lets only one of two who come at the same moment go on.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE subscription_price_revision SET write_date = (NOW() AT TIME ZONE 'UTC')
                 WHERE id IN (SELECT v.id FROM subscription_price_revision v
                               WHERE v.state = 'planned' AND v.notice_template_id IS NOT NULL
                                 AND NOT EXISTS (SELECT 1 FROM subscription_price_revision_line r
                                                  WHERE r.revision_id = v.id AND r.included
                                                    AND r.problem IS NULL AND r.change_id IS NULL)
                                 FOR UPDATE SKIP LOCKED)
                RETURNING id
                """
            )
        )
        self.env.invalidate_all(flush=False)
        return self.browse(sorted(revision_id for (revision_id,) in rows))

    def _get_untold_customers(self):
        """Return some customers whose first new price is near enough, and who were not told."""
        today = self.company_id._get_subscription_today()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.partner_id
                  FROM subscription_price_revision_line r
                  JOIN subscription_change c ON c.id = r.change_id AND c.state IN ('planned', 'applied')
                 WHERE r.revision_id = %(revision)s
                   AND NOT EXISTS (SELECT 1 FROM subscription_price_notice n
                                    WHERE n.revision_id = r.revision_id AND n.partner_id = r.partner_id)
                 GROUP BY r.partner_id
                HAVING MIN(c.effective_on) <= %(near)s
                 ORDER BY MIN(c.effective_on), r.partner_id LIMIT %(limit)s
                """,
                revision=self.id,
                near=fields.Date.add(today, days=self.notice_days),
                limit=BATCH,
            )
        )
        return self.env["res.partner"].browse([partner_id for (partner_id,) in rows])

    def _tell(self, partners):
        Notice = self.env["subscription.price.notice"].with_context(mail_create_nolog=True)
        notices = Notice.create(
            [
                {
                    "revision_id": self.id,
                    "partner_id": partner.id,
                    "email": partner.email_normalized,
                    "told_on": self.company_id._get_subscription_today(),
                }
                for partner in partners
            ]
        )
        reachable = notices.filtered("email")
        if reachable:
            self.notice_template_id.send_mail_batch(reachable.ids)
