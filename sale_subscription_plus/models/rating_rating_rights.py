from functools import partial

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL


class RatingRating(models.Model):
    """What customers say of a subscription is read by whoever may read it, and written by nobody but them.

    Odoo lets every employee read and write the ratings of all documents. Customers answer in sudo mode.
    """

    _inherit = "rating.rating"

    def _check_access(self, operation):
        """Override of `base`: ratings of sales orders follow the rights to the order."""
        result = super()._check_access(operation)
        if self.env.su or not (denied := self._get_denied(operation)):
            return result
        return denied | result[0] if result else denied, partial(denied._make_rating_error, operation)

    def _get_denied(self, operation):
        """Return the ratings of sales orders on which the user may not do ``operation``."""
        # In sudo mode: to tell whose ratings they are.
        rated = self.browse(self.ids).sudo().exists().filtered(lambda rating: rating.res_model == "sale.order")
        if operation == "read":
            orders = self.env["sale.order"].browse(rated.mapped("res_id")).exists()
            readable = set(orders._filtered_access("read").ids)
            rated = rated.filtered(lambda rating: rating.res_id not in readable)
        elif self.env.is_system():
            return self.browse()
        return rated.sudo(False)

    def _make_rating_error(self, operation):
        if operation == "read":
            return AccessError(self.env._("What customers say of a sales order is read by those who may read it."))
        return AccessError(self.env._("What customers say of a sales order is written by nobody but them."))

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs):
        """Override of `base`: ratings of sales orders are found by those who may read them."""
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & self._get_readable_domain()
        return super()._search(domain, offset, limit, order, bypass_access=bypass_access, **kwargs)

    @api.model
    def _get_readable_domain(self):
        """Return the domain of the ratings that the user may read, whatever Odoo lets them read besides."""
        others = Domain("res_model", "!=", "sale.order")
        if not self.env["sale.order"].has_access("read"):
            return others
        return others | Domain.custom(to_sql=self._get_readable_condition)

    @api.model
    def _get_readable_condition(self, _model, alias, _query):
        orders = self.env["sale.order"]._search([])
        orders.add_where(SQL("%s = %s", SQL.identifier("sale_order", "id"), SQL.identifier(alias, "res_id")))
        return SQL("EXISTS (%s)", orders.select(SQL("1")))

    @api.model
    def _has_field_access(self, field, operation):
        """Override of `base`: whoever knows the token answers for the customer; mails read it in sudo mode."""
        return super()._has_field_access(field, operation) and (
            field.name != "access_token" or operation != "read" or self.env.su or self.env.is_system()
        )

    def write(self, vals):
        """Override of `rating`: a rating of something else does not become one of a sales order."""
        result = super().write(vals)
        if not {"res_model", "res_model_id", "res_id"}.isdisjoint(vals):
            self.check_access("write")
        return result
