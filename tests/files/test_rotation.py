"""Rotation: when a file becomes an archive, the archive's name, and the file that then holds each record."""

from __future__ import annotations

import datetime as dt
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from logly import Logger, testing

MODES = pytest.mark.parametrize("is_background", [True, False], ids=["background", "synchronous"])


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def audit() -> Any:
    audit = Logger()
    audit.remove_all()
    yield audit
    audit.remove_all()


def files() -> dict[str, str]:
    """Return the content of each file in the current folder, by name."""
    return {path.name: path.read_text() for path in sorted(Path().iterdir()) if path.is_file()}


def log(audit: Logger, *messages: str) -> None:
    for message in messages:
        audit.info(message)
    assert audit.complete(timeout=10)


def wait_for(name: str) -> None:
    """Wait until there is a file with this name, for 30 seconds at most."""
    deadline = time.monotonic() + 30
    while not Path(name).exists() and time.monotonic() < deadline:
        time.sleep(0.01)


@MODES
def test_new_file_starts_at_midnight(audit: Logger, is_background: bool) -> None:
    audit.add("app.log", format="{message}", rotation="daily", async_write=is_background)

    with testing.freeze("2025-01-14T23:59:59.999") as clock:
        log(audit, "one", "two")
        clock.tick(0.001)
        log(audit, "three")

    assert files() == {"app.2025-01-14.log": "one\ntwo\n", "app.log": "three\n"}


@pytest.mark.parametrize(
    ("rotation", "before", "after", "archive"),
    [
        ("minutely", "2025-01-14T13:05:59", "2025-01-14T13:06:00", "app.2025-01-14_13-05.log"),
        ("hourly", "2025-01-14T13:59:59", "2025-01-14T14:00:00", "app.2025-01-14_13.log"),
        ("15 minutes", "2025-01-14T13:14:59", "2025-01-14T13:15:00", "app.2025-01-14_13-00.log"),
        ("6 hours", "2025-01-14T13:59:59", "2025-01-14T18:00:00", "app.2025-01-14_12.log"),
        ("daily", "2025-01-14T13:59:59", "2025-01-15T00:00:00", "app.2025-01-14.log"),
        ("weekly", "2025-01-19T23:59:59", "2025-01-20T00:00:00", "app.2025-01-13.log"),
        ("monthly", "2025-01-31T23:59:59", "2025-02-01T00:00:00", "app.2025-01-01.log"),
        ("yearly", "2025-12-31T23:59:59", "2026-01-01T00:00:00", "app.2025-01-01.log"),
        ("18:30", "2025-01-14T18:29:59", "2025-01-14T18:30:00", "app.2025-01-13.log"),
        ("6:30 PM", "2025-01-14T18:29:59", "2025-01-14T18:30:00", "app.2025-01-13.log"),
        ("monday at 12:00", "2025-01-13T11:59:59", "2025-01-13T12:00:00", "app.2025-01-06.log"),
        (dt.time(6), "2025-01-14T05:59:59", "2025-01-14T06:00:00", "app.2025-01-13.log"),
        (dt.timedelta(hours=1), "2025-01-14T13:59:59", "2025-01-14T14:00:00", "app.2025-01-14_13.log"),
    ],
    ids=str,
)
def test_file_is_rotated_at_its_boundary(audit: Logger, rotation: Any, before: str, after: str, archive: str) -> None:
    audit.add("app.log", format="{message}", rotation=rotation)

    with testing.freeze(before) as clock:
        log(audit, "before")
        clock.move_to(after)
        log(audit, "after")

    assert files() == {archive: "before\n", "app.log": "after\n"}


def test_aware_time_of_day_is_of_its_zone(audit: Logger) -> None:
    zone = dt.timezone(dt.timedelta(hours=5))
    audit.add("app.log", format="{message}", rotation=dt.time(12, tzinfo=zone))

    with testing.freeze("2025-01-14T06:59:59Z") as clock:
        log(audit, "before")
        clock.move_to("2025-01-14T07:00:00Z")
        log(audit, "after")

    assert files()["app.log"] == "after\n"


