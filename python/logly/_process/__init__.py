"""Other processes and the events of this one: its end (`lifecycle`), `forks` and `interrupts`.

For children that start afresh, read `inheritance` first, then `packing`, `taking_over`, `captures` and `telling`.
`intake` and `feed` are the two ends of the connection for sinks that stay in the parent.
"""
