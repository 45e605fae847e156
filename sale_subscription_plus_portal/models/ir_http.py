from werkzeug.exceptions import MethodNotAllowed

from odoo import models
from odoo.http import request

OURS = "odoo.addons.sale_subscription_plus"


class IrHttp(models.AbstractModel):
    """What our routes do by POST, they do by nothing else."""

    _inherit = "ir.http"

    @classmethod
    def _pre_dispatch(cls, rule, args):
        """Override of `base`: Odoo lets OPTIONS through to routes that POST, and looks at no CSRF token then."""
        super()._pre_dispatch(rule, args)
        methods = rule.endpoint.routing["methods"] or ()
        posts = "POST" in methods and "GET" not in methods and rule.endpoint.__module__.startswith(OURS)
        if posts and request.httprequest.method == "OPTIONS":
            raise MethodNotAllowed(valid_methods=["POST"])
