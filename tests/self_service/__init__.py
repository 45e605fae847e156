"""Customers look after their subscriptions themselves, in a real browser; each step is looked up in the database."""
