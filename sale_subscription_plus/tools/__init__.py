from . import mrr, proration, recurrence
