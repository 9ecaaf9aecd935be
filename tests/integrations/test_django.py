"""Django with `LoglyMiddleware`, under gunicorn (WSGI) and uvicorn (ASGI); all tests here share one process of each."""

from __future__ import annotations

import http.client
import json
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import django
import pytest

from tests.faults.support.oracle import IS_LONG, LIMIT
from tests.faults.support.servers import listening, script
from tests.integrations.servers import get, process, until
from tests.support import child

if TYPE_CHECKING:
    from pathlib import Path

CLIENTS = 4
REQUESTS = 10_000 if IS_LONG else 1_000
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"

PROJECT = """
import asyncio
import os
import django
from django.conf import settings
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.urls import path
from logly import logger

logger.configure(console=False, show_module=True)
logger.add("app.log", json=True)
settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="not a secret here",
    MIDDLEWARE=["logly.integrations.django.LoglyMiddleware", *eval(os.environ.get("MORE", "[]"))],
    LOGLY_MIDDLEWARE={"skip": ["/health"]},
    LOGGING={
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"logly": {"class": "logly.LoglyHandler"}},
        "root": {"handlers": ["logly"], "level": "INFO"},
        "loggers": {"django": {"handlers": [], "level": "INFO"}},
    },
)
django.setup()

def sync_view(request):
    logger.info("sync view")
    return HttpResponse(request.request_id)

async def async_view(request):
    await asyncio.sleep(0)
    logger.info("async view")
    await asyncio.to_thread(logger.info, "thread")
    return HttpResponse(request.request_id)

def broken(request):
    raise ValueError("broken on purpose")

async def async_broken(request):
    raise ValueError("broken on purpose")

def stream(request):
    def parts():
        for number in range(2):
            logger.info("part {number}", number=number)
            yield b"part"
    return StreamingHttpResponse(parts())

def async_stream(request):
    async def parts():
        for number in range(2):
            logger.info("part {number}", number=number)
            yield b"part"
    return StreamingHttpResponse(parts())

def broken_stream(request):
    def parts():
        yield b"part"
        raise ValueError("broken on purpose")
    return StreamingHttpResponse(parts())

def endless(request):
    async def async_parts():
        while True:
            yield b"more" * 1000
            await asyncio.sleep(0)
    def parts():
        while True:
            yield b"more" * 1000
    return StreamingHttpResponse(async_parts() if hasattr(request, "scope") else parts())

async def waiting(request):
    logger.info("waiting")
    await asyncio.Event().wait()

def file(request):
    return FileResponse(open(__file__, "rb"))

def sorry(request):
    return HttpResponse("sorry", status=503)

views = [sync_view, async_view, broken, async_broken, stream, async_stream, broken_stream, endless, waiting]
views += [file, sorry]
urlpatterns = [path(view.__name__, view) for view in views] + [path("health", sync_view)]

def middleware(get_response):
    # One that knows no coroutines.
    def answer(request):
        logger.info("middleware")
        return get_response(request)
    return answer
"""

WSGI = "\nfrom django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n"
ASGI = "\nfrom django.core.asgi import get_asgi_application\napplication = get_asgi_application()\n"


def is_access(record: dict) -> bool:
    return "method" in record["fields"]


class Site:
    """A running Django site, and its log."""

    def __init__(self, folder: Path, kind: str, port: int) -> None:
        self.folder, self.kind, self.port = folder, kind, port

    def ask(self, path: str, count: int = 1, **headers: str):
        """Send a request with its own id; return the answer, the other records of that id, and the access record."""
        name = uuid.uuid4().hex
        answer = get(self.port, path, X_Request_ID=name, **headers)
        return (answer, *self.told_of(name, count))

    def told_of(self, name: str, count: int = 1) -> tuple[list[dict], dict]:
        """Wait for *count* records, one of them the access record; return the others and the access record."""
        until(lambda: len(found := self.records(name)) >= count and any(map(is_access, found)))
        found = self.records(name)
        (access,) = filter(is_access, found)
        return [record for record in found if record is not access], access

    def records(self, name: str) -> list[dict]:
        text = (self.folder / "app.log").read_text() if (self.folder / "app.log").exists() else ""
        lines = text[: text.rfind("\n") + 1].splitlines()
        records = map(json.loads, (line for line in lines if name in line))
        return [record for record in records if record["fields"].get("request_id") == name]


