from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.exceptions import UserError

# Customers renew from so many days before the last day on which they give notice.
DAYS_BEFORE_NOTICE = 60


class SaleOrder(models.Model):
    """Renewing in the portal: a subscription whose term ends soon, and does not renew by itself."""

    _inherit = "sale.order"

    def _get_renewal_to_accept(self):
        """Return the renewal of this subscription that waits for the customer, if there is one."""
        self.ensure_one()
        return self._get_open_renewals().filtered(lambda order: order.state == "sent" and not order.is_expired)[:1]

    def _can_renew_in_portal(self):
        """Return whether the customer may ask for a renewal: it is time, and nobody works on one yet."""
        self.ensure_one()
        end = self.subscription_term_end
        if (
            not end
            or self.subscription_auto_renew
            or self._get_open_renewals().filtered(lambda order: not order.is_expired)
        ):
            return False
        first = end - relativedelta(days=self.subscription_notice_days + DAYS_BEFORE_NOTICE)
        return first <= self.company_id._get_subscription_today() and not self._get_renewing_problem()

    def _subscription_renew_in_portal(self, author):
        """Return the quotation that renews this subscription; it is made if there is none yet.

        :param author: ``res.partner`` who asks for it
        :raise UserError: with a sentence for the customer
        """
        self.ensure_one()
        # Two clicks at once make one renewal.
        self._subscription_lock()
        if renewal := self._get_renewal_to_accept():
            return renewal
        if not self._can_renew_in_portal():
            raise UserError(self.env._("This subscription cannot be renewed here now. Please contact us."))
        renewal = self._with_plain_context()._subscription_renew()
        renewal._subscription_send_in_portal(author)
        return renewal
