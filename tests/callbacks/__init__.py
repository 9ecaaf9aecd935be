"""Callbacks, and the threads that run them."""
