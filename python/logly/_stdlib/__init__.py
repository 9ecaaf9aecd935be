"""Connections to the `logging` of the standard library.

Read `foreign` first (its records), then `trails` (of handlers) and `undoing` (changes to it).
"""
