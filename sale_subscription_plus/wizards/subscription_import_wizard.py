import base64
import io

from odoo import api, fields, models

from ..tools.import_rows import write_refused

# An import from the screen begins no batch after so many seconds, well before a server gives up on the request.
SECONDS = 60
# How many refused rows are shown; the file has them all.
SHOWN = 20


class SubscriptionImportWizard(models.TransientModel):
    _name = "subscription.import.wizard"
    _description = "Import Subscriptions"

    file = fields.Binary(
        required=True,
        attachment=False,
        help="CSV in UTF-8, with comma or semicolon, its columns named in the first line. "
        "Dates like 2026-02-28, numbers like 1234.50.",
    )
    file_name = fields.Char()
    create_missing = fields.Boolean(
        help="Make products, close reasons and pricelists that the file names and that are not there, and plans "
        "called Weekly, Monthly, Quarterly or Yearly. Customers are always made.",
    )
    state = fields.Selection(
        selection=[("file", "File"), ("checked", "Checked"), ("done", "Imported")], default="file", readonly=True
    )
    imported = fields.Integer(readonly=True, help="Checked: rows that would go in. Imported: rows that went in.")
    already_there = fields.Integer(readonly=True, help="Rows whose line came in before; they are left alone.")
    left = fields.Integer(readonly=True, help="Good rows that there was no time for.")
    refused = fields.Integer(readonly=True)
    ignored_columns = fields.Char(readonly=True, help="Columns of the file whose names mean nothing here.")
    reasons = fields.Text(readonly=True, help="The first refused rows.")
    refused_file = fields.Binary(string="Refused Rows", attachment=False, readonly=True)
    refused_file_name = fields.Char(default="refused.csv", readonly=True)

    @api.onchange("file", "create_missing")
    def _onchange_file(self):
        self.state = "file"

    def action_check(self):
        """Tell what an import would do, and write nothing."""
        self._check_right()
        result = self.env["subscription.import"].check_file(self._get_bytes(), self.create_missing)
        return self._show(result, "checked")

    def action_import(self):
        """Import the good rows, and tell the others.

        :raise UserError: when the file cannot be read; it says why
        """
        self._check_right()
        result = self.env["subscription.import"].run_file(
            self._get_bytes(), self.create_missing, commit=False, seconds=SECONDS
        )
        return self._show(result, "done")

    @api.model
    def _check_right(self):
        self.env["sale.order"]._subscription_check_right("sale_subscription_plus.group_subscription_admin")

    def _get_bytes(self):
        self.ensure_one()
        return base64.b64decode(self.file)

    def _show(self, result, state):
        """Keep what came of it and open the wizard again."""
        refused = result["refused"]
        self.write(
            {
                "state": state,
                "imported": result["imported"],
                "already_there": result["already_there"],
                "left": result["left"],
                "refused": len(refused),
                "ignored_columns": ", ".join(result["ignored_columns"])[:1000],
                "reasons": "\n".join(
                    self.env._("Line %(line)s: %(reason)s", line=row["line"], reason=row["reason"])
                    for row in refused[:SHOWN]
                ),
                "refused_file": self._prepare_refused_file(refused) if refused else False,
            }
        )
        return {
            "name": self.env._("Import Subscriptions"),
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def _prepare_refused_file(self, refused):
        file = io.StringIO(newline="")
        write_refused(file, refused)
        # With a mark at its begin: without it, spreadsheets take the file for something else than UTF-8.
        return base64.b64encode(file.getvalue().encode("utf-8-sig"))
