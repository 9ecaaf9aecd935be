"""Configuration of a whole logger: by files, by the environment, and by lists of sinks."""
