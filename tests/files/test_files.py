"""Files: their paths, existing content, and behaviour when they cannot be written."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import logly.testing
import pytest
from logly import Logger, logger

from tests.support.child import execute, run


@pytest.fixture
def umask():
    """Sets the umask for one test."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


def write(path, *texts, **options):
    """Log each text to the file alone, and close it."""
    sink = logger.add(path, format="{message}", **options)
    for text in texts:
        logger.info(text)
    logger.remove(sink)


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("kind", [str, Path], ids=["str", "PathLike"])
def test_line_reaches_the_file(kind, tmp_path):
    write(kind(tmp_path / "app.log"), "hello")

    assert (tmp_path / "app.log").read_text() == "hello\n"


def test_file_has_the_default_line(tmp_path):
    logger.add(tmp_path / "app.log", date_style="utc")

    with logly.testing.freeze("2025-01-15T10:30:45Z"):
        logger.error("Error 0", error_code=0)
    logger.complete()

    assert (tmp_path / "app.log").read_text() == "2025-01-15 10:30:45Z | ERROR | Error 0 error_code=0\n"


def test_file_is_appended_to(tmp_path):
    path = tmp_path / "app.log"

    write(path, "one")
    write(path, "two")

    assert path.read_text() == "one\ntwo\n"


def test_parents_are_made(tmp_path):
    write(tmp_path / "a" / "b" / "app.log", "hello")

    assert (tmp_path / "a" / "b" / "app.log").read_text() == "hello\n"


def test_tilde_is_the_home_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))

    write("~/app.log", "hello")

    assert (tmp_path / "app.log").read_text() == "hello\n"


def test_relative_path_stays_where_it_was_added(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    logger.add("app.log", format="{message}")

    monkeypatch.chdir(tmp_path / "elsewhere")
    logger.info("hello")
    logger.complete()

    assert (tmp_path / "app.log").read_text() == "hello\n"


@pytest.mark.parametrize("name", ["console", "stdout", "stderr"])
def test_path_that_ends_like_a_console_is_a_file(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    write(f"./{name}", "hello")

    assert (tmp_path / name).read_text() == "hello\n"


def test_name_takes_the_time(tmp_path):
    with logly.testing.freeze("2025-01-15T10:30:45Z"):
        write(tmp_path / "app-{time:YYYY-MM-DD!UTC}.log", "hello")

    assert [path.name for path in tmp_path.iterdir()] == ["app-2025-01-15.log"]


def test_bare_time_in_a_name_has_no_colons(tmp_path):
    with logly.testing.freeze("2025-01-15T10:30:45"):
        write(tmp_path / "{time}.log", "hello")

    assert [path.name for path in tmp_path.iterdir()] == ["2025-01-15_10-30-45.log"]


def test_strftime_works_in_a_name(tmp_path):
    with logly.testing.freeze("2025-01-15T10:30:45"):
        write(tmp_path / "{time:%Y%m%d}.log", "hello")

    assert [path.name for path in tmp_path.iterdir()] == ["20250115.log"]


def test_name_takes_process_and_host(tmp_path):
    write(tmp_path / "{host}-{pid}.log", "hello")

    assert [path.name for path in tmp_path.iterdir()] == [f"{os.uname().nodename}-{os.getpid()}.log"]


@pytest.mark.parametrize(
    "name", ["{x}.log", "a*.log", "%s", "app[1x].log", "{", "}{", "a b", "ü.log", "100% {}.log", "back\\slash"]
)
def test_odd_name_is_taken_as_it_is(name, tmp_path):
    name = os.fsdecode(name.encode())  # In an ASCII locale, Python does not accept other letters directly.

    write(tmp_path / name, "hello")

    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_name_need_not_be_utf8(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.log")

    write(path, "hello")

    assert os.listdir(os.fsencode(tmp_path)) == [b"caf\xe9.log"]  # noqa: PTH208 - pathlib has no names in bytes


def test_mode_w_empties_the_file_once(tmp_path):
    path = tmp_path / "app.log"
    write(path, "old")

    write(path, "one", "two", mode="w")

    assert path.read_text() == "one\ntwo\n"


def test_mode_w_does_not_empty_again_after_a_capture(tmp_path):
    path = tmp_path / "app.log"
    logger.add(path, format="{message}", mode="w")
    logger.info("one")
    logger.complete()

    with logly.testing.capture():
        logger.info("captured")
    logger.info("two")
    logger.complete()

    assert path.read_text() == "one\ntwo\n"


def test_mode_w_takes_a_device():
    sink = logger.add("/dev/null", mode="w")

    logger.info("hello")

    assert logger.complete()
    assert logger.sink_info(sink)["written"] == 1


def test_mode_x_refuses_a_file_that_exists(tmp_path):
    path = tmp_path / "app.log"
    path.write_text("kept\n")

    with pytest.raises(FileExistsError) as caught:
        logger.add(path, mode="x")

    assert caught.value.filename == str(path)
    assert path.read_text() == "kept\n"


def test_mode_x_makes_a_new_file(tmp_path):
    write(tmp_path / "app.log", "hello", mode="x")

    assert (tmp_path / "app.log").read_text() == "hello\n"


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "é €\n".encode()),
        ("UTF8", "é €\n".encode()),
        ("latin-1", b"\xe9 \\u20ac\n"),
        ("iso-8859-1", b"\xe9 \\u20ac\n"),
        ("ascii", b"\\xe9 \\u20ac\n"),
    ],
)
def test_file_has_the_encoding_asked_for(encoding, expected, tmp_path):
    write(tmp_path / "app.log", "é €", encoding=encoding)

    assert (tmp_path / "app.log").read_bytes() == expected


