"""Modules that connect logly to other libraries. Each is imported on first use."""
