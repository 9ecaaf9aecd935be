"""The middleware for Starlette: the class of `logly.integrations.asgi`."""

from logly.integrations.asgi import LoglyMiddleware

__all__ = ["LoglyMiddleware"]
