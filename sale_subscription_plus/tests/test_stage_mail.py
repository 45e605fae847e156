"""Mails of stages: to whoever comes to the stage, once, and to nobody who was there or only passed by."""

from odoo.tests import tagged

from .test_import import ImportCommon


@tagged("-at_install", "post_install")
class TestStageMail(ImportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.welcome = cls._create_mail("Welcome")
        cls.running = cls.quick_ref("sale_subscription_plus.stage_progress")
        cls.onboarding = cls.env["subscription.stage"].create(
            {"name": "Onboarding", "status": "progress", "sequence": 50, "mail_template_id": cls.welcome.id}
        )

    @classmethod
    def _create_mail(cls, subject, body="<p>Hello <t t-out='object.name'/></p>"):
        return cls.env["mail.template"].create(
            {
                "name": subject,
                "model_id": cls.env["ir.model"]._get_id("sale.order"),
                "subject": subject,
                "body_html": body,
                "partner_to": "{{ object.partner_id.id }}",
                "use_default_to": False,
                "auto_delete": False,
            }
        )

    def _get_mails(self, orders, subject="Welcome"):
        return self.env["mail.mail"].search(
            [("model", "=", "sale.order"), ("res_id", "in", orders.ids), ("subject", "=", subject)]
        )

    def _come_to(self, orders, stage=None):
        orders.subscription_stage_id = stage or self.onboarding
        return self._care()

    def test_who_comes_to_a_stage_is_mailed_once(self):
        order = self._create_subscription()
        self._care()
        self.assertFalse(self._get_mails(order))
        self.assertEqual(self._come_to(order)["stage_mails"], 1)
        mail = self._get_mails(order)
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertEqual(mail.state, "outgoing", "The mail leaves with Odoo's own queue.")
        self._care()
        order.client_order_ref = "Something else changed"
        self._care()
        self.assertEqual(len(self._get_mails(order)), 1)

    def test_who_comes_again_is_mailed_again(self):
        order = self._create_subscription()
        for stage in (self.onboarding, self.running, self.onboarding):
            self._come_to(order, stage)
        self.assertEqual(len(self._get_mails(order)), 2)

    def test_who_only_passed_by_is_not_mailed(self):
        order = self._create_subscription()
        order.subscription_stage_id = self.onboarding
        self.env.flush_all()
        self._come_to(order, self.running)
        self.assertFalse(self._get_mails(order))

    def test_confirmation_comes_to_the_first_stage_of_those_that_run(self):
        self.running.mail_template_id = self.welcome
        quotation = self._create_quotation()
        self._care()
        self.assertFalse(self._get_mails(quotation))
        quotation.action_confirm()
        self._care()
        self.assertEqual(len(self._get_mails(quotation)), 1)

    def test_those_who_are_there_when_the_mail_is_chosen_are_not_mailed(self):
        order = self._create_subscription()
        self._care()
        self.running.mail_template_id = self.welcome
        self._care()
        self.assertFalse(self._get_mails(order))

    def test_what_is_imported_came_to_its_stage_long_ago(self):
        self.running.mail_template_id = self.welcome
        order = self._import_order({"customer": "Grace Reader", "email": "grace@example.com"})
        self.assertEqual(order.subscription_stage_id, self.running)
        self._care()
        self.assertFalse(self._get_mails(order))
        self._come_to(order)
        self.assertEqual(len(self._get_mails(order)), 1)

    def test_without_an_address_the_order_says_that_nobody_was_told(self):
        order = self._create_subscription()
        other = self._create_subscription(partner_id=self.env["res.partner"].create({"name": "No Mail"}).id)
        self._come_to(order | other)
        self.assertFalse(self._get_mails(other))
        self.assertTrue(self._get_mails(order))
        self.assertIn("no e-mail address", other.message_ids[0].body)
        self.assertFalse(self.onboarding.subscription_mail_failure, "The stage is fine.")

    def test_a_mail_that_fails_is_told_on_stage_and_order_and_keeps_back_no_other(self):
        self.onboarding.mail_template_id = self._create_mail(
            "Welcome", "<p t-if='object.client_order_ref == \"bad\"'><t t-out='object.no_such_field'/></p><p>Hello</p>"
        )
        good, bad = self._create_subscription(), self._create_subscription(client_order_ref="bad")
        self._come_to(good | bad)
        self.assertEqual(len(self._get_mails(good)), 1)
        self.assertFalse(self._get_mails(bad))
        self.assertIn(bad.name, self.onboarding.subscription_mail_failure)
        self.assertEqual(str(self.onboarding.subscription_mail_failed_on), "2026-01-01")
        self.assertIn("Onboarding", bad.message_ids[0].body)
        self._come_to(good, self.running)
        self._come_to(good)
        self.assertFalse(self.onboarding.subscription_mail_failure, "It went again.")

    def test_a_broken_mail_keeps_no_other_stage_back(self):
        self.onboarding.mail_template_id = self._create_mail("Welcome", "<t t-out='object.no_such_field'/>")
        self.running.mail_template_id = self._create_mail("Running")
        onboarded, order = self._create_subscription(), self._create_subscription()
        onboarded.subscription_stage_id = self.onboarding
        self._care()
        self.assertTrue(self.onboarding.subscription_mail_failure)
        self.assertTrue(self._get_mails(order, "Running"))

    def test_a_stage_may_ask_for_a_rating_beside_its_mail(self):
        self.onboarding.rating_template_id = self.quick_ref("sale_subscription_plus.mail_template_rating")
        order = self._create_subscription()
        self._come_to(order)
        self.assertEqual(str(order.subscription_rating_asked_on), "2026-01-01")
        self.assertTrue(self._get_mails(order))
        self._come_to(order, self.running)
        self._come_to(order)
        self.assertEqual(len(order.rating_ids), 1, "Not asked again so soon.")
        self.assertEqual(len(self._get_mails(order)), 2)

    def test_a_broken_rating_request_undoes_no_mail_and_a_broken_mail_no_request(self):
        request = self.quick_ref("sale_subscription_plus.mail_template_rating")
        self.onboarding.rating_template_id = self._create_mail("Rate", "<t t-out='object.no_such_field'/>")
        order = self._create_subscription()
        self._come_to(order)
        self.assertEqual(len(self._get_mails(order)), 1)
        self.assertIn("no_such_field", order.message_ids[0].body)
        self.assertFalse(order.subscription_rating_asked_on)
        self.onboarding.write({"mail_template_id": self.onboarding.rating_template_id, "rating_template_id": request})
        self._come_to(order, self.running)
        self._come_to(order)
        self.assertTrue(order.subscription_rating_asked_on)
        self.assertTrue(self.onboarding.subscription_mail_failure)
