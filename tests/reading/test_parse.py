"""`parse`: the named groups of a pattern in a text."""

from __future__ import annotations

import gzip
import io
import re

import logly
import pytest
from hypothesis import given, strategies as st
from logly import logger

from tests.reading.test_reading_archives import PACK as PACK_BY_NAME, tarred

PACK = {suffix[1:]: pack for suffix, pack in PACK_BY_NAME.items() if suffix}
PACK["tar"] = lambda text: gzip.decompress(tarred(text))

LINE = r"(?P<level>[A-Z]+) \| (?P<message>.*)"


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "app.log"
    path.write_text("INFO | first\nnothing here\nERROR | second é\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("parse", [logly.parse, logger.parse])
def test_groups_of_each_match_are_yielded(log, parse):
    assert list(parse(log, LINE)) == [
        {"level": "INFO", "message": "first"},
        {"level": "ERROR", "message": "second é"},
    ]


def test_what_logly_wrote_is_read_back(tmp_path, no_console):
    logger.add(tmp_path / "log", format="{time:YYYY} {level.no} {message}")
    logger.info("ready")
    logger.complete(timeout=30)

    pattern = r"(?P<year>\d{4}) (?P<no>\d+) (?P<message>.*)\n"

    assert [(found["no"], found["message"]) for found in logly.parse(tmp_path / "log", pattern)] == [("20", "ready")]


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        (io.StringIO("a=1"), re.compile("(?P<x>[0-9])")),
        (io.BytesIO(b"a=1"), rb"(?P<x>[0-9])"),
    ],
)
def test_open_files_of_text_and_bytes_are_read_and_not_closed(file, pattern):
    found = list(logly.parse(file, pattern))

    assert [int(groups["x"]) for groups in found] == [1]
    assert not file.closed


def test_path_is_closed_when_the_generator_is(log):
    opened = []
    found = logly.parse(log, LINE)
    next(found)
    opened.append(found.gi_frame.f_locals["file"])

    found.close()

    assert opened[0].closed


def test_cast_converts_groups_of_its_names():
    pattern = r"(?P<n>\d+)(?P<unit>ms)?;"

    found = list(logly.parse(io.StringIO("12ms;7;"), pattern, cast={"n": int, "unit": str.upper, "absent": int}))

    assert found == [{"n": 12, "unit": "MS"}, {"n": 7, "unit": None}]


def test_cast_may_be_a_function_of_all_groups():
    found = list(logly.parse(io.StringIO("12"), r"(?P<n>\d+)", cast=lambda groups: groups.update(n=0, more=1)))

    assert found == [{"n": 0, "more": 1}]


def test_what_cast_raises_reaches_the_caller():
    with pytest.raises(ValueError, match="invalid literal"):
        list(logly.parse(io.StringIO("x"), "(?P<n>x)", cast={"n": int}))


def test_bytes_that_are_no_utf_8_are_replaced(tmp_path):
    (tmp_path / "log").write_bytes(b"INFO | \xff\n")

    assert next(logly.parse(tmp_path / "log", LINE))["message"] == "\ufffd"


def test_empty_matches_are_left_out():
    assert list(logly.parse(io.StringIO("a1b"), "(?P<n>[0-9]*)")) == [{"n": "1"}]


def test_matches_may_be_of_several_lines():
    text = "INFO a\n  more\nINFO b\n"

    found = list(logly.parse(io.StringIO(text), r"(?ms)^INFO (?P<text>.*?)(?=^INFO|\Z)"))

    assert [groups["text"] for groups in found] == ["a\n  more\n", "b\n"]


@given(
    lines=st.lists(st.text("ab1é\n ", max_size=9), max_size=30),
    chunk=st.integers(12, 40),
)
def test_pieces_of_any_size_give_what_the_whole_text_gives(lines, chunk):
    text = "".join(f"[{line}] " for line in lines)
    pattern = re.compile(r"(?m)(?:(?<= )|^)\[(?P<inner>[^\]]*)\](?P<behind> ?)")

    found = list(logly.parse(io.StringIO(text), pattern, chunk=chunk))

    assert found == [match.groupdict() for match in pattern.finditer(text)]


