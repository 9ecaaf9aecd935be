"""Exports: records for a collector, failures, the spool, and options."""
