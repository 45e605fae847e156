from odoo import api, models

from ..tools.kpi import GAINS, LOSSES

CUSTOMERS_LOST = ("customers_lost", "customers_start")


class SubscriptionKpi(models.AbstractModel):
    """The words of the key figures: names, formulas, and what the numbers in them are called."""

    _inherit = "subscription.kpi"

    @api.model
    def _get_names(self):
        """Return {key: name of the key figure}."""
        return {
            "mrr": self.env._("MRR"),
            "net_new_mrr": self.env._("Net New MRR"),
            "new": self.env._("New"),
            "expansion": self.env._("Expansion"),
            "reactivation": self.env._("Reactivation"),
            "resume": self.env._("Resumed"),
            "contraction": self.env._("Contraction"),
            "pause": self.env._("Paused"),
            "churn": self.env._("Churn"),
            "run_rate": self.env._("Annual Run-Rate"),
            "contracts": self.env._("Subscriptions"),
            "new_contracts": self.env._("New Subscriptions"),
            "lost_contracts": self.env._("Lost Subscriptions"),
            "customers": self.env._("Customers"),
            "logo_churn": self.env._("Logo Churn"),
            "gross_churn": self.env._("Gross Revenue Churn"),
            "net_churn": self.env._("Net Revenue Churn"),
            "revenue_per_contract": self.env._("Revenue per Subscription"),
            "lifetime_value": self.env._("Lifetime Value"),
            "quick_ratio": self.env._("Quick Ratio"),
            "net_revenue": self.env._("Net Revenue"),
            "non_recurring_revenue": self.env._("Non-Recurring Revenue"),
        }

    @api.model
    def _get_formulas(self):
        """Return {key: (formula in words, names of the figures that go in)}."""
        return {
            "mrr": (
                self.env._("MRR at the start + net new MRR + carried over from or to others"),
                ("mrr_start", "net_new", "transfer", "mrr_end"),
            ),
            "net_new_mrr": (
                self.env._("New + reactivation + resumed + expansion − contraction − paused − churn"),
                (*GAINS, *LOSSES),
            ),
            "new": (self.env._("First MRR of customers who had none before"), ("new", "customers_new")),
            "expansion": (self.env._("All that raised the MRR of customers who had some"), ("expansion",)),
            "reactivation": (
                self.env._("MRR of customers who had left and came back"),
                ("reactivation", "customers_reactivated"),
            ),
            "resume": (self.env._("MRR of customers whose pause ended"), ("resume",)),
            "contraction": (self.env._("All that lowered the MRR of customers who still have some"), ("contraction",)),
            "pause": (self.env._("MRR of customers who pause all they have; they are not lost"), ("pause",)),
            "churn": (self.env._("MRR of customers whose last subscription was closed"), ("churn", "customers_lost")),
            "run_rate": (self.env._("MRR at the end × 12"), ("mrr_end",)),
            "contracts": (self.env._("Subscriptions that run at the end of the period"), ("contracts_end",)),
            "new_contracts": (
                self.env._("Subscriptions that started in the period; a renewal is no start"),
                ("contracts_new",),
            ),
            "lost_contracts": (self.env._("Subscriptions that were closed in the period"), ("contracts_lost",)),
            "customers": (
                self.env._("Customers with MRR at the end of the period, and those who pause"),
                ("customers_start", "customers_new", "customers_reactivated", "customers_lost", "customers_end"),
            ),
            "logo_churn": (self.env._("Customers lost ÷ customers at the start"), CUSTOMERS_LOST),
            "gross_churn": (
                self.env._("(Churn + contraction) ÷ MRR at the start"),
                ("churn", "contraction", "mrr_start"),
            ),
            "net_churn": (
                self.env._("(Churn + contraction − expansion − reactivation) ÷ MRR at the start"),
                ("churn", "contraction", "expansion", "reactivation", "mrr_start"),
            ),
            "revenue_per_contract": (self.env._("MRR ÷ subscriptions that run"), ("mrr_end", "contracts_end")),
            "lifetime_value": (
                self.env._("(MRR ÷ customers) ÷ (customers lost ÷ customers at the start ÷ months of the period)"),
                ("mrr_end", "customers_end", *CUSTOMERS_LOST, "months"),
            ),
            "quick_ratio": (
                self.env._("(New + reactivation + expansion) ÷ (contraction + churn)"),
                ("new", "reactivation", "expansion", "contraction", "churn"),
            ),
            "net_revenue": (self.env._("Posted invoices less credit notes, without tax"), ("net_revenue",)),
            "non_recurring_revenue": (
                self.env._("The part of net revenue that is not from recurring lines"),
                ("non_recurring_revenue", "net_revenue"),
            ),
        }

    @api.model
    def _get_figure_labels(self):
        """Return {name of a figure: (its label, its unit)}."""
        money = {
            "mrr_start": self.env._("MRR at the start"),
            "mrr_end": self.env._("MRR at the end"),
            "new": self.env._("New"),
            "expansion": self.env._("Expansion"),
            "reactivation": self.env._("Reactivation"),
            "resume": self.env._("Resumed"),
            "contraction": self.env._("Contraction"),
            "pause": self.env._("Paused"),
            "churn": self.env._("Churn"),
            "transfer": self.env._("Carried over"),
            "net_new": self.env._("Net new MRR"),
            "net_revenue": self.env._("Net revenue"),
            "non_recurring_revenue": self.env._("Non-recurring revenue"),
        }
        counts = {
            "customers_start": self.env._("Customers at the start"),
            "customers_end": self.env._("Customers at the end"),
            "customers_new": self.env._("New customers"),
            "customers_lost": self.env._("Customers lost"),
            "customers_reactivated": self.env._("Customers who came back"),
            "contracts_end": self.env._("Subscriptions at the end"),
            "contracts_new": self.env._("Subscriptions started"),
            "contracts_lost": self.env._("Subscriptions closed"),
        }
        return {
            **{name: (label, "money") for name, label in money.items()},
            **{name: (label, "count") for name, label in counts.items()},
            "months": (self.env._("Months in the period"), "ratio"),
        }
