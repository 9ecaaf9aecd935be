"""The console: the implicit one and its replacements; each line goes to the stream that is current at that time."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys

import pytest
from logly import Logger, logger

from tests.support.child import execute, output, run


def messages(text):
    """Return the last part of each default line."""
    return [line.rsplit(" | ", 1)[1] for line in text.splitlines()]


def test_first_record_shows_without_any_setup(capsys):
    logger.info("hello")

    assert messages(capsys.readouterr().out) == ["hello"]


def test_implicit_console_starts_at_info(capsys):
    logger.debug("not shown")
    logger.info("shown")

    assert messages(capsys.readouterr().out) == ["shown"]


def test_implicit_console_is_told_apart():
    (info,) = logger.all_sinks_info()

    assert (info["kind"], info["name"], info["implicit"]) == ("console", "stdout", True)


@pytest.mark.parametrize("name", ["console", "stdout", "stderr"])
def test_first_explicit_console_replaces_the_implicit_one(name):
    added = logger.add(name)

    assert logger.list_sinks() == [added]


def test_second_explicit_console_joins_the_first(capsys):
    logger.add("console")
    logger.add("stdout")

    logger.info("twice")

    assert messages(capsys.readouterr().out) == ["twice", "twice"]


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_stream_of_the_process_given_as_object_is_a_console(name):
    added = logger.add(getattr(sys, name))

    assert logger.list_sinks() == [added]


@pytest.mark.parametrize("make", [lambda _: io.StringIO(), lambda _: lambda _line: None, lambda path: path / "app.log"])
def test_other_sinks_keep_the_implicit_console(make, tmp_path, capsys):
    logger.add(make(tmp_path))

    logger.info("still here")

    assert messages(capsys.readouterr().out) == ["still here"]


def test_setup_of_the_overview_prints_each_line_once(tmp_path, capsys):
    logger.configure(level="INFO", json=False, color=False)
    logger.add("console")
    logger.add(tmp_path / "app.log")

    logger.info("once")

    assert messages(capsys.readouterr().out) == ["once"]


@pytest.mark.parametrize(
    "end",
    [
        lambda: logger.configure(console=False),
        logger.remove,
        logger.remove_all,
        lambda: logger.remove(logger.list_sinks()[0]),
    ],
    ids=["configure", "remove", "remove_all", "remove_id"],
)
def test_implicit_console_can_be_ended(end, capsys):
    end()

    logger.info("not shown")

    assert capsys.readouterr().out == ""
    assert logger.sink_count == 0


def test_ended_console_stays_away_when_files_are_added(tmp_path, capsys):
    logger.configure(console=False)
    logger.add(tmp_path / "app.log")

    logger.info("not shown")

    assert capsys.readouterr().out == ""


def test_configure_brings_the_implicit_console_back(capsys):
    logger.configure(console=False)
    logger.configure(console=True)

    logger.info("shown")

    assert messages(capsys.readouterr().out) == ["shown"]


def test_configure_adds_no_console_beside_an_explicit_one():
    added = logger.add("console")

    logger.configure(console=True)

    assert logger.list_sinks() == [added]


def test_auto_sink_means_console():
    logger.configure(auto_sink=False)

    assert logger.sink_count == 0


def test_independent_logger_has_its_own_implicit_console(capsys):
    other = Logger()
    logger.remove_all()

    other.info("other")

    assert messages(capsys.readouterr().out) == ["other"]


def test_stderr_sink_writes_to_standard_error(capsys):
    logger.add("stderr")

    logger.info("aside")

    shown = capsys.readouterr()
    assert (shown.out, messages(shown.err)) == ("", ["aside"])


def test_redirected_stdout_gets_the_lines():
    redirected = io.StringIO()

    with contextlib.redirect_stdout(redirected):
        logger.info("inside")
    logger.info("outside")

    assert messages(redirected.getvalue()) == ["inside"]


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_missing_stream_is_no_error(name, monkeypatch, capfd):
    monkeypatch.setattr(sys, name, None)
    logger.add(name)

    logger.info("nowhere")

    assert capfd.readouterr() == ("", "")


def test_line_for_a_missing_stream_counts_as_dropped(monkeypatch):
    added = logger.add("stdout")
    monkeypatch.setattr(sys, "stdout", None)

    logger.info("nowhere")

    info = logger.sink_info(added)
    assert (info["written"], info["dropped"]) == (0, 1)


def test_closed_stream_is_told_once_and_never_raised(monkeypatch, capfd):
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)

    for number in range(100):
        logger.info("record {number}", number=number)

    assert capfd.readouterr().err == "logly: stdout raised ValueError: I/O operation on closed file\n"


def test_console_recovers_with_its_stream(monkeypatch, capfd):
    closed, open_again = io.StringIO(), io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    logger.info("lost")

    monkeypatch.setattr(sys, "stdout", open_again)
    logger.info("shown")

    assert messages(open_again.getvalue()) == ["shown"]
    assert "stdout recovered after 1 failure\n" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("encoding", "expected"), [("latin-1", b"caf\xe9 \\u20ac\n"), ("ascii", b"caf\\xe9 \\u20ac\n")]
)
def test_what_a_stream_cannot_encode_is_escaped(encoding, expected, monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    logger.add("console", format="{message}")

    logger.info("café €")

    assert raw.getvalue() == expected


def test_encoding_of_the_standard_stream_is_respected():
    code = "from logly import logger; logger.add('console', format='{message}'); logger.info('\\xe9 \\u20ac')"

    finished = execute([sys.executable, "-c", code], text=False, env={"PYTHONIOENCODING": "latin-1"})

    finished.check(stdout=b"\xe9 \\u20ac\n")


def test_lines_keep_their_order_with_print():
    code = """
from logly import logger
logger.add("console", format="log {message}")
for number in range(200):
    print("print", number)
    logger.info(str(number))
"""

    shown = output(code)

    assert shown.splitlines() == [f"{who} {number}" for number in range(200) for who in ("print", "log")]


def test_stdout_and_stderr_share_a_file_in_order(tmp_path):
    code = """
import sys
from logly import logger
logger.add("stdout", format="out {message}")
logger.add("stderr", format="err {message}")
for number in range(50):
    logger.info(str(number))
"""
    path = tmp_path / "both"

    with path.open("w") as both:
        run(code, stdout=both, stderr=subprocess.STDOUT)

    assert path.read_text().splitlines() == [f"{who} {number}" for number in range(50) for who in ("out", "err")]


def test_reader_that_goes_away_is_told_on_stderr_and_then_counted_not_told():
    code = "from logly import logger\nfor number in range(20000): logger.info('record {n}', n=number)"
    command = ["sh", "-c", '"$0" -c "$1" | head -1', sys.executable, code]

    finished = execute(command)

    assert finished.stdout.endswith("record 0\n")
    first, *later = [line for line in finished.stderr.splitlines() if line.startswith("logly:")]
    assert first == "logly: stdout raised BrokenPipeError: [Errno 32] Broken pipe"
    # Reports follow after one second, ten more, and a minute; this program does not run that long.
    assert len(later) <= 2
    assert all(line.endswith("failures)") for line in later)


def test_closed_descriptors_are_no_error():
    code = "from logly import logger; logger.info('nowhere'); logger.add('stderr'); logger.error('nowhere')"

    finished = execute(["sh", "-c", '"$0" -c "$1" <&- >&- 2>&-', sys.executable, code])

    finished.check()
