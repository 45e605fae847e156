"""Stands between Odoo and PyPI's localstripe and makes up for what that lacks of Stripe; fails when it is told to.

A process of its own: ``python -m tests.charging.shim PORT LOCALSTRIPE_URL``.
"""
