"""`LoglyMiddleware` around plain ASGI applications, called as a server calls them."""

from __future__ import annotations

import asyncio
import errno
import re
import sys

import pytest
from logly import Logger, logger
from logly.integrations._requests import is_logged
from logly.integrations.asgi import LoglyMiddleware

from tests.integrations.called import REQUEST, START, answer, body, call, scope_of, texts

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_access_record_follows_the_response(records):
    call(answer)

    (record,) = records
    assert (record["message"], record["level"], record["name"]) == (
        "GET /orders 200",
        "INFO",
        "logly.integrations.asgi",
    )
    assert (record["response_bytes"], record["client"]) == (5, "10.0.0.1")
    assert "token" not in str(record["extra"])


def test_query_is_there_where_it_is_wanted(records):
    call(answer, query=True)

    assert records[0]["query"] == "token=secret"


def test_id_of_the_request_is_in_its_records_and_in_the_response(records):
    async def app(scope, receive, send):
        logger.info("working as {id}", id=scope["logly.request_id"])
        await answer(scope, receive, send)

    start, _ = call(app, scope_of(x_request_id="r-1"))

    assert [record["request_id"] for record in records] == ["r-1", "r-1"]
    assert records[0]["message"] == "working as r-1"
    assert start["headers"] == [*START["headers"], (b"x-request-id", b"r-1")]


def test_message_of_the_application_is_not_changed():
    call(answer, scope_of(x_request_id="r-1"))

    assert START["headers"] == [(b"content-type", b"text/plain")]


def test_headers_that_can_be_gone_through_once_reach_the_application(records):
    seen = []

    async def app(scope, receive, send):
        seen.extend(scope["headers"])
        await answer(scope, receive, send)

    call(app, {**scope_of(), "headers": iter([(b"x-request-id", b"r-1")])})

    assert seen == [(b"x-request-id", b"r-1")]
    assert records[0]["request_id"] == "r-1"


def test_new_id_is_sent_where_none_came(records):
    start, _ = call(answer)

    name, value = start["headers"][-1]
    assert name == b"x-request-id"
    assert re.fullmatch("[0-9a-f]{32}", value.decode())
    assert records[0]["request_id"] == value.decode()


def test_header_may_have_another_name(records):
    start, _ = call(answer, scope_of(correlation_id="c-7"), header="Correlation-Id")

    assert (records[0]["request_id"], start["headers"][-1]) == ("c-7", (b"correlation-id", b"c-7"))


def test_id_that_the_application_sends_stays():
    async def app(scope, receive, send):
        await send({**START, "headers": iter([(b"X-Request-Id", b"own")])})
        await send(body())

    start, _ = call(app)

    assert start["headers"] == [(b"X-Request-Id", b"own")]


def test_trace_of_the_caller_is_in_every_record(records):
    call(answer, scope_of(traceparent=f"00-{TRACE}-00f067aa0ba902b7-01"))

    assert (records[0]["trace_id"], records[0]["parent_id"]) == (TRACE, "00f067aa0ba902b7")


def test_fields_end_with_the_request(records):
    call(answer, scope_of(x_request_id="r-1"))
    logger.info("afterwards")

    assert "request_id" not in records[1]["extra"]


def test_request_of_the_same_task_has_an_id_of_its_own(records):
    async def connection():
        app = LoglyMiddleware(answer)
        for _ in range(3):
            await app(scope_of(), None, lambda message: asyncio.sleep(0))
            logger.info("between")

    asyncio.run(connection())

    assert len({record["request_id"] for record in records[::2]}) == 3
    assert [record["extra"] for record in records[1::2]] == [{}, {}, {}]


def test_context_that_an_application_leaves_open_ends_with_its_request(records):
    async def app(scope, receive, send):
        logger.contextualize(user="ada").__enter__()
        await answer(scope, receive, send)

    async def connection():
        await LoglyMiddleware(app)(scope_of(), None, lambda message: asyncio.sleep(0))
        logger.info("afterwards")

    asyncio.run(connection())

    assert records[-1]["extra"] == {}


