"""Configuring loggers as a whole: by files, by the environment, and by lists of sinks."""
