"""The middleware for Starlette, which is that of `logly.integrations.asgi`."""

from logly.integrations.asgi import LoglyMiddleware

__all__ = ["LoglyMiddleware"]
