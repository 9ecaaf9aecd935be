"""The files that `logly view` reads: archives, several logs in the order of their times, and hostile ones."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from logly import logger


def lines_of(path):
    return Path(path).read_text().splitlines()


def test_archives_of_a_rotated_log_are_read_in_order(shown, tmp_path):
    logger.configure(console=False)
    logger.add("app.jsonl", json=True, rotation="10 KB", compression="zstd")
    for number in range(2_000):
        logger.info("{}", number)
    logger.complete()
    logger.remove_all()
    assert len(list(tmp_path.glob("app.*.zst"))) > 5

    assert [line.rsplit(" ", 1)[1] for line in shown("app.jsonl")] == [str(number) for number in range(2_000)]
    assert len(shown("app.jsonl", "--no-archives")) < 1_000


@pytest.mark.parametrize("suffix", ["bz2", "xz", "zip", "tar.gz"])
def test_archives_that_python_compresses_are_read(shown, suffix):
    logger.configure(console=False)
    logger.add("app.log", rotation="5 KB", compression=suffix, format="{time} | {level} | {message}")
    for number in range(300):
        logger.info("{}", number)
    logger.complete()
    logger.remove_all()

    assert [line.rsplit(" ", 1)[1] for line in shown("app.log")] == [str(number) for number in range(300)]


def test_compressed_files_are_read_by_their_content(shown, tmp_path):
    (tmp_path / "odd").write_bytes(gzip.compress(b"2025-01-15 10:30:45 INFO a\n"))

    assert shown("odd")[0].endswith("INFO     | a")


def test_several_logs_are_merged_by_time(shown, tmp_path):
    drawn = random.Random(7)
    expected = []
    for number in range(8):
        times = sorted(drawn.sample(range(1_000_000), 500))
        form = ["json", "text", "logfmt"][number % 3]
        with (tmp_path / f"{number}.log").open("w") as file:
            for time in times:
                stamp = f"2025-01-15T10:{time // 60_000:02}:{time // 1000 % 60:02}.{time % 1000:03}Z"
                name = f"{number}-{time}"
                file.write({
                    "json": json.dumps({"timestamp": stamp, "level": "INFO", "message": name}),
                    "text": f"{stamp} | INFO | {name}",
                    "logfmt": f"time={stamp} level=info msg={name}",
                }[form] + "\n")  # fmt: skip
                expected.append((time, number, name))

    shown_names = [line.rsplit(" ", 1)[1] for line in shown(*(f"{number}.log" for number in range(8)))]
    assert shown_names == [name for _, _, name in sorted(expected)]


def test_standard_input_is_a_log():
    lines = b"2025-01-15 10:30:45 INFO a\n2025-01-15 10:30:46 ERROR b\n"
    ended = subprocess.run(
        [sys.executable, "-m", "logly", "view", "--level", "ERROR", "--raw"],
        input=lines,
        capture_output=True,
        check=True,
    )

    assert (ended.stdout, ended.stderr) == (b"2025-01-15 10:30:46 ERROR b\n", b"")


def test_reader_that_goes_away_is_no_trouble(tmp_path):
    path = tmp_path / "log"
    path.write_text("2025-01-15 10:30:45 INFO a line of some length\n" * 200_000)
    command = f"{sys.executable} -m logly view {path} | head -n 1; echo ${{PIPESTATUS[0]}}"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)

    assert ended.stdout.splitlines()[1] == "0"
    assert ended.stderr == ""


def test_hostile_content_is_shown_without_its_power(view, tmp_path):
    (tmp_path / "log").write_bytes(
        b"2025-01-15 10:30:45 INFO \x1b]0;title\x07 \xff\xfe\x9b31m\r\n"
        b'{"level":"INFO","message":"\\u001b[2J","fields":{"\\u001b[1m":"\\u0007","b":"\xff"}}\n'
        b"\x00\x01\x02 binary \x1b[31m\n" + bytes(range(256)) * 4
    )

    code, out, err = view("log")
    assert (code, err) == (0, "")
    assert "\x1b" not in out
    assert not any(ord(character) < 32 and character != "\n" for character in out)


def test_line_that_is_too_long_is_cut_and_told(view, tmp_path):
    with (tmp_path / "log").open("wb") as file:
        file.write(b"2025-01-15 10:30:45 INFO first\n2025-01-15 10:30:46 INFO ")
        file.write(b"x" * 20_000_000)
        file.write(b"\n2025-01-15 10:30:47 ERROR last\n")

    code, out, err = view("log", "--utc")
    lines = out.splitlines()
    assert (code, len(lines)) == (0, 3)
    assert lines[0].endswith("first")
    assert lines[-1].endswith("| ERROR    | last")
    assert err == "logly view: 1 line of more than 8 MiB cut\n"


def test_broken_archive_is_told_and_the_rest_is_shown(view, tmp_path):
    (tmp_path / "app.log").write_text("2025-01-16 10:30:45 INFO b\n")
    whole = gzip.compress(b"2025-01-15 10:30:45 INFO a\n" * 1000)
    (tmp_path / "app.2025-01-15.log.gz").write_bytes(whole[: len(whole) // 2])

    code, out, err = view("app.log")
    assert code == 2
    assert out.splitlines()[-1].endswith("| b")
    assert "app.2025-01-15.log.gz" in err
    assert "Traceback" not in err


def test_clock_that_jumps_back_keeps_the_order_of_a_log(shown, tmp_path):
    (tmp_path / "a").write_text(
        "2025-01-15 10:30:45 INFO a1\n2025-01-15 09:00:00 INFO a2\n2025-01-15 10:30:47 INFO a3\n"
    )
    (tmp_path / "b").write_text("2025-01-15 10:30:46 INFO b1\n")

    assert [line[-2:] for line in shown("a", "b")] == ["a1", "a2", "b1", "a3"]


@pytest.mark.skipif(os.name == "nt", reason="other names of files")
def test_names_of_files_may_be_any_bytes(shown, tmp_path):
    name = os.fsencode(tmp_path) + b"/a{time}\xff.log"
    Path(os.fsdecode(name)).write_text("2025-01-15 10:30:45 INFO a\n")

    assert len(shown(os.fsdecode(name))) == 1
