"""Slips: wrong names, types and values, and the errors that report them."""
