"""Exceptions as text.

Read `traceback` first, then `diagnose` and `masking`.
"""
