"""Sinks that are Python objects.

Read `terminals` first, then `bars` (of progress), `handlers` (of `logging`) and `background`.
"""
