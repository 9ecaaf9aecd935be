"""Configuration: calls, files, environment."""
