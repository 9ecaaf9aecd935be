"""The middleware for Flask: the class of `logly.integrations.wsgi`."""

from logly.integrations.wsgi import LoglyMiddleware

__all__ = ["LoglyMiddleware"]
