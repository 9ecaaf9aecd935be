"""Entries for the journal in its native protocol, read by a parser that was written from its description."""

from __future__ import annotations

import os
import re
import threading

import logly
import pytest
from hypothesis import given, settings, strategies as st
from logly import logger

from tests.support.syslog import DatagramReceiver, parse_entry

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
OWN = {
    "MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "TIMESTAMP", "LEVEL", "LOGGER", "CODE_FILE", "CODE_LINE", "CODE_FUNC",
    "THREAD_ID", "THREAD_NAME",
}  # fmt: skip


@pytest.fixture
def journal(no_console, tmp_path):
    with DatagramReceiver(tmp_path / "socket") as receiver:
        receiver.name = f"journald://{tmp_path}/socket"
        yield receiver
        logger.remove()


def sent(journal, log):
    """Return the fields of the one entry that *log* causes."""
    before = len(journal.frames)
    log()
    assert logger.complete(timeout=30)
    (frame,) = journal.wait(before + 1)[before:]
    pairs = parse_entry(frame)
    assert len(dict(pairs)) == len(pairs)
    return {name: value.decode() for name, value in pairs}


def fields_of(entry):
    return {name: value for name, value in entry.items() if name not in OWN}


def test_entry_has_its_parts(journal):
    logger.add(journal.name, app_name="shop", facility="daemon")

    with logly.testing.freeze("2025-01-15T10:30:45.123456Z"):
        entry = sent(journal, lambda: logger.success("paid {amount}", amount=12, user="ada"))

    assert entry.pop("SYSLOG_FACILITY") == "3"
    assert int(entry.pop("CODE_LINE")) > 0
    assert entry == {
        "MESSAGE": "paid 12", "PRIORITY": "5", "SYSLOG_IDENTIFIER": "shop", "TIMESTAMP": "2025-01-15T10:30:45.123456Z",
        "LEVEL": "SUCCESS", "LOGGER": __name__, "CODE_FILE": __file__, "CODE_FUNC": "<lambda>",
        "THREAD_ID": str(threading.get_ident()), "THREAD_NAME": "MainThread", "AMOUNT": "12", "USER": "ada",
    }  # fmt: skip


def test_line_breaks_are_kept(journal):
    logger.add(journal.name)

    entry = sent(journal, lambda: logger.info("a\nb", text="c\n\nd=\n", last="e="))

    assert (entry["MESSAGE"], fields_of(entry)) == ("a\nb", {"TEXT": "c\n\nd=\n", "LAST": "e="})


def test_names_are_valid_and_never_those_of_the_entry(journal):
    logger.add(journal.name)

    fields = {"user.id": 1, "_x": 2, "1st": 3, "message": 4, "CODE_FILE": 5, "": 6, "n" * 80: 7, "priority": 8}
    entry = sent(journal, lambda: logger.info("m", **fields))

    assert fields_of(entry) == {
        "USER_ID": "1", "X": "2", "FIELD_1ST": "3", "FIELD_MESSAGE": "4", "FIELD_CODE_FILE": "5", "FIELD_": "6",
        "N" * 64: "7", "FIELD_PRIORITY": "8",
    }  # fmt: skip
    assert (entry["MESSAGE"], entry["PRIORITY"]) == ("m", "6")


def test_exception_is_in_the_message_and_has_its_class(journal):
    logger.add(journal.name)

    def fail():
        try:
            raise ValueError("bad\nworse")
        except ValueError:
            logger.exception("m")

    entry = sent(journal, fail)

    assert entry["EXCEPTION_TYPE"] == "ValueError"
    assert entry["MESSAGE"].startswith("m\nTraceback (most recent call last):\n")
    assert entry["MESSAGE"].endswith("\nValueError: bad\nworse")


@pytest.mark.parametrize("size", [100_000, 1_000_000])
def test_large_entries_arrive(journal, size):
    sink = logger.add(journal.name)

    entries = [sent(journal, lambda: logger.info("m", big="x" * size)), sent(journal, lambda: logger.info("small"))]

    assert entries[0]["BIG"] == "x" * size
    assert entries[1]["MESSAGE"] == "small"
    counts = logger.stats()["sinks"][sink]
    assert (counts["written"], counts["export"]["sent"], counts["export"]["cut"]) == (2, 2, 0)


def test_large_and_small_entries_keep_their_order(journal):
    logger.add(journal.name)
    for number in range(60):
        logger.info("{}", number, big="x" * (300_000 if number % 3 == 0 else 10))
    assert logger.complete(timeout=30)

    found = [dict(parse_entry(frame))["MESSAGE"] for frame in journal.wait(60)]

    assert found == [str(number).encode() for number in range(60)]


def test_entry_has_as_many_fields_as_the_journal_takes(journal, capfd):
    sink = logger.add(journal.name)

    entry = sent(journal, lambda: logger.info("m", **{f"f{n}": n for n in range(2000)}))

    assert len(fields_of(entry)) == 900
    assert logger.stats()["sinks"][sink]["export"]["cut"] == 1
    assert "a message of more than 900 fields is cut" in capfd.readouterr().err


def test_secrets_are_masked(journal):
    logger.add(journal.name, redact=True)

    assert "hunter2" not in str(sent(journal, lambda: logger.info("{password}", password="hunter2")))


def test_forked_child_has_a_socket_of_its_own(journal):
    logger.add(journal.name)
    logger.info("before")
    assert logger.complete(timeout=30)

    child = os.fork()
    if child == 0:
        logger.info("child")
        os._exit(0 if logger.complete(timeout=30) else 1)
    assert os.waitpid(child, 0)[1] == 0
    logger.info("after")
    assert logger.complete(timeout=30)

    found = [dict(parse_entry(frame))["MESSAGE"] for frame in journal.wait(3)]
    assert found == [b"before", b"child", b"after"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    with DatagramReceiver(tmp_path_factory.mktemp("journal") / "socket") as receiver:
        yield receiver


@settings(max_examples=60, deadline=None)
@given(text=TEXTS, fields=st.dictionaries(TEXTS, TEXTS, max_size=5))
def test_any_text_and_fields_arrive(kept, text, fields):
    own = logly.Logger()
    own.configure(console=False)
    own.add("journald" + kept.name.removeprefix("syslog+unix"))
    before = len(kept.frames)
    own.info("{}", text, **fields)
    own.remove()

    pairs = parse_entry(kept.wait(before + 1)[before])

    assert dict(pairs)["MESSAGE"].decode() == text
    found = [value.decode() for name, value in pairs if name not in OWN]
    assert found == list(fields.values())
    assert all(re.fullmatch("[A-Z][A-Z0-9_]*", name) for name, _ in pairs)