def test_server_that_is_called_within_a_request_is_not_in_its_context(records):
    async def app(scope, receive, send):
        with logger.contextualize(user="ada"):
            await receive()
            await answer(scope, receive, send)
            logger.info("still here")

    async def receive():
        logger.info("server")
        return REQUEST

    async def send(message):
        # A server may begin the next request of the connection in a task that it makes here.
        logger.info("server")

    async def connection():
        with logger.contextualize(server="s-1"):
            await LoglyMiddleware(app)(scope_of(x_request_id="r-1"), receive, send)

    asyncio.run(connection())

    servers = [record["extra"] for record in records if record["message"] == "server"]
    (within,) = [record["extra"] for record in records if record["message"] == "still here"]
    assert servers == [{"server": "s-1"}] * 3
    assert within == {"server": "s-1", "request_id": "r-1", "user": "ada"}


def test_streamed_response_has_one_record_at_its_last_chunk(records):
    counts = []

    async def app(scope, receive, send):
        await send(START)
        for chunk in (b"one", b"two", b"six"):
            await send(body(chunk, more=True))
            counts.append(len(records))
        await send(body())
        counts.append(len(records))

    call(app)

    assert counts == [0, 0, 0, 1]
    assert records[0]["response_bytes"] == 9


def test_file_that_the_server_sends_counts_with_its_size(records, tmp_path):
    (tmp_path / "page").write_bytes(b"x" * 77)

    async def app(scope, receive, send):
        await send(START)
        await send({"type": "http.response.pathsend", "path": str(tmp_path / "page")})

    call(app)

    assert records[0]["response_bytes"] == 77


def test_exception_is_in_the_access_record_and_goes_on(records):
    error = ValueError("broken")

    async def app(scope, receive, send):
        raise error

    with pytest.raises(ValueError, match="broken"):
        call(app, scope_of(x_request_id="r-1"))

    (record,) = records
    assert (record["message"], record["level"], record["request_id"]) == ("GET /orders 500", "ERROR", "r-1")
    assert record["exception"].value is error
    assert is_logged(error)


def test_exception_after_the_start_leaves_the_status_that_was_sent(records):
    async def app(scope, receive, send):
        await send(START)
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        call(app)

    assert (records[0]["message"], records[0]["level"]) == ("GET /orders 200", "ERROR")


def test_exception_of_a_background_task_is_a_record_of_its_own(records):
    async def app(scope, receive, send):
        await answer(scope, receive, send)
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        call(app, scope_of(x_request_id="r-1"))

    assert texts(records) == ["GET /orders 200", "GET /orders failed"]
    assert (records[1]["level"], records[1]["request_id"], records[1]["status"]) == ("ERROR", "r-1", 200)


def test_application_without_a_response_is_an_error(records):
    async def app(scope, receive, send):
        pass

    call(app)

    assert (records[0]["message"], records[0]["level"]) == ("GET /orders 500", "ERROR")
    assert records[0]["problem"] == "no response"


def test_response_that_stays_unfinished_is_an_error(records):
    async def app(scope, receive, send):
        await send(START)
        await send(body(b"half", more=True))

    call(app)

    assert (records[0]["level"], records[0]["status"], records[0]["problem"]) == ("ERROR", 200, "response not finished")


def test_client_that_leaves_before_the_response_has_status_499(records):
    async def app(scope, receive, send):
        while (await receive())["type"] != "http.disconnect":
            pass

    call(app)

    assert (records[0]["message"], records[0]["level"], records[0]["disconnected"]) == ("GET /orders 499", "INFO", True)


def test_client_that_leaves_within_the_response_is_told_beside_its_status(records):
    async def app(scope, receive, send):
        await send(START)
        await send(body(b"half", more=True))
        await receive()
        await receive()

    call(app)

    assert (records[0]["status"], records[0]["level"], records[0]["disconnected"]) == (200, "INFO", True)


def test_send_that_fails_says_that_the_client_left(records):
    async def send(message):
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        call(answer, send=send)

    (record,) = records
    assert (record["level"], record["disconnected"], record["exception"]) == ("INFO", True, None)


def test_send_that_fails_otherwise_is_an_error(records):
    async def send(message):
        raise OSError(errno.ENOSPC, "no space left on device")

    with pytest.raises(OSError, match="no space"):
        call(answer, send=send)

    assert (records[0]["level"], repr(records[0]["exception"].value)) == (
        "ERROR", "OSError(28, 'no space left on device')"
    )  # fmt: skip