def serving(folder: Path, kind: str, more: str = "[]"):
    (folder / "project.py").write_text(PROJECT + (WSGI if kind == "wsgi" else ASGI))
    return _serving(folder, kind, more)


def _serving(folder: Path, kind: str, more: str):
    with listening() as server:
        number = server.fileno()
        if kind == "wsgi":
            command = [script("gunicorn"), "--bind", f"fd://{number}", "--threads", "4", "project:application"]
        else:
            command = [sys.executable, "-m", "uvicorn", "--fd", str(number), "--no-access-log", "--lifespan", "off"]
            command += ["project:application"]
        with process(folder, command, number, MORE=more, PYTHONWARNINGS="ignore"):
            yield Site(folder, kind, server.getsockname()[1])


@pytest.fixture(scope="module", params=["wsgi", "asgi"])
def site(request, tmp_path_factory):
    yield from serving(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture(scope="module", params=["wsgi", "asgi"])
def adapted_site(request, tmp_path_factory):
    """Give Django with a middleware without coroutine support, so that Django adapts all others to it."""
    yield from serving(tmp_path_factory.mktemp(request.param), request.param, "['project.middleware']")


@pytest.mark.parametrize("view", ["sync_view", "async_view"])
def test_request_has_one_access_record_and_its_id_everywhere(site, view):
    answer, inner, access = site.ask(f"/{view}?token=secret")

    name = access["fields"].pop("request_id")
    assert (answer.status, answer.body.decode(), answer.headers["X-Request-ID"]) == (200, name, name)
    assert inner[0]["message"] == view.replace("_", " ")
    assert (access["level"], access["message"]) == ("INFO", f"GET /{view} 200")
    assert access["fields"].pop("duration_ms") > 0
    assert access["fields"] == {
        "method": "GET",
        "path": f"/{view}",
        "status": 200,
        "response_bytes": 32,
        "client": "127.0.0.1",
    }


def test_threads_of_async_views_have_the_id(site):
    _, inner, _ = site.ask("/async_view")

    assert [record["message"] for record in inner] == ["async view", "thread"]


def test_trace_is_in_every_record(site):
    _, inner, access = site.ask("/sync_view", traceparent=f"00-{TRACE}-{SPAN}-01")

    assert {record["fields"]["trace_id"] for record in [*inner, access]} == {TRACE}


@pytest.mark.parametrize("view", ["broken", "async_broken"])
def test_exception_is_logged_once_with_the_request(site, view):
    answer, inner, access = site.ask(f"/{view}")

    assert (answer.status, inner) == (500, [])
    assert (access["level"], access["message"]) == ("ERROR", f"GET /{view} 500")
    assert (access["exception"]["type"], access["exception"]["message"]) == ("ValueError", "broken on purpose")


def test_status_of_500_without_exception_is_an_error(site):
    _, (told,), access = site.ask("/sorry", 2)

    assert (access["level"], access["message"]) == ("ERROR", "GET /sorry 503")
    assert (told["module"], told["message"]) == ("django.request", "Service Unavailable: /sorry")


def test_what_django_says_of_a_request_has_its_id_and_not_its_query(site):
    _, (told,), access = site.ask("/missing?token=secret", 2)

    assert (told["level"], told["message"]) == ("WARNING", "Not Found: /missing")
    assert "request" not in told["fields"]
    assert access["message"] == "GET /missing 404"
    assert "secret" not in (site.folder / "app.log").read_text()


@pytest.mark.parametrize("view", ["stream", "async_stream"])
def test_streaming_response_has_the_context_and_its_record_when_it_ends(site, view):
    answer, inner, access = site.ask(f"/{view}")

    assert answer.body == b"partpart"
    assert [record["message"] for record in inner] == ["part 0", "part 1"]
    assert (access["message"], access["fields"]["response_bytes"]) == (f"GET /{view} 200", 8)


def test_exception_of_a_streaming_response_is_logged_once(site):
    name = uuid.uuid4().hex
    with pytest.raises(http.client.HTTPException):
        get(site.port, "/broken_stream", X_Request_ID=name)

    inner, access = site.told_of(name)
    assert inner == []
    assert (access["level"], access["exception"]["type"]) == ("ERROR", "ValueError")


def test_client_that_leaves_a_streaming_response_is_no_error(site):
    if site.kind == "asgi" and django.VERSION < (5,):
        pytest.skip("nobody tells the view, which goes on for ever")
    name = uuid.uuid4().hex
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=LIMIT)
    connection.request("GET", "/endless", headers={"X-Request-ID": name})
    connection.getresponse().read(10)
    connection.close()

    _, access = site.told_of(name)
    assert (access["level"], access["fields"]["status"], access["fields"]["disconnected"]) == ("INFO", 200, True)


