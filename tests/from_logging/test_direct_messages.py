"""Messages of `logging` with arguments: `LogRecord.getMessage` returns the same, with and without direct calls."""

from __future__ import annotations

import logging

import logly
import logly.testing
from hypothesis import example, given, settings, strategies as st
from logly._logly import _direct_calls

from tests.calls.test_plain_values import CONVERSIONS, TEXTS, VALUES
from tests.from_logging.test_direct_calls import plain_streams

LOGGER = logging.getLogger("app.db")

KEYS = ["a", "b", "a b", "", "ü"]
LONGEST = 1024 * 1024
"""Messages of more bytes are cut."""
CONTAINERS = st.recursive(
    VALUES | st.binary(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMED = st.builds(lambda key, conversion: f"%({key}){conversion[1:]}", st.sampled_from([*KEYS, "missing"]), CONVERSIONS)
BROKEN = st.sampled_from(["%", "%y", "%(a", "%*d", "%.*f", "%(a)", "%%", "%5%", "%ld", "%hs", "%-", "%1000000s"])
PIECES = st.one_of(CONVERSIONS, CONVERSIONS, NAMED, BROKEN, TEXTS.map(lambda text: text.replace("%", "%%")))
MESSAGES = st.lists(PIECES, max_size=4).map("".join)
MAPPINGS = st.dictionaries(st.sampled_from(KEYS), CONTAINERS, max_size=4).map(lambda mapping: (mapping,))
ARGUMENTS = st.one_of(st.lists(CONTAINERS, max_size=4).map(tuple), MAPPINGS)


def expected(message, arguments):
    """Return the message as `logging` renders it; None if it cannot."""
    record = logging.LogRecord("app.db", logging.INFO, "a.py", 1, message, arguments, None)
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError, OverflowError):
        return None


def kept(text):
    """Return what is kept of a message."""
    whole = text.encode(errors="surrogatepass")
    if len(whole) <= LONGEST:
        return text
    first = whole[:LONGEST].decode(errors="ignore")
    return f"{first}...<cut {len(whole) - len(first.encode())} bytes>"


def logged(message, arguments, *, fast):
    """Return the message of the record that logly gets; None if it gets none."""
    with logly.testing.capture() as records, logly.intercept_logging(fast=fast), plain_streams():
        LOGGER.info(message, *arguments)
    return records[0]["message"] if records else None


@settings(max_examples=400, deadline=None)
@given(message=MESSAGES, arguments=ARGUMENTS)
@example(message="%s", arguments=({},))
@example(message="%s", arguments=({"a": 1},))
@example(message="%(a)s %(a)5d", arguments=({"a": True},))
@example(message="%s %s", arguments=({"a": 1}, {"b": 2}))
@example(message="%s", arguments=((1, 2),))
@example(message="%d %d", arguments=((1, 2),))
@example(message="100%", arguments=())
@example(message="%s", arguments=())
@example(message="%*d", arguments=(5, 3))
@example(message="%(a)s%s", arguments=({"a": 1},))
@example(message="%c%c", arguments=(0x20AC, "x"))
@example(message="%r %a", arguments=("ü", "ü"))
@example(message="%1000000s%1000000s", arguments=([], []))
@example(message="%d %i %u", arguments=(2.9, True, 10**30))
@example(message="%.3s|%-5s|%05d|%+.1e", arguments=("abcdef", "x", -7, 12345.678))
def test_message_is_that_of_logging(message, arguments):
    wanted = expected(message, arguments)
    before, _ = _direct_calls()
    raising, logging.raiseExceptions = logging.raiseExceptions, False
    try:
        fast, plain = logged(message, arguments, fast=True), logged(message, arguments, fast=False)
    finally:
        logging.raiseExceptions = raising

    assert fast == plain
    # Colours are for logly to show or to escape.
    if wanted is not None and "\x1b" not in wanted:
        assert plain == kept(wanted)
    if wanted is None:
        assert _direct_calls()[0] == before
