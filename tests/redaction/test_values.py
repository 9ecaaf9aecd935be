"""Redaction of unusual values, and values without secrets, which stay."""

from __future__ import annotations

import datetime
import decimal
import io
import json
import pickle

import pytest
from hypothesis import given, strategies as st
from logly import Logger, logger


@pytest.fixture
def got(no_console):
    """Collect the lines of a function sink, with their records."""
    got = []
    logger.configure(redact=True)
    logger.add(got.append, format="{message}{fields}")
    return got


def test_objects_that_show_no_secret_stay_themselves(got):
    values = {
        "when": datetime.datetime(2025, 1, 15, tzinfo=datetime.timezone.utc),
        "amount": decimal.Decimal("1.50"),
        "pair": (1, "a"),
        "flags": {"x"},
        "raw": b"bytes",
    }

    logger.info("plain", **values)

    assert got[0].record["extra"] == values
    assert [type(value) for value in got[0].record["extra"].values()] == [type(value) for value in values.values()]


def test_container_with_a_secret_is_a_masked_copy(got):
    body = {"user": "ada", "auth": {"password": "hunter2"}, "list": [1, None, True]}

    logger.info("x", body=body, other=(1, 2))

    record = got[0].record
    assert record["body"] == {"user": "ada", "auth": "***", "list": [1, None, True]}
    assert record["other"] == (1, 2)
    assert body["auth"] == {"password": "hunter2"}


def test_exception_with_a_secret_is_its_text(got):
    try:
        raise ValueError("password=hunter2")
    except ValueError:
        logger.exception("failed")

    exception = got[0].record["exception"]
    assert exception["traceback"].endswith("ValueError: password=***\n")
    assert exception["message"] == "password=***"
    assert "hunter2" not in repr(exception)


def test_exception_without_a_secret_is_itself(got):
    error = ValueError("no such user")

    logger.opt(exception=error).error("failed")

    assert got[0].record["exception"].value is error


def test_empty_values_stay(got):
    logger.info("{password} {token}", password=None, token=False, secret="", tokens=12)

    assert got == ['None False secret="" tokens=12\n']


def test_cyclic_values_are_masked(got):
    body = {"password": "hunter2"}
    body["self"] = body

    logger.info("x {body}", body=body)

    assert "hunter2" not in got[0]
    assert "hunter2" not in repr(got[0].record)


@pytest.mark.parametrize("options", [{}, {"json": True}], ids=str)
def test_deep_values_are_masked(no_console, options):
    stream = io.StringIO()
    logger.add(stream, redact=True, **options)
    body = {"password": "hunter2"}
    for _ in range(400):
        body = [body]

    logger.info("x", body=body)

    assert "hunter2" not in stream.getvalue()
    assert "***" in stream.getvalue()


def test_huge_values_are_masked(no_console, tmp_path):
    logger.add(tmp_path / "app.log", json=True, redact=True)

    logger.info("password=" + "x" * 900_000 + " end", rows=[{"token": f"secret{n}"} for n in range(10_000)])

    logger.complete()
    line = json.loads((tmp_path / "app.log").read_text(encoding="utf-8"))
    assert line["message"] == "password=*** end"
    assert {row["token"] for row in line["fields"]["rows"]} == {"***"}


def test_styles_stay_at_their_words(no_console):
    stream = io.StringIO()
    logger.add(stream, format="{message}", color=True, redact=True)

    logger.opt(colors=True).info("<red>password={p}</red> <green>ok</green>", p="a-long-secret-value")

    assert stream.getvalue() == "\x1b[31mpassword=***\x1b[0m \x1b[32mok\x1b[0m\n"


def test_record_can_be_pickled(got):
    try:
        raise ValueError("password=hunter2")
    except ValueError:
        logger.exception("failed", body={"password": "x"})

    assert pickle.loads(pickle.dumps(got[0].record))["body"] == {"password": "***"}


def test_capture_of_another_logger_is_untouched():
    other = Logger()
    lines = []
    other.add(lines.append, format="{message}{fields}")
    logger.configure(redact=True)

    other.info("x", password="hunter2")

    assert lines == ["x password=hunter2\n"]


def test_diagnosed_values_follow_the_names(no_console):
    stream = io.StringIO()
    logger.add(stream, diagnose=True, redact={"keys": ["iban"]})

    def pay(account):
        raise ValueError("no money")

    try:
        pay({"iban": "DE02120300000000202051"})
    except ValueError:
        logger.exception("failed")

    assert "DE02120300000000202051" not in stream.getvalue()
    assert "no money" in stream.getvalue()


@given(st.text(max_size=200), st.text(max_size=50))
def test_line_of_json_is_valid_whatever_the_text(message, value):
    own = Logger()
    own.remove_all()
    stream = io.StringIO()
    own.add(stream, json=True, redact={"patterns": ["default", "card", "email", "ipv4", "ipv6", r"\w\d"]})

    own.info("password=" + message, field=value, password=value, nested={"token": value, value: message})

    line = json.loads(stream.getvalue())
    assert line["fields"]["password"] in {"***", ""}
    assert line["fields"]["nested"].get("token", "***") in {"***", "", message}