def test_delayed_file_is_made_by_its_first_record(tmp_path):
    path = tmp_path / "app.log"
    logger.add(path, delay=True, format="{message}")
    was_there = path.exists()

    logger.info("hello")
    logger.complete()

    assert (was_there, path.read_text()) == (False, "hello\n")


def test_delayed_file_without_records_is_never_made(tmp_path):
    write(tmp_path / "app.log", delay=True)

    assert not (tmp_path / "app.log").exists()


def test_delayed_mode_w_empties_at_the_first_record(tmp_path):
    path = tmp_path / "app.log"
    path.write_text("old\n")

    write(path, "new", delay=True, mode="w")

    assert path.read_text() == "new\n"


@pytest.mark.parametrize(
    ("given", "mask", "expected"),
    [(None, 0o022, 0o644), (None, 0o077, 0o600), (0o640, 0o022, 0o640), (0o666, 0o022, 0o644), (0o600, 0, 0o600)],
)
def test_new_file_has_its_permissions_less_the_umask(given, mask, expected, tmp_path, umask):
    umask(mask)

    write(tmp_path / "app.log", "hello", permissions=given)

    assert mode_of(tmp_path / "app.log") == expected


@pytest.mark.parametrize("given", [644, 600, 640, 755])
def test_permissions_without_their_prefix_are_refused(given, tmp_path):
    with pytest.raises(ValueError, match=f"permissions: expected permission bits such as 0o{given}, got {given}"):
        logger.add(tmp_path / "app.log", permissions=given)

    assert not (tmp_path / "app.log").exists()


def test_file_that_exists_keeps_its_permissions(tmp_path, umask):
    path = tmp_path / "app.log"
    path.touch(0o604)

    write(path, "hello", permissions=0o600)

    assert mode_of(path) == 0o604


def test_directory_is_refused_by_name(tmp_path):
    with pytest.raises(IsADirectoryError) as caught:
        logger.add(tmp_path)

    assert caught.value.filename == str(tmp_path)


