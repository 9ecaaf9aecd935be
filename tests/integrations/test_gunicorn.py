"""gunicorn with `logly.integrations.gunicorn.Logger`: its records, its requests, its settings and SIGUSR1."""

from __future__ import annotations

import json
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import LIMIT
from tests.faults.support.servers import listening, script, serving
from tests.integrations.servers import Answer, get, until
from tests.support.documents import REPOSITORY, files

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

CONFIGURATION = """
from logly import logger

logger.configure(console=False, show_module=True, show_filename=True, show_function=True)
logger.add("app.log", json=True)
logger_class = "logly.integrations.gunicorn.Logger"
"""

APPLICATION = """
import os

def application(environ, start_response):
    if environ["PATH_INFO"] == "/broken":
        raise ValueError("broken on purpose")
    start_response("200 OK", [("Content-Length", "2"), ("X-Request-ID", "r-" + environ["QUERY_STRING"])])
    return [b"ok"]
"""


class Server:
    """A running gunicorn, with its process and its port."""

    def __init__(self, folder: Path, port: int, process: subprocess.Popen[str]) -> None:
        self.folder, self.port, self.process = folder, port, process

    def get(self, path: str) -> Answer:
        return get(self.port, path)


@contextmanager
def gunicorn(folder: Path, settings: str = "", *arguments: str, configuration: str = CONFIGURATION) -> Iterator[Server]:
    (folder / "gunicorn.conf.py").write_text(configuration + settings)
    (folder / "program.py").write_text(APPLICATION)
    with listening() as socket:
        command = [script("gunicorn"), "--bind", f"fd://{socket.fileno()}", *arguments, "program:application"]
        with serving(folder, command, socket.fileno()) as process:
            yield Server(folder, socket.getsockname()[1], process)


def records(path: Path, module: str = "") -> list[dict]:
    found = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [record for record in found if record["module"].startswith(module)]


def test_request_is_a_record_with_fields(tmp_path: Path) -> None:
    with gunicorn(tmp_path, 'accesslog = "-"') as server:
        server.get("/shop/books?token=secret")

    (record,) = records(tmp_path / "app.log", "gunicorn.access")
    assert (record["level"], record["message"]) == ("INFO", "GET /shop/books 200")
    assert record["fields"].pop("duration_ms") > 0
    assert record["fields"] == {
        "method": "GET",
        "path": "/shop/books",
        "status": 200,
        "response_bytes": 2,
        "client": "127.0.0.1",
        "request_id": "r-token=secret",
    }


def test_what_gunicorn_says_is_a_record_with_its_place(tmp_path: Path) -> None:
    with gunicorn(tmp_path) as server:
        server.get("/")

    said = {record["message"].partition(" ")[0]: record for record in records(tmp_path / "app.log", "gunicorn.error")}
    assert {"Starting", "Listening", "Booting"} <= set(said)
    assert (said["Booting"]["filename"], said["Booting"]["function"]) == ("arbiter.py", "spawn_worker")


def test_broken_request_is_an_error_with_one_traceback(tmp_path: Path) -> None:
    with gunicorn(tmp_path, 'accesslog = "-"') as server:
        status = server.get("/broken").status

    errors = [record for record in records(tmp_path / "app.log") if record["level"] == "ERROR"]
    told, request = sorted(errors, key=lambda record: "exception" not in record)
    assert status == 500
    assert told["message"].startswith("Error handling request")
    assert told["exception"]["type"] == "ValueError"
    assert (request["message"], "exception" in request) == ("GET /broken 500", False)


def test_exception_that_a_middleware_has_logged_is_not_logged_again(tmp_path: Path) -> None:
    settings = """
def post_worker_init(worker):
    from logly.integrations.wsgi import LoglyMiddleware
    worker.wsgi = LoglyMiddleware(worker.wsgi)
"""
    with gunicorn(tmp_path, settings) as server:
        status = server.get("/broken").status

    (error,) = [record for record in records(tmp_path / "app.log") if record["level"] == "ERROR"]
    assert (status, error["message"], error["exception"]["type"]) == (500, "GET /broken 500", "ValueError")


def test_worker_of_uvicorn_logs_each_exception_once_and_no_query(tmp_path: Path) -> None:
    settings = """
worker_class = "uvicorn.workers.UvicornWorker"
accesslog = "-"

def post_worker_init(worker):
    from logly.integrations.asgi import LoglyMiddleware

    async def application(scope, receive, send):
        raise ValueError("broken on purpose")

    worker.wsgi = LoglyMiddleware(application, query=False)
    worker.config.app = worker.wsgi
"""
    with gunicorn(tmp_path, settings) as server:
        status = server.get("/broken?token=secret").status

    found = records(tmp_path / "app.log")
    errors = [record for record in found if "exception" in record]
    (access,) = [record for record in found if record["module"] == "uvicorn.access"]
    assert (status, [error["message"] for error in errors]) == (500, ["GET /broken 500"])
    assert (access["message"], access["fields"]["path"]) == ("GET /broken 500", "/broken")
    assert "secret" not in (tmp_path / "app.log").read_text()
    assert "color_message" not in (tmp_path / "app.log").read_text()


