"""Servers of other projects on loopback, each in a process of its own that ends with its test."""
