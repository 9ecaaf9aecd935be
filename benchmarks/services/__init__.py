"""The cost of logging in services: context, redaction, shapes, `logging`, standard output, and Python functions."""
