"""Queues in files that outlive their process, and fatal signals."""
