"""`LoglyMiddleware` for WSGI: ids, context, one access record each; it is invisible to server and application."""

from __future__ import annotations

import io
import re
import sys
import threading
from wsgiref.util import FileWrapper
from wsgiref.validate import validator

import pytest
from logly import Logger, logger
from logly.integrations._requests import is_logged
from logly.integrations.wsgi import LoglyMiddleware

from tests.integrations.servers import get, wsgiref_serving

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def plain(environ, start_response):
    logger.info("working")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


def ask(app, path="/", method="GET", **headers):
    """Send the application one request through a real server; `judged` adds protocol checks around the middleware."""
    with wsgiref_serving(app) as port:
        return get(port, path, method, **headers)


def judged(app, **options):
    return validator(LoglyMiddleware(validator(app), **options))


def call(app, environ=None, start_response=lambda *arguments: None):
    """Call the application as a server does."""
    return app({"REQUEST_METHOD": "GET", "PATH_INFO": "/", **(environ or {})}, start_response)


def test_each_request_has_one_access_record(records):
    answer = ask(judged(plain), "/shop/books?token=secret")

    working, access = records
    assert (answer.status, answer.body) == (200, b"hello")
    assert (access["level"], access["message"]) == ("INFO", "GET /shop/books 200")
    assert access["extra"].pop("duration_ms") > 0
    assert access["extra"] == {
        "method": "GET",
        "path": "/shop/books",
        "status": 200,
        "response_bytes": 5,
        "client": "127.0.0.1",
        "request_id": working["request_id"],
    }


def test_id_of_the_header_is_taken_and_sent_back(records):
    answer = ask(judged(plain), X_Request_ID="r-1")

    assert answer.headers.get_all("X-Request-ID") == ["r-1"]
    assert [record["request_id"] for record in records] == ["r-1", "r-1"]


def test_id_is_made_where_there_is_none(records):
    answer = ask(judged(plain))

    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])
    assert {record["request_id"] for record in records} == {answer.headers["X-Request-ID"]}


def test_header_that_the_application_sets_stays(records):
    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain"), ("x-request-id", "mine")])
        return [b""]

    assert ask(judged(app)).headers.get_all("X-Request-ID") == ["mine"]


def test_application_finds_the_id_in_its_environ():
    seen = []

    def app(environ, start_response):
        seen.append(environ["logly.request_id"])
        return plain(environ, start_response)

    ask(LoglyMiddleware(app), X_Request_ID="r-1")

    assert seen == ["r-1"]


def test_trace_is_in_every_record(records):
    ask(judged(plain), traceparent=f"00-{TRACE}-{SPAN}-01")

    assert [(record["trace_id"], record["parent_id"]) for record in records] == [(TRACE, SPAN)] * 2


def test_context_is_there_while_a_response_is_streamed(records):
    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        try:
            for number in range(2):
                logger.info("part {number}", number=number)
                yield b"part"
        finally:
            logger.info("closing")

    answer = ask(judged(app), X_Request_ID="r-1")

    assert answer.body == b"partpart"
    assert [record["message"] for record in records] == ["part 0", "part 1", "closing", "GET / 200"]
    assert {record["request_id"] for record in records} == {"r-1"}
    assert records[-1]["response_bytes"] == 8


def test_context_of_the_application_lasts_from_part_to_part(records):
    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        with logger.contextualize(order=7):
            yield b"part"
            logger.info("within")
            yield b"part"

    ask(judged(app))

    assert [record["extra"].get("order") for record in records] == [7, None]


def test_server_is_outside_of_the_context(records):
    def app(environ, start_response):
        start_response("200 OK", [])
        yield b"one"
        yield b"two"

    body = call(LoglyMiddleware(app))
    for _ in body:
        logger.info("the server's own")
    body.close()

    assert ["request_id" in record for record in records] == [False, False, True]


def test_what_write_is_given_counts(records):
    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])(b"written ")
        return [b"returned"]

    assert ask(judged(app)).body == b"written returned"
    assert records[-1]["response_bytes"] == 16


