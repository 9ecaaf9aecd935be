"""Exceptions as text.

Read `traceback` first, then `diagnose`, `shown_values` and `masking`.
"""
