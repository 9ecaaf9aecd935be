"""Programs written for Loguru: files, with their rotation, retention and compression."""

from __future__ import annotations

import datetime
import pathlib

import pytest
from logly import logger

pytestmark = pytest.mark.usefixtures("no_console")


def written(sink_id) -> str:
    """Give the text of a file sink."""
    return logger.read(sink_id)


@pytest.mark.parametrize(
    "rotation",
    [
        "100 MB", "0.5 GB", "500 KiB", 1000, "4 days", "10h", "1 week", "1 month 2 weeks", "1 year, 2 months", "hourly",
        "daily", "weekly", "monthly", "yearly", "18:00", "11:00 AM", "sunday", "w0", "W3 at 10:00", "monday at 12:00",
        datetime.timedelta(hours=12), datetime.time(18), datetime.time(0, tzinfo=datetime.timezone.utc),
        ["1 day", "10 MB"],
    ],
)  # fmt: skip
def test_rotation_is_accepted_in_each_form(rotation, tmp_path):
    number = logger.add(tmp_path / "app.log", rotation=rotation, format="{message}")

    logger.info("hello")

    assert written(number) == "hello\n"


def test_rotation_function_gets_message_and_file(tmp_path):
    seen = []

    def is_due(message, file) -> bool:
        file.seek(0, 2)
        seen.append((str(message), message.record["level"].name, file.name, file.tell()))
        return file.tell() + len(message) > 15

    number = logger.add(tmp_path / "app.log", rotation=is_due, format="{message}")
    for word in ("seven77", "seven78", "seven79"):
        logger.info(word)

    assert written(number) == "seven79\n"
    assert logger.read(number, archives=True) == "seven77\nseven78\nseven79\n"
    assert seen[1] == ("seven78\n", "INFO", str(tmp_path / "app.log"), 8)


def test_rotation_function_may_be_a_method(tmp_path):
    class Rotator:
        def should_rotate(self, message, file) -> bool:
            return message.record["message"] == "second"

    logger.add(tmp_path / "app.log", rotation=Rotator().should_rotate, format="{message}")
    logger.info("first")
    logger.info("second")
    logger.complete()

    assert len(list(tmp_path.iterdir())) == 2


def test_rotation_function_of_three_gets_record_path_and_size(tmp_path):
    seen = []

    logger.add(tmp_path / "app.log", rotation=lambda *given: seen.append(given), format="{message}")
    logger.info("hello")
    logger.complete()

    assert [type(value).__name__ for value in seen[0]] == ["dict", "str", "int"]


@pytest.mark.parametrize(
    "retention", [10, "10 days", "1 week, 3 days", "2 months", datetime.timedelta(days=2), lambda paths: None]
)
def test_retention_is_accepted_in_each_form(retention, tmp_path):
    number = logger.add(tmp_path / "app.log", retention=retention, format="{message}")

    logger.info("hello")

    assert written(number) == "hello\n"


def test_retention_function_gets_the_archives(tmp_path):
    seen = []

    logger.add(tmp_path / "app.log", rotation="6 B", retention=seen.extend, format="{message}")
    logger.info("hello")
    logger.info("world")
    logger.complete()

    assert {pathlib.Path(path).parent for path in seen} == {tmp_path}


@pytest.mark.parametrize(
    "compression", ["gz", "bz2", "xz", "lzma", "tar", "tar.gz", "tar.bz2", "tar.xz", "zip", "gzip", "zstd"]
)
def test_archive_is_compressed_in_each_form_and_read_back(compression, tmp_path):
    number = logger.add(tmp_path / "app.log", rotation="6 B", compression=compression, format="{message}")

    logger.info("hello")
    logger.info("world")
    logger.complete()

    suffix = {"lzma": "xz", "gzip": "gz", "zstd": "zst"}.get(compression, compression)
    assert [path.name for path in tmp_path.glob(f"app.*.log.{suffix}")] != []
    assert logger.read(number, archives=True) == "hello\nworld\n"


def test_compression_function_gets_the_path(tmp_path):
    seen = []

    logger.add(tmp_path / "app.log", rotation="6 B", compression=seen.append, format="{message}")
    logger.info("hello")
    logger.info("world")
    logger.complete()

    assert [pathlib.Path(path).read_text("utf-8") for path in seen] == ["hello\n"]


def test_delay_opens_at_the_first_record(tmp_path):
    logger.add(tmp_path / "app.log", delay=True)

    assert list(tmp_path.iterdir()) == []


def test_watch_makes_a_file_that_was_removed_anew(tmp_path):
    number = logger.add(tmp_path / "app.log", watch=True, format="{message}")
    logger.info("gone")
    logger.complete()
    (tmp_path / "app.log").unlink()

    logger.info("hello")

    assert written(number) == "hello\n"


@pytest.mark.parametrize(("mode", "text"), [("a", "before\nhello\n"), ("w", "hello\n")])
def test_mode_is_that_of_open(mode, text, tmp_path):
    (tmp_path / "app.log").write_text("before\n", "utf-8")

    number = logger.add(tmp_path / "app.log", mode=mode, format="{message}")
    logger.info("hello")

    assert written(number) == text


def test_mode_x_wants_a_new_file(tmp_path):
    (tmp_path / "app.log").touch()

    with pytest.raises(FileExistsError):
        logger.add(tmp_path / "app.log", mode="x")


@pytest.mark.parametrize("buffering", [-1, 1, 8192])
def test_buffering_is_accepted(buffering, tmp_path):
    number = logger.add(tmp_path / "app.log", buffering=buffering, format="{message}")

    logger.info("hello")

    assert written(number) == "hello\n"


def test_buffering_is_for_files():
    with pytest.raises(ValueError, match="buffering: expected a sink that is a file"):
        logger.add(print, buffering=1)


@pytest.mark.parametrize("encoding", ["utf8", "utf-8", "latin1", "ascii"])
def test_encoding_is_that_of_the_file(encoding, tmp_path):
    logger.add(tmp_path / "app.log", encoding=encoding, format="{message}")

    logger.info("hello")
    logger.complete()

    assert (tmp_path / "app.log").read_text(encoding) == "hello\n"