def test_file_is_still_the_servers_to_send(site):
    answer, _, access = site.ask("/file")

    assert answer.body == (site.folder / "project.py").read_bytes()
    assert access["fields"]["response_bytes"] == len(answer.body)


def test_skipped_path_has_no_access_record(site):
    name = uuid.uuid4().hex
    get(site.port, "/health", X_Request_ID=name)

    # The next request has its record.
    site.ask("/sync_view")
    assert [record["message"] for record in site.records(name)] == ["sync view"]


@pytest.mark.parametrize("view", ["sync_view", "async_view"])
def test_middleware_that_knows_no_coroutines_is_in_the_context_too(adapted_site, view):
    _, inner, access = adapted_site.ask(f"/{view}")

    assert [record["message"] for record in inner][:2] == ["middleware", view.replace("_", " ")]
    assert access["message"] == f"GET /{view} 200"


def test_ids_are_never_mixed(site):
    def client(number: int) -> list[str]:
        names = [f"r-{site.kind}-{number}-{asked}" for asked in range(REQUESTS // CLIENTS)]
        for name in names:
            view = ("sync_view", "async_view")[int(name[-1]) % 2]
            assert get(site.port, f"/{view}", X_Request_ID=name).body.decode() == name
        return names

    with ThreadPoolExecutor(CLIENTS) as pool:
        asked = [name for names in pool.map(client, range(CLIENTS)) for name in names]

    def access_records() -> list[str]:
        lines = (site.folder / "app.log").read_text().splitlines()
        records = (json.loads(line) for line in lines if '"method"' in line and f'"r-{site.kind}-' in line)
        return [record["fields"]["request_id"] for record in records]

    until(lambda: len(access_records()) >= len(asked))
    assert sorted(access_records()) == sorted(asked)


def test_client_that_leaves_before_the_response_cancels_it(site):
    if site.kind == "wsgi" or django.VERSION < (5,):
        pytest.skip("nobody tells the view")
    name = uuid.uuid4().hex
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=LIMIT)
    connection.request("GET", "/waiting", headers={"X-Request-ID": name})
    until(lambda: site.records(name) != [])
    connection.close()

    _, access = site.told_of(name)
    assert (access["level"], access["fields"]["status"], access["fields"]["cancelled"]) == ("INFO", 499, True)


def test_middleware_around_django_counts():
    program = """
import django
from django.conf import settings
from django.http import HttpResponse
from django.urls import path
from logly import logger
from logly.integrations.wsgi import LoglyMiddleware

logger.configure(show_time=False)
settings.configure(
    ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], MIDDLEWARE=["logly.integrations.django.LoglyMiddleware"]
)
django.setup()
urlpatterns = [path("", lambda request: HttpResponse(request.request_id))]

from django.core.wsgi import get_wsgi_application
from werkzeug.test import Client

application = LoglyMiddleware(get_wsgi_application())
print(Client(application).get("/", headers={"X-Request-ID": "r-1"}, buffered=True).text)
"""
    shown = child.output(program).splitlines()

    assert shown[0].startswith("INFO | GET / 200 ")
    assert shown[1:] == ["r-1"]


def test_lines_of_the_development_server_have_no_query():
    program = """
import socket
import threading
import django
import logly
from django.conf import settings
from django.http import HttpResponse
from django.urls import path
from logly import logger

logger.configure(show_time=False)
logly.intercept_logging()
settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    LOGGING_CONFIG=None,
    MIDDLEWARE=["logly.integrations.django.LoglyMiddleware"],
    LOGLY_MIDDLEWARE={"access": False},
)
django.setup()
urlpatterns = [path("orders", lambda request: HttpResponse("ok"))]

from django.core.servers.basehttp import WSGIRequestHandler, WSGIServer
from django.core.wsgi import get_wsgi_application

with WSGIServer(("127.0.0.1", 0), WSGIRequestHandler) as server:
    server.set_app(get_wsgi_application())
    for address in ("/orders?token=secret", "/?token=secret", "/orders?token=the secret"):
        with socket.create_connection(("127.0.0.1", server.server_port), 30) as client:
            asking = threading.Thread(target=server.handle_request)
            asking.start()
            client.sendall(b"GET " + address.encode() + b" HTTP/1.1\\r\\nConnection: close\\r\\n\\r\\n")
            while client.recv(1024):
                pass
            asking.join()
"""
    shown = child.output(program)

    assert 'INFO | "GET /orders HTTP/1.1" 200 2' in shown
    assert "Bad request syntax ('GET /orders HTTP/1.1" in shown
    assert "secret" not in shown


@pytest.mark.parametrize(("code", "told"), [(1, "ERROR | GET / 500 "), (0, "INFO | GET / 499 ")])
def test_exit_within_a_view_is_an_error_unless_its_code_is_0(code, told):
    program = f"""
import django
from django.conf import settings
from django.test import Client
from django.urls import path
from logly import logger

logger.configure(show_time=False)
settings.configure(
    ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], MIDDLEWARE=["logly.integrations.django.LoglyMiddleware"]
)
django.setup()

def leave(request):
    raise SystemExit({code})

urlpatterns = [path("", leave)]
try:
    Client().get("/")
except SystemExit:
    pass
"""
    shown = child.output(program)

    assert shown.startswith(told)


def test_middleware_that_stands_there_twice_counts_once():
    program = """
import django
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import path
from logly import logger

logger.configure(show_time=False)
settings.configure(
    ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], MIDDLEWARE=["logly.integrations.django.LoglyMiddleware"] * 2
)
django.setup()
urlpatterns = [path("", lambda request: HttpResponse(request.request_id))]

answer = Client().get("/")
print(answer.content.decode() == answer.headers["X-Request-ID"])
"""
    shown = child.output(program).splitlines()

    assert shown[0].startswith("INFO | GET / 200 ")
    assert shown[1:] == ["True"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"header": "a b"}, "ValueError: header: expected the name of a header such as"),
        (
            {"skipp": []},
            "LOGLY_MIDDLEWARE: expected one of access, header, logger, query, skip, got 'skipp' (did you mean",
        ),
        ([], "TypeError: LOGLY_MIDDLEWARE: expected a dict of options, got []"),
    ],
)
def test_wrong_option_is_told_at_the_start(options, told):
    program = f"""
from django.conf import settings
settings.configure(LOGLY_MIDDLEWARE={options})
from logly.integrations.django import LoglyMiddleware
LoglyMiddleware(None)
"""
    ended = child.run(program).check(returncode=1)

    assert told in ended.stderr, ended.stderr
