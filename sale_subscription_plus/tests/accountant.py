"""What accountants do to invoices after they were made."""

from odoo.fields import Command


def edit(number, move):
    """Change something of a draft; another thing for each ``number``."""
    line = move.invoice_line_ids.filtered(lambda line: line.display_type == "product")[-1:]
    changes = [
        {"quantity": line.quantity + 1.5},
        {"price_unit": 33.335, "discount": 5.0},
        {"tax_ids": [Command.clear()]},
        {"analytic_distribution": False, "name": "Other"},
        {"account_id": move.journal_id.default_account_id.id or line.account_id.id},
        {"product_uom_id": move.env.ref("uom.product_uom_dozen").id},
    ]
    edits = [
        *[{"invoice_line_ids": [Command.update(line.id, values)]} for values in changes],
        {"invoice_line_ids": [Command.create({"name": "Freight", "price_unit": 7.77, "quantity": 3.0})]},
        {"invoice_line_ids": [Command.create({"product_id": line.product_id.id})]},
        {"invoice_line_ids": [Command.delete(line.id)]},
        {"invoice_payment_term_id": move.env.ref("account.account_payment_term_advance_60days").id},
        {"invoice_date": "2026-02-10"},
        {"partner_id": move.env.user.partner_id.id},
        {"currency_id": move.env.ref("base.EUR").id},
        {"payment_reference": "another", "ref": "other"},
        {"narration": "<p>Changed</p>"},
        {},
    ]
    move.write(edits[number % len(edits)])


def pay(moves):
    """Register a payment for each of ``moves``."""
    for move in moves:
        wizard = move.env["account.payment.register"].with_context(active_model="account.move", active_ids=move.ids)
        wizard.create({"payment_date": "2026-01-05"})._create_payments()


def reverse(moves):
    """Replace each of ``moves``: a credit note, and a draft of the same."""
    for move in moves:
        wizard = move.env["account.move.reversal"].with_context(active_model="account.move", active_ids=move.ids)
        wizard.create({"journal_id": move.journal_id.id, "date": "2026-01-06"}).modify_moves()


def go_on(moves, footprint):
    """Take ``moves`` back to draft, change them, post them again, pay some and reverse others."""
    posted = moves.filtered(lambda move: move.state == "posted" and not move.inalterable_hash)
    posted.button_draft()
    footprint.take("reset")
    drafts = moves.filtered(lambda move: move.state == "draft")
    for number, move in enumerate(drafts):
        edit(number, move)
    footprint.note("edited", moves)
    footprint.take("edited")
    drafts = drafts.filtered(lambda move: move.amount_total >= 0 and move.invoice_line_ids)
    drafts.action_post()
    footprint.take("posted again")
    pay(drafts.filtered("amount_residual")[::2])
    footprint.take("paid")
    reverse(drafts[1::2])
    footprint.take("reversed")
