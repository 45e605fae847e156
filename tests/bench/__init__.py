"""Benchmarks: each module here that has a function ``run`` is one, under the module's name."""
