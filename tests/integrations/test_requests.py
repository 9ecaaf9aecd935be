"""The parts that all request middlewares share: ids, trace context, the access record, options."""

from __future__ import annotations

import inspect
import pydoc
import re
import sys
import uuid

import pytest
from logly import Logger, logger
from logly.integrations import asgi, wsgi
from logly.integrations._middleware import RequestOptions
from logly.integrations._requests import (
    HEADER,
    Access,
    is_logged,
    log_failure,
    request_id,
    trace_of,
)

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"

with_groups = pytest.mark.skipif(sys.version_info < (3, 11), reason="groups are of Python 3.11")


@pytest.mark.parametrize("given", ["a", "A-Z_09.:/+=", "x" * 128])
def test_id_of_the_client_is_taken(given):
    assert request_id(given) == given


@pytest.mark.parametrize("given", [None, "", "x" * 129, "two words", "line\n", "line\nINFO", "<red>", "a,b", "é", "٣"])
def test_id_that_could_do_harm_gives_way_to_a_new_one(given):
    made = request_id(given)

    assert re.fullmatch("[0-9a-f]{32}", made)


def test_new_id_is_a_random_uuid():
    made = uuid.UUID(request_id(None))

    assert (made.version, made.variant) == (4, uuid.RFC_4122)


def test_each_new_id_is_another():
    assert request_id(None) != request_id(None)


@pytest.mark.parametrize("header", [f"00-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-00", f"01-{TRACE}-{SPAN}-01-more"])
def test_traceparent_gives_the_trace_and_the_span_of_the_caller(header):
    assert trace_of(header) == {"trace_id": TRACE, "parent_id": SPAN}


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "nonsense",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}-01\n",
        f"00-{TRACE}-{SPAN}",
    ],
)
def test_invalid_traceparent_is_ignored(header):
    assert trace_of(header) == {}


def options(**given):
    return RequestOptions(**{"logger": None, "header": HEADER, "skip": (), "access": True, "query": False, **given})


def ended(status, path="/orders"):
    access = Access("GET", path, "10.0.0.1")
    access.status, access.response_bytes = status, 12
    access.end()
    return access


def test_access_record_says_what_became_of_the_request(records):
    ended(200).log(logger)

    (record,) = records
    assert (record["message"], record["level"]) == ("GET /orders 200", "INFO")
    fields = record["extra"]
    assert isinstance(fields.pop("duration_ms"), float)
    assert fields == {
        "method": "GET", "path": "/orders", "status": 200, "response_bytes": 12, "client": "10.0.0.1"
    }  # fmt: skip


@pytest.mark.parametrize(("status", "level"), [(101, "INFO"), (404, "INFO"), (499, "INFO"), (500, "ERROR")])
def test_level_is_error_where_the_server_is_to_blame(records, status, level):
    ended(status).log(logger)

    assert records[0]["level"] == level


def test_braces_and_markup_of_a_path_stay_as_they_are(records):
    ended(200, "/{status}/<red>").log(logger)

    assert records[0]["message"] == "GET /{status}/<red> 200"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/a\nERROR | forged", "/a%0AERROR | forged"),
        ("/\x1b[31m", "/%1B[31m"),
        ("/\u2028", "/%E2%80%A8"),
        ("/\udcff", "/%ED%B3%BF"),
        ("/größe/日本", "/größe/日本"),
    ],
)
def test_path_stays_on_its_line(records, path, shown):
    ended(200, path).log(logger)

    assert (records[0]["message"], records[0]["path"]) == (f"GET {shown} 200", shown)


def test_exception_makes_it_an_error_with_status_500(records):
    ended(None).log(logger, ValueError("broken"))

    (record,) = records
    assert (record["message"], record["level"]) == ("GET /orders 500", "ERROR")
    assert repr(record["exception"].value) == "ValueError('broken')"


def test_status_that_was_sent_stays_beside_an_exception(records):
    ended(200).log(logger, ValueError("broken"))

    assert (records[0]["status"], records[0]["level"]) == (200, "ERROR")


def test_query_is_a_field_where_it_is_wanted(records):
    Access("GET", "/", query="page=2").log(logger)

    assert records[0]["query"] == "page=2"


