import json

from odoo import models
from odoo.api import SUPERUSER_ID
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import plaintext2html
from odoo.tools.misc import formatLang

from odoo.addons.sale_subscription_plus.worker import NOT_THE_ORDERS_FAULT

from .subscription_request_quote import QuoteChanged


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _submit_request(self, items, digest, author, note=""):
        """Take what a customer confirmed: it is done at once, or waits for its payment.

        :param list items: see :meth:`_read_request`
        :param str digest: that of the quote which the customer was shown
        :param author: ``res.partner`` in whose name it is done
        :param str note: what the customer wrote to it
        :return: the ``subscription.request``; confirmed twice, that of the first time
        :raise QuoteChanged: when it costs, or brings, something else by now
        :raise UserError: when it is not possible
        """
        self.ensure_one()
        # Two at once: the second one looks at what the first has done.
        self._subscription_lock()
        self.invalidate_recordset()
        requests = self.subscription_request_ids
        if confirmed := requests.filtered(lambda request: digest and request.digest == digest):
            return confirmed[0]
        quote = self._quote_request(items)
        if quote["digest"] != digest:
            raise QuoteChanged(self.env._("This has changed since you saw it. Please look at it again."))
        requests._cancel()
        # One waits at a time: the database knows by now that the others do not.
        self.env["subscription.request"].flush_model(["state"])
        request = self.env["subscription.request"].create(self._prepare_request(items, quote, author, note))
        if self.currency_id.compare_amounts(request.amount, 0) <= 0:
            request._apply()
        return request

    def _prepare_request(self, items, quote, author, note):
        return {
            "order_id": self.id,
            "partner_id": author.id,
            "items": json.loads(json.dumps(items, default=str)),
            "sentence": "\n".join(quote["sentences"]),
            # What no database takes is no text either.
            "note": (note or "").replace("\x00", ""),
            "digest": quote["digest"],
            "amount": max(quote["now"]["total"], 0.0),
            "effective_on": quote["effective_on"],
            "expires_on": self.env["subscription.request"]._get_expiry(),
        }


class SubscriptionRequest(models.Model):
    """How a request is done: by the same changes and upsells as staff make."""

    _inherit = "subscription.request"

    def _apply(self):
        """Do what was asked for; its money is billed or credited at once.

        :raise UserError: when that is not possible (any more)
        """
        self.ensure_one()
        # As the superuser, whoever asks or pays: rights were checked as it was asked for, and the history names them.
        request = self.with_env(self.env(user=SUPERUSER_ID, context={"lang": self.env.context.get("lang")}))
        order = request.order_id
        order._subscription_lock()
        known = order.invoice_ids
        changes, added = order._read_request(request.items)
        request._replace_planned(changes)
        vals_list = [{**vals, "request_id": request.id} for day in changes.values() for vals in day]
        if added:
            today = order._get_today()
            raised = [vals for vals in vals_list if vals["kind"] == "quantity" and vals["effective_on"] == today]
            vals_list = [vals for vals in vals_list if vals not in raised]
            request._add(added, raised)
        if vals_list:
            self.env["subscription.change"].with_env(request.env)._schedule(vals_list)
        order.invalidate_recordset(["invoice_ids"])
        request.write({"state": "done", "move_ids": order.invoice_ids - known})
        request._tell_done()

    def _add(self, added, raised):
        order = self.order_id
        self.upsell_id = self.env["sale.order"].create(order._prepare_request_upsell(added, raised))
        self.upsell_id.action_confirm()

    def _replace_planned(self, changes):
        """Let what the customer has planned before give way to what they want now."""
        wanted = {(vals.get("line_id"), vals["kind"]) for day in changes.values() for vals in day}
        planned = self.order_id.subscription_change_ids.filtered(
            lambda change: (
                change.state == "planned"
                and change.request_id
                and change.kind in ("quantity", "plan")
                and (change.line_id.id, change.kind) in wanted
            )
        )
        planned._withdraw()

    def _tell_done(self):
        """Write in the history who asked for it, and what they wrote."""
        for request in self:
            body = self.env._("Done online by %(name)s: %(what)s", name=request.partner_id.name, what=request.sentence)
            if request.note:
                body = f"{body}\n{request.note}"
            request.order_id.message_post(body=body, author_id=request.partner_id.id)

    # === PAID ===#

    def _apply_paid(self, transaction):
        """Do what ``transaction`` has paid; where that fails, the money is kept and staff is told."""
        self.ensure_one()
        request = self.sudo()  # In sudo mode: who pays writes no request
        if transaction.payment_id:
            return
        if request.state not in ("awaiting", "lapsed", "cancelled"):
            request._tell_paid_twice(transaction)
            return
        request.state = "paid"
        try:
            with self.env.cr.savepoint():
                request._apply()
        except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, *NOT_THE_ORDERS_FAULT):
            raise
        except Exception as error:  # whatever another add-on may raise: the payment goes on
            request._tell_failed(transaction, request.order_id._describe_failure(error))
            return
        invoices = request.move_ids.filtered(lambda move: move.move_type == "out_invoice")
        transaction.sudo().invoice_ids |= invoices  # as above

    def _tell_paid_twice(self, transaction):
        """Tell that ``transaction`` pays for what is paid already: its money settles what comes."""
        self.order_id.with_user(SUPERUSER_ID).message_post(  # the note comes from us, not from the customer
            body=self.env._(
                "%(amount)s was paid a second time (%(reference)s) for what is paid already: it settles the next "
                "invoices, unless you give it back.",
                amount=formatLang(self.env, transaction.amount, currency_obj=transaction.currency_id),
                reference=transaction.reference,
            )
        )

    def _tell_failed(self, transaction, reason):
        self.write({"state": "failed", "failure": reason})
        order = self.order_id.with_user(SUPERUSER_ID)  # the note comes from us, not from the customer
        reason = self.env._(
            "The customer paid %(amount)s for this, and it could not be done: %(what)s\n%(reason)s\nDo it by hand, or "
            "give the payment back.",
            amount=formatLang(self.env, transaction.amount, currency_obj=transaction.currency_id),
            what=self.sentence,
            reason=reason,
        )
        order.message_post(body=reason)
        order.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=(order.user_id or self.env.ref("base.user_admin")).id,
            summary=self.env._("Paid online, and not done: see why"),
            note=plaintext2html(reason),
            date_deadline=order._get_today(),
        )
