"""The middleware for Flask, which is that of `logly.integrations.wsgi`."""

from logly.integrations.wsgi import LoglyMiddleware

__all__ = ["LoglyMiddleware"]
