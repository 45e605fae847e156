from lxml import etree

from odoo import fields, models

COHORT_ATTRIBUTES = {
    "__validate__",  # of Odoo itself
    "class",
    "count_label",
    "date_start",
    "date_stop",
    "disable_linking",
    "interval",
    "js_class",
    "measure",
    "mode",
    "sample",
    "string",
}
COHORT_CHOICES = {
    "interval": ("day", "week", "month", "quarter", "year"),
    "mode": ("retention", "churn"),
}


class IrUiView(models.Model):
    _inherit = "ir.ui.view"

    type = fields.Selection(selection_add=[("cohort", "Cohort")])

    def _get_view_info(self):
        """Override of `web` to give the view switcher an icon."""
        return {"cohort": {"icon": "fa fa-th"}} | super()._get_view_info()

    def _postprocess_tag_cohort(self, node, name_manager, node_info):
        """Let the client know the fields that the attributes name."""
        for attribute in ("date_start", "date_stop"):
            if name := node.get(attribute):
                name_manager.has_field(node, name, node_info)
        if (measure := node.get("measure")) and measure != "__count":
            name_manager.has_field(node, measure, node_info)

    def _validate_tag_cohort(self, node, name_manager, node_info):
        if not node_info["validate"]:
            return
        for child in node.iterchildren(tag=etree.Element):
            if child.tag != "field":
                self._raise_view_error(self.env._("A cohort holds fields only, not <%s>.", child.tag), child)
        if unknown := set(node.attrib) - COHORT_ATTRIBUTES:
            self._raise_view_error(
                self.env._(
                    "A cohort has no attribute %(unknown)s, only %(known)s.",
                    unknown=", ".join(sorted(unknown)),
                    known=", ".join(sorted(COHORT_ATTRIBUTES - {"__validate__"})),
                ),
                node,
            )
        self._validate_cohort_attributes(node, name_manager)

    def _validate_cohort_attributes(self, node, name_manager):
        for attribute in ("date_start", "date_stop"):
            field = name_manager.model._fields.get(node.get(attribute))
            if field is None or field.type not in ("date", "datetime"):
                message = self.env._("The %s of a cohort names a field with a date.", attribute)
                self._raise_view_error(message, node)
        measure = node.get("measure", "__count")
        if measure != "__count" and name_manager.model._fields.get(measure) is None:
            self._raise_view_error(self.env._("The measure of a cohort names a field, not %s.", measure), node)
        for attribute, choices in COHORT_CHOICES.items():
            if node.get(attribute, choices[0]) not in choices:
                message = self.env._(
                    "The %(attribute)s of a cohort is one of %(choices)s.",
                    attribute=attribute,
                    choices=", ".join(choices),
                )
                self._raise_view_error(message, node)
