"""Threads and event loops that run callbacks and background sinks.

Read `lanes` first, then `loop`, `given_loop`, `real_loop`, `threads`, `ending` and `async_wait`.
"""
