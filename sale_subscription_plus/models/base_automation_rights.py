from odoo import models
from odoo.exceptions import AccessError

from .base_automation import PARAMETERS

# What subscription administrators set of the rules that came with the add-on. Never what a rule does, on which model
# or by which code: whoever sets that can do anything.
OWN_FIELDS = {"active", "name", *PARAMETERS}


class BaseAutomation(models.Model):
    """What subscription administrators may do without Odoo's right to the settings."""

    _inherit = "base.automation"

    def write(self, vals):
        """Override of `base_automation`: without the right to the settings, only rules are switched and numbers set.

        :raise AccessError: for any other field, and for rules that did not come with the add-on
        """
        if self.env.su or self.env.user.has_group("base.group_system"):
            return super().write(vals)
        self.check_access("write")
        if forbidden := vals.keys() - OWN_FIELDS:
            labels = sorted(
                self._fields[name].get_description(self.env)["string"] for name in forbidden if name in self._fields
            )
            raise AccessError(
                self.env._("Only an administrator of the settings may change %s of an automation.", ", ".join(labels))
            )
        # In sudo mode: the rights were checked; Odoo has all rules to look at, and its scheduled action to set.
        return super(BaseAutomation, self.sudo()).write(vals)
