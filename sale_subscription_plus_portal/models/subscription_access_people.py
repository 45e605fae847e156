from uuid import uuid4

from odoo import fields, models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError

from .subscription_access import LEVELS

# So that nobody uses the portal to send mails to strangers.
MOST_PEOPLE = 20
MOST_MAILS_A_DAY = 20
MOST_MAILS_TO_ONE = 3


class SubscriptionAccess(models.Model):
    """How somebody is let in to a subscription, gets their link, and loses it again."""

    _inherit = "subscription.access"

    email = fields.Char(related="partner_id.email", string="E-mail")
    mailed_on = fields.Date(string="Link Sent On", readonly=True)
    mail_count = fields.Integer(readonly=True, help="Mails with the link on that day.")

    # === ACTION METHODS ===#

    def action_revoke(self):
        """Take the access back; its link, and the login for this subscription, are dead at once."""
        self.check_access("read")
        self.env["sale.order"]._subscription_check_right("sales_team.group_sale_salesman")
        for access in self.sudo():  # In sudo mode: access is given and taken back by its methods only
            access._revoke(self.env.user.partner_id)
        return True

    def action_send_link(self):
        """Mail these people their link again.

        :raise UserError: when they have had it often enough today, or have no e-mail address
        """
        self.check_access("read")
        self.env["sale.order"]._subscription_check_right("sales_team.group_sale_salesman")
        for access in self.sudo():  # In sudo mode: who may let in, may send the link
            access._send_link_again(self.env.user.partner_id)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": self.env._("The link is on its way.")},
        }

    # === BUSINESS METHODS ===#

    def _set_level(self, level, author):
        """Let this person do more, or less.

        :param author: ``res.partner`` in whose name it happens
        :raise AccessError: for one's own access
        """
        self.ensure_one()
        if author == self.partner_id:
            raise AccessError(self.env._("You cannot change what you may do yourself. Ask who let you in."))
        self._check_level(level)
        if level != self.level:
            self.level = level
            self._tell(self.env._("Access changed"), author)

    def _revoke(self, author):
        """Take the access back at once; where the same link leads to a renewal, or to what it renewed, there, too."""
        tokens = set(self.mapped("access_token"))
        same = self.search([("partner_id", "in", self.partner_id.ids)])
        for access in self.filtered("active") | same.filtered(lambda access: access.access_token in tokens):
            access._tell(self.env._("Access taken back"), author)
            # Neither link leads anywhere, should it be given again.
            access.write({"active": False, "access_token": str(uuid4())})

    def _send_link(self):
        """Mail this person their link, to their address only.

        :raise UserError: when that was done often enough today
        """
        self.ensure_one()
        if not self.partner_id.email_normalized:
            raise UserError(self.env._("%s has no e-mail address.", self.partner_id.name))
        self._check_mails()
        today = self.company_id._get_subscription_today()
        count = self.mail_count if self.mailed_on == today else 0
        self.write({"mailed_on": today, "mail_count": count + 1})
        # As the superuser: the mail comes from us, not from the visitor who happens to be on the page.
        template = self.env.ref("sale_subscription_plus_portal.mail_template_let_in")
        template.with_env(self.env(user=SUPERUSER_ID, context={})).send_mail(self.id)
        # Who waits for a link does not wait for the hour of the queue. In sudo mode, as the rest of it.
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _send_link_again(self, author):
        """Mail this person their link again.

        :param author: ``res.partner`` in whose name it happens
        """
        self.order_id._subscription_lock()
        self._send_link()
        self._tell(self.env._("Link sent again"), author)

    def _check_mails(self):
        sent = self.with_context(active_test=False).search(
            [
                ("order_id.partner_id.commercial_partner_id", "=", self.order_id.partner_id.commercial_partner_id.id),
                ("mailed_on", "=", self.company_id._get_subscription_today()),
            ]
        )
        email = self.partner_id.email_normalized
        to_one = sent.filtered(lambda access: access.partner_id.email_normalized == email)
        if sum(to_one.mapped("mail_count")) >= MOST_MAILS_TO_ONE:
            raise UserError(self.env._("%s was sent the link several times today. Try again tomorrow.", email))
        if sum(sent.mapped("mail_count")) >= MOST_MAILS_A_DAY:
            raise UserError(self.env._("That were many mails for one day. Try again tomorrow."))

    def _check_level(self, level):
        if level not in LEVELS:
            raise UserError(self.env._("Choose what this person may do."))

    def _tell(self, fact, author):
        """Keep in the history of the subscription what happened."""
        self.order_id.message_post(
            body=self.env._(
                "%(fact)s: %(person)s (%(email)s), %(level)s.",
                fact=fact,
                person=self.partner_id.name,
                email=self.partner_id.email or "",
                level=self._get_level_label(),
            ),
            author_id=author.id,
        )

    def _get_level_label(self):
        return dict(self._fields["level"]._description_selection(self.env))[self.level]

    # === FOR THE MAIL ===#

    def _get_page_url(self, suffix=""):
        """Return the URL, below the site's, of a page of the subscription, with the link of this person."""
        self.ensure_one()
        token = self.sudo().access_token  # In sudo mode: it goes to this person only
        return f"/my/subscriptions/{self.order_id.id}{suffix}?access_token={token}"

    def _get_link(self):
        """Return the absolute URL of the subscription's page for this person."""
        return self.order_id.get_base_url() + self._get_page_url()
