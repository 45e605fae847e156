from odoo import api, models

from ..complete_items import INVOICE_KEYS, CompleteItems
from ..proven_addons import is_untouched

# Methods that lead from an invoice's lines to its journal items. Where another add-on changes one of them, the
# items are worked out by Odoo.
BYPASSED = {
    "account.move": (
        "_check_balanced",
        "_collect_tax_cash_basis_values",
        "_compute_always_tax_exigible",
        "_compute_currency_id",
        "_compute_date",
        "_compute_direction_sign",
        "_compute_expected_currency_rate",
        "_compute_invoice_currency_rate",
        "_compute_invoice_date_due",
        "_compute_invoice_payment_term_id",
        "_compute_journal_id",
        "_compute_needed_terms",
        "_get_accounting_date_source",
        "_get_discount_allocation_account",
        "_get_expected_currency_rate_at",
        "_get_invoice_currency_rate_date",
        "_get_product_base_line_currency_rate",
        "_get_protected_vals",
        "_get_rounded_base_and_tax_lines",
        "_get_sync_stack",
        "_prepare_product_base_line_for_taxes_computation",
        "_recompute_cash_rounding_lines",
        "_sanitize_vals",
        "_search_default_journal",
        "_sync_dynamic_line",
        "_sync_dynamic_line_needed_values",
        "_sync_dynamic_lines",
        "_sync_invoice",
        "_sync_non_deductible_base_lines",
        "_sync_rounding_lines",
        "_sync_tax_lines",
        "_sync_unbalanced_lines",
        "create",
    ),
    "account.move.line": (
        "_compute_account_id",
        "_compute_amount_currency",
        "_compute_analytic_distribution",
        "_compute_balance",
        "_compute_currency_id",
        "_compute_currency_rate",
        "_compute_discount_allocation_needed",
        "_compute_epd_needed",
        "_compute_is_refund",
        "_compute_partner_id",
        "_compute_term_key",
        "_compute_totals",
        "_get_analytic_distribution_arguments",
        "_inverse_account_id",
        "_inverse_amount_currency",
        "_related_analytic_distribution",
        "_sanitize_vals",
        "_sync_invoice",
        "create",
        "write",
    ),
    "account.tax": (
        "_add_accounting_data_in_base_lines_tax_details",
        "_add_accounting_data_to_base_line_tax_details",
        "_add_tax_details_in_base_line",
        "_get_base_line_field_value_from_record",
        "_prepare_base_line_for_taxes_computation",
        "_prepare_base_line_grouping_key",
        "_prepare_base_line_tax_repartition_grouping_key",
        "_prepare_tax_lines",
        "_round_base_lines_tax_details",
    ),
}


class AccountMove(models.Model):
    """Invoices by the thousand: created with their journal items complete."""

    _inherit = "account.move"

    @api.model
    def _subscription_create(self, values):
        """Create draft customer invoices, every stored field as :meth:`create` makes it, in less time.

        What is not proven to come out the same is left to :meth:`create`.

        :param list values: a dict an invoice, as for :meth:`create`
        :return: (the invoices in the order of ``values``, how many of them went Odoo's own way)
        """
        completed = [None] * len(values)
        if self._subscription_is_proven():
            items = CompleteItems(self)
            completed = [items.complete(vals) for vals in values]
        fast = iter(self._subscription_create_complete([vals for vals in completed if vals]))
        usual = iter(self.create([vals for vals, complete in zip(values, completed, strict=True) if not complete]))
        ids = [next(fast if complete else usual).id for complete in completed]
        return self.browse(ids), completed.count(None)

    @api.model
    def _subscription_create_complete(self, values):
        """Create invoices whose journal items are complete."""
        # Nothing is to be worked out from the lines any more; a draft has no analytic lines to bring in step.
        Move = self.with_context(skip_invoice_sync=True, skip_invoice_line_sync=True, skip_analytic_sync=True)
        moves = Move.create(values)
        for name in ("price_subtotal", "price_total"):
            self.env.remove_to_compute(moves.line_ids._fields[name], moves.line_ids)
        return self.browse(moves.ids)

    @api.model
    def _subscription_is_proven(self):
        """Return whether all that changes how invoices are made in this database was proven to be the same."""
        return (
            all(is_untouched(self.env[model], *names) for model, names in BYPASSED.items())
            and not self._subscription_has_defaults()
        )

    def _subscription_has_defaults(self):
        """Return whether users or administrators chose defaults from which other journal items would follow."""
        defaults = self.env["ir.default"]._get_model_defaults
        harmless = INVOICE_KEYS - {"journal_id"}
        return bool(defaults("account.move.line") or defaults("account.move").keys() - harmless)
