"""A program whose types have to fit those of the frameworks; it is checked, never run."""

from __future__ import annotations

from typing import Any
from wsgiref.simple_server import make_server

import uvicorn
from fastapi import FastAPI
from flask import Flask
from logly.integrations import wsgi
from logly.integrations.asgi import LoglyMiddleware
from logly.integrations.celery import install
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

flask = Flask(__name__)
with make_server("", 8000, wsgi.LoglyMiddleware(flask.wsgi_app, skip=["/health"])) as server:
    server.handle_request()
with install(carry=["request_id"]) as installed:
    installed.undo()
