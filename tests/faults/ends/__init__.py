"""The ends of processes: exit, signals, kills."""