@MODES
def test_file_whose_time_is_over_is_rotated_without_a_record(audit: Logger, is_background: bool) -> None:
    audit.add("app.log", format="{message}", rotation="daily", async_write=is_background)

    with testing.freeze("2025-01-14T13:05:59") as clock:
        log(audit, "only")
        clock.move_to("2025-01-15T00:00:00")
        wait_for("app.2025-01-14.log")

        assert audit.complete(timeout=10)
        assert files() == {"app.2025-01-14.log": "only\n", "app.log": ""}


@MODES
def test_file_of_a_time_that_is_over_is_rotated_though_nothing_is_ever_logged(
    audit: Logger, is_background: bool
) -> None:
    Path("app.log").write_text("old\n")
    os.utime("app.log", (1736859959, 1736859959))  # 2025-01-14T13:05:59Z

    with testing.freeze("2025-01-16T00:00:00Z"):
        audit.add("app.log", format="{message}", rotation="daily", async_write=is_background)
        wait_for("app.2025-01-14.log")

    assert files()["app.2025-01-14.log"] == "old\n"


@MODES
def test_file_whose_time_is_over_is_rotated_while_others_are_busy(audit: Logger, is_background: bool) -> None:
    audit.add("app.log", format="{message}", rotation="daily", level="ERROR", async_write=is_background)
    audit.add("busy.log", format="{message}", async_write=is_background)
    is_over = threading.Event()

    def work() -> None:
        while not is_over.wait(0.001):
            audit.info("busy")

    with testing.freeze("2025-01-14T13:05:59") as clock:
        audit.error("only")
        assert audit.complete(timeout=10)
        busy = threading.Thread(target=work)
        busy.start()
        clock.move_to("2025-01-15T00:00:00")
        try:
            wait_for("app.2025-01-14.log")
        finally:
            is_over.set()
            busy.join()

    assert files()["app.2025-01-14.log"] == "only\n"


@MODES
def test_file_never_exceeds_its_size(audit: Logger, is_background: bool) -> None:
    audit.add("app.log", format="{message}", rotation="10 B", async_write=is_background)

    with testing.freeze("2025-01-14T13:05:59"):
        log(audit, "four", "four", "four")

    assert files() == {"app.2025-01-14_13-05-59.log": "four\nfour\n", "app.log": "four\n"}


def test_record_larger_than_the_size_has_a_file_of_its_own(audit: Logger) -> None:
    audit.add("app.log", format="{message}", rotation=10)

    with testing.freeze("2025-01-14T13:05:59"):
        log(audit, "small", "x" * 100, "small")

    assert files() == {
        "app.2025-01-14_13-05-59.log": "small\n",
        "app.2025-01-14_13-05-59.2.log": "x" * 100 + "\n",
        "app.log": "small\n",
    }


def test_archives_of_one_second_are_numbered(audit: Logger) -> None:
    audit.add("app.log", format="{message}", size_limit=1)

    with testing.freeze("2025-01-14T13:05:59"):
        log(audit, *"abcd")

    assert files() == {
        "app.2025-01-14_13-05-59.log": "a\n",
        "app.2025-01-14_13-05-59.2.log": "b\n",
        "app.2025-01-14_13-05-59.3.log": "c\n",
        "app.log": "d\n",
    }


def test_any_of_several_conditions_rotates(audit: Logger) -> None:
    audit.add("app.log", format="{message}", rotation=["daily", "10 B"], size_limit="1 GB")

    with testing.freeze("2025-01-14T13:05:59") as clock:
        log(audit, "first", "second")
        clock.move_to("2025-01-15T00:00:00")
        log(audit, "third")

    assert files() == {
        "app.2025-01-14_13-05-59.log": "first\n",
        "app.2025-01-14.log": "second\n",
        "app.log": "third\n",
    }


def test_size_counts_what_the_file_had_before(audit: Logger) -> None:
    Path("app.log").write_text("12345678\n")
    audit.add("app.log", format="{message}", rotation="10 B")

    with testing.freeze("2025-01-14T13:05:59"):
        log(audit, "new")

    assert files() == {"app.2025-01-14_13-05-59.log": "12345678\n", "app.log": "new\n"}


def test_period_is_known_after_a_restart(audit: Logger) -> None:
    with testing.freeze("2025-01-14T13:05:59") as clock:
        sink = audit.add("app.log", format="{message}", rotation="daily")
        log(audit, "first life")
        audit.remove(sink)
        clock.move_to("2025-01-16T09:00:00")
        audit.add("app.log", format="{message}", rotation="daily")
        log(audit, "second life")

    assert files() == {"app.2025-01-14.log": "first life\n", "app.log": "second life\n"}


