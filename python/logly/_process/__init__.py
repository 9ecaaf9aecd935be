"""Other processes and the events of this one: its end (`lifecycle`), `forks` and `interrupts`.

For children that start afresh, read `inheritance` first, then `packing`, `taking_over`, `captures` and `telling`.
Sinks that stay in the parent have two ends: `intake` with its `connection` in the parent, `feed` with its `link` in
the worker. `wire` has the form of their frames.
"""

FAMILIES = ("multiprocessing", "multiprocess")
"""Packages that make processes like `multiprocessing`, whose objects have its configuration. None is imported here."""
