"""Retention: which archives it deletes, for which reason, and that it deletes nothing else."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import TYPE_CHECKING

import logly.testing
import pytest
from logly import logger

from tests.support import child

if TYPE_CHECKING:
    from pathlib import Path

    from logly.typing import DoomedArchive

FOREIGN = [
    "app.log.important",
    "app.log.bak",
    "app.error.log",
    "app.log.md",
    "app.log.zip",
    "app.log.1",
    "app.2025-01-01.log.bak",
    "app.2025-13-01.log",
    "app.2025-01-01",
    "my.app.2025-01-01.log",
]
DAYS = [f"app.2025-01-{day:02}.log" for day in range(8, 15)]
"""A week of daily archives, oldest first."""


@pytest.fixture(autouse=True)
def _wednesday():
    """Stop the clock in the morning after the last archive."""
    with logly.testing.freeze("2025-01-15T09:00:00"):
        yield
        logger.remove()


def fill(folder: Path, *names: str, size: int = 10) -> None:
    """Make files of *size* bytes each."""
    for name in names:
        (folder / name).write_bytes(b"x" * size)


def preview(folder: Path, name: str = "app.log", **options: object) -> list[DoomedArchive]:
    """Return the archives that would be deleted from a folder.

    The folder is hidden while the sink is added, since that applies retention.
    """
    hidden = folder.rename(folder.with_name("hidden"))
    folder.mkdir()
    sink = logger.add(folder / name, delay=True, **options)
    assert logger.complete(timeout=30)
    folder.rmdir()
    hidden.rename(folder)
    doomed = logger.retention_preview(sink)
    assert doomed is not None
    return doomed


def going(folder: Path, name: str = "app.log", **options: object) -> list[str]:
    """Return the names alone."""
    return [os.path.relpath(archive["path"], folder) for archive in preview(folder, name, **options)]


def test_preview_says_what_would_go_and_why(tmp_path):
    fill(tmp_path, *DAYS)

    doomed = preview(tmp_path, rotation="daily", retention=5)

    assert doomed == [{"path": str(tmp_path / name), "size": 10, "reason": "more than 5 archives"} for name in DAYS[:2]]


def test_preview_of_unknown_sinks_and_of_others_than_files_is_none(no_console):
    assert logger.retention_preview(12345) is None
    assert logger.retention_preview(logger.add("stderr")) is None


def test_preview_without_retention_is_empty(tmp_path):
    fill(tmp_path, *DAYS)

    assert preview(tmp_path, rotation="daily") == []


def test_preview_refuses_what_is_no_id():
    with pytest.raises(TypeError, match="sink_id"):
        logger.retention_preview("app.log")


@pytest.mark.parametrize(
    ("retention", "count", "reason"),
    [
        (6, 1, "more than 6 archives"),
        ("3 days", 4, "older than 3 days"),
        (timedelta(days=1, hours=12), 5, "older than 1 day 12 hours"),
        ("40 B", 3, "beyond 40 bytes in total"),
        ({"count": 6, "size": "1 kB"}, 1, "more than 6 archives"),
        ([6, "5 days"], 2, "older than 5 days"),
        (100, 0, None),
    ],
    ids=str,
)
def test_every_condition_keeps_the_newest(retention, count, reason, tmp_path):
    fill(tmp_path, *DAYS)

    doomed = preview(tmp_path, rotation="daily", retention=retention)

    assert [archive["path"] for archive in doomed] == [str(tmp_path / name) for name in DAYS[:count]]
    assert (doomed[-1]["reason"] if doomed else None) == reason


def test_age_counts_from_the_end_of_the_period(tmp_path):
    fill(tmp_path, "app.2024-12-01.log", "app.2025-01-01.log", "app.2024-11-01.log")

    assert going(tmp_path, rotation="monthly", retention="15 days") == ["app.2024-11-01.log"]


def test_count_goes_by_the_time_in_names_and_not_by_that_of_files(tmp_path):
    fill(tmp_path, *reversed(DAYS))
    os.utime(tmp_path / DAYS[0])

    assert going(tmp_path, rotation="daily", retention=6) == DAYS[:1]


def test_compressed_archives_count_with_what_they_have_on_the_disk(tmp_path):
    fill(tmp_path, *(f"{name}.gz" for name in DAYS[:3]), size=4)
    fill(tmp_path, *DAYS[3:])

    assert going(tmp_path, rotation="daily", retention="48 B") == [f"{DAYS[0]}.gz"]


def test_files_of_others_are_never_candidates(tmp_path):
    fill(tmp_path, "app.log", *FOREIGN, DAYS[0], DAYS[1])

    assert going(tmp_path, rotation="daily", retention=1) == DAYS[:1]


def test_links_and_folders_are_never_candidates(tmp_path):
    fill(tmp_path, "victim", DAYS[2], DAYS[3])
    (tmp_path / DAYS[0]).symlink_to(tmp_path / "victim")
    (tmp_path / DAYS[1]).mkdir()

    assert going(tmp_path, rotation="daily", retention=1) == [DAYS[2]]


@pytest.mark.parametrize("name", ["app[1x].log", "a*.log", "{x}.log", "%s", ".hidden", "a+(b)?.log", "new\nline.log"])
def test_characters_of_patterns_have_no_meaning(name, tmp_path):
    stem, suffix = (name[:-4], ".log") if name.endswith(".log") else (name, "")
    own = [f"{stem}.2025-01-{day}{suffix}" for day in (13, 14)]
    fill(tmp_path, "app1.2025-01-12.log", "ab.2025-01-12.log", "x.2025-01-12.log", "s.2025-01-12", *own)

    assert going(tmp_path, name, rotation="daily", retention=1) == own[:1]


def test_archives_of_a_pattern_are_known_by_it(tmp_path):
    fill(tmp_path, "app.20250114.9.log", "app.20250114.10.log", "app.20250113.11.log.zst", DAYS[0], "app.20250114.log")

    doomed = going(tmp_path, rotation="1 kB", archive="{stem}.{time:YYYYMMDD}.{n}{ext}", retention=1)

    assert doomed == ["app.20250113.11.log.zst", "app.20250114.9.log"]


def test_old_files_of_a_name_with_a_time_are_its_archives(tmp_path):
    fill(tmp_path, "app-2025-01-13.log", "app-2025-01-14.log", "app-2025-01-15.log", "app-new.log")

    doomed = going(tmp_path, "app-{time:YYYY-MM-DD}.log", rotation="daily", retention=1)

    assert doomed == ["app-2025-01-13.log"]


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("app-{time:MMM}.log", {"retention": 3}, "retention: expected a sink whose name says"),
        ("app-{time:HH}.log", {"compression": "gzip"}, "compression: expected a sink whose name says"),
        ("app-{time}.log", {"archive": "{stem}.{n}"}, "archive: expected a sink without {time} in its name"),
        ("app.log", {"archive": "{stem}.{time:MMM}"}, "archive: expected a name that says one time and number"),
        ("app.log", {"archive": "{steam}.{n}"}, r'got "{steam}" (did you mean "stem"?)'),
        ("app.log", {"archive": "{time}.log"}, "archive: expected a pattern with {stem}"),
    ],
)
def test_names_that_could_not_be_known_again_are_refused(name, options, message, tmp_path):
    with pytest.raises(ValueError, match="expected") as caught:
        logger.add(tmp_path / name, rotation="daily", **options)

    assert message in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_names_that_are_no_text_are_archives_too(tmp_path):
    program = """