def test_exception_is_logged_once_and_passes_on(records):
    def app(environ, start_response):
        raise ValueError("broken on purpose")

    with pytest.raises(ValueError, match="broken on purpose") as caught:
        call(LoglyMiddleware(app))

    (record,) = records
    assert (record["level"], record["message"]) == ("ERROR", "GET / 500")
    assert isinstance(record["exception"].value, ValueError)
    assert is_logged(caught.value)


def test_stop_iteration_that_leaves_the_application_is_logged(records):
    def app(environ, start_response):
        return next(iter([]))

    with pytest.raises(StopIteration):
        LoglyMiddleware(app)({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, None)

    assert [(record["message"], record["level"]) for record in records] == [("GET / 500", "ERROR")]


def test_exception_of_a_part_is_logged_once(records):
    def app(environ, start_response):
        start_response("200 OK", [])
        yield b"one"
        raise ValueError("broken on purpose")

    body = call(LoglyMiddleware(app))
    with pytest.raises(ValueError, match="broken"):
        list(body)
    body.close()

    (record,) = records
    assert (record["level"], record["status"], record["response_bytes"]) == ("ERROR", 200, 3)
    assert isinstance(record["exception"].value, ValueError)


def test_exception_on_closing_is_in_the_record(records):
    class Body(list):
        def close(self):
            raise ValueError("not closed")

    body = call(LoglyMiddleware(lambda environ, start_response: start_response("200 OK", []) and Body([b"x"])))
    list(body)
    with pytest.raises(ValueError, match="not closed"):
        body.close()

    (record,) = records
    assert str(record["exception"].value) == "not closed"


def test_exception_given_to_start_response_is_in_the_record(records):
    def app(environ, start_response):
        try:
            raise ValueError("broken on purpose")
        except ValueError:
            start_response("500 Sorry", [("Content-Type", "text/plain")], sys.exc_info())
        return [b"sorry"]

    answer = ask(judged(app))

    (record,) = records
    assert (answer.status, answer.body) == (500, b"sorry")
    assert (record["message"], record["exception"].type) == ("GET / 500", ValueError)


def test_status_of_500_is_an_error_and_404_is_not(records):
    for status in ("500 Sorry", "404 Not Found"):
        ask(LoglyMiddleware(lambda environ, start_response, status=status: start_response(status, []) and [b""]))

    assert [(record["status"], record["level"]) for record in records] == [(500, "ERROR"), (404, "INFO")]


def test_closed_before_the_end_is_disconnected(records):
    closed = []

    def app(environ, start_response):
        start_response("200 OK", [])
        try:
            while True:
                yield b"more"
        finally:
            closed.append(True)

    body = call(LoglyMiddleware(app))
    next(iter(body))
    body.close()

    (record,) = records
    assert closed == [True]
    assert (record["status"], record["disconnected"], record["level"]) == (200, True, "INFO")


def test_closed_before_it_began_is_499(records):
    def app(environ, start_response):
        start_response("200 OK", [])
        yield b"never"

    call(LoglyMiddleware(app)).close()

    assert (records[0]["status"], records[0]["disconnected"]) == (499, True)


def test_client_that_has_gone_when_the_application_writes_is_no_error(records):
    def write(data):
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        call(
            LoglyMiddleware(lambda environ, start_response: start_response("200 OK", [])(b"x")), None, lambda *_: write
        )

    (record,) = records
    assert (record["level"], record["disconnected"], record["exception"]) == ("INFO", True, None)


def test_server_that_gives_a_request_up_shows_where_it_was(records):
    def app(environ, start_response):
        raise SystemExit(1)

    with pytest.raises(SystemExit):
        call(LoglyMiddleware(app))

    (record,) = records
    assert (record["level"], record["status"]) == ("ERROR", 500)
    assert isinstance(record["exception"].value, SystemExit)


@pytest.mark.parametrize("code", [0, None])
def test_end_of_the_server_is_no_error(records, code):
    def app(environ, start_response):
        raise SystemExit(code)

    with pytest.raises(SystemExit):
        call(LoglyMiddleware(app))

    assert (records[0]["level"], records[0]["cancelled"]) == ("INFO", True)


def test_response_without_a_beginning_is_a_problem(records):
    body = call(LoglyMiddleware(lambda environ, start_response: []))
    list(body)
    body.close()

    assert (records[0]["level"], records[0]["problem"]) == ("ERROR", "no response")


def test_closing_twice_logs_once(records):
    body = call(LoglyMiddleware(plain))
    list(body)
    body.close()
    body.close()

    assert [record["message"] for record in records] == ["working", "GET / 200"]


@pytest.mark.parametrize("is_sized", [True, False])
def test_length_is_known_where_it_was(is_sized):
    body = call(LoglyMiddleware(lambda environ, start_response: [b"x"] if is_sized else iter([b"x"])))

    assert hasattr(body, "__len__") == is_sized


def test_parts_can_be_asked_for_without_an_iterator(records):
    def app(environ, start_response):
        start_response("200 OK", [])
        yield b"one"

    body = call(LoglyMiddleware(app))

    assert next(body) == b"one"


def test_exception_by_name_reaches_the_server_by_position():
    seen = []
    error = (ValueError, ValueError("broken"), None)

    def app(environ, start_response):
        start_response("500 Sorry", [], exc_info=error)
        return []

    call(LoglyMiddleware(app), None, lambda *arguments: seen.append(arguments[2]))

    assert seen == [error]


def test_outer_one_of_two_counts(records):
    answer = ask(judged(LoglyMiddleware(plain)), X_Request_ID="r-1")

    assert answer.headers.get_all("X-Request-ID") == ["r-1"]
    assert [record["message"] for record in records] == ["working", "GET / 200"]


def test_file_is_still_the_servers_to_send(records):
    made = FileWrapper(io.BytesIO(b"twelve bytes"))

    def app(environ, start_response):
        start_response("200 OK", [("Content-Length", "12")])
        return made

    body = call(LoglyMiddleware(app), {"wsgi.file_wrapper": FileWrapper})
    body.close()

    assert body is made
    assert made.filelike.closed
    assert (records[0]["message"], records[0]["response_bytes"]) == ("GET / 200", 12)


def test_skipped_paths_have_context_and_no_access_record(records):
    ask(judged(plain, skip=["/health"]), "/health")

    assert [record["message"] for record in records] == ["working"]


def test_exception_of_a_skipped_path_is_logged(records):
    def app(environ, start_response):
        raise ValueError("broken on purpose")

    with pytest.raises(ValueError, match="broken"):
        call(LoglyMiddleware(app, access=False))

    assert [record["message"] for record in records] == ["GET / failed"]


def test_query_is_there_when_it_is_wanted(records):
    ask(judged(plain, query=True), "/?page=2")

    assert (records[-1]["path"], records[-1]["query"]) == ("/", "page=2")


def test_path_is_text_below_where_the_application_is_mounted(records):
    path = "/é".encode().decode("latin-1")

    body = call(LoglyMiddleware(plain), {"SCRIPT_NAME": "/shop", "PATH_INFO": path})
    list(body)
    body.close()

    assert records[-1]["path"] == "/shop/é"


def test_broken_headers_reach_the_server(capfd):
    seen = []

    def app(environ, start_response):
        start_response("odd", "headers")
        return []

    call(LoglyMiddleware(app), None, lambda *arguments: seen.append(arguments))

    assert seen == [("odd", "headers")]
    assert "logging a request raised ValueError" in capfd.readouterr().err


def test_records_go_to_the_logger_that_is_given():
    lines = []
    own = Logger()
    own.add(lines.append, format="{message}")

    ask(LoglyMiddleware(plain, logger=own))

    assert lines == ["GET / 200\n"]


def test_threads_get_the_context_by_a_copy(records):
    import logly

    def app(environ, start_response):
        thread = threading.Thread(target=logly.copy_context(logger.info), args=("in a thread",))
        thread.start()
        thread.join()
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b""]

    ask(judged(app), X_Request_ID="r-1")

    assert [record["request_id"] for record in records] == ["r-1", "r-1"]


@pytest.mark.parametrize("options", [{"skip": "health"}, {"header": "a b"}, {"access": 1}, {"logger": "x"}])
def test_wrong_options_are_told_when_it_is_made(options):
    with pytest.raises((TypeError, ValueError), match=next(iter(options))):
        LoglyMiddleware(plain, **options)


def test_what_is_no_application_is_told():
    with pytest.raises(TypeError, match="app: expected a WSGI application, got None"):
        LoglyMiddleware(None)
