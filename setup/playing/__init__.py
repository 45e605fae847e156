"""What a simulation plays: a payment provider that keeps its own books, and customers who pay, or do not.

Only in the process of the simulation: the add-ons know nothing of it.
"""
