"""Lines: formats, colours, times, JSON."""
