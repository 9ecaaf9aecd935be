"""`logly view -f`: what is added to logs is shown, through rotation, truncation and new files."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import contextmanager

from logly import logger

LIMIT = 60


class Following:
    """A command that follows logs, and the lines that it showed so far."""

    def __init__(self, *arguments):
        # A shell that runs the tests in the background has programs ignore Ctrl-C.
        program = "import signal, logly.cli; signal.signal(2, signal.default_int_handler); logly.cli.main()"
        command = [sys.executable, "-c", program, "view", "-f", "--utc", *map(str, arguments)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines: list[str] = []
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()

    def wait(self, is_done):
        """Wait until a condition on the lines holds, and return them."""
        with self.changed:
            assert self.changed.wait_for(lambda: is_done(self.lines), LIMIT), self.lines[-5:]
            return list(self.lines)

    def close(self):
        self.process.terminate()
        self.thread.join(LIMIT)
        self.process.stdout.close()
        self.process.stderr.close()
        self.process.wait(LIMIT)


@contextmanager
def following(*arguments):
    one = Following(*arguments)
    try:
        yield one
    finally:
        one.close()


def add(path, text):
    with path.open("a") as file:
        file.write(text)


def test_lines_are_shown_as_they_come(tmp_path):
    log = tmp_path / "log"
    log.write_text("".join(f"2025-01-15 10:30:{n:02} INFO old {n}\n" for n in range(20)))
    with following(log) as one:
        lines = one.wait(lambda lines: len(lines) == 10)
        assert lines[0].endswith("old 10")

        add(log, "2025-01-15 10:31:00 INFO one\n2025-01-15 10:31:01 INFO half of")
        assert one.wait(lambda lines: len(lines) == 11)[-1].endswith("| one")
        add(log, " a line\n")
        assert one.wait(lambda lines: len(lines) == 12)[-1].endswith("| half of a line")


def test_entries_are_chosen_as_they_come(tmp_path):
    log = tmp_path / "log"
    other = tmp_path / "other"
    for path in (log, other):
        path.write_text("")
    with following(log, other, "--level", "ERROR") as one:
        add(log, '{"level":"INFO","message":"a"}\n{"level":"ERROR","message":"b"}\n')
        assert one.wait(lambda lines: lines) == ["ERROR    | b"]
        add(log, '{"level":"E')
        add(other, '{"level":"ERROR","message":"c"}\n')
        one.wait(lambda lines: lines[-1] == "ERROR    | c")
        add(log, 'RROR","message":"d"}\n')
        assert one.wait(lambda lines: len(lines) == 3)[-1] == "ERROR    | d"


def test_truncated_file_is_read_from_its_start(tmp_path):
    log = tmp_path / "log"
    log.write_text("2025-01-15 10:30:45 INFO a long line before the cut\n")
    with following(log) as one:
        one.wait(lambda lines: len(lines) == 1)
        log.write_text("2025-01-15 10:30:46 INFO b\n")

        assert one.wait(lambda lines: len(lines) == 2)[-1].endswith("| b")


def test_file_that_is_replaced_is_read_to_its_end_and_then_the_new_one(tmp_path):
    log = tmp_path / "log"
    log.write_text("2025-01-15 10:30:45 INFO a\n")
    with following(log) as one:
        one.wait(lambda lines: len(lines) == 1)
        old = log.open("a")
        log.rename(tmp_path / "old")
        old.write("2025-01-15 10:30:46 INFO b\n")
        old.close()
        log.write_text("2025-01-15 10:30:47 INFO c\n")

        lines = one.wait(lambda lines: len(lines) == 3)
        assert [line[-1] for line in lines] == ["a", "b", "c"]


def test_file_that_is_there_later_is_followed(tmp_path):
    log = tmp_path / "log"
    other = tmp_path / "other"
    other.write_text("2025-01-15 10:30:45 INFO b\n")
    with following(log, other) as one:
        one.wait(lambda lines: len(lines) == 1)
        log.write_text("2025-01-15 10:30:45 INFO a\n")

        assert one.wait(lambda lines: len(lines) == 2)[-1].endswith("| a")


def test_nothing_is_lost_over_200_rotations(tmp_path):
    logger.configure(console=False)
    log = tmp_path / "app.jsonl"
    logger.add(log, json=True, rotation="10 KB", compression="gzip")
    logger.info("begin")
    logger.complete()
    with following(log) as one:
        one.wait(lambda lines: len(lines) == 1)
        for number in range(20_000):
            logger.info("{}", number)
        logger.complete()

        lines = one.wait(lambda lines: lines[-1].endswith(" 19999"))
    assert len(list(tmp_path.glob("app.*.jsonl*"))) >= 150
    assert [line.rsplit(" ", 1)[1] for line in lines[1:]] == [str(number) for number in range(20_000)]


def test_interrupt_ends_it_quietly(tmp_path):
    log = tmp_path / "log"
    log.write_text("2025-01-15 10:30:45 INFO a\n")
    with following(log) as one:
        one.wait(lambda lines: lines)
        one.process.send_signal(2)

        assert one.process.wait(LIMIT) == 0
        assert one.process.stderr.read() == ""
