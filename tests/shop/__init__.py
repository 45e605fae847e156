"""Visitors of the shop, in a real browser: what they see is what they pay, and what they pay is what they get."""
