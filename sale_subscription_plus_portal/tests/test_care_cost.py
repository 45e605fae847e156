from odoo.fields import Command
from odoo.tests import tagged

from .care_common import CareCommon

MOST_STATEMENTS = 60


@tagged("-at_install", "post_install")
class TestCareCost(CareCommon):
    """The pages cost the same for a customer with many subscriptions, addresses and colleagues."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_colleague()
        firm = cls.customer.parent_id
        cls.env["res.partner"].create(
            [{"name": f"Desk {number}", "parent_id": firm.id, "type": "invoice"} for number in range(40)]
        )
        partners = cls.env["res.partner"].create([{"name": f"P{n}", "parent_id": firm.id} for n in range(40)])
        portal = cls.env.ref("base.group_portal")
        cls.env["res.users"].with_context(no_reset_password=True).create(
            [
                {"name": partner.name, "login": f"login-{partner.id}", "partner_id": partner.id}
                | {"group_ids": [Command.set(portal.ids)]}
                for partner in partners
            ]
        )
        orders = cls.env["sale.order"].browse().concat(*(cls._create_quotation() for _number in range(40)))
        orders.action_confirm()
        friends = cls.env["res.partner"].create([{"name": f"F{n}", "email": f"f{n}@example.com"} for n in range(15)])
        cls.env["subscription.access"].sudo().create(
            [{"order_id": cls.order.id, "partner_id": friend.id, "level": "see"} for friend in friends]
        )

    def test_no_page_needs_more_statements_than_allowed(self):
        self._log_in(self.ada)
        for suffix in ("/payment_method", "/addresses", "/addresses/invoice/new", "/people"):
            with self.subTest(page=suffix):
                self.assertEqual(self._open(suffix=suffix).status_code, 200)
                count = self._count_statements(lambda suffix=suffix: self._open(suffix=suffix))
                self.assertLessEqual(count, MOST_STATEMENTS)
