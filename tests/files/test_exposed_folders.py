"""Folders that others can write to: logly does not follow links or files put in the place of an open log."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import logly.testing
import pytest
from logly import logger

if TYPE_CHECKING:
    from pathlib import Path

MODES = pytest.mark.parametrize("is_background", [True, False], ids=["background", "synchronous"])

pytestmark = pytest.mark.usefixtures("no_console")


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """Give a file that does not belong to any log."""
    path = tmp_path / "victim"
    path.write_text("precious\n")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder that others can write to."""
    path = tmp_path / "shared"
    path.mkdir()
    path.chmod(0o777)
    return path


def log(*messages: str) -> None:
    """Log the messages, and flush as far as possible."""
    for message in messages:
        logger.info(message)
    logger.flush()


@MODES
@pytest.mark.parametrize("options", [{}, {"rotation": "100 B"}, {"watch": False}], ids=str)
def test_link_put_in_the_place_of_a_log_is_not_followed(
    folder: Path,
    victim: Path,
    is_background: bool,
    options: dict[str, object],
) -> None:
    path = folder / "app.log"
    sink = logger.add(path, format="{message}", async_write=is_background, **options)
    log("before")
    path.unlink()
    path.symlink_to(victim)
    logger.reopen()

    log("during" * 20, "more")

    assert victim.read_text() == "precious\n"
    path.unlink()
    log("after")
    assert logger.read(sink, archives=True) == "during" * 20 + "\nmore\nafter\n"


@pytest.mark.parametrize("permissions", [0o777, 0o1777, 0o770], ids=oct)
def test_link_that_is_not_followed_is_told_of(
    folder: Path, victim: Path, permissions: int, capfd: pytest.CaptureFixture[str]
) -> None:
    folder.chmod(permissions)
    path = folder / "app.log"
    logger.add(path)
    path.unlink()
    path.symlink_to(victim)

    log("one", "two")

    said = capfd.readouterr().err
    assert said.count(f"{path}: cannot write: a link was put in its place, and is not written to; lines are kept") == 1
    assert victim.read_text() == "precious\n"


@MODES
def test_link_put_in_the_place_of_a_folder_on_the_way_is_not_followed(
    folder: Path, victim: Path, is_background: bool
) -> None:
    own = folder / "own"
    path = own / "victim"
    logger.add(path, format="{message}", async_write=is_background)
    log("before")
    own.rename(folder / "elsewhere")
    own.symlink_to(victim.parent)
    logger.reopen()

    log("during")

    assert victim.read_text() == "precious\n"


def test_link_put_at_the_name_of_the_next_file_is_not_followed(folder: Path, victim: Path) -> None:
    with logly.testing.freeze("2025-01-14 12:00") as clock:
        sink = logger.add(folder / "app-{time:YYYY-MM-DD}.log", format="{message}", rotation="daily")
        log("before")
        (folder / "app-2025-01-15.log").symlink_to(victim)
        clock.move_to("2025-01-15 12:00")

        log("after")

        assert victim.read_text() == "precious\n"
        assert logger.read(sink).endswith("after\n")


@pytest.mark.parametrize("act", ["clear", "delete"])
def test_link_put_in_the_place_of_a_log_is_neither_emptied_nor_removed(folder: Path, victim: Path, act: str) -> None:
    path = folder / "app.log"
    sink = logger.add(path)
    path.unlink()
    path.symlink_to(victim)

    getattr(logger, act)(sink)

    assert victim.read_text() == "precious\n"


def test_link_put_in_the_place_of_a_log_is_not_read(folder: Path, victim: Path) -> None:
    path = folder / "app.log"
    sink = logger.add(path)
    path.unlink()
    path.symlink_to(victim)

    assert "precious" not in (logger.read(sink) or "")


