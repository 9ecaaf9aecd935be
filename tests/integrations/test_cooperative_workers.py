"""gunicorn with gevent workers: in each forked worker, gevent patches the standard library while logly already runs."""

from __future__ import annotations

import importlib
import json
import threading
from typing import TYPE_CHECKING

from tests.faults.support.servers import listening, script, serving
from tests.integrations.servers import get

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURATION = """
from logly import logger

logger.configure(console=False)
logger.add("app.log", format="{message}")
logger_class = "logly.integrations.gunicorn.Logger"
worker_class = "gevent"
"""

APPLICATION = """
import asyncio
import os
import threading
import time

from logly import logger

got, arrived = [], []

def callback(record):
    got.append("callback")

async def coroutine(record):
    await asyncio.sleep(0.001)
    got.append("coroutine")

def sink(line):
    # A sink of the caller's that yields, as one that sends over a socket does.
    time.sleep(0.01)
    got.append("sink")

for function in (callback, coroutine):
    logger.add_callback(function, level="WARNING")
logger.add(sink, level="WARNING")
logger.add("rotated.log", rotation="10 B", compression="bz2", level="WARNING", format="{message}")

def application(environ, start_response):
    logger.warning("request {query}", query=environ["QUERY_STRING"])
    arrived.append(True)
    while len(arrived) < 5:
        time.sleep(0.001)
    is_complete = logger.complete(30)
    counts = {name: got.count(name) for name in sorted(set(got))}
    answer = f'[{str(is_complete).lower()}, {counts}, "{type(threading.current_thread()).__name__}"]'.replace("'", '"')
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer.encode()]
"""


def test_everything_works_in_workers_of_gevent(tmp_path: Path) -> None:
    importlib.import_module("gevent")  # The server's workers need it, and this says so where it is missing.
    (tmp_path / "gunicorn.conf.py").write_text(CONFIGURATION)
    (tmp_path / "program.py").write_text(APPLICATION)
    answers = []
    with listening() as socket:
        port = socket.getsockname()[1]
        command = [script("gunicorn"), "--bind", f"fd://{socket.fileno()}", "program:application"]
        with serving(tmp_path, command, socket.fileno()):
            clients = [
                threading.Thread(target=lambda number=number: answers.append(get(port, f"/?{number}").body))
                for number in range(5)
            ]
            for client in clients:
                client.start()
            for client in clients:
                client.join()

    found = [json.loads(answer) for answer in answers]
    assert [is_complete for is_complete, _, _ in found] == [True] * 5
    assert {thread for _, _, thread in found} != {"_MainThread"}
    assert all(counts == {"callback": 5, "coroutine": 5, "sink": 5} for _, counts, _ in found)
    assert len(list(tmp_path.glob("rotated.*.bz2"))) == 4
    assert (tmp_path / "app.log").read_text().count("request ") == 5
