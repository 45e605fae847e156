import logging

from odoo import fields, models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class SubscriptionRequest(models.Model):
    """Customers get it in writing what they asked for; and take it back, as long as it is only planned."""

    _inherit = "subscription.request"

    recurring = fields.Text(
        string="Each Period After", help="What the customer was told that each period costs from then on, with taxes."
    )

    # === IN WRITING ===#

    def _tell_done(self):
        """Extend: the customer gets it by mail, too."""
        super()._tell_done()
        for request in self:
            request._mail_customer()

    def _mail_customer(self, withdrawn=()):
        """Mail the customer what was done; where that fails, say so on the subscription.

        :param withdrawn: sentences of what was taken back, if that is the news
        """
        self.ensure_one()
        template = self.env.ref("sale_subscription_plus_portal.mail_template_request", raise_if_not_found=False)
        if not template or not self.customer_id.email:
            return
        try:
            with self.env.cr.savepoint():
                template.with_context(subscription_withdrawn=list(withdrawn)).send_mail(self.id)
        except Exception as error:  # whatever is in a template that users may edit: what was asked for is done
            _logger.info("The customer of %s was not told what they changed.", self.order_id.name, exc_info=True)
            reason = str(error).split("\n")[0][:200]
            self.order_id._message_log(body=self.env._("The customer could not be told by mail: %s", reason))

    def _get_withdrawn(self):
        """Return what a mail tells that was taken back, sentence by sentence."""
        return self.env.context.get("subscription_withdrawn") or []

    def _get_sentences(self):
        """Return what was asked for, or taken back, sentence by sentence."""
        return self._get_withdrawn() or self.sentence.split("\n")

    def _get_credited(self):
        """Return what was given back, taxes included."""
        return sum(self.move_ids.filtered(lambda move: move.move_type == "out_refund").mapped("amount_total"))

    def _get_link(self):
        """Return the address of the subscription's page, for its customer only: whoever has it can do everything."""
        return self.order_id.get_base_url() + self.order_id.get_portal_url()

    # === TAKE BACK ===#

    def _withdraw(self, visitor):
        """Take back what is planned of this request.

        :param visitor: the ``res.partner`` who does it
        """
        self.ensure_one()
        # As the superuser: rights were checked, and the history names who it was.
        request = self.with_env(self.env(user=SUPERUSER_ID, context={"lang": self.env.context.get("lang")}))
        changes = request._get_withdrawable_changes()
        sentences = [change._get_sentence() for change in changes]
        changes._withdraw()
        if not request._has_effect():
            request.state = "cancelled"
        request.order_id.message_post(
            body=self.env._("Taken back online by %(name)s: %(what)s", name=visitor.name, what="\n".join(sentences)),
            author_id=visitor.id,
        )
        request._mail_customer(sentences)

    def _has_effect(self):
        """Return whether something of this request was done, or is planned."""
        live = self.change_ids.filtered(lambda change: change.state in ("planned", "applied"))
        return bool(live or self.upsell_id)

    def _get_withdrawable_changes(self):
        # What ends a pause, or a discount, goes with it.
        return self.change_ids.filtered(lambda change: change.state == "planned" and not change.parent_id)


class SubscriptionChange(models.Model):
    _inherit = "subscription.change"

    def _describe_close(self):
        """Extend: what a customer removes is not closed."""
        removed = self.env.ref("sale_subscription_plus_portal.close_reason_removed", raise_if_not_found=False)
        if self.line_id and self.reason_id and self.reason_id == removed:
            return self.env._("%s is removed", self._get_product_name())
        return super()._describe_close()

    def _get_withdraw_label(self):
        """Return what the customer takes back together with this change, in a few words."""
        changes = self.request_id._get_withdrawable_changes()
        return " ".join(change._get_customer_sentence() for change in changes)


class SaleOrder(models.Model):
    """What customers see, and take back, of what they have planned."""

    _inherit = "sale.order"

    def _prepare_request(self, items, quote, author, note):
        """Extend: what each period costs is kept, too."""
        recurring = "\n".join(plan["total_label"] for plan in quote["recurring_after"])
        return {**super()._prepare_request(items, quote, author, note), "recurring": recurring}

    def _get_withdrawable_changes(self):
        """Return the planned changes that the customer asked for, one of each request."""
        changes = [request._get_withdrawable_changes()[:1] for request in self.subscription_request_ids]
        return self.env["subscription.change"].union(*changes)

    def _withdraw_request(self, change_id, visitor):
        """Take back the request that planned a change.

        :param int change_id: the change, see :meth:`_get_withdrawable_changes`
        :param visitor: the ``res.partner`` who does it
        :raise UserError: when it is done by now, or was not the customer's
        """
        self.ensure_one()
        # Two at once: the second one looks at what the first has done.
        self._subscription_lock()
        self.invalidate_recordset()
        change = self._get_withdrawable_changes().filtered(lambda change: change.id == change_id)
        if not change:
            raise UserError(self.env._("This cannot be taken back any more."))
        change.request_id._withdraw(visitor)
