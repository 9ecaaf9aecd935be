"""Messages of syslog as a receiver gets them, read by a parser that was written from RFC 5424."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timezone
from decimal import Decimal

import logly
import pytest
from hypothesis import given, settings, strategies as st
from logly import logger

from tests.support.syslog import DatagramReceiver, StreamReceiver, parse, parse_old

NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='=]"'), min_size=1, max_size=32)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.fixture
def receiver(no_console):
    with DatagramReceiver() as receiver:
        yield receiver
        logger.remove()


def sent(receiver, log):
    """Return the one message that *log* causes."""
    before = len(receiver.frames)
    log()
    assert logger.complete(timeout=30)
    (frame,) = receiver.wait(before + 1)[before:]
    return frame


def test_message_has_its_parts(receiver):
    logger.add(receiver.name, app_name="shop", facility="local3")

    with logly.testing.freeze("2025-01-15T10:30:45.123456Z"):
        message = parse(sent(receiver, lambda: logger.warning("paid {amount}", amount=12)))

    assert message.priority == 19 * 8 + 4
    assert datetime.fromisoformat(message.time) == datetime(2025, 1, 15, 10, 30, 45, 123456, timezone.utc)
    assert (message.host, message.app, message.process) == (socket.gethostname(), "shop", str(os.getpid()))
    assert message.id == __name__[-32:]
    assert message.text == "paid 12"
    assert message.fields == {"amount": "12"}
    own = message.own
    assert (own["level"], own["logger"], own["function"], own["file"]) == ("WARNING", __name__, "<lambda>", __file__)
    assert (own["thread"], int(own["line"]) > 0) == ("MainThread", True)


def test_values_of_all_types_are_texts(receiver):
    logger.add(receiver.name)
    values = {
        "text": 'a"]\\é', "whole": -5, "real": 0.5, "flag": True, "nothing": None, "items": [1, "a", None],
        "map": {"a": {"b": [True]}}, "large": 10**30, "blank": "", "price": Decimal("9.90"),
    }  # fmt: skip

    message = parse(sent(receiver, lambda: logger.bind(bound=1).info("m", **values)))

    assert message.fields == {
        "bound": "1", "text": 'a"]\\é', "whole": "-5", "real": "0.5", "flag": "true", "nothing": "null",
        "items": '[1, "a", null]', "map": '{"a": {"b": [true]}}', "large": str(10**30), "blank": "", "price": "9.90",
    }  # fmt: skip


def test_message_without_fields_has_the_parts_of_the_record_alone(receiver):
    logger.add(receiver.name)

    message = parse(sent(receiver, lambda: logger.info("")))

    assert (list(message.data), message.text) == (["logly@32473"], "")


def test_names_of_fields_are_restricted(receiver):
    logger.add(receiver.name)

    fields = {'a b=c]"d': 1, "é": 2, "n" * 40: 3, "": 4}
    message = parse(sent(receiver, lambda: logger.info("m", **fields)))

    assert message.fields == {"a_b_c__d": "1", "_": "4", "n" * 32: "3"}
    assert message.data["fields@32473"].count(("_", "2")) == 1


def test_event_name_is_the_message_id(receiver):
    logger.add(receiver.name)

    assert parse(sent(receiver, lambda: logger.info("m", event_name="user login"))).id == "user_login"


@pytest.mark.parametrize(
    ("level", "severity"),
    [("TRACE", 7), ("DEBUG", 7), ("INFO", 6), ("NOTICE", 5), ("SUCCESS", 5), ("WARNING", 4), ("ERROR", 3), ("FAIL", 3),
     ("CRITICAL", 2), (12, 7), (37, 4), (99, 2)],
)  # fmt: skip
def test_levels_have_severities(receiver, level, severity):
    logger.add(receiver.name, level="TRACE")

    assert parse(sent(receiver, lambda: logger.log(level, "m"))).priority % 8 == severity


def test_levels_of_a_program_have_severities(receiver):
    logger.level("ALERT", no=60)
    logger.add(receiver.name)

    assert parse(sent(receiver, lambda: logger.log("alert", "m"))).priority % 8 == 1


def test_each_record_has_its_own_place(receiver):
    logger.add(receiver.name)
    other = logger.patch(lambda record: record.update(name='a"b'))

    messages = [parse(sent(receiver, lambda: one.info("m"))) for one in (logger, other, logger)]  # noqa: B023
    messages.append(parse(sent(receiver, lambda: logger.info("m"))))

    assert [message.own["logger"] for message in messages] == [__name__, 'a"b', __name__, __name__]
    lines = [int(message.own["line"]) for message in messages]
    assert lines == [lines[0], lines[0], lines[0], lines[0] + 1]


def test_control_characters_are_escaped(receiver):
    logger.add(receiver.name)

    message = parse(sent(receiver, lambda: logger.info("a\nb\x1b", field="c\r\nd")))

    assert (message.text, message.fields) == ("a\\nb\\x1b", {"field": "c\\r\\nd"})


def test_exception_follows_the_message(receiver):
    logger.add(receiver.name)

    def fail():
        try:
            raise ValueError("bad")
        except ValueError:
            logger.exception("m")

    message = parse(sent(receiver, fail))

    assert message.own["exception"] == "ValueError"
    assert message.text.startswith("m\nTraceback (most recent call last):\n")
    assert message.text.endswith("\nValueError: bad")


def test_exception_is_on_the_line_if_asked_for(receiver):
    logger.add(receiver.name, multiline="escape")

    def fail():
        try:
            raise ValueError("bad")
        except ValueError:
            logger.exception("m")

    text = parse(sent(receiver, fail)).text

    assert "\n" not in text
    assert text.endswith("ValueError: bad")


def test_format_and_json_make_the_text(receiver):
    first = logger.add(receiver.name, format="{level}: {message}")
    assert parse(sent(receiver, lambda: logger.info("m", a=1))).text == "INFO: m"
    logger.remove(first)

    logger.add(receiver.name, json="flat", syslog_format="rfc3164")
    text = parse_old(sent(receiver, lambda: logger.info("m", a=1))).text
    assert (text[0], '"message": "m"' in text, '"a": 1' in text) == ("{", True, True)


@pytest.mark.parametrize("day", ["05", "15"])
def test_old_format(receiver, day):
    logger.add(receiver.name, syslog_format="rfc3164", app_name="shop")

    with logly.testing.freeze(f"2025-01-{day}T10:30:45Z"):
        message = parse_old(sent(receiver, lambda: logger.info("paid", amount="1 2")))

    assert message.time.startswith(f"Jan {day.replace('0', ' ')} ")
    assert (message.priority, message.host, message.app) == (14, socket.gethostname(), "shop")
    assert (message.process, message.text) == (str(os.getpid()), 'paid amount="1 2"')


def test_local_socket_gets_the_old_format_without_the_host(no_console, tmp_path):
    with DatagramReceiver(tmp_path / "log") as receiver:
        logger.add(receiver.name, app_name="shop")
        message = parse_old(sent(receiver, lambda: logger.info("m", a=1)))
        logger.remove()

        logger.add(receiver.name, syslog_format="rfc5424")
        assert parse(sent(receiver, lambda: logger.info("m"))).text == "m"
        logger.remove()

    assert (message.host, message.app, message.text) == (None, "shop", "m a=1")


def test_secrets_are_masked_and_filters_hold(receiver):
    logger.add(receiver.name, redact={"keys": ["password"]}, where="level >= INFO")

    logger.debug("left out")
    message = parse(sent(receiver, lambda: logger.info("{password}", password="hunter2")))

    assert "hunter2" not in str(message)


@pytest.mark.parametrize("limit", [1024, 1500])
def test_long_messages_are_cut_with_a_mark(receiver, limit, capfd):
    sink = logger.add(receiver.name, message_limit=limit)

    frames = [
        sent(receiver, lambda: logger.info("é" * 5000)),
        sent(receiver, lambda: logger.info("m", big='"' * 5000, small=1)),
        sent(receiver, lambda: logger.info("é" * 5000, **{f"field{n}": "é" * n for n in range(100)})),
    ]

    assert all(len(frame) <= limit for frame in frames)
    messages = [parse(frame) for frame in frames]
    assert messages[0].text.endswith("é...<cut>")
    assert messages[1].text == "m"
    assert messages[1].fields["big"].endswith('"...<cut>')
    assert messages[2].text.endswith("...<cut>")
    assert logger.stats()["sinks"][sink]["export"]["cut"] == 3
    assert capfd.readouterr().err.count(f"a message of more than {limit} bytes is cut") == 1


@pytest.fixture(scope="module")
def stream():
    with StreamReceiver() as receiver:
        yield receiver


@settings(max_examples=60, deadline=None)
@given(text=TEXTS, fields=st.dictionaries(NAMES, TEXTS, max_size=5))
def test_any_text_and_fields_arrive(stream, text, fields):
    own = logly.Logger()
    own.configure(console=False)
    own.add(stream.name, multiline="raw", message_limit="1 MiB")
    before = len(stream.frames)
    own.info("{}", text, **fields)
    own.remove()

    message = parse(stream.wait(before + 1)[before])

    assert (message.text, message.fields) == (text, fields)


def test_surrogates_are_escaped(receiver):
    logger.add(receiver.name, multiline="raw")

    message = parse(sent(receiver, lambda: logger.info("a\ud800", **{"n\ud800": "v\udfff"})))

    assert message.text == "a\\ud800"
    assert list(message.fields.values()) == ["v\\udfff"]