import json, os, sys
from logly import logger
folder = os.fsencode(sys.argv[1])
sink = logger.add(os.fsdecode(folder + b"/\\xff.log"), rotation="daily", retention=1, delay=True)
assert logger.complete(timeout=30)
for day in (13, 14):
    open(folder + b"/\\xff.2025-01-%d.log" % day, "wb").close()
print(json.dumps([ascii(doomed["path"]) for doomed in logger.retention_preview(sink)]))
"""

    shown = child.output(program, tmp_path)

    assert json.loads(shown) == [ascii(f"{tmp_path}/\udcff.2025-01-13.log")]


def test_archives_go_when_the_sink_is_added(tmp_path):
    fill(tmp_path, "app.log", *FOREIGN, *DAYS)

    logger.add(tmp_path / "app.log", rotation="daily", retention=2)
    assert logger.complete(timeout=30)

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["app.log", *FOREIGN, *DAYS[-2:]])


def test_archives_go_when_the_file_is_rotated(tmp_path):
    logger.add(tmp_path / "app.log", rotation=1, retention=2, format="{message}")

    for number in range(6):
        logger.info(str(number))
    assert logger.complete(timeout=30)

    kept = sorted(path.read_text() for path in tmp_path.iterdir())
    assert kept == ["3\n", "4\n", "5\n"]


def test_archive_that_cannot_be_removed_is_told_once(tmp_path):
    program = """
import os, pathlib, sys, tempfile
from logly import logger
logger.remove()
logger.add(sys.argv[1], rotation="daily", retention=1)
assert logger.complete(timeout=30)
os.getuid() or os.setuid(65534)  # root may remove everything, and others may not even import what it has
folder = pathlib.Path(tempfile.mkdtemp())
for day in (13, 14):
    (folder / f"app.2025-01-{day}.log").touch()
folder.chmod(0o555)
for _ in range(2):
    logger.add(folder / "app.log", rotation="daily", retention=1, delay=True)
    assert logger.complete(timeout=30)
assert len(list(folder.iterdir())) == 2
folder.chmod(0o755)
for path in [*folder.iterdir(), folder]:
    path.rmdir() if path is folder else path.unlink()
"""

    ended = child.run(program, tmp_path / "app.log").check()

    (line,) = ended.stderr.splitlines()
    assert "app.2025-01-13.log: cannot be removed: Permission denied" in line


def test_retention_needs_nobody_to_wait_for_it_where_all_is_synchronous(tmp_path: Path) -> None:
    program = """
import os
from logly import logger
logger.configure(console=False)
logger.add("app.log", rotation="50 B", retention=2)
for number in range(40):
    logger.info("a line that is longer than a file may be")
while len(os.listdir()) > 3:
    pass
"""

    ended = child.run(program, cwd=tmp_path, environment={"LOGLY_SYNC": "1"})

    ended.check(stderr="")
