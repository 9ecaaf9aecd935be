"""Exceptions: tracebacks, catching, hooks."""
