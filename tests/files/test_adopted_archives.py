"""`add(adopt="loguru")`: a file adopts the archives that Loguru left next to it, and nothing else."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import subprocess
import sys
import tarfile
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import logly.testing
import pytest
from logly import logger

from tests.support import child

LEFT = [f"app.2024-01-{day}_10-30-45_123456.log" for day in (11, 12, 13, 14)]
"""Four archives made by Loguru, oldest first."""

NEAR_MISSES = [
    "app.2024-01-15.notes.log",
    "app.2024-01-15_10-30-45_123456.notes.log",
    "app.2024-01-15_10-30-45_12345.log",
    "app.2024-01-15_10-30-45_1234567.log",
    "app.2024-01-15_10-30-45_12345x.log",
    "app.2024-13-15_10-30-45_123456.log",
    "app.2023-02-29_10-30-45_123456.log",
    "app.2024-01-15_25-30-45_123456.log",
    "app.2024-01-15_10-30-45_123456.1.log",
    "app.2024-01-15_10-30-45_123456.log.bak",
    "app.2024-01-15_10-30-45_123456.log.1",
    "app.2024-01-15_10-30-45_123456.log.gz.gz",
    "app.2024-01-15_10-30-45_123456.log.lz4",
    "app.2024-01-15_10-30-45_123456.log\n",
    "app.2024-01-15_10-30-45_123456.txt",
    "app.2024-01-15_10-30-45_123456",
    "app.error.2024-01-15_10-30-45_123456.log",
    "my.app.2024-01-15_10-30-45_123456.log",
    "app_2024-01-15_10-30-45_123456.log",
    "app.log.2024-01-15_10-30-45_123456",
    "2024-01-15_10-30-45_123456.log",
    "app.٢٠٢٤-01-15_10-30-45_123456.log",
]


@pytest.fixture(autouse=True)
def _wednesday():
    """Stop the clock a month after the last archive."""
    with logly.testing.freeze("2024-02-14T10:30:45"):
        yield
        logger.remove()


def fill(folder: Path, *names: str, size: int = 10) -> None:
    """Make files of *size* bytes each, with the ages that their names give."""
    for name in names:
        (folder / name).write_bytes(b"x" * size)
        if name.startswith("app.2024-01-") and name[12:14].isdigit():
            stamp = datetime(2024, 1, int(name[12:14]), 12).timestamp()
            os.utime(folder / name, (stamp, stamp))


def left(folder: Path) -> list[str]:
    """Return the names of the existing files, in order."""
    return sorted(path.name for path in folder.iterdir())


def add(path: Path, **options: Any) -> int:
    """Add a file whose archives are checked at once."""
    sink = logger.add(path, delay=True, **options)
    assert logger.complete(timeout=30)
    return sink


def preview(folder: Path, name: str = "app.log", **options: Any) -> list[tuple[str, str]]:
    """Return the archives that would be deleted, with reasons.

    The folder is hidden while the sink is added, since that applies retention.
    """
    hidden = folder.rename(folder.with_name("hidden"))
    folder.mkdir()
    sink = add(folder / name, adopt="loguru", **options)
    folder.rmdir()
    hidden.rename(folder)
    return [(os.path.relpath(doomed["path"], folder), doomed["reason"]) for doomed in logger.retention_preview(sink)]


@pytest.mark.parametrize(
    ("retention", "gone", "reason"),
    [
        (3, 1, "more than 3 archives"),
        (1, 3, "more than 1 archive"),
        ("32 days", 2, "older than 32 days"),
        ("25 B", 2, "beyond 25 bytes in total"),
        ([3, "1 GB"], 1, "more than 3 archives"),
        (9, 0, None),
    ],
    ids=str,
)
def test_retention_counts_and_removes_what_it_previewed(retention, gone, reason, tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    fill(folder, "app.log", *LEFT)

    assert preview(folder, retention=retention) == [(name, reason) for name in LEFT[:gone]]
    assert left(folder) == [*LEFT, "app.log"]
    add(folder / "app.log", retention=retention, adopt="loguru")

    assert left(folder) == [*LEFT[gone:], "app.log"]


def test_nothing_is_adopted_unasked_but_may_be_previewed(tmp_path):
    fill(tmp_path, *LEFT)

    sink = add(tmp_path / "app.log", retention=3)

    assert logger.retention_preview(sink) == []
    expected = [{"path": str(tmp_path / LEFT[0]), "size": 10, "reason": "more than 3 archives"}]
    assert logger.retention_preview(sink, adopt="loguru") == expected
    assert logger.complete(timeout=30)
    assert left(tmp_path) == LEFT
    assert logger.retention_preview(sink) == []


def test_previewed_adoption_changes_no_name_to_come(tmp_path):
    fill(tmp_path, "app.2024-02-14_11-00-00_123456.log")
    sink = logger.add(tmp_path / "app.log", rotation=1, retention=9, format="{message}")

    assert logger.retention_preview(sink, adopt="loguru") == []
    logger.info("one")
    logger.info("two")
    assert logger.complete(timeout=30)

    assert "app.2024-02-14_10-30-45.log" in left(tmp_path)


def test_age_counts_from_the_last_line_since_the_name_says_when_the_file_was_begun(tmp_path):
    fill(tmp_path, *LEFT)
    os.utime(tmp_path / LEFT[0])

    add(tmp_path / "app.log", retention="31 days", adopt="loguru")

    assert left(tmp_path) == [LEFT[0], LEFT[3]]


@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz", "lzma", "zip", "tar", "tar.gz", "tar.bz2", "tar.xz", "zst"])
def test_compressed_archives_are_adopted(suffix, tmp_path):
    fill(tmp_path, *(f"{name}.{suffix}" for name in LEFT))

    add(tmp_path / "app.log", retention=2, adopt="loguru")

    assert left(tmp_path) == [f"{name}.{suffix}" for name in LEFT[2:]]


def test_archives_that_loguru_had_to_number_are_adopted_in_their_order(tmp_path):
    names = [LEFT[0].replace("6.log", f"6.{number}.log") for number in (2, 9, 10)]
    fill(tmp_path, LEFT[0], *names)

    add(tmp_path / "app.log", retention=2, adopt="loguru")

    assert left(tmp_path) == sorted(names[1:])


def test_files_of_others_survive(tmp_path, capfd):
    fill(tmp_path, "app.log", *NEAR_MISSES, *LEFT)

    add(tmp_path / "app.log", retention=1, compression="gzip", adopt="loguru")

    assert left(tmp_path) == sorted(["app.log", *NEAR_MISSES, f"{LEFT[3]}.gz"])
    assert capfd.readouterr().err == ""


def test_links_and_folders_survive(tmp_path):
    fill(tmp_path, "victim", *LEFT[2:])
    (tmp_path / LEFT[0]).symlink_to(tmp_path / "victim")
    (tmp_path / LEFT[1]).mkdir()

    add(tmp_path / "app.log", retention=1, adopt="loguru")

    assert left(tmp_path) == [*LEFT[:2], LEFT[3], "victim"]


def test_adopted_archives_and_those_of_logly_go_by_their_times(tmp_path):
    own = ["app.2024-01-12.log", "app.2024-01-13_10-30-45.log", "app.2024-01-20.log.gz"]
    fill(tmp_path, *own, *LEFT)
    in_order = [LEFT[0], LEFT[1], own[0], own[1], LEFT[2], LEFT[3], own[2]]
    folder = tmp_path / "logs"
    folder.mkdir()
    for name in in_order:
        (tmp_path / name).rename(folder / name)

    assert [name for name, _ in preview(folder, rotation="daily", retention=1)] == in_order[:-1]


def test_new_archives_come_behind_adopted_ones(tmp_path):
    fill(tmp_path, *LEFT)

    logger.add(tmp_path / "app.log", rotation=1, retention=3, adopt="loguru", format="{message}")
    for number in range(3):
        logger.info(str(number))
    assert logger.complete(timeout=30)

    assert left(tmp_path) == [LEFT[3], "app.2024-02-14_10-30-45.2.log", "app.2024-02-14_10-30-45.log", "app.log"]


def test_two_files_of_which_one_is_named_as_the_other_begins_keep_their_own(tmp_path):
    names = ["app", "app.log", "app.log.log", "app.error.log"]
    of = {name: [] for name in names}
    for name in names:
        stem, suffix = Path(name).stem, Path(name).suffix
        of[name] = [f"{stem}.2024-01-{day}_10-30-45_123456{suffix}" for day in (11, 12)]
        fill(tmp_path, *of[name])
    expected = {path for paths in of.values() for path in paths}

    for name in names:
        add(tmp_path / name, retention=1, adopt="loguru")
        expected.remove(of[name][0])

        assert left(tmp_path) == sorted(expected), name


@pytest.mark.parametrize(
    ("name", "loguru"),
    [
        ("app-{time:YYYY-MM-DD}.log", "app-2024-01-{}.2024-01-{}_10-30-45_123456.log"),
        ("app_{time}.log", "app_2024-01-{}_10-30-45_123456.log"),
        ("app_{time}", "app_2024-01-{}_10-30-45_123456"),
    ],
)
def test_files_with_a_time_in_their_names_adopt_what_loguru_made_of_them(name, loguru, tmp_path):
    names = [loguru.format(*(day,) * loguru.count("{}")) for day in (11, 12)]
    fill(tmp_path, *names, "app-notes.2024-01-11_10-30-45_123456.log")

    add(tmp_path / name, rotation="daily", retention=1, adopt="loguru")

    assert set(left(tmp_path)) == {"app-notes.2024-01-11_10-30-45_123456.log", names[1]}


def test_several_processes_may_adopt_the_same_archives(tmp_path):
    program = """
