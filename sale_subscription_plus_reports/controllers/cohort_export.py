import io
import json

import xlsxwriter
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest, Forbidden

from odoo import http
from odoo.http import content_disposition, request
from odoo.tools import osutil

# A worksheet's name has no more letters, and none of these.
SHEET_NAME_LENGTH = 31
SHEET_NAME_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


class CohortExporter(http.Controller):
    """The tables of a cohort view as a spreadsheet."""

    @http.route("/web/cohort/export_xlsx", type="http", auth="user", methods=["POST"], readonly=True)
    def export_xlsx(self, data="", **kwargs):
        """Return a spreadsheet of the cohorts, worked out anew with the rights of the user.

        :param data: JSON of ``model``, ``arguments`` (of ``get_cohort_data``), ``context``, ``title``,
            ``measure_label`` and ``later`` (the heading over the columns)
        :raise Forbidden: for who may not export
        :raise BadRequest: for what no cohort view sends
        """
        if not request.env.user.has_group("base.group_allow_export"):
            raise Forbidden(request.env._("You are not allowed to export records."))
        asked = self._read_request(data)
        model = request.env[asked["model"]].with_context(**asked.get("context", {}))
        result = model.get_cohort_data(**asked["arguments"])
        filename = osutil.clean_filename(f"{asked['title']}.xlsx")
        return request.make_response(
            self._write_workbook(result, asked),
            headers=[
                ("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
                ("Content-Disposition", content_disposition(filename)),
            ],
        )

    def _read_request(self, data):
        try:
            asked = json.load(data) if isinstance(data, FileStorage) else json.loads(data)
        except ValueError as error:
            raise BadRequest() from error
        if not isinstance(asked, dict) or not {"model", "arguments", "title", "measure_label", "later"} <= asked.keys():
            raise BadRequest()
        return asked

    def _write_workbook(self, result, asked):
        output = io.BytesIO()
        with xlsxwriter.Workbook(output, {"in_memory": True}) as workbook:
            formats = {
                "head": workbook.add_format({"bold": True, "bg_color": "#EEEEEE"}),
                "rate": workbook.add_format({"num_format": "0.0%"}),
                "bold_rate": workbook.add_format({"num_format": "0.0%", "bold": True}),
            }
            for content in ("rates", "values"):
                sheet = workbook.add_worksheet(self._get_sheet_name(request.env, asked, content))
                sheet.set_column(0, 1, 18)
                self._write_sheet(sheet, result, asked, content, formats)
        return output.getvalue()

    def _get_sheet_name(self, env, asked, content):
        shares = self._clean_sheet_name(env._("Shares"))
        if content == "rates":
            return shares
        name = self._clean_sheet_name(asked["measure_label"])
        return name if name.lower() != shares.lower() else env._("Numbers")

    def _clean_sheet_name(self, name):
        """Return what is left of ``name`` as a worksheet's; that neither begins nor ends with an apostrophe."""
        return name.translate(SHEET_NAME_FORBIDDEN)[:SHEET_NAME_LENGTH].strip("'")

    def _write_sheet(self, sheet, result, asked, content, formats):
        """Write the whole, and below it the groups."""
        row = 0
        whole = {"name": request.env._("All") if "groups" in result else asked["title"], **result}
        for table in (whole, *result.get("groups", ())):
            row = self._write_table(sheet, row, table, asked, content, formats) + 1

    def _write_table(self, sheet, row, table, asked, content, formats):
        """Write ``table`` from ``row`` on and return the first row below it."""
        # Always as strings: a name that begins with "=" is no formula.
        sheet.write_string(row, 0, table["name"], formats["head"])
        sheet.write_string(row, 2, asked["later"], formats["head"])
        sheet.write_string(row + 1, 0, request.env._("Started"), formats["head"])
        sheet.write_string(row + 1, 1, asked["measure_label"], formats["head"])
        for column in range(len(table["average"])):
            sheet.write_number(row + 1, column + 2, column, formats["head"])
        row += 2
        number = formats["rate"] if content == "rates" else None
        for cohort in table["cohorts"]:
            sheet.write_string(row, 0, cohort["label"])
            sheet.write_number(row, 1, cohort["value"])
            self._write_numbers(sheet, row, cohort[content], number)
            row += 1
        if content == "rates":
            sheet.write_string(row, 0, request.env._("Average"), formats["head"])
            self._write_numbers(sheet, row, table["average"], formats["bold_rate"])
            row += 1
        return row

    def _write_numbers(self, sheet, row, numbers, number_format):
        for column, number in enumerate(numbers, start=2):
            if number is None:
                sheet.write_blank(row, column, None)
            else:
                sheet.write_number(row, column, number, number_format)
