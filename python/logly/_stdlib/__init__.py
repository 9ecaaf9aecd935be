"""The `logging` of the standard library.

Read `foreign` first (its records), then `severities`, `trails` (of handlers) and `undoing` (changes to it).
"""
