"""The last records of an application and its server, when SIGTERM ends the server."""

from __future__ import annotations

import pytest

from tests.integrations.serving import SERVERS, messages, serving
from tests.integrations.test_servers import config_of

_APPLICATION = """
import time
from logly import logger
from logly.integrations.asgi import LoglyMiddleware

logger.configure(console=False)
logger.add("app.log", json=True)

def note(record):
    time.sleep(0.05)
    with open("noted", "a") as file:
        file.write(record["message"] + "\\n")

logger.add_callback(note, level="ERROR")

async def application(scope, receive, send):
    if scope["type"] != "lifespan":
        await send({"type": "http.response.start", "status": 204, "headers": []})
        return await send({"type": "http.response.body"})
    while True:
        kind = (await receive())["type"]
        if kind == "lifespan.shutdown":
            for number in range(5_000):
                logger.info("stopping {number}", number=number)
            for number in range(5):
                logger.error("stopped {number}", number=number)
        await send({"type": kind + ".complete"})
        if kind == "lifespan.shutdown":
            return

application = LoglyMiddleware(application)
"""


@pytest.mark.parametrize("server", SERVERS)
def test_what_a_lifespan_logs_at_its_end_is_delivered(server, tmp_path):
    with serving(tmp_path, server, source=_APPLICATION, config=config_of(server)) as client:
        client.get("/")

    at_the_end = [message for message in messages(tmp_path) if message.startswith("stop")]
    wanted = [*(f"stopping {number}" for number in range(5_000)), *(f"stopped {number}" for number in range(5))]
    assert at_the_end == wanted
    assert (tmp_path / "noted").read_text().split("\n")[:-1] == wanted[-5:]


def test_last_words_of_uvicorn_are_records(tmp_path):
    with serving(tmp_path, "uvicorn", source=_APPLICATION, config=config_of("uvicorn")) as client:
        client.get("/")

    assert messages(tmp_path)[-1].startswith("Finished server process")
