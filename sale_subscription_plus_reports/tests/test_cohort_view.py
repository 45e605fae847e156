import io
import json

import openpyxl

from odoo.exceptions import ValidationError
from odoo.http import Request
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

ARCH = '<cohort date_start="date_start" date_stop="date_end" %s><field name="price"/></cohort>'


class TestCohortArch(TransactionCase):
    """What an arch of a cohort may say."""

    def _create_view(self, arch):
        return self.env["ir.ui.view"].create(
            {"name": "prices", "model": "product.supplierinfo", "type": "cohort", "arch": arch}
        )

    def test_a_good_arch_is_taken_and_the_client_gets_its_fields(self):
        view = self._create_view(ARCH % 'interval="week" mode="churn" measure="price" count_label="Prices" sample="1"')
        views = self.env["product.supplierinfo"].get_views([(view.id, "cohort")])
        self.assertLessEqual(
            {"date_start", "date_end", "price"}, views["models"]["product.supplierinfo"]["fields"].keys()
        )

    def test_a_bad_arch_is_refused(self):
        for arch in (
            '<cohort date_start="date_start"/>',
            '<cohort date_start="partner_id" date_stop="date_end"/>',
            '<cohort date_start="date_start" date_stop="nowhere"/>',
            ARCH % 'interval="decade"',
            ARCH % 'mode="sideways"',
            ARCH % 'measure="nothing"',
            ARCH % 'create="0"',
            ARCH.replace('<field name="price"/>', "<filter/>") % "",
        ):
            with (
                self.subTest(arch),
                self.assertRaises(ValidationError),
                mute_logger("odoo.addons.base.models.ir_ui_view"),
            ):
                self._create_view(arch)

    def test_an_action_may_open_a_cohort(self):
        action = self.env.ref("sale_subscription_plus_reports.subscription_cohort_action")
        self.assertEqual(action.views[0][1], "cohort")
        self.assertTrue(self.env["ir.actions.act_window.view"].new({"view_mode": "cohort"}).view_mode)

    def test_the_view_switcher_has_an_icon_for_it(self):
        self.assertEqual(self.env["ir.ui.view"].get_view_info()["cohort"]["icon"], "fa fa-th")


@tagged("-at_install", "post_install")
class TestCohortExport(HttpCase):
    """The spreadsheet: worked out anew, with the rights of who asks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        product = cls.env["product.template"].create({"name": "Paper"})
        cls.vendor = cls.env["res.partner"].create({"name": "=1+1"})
        cls.env["product.supplierinfo"].create(
            [
                {
                    "partner_id": cls.vendor.id,
                    "product_tmpl_id": product.id,
                    "date_start": "2026-01-05",
                    "date_end": end,
                }
                for end in (False, "2026-02-10")
            ]
        )

    def _export(self, login, groups, model="product.supplierinfo", label="Prices", **arguments):
        new_test_user(self.env, login, groups=groups)
        self.authenticate(login, login)
        asked = {
            "model": model,
            "title": "Prices: all/some",
            "measure_label": label,
            "later": "Months later",
            "context": {},
            "arguments": {
                "domain": [("partner_id", "=", self.vendor.id)],
                "date_start": "date_start",
                "date_stop": "date_end",
                "date_to": "2026-03-31",
                **arguments,
            },
        }
        data = {"data": json.dumps(asked), "csrf_token": Request.csrf_token(self)}
        return self.url_open("/web/cohort/export_xlsx", data=data)

    def _read(self, response):
        response.raise_for_status()
        self.assertIn("Prices", response.headers["Content-Disposition"])
        return [list(sheet.values) for sheet in openpyxl.load_workbook(io.BytesIO(response.content))]

    def test_the_file_holds_shares_and_numbers(self):
        shares, numbers = self._read(self._export("exporter", "base.group_user,base.group_allow_export"))
        self.assertEqual(shares[0][2], "Months later")
        self.assertEqual(shares[1], ("Started", "Prices", 0, 1, 2))
        self.assertEqual(shares[2], ("January 2026", 2, 1, 0.5, 0.5))
        self.assertEqual(shares[3][2:], (1, 0.5, 0.5))
        self.assertEqual(numbers[2], ("January 2026", 2, 2, 1, 1))

    def test_groups_follow_and_their_names_are_no_formulas(self):
        shares, _numbers = self._read(
            self._export("grouper", "base.group_user,base.group_allow_export", groupby=["partner_id"])
        )
        self.assertEqual([shares[0][0], shares[5][0]], ["All", "=1+1"])

    def test_a_number_may_be_named_like_the_other_sheet_or_in_quotes(self):
        groups = "base.group_user,base.group_allow_export"
        for login, label in (("same", "SHARES"), ("quoted", "'Prices'"), ("quote", "'"), ("cut", "x" * 30 + "''")):
            with self.subTest(label):
                _shares, numbers = self._read(self._export(login, groups, label=label))
                self.assertEqual(numbers[1][1], label)

    @mute_logger("odoo.http")
    def test_a_table_that_would_be_too_wide_is_no_file(self):
        groups = "base.group_user,base.group_allow_export"
        for login, day in (("wide", "2900-01-01"), ("wider", "9999-12-31")):
            response = self._export(login, groups, interval="day", date_to=day)
            self.assertEqual(response.status_code, 422)

    def test_who_may_not_export_gets_no_file(self):
        self.assertEqual(self._export("reader", "base.group_user").status_code, 403)

    @mute_logger("odoo.http")
    def test_who_may_not_read_the_records_gets_no_file(self):
        response = self._export(
            "stranger",
            "base.group_user,base.group_allow_export",
            model="subscription.customer.report",
            date_stop="date_stop",
        )
        self.assertEqual(response.status_code, 403)
        self.assertNotIn("spreadsheet", response.headers["Content-Type"])