import sys
from logly import logger
logger.configure(console=False)
logger.add(sys.argv[1], rotation="1 kB", retention=3, compression="gzip", adopt="loguru", format="{message}")
for number in range(100):
    logger.info("a line of some length, the {number}th", number=number)
assert logger.complete(timeout=60)
"""
    fill(tmp_path, *LEFT, *NEAR_MISSES)

    command = [sys.executable, "-c", program, str(tmp_path / "app.log")]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    results = [child.finish(process, timeout=120) for process in processes]

    for result in results:
        result.check(stderr="")
    assert not set(left(tmp_path)) & {*LEFT, *(f"{name}.gz" for name in LEFT)}
    assert set(NEAR_MISSES) < set(left(tmp_path))
    assert len(left(tmp_path)) == len(NEAR_MISSES) + 4


def test_adopted_archives_are_compressed_and_read(tmp_path):
    lines = [f"{name}\n" for name in [*LEFT, "app.log"]]
    (tmp_path / f"{LEFT[0]}.gz").write_bytes(gzip.compress(lines[0].encode()))
    (tmp_path / f"{LEFT[1]}.lzma").write_bytes(lzma.compress(lines[1].encode(), lzma.FORMAT_ALONE))
    for name, line in zip([*LEFT, "app.log"][2:], lines[2:]):
        (tmp_path / name).write_text(line)

    sink = add(tmp_path / "app.log", compression="zstd", adopt="loguru")

    archives = [f"{name}.{suffix}" for name, suffix in zip(LEFT, ["gz", "lzma", "zst", "zst"])]
    assert left(tmp_path) == [*archives, "app.log"]
    assert logger.read(sink, archives=True) == "".join(lines)
    metadata = logger.file_metadata(sink)
    assert metadata is not None
    assert [Path(archive["path"]).name for archive in metadata["archives"]] == archives


def packed(form: str, name: str, data: bytes) -> bytes:
    """Return the result of Loguru's compression of a file."""
    out = io.BytesIO()
    if form == "zip":
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, data)
    else:
        with tarfile.open(fileobj=out, mode=f"w:{form.partition('.')[2]}") as archive:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


