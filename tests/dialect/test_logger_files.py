"""Files of the dialect: names of archives, compression, retention, and arguments of `open`."""

# ruff: noqa: PLE1205 - the messages are not those of `logging`

from __future__ import annotations

import gzip
import os
import re
import stat
from pathlib import Path

import pytest

STAMP = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_\d{6}")


@pytest.fixture(autouse=True)
def in_folder(tmp_path, monkeypatch):
    """Run each test in a folder of its own."""
    monkeypatch.chdir(tmp_path)


def names():
    """Return the names in the folder, with times replaced."""
    return sorted(STAMP.sub("TIME", path.name) for path in Path().iterdir())


def log(logger, count):
    """Log some lines of 30 bytes."""
    for number in range(count):
        logger.info("{:029}", number)


def test_archives_are_named_by_their_time_to_the_microsecond(logger):
    sink = logger.add("app.log", format="{message}", rotation=60)

    log(logger, 5)
    logger.remove(sink)

    assert names() == ["app.TIME.log", "app.TIME.log", "app.log"]


def test_bare_time_in_a_name_is_exact(logger):
    logger.add("app_{time}.log", format="{message}")

    log(logger, 1)
    logger.remove()

    assert names() == ["app_TIME.log"]


def test_archives_are_compressed_when_the_sink_was_removed(logger):
    sink = logger.add("app.log", format="{message}", rotation=60, compression="gz", retention=1)

    log(logger, 7)
    logger.remove(sink)

    assert names() == ["app.TIME.log.gz", "app.log"]


def test_archives_of_earlier_runs_count_for_retention(logger):
    for second in (1, 2):
        Path(f"app.2020-01-0{second}_00-00-00_000000.log").write_text("old\n")

    sink = logger.add("app.log", format="{message}", rotation=60, retention=1)
    log(logger, 3)
    logger.remove(sink)

    assert names() == ["app.TIME.log", "app.log"]
    assert not list(Path().glob("*2020*"))


def test_other_files_are_never_removed(logger):
    for name in ("app.old.log", "app.2020-01-01.log", "other.2020-01-01_00-00-00_000000.log"):
        Path(name).write_text("not ours\n")

    sink = logger.add("app.log", format="{message}", rotation=60, retention=0)
    log(logger, 3)
    logger.remove(sink)

    assert names() == ["app.2020-01-01.log", "app.log", "app.old.log", "other.TIME.log"]


def test_file_without_rotation_is_compressed_when_its_sink_is_removed(logger):
    sink = logger.add("app.log", format="{message}", compression="gz")

    logger.info("line")
    logger.remove(sink)

    assert names() == ["app.log.gz"]
    assert gzip.decompress(Path("app.log.gz").read_bytes()) == b"line\n"


def test_function_compresses_a_file_when_its_sink_is_removed(logger):
    paths = []
    sink = logger.add("app.log", compression=paths.append)

    logger.info("line")
    logger.remove(sink)

    assert [Path(path).name for path in paths] == ["app.log"]


def test_encodings_and_arguments_of_open_are_used(logger):
    def opener(path, flags):
        return os.open(path, flags, 0o600)

    logger.add("wide.log", format="{message}", encoding="utf-16-le")
    logger.add("ascii.log", format="{message}", encoding="ascii", errors="xmlcharrefreplace", newline="\r\n")
    logger.add("own.log", format="{message}", opener=opener)

    logger.info("é")
    logger.remove()

    assert Path("wide.log").read_bytes() == "é\n".encode("utf-16-le")
    assert Path("ascii.log").read_bytes() == b"&#233;\r\n"
    assert stat.S_IMODE(Path("own.log").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        ({"rotation": "10 parsecs"}, ValueError, "Invalid unit value while parsing duration: 'parsecs'"),
        ({"rotation": "foo"}, ValueError, "Cannot parse rotation from: 'foo'"),
        ({"retention": 1.5j}, TypeError, "Cannot infer retention for objects of type: 'complex'"),
        ({"compression": "rar"}, ValueError, "Invalid compression format: 'rar'"),
        ({"unknown": 1}, TypeError, r"'unknown' is an invalid keyword argument for open\(\)"),
    ],
)
def test_wrong_options_of_files_are_refused(logger, options, kind, text):
    with pytest.raises(kind, match=text):
        logger.add("app.log", **options)