def test_restart_within_the_period_goes_on_in_the_file(audit: Logger) -> None:
    with testing.freeze("2025-01-14T13:05:59") as clock:
        sink = audit.add("app.log", format="{message}", rotation="daily")
        log(audit, "first life")
        audit.remove(sink)
        clock.move_to("2025-01-14T23:00:00")
        audit.add("app.log", format="{message}", rotation="daily")
        log(audit, "second life")

    assert files() == {"app.log": "first life\nsecond life\n"}


def test_empty_file_is_no_archive(audit: Logger) -> None:
    with testing.freeze("2025-01-14T13:05:59") as clock:
        audit.add("app.log", format="{message}", rotation="daily")
        clock.move_to("2025-01-16T09:00:00")
        log(audit, "first")
        clock.move_to("2025-01-17T09:00:00")
        log(audit, "second")

    assert files() == {"app.2025-01-16.log": "first\n", "app.log": "second\n"}


def test_records_stand_in_the_file_of_the_time_they_were_logged_at(audit: Logger) -> None:
    audit.add("app.log", format="{message}", rotation="daily")

    with testing.freeze("2025-01-14T23:59:59") as clock:
        audit.info("yesterday")
        clock.move_to("2025-01-15T00:00:00")
        audit.info("today")
        clock.move_to("2025-01-16T00:00:00")
        assert audit.complete(timeout=10)

    assert files() == {"app.2025-01-14.log": "yesterday\n", "app.log": "today\n"}


def test_clock_that_steps_back_a_little_rotates_nothing(audit: Logger) -> None:
    audit.add("app.log", format="{message}", rotation="daily")

    with testing.freeze("2025-01-14T23:00:00") as clock:
        log(audit, "one")
        clock.move_to("2025-01-15T00:00:05")
        log(audit, "two")
        clock.move_to("2025-01-14T23:59:55")
        log(audit, "three")
        clock.move_to("2025-01-15T00:00:05")
        log(audit, "four")

    assert files() == {"app.2025-01-14.log": "one\n", "app.log": "two\nthree\nfour\n"}


def test_clock_that_was_far_ahead_does_not_hold_rotation_up(audit: Logger) -> None:
    audit.add("app.log", format="{message}", rotation="daily")

    with testing.freeze("2099-01-01T12:00:00") as clock:
        log(audit, "wrong")
        clock.move_to("2025-01-14T12:00:00")
        log(audit, "right")
        clock.move_to("2025-01-15T12:00:00")
        log(audit, "next")

    assert files()["app.log"] == "next\n"


def test_function_decides(audit: Logger) -> None:
    asked: list[tuple[str, str, int]] = []

    def is_due(record: dict[str, Any], path: str, size: int) -> bool:
        asked.append((record["message"], path, size))
        return bool(record["message"] == "new")

    audit.add("app.log", format="{message}", rotation=is_due)
    with testing.freeze("2025-01-14T13:05:59"):
        log(audit, "old", "new", "more")

    path = str(Path("app.log").absolute())
    assert asked == [("old", path, 0), ("new", path, 4), ("more", path, 4)]
    assert files() == {"app.2025-01-14_13-05-59.log": "old\n", "app.log": "new\nmore\n"}


