"""Calls: levels, messages, fields, context, options."""
