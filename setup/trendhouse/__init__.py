"""Trendhouse, a made-up publisher of a weekly magazine: the demo database.

``catalogue`` makes its two companies and what they sell, ``people`` its customers, ``story`` decides who does what
on which day, ``player`` lets them do it, with the same buttons that a salesperson has, ``care`` looks after them by
itself, and ``reader`` is one of them with a login. Where the database has a website that sells, ``shopfront`` opens
a shop on it, with ``pictures``.
"""
