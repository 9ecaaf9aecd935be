"""Helpers of the fault tests: child programs, an oracle, scarce resources."""
