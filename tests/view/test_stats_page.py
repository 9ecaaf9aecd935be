"""What `logly stats` shows to people, its exit codes, and logs that are hostile or very varied."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys

import pytest

LINE = "2025-01-15T10:30:{:02}Z | {} | app.db | user {} paid ip=10.0.0.1\n"


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log"
    path.write_text(
        "".join(LINE.format(number % 60, "ERROR" if number % 4 == 0 else "INFO", number) for number in range(120))
    )
    return path


def test_page_shows_all_kinds_of_counts(command, log, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")

    code, out, err = command("stats", log, "--utc", "--by", "ip")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "120 entries in 1 file, 2025-01-15 10:30:00 to 2025-01-15 10:30:59"
    assert lines[1] == "7,322 per hour, 122 per minute, 2.03 per second"
    assert lines[2] == "busiest: 10 in 5 seconds from 2025-01-15 10:30:00"
    assert "time, 5 seconds a line" in lines
    assert re.search(r"^10:30:05  10  █+  [23] errors$", out, re.MULTILINE)
    assert re.search(r"^ERROR +30   25.0%  █+$", out, re.MULTILINE)
    assert re.search(r"^ +120  100.0%  app\.db$", out, re.MULTILINE)
    assert re.search(r"^ +120  100.0%  ERROR     user <number> paid ip=<value>$", out, re.MULTILINE)
    assert lines[-2:] == ["by ip", "       120  100.0%  10.0.0.1"]
    assert "\x1b" not in out


@pytest.mark.parametrize("columns", [40, 60, 200])
def test_lines_fit_the_width(command, log, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    with log.open("a") as file:
        file.write("2025-01-15T10:31:00Z | ERROR | app | " + "word " * 100 + "\n")

    _, out, _ = command("stats", log)
    assert max(len(line) for line in out.splitlines()[3:]) <= columns


def test_colors_are_written_only_where_they_are_asked_for(command, log):
    assert "\x1b[31m" in command("stats", log, "--color", "always")[1]
    assert "\x1b" not in command("stats", log, "--color", "never")[1]


def test_nothing_found_says_why(command, log):
    code, out, err = command("stats", log, "--where", "ms > 9000")
    assert (code, out) == (1, "")
    assert err == "logly stats: no entry matched: 120 lines in 1 file read, 120 entries left out by --where\n"
    code, out, _ = command("stats", log, "--since", "now", "--json")
    assert code == 1
    assert (json.loads(out)["entries"], json.loads(out)["histogram"]) == (0, None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.log"], "none.log"),
        (["log", "--level", "EROR"], "did you mean"),
        (["log", "--where", "ms >"], "--where: expected"),
    ],
)
def test_mistakes_are_told(command, log, arguments, message):
    code, out, err = command("stats", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_hostile_content_is_shown_without_its_power(command, tmp_path):
    name = "\\u001b]0;title\\u0007\\u202e"
    (tmp_path / "log").write_text(
        f'{{"level":"{name}","message":"{name}","logger":"{name}","file":"{name}","user":"{name}",'
        f'"exception":{{"type":"{name}","message":"{name}","frames":[{{"file":"{name}","function":"f"}}]}}}}\n'
        "2025-01-15 10:30:45 ERROR \x1b[31mred\x1b[0m \x9b31m\n"
    )
    for arguments in (["--json"], []):
        code, out, err = command("stats", "log", "--by", "user", *arguments)
        assert (code, err) == (0, "")
        assert not any(
            (ord(character) < 32 and character != "\n") or character in "\x7f\x9b\u202e" for character in out
        )


def test_broken_archive_is_told_and_the_rest_is_counted(command, tmp_path):
    (tmp_path / "app.log").write_text("2025-01-16 10:30:45 INFO b\n")
    whole = gzip.compress(b"2025-01-15 10:30:45 INFO a\n" * 1000)
    (tmp_path / "app.2025-01-15.log.gz").write_bytes(whole[: len(whole) // 2])

    code, out, err = command("stats", "app.log", "--json")
    assert (code, json.loads(out)["last"][:10]) == (2, "2025-01-16")
    assert "app.2025-01-15.log.gz" in err


def test_line_that_is_too_long_is_cut_and_told(command, tmp_path):
    with (tmp_path / "log").open("wb") as file:
        file.write(b"2025-01-15 10:30:46 INFO " + b"x" * 20_000_000 + b"\n2025-01-15 10:30:47 ERROR last\n")

    code, out, err = command("stats", "log", "--json")
    assert (code, json.loads(out)["entries"]) == (0, 2)
    assert err == "logly stats: 1 line of more than 8 MiB cut\n"
    assert len(out) < 10_000


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak is read from /proc")
def test_million_of_different_messages_needs_little_memory(tmp_path):
    path = tmp_path / "log"
    with path.open("w") as file:
        for number in range(1_000_000):
            word = f"{number:06}".translate(str.maketrans("0123456789", "ghijklmnop"))
            file.write(f'{{"level":"INFO","message":"{word} {"often" if number % 2 else word}","user":"{number}"}}\n')
        file.writelines('{"level":"INFO","message":"frequent"}\n' for _ in range(100_000))
    program = (
        "import sys, logly.cli\n"
        f"logly.cli.main(['stats', {str(path)!r}, '--json', '--by', 'user', '--top', '1'])\n"
        "print(*[line for line in open('/proc/self/status') if line.startswith('VmHWM')], file=sys.stderr)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    templates = json.loads(ended.stdout)["templates"]
    (most,) = templates["values"]
    assert most["value"] == "frequent"
    assert most["count"] + templates["other"] == 1_100_000
    assert 100_000 - templates["too_low_by"] <= most["count"] <= 100_000
    assert templates["distinct"] is None
    # The peak of this process alone; getrusage would count that of the one that started it.
    assert int(ended.stderr.split()[1]) < 150_000, "kB"


def test_reader_that_goes_away_is_no_trouble(log):
    command = f"{sys.executable} -m logly stats {log} | true; echo ${{PIPESTATUS[0]}}"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)

    assert (ended.stdout, ended.stderr) == ("0\n", "")


def test_standard_input_is_counted(log):
    ended = subprocess.run(
        [sys.executable, "-m", "logly", "stats", "--json", "-"], input=log.read_bytes(), capture_output=True, check=True
    )

    assert json.loads(ended.stdout)["entries"] == 120