def test_configuration_of_the_page_logs_both(tmp_path: Path) -> None:
    page = files(REPOSITORY / "docs" / "guides" / "servers.md")["gunicorn.conf.py"]

    def told() -> list[str]:
        lines = (tmp_path / "app.log").read_text().splitlines()
        return [json.loads(line)["message"].partition(" with pid")[0] for line in lines]

    with gunicorn(tmp_path, 'worker_class = "sync"\naccesslog = "-"\n', configuration=page) as server:
        server.get("/before")
        server.process.send_signal(signal.SIGHUP)
        until(lambda: told().count("Booting worker") == 4)
        server.get("/after")

    assert [told().count(message) for message in ("GET /before 200", "GET /after 200", "Booting worker")] == [1, 1, 4]


def test_requests_are_not_logged_unless_it_is_asked_for(tmp_path: Path) -> None:
    with gunicorn(tmp_path) as server:
        server.get("/")

    assert records(tmp_path / "app.log", "gunicorn.access") == []


def test_loglevel_holds(tmp_path: Path) -> None:
    with gunicorn(tmp_path, 'accesslog = "-"', "--log-level", "warning") as server:
        server.get("/")

    assert {record["module"] for record in records(tmp_path / "app.log")} == {"gunicorn.access"}


def test_paths_are_files_of_these_records_alone(tmp_path: Path) -> None:
    with gunicorn(tmp_path, "", "--access-logfile", "access.log", "--error-logfile", "error.log") as server:
        server.get("/")

    (line,) = (tmp_path / "access.log").read_text().splitlines()
    assert "| INFO | GET / 200 method=GET path=/ status=200" in line
    assert "| INFO | Booting worker with pid" in (tmp_path / "error.log").read_text()
    assert records(tmp_path / "app.log") == []


def test_format_of_the_access_log_makes_the_message(tmp_path: Path) -> None:
    with gunicorn(tmp_path, 'accesslog = "-"', "--access-logformat", '%(m)s for "%({host}i)s"') as server:
        server.get("/")

    (record,) = records(tmp_path / "app.log", "gunicorn.access")
    assert record["message"] == f'GET for "127.0.0.1:{server.port}"'
    assert record["fields"]["status"] == 200


def test_logger_of_a_subclass_gets_the_records(tmp_path: Path) -> None:
    settings = """
from logly import Logger as Independent
from logly.integrations.gunicorn import Logger

class logger_class(Logger):
    logger = Independent()

logger_class.logger.configure(show_module=True)
logger_class.logger.add("own.log", json=True)
"""
    with gunicorn(tmp_path, settings) as server:
        server.get("/")

    assert records(tmp_path / "own.log", "gunicorn.error") != []
    assert records(tmp_path / "app.log") == []


def test_reload_keeps_files_and_doubles_nothing(tmp_path: Path) -> None:
    with gunicorn(tmp_path, "", "--access-logfile", "access.log", "--error-logfile", "error.log") as server:
        server.get("/before")
        server.process.send_signal(signal.SIGHUP)
        until(lambda: (tmp_path / "error.log").read_text().count("Booting worker") == 2)
        server.get("/after")

    lines = (tmp_path / "access.log").read_text().splitlines()
    assert [line.split()[6] for line in lines] == ["/before", "/after"]
    assert (tmp_path / "error.log").read_text().count("Hang up") == 1


@pytest.mark.parametrize("arguments", [[], ["--preload"], ["--threads", "4"]], ids=["sync", "preload", "gthread"])
def test_sigusr1_opens_files_anew_and_loses_nothing(tmp_path: Path, arguments: list[str]) -> None:
    settings = """
import os
workers = 2
# Nothing but the signal has them look.
logger.remove_all()
logger.add("app.log", json=True, watch=False)
accesslog, errorlog = "-", "-"
def post_fork(server, worker):
    from logly import logger
    logger.configure(extra={"pid": os.getpid()})
logger.configure(extra={"pid": os.getpid()})
"""
    asked = 0

    with gunicorn(tmp_path, settings, *arguments) as server:

        def ask_until_all_wrote(path: Path) -> None:
            nonlocal asked
            end = time.monotonic() + LIMIT
            while len({record["fields"]["pid"] for record in records(path, "gunicorn.access")}) < 2:
                assert time.monotonic() < end
                server.get(f"/{asked}")
                asked += 1

        ask_until_all_wrote(tmp_path / "app.log")
        (tmp_path / "app.log").rename(tmp_path / "moved.log")
        server.get(f"/{asked}")
        asked += 1
        server.process.send_signal(signal.SIGUSR1)
        ask_until_all_wrote(tmp_path / "app.log")

    both = [*records(tmp_path / "moved.log"), *records(tmp_path / "app.log")]
    paths = [record["fields"]["path"] for record in both if record["module"] == "gunicorn.access"]
    assert sorted(paths) == sorted(f"/{number}" for number in range(asked))
    # The master writes to the new file too.
    assert server.process.pid in {record["fields"]["pid"] for record in records(tmp_path / "app.log")}
