"""The process: its end (`lifecycle`), `forks` and `interrupts`."""
