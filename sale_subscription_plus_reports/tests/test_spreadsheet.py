import json
import re

from odoo.tests import new_test_user
from odoo.tools import file_open

from odoo.addons.sale_subscription_plus.tests.common import SubscriptionCommon
from odoo.addons.spreadsheet.utils.validate_data import (
    chart_fields,
    fields_in_spreadsheet,
    menus_xml_ids_in_spreadsheet,
    odoo_charts,
    odoo_view_links,
    pivot_fields,
)

FILES = "sale_subscription_plus_reports/data/files"
GROUPS = ("sales_team.group_sale_salesman", "account.group_account_invoice", "account.group_account_readonly")


class TestSpreadsheet(SubscriptionCommon):
    """The spreadsheet dashboard names fields of the report models: a field renamed there breaks it without a word."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dashboard = cls.env.ref("sale_subscription_plus_reports.spreadsheet_dashboard_subscriptions")
        cls.data = cls._read("subscriptions_dashboard.json")
        cls.sample = cls._read("subscriptions_sample_dashboard.json")
        cls.pivots, cls.charts = list(cls.data["pivots"].values()), odoo_charts(cls.data)
        cls.sources = [(pivot["model"], pivot) for pivot in cls.pivots]
        cls.sources += [(chart["metaData"]["resModel"], chart) for chart in cls.charts]

    @classmethod
    def _read(cls, name):
        with file_open(f"{FILES}/{name}") as file:
            return json.load(file)

    def _get_field(self, model, chain):
        """Return the field that ``chain`` leads to, from ``model``."""
        *path, name = chain.split(":")[0].split(".")
        for step in path:
            model = self.env[model]._fields[step].comodel_name
        self.assertIn(name, self.env[model]._fields, f"{model} has no {name}")
        return self.env[model]._fields[name]

    def _get_formulas(self, data):
        return [cell for sheet in data["sheets"] for cell in sheet["cells"].values() if cell.startswith("=")]

    # What it names is there

    def test_each_model_and_field_is_there(self):
        for data in (self.data, self.sample):
            for model, chains in fields_in_spreadsheet(data).items():
                self.assertIn(model, self.env)
                for chain in chains:
                    self._get_field(model, chain)

    def test_each_measure_can_be_added_up(self):
        for pivot in self.pivots:
            for measure in pivot["measures"]:
                self.assertTrue(self._get_field(pivot["model"], measure["fieldName"]).aggregator, measure)
        for chart in self.charts:
            self.assertTrue(self._get_field(chart["metaData"]["resModel"], chart["metaData"]["measure"]).aggregator)

    def test_each_group_can_be_grouped_by(self):
        for model, fields in [pivot_fields(pivot) for pivot in self.pivots] + [chart_fields(c) for c in self.charts]:
            for chain in fields:
                field = self._get_field(model, chain)
                self.assertTrue(field.store, f"{model}.{chain} is not stored")

    def test_each_selection_that_is_named_is_there(self):
        for model, source in self.sources:
            for name, _operator, value in source.get("domain", source.get("searchParams", {}).get("domain")):
                field = self._get_field(model, name)
                if field.type == "selection":
                    self.assertIn(value, field.get_values(self.env))
        for key in re.findall(r'"customer_type","(\w+)"', " ".join(self._get_formulas(self.data))):
            self.assertIn(key, self._get_field("subscription.movement.report", "customer_type").get_values(self.env))

    def test_each_menu_is_there_and_opens_something(self):
        for xmlid in menus_xml_ids_in_spreadsheet(self.data):
            self.assertTrue(self.env.ref(xmlid).action, xmlid)

    def test_each_link_opens_a_view_of_a_model_that_has_one(self):
        for link in odoo_view_links(self.data):
            self.assertTrue(self.env[link["action"]["modelName"]].get_views(link["action"]["views"])["views"])

    # Filters

    def test_each_filter_meets_a_field_of_its_own_kind(self):
        filters = {each["id"]: each for each in self.data["globalFilters"]}
        for model, source in self.sources:
            for filter_id, match in source["fieldMatching"].items():
                field = self._get_field(model, match["chain"])
                self.assertEqual(field.type, match["type"])
                if filters[filter_id]["type"] == "relation":
                    self.assertEqual(field.comodel_name, filters[filter_id]["modelName"])
                else:
                    self.assertEqual(field.type, filters[filter_id]["type"])

    def test_all_figures_heed_all_filters_but_those_of_today_heed_no_period(self):
        relations = {each["id"] for each in self.data["globalFilters"] if each["type"] == "relation"}
        periods = {each["id"] for each in self.data["globalFilters"]} - relations
        for model, source in self.sources:
            self.assertLessEqual(relations, source["fieldMatching"].keys())
            cumulative = source.get("cumulative")
            heeds = model == "subscription.movement.report" and not cumulative
            self.assertEqual(periods <= source["fieldMatching"].keys(), heeds, source)

    # Formulas

    def test_each_formula_names_a_pivot_and_a_measure_of_it(self):
        formulas = " ".join(self._get_formulas(self.data))
        used = set(re.findall(r"PIVOT(?:\.VALUE)?\((\d+)", formulas))
        self.assertEqual(used, self.data["pivots"].keys(), "A pivot is shown nowhere, or missing")
        for number, measure in re.findall(r'PIVOT\.VALUE\((\d+),"(\w+)"', formulas):
            self.assertIn(measure, [each["fieldName"] for each in self.data["pivots"][number]["measures"]])

    def test_scorecards_and_charts_point_into_the_data(self):
        for data in (self.data, self.sample):
            cells = {sheet["name"]: sheet["cells"] for sheet in data["sheets"]}
            references = re.findall(
                r'"(?:keyValue|baseline|dataRange|labelRange)": "(\w+)!([A-Z]+\d+)', json.dumps(data)
            )
            self.assertTrue(references)
            for sheet, cell in references:
                self.assertIn(cell, cells[sheet])

    def test_the_example_looks_like_the_real_one_and_reads_nothing(self):
        self.assertFalse(self.sample["pivots"])
        self.assertFalse(odoo_charts(self.sample))
        self.assertNotIn("PIVOT", " ".join(self._get_formulas(self.sample)))
        self.assertEqual(self.sample["globalFilters"], self.data["globalFilters"])
        places = [
            [(figure["id"], figure["col"], figure["row"]) for figure in data["sheets"][0]["figures"]]
            for data in (self.data, self.sample)
        ]
        self.assertEqual(*places)

    def test_it_has_the_version_of_odoos_own(self):
        with file_open("spreadsheet_dashboard_sale/data/files/sales_dashboard.json") as file:
            version = json.load(file)["version"]
        self.assertEqual({self.data["version"], self.sample["version"]}, {version})

    # Who sees what

    def test_each_group_of_it_reads_each_of_its_figures(self):
        for number, group in enumerate(GROUPS):
            user = new_test_user(self.env, f"reader{number}_spreadsheet", group, company_id=self.company.id)
            self.assertIn(self.dashboard, self.env["spreadsheet.dashboard"].with_user(user).search([]))
            for pivot in self.pivots:
                self._read_pivot(pivot, user)
            for chart in self.charts:
                aggregates = [f"{chart['metaData']['measure']}:sum"]
                groups, domain = chart["metaData"]["groupBy"], chart["searchParams"]["domain"]
                self.env[chart["metaData"]["resModel"]].with_user(user).formatted_read_group(domain, groups, aggregates)

    def _read_pivot(self, pivot, user):
        model = self.env[pivot["model"]].with_user(user)
        names = [measure["fieldName"] for measure in pivot["measures"]]
        aggregates = [f"{name}:{model._fields[name].aggregator}" for name in names]
        return model.formatted_read_group(pivot["domain"], [row["fieldName"] for row in pivot["rows"]], aggregates)

    def test_others_do_not_see_it(self):
        user = new_test_user(self.env, "stranger_spreadsheet", "base.group_user", company_id=self.company.id)
        self.assertNotIn(self.dashboard, self.env["spreadsheet.dashboard"].with_user(user).search([]))

    def test_it_shows_what_is_subscribed(self):
        sam = new_test_user(self.env, "sam_spreadsheet", "sales_team.group_sale_salesman", company_id=self.company.id)
        self._create_subscription(user_id=sam.id, partner_id=self.customer.copy().id)
        rows = self._read_pivot(self.data["pivots"]["6"], sam)
        own = next(row for row in rows if row["user_id"] and row["user_id"][0] == sam.id)
        self.assertEqual((own["mrr:sum"], own["contract_count:count_distinct"]), (12.0, 1))
        movements = self._read_pivot(self.data["pivots"]["2"], sam)
        self.assertEqual({row["customer_type"] for row in movements}, {"new"})

    def test_without_any_movement_the_example_is_shown(self):
        self.assertEqual(self.dashboard.main_data_model_ids.mapped("model"), ["subscription.event"])
        other = self.setup_other_company(name="Empty Ltd")["company"]
        empty = self.dashboard.with_context(allowed_company_ids=other.ids)
        self.assertTrue(empty._dashboard_is_empty())
        self.assertEqual(empty._get_sample_dashboard(), self.sample)
        self._create_subscription()
        self.assertFalse(self.dashboard._dashboard_is_empty())
