from odoo.tests import tagged

from odoo.addons.sale_subscription_plus.tests.upsell_common import UpsellCommon


@tagged("-at_install", "post_install")
class TestTasksOnce(UpsellCommon):
    """Tasks and projects are made by the order that sold the work, and by no other."""

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref("project.group_project_manager")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.project = cls.env["project.project"].create(
            {"name": "Care", "allow_billable": True, "company_id": cls.company.id}
        )
        cls.care = cls._create_recurring_product(
            "Care", {cls.monthly: 31.0}, service_tracking="task_global_project", project_id=cls.project.id
        )
        cls.works = cls._create_recurring_product("Works", {cls.monthly: 31.0}, service_tracking="project_only")
        cls.order = cls._create_running(lines=[cls._line(cls.care, product_uom_qty=2)])

    def _get_tasks(self, orders):
        return self.env["project.task"].search([("sale_line_id.order_id", "in", orders.ids)], order="id")

    def test_an_upsell_plans_what_it_sold_and_its_subscription_nothing(self):
        task = self._get_tasks(self.order)
        hours = task.allocated_hours
        upsell, _invoice = self._merge(self.order, self._line(self.care, product_uom_qty=3), raise_by=1)
        self.assertEqual(self._get_tasks(self.order), task)
        self.assertEqual(task.allocated_hours, hours)
        self.assertEqual(self._get_tasks(upsell).sale_line_id, upsell.order_line)

    def test_a_project_is_made_once(self):
        upsell, _invoice = self._merge(self.order, self._line(self.works))
        projects = self.env["project.project"].search([("sale_line_id.order_id", "in", (self.order | upsell).ids)])
        self.assertEqual(projects.sale_line_id, upsell.order_line[1])

    def test_a_higher_quantity_asks_for_more_hours_and_no_other_task(self):
        task = self._get_tasks(self.order)
        hours = task.allocated_hours
        values = {"line_id": self.order.order_line.id, "kind": "quantity", "quantity": 4}
        self.env["subscription.change"]._schedule([values])
        self.assertEqual(self._get_tasks(self.order), task)
        self.assertEqual(task.allocated_hours, 2 * hours)

    def test_billing_makes_no_task(self):
        task = self._get_tasks(self.order)
        self._bill("2026-02-01")
        self._bill("2026-03-01")
        self.assertEqual(self._get_tasks(self.order), task)

    def test_a_renewal_plans_only_what_it_adds(self):
        self.order.action_subscription_renew()
        renewal = self.order.subscription_renewal_ids
        renewal.order_line = [self._line(self.care)]
        renewal.action_confirm()
        self.assertEqual(self._get_tasks(renewal).sale_line_id, renewal.order_line[-1])
