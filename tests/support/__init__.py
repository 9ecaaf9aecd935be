"""Helpers that all tests share: programs, terminals, other loggers, snapshots."""
