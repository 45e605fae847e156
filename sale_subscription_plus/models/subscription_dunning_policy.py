from datetime import timedelta
from itertools import pairwise

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# What a policy can lead to in the end.
FINAL_ACTIONS = [
    ("close", "Close the subscription"),
    ("pause", "Pause the subscription until it is paid"),
    ("keep", "Keep it running"),
]
LONGEST = 365


class SubscriptionDunningPolicy(models.Model):
    """What happens between the first failed payment of an invoice and its end: paid, or the final action."""

    _name = "subscription.dunning.policy"
    _description = "Dunning Policy"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, help="Archived policies are not offered any more; what runs on them goes on.")
    company_id = fields.Many2one(
        comodel_name="res.company", index=True, help="Leave empty to offer the policy in all companies."
    )

    # Customers who pay by a saved method
    retry_days = fields.Char(
        string="Try Again After",
        default="1, 3, 7",
        tracking=True,
        help="Days after the first failure, separated by commas, on which a payment that was declined for the time "
        "being is tried again. A method that is refused for good is not tried again until there is a new one.",
    )
    final_days = fields.Integer(
        string="Final Action After",
        default=14,
        required=True,
        tracking=True,
        help="Days after the first failure when the final action takes place.",
    )
    # Customers who pay by hand
    reminder_days = fields.Char(
        string="Remind After",
        default="3, 10",
        tracking=True,
        help="Days after the due date, separated by commas, on which customers who pay by themselves are reminded.",
    )
    overdue_final_days = fields.Integer(
        string="Final Action When Overdue For",
        default=30,
        required=True,
        tracking=True,
        help="Days after the due date when the final action takes place for customers who pay by themselves.",
    )
    # Both
    grace_days = fields.Integer(
        string="Grace",
        default=10,
        required=True,
        tracking=True,
        help="How many days after the first failure, or after the due date, the customer may still use what they "
        "subscribed to. After that the subscription counts as suspended.",
    )
    warning_days = fields.Integer(
        string="Last Warning",
        default=3,
        required=True,
        tracking=True,
        help="How many days before the final action the customer is warned for the last time.",
    )
    final_action = fields.Selection(
        selection=FINAL_ACTIONS,
        default="close",
        required=True,
        tracking=True,
        help="What happens to a subscription whose invoice stays unpaid to the end. It happens once.",
    )
    close_reason_id = fields.Many2one(
        comodel_name="subscription.close.reason",
        default=lambda self: self.env.ref("sale_subscription_plus.close_reason_unpaid", raise_if_not_found=False),
        ondelete="restrict",
    )
    reopen_on_payment = fields.Boolean(
        string="Reopen When Paid Late",
        tracking=True,
        help="A subscription that was closed for non-payment runs again once its invoice is paid after all.",
    )

    # Mails; none where empty
    paid_mail = fields.Selection(
        selection=[("always", "After each payment"), ("recovered", "After a failure only"), ("never", "Never")],
        string="Thank for Payment",
        default="recovered",
        required=True,
    )
    failed_template_id = fields.Many2one(
        comodel_name="mail.template",
        string="Payment Declined",
        domain="[('model', '=', 'subscription.charge')]",
        help="The payment was declined for the time being and is tried again.",
        default=lambda self: self._get_default_template("payment_failed"),
    )
    method_template_id = fields.Many2one(
        comodel_name="mail.template",
        string="New Method Needed",
        domain="[('model', '=', 'subscription.charge')]",
        help="The saved method was refused for good.",
        default=lambda self: self._get_default_template("method_needed"),
    )
    action_template_id = fields.Many2one(
        comodel_name="mail.template",
        string="Confirm Payment",
        domain="[('model', '=', 'subscription.charge')]",
        help="The customer's bank wants the customer to confirm the payment.",
        default=lambda self: self._get_default_template("confirm_payment"),
    )
    reminder_template_id = fields.Many2one(
        comodel_name="mail.template",
        string="Reminder",
        domain="[('model', '=', 'subscription.charge')]",
        default=lambda self: self._get_default_template("reminder"),
    )
    warning_template_id = fields.Many2one(
        comodel_name="mail.template",
        string="Warning",
        domain="[('model', '=', 'subscription.charge')]",
        default=lambda self: self._get_default_template("last_warning"),
    )
    final_template_id = fields.Many2one(
        comodel_name="mail.template",
        string="Final Mail",
        domain="[('model', '=', 'subscription.charge')]",
        default=lambda self: self._get_default_template("closed_unpaid"),
    )
    paid_template_id = fields.Many2one(
        comodel_name="mail.template",
        string="Paid",
        domain="[('model', '=', 'subscription.charge')]",
        default=lambda self: self._get_default_template("paid"),
    )

    charge_ids = fields.One2many(comodel_name="subscription.charge", inverse_name="policy_id")

    _days_positive = models.Constraint(
        "CHECK(final_days >= 0 AND overdue_final_days >= 0 AND grace_days >= 0 AND warning_days >= 0)",
        "Days cannot be negative.",
    )

    # === DEFAULTS ===#

    @api.model
    def _get_default_template(self, name):
        """Return the mail ``name`` that comes with the add-on, unless somebody deleted it."""
        return self.env.ref(f"sale_subscription_plus.mail_template_{name}", raise_if_not_found=False)

    # === CONSTRAINTS ===#

    @api.constrains("retry_days", "reminder_days", "final_days", "overdue_final_days")
    def _check_days(self):
        for policy in self:
            for name, last in (("retry_days", "final_days"), ("reminder_days", "overdue_final_days")):
                days = policy._parse_days(name)
                if policy[last] > LONGEST:
                    raise ValidationError(
                        self.env._('Policy "%s": the final action cannot be more than a year away.', policy.name)
                    )
                if days and days[-1] > policy[last]:
                    raise ValidationError(
                        self.env._(
                            'Policy "%(policy)s": "%(field)s" goes beyond the final action, %(days)s days after.',
                            policy=policy.name,
                            field=policy._fields[name].get_description(self.env)["string"],
                            days=policy[last],
                        )
                    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # In sudo mode: a policy is in use whoever may see by what.
        if self.sudo().charge_ids:
            raise UserError(self.env._("Invoices are collected by this dunning policy. Archive it instead."))

    # === BUSINESS METHODS ===#

    def _parse_days(self, name):
        """Return the days of the field ``name`` as a list of growing integers.

        :raise ValidationError: when they are no such thing
        """
        self.ensure_one()
        text = self[name] or ""
        try:
            days = [int(part) for part in text.split(",") if part.strip()]
        except ValueError:
            days = [0]
        if days and (days[0] < 1 or any(later <= earlier for earlier, later in pairwise(days))):
            raise ValidationError(
                self.env._(
                    'Policy "%(policy)s": "%(text)s" is no list of days. Write growing numbers, as 1, 3, 7.',
                    policy=self.name,
                    text=text,
                )
            )
        return days

    def _get_retry_date(self, first_failure, failures):
        """Return the day of the next attempt after ``failures`` failed ones, or False when they are used up.

        :param date first_failure: day of the first failure with this payment method
        """
        days = self._parse_days("retry_days")
        return first_failure + timedelta(days=days[failures - 1]) if failures <= len(days) else False

    def _get_timeline(self, charge):
        """Return what is to happen to an unpaid ``charge`` besides attempts, as a sorted list of (date, step).

        Steps are ``overdue`` and ``suspend`` (the payment status changes), ``reminder``, ``warning``, ``final``.
        """
        self.ensure_one()
        start, final = charge.first_failure_on, self.final_days
        steps = []
        if not charge.is_automatic and not start:
            start, final = charge.due_on, self.overdue_final_days
            steps = [(1, "overdue")] + [(days, "reminder") for days in self._parse_days("reminder_days")]
        if not start:
            return []
        steps.append((self.grace_days, "suspend"))
        if self.warning_days and self.warning_days < final:
            steps.append((final - self.warning_days, "warning"))
        steps = [step for step in steps if step[0] < final] + [(final, "final")]
        return sorted((start + timedelta(days=days), step) for days, step in steps)
