"""Records as dicts and messages for Python code.

Read `records` first, then `record_parts`, `record_message` and `patching`.
"""
