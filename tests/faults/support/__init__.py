"""Means of the fault tests: children, an oracle, scarce resources."""
