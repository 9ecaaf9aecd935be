"""Calls: levels, messages, fields, options."""
