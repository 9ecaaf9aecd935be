"""Programs that run on Loguru and on `logly.loguru`, with equal output."""
