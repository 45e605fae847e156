"""What a browser says of its choice, which may be anything."""

# Nobody buys more of a subscription, and amounts stay amounts.
MOST = 10**6


def read_plan_id(value):
    """Return the id that a browser sends in ``value``; None where it sends none, or something else."""
    if value is None or isinstance(value, bool):
        return None
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def read_quantity(value):
    """Return the quantity that a browser sends in ``value``; 1 where it sends none that could be bought."""
    quantity = float(value or 1.0)
    return quantity if 0 < quantity <= MOST else 1.0
