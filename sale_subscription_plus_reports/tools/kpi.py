"""The key figures of a subscription business, from the figures of a period. No database.

The formulas are those of features.md, "Definitions of the numbers". Amounts are untaxed; losses are positive numbers.
None stands for what cannot be told: a part of nothing.
"""

# The movements in the order in which they lead from the MRR at the start to the MRR at the end.
GAINS = ("new", "reactivation", "resume", "expansion")
LOSSES = ("contraction", "pause", "churn")


def divide(part, whole):
    """Return ``part`` of ``whole``, None where there is no whole.

    >>> divide(1, 4), divide(1, 0)
    (0.25, None)
    """
    return part / whole if whole else None


def get_net_new(figures):
    """Return the net new MRR: what was won less what was lost.

    >>> get_net_new({**dict.fromkeys((*GAINS, *LOSSES), 1), "new": 10, "churn": 4})
    7
    """
    return sum(figures[name] for name in GAINS) - sum(figures[name] for name in LOSSES)


def get_lifetime_value(figures):
    """Return what a customer brings until they leave: revenue per customer by the share that leaves in a month.

    >>> figures = {"mrr_end": 1000, "customers_end": 50, "customers_start": 100, "customers_lost": 15, "months": 3}
    >>> get_lifetime_value(figures)
    400.0
    >>> get_lifetime_value({**figures, "customers_lost": 0}) is None
    True
    """
    revenue = divide(figures["mrr_end"], figures["customers_end"])
    churn = divide(figures["customers_lost"], figures["customers_start"])
    return revenue * figures["months"] / churn if revenue is not None and churn else None


def get_values(figures):
    """Return {key figure: value} of a period: amounts, counts, and shares of 1."""
    lost = figures["churn"] + figures["contraction"]
    return {
        "mrr": figures["mrr_end"],
        "net_new_mrr": get_net_new(figures),
        **{name: figures[name] for name in (*GAINS, *LOSSES)},
        "run_rate": figures["mrr_end"] * 12,
        "contracts": figures["contracts_end"],
        "new_contracts": figures["contracts_new"],
        "lost_contracts": figures["contracts_lost"],
        "customers": figures["customers_end"],
        "logo_churn": divide(figures["customers_lost"], figures["customers_start"]),
        "gross_churn": divide(lost, figures["mrr_start"]),
        "net_churn": divide(lost - figures["expansion"] - figures["reactivation"], figures["mrr_start"]),
        "revenue_per_contract": divide(figures["mrr_end"], figures["contracts_end"]),
        "lifetime_value": get_lifetime_value(figures),
        "quick_ratio": divide(figures["new"] + figures["reactivation"] + figures["expansion"], lost),
        "net_revenue": figures["net_revenue"],
        "non_recurring_revenue": figures["non_recurring_revenue"],
    }