def test_error_of_the_application_counts_though_the_client_left(records):
    async def app(scope, receive, send):
        await receive()
        await receive()
        raise FileNotFoundError("settings")

    with pytest.raises(FileNotFoundError):
        call(app)

    assert (records[0]["level"], records[0]["disconnected"]) == ("ERROR", True)


def test_question_for_the_client_after_the_response_is_no_departure(records):
    async def app(scope, receive, send):
        await answer(scope, receive, send)
        await receive()
        await receive()

    call(app)

    assert "disconnected" not in records[0]["extra"]


def test_request_that_is_cancelled_says_so(records):
    async def app(scope, receive, send):
        asyncio.current_task().cancel()
        await asyncio.sleep(0)

    with pytest.raises(asyncio.CancelledError):
        call(app)

    assert (records[0]["message"], records[0]["level"], records[0]["cancelled"]) == ("GET /orders 499", "INFO", True)


def test_interrupt_is_no_error_of_the_application(records):
    async def app(scope, receive, send):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call(app)

    assert (records[0]["level"], records[0]["cancelled"]) == ("INFO", True)


def test_exit_within_the_application_is_its_error(records):
    async def app(scope, receive, send):
        sys.exit(3)

    with pytest.raises(SystemExit):
        call(app)

    (record,) = records
    assert (record["message"], record["level"]) == ("GET /orders 500", "ERROR")
    assert is_logged(record["exception"].value)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="before, Python does not tell")
def test_cancellation_of_what_the_application_waits_for_is_its_error(records):
    async def app(scope, receive, send):
        task = asyncio.create_task(asyncio.sleep(60))
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        call(app)

    (record,) = records
    assert (record["message"], record["level"]) == ("GET /orders 500", "ERROR")
    assert is_logged(record["exception"].value)


def test_second_middleware_of_a_request_lets_it_pass(records):
    start, _ = call(LoglyMiddleware(answer), scope_of(x_request_id="r-1"))

    assert texts(records) == ["GET /orders 200"]
    assert start["headers"] == [*START["headers"], (b"x-request-id", b"r-1")]


def test_skipped_path_has_no_access_record_but_its_context(records):
    async def app(scope, receive, send):
        logger.info("working")
        await answer(scope, receive, send)

    call(app, scope_of(path="/health", x_request_id="r-1"), skip=("/health",))

    assert [(record["message"], record["request_id"]) for record in records] == [("working", "r-1")]


def test_exception_on_a_skipped_path_is_logged(records):
    async def app(scope, receive, send):
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        call(app, scope_of(path="/health"), skip=("/health",))

    assert [(record["message"], record["status"]) for record in records] == [("GET /health failed", 500)]


def test_lifespan_passes_as_it_is(records):
    seen, sent = [], []

    async def app(scope, receive, send):
        seen.append((scope, receive))
        await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})

    async def send(message):
        sent.append(message["type"])

    scope, receive = {"type": "lifespan"}, object()
    asyncio.run(LoglyMiddleware(app)(scope, receive, send))

    assert seen == [({"type": "lifespan"}, receive)]
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert records == []


def test_scope_that_cannot_be_read_reaches_the_application(records, capfd):
    sent = call(answer, {"type": "http", "headers": 3})

    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert "logging a request raised" in capfd.readouterr().err


def test_message_that_makes_no_sense_reaches_the_server():
    strange = {"type": "http.response.body", "body": 3}

    async def app(scope, receive, send):
        await send(strange)

    assert call(app)[0] is strange


def test_records_go_to_the_logger_that_was_given(records):
    audit, lines = Logger(), []
    audit.remove_all()
    audit.add(lambda line: lines.append(str(line)), format="{message}")

    call(answer, logger=audit)

    assert (lines, records) == (["GET /orders 200\n"], [])


@pytest.mark.parametrize(
    ("app", "options", "error", "message"),
    [
        (None, {}, TypeError, "app: expected an ASGI application, got None"),
        (answer, {"skip": "/health"}, TypeError, "skip: expected paths"),
        (answer, {"header": ""}, ValueError, "header: expected the name of a header"),
        (answer, {"acces": False}, TypeError, "acces"),
    ],
)
def test_wrong_option_is_named_when_it_is_made(app, options, error, message):
    with pytest.raises(error, match=message):
        LoglyMiddleware(app, **options)