def test_function_that_raises_rotates_nothing_and_is_told_once(
    audit: Logger, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(record: dict[str, Any], path: str, size: int) -> bool:
        raise ValueError("no disk")

    testing.reset()
    audit.add("app.log", format="{message}", rotation=broken)
    log(audit, "one", "two")

    assert files() == {"app.log": "one\ntwo\n"}
    told = capfd.readouterr().err
    assert told.count("\n") == 1
    assert "rotation" in told
    assert "ValueError: no disk" in told
    assert "one" not in told


def test_never_is_no_condition(audit: Logger) -> None:
    audit.add("app.log", format="{message}", rotation="never")

    with testing.freeze("2025-01-14T13:05:59") as clock:
        log(audit, "one")
        clock.move_to("2035-01-14T13:05:59")
        log(audit, "two")

    assert files() == {"app.log": "one\ntwo\n"}


def test_pattern_names_archives(audit: Logger) -> None:
    audit.add("app.log", format="{message}", rotation=1, archive="{stem}.{time:YYYYMMDD}.{n}{ext}")

    with testing.freeze("2025-01-14T13:05:59"):
        log(audit, *"abc")

    assert files() == {"app.20250114.1.log": "a\n", "app.20250114.2.log": "b\n", "app.log": "c\n"}


def test_name_with_a_time_keeps_it_and_the_next_file_has_another(audit: Logger) -> None:
    with testing.freeze("2025-01-14T13:05:59") as clock:
        audit.add("app-{time:YYYY-MM-DD}.log", format="{message}", rotation="daily", latest=True)
        log(audit, "one")
        assert Path("app-latest.log").read_text() == "one\n"
        clock.move_to("2025-01-15T00:00:00")
        log(audit, "two")

    assert Path("app-latest.log").is_symlink()
    assert {name: text for name, text in files().items() if name != "app-latest.log"} == {
        "app-2025-01-14.log": "one\n",
        "app-2025-01-15.log": "two\n",
    }
    assert Path("app-latest.log").read_text() == "two\n"


def test_successor_keeps_mode_and_owner(audit: Logger) -> None:
    Path("app.log").touch(mode=0o640)
    Path("app.log").chmod(0o640)
    if os.geteuid() == 0:
        os.chown("app.log", 12, 34)
    audit.add("app.log", format="{message}", rotation=1)

    before = Path("app.log").stat()
    with testing.freeze("2025-01-14T13:05:59"):
        log(audit, *"ab")

    for name in files():
        found = Path(name).stat()
        assert (found.st_mode, found.st_uid, found.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


def test_link_at_the_path_stays_and_leads_to_the_successor(audit: Logger) -> None:
    Path("data").mkdir()
    Path("app.log").symlink_to("data/real.log")
    audit.add("app.log", format="{message}", rotation=1)

    with testing.freeze("2025-01-14T13:05:59"):
        log(audit, *"ab")

    assert Path("app.log").is_symlink()
    assert Path("app.log").read_text() == "b\n"
    assert {path.name: path.read_text() for path in Path("data").iterdir()} == {
        "real.log": "b\n",
        "real.2025-01-14_13-05-59.log": "a\n",
    }


def test_link_planted_at_an_archives_name_is_left_alone(audit: Logger) -> None:
    Path("victim").write_text("precious\n")
    Path("app.2025-01-14_13-05-59.log").symlink_to("victim")
    audit.add("app.log", format="{message}", rotation=1)

    with testing.freeze("2025-01-14T13:05:59"):
        log(audit, *"ab")

    assert Path("victim").read_text() == "precious\n"
    assert Path("app.2025-01-14_13-05-59.log").is_symlink()
    assert Path("app.2025-01-14_13-05-59.2.log").read_text() == "a\n"


@pytest.mark.parametrize("name", ["app[1x].log", "a*.log", "{x}.log", "%s", "app", "app.error.log", ".hidden", "a\nb"])
def test_odd_names_are_rotated_too(audit: Logger, name: str) -> None:
    stem, suffix = Path(name).stem, Path(name).suffix
    audit.add(f"./{name}", format="{message}", rotation=1)

    with testing.freeze("2025-01-14T13:05:59"):
        log(audit, *"abc")

    assert files() == {
        name: "c\n",
        f"{stem}.2025-01-14_13-05-59{suffix}": "a\n",
        f"{stem}.2025-01-14_13-05-59.2{suffix}": "b\n",
    }


def test_rotation_needs_a_regular_file(audit: Logger) -> None:
    with pytest.raises(ValueError, match="rotation: expected a sink that is a regular file"):
        audit.add("/dev/null", rotation="daily")


def test_two_sinks_on_one_path_rotate_it_together(audit: Logger) -> None:
    for _ in range(2):
        audit.add("app.log", format="{message}", rotation="12 B")

    with testing.freeze("2025-01-14T13:05:59"):
        log(audit, *(f"{number:04}" for number in range(100)))

    held = [text.splitlines() for text in files().values()]
    assert sorted(line for lines in held for line in lines) == [f"{number // 2:04}" for number in range(200)]
    assert {len(lines) for lines in held} == {2}