def test_path_below_a_file_is_refused_by_name(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(OSError, match="file/app.log"):
        logger.add(tmp_path / "file" / "app.log")


def test_refused_path_adds_no_sink_and_no_other_file(tmp_path):
    (tmp_path / "file").touch()
    before = logger.list_sinks()

    with pytest.raises(OSError, match="app.log"):
        logger.add(tmp_path / "file" / "app.log")

    assert logger.list_sinks() == before
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_torn_last_line_is_ended_first(tmp_path):
    path = tmp_path / "app.log"
    path.write_text("whole\ntor")

    write(path, "next")

    assert path.read_text() == "whole\ntor\nnext\n"


def test_file_that_ended_well_gets_no_empty_line(tmp_path):
    path = tmp_path / "app.log"
    path.write_text("whole\n")

    write(path, "next")

    assert path.read_text() == "whole\nnext\n"


def test_file_of_a_deleted_logger_is_written_out(tmp_path):
    other = Logger()
    other.add(tmp_path / "app.log", format="{message}")
    other.info("hello")
    other.complete()

    del other

    assert (tmp_path / "app.log").read_text() == "hello\n"


@pytest.mark.parametrize("is_async", [True, False])
def test_burst_is_whole_and_in_order(is_async, tmp_path):
    write(tmp_path / "app.log", *map(str, range(20_000)), async_write=is_async)

    assert (tmp_path / "app.log").read_text().split() == [str(number) for number in range(20_000)]


def test_synchronous_file_has_the_line_when_the_call_returns(tmp_path):
    logger.add(tmp_path / "app.log", format="{message}", async_write=False)

    logger.info("hello")

    assert (tmp_path / "app.log").read_text() == "hello\n"


@pytest.mark.parametrize(("value", "expected"), [("1", "hello\n"), ("true", "hello\n")])
def test_environment_makes_files_synchronous(value, expected, tmp_path):
    code = """
import sys
from logly import logger
logger.add(sys.argv[1], format="{message}", async_write=True)
logger.info("hello")
print(open(sys.argv[1]).read(), end="")
"""

    finished = run(
        code.replace("logger.add", "logger.remove(); logger.add"),
        tmp_path / "app.log",
        environment={"LOGLY_SYNC": value},
    )

    finished.check(stdout=expected)


def test_environment_that_says_no_keeps_files_in_the_background(tmp_path, monkeypatch):
    monkeypatch.setenv("LOGLY_SYNC", "0")

    sink = logger.add(tmp_path / "app.log")

    assert logger.sink_info(sink)["async_write"]


def test_log_never_takes_a_standard_descriptor(tmp_path):
    code = """
import os, sys
from logly import logger
logger.add(sys.argv[1], format="{message}", async_write=False)
logger.info("hello")
names = [name for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")]
links = {name: os.readlink(f"/proc/self/fd/{name}") for name in names}
logger.info(",".join(name for name, target in links.items() if target == sys.argv[1]))
os.write(os.open("/dev/null", os.O_WRONLY), b"x")
print("stray")
"""
    path = tmp_path / "app.log"

    execute(["sh", "-c", '"$0" -c "$1" "$2" <&- >&- 2>&-', sys.executable, code, path]).check(stdout="", stderr="")

    hello, descriptors = path.read_text().splitlines()
    assert hello == "hello"
    assert min(map(int, descriptors.split(","))) > 2


def test_log_is_not_inherited_by_other_programs(tmp_path):
    path = tmp_path / "app.log"
    logger.add(path)

    listed = execute(["ls", "-l", "/proc/self/fd"], close_fds=False).check()

    assert str(path) not in listed.stdout


def test_two_sinks_may_share_a_file(tmp_path):
    path = tmp_path / "app.log"
    logger.add(path, format="a {message}")
    logger.add(path, format="b {message}")

    logger.info("hello")
    logger.complete()

    assert sorted(path.read_text().splitlines()) == ["a hello", "b hello"]