def test_file_without_any_match_is_read_in_growing_pieces():
    sizes = []

    class File(io.StringIO):
        def read(self, size):
            sizes.append(size)
            return super().read(size)

    assert list(logly.parse(File("x" * 100_000), "(?P<y>y)", chunk=100)) == []
    assert len(sizes) < 20


@pytest.mark.parametrize(
    ("arguments", "kind", "told"),
    [
        ((1, LINE), TypeError, "file: expected a path or an object with read"),
        ((io.StringIO(), "no groups"), ValueError, "pattern: expected named groups"),
        ((io.StringIO(), "(?P<a>"), ValueError, "pattern: expected a regular expression, got '"),
        ((io.StringIO(), 1), TypeError, "pattern: expected a regular expression"),
    ],
)
def test_what_cannot_be_parsed_is_refused_at_once(arguments, kind, told):
    with pytest.raises(kind, match=re.escape(told)):
        logly.parse(*arguments)


@pytest.mark.parametrize(("cast", "told"), [({"a": 1}, "cast: expected functions"), (1, "cast: expected a dict")])
def test_cast_that_is_none_is_refused(cast, told):
    with pytest.raises(TypeError, match=told):
        logly.parse(io.StringIO(), LINE, cast=cast)


@pytest.mark.parametrize(("chunk", "kind"), [(0, ValueError), (1.5, TypeError), (True, TypeError)])
def test_chunk_that_is_no_size_is_refused(chunk, kind):
    with pytest.raises(kind, match="chunk: expected"):
        logly.parse(io.StringIO(), LINE, chunk=chunk)


def test_missing_file_is_told_by_name(tmp_path):
    with pytest.raises(OSError, match="absent"):
        logly.parse(tmp_path / "absent", LINE)


def test_pattern_of_text_does_not_go_with_bytes():
    with pytest.raises(TypeError, match="pattern: expected bytes, as the file reads"):
        list(logly.parse(io.BytesIO(b"x"), LINE))


@pytest.mark.parametrize("form", ["gz", "zst", "bz2", "xz", "zip", "tar.gz", "tar"])
@pytest.mark.parametrize("is_named", [True, False])
def test_compressed_files_are_read_whatever_their_name(tmp_path, form, is_named):
    path = tmp_path / (f"app.log.{form}" if is_named else "app.log")
    path.write_bytes(PACK[form]("INFO | é\n".encode()))

    assert list(logly.parse(path, LINE)) == [{"level": "INFO", "message": "é"}]


@pytest.mark.parametrize(
    ("start", "name"), [(b"\x04\x22\x4d\x18", "lz4"), (b"7z\xbc\xaf\x27\x1c", "7z"), (b"\x1f\x9d", "compress")]
)
def test_file_compressed_in_another_way_is_refused(tmp_path, start, name):
    path = tmp_path / "app.log"
    path.write_bytes(start + bytes(100))

    with pytest.raises(OSError, match=f"app.log: expected a text, or one compressed with .*, got {name}"):
        logly.parse(path, LINE)


@pytest.mark.parametrize("form", ["gz", "zst", "bz2", "xz", "tar.gz"])
def test_torn_compressed_file_is_an_error_that_names_it(tmp_path, form):
    path = tmp_path / "app.log"
    path.write_bytes(PACK[form](b"INFO | ready\n")[:-4])

    with pytest.raises(OSError, match=r"app\.log"):
        list(logly.parse(path, LINE))


def test_match_behind_much_text_without_any_is_found(monkeypatch):
    monkeypatch.setattr("logly._files.parse._MOST_KEPT", 64)
    text = "-" * 1000 + "a=1" + "-" * 1000 + "a=2"

    found = logly.parse(io.StringIO(text), "a=(?P<x>[0-9])", chunk=4)

    assert [groups["x"] for groups in found] == ["1", "2"]
