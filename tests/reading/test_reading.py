"""Reading files back: text, lines, objects and status; emptying and removing files."""

from __future__ import annotations

import datetime
import json
import os
import re
import threading

import logly.testing
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from logly import Logger, logger

TEXTS = st.text(st.sampled_from("ab \né😀\r\x85\u2028"), max_size=40)
LINE_NUMBERS = st.integers(-12, 12).filter(bool)
FUNCTIONS = ("read", "read_lines", "read_json", "line_count", "file_size", "file_metadata")


def lines_of(text: str) -> list[str]:
    """Return the lines of a text as logly counts them: only LF or CRLF ends a line."""
    *ended, last = text.split("\n")
    return [line.removesuffix("\r") for line in ended] + [last] * bool(last)


def put(path, text: str) -> None:
    path.write_bytes(text.encode())


def test_text_is_what_was_logged(sink):
    logger.info("one")
    logger.info("naïve")

    assert logger.read(sink) == "one\nnaïve\n"


def test_text_is_that_of_the_file_as_it_is(sink, path):
    put(path, "one\r\ntwo\rthree")

    assert logger.read(sink) == "one\r\ntwo\rthree"


def test_bytes_that_are_not_utf8_are_replaced(sink, path):
    path.write_bytes(b"caf\xe9\n")

    assert logger.read(sink) == "caf\ufffd\n"
    assert logger.read_lines(sink) == ["caf\ufffd"]


def test_latin1_is_read_as_it_was_written(path):
    sink = logger.add(path, format="{message}", encoding="latin-1")

    logger.info("café ÿ")

    assert logger.read(sink) == "café ÿ\n"
    assert logger.read_lines(sink, -1) == ["café ÿ"]


def test_all_texts_have_the_ids_of_their_sinks(tmp_path):
    first = logger.add(tmp_path / "1.log", format="{message}")
    logger.add(lambda line: None)
    second = logger.add(tmp_path / "2.log", format="{message}!")

    logger.info("hello")

    assert list(logger.read_all().items()) == [(first, "hello\n"), (second, "hello!\n")]


def test_file_that_is_not_made_yet_is_empty(path):
    sink = logger.add(path, delay=True)

    assert logger.read(sink) == ""
    assert logger.read_lines(sink, -3) == []
    assert logger.read_json(sink) == []
    assert logger.search_log(sink, "") == []
    assert (logger.line_count(sink), logger.file_size(sink), logger.file_metadata(sink)) == (0, 0, None)
    assert (logger.delete(sink), logger.clear(sink)) == (False, False)


