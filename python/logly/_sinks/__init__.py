"""Sinks that are Python objects.

Read `terminals` first, then `bars` (progress bars), `handlers` (of `logging`) and `background`.
"""
