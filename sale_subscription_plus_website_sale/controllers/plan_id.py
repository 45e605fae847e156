def read_plan_id(value):
    """Return the id that a browser sends in ``value``; None where it sends none, or something else."""
    if value is None or isinstance(value, bool):
        return None
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None
