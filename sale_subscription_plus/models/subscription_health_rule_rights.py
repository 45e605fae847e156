import re

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

# What opens doors: nobody finds it out letter by letter.
SECRET = re.compile(r"token$|password|passwd|secret|signup|totp|api_?key|access_key|provider_ref")
# A path starts from these; their own lists belong to them.
OWN_MODELS = ("sale.order", "sale.order.line")


class SubscriptionHealthRule(models.Model):
    """What a rule may ask: it is looked up in sudo mode, so it must not find out what is hidden from who writes it."""

    _inherit = "subscription.health.rule"

    @api.model
    def _check_readable(self, model, domain):
        """Raise unless the user may find out all that a domain asks, of whatever subscription.

        * Odoo itself checks fields that are kept; a computed field may be searched by whoever knows its name. So all
          fields and models on a path must be readable.
        * Passwords, tokens and the like are asked by nobody.
        * Only who sees all documents goes further than the order itself, for others must not see all customers,
          products or renewals there.
        * From other records, lists (x2many) are followed only where record rules hide nothing of them: a customer's
          orders, invoices or chats may be of other companies, or private. Settings administrators may, as they may
          change these rules.

        :raise AccessError: it names the field
        """
        for condition in domain.iter_conditions():
            owner, further = model, condition.operator.startswith(("any", "not any"))
            for position, name in enumerate(names := condition.field_expr.split(".")):
                if not (field := owner._fields.get(name)):
                    break  # part of a date or a property; or there is no such field, as the search will say
                owner._check_field_access(field, "read")
                if not field.relational:
                    self._check_no_secret(owner, field)
                    continue
                self._check_going_on(owner, field, further or position < len(names) - 1)
                owner = self.env[field.comodel_name]
                owner.check_access("read")
            if further:
                self._check_readable(owner, Domain(condition.value))

    @api.model
    def _check_no_secret(self, owner, field):
        if SECRET.search(field.name) and not self.env.su:
            raise AccessError(
                self.env._('no rule may ask for "%(field)s" (%(model)s).', field=field.name, model=owner._description)
            )

    @api.model
    def _check_going_on(self, owner, field, further):
        """Raise unless the user may go on through a relational field.

        :param bool further: whether something is asked of the records there; else of whether they are there
        """
        user, names = self.env.user, {"field": field.name, "model": owner._description}
        if self.env.su or user.has_group("base.group_system"):
            return
        if further and not user.has_group("sales_team.group_sale_salesman_all_leads"):
            raise AccessError(
                self.env._(
                    'only who has the right "All Documents" of Sales may go further than the order itself, as by '
                    '"%(field)s" (%(model)s).',
                    **names,
                )
            )
        if field.type != "many2one" and owner._name not in OWN_MODELS and self._is_hidden(field.comodel_name):
            raise AccessError(
                self.env._(
                    'some records of "%(field)s" (%(model)s) may be hidden from you, so a rule cannot ask for them.',
                    **names,
                )
            )

    @api.model
    def _is_hidden(self, model_name):
        """Return whether some records of a model may be hidden from the user."""
        # Messages and the like follow the rights to what they are about, by code.
        return model_name.startswith("mail.") or not self.env["ir.rule"]._compute_domain(model_name, "read").is_true()
