"""Events of the process: its end (`lifecycle`), `forks` and `interrupts`."""
