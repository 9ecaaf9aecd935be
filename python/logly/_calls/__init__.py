"""Calls: context, catching, decorators, templates.

The methods in `logger` use these modules.
"""
