"""A program whose types have to fit those of the frameworks; it is checked, never run."""

from __future__ import annotations

from typing import Any

import uvicorn
from fastapi import FastAPI
from logly.integrations.asgi import LoglyMiddleware
from logly.integrations.uvicorn import log_config
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import Receive, Scope, Send


async def plain(scope: Scope, receive: Receive, send: Send) -> None:
    """Do nothing."""


fastapi = FastAPI()
fastapi.add_middleware(LoglyMiddleware, skip=("/health",), query=True)
starlette = Starlette(middleware=[Middleware(LoglyMiddleware, header="X-Id")])
wrapped = LoglyMiddleware(plain)
config: dict[str, Any] = log_config("DEBUG", access=False)
uvicorn.run(wrapped, log_config=config)
