from odoo import api, models
from odoo.exceptions import AccessError


class SubscriptionGuardMixin(models.AbstractModel):
    """Fields that only the engine writes, in sudo mode: they say what was done to an order.

    ``readonly`` on a field guards the screens; calls over the network and files that users import do not mind it.
    """

    _name = "subscription.guard.mixin"
    _description = "Fields Written by the Subscription Engine"

    # Names of the guarded fields.
    _subscription_guarded = frozenset()

    @api.model
    def default_get(self, fields):
        """Override of `base`: neither a context nor a user's default gives a guarded field its value."""
        defaults = super().default_get([name for name in fields if name not in self._subscription_guarded])
        for name in self._subscription_guarded.intersection(fields):
            if self._fields[name].default:
                defaults[name] = self._fields[name].default(self)
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._subscription_refuse_guarded(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._subscription_refuse_guarded(vals)
        return super().write(vals)

    @api.model
    def _subscription_refuse_guarded(self, vals):
        """Raise when a user, whatever their rights, gives a guarded field a value.

        :raise AccessError: it names the field
        """
        if self.env.su:
            return
        for name in sorted(self._subscription_guarded & vals.keys()):
            raise AccessError(
                self.env._(
                    '"%(field)s" is kept by the subscription itself and cannot be set. Use its buttons instead.',
                    field=self._fields[name].get_description(self.env)["string"],
                )
            )
