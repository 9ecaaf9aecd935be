"""Sinks: consoles, streams, functions, handlers, filters."""
