"""Slips: wrong names, types and values, and what is said of them."""