@pytest.mark.parametrize("form", ["zip", "tar", "tar.gz", "tar.bz2", "tar.xz", "bz2", "xz"])
def test_archives_in_every_form_of_loguru_are_read(form, tmp_path):
    pack = {"bz2": bz2.compress, "xz": lzma.compress}.get(form) or (lambda data: packed(form, LEFT[0], data))
    (tmp_path / f"{LEFT[0]}.{form}").write_bytes(pack(b"from Loguru\n"))

    sink = add(tmp_path / "app.log", adopt="loguru")

    assert logger.read(sink, archives=True) == "from Loguru\n"


def test_function_that_is_retention_gets_them_too(tmp_path):
    fill(tmp_path, *LEFT)
    got = []

    add(tmp_path / "app.log", retention=got.extend, adopt="loguru")

    assert got == [str(tmp_path / name) for name in LEFT]


def test_sink_info_and_configuration_files_have_it(tmp_path):
    (tmp_path / "logly.toml").write_text(f'[[sinks]]\nsink = "{tmp_path}/app.log"\nretention = 1\nadopt = "loguru"\n')
    fill(tmp_path, *LEFT)

    (sink,) = logly.load(tmp_path / "logly.toml")
    assert logger.complete(timeout=30)

    assert logger.sink_info(sink)["adopt"] == "loguru"
    assert logger.sink_info(logger.add(tmp_path / "other.log"))["adopt"] is None
    assert not set(left(tmp_path)) & set(LEFT[:3])


