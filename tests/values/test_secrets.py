"""Secrets: by default the log of an exception does not contain them, and values shown on request are masked."""

from __future__ import annotations

import collections
import dataclasses
import functools
import io
import json
import logging
import sys
import threading
import time
import types
import typing

import logly
import pytest
from logly import logger
from logly._exceptions.masking import masked

SECRET = "hunter2-do-not-show"
BYTES = SECRET.encode()


class Credentials(typing.NamedTuple):
    """A tuple whose items have names."""

    user: str
    password: str


@dataclasses.dataclass
class Account:
    """A dataclass with a secret."""

    user: str
    api_key: str


class Session:
    """An object with a secret under a mangled name."""

    def __init__(self) -> None:
        self.user = "ada"
        self.__secret = SECRET


class Mapping(dict):
    """A mapping that the program defines."""


HOLDERS = {
    "dict": {"password": SECRET},
    "nested": {"a": [{"password": SECRET}]},
    "deeply_nested": {"a": {"b": {"c": {"d": {"password": SECRET}}}}},
    "bytes_key": {b"password": SECRET},
    "tuple_key": {("db", "password"): SECRET},
    "subclass": Mapping(password=SECRET),
    "ordered": collections.OrderedDict(password=SECRET),
    "user_dict": collections.UserDict(password=SECRET),
    "chain_map": collections.ChainMap({"password": SECRET}),
    "proxy": types.MappingProxyType({"password": SECRET}),
    "namespace": types.SimpleNamespace(password=SECRET),
    "named_tuple": Credentials("ada", SECRET),
    "dataclass": Account("ada", SECRET),
    "mangled": Session(),
    "partial": functools.partial(print, password=SECRET),
    "exception": ValueError(SECRET),
    "headers": [("Host", "x"), ("Authorization", f"Token {SECRET}")],
    "raw_headers": [(b"host", b"x"), (b"cookie", b"session=" + BYTES)],
    "own_headers": [(b"x-api-key", BYTES)],
    "arguments": ["mysql", "--password", SECRET],
    "environment": {"DB_PASS": SECRET, "smtpPass": SECRET},
}

TEXTS = [
    f"password={SECRET}",
    f"db_pass={SECRET} x=1",
    f"password = 'two words {SECRET}'",
    f'{{"password": "two words {SECRET}"}}',
    f'{{\\"password\\": \\"{SECRET}\\"}}',
    f"{{'password': b'{SECRET}'}}",
    f"a=1&access_token={SECRET}&b=2",
    f"password%3D{SECRET}",
    f"Server=x;Pwd={SECRET};",
    f"AccountName=x;AccountKey={SECRET};",
    f"Authorization: Token {SECRET}",
    f'Authorization: Digest username="ada", response="{SECRET}"',
    f"GET / HTTP/1.1\r\nCookie: a=1; sid={SECRET}\r\nHost: x",
    f"mysql --password {SECRET} -u ada",
    f"<password>{SECRET}</password>",
    f'<user password="{SECRET}"/>',
    f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}",
    f"postgres://ada:{SECRET}@db/app",
    f"postgres://ada:at@{SECRET}@db/app",
    f"postgres://ada:slash/{SECRET}@db/app",
    f"postgres://ada:{SECRET * 100}@db/app",
    f"redis://:{SECRET}@db/0",
]


def fail(value):
    raise ValueError(id(value))


def fail_with(value):
    fail(value)


def logged(value, **options):
    """Return the output of a sink for an exception with *value* as a local variable of a frame."""
    stream = io.StringIO()
    sink = logger.add(stream, format="{message}", diagnose=True, **options)
    try:
        fail_with(value)
    except ValueError:
        logger.exception("failed")
    logger.remove(sink)
    return stream.getvalue()


@pytest.mark.parametrize("holder", HOLDERS)
def test_values_that_go_by_secret_names_are_masked(no_console, holder):
    shown = logged(HOLDERS[holder])

    assert "└ " in shown
    assert SECRET not in shown


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("kind", [str, bytes, bytearray])
def test_secrets_in_texts_are_masked(no_console, text, kind):
    value = text if kind is str else kind(text.encode())

    shown = logged(value)

    assert "***" in shown
    assert SECRET not in shown


@pytest.mark.parametrize("text", TEXTS)
def test_secrets_in_texts_within_containers_are_masked(no_console, text):
    shown = logged({"a": [text]})

    assert "***" in shown
    assert SECRET not in shown


def test_rest_of_a_text_is_shown(no_console):
    assert "└ 'host=db password=*** user=ada'" in logged(f"host=db password={SECRET} user=ada")
    assert "└ 'https://example.com:8080/users?page=2'" in logged("https://example.com:8080/users?page=2")


def test_named_tuples_show_their_names(no_console):
    assert "└ Credentials(user='ada', password='***')" in logged(Credentials("ada", SECRET))


@pytest.mark.parametrize(
    "text", ["-", "a-", "token", "token=", "://", "://a:b@", 'password="', "-----BEGIN ", "<", "\\"]
)
def test_time_for_masking_is_bounded(text):
    begin = time.thread_time()

    masked(text * 1_024)

    assert time.thread_time() - begin < 5


def all_sinks():
    """Return the streams of a text sink and a JSON sink, and the records of a callback."""
    text, lines, records = io.StringIO(), io.StringIO(), []
    logger.add(text, format="{message}{fields}", backtrace=True)
    logger.add(lines, json=True)
    logger.add_callback(records.append)
    return text, lines, records


def seen(text, lines, records):
    """Return all texts that the sinks received; objects in records are included as their `str`."""
    logger.complete()
    shown = [{key: str(value) for key, value in record.items()} for record in records]
    return text.getvalue() + lines.getvalue() + json.dumps(shown)


@pytest.mark.parametrize("holder", HOLDERS)
def test_values_are_in_no_sink_by_default(no_console, holder):
    sinks = all_sinks()

    try:
        fail_with(HOLDERS[holder])
    except ValueError:
        logger.opt(stack=True).exception("failed")

    found = seen(*sinks)
    assert "fail_with" in found
    assert SECRET not in found


def test_local_variables_of_uncaught_exceptions_are_in_no_sink(no_console, monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    monkeypatch.setattr(sys, "excepthook", lambda *_: None)
    sinks = all_sinks()

    with logly.install_hooks(asyncio=False):
        thread = threading.Thread(target=fail_with, args=(SECRET,))
        thread.start()
        thread.join()
        try:
            fail_with(SECRET)
        except ValueError:
            sys.excepthook(*sys.exc_info())

    found = seen(*sinks)
    assert found.count("uncaught exception in thread") == 3
    assert SECRET not in found


def test_local_variables_are_in_no_record_of_logging(no_console):
    sinks = all_sinks()

    with logly.intercept_logging():
        try:
            fail_with(SECRET)
        except ValueError:
            logging.getLogger("library").exception("failed", stack_info=True)

    found = seen(*sinks)
    assert "fail_with" in found
    assert SECRET not in found


def test_local_variables_of_caught_exceptions_are_in_no_sink(no_console):
    sinks = all_sinks()

    logger.catch(fail_with)(SECRET)

    found = seen(*sinks)
    assert "fail_with" in found
    assert SECRET not in found


def test_fields_and_messages_of_exceptions_are_shown_as_they_are(no_console):
    text, _, _ = all_sinks()

    logger.opt(exception=ValueError("why")).error("failed", password="given")

    assert text.getvalue() == "failed password=given\nValueError: why\n"
