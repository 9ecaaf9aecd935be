"""`logly.production` in servers with workers: each line of each process is JSON, whole, and written once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.servers import ask, listening, script, serving

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 200

CONFIGURATION = """
import logly

logly.production("flat", include=["process"])
logger_class = "logly.integrations.gunicorn.Logger"
workers = 2
preload_app = {preload}
"""

APPLICATION = """
import logging
import logly
from logly import logger

logly.production("flat", include=["process"])

def application(environ, start_response):
    logger.info("request", number=environ["QUERY_STRING"])
    logging.getLogger("library").warning("of logging", extra={"number": environ["QUERY_STRING"]})
    answer = environ["QUERY_STRING"].encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))])
    return [answer]
"""


@pytest.mark.parametrize("preload", [True, False])
def test_every_line_of_gunicorn_and_its_workers_is_json_and_comes_once(tmp_path: Path, preload: bool) -> None:
    (tmp_path / "gunicorn.conf.py").write_text(CONFIGURATION.format(preload=preload))
    (tmp_path / "program.py").write_text(APPLICATION)

    with listening() as socket:
        command = [script("gunicorn"), "--bind", f"fd://{socket.fileno()}", "program:application"]
        with serving(tmp_path, command, socket.fileno()):
            answered = ask(tmp_path, socket.getsockname()[1], COUNT)

    # Standard output and standard error of all processes.
    lines = [json.loads(line) for line in (tmp_path / "errors").read_text().splitlines()]
    for message in ("request", "of logging"):
        numbers = [line["number"] for line in lines if line["message"] == message]
        assert len(numbers) == len(set(numbers))
        assert set(answered) <= set(numbers)
    assert {"Shutting down: Master"} <= {line["message"] for line in lines}