def test_duration_ends_with_the_response():
    access = ended(200)

    assert access.duration_ms == access.duration_ms


def test_exception_that_was_logged_is_known():
    error = ValueError("broken")

    ended(None).log(logger, error)

    assert (is_logged(error), is_logged(ValueError("other")), is_logged(None)) == (True, False, False)


@with_groups
def test_exceptions_in_a_group_are_known_with_it():
    error = ValueError("broken")

    ended(None).log(logger, BaseExceptionGroup("several", [error]))  # noqa: F821 - see above

    assert is_logged(error)


@with_groups
def test_group_of_nothing_but_known_exceptions_is_known():
    error = ValueError("broken")

    ended(None).log(logger, error)

    assert is_logged(BaseExceptionGroup("one", [error]))  # noqa: F821 - see above
    assert not is_logged(BaseExceptionGroup("two", [error, ValueError("other")]))  # noqa: F821 - see above


@pytest.mark.parametrize("status", ["500", b"200", [200]])
def test_status_that_is_no_number_fails_nothing(records, status):
    ended(status).log(logger)

    assert [(record["status"], record["level"]) for record in records] == [(status, "INFO")]


def test_late_exception_is_a_record_of_its_own(records):
    error = ValueError("broken")

    log_failure(logger, error, ended(200))

    (record,) = records
    assert (record["message"], record["level"]) == ("GET /orders failed", "ERROR")
    assert (record["exception"].value, is_logged(error)) == (error, True)


def test_failure_of_a_logger_is_told_and_goes_no_further(capfd):
    class Broken:
        def log(self, *arguments, **fields):
            raise LookupError("no")

    ended(200).log(Broken())

    assert "logging a request raised LookupError" in capfd.readouterr().err


def test_exception_that_takes_no_attribute_is_logged_all_the_same(records):
    class Stubborn(Exception):
        def __setattr__(self, name, value):
            raise TypeError("no")

    ended(None).log(logger, Stubborn())

    assert records[0]["status"] == 500


@pytest.mark.parametrize(
    ("path", "is_skipped"),
    [
        ("/health", True),
        ("/health/", False),
        ("/healthy", False),
        ("/static/a.css", True),
        ("/static", False),
        ("/", False),
    ],
)
def test_paths_are_skipped_exactly_or_with_what_is_below(path, is_skipped):
    assert options(skip=("/health", "/static/*")).is_skipped(path) is is_skipped


def test_without_access_records_every_path_is_skipped():
    assert options(access=False).is_skipped("/")


def test_logger_may_be_another_than_the_global_one(records):
    ended(200).log(options(logger=Logger()).logger)

    assert records == []


@pytest.mark.parametrize("middleware", [asgi.LoglyMiddleware, wsgi.LoglyMiddleware])
def test_help_explains_each_option_of_a_middleware(middleware):
    shown = pydoc.plain(pydoc.render_doc(middleware))

    names = inspect.signature(middleware).parameters
    assert [name for name in names if not re.search(rf"^[ |]+{name}: [A-Z]", shown, re.MULTILINE)] == []
    assert list(names) == ["app", "logger", "header", "skip", "access", "query"]


@pytest.mark.parametrize(
    ("option", "error", "message"),
    [
        ({"logger": "app"}, TypeError, "logger: expected a logly.Logger, got 'app'"),
        ({"header": 3}, TypeError, 'header: expected the name of a header such as "X-Request-ID", got 3'),
        ({"header": "a b"}, ValueError, "header: expected the name of a header such as .*, got 'a b'"),
        ({"skip": "/health"}, TypeError, r'skip: expected paths such as \("/health", "/static/\*"\), got \'/health\''),
        ({"skip": ["/a", 3]}, TypeError, "skip: expected paths .*, got 3 in it"),
        ({"skip": ["health"]}, ValueError, "skip: expected paths .* at its beginning, got 'health' in it"),
        ({"access": "no"}, TypeError, "access: expected True or False, got 'no'"),
        ({"query": 1}, TypeError, "query: expected True or False, got 1"),
    ],
)
def test_wrong_option_is_named(option, error, message):
    with pytest.raises(error, match=message):
        options(**option)
