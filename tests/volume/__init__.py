"""Sinks that leave records out: samples, and limits of call sites."""