@MODES
def test_pipe_put_in_the_place_of_a_log_holds_nothing_up(
    tmp_path: Path, is_background: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "app.log"
    logger.add(path, format="{message}", async_write=is_background)
    log("before")
    path.unlink()
    os.mkfifo(path)
    logger.reopen()

    log("during")

    assert "something else than a file was put in its place" in capfd.readouterr().err
    path.unlink()
    log("after")
    assert path.read_text() == "during\nafter\n"


@MODES
def test_link_that_is_there_when_the_sink_is_added_is_followed(
    folder: Path, tmp_path: Path, is_background: bool
) -> None:
    real = tmp_path / "real.log"
    (folder / "app.log").symlink_to(real)

    logger.add(folder / "app.log", format="{message}", async_write=is_background)
    log("one")
    real.rename(tmp_path / "old.log")
    log("two")

    assert (tmp_path / "old.log").read_text() == "one\n"
    assert real.read_text() == "two\n"


@MODES
def test_link_in_a_folder_of_ones_own_leads_where_it_leads_now(tmp_path: Path, is_background: bool) -> None:
    (tmp_path / "app.log").symlink_to("one.log")
    logger.add(tmp_path / "app.log", format="{message}", async_write=is_background)
    log("one")
    (tmp_path / "app.log").unlink()
    (tmp_path / "app.log").symlink_to("two.log")

    log("two")

    assert (tmp_path / "one.log").read_text() == "one\n"
    assert (tmp_path / "two.log").read_text() == "two\n"


@MODES
def test_rotated_log_behind_a_link_to_a_shared_folder_goes_on(
    folder: Path, tmp_path: Path, is_background: bool
) -> None:
    (tmp_path / "logs").symlink_to(folder)
    sink = logger.add(tmp_path / "logs" / "app.log", format="{message}", rotation="10 B", async_write=is_background)

    log(*(f"line {number}" for number in range(5)))

    assert logger.read(sink, archives=True) == "".join(f"line {number}\n" for number in range(5))
    assert len(list(folder.iterdir())) == 5


@MODES
@pytest.mark.parametrize("is_shared", [True, False])
def test_what_is_no_file_does_not_become_the_next_file(
    folder: Path, is_shared: bool, is_background: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    folder.chmod(0o777 if is_shared else 0o755)
    with logly.testing.freeze("2025-01-14 12:00") as clock:
        name = folder / "app-{time:YYYY-MM-DD}.log"
        sink = logger.add(name, format="{message}", rotation="daily", async_write=is_background)
        log("before")
        os.mkfifo(folder / "app-2025-01-15.log")
        clock.move_to("2025-01-15 12:00")

        log("after")

        assert logger.read(sink) == "before\nafter\n"
    assert "something else than a file was put in its place" in capfd.readouterr().err


@MODES
@pytest.mark.parametrize("permissions", [0o777, 0o1777], ids=oct)
@pytest.mark.parametrize("name", ["{time:YYYY-MM-DD}/app.log", "{time:YYYY-MM-DD}/{time:HH}/app.log"])
def test_link_put_at_the_name_of_the_next_folder_is_not_followed(
    folder: Path, tmp_path: Path, permissions: int, name: str, is_background: bool
) -> None:
    folder.chmod(permissions)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "app.log").write_text("precious\n")
    with logly.testing.freeze("2025-01-14 12:00") as clock:
        sink = logger.add(folder / name, format="{message}", rotation="daily", async_write=is_background)
        log("before")
        (folder / "2025-01-15").symlink_to(elsewhere)
        clock.move_to("2025-01-15 12:00")

        log("after")

        assert logger.read(sink) == "before\nafter\n"
    assert [path.name for path in elsewhere.iterdir()] == ["app.log"]
    assert (elsewhere / "app.log").read_text() == "precious\n"


@pytest.mark.parametrize("is_shared", [True, False])
def test_link_to_the_folder_of_files_with_a_time_is_followed(folder: Path, tmp_path: Path, is_shared: bool) -> None:
    folder.chmod(0o777 if is_shared else 0o755)
    (tmp_path / "logs").symlink_to(folder)
    with logly.testing.freeze("2025-01-14 12:00") as clock:
        logger.add(tmp_path / "logs" / "{time:YYYY-MM-DD}" / "app.log", format="{message}", rotation="daily")
        log("before")
        clock.move_to("2025-01-15 12:00")
        log("after")

    assert (folder / "2025-01-14" / "app.log").read_text() == "before\n"
    assert (folder / "2025-01-15" / "app.log").read_text() == "after\n"


def test_link_put_there_before_a_file_is_first_opened_is_not_followed(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with logly.testing.freeze("2025-01-14 12:00") as clock:
        logger.add(folder / "{time:YYYY-MM-DD}" / "app.log", format="{message}", delay=True)
        clock.move_to("2025-01-15 12:00")
        (folder / "2025-01-15").symlink_to(elsewhere)

        log("line")

    assert list(elsewhere.iterdir()) == []


def test_link_put_in_the_place_of_a_log_tells_nothing_of_its_target(folder: Path, victim: Path) -> None:
    path = folder / "app.log"
    sink = logger.add(path)
    path.unlink()
    path.symlink_to(victim)

    assert logger.file_metadata(sink) is None
    assert logger.file_size(sink) == 0