def test_device_and_fifo_have_no_text(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    logger.add("/dev/null")
    reader = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    logger.add(tmp_path / "fifo")

    texts = logger.read_all()
    removed = logger.delete_all()
    os.close(reader)

    assert (list(texts.values()), removed) == (["", ""], 0)
    assert (tmp_path / "fifo").exists()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_unknown_ids_and_other_sinks_give_none(function):
    other = logger.add(lambda line: None)

    assert getattr(logger, function)(other) is None
    assert getattr(logger, function)(10**30) is None
    assert getattr(logger, function)(-1) is None


@pytest.mark.parametrize("function", ["delete", "clear"])
def test_unknown_ids_and_other_sinks_are_not_changed(function):
    other = logger.add(lambda line: None)

    assert getattr(logger, function)(other) is False
    assert getattr(logger, function)(4711) is False


@pytest.mark.parametrize("function", [*FUNCTIONS, "delete", "clear"])
@pytest.mark.parametrize("wrong", ["0", None, True, 1.0])
def test_id_of_a_wrong_type_is_refused(function, wrong):
    with pytest.raises(TypeError, match="sink_id: expected a sink's id"):
        getattr(logger, function)(wrong)


@pytest.mark.parametrize("function", ["read", "read_lines", "read_json", "line_count", "file_size"])
def test_archives_must_be_a_bool(function, sink):
    with pytest.raises(TypeError, match="archives: expected True or False"):
        getattr(logger, function)(sink, archives=1)


@given(text=TEXTS, start=LINE_NUMBERS, end=st.none() | LINE_NUMBERS)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lines_are_those_of_the_whole_text(text, start, end, sink, path):
    put(path, text)
    lines = lines_of(text)

    got = logger.read_lines(sink, start, end)

    first = start if start > 0 else max(len(lines) + start + 1, 1)
    last = len(lines) if end is None else end if end > 0 else len(lines) + end + 1
    assert got == lines[first - 1 : max(last, 0)]
    assert logger.line_count(sink) == len(lines)


@pytest.mark.parametrize(("start", "end"), [(3, 2), (-1, -2), (9, None), (10**30, None), (1, -(10**30))])
def test_range_without_lines_is_empty(start, end, sink):
    for number in range(4):
        logger.info(str(number))

    assert logger.read_lines(sink, start, end) == []


@pytest.mark.parametrize(("start", "end"), [(-(10**30), None), (1, 10**30), (-5, 4)])
def test_range_beyond_the_file_has_all_there_is(start, end, sink):
    for number in range(4):
        logger.info(str(number))

    assert logger.read_lines(sink, start, end) == ["0", "1", "2", "3"]


@pytest.mark.parametrize(("arguments", "name"), [((0,), "start"), ((1, 0), "end")])
def test_line_zero_is_refused(arguments, name, sink):
    with pytest.raises(ValueError, match=f"{name}: expected a line from 1, or from -1 counted from the end, got 0"):
        logger.read_lines(sink, *arguments)


@pytest.mark.parametrize("wrong", ["1", 1.0, True])
def test_line_of_a_wrong_type_is_refused(wrong, sink):
    with pytest.raises(TypeError, match="start: expected a line's number"):
        logger.read_lines(sink, wrong)


def test_last_lines_are_found_across_blocks(sink, path):
    lines = [str(number) * 50 for number in range(20_000)]
    put(path, "\n".join(lines))

    assert logger.read_lines(sink, -15_000, -14_999) == lines[5_000:5_002]
    assert logger.read_lines(sink, 19_999) == lines[-2:]


def test_line_of_ten_megabytes_is_one_line(sink, path):
    put(path, "short\n" + "x" * 10_000_000 + "\nlast")

    lines = logger.read_lines(sink)

    assert [len(line) for line in lines] == [5, 10_000_000, 4]
    assert [len(line) for line in logger.read_lines(sink, -2)] == [10_000_000, 4]
    assert logger.line_count(sink) == 3


@pytest.mark.parametrize("style", [True, "flat", "pretty"])
def test_objects_are_those_that_were_logged(style, path):
    sink = logger.add(path, json=style)

    logger.info("one\n{two}", a={"b": [1, {"c": None}]})
    logger.error("two", x=0.5)

    assert [found["message"] for found in logger.read_json(sink)] == ["one\n{two}", "two"]
    first = logger.read_json(sink)[0]
    assert (first if style == "flat" else first["fields"])["a"] == {"b": [1, {"c": None}]}


@pytest.mark.parametrize("line", ["torn {", '{"a": 1', "17", '{"a": 1} {"b": 2}', "[]"])
def test_line_that_is_no_object_is_named(line, sink, path):
    put(path, f'{{"a": 1}}\n\n{line}\n{{"b": 2}}\n')

    with pytest.raises(ValueError, match=re.escape(f"{path}, line 3: expected a JSON object, got {line!r}")):
        logger.read_json(sink)


@pytest.mark.parametrize("line", ["torn {", '{"a": 1', "17", '{\n  "a": {\n    "b": 1'])
def test_line_that_is_no_object_can_be_left_out(line, sink, path):
    put(path, f'{{"a": 1}}\n{line}\n{{"b": 2}}\n')

    assert logger.read_json(sink, skip_invalid=True) == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize("style", [None, 2])
def test_object_on_its_way_is_left_out(style, sink, path):
    whole = "".join(json.dumps({"a": number, "b": "text"}, indent=style) + "\n" for number in range(2))

    found = []
    for length in range(len(whole)):
        put(path, whole[:length])
        found.append(len(logger.read_json(sink)))

    assert found == sorted(found)
    assert set(found) == {0, 1, 2}


def test_size_is_in_bytes(sink):
    logger.info("é")

    assert logger.file_size(sink) == 3


def test_metadata_describe_the_file(path):
    sink = logger.add(path, format="{message}", permissions=0o640, encoding="latin1")
    before = datetime.datetime.now(datetime.timezone.utc)
    logger.info("hello")

    found = logger.file_metadata(sink)

    assert (found["path"], found["size"], found["mode"], found["encoding"]) == (str(path), 6, 0o640, "latin-1")
    assert found["archives"] == []
    assert abs(found["modified"] - before) < datetime.timedelta(minutes=1)
    assert found["created"] is None or found["created"].utcoffset() is not None


def test_reading_within_a_sink_does_not_wait(sink):
    got = []
    logger.add(lambda line: got.append(logger.read(sink)), format="{message}")

    logger.info("hello")

    assert got in ([""], ["hello\n"])


def test_file_that_cannot_be_read_is_named(sink, path):
    path.unlink()
    path.symlink_to(path)

    with pytest.raises(OSError, match="app.log"):
        logger.read(sink)


def test_deleted_file_is_gone_and_nothing_else(sink, path):
    neighbour = path.with_name("app.2025-01-14.log")
    neighbour.write_text("kept\n")
    logger.info("one")

    assert logger.delete(sink)

    assert [found.name for found in path.parent.iterdir()] == [neighbour.name]
    assert logger.sink_info(sink)["written"] == 1


def test_deleting_removes_what_a_link_leads_to(tmp_path):
    (tmp_path / "link.log").symlink_to(tmp_path / "real.log")
    sink = logger.add(tmp_path / "link.log")

    assert logger.delete(sink)

    assert not (tmp_path / "real.log").exists()
    assert (tmp_path / "link.log").is_symlink()


def test_files_of_all_sinks_are_deleted_once(tmp_path):
    logger.add(tmp_path / "1.log")
    logger.add(tmp_path / "1.log")
    logger.add(tmp_path / "2.log")

    assert logger.delete_all() == 2
    assert logger.delete_all() == 0


def test_cleared_file_is_empty_and_the_same(sink, path):
    logger.info("one")
    logger.complete()
    inode = path.stat().st_ino

    assert logger.clear(sink)
    assert path.read_bytes() == b""
    logger.info("two")

    assert logger.read(sink) == "two\n"
    assert path.stat().st_ino == inode


def test_independent_loggers_do_not_see_each_others_sinks(tmp_path):
    other = Logger()
    other.remove_all()
    sink = other.add(tmp_path / "other.log")

    assert other.read_all() == {sink: ""}
    assert sink not in logger.read_all()


def test_reading_while_others_write_gives_whole_lines(sink, path):
    is_over = threading.Event()

    def write() -> None:
        while not is_over.is_set():
            logger.info("x" * 99)

    for _ in range(3):
        logger.info("x" * 99)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        sizes = {len(line) for _ in range(50) for line in logger.read_lines(sink, -100)[:-1]}
        whole = {len(line) for line in logger.read_lines(sink)[:-1]}
    finally:
        is_over.set()
        writer.join()

    assert sizes | whole == {99}


def test_captures_leave_the_files_readable(sink):
    logger.info("one")

    with logly.testing.capture():
        text = logger.read(sink)

    assert text == "one\n"


def test_sink_goes_on_in_a_new_file_after_delete(sink, path):
    logger.info("one")
    logger.delete(sink)

    logger.info("two")

    assert logger.read(sink) == "two\n"
    assert path.read_text() == "two\n"