EXPECTED = 'adopt: expected "loguru", the library whose archives become the file\'s own, got '


@pytest.mark.parametrize(
    ("value", "kind", "got"),
    [
        ("logur", ValueError, '"logur" (did you mean "loguru"?)'),
        ("Loguru", ValueError, '"Loguru" (did you mean "loguru"?)'),
        ("logging", ValueError, '"logging"'),
        ("", ValueError, '""'),
        (True, TypeError, "True"),
        (["loguru"], TypeError, "['loguru']"),
        (b"loguru", TypeError, "b'loguru'"),
    ],
    ids=repr,
)
def test_other_values_are_refused(value, kind, got, tmp_path):
    with pytest.raises(kind) as caught:
        logger.add(tmp_path / "app.log", adopt=value)

    assert str(caught.value) == EXPECTED + got
    assert left(tmp_path) == []


@pytest.mark.parametrize(("value", "kind"), [("logur", ValueError), (True, TypeError)])
def test_preview_refuses_them_too(value, kind, tmp_path):
    sink = logger.add(tmp_path / "app.log")

    with pytest.raises(kind) as caught:
        logger.retention_preview(sink, adopt=value)

    assert str(caught.value).startswith(EXPECTED)


def test_name_whose_time_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(ValueError, match="adopt: expected a sink whose name says its time in digits"):
        logger.add(tmp_path / "app-{time:MMM}.log", adopt="loguru")


@pytest.mark.parametrize(("count", "told"), [(1, "1 archive of Loguru's is"), (3, "3 archives of Loguru's are")])
def test_archives_are_told_of_until_they_are_adopted(count, told, tmp_path, capfd):
    fill(tmp_path, *LEFT[:count], *NEAR_MISSES)
    path = tmp_path / "app.log"

    add(path, retention=9)

    assert capfd.readouterr().err == (
        f"logly: {path}: {told} beside it, the first {LEFT[0]}, and neither removed nor compressed; "
        'add(adopt="loguru") has that done\n'
    )


def test_nothing_is_told_of_archives_that_are_adopted_or_named_so_on_purpose(tmp_path, capfd):
    fill(tmp_path, *LEFT)

    add(tmp_path / "app.log", retention=9, adopt="loguru")
    add(tmp_path / "app.log", retention=9, archive="{stem}.{time:YYYY-MM-DD_HH-mm-ss_SSSSSS}{ext}")

    assert capfd.readouterr().err == ""
