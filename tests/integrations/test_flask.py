"""Flask with `LoglyMiddleware` and several clients at once: ids never mix, and each request has one access record.

With `LOGLY_STRESS=1` each test makes 10,000 requests.
"""

from __future__ import annotations

import http.client
import json
import runpy
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import flask
import logly
import pytest
from logly import logger
from logly.integrations.wsgi import LoglyMiddleware
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.faults.support.oracle import IS_LONG, LIMIT
from tests.faults.support.servers import listening, script, serving
from tests.integrations.servers import get, in_thread

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

CLIENTS = 8
REQUESTS = 10_000 if IS_LONG else 1_000

PROGRAM = """
import threading
import flask, logly
from logly import logger
from logly.integrations.wsgi import LoglyMiddleware

logger.configure(console=False)
logger.add("app.log", json=True)
application = flask.Flask(__name__)
application.wsgi_app = LoglyMiddleware(application.wsgi_app)

@application.get("/books/<number>")
def book(number):
    logger.info("view", number=number)
    thread = threading.Thread(target=logly.copy_context(logger.info), args=("thread",), kwargs={"number": number})
    thread.start()
    thread.join()

    @flask.stream_with_context
    def parts():
        logger.info("part", number=number)
        yield flask.request.environ["logly.request_id"]

    return parts()
"""


class SilentHandler(WSGIRequestHandler):
    def log(self, *_arguments: object) -> None:
        """Do not log requests."""


def werkzeug_serving(app: flask.Flask) -> AbstractContextManager[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=SilentHandler)
    server.daemon_threads = False
    return in_thread(server)


def ask_at_once(port: int) -> list[str]:
    """Send all requests, each with its own id, and return the ids from the answers."""

    def client(number: int) -> list[str]:
        return [ask(port, f"r-{number}-{asked}") for asked in range(REQUESTS // CLIENTS)]

    with ThreadPoolExecutor(CLIENTS) as pool:
        return [name for names in pool.map(client, range(CLIENTS)) for name in names]


def ask(port: int, name: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)
    try:
        connection.request("GET", f"/books/{name}", headers={"X-Request-ID": name})
        answer = connection.getresponse()
        assert (answer.headers["X-Request-ID"], answer.read().decode()) == (name, name)
        return name
    finally:
        connection.close()


def assert_never_mixed(asked: list[str], path: Path) -> None:
    by_id = defaultdict(list)
    for line in path.read_text().splitlines():
        record = json.loads(line)
        by_id[record["fields"]["request_id"]].append(record)
    assert len(asked) == REQUESTS
    assert set(by_id) == set(asked)
    for name, records in by_id.items():
        *inner, access = records
        assert [record["message"] for record in inner] == ["view", "thread", "part"]
        assert {record["fields"]["number"] for record in inner} == {name}
        assert access["message"] == f"GET /books/{name} 200"
        assert access["fields"]["response_bytes"] == len(name)


def test_ids_are_never_mixed_in_threads_of_werkzeug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)
    program = runpy.run_path("program.py")

    with werkzeug_serving(program["application"]) as port:
        asked = ask_at_once(port)

    assert logger.complete(LIMIT)
    assert_never_mixed(asked, tmp_path / "app.log")


@pytest.mark.parametrize("worker", ["sync", "gthread"])
def test_ids_are_never_mixed_in_workers_of_gunicorn(tmp_path: Path, worker: str) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [script("gunicorn"), "--workers", "2", "--worker-class", worker]
    command += ["--threads", "4", "--keep-alive", "0"] if worker == "gthread" else []

    with listening() as server:
        command += ["--bind", f"fd://{server.fileno()}", "program:application"]
        with serving(tmp_path, command, server.fileno()):
            asked = ask_at_once(server.getsockname()[1])

    assert_never_mixed(asked, tmp_path / "app.log")


@pytest.fixture
def app():
    made = flask.Flask(__name__)
    made.wsgi_app = LoglyMiddleware(made.wsgi_app)
    return made


def test_exception_of_a_view_is_logged_once_by_flask_with_the_id(app, records) -> None:
    @app.get("/")
    def view():
        raise ValueError("broken on purpose")

    with logly.intercept_logging(), werkzeug_serving(app) as port:
        answer = get(port, X_Request_ID="r-1")

    by_flask, access = records
    assert answer.status == 500
    assert (by_flask["message"], by_flask["exception"].type) == ("Exception on / [GET]", ValueError)
    assert (access["message"], access["level"], access["exception"]) == ("GET / 500", "ERROR", None)
    assert by_flask["request_id"] == access["request_id"] == "r-1"


def test_exception_that_flask_passes_on_is_logged_once_with_the_request(app, records) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = True

    @app.get("/")
    def view():
        raise ValueError("broken on purpose")

    with logly.intercept_logging(), werkzeug_serving(app) as port:
        answer = get(port)

    (access,) = [record for record in records if record["exception"]]
    assert answer.status == 500
    assert (access["message"], access["exception"].type) == ("GET / 500", ValueError)


def test_file_of_flask_counts_its_bytes(app, records, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("twelve bytes")

    @app.get("/")
    def view():
        return flask.send_file(tmp_path / "page.txt")

    with werkzeug_serving(app) as port:
        answer = get(port)

    assert answer.body == b"twelve bytes"
    assert (records[0]["message"], records[0]["response_bytes"]) == ("GET / 200", 12)


def test_answer_to_head_has_no_bytes_and_an_end(app, records) -> None:
    @app.get("/")
    def view():
        return "text"

    with werkzeug_serving(app) as port:
        get(port, method="HEAD")

    (record,) = records
    assert (record["message"], record["response_bytes"], "disconnected" in record) == ("HEAD / 200", 0, False)


def test_client_that_leaves_a_stream_is_no_error(app, records) -> None:
    ended = threading.Event()

    @app.get("/")
    def view():
        def parts():
            try:
                while True:
                    yield b"more" * 1000
            finally:
                logger.info("given up")
                ended.set()

        return parts()

    with werkzeug_serving(app) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)
        connection.request("GET", "/")
        connection.getresponse().read(10)
        connection.close()
        assert ended.wait(LIMIT)

    given_up, access = records
    assert given_up["request_id"] == access["request_id"]
    assert (access["level"], access["status"], access["disconnected"]) == ("INFO", 200, True)
