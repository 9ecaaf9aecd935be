"""Forks and several processes."""
