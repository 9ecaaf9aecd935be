"""Files that other programs rename, remove or empty: the sink continues at its path, and loses nothing."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from logly import Logger, logger

LINES = 400


@pytest.fixture(params=[True, False], ids=["background", "synchronous"])
def audit(request: pytest.FixtureRequest) -> Any:
    """Give an independent logger with one file, `app.log` in the current folder."""
    audit = Logger()
    audit.remove_all()
    audit.add("app.log", format="{message}", async_write=request.param)
    yield audit
    audit.remove_all()


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def log(audit: Logger, start: int, stop: int) -> None:
    for number in range(start, stop):
        audit.info("{number}", number=number)
    assert audit.complete(timeout=10)


def numbers(path: str | Path) -> list[int]:
    return [int(line) for line in Path(path).read_text().splitlines()]


def test_folder_that_was_renamed_is_made_anew(audit: Logger, tmp_path: Path) -> None:
    audit.add("logs/deep/app.log", format="{message}", async_write=False)
    log(audit, 0, 10)
    (tmp_path / "logs").rename("old")

    assert audit.complete(timeout=10)
    log(audit, 10, 20)

    assert numbers("logs/deep/app.log")[-10:] == list(range(10, 20))


def test_file_that_was_removed_is_made_anew(audit: Logger) -> None:
    log(audit, 0, 10)
    Path("app.log").unlink()

    log(audit, 10, LINES)

    assert numbers("app.log") == list(range(10, LINES))


def test_file_that_was_renamed_is_made_anew(audit: Logger) -> None:
    log(audit, 0, 10)
    Path("app.log").rename("moved.log")

    log(audit, 10, LINES)

    assert numbers("moved.log") + numbers("app.log") == list(range(LINES))


def test_file_that_was_renamed_and_recreated_is_used(audit: Logger) -> None:
    log(audit, 0, 10)
    Path("app.log").rename("app.log.1")
    Path("app.log").touch(mode=0o600)

    log(audit, 10, LINES)

    assert numbers("app.log") == list(range(10, LINES))
    assert stat.S_IMODE(Path("app.log").stat().st_mode) == 0o600


def test_who_renamed_the_file_is_given_a_moment_to_make_another(audit: Logger) -> None:
    log(audit, 0, 10)
    Path("app.log").rename("app.log.1")

    def create() -> None:
        # The time that another program needs between its two steps.
        time.sleep(0.005)
        with Path("app.log").open("x"):
            pass

    with ThreadPoolExecutor(1) as pool:
        created = pool.submit(create)
        log(audit, 10, LINES)

    assert created.exception() is None
    assert numbers("app.log.1") + numbers("app.log") == list(range(LINES))


def test_file_that_was_copied_and_truncated_goes_on_from_its_start(audit: Logger) -> None:
    log(audit, 0, 10)
    shutil.copy("app.log", "app.log.1")
    os.truncate("app.log", 0)

    log(audit, 10, LINES)

    assert numbers("app.log.1") + numbers("app.log") == list(range(LINES))


@pytest.mark.parametrize("is_async", [True, False])
def test_folder_that_was_removed_is_made_anew(is_async: bool) -> None:
    audit = Logger()
    audit.remove_all()
    audit.add("logs/deep/app.log", format="{message}", async_write=is_async)
    log(audit, 0, 10)
    shutil.rmtree("logs")

    log(audit, 10, LINES)

    assert numbers("logs/deep/app.log") == list(range(10, LINES))
    audit.remove_all()


class Writing:
    """A thread that logs numbers from 0 up until its block ends; `count` is the number of calls that returned."""

    def __init__(self, audit: Logger) -> None:
        self.audit = audit
        self.count = 0
        self.is_enough = False
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self.is_enough:
            self.audit.info("{number}", number=self.count)
            self.count += 1

    def __enter__(self) -> Writing:
        self.thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.is_enough = True
        self.thread.join()
        # One more record ensures that there is a file after the last change.
        self.audit.info("{number}", number=self.count)
        self.count += 1
        assert self.audit.complete(timeout=10)


def wait_for(path: str) -> Path:
    deadline = time.monotonic() + 30
    while not Path(path).exists():
        assert time.monotonic() < deadline, f"no {path} in 30 seconds"
    return Path(path)


def test_removal_at_any_moment_loses_nothing_logged_after_it(audit: Logger) -> None:
    with Writing(audit) as writing:
        for _ in range(50):
            wait_for("app.log").unlink()
            returned = writing.count

    kept = numbers("app.log")
    assert kept == list(range(kept[0], writing.count))
    # The call in progress at the removal may have logged before or after it.
    assert kept[0] <= returned + 1


def test_renames_at_any_moment_lose_and_double_nothing(audit: Logger) -> None:
    with Writing(audit) as writing:
        moved = [wait_for("app.log").rename(f"moved.{number}") for number in range(50)]

    assert [number for path in moved for number in numbers(path)] + numbers("app.log") == list(range(writing.count))


def test_file_made_anew_keeps_mode_and_owner(audit: Logger) -> None:
    log(audit, 0, 10)
    Path("app.log").chmod(0o620)
    if os.geteuid() == 0:
        os.chown("app.log", 12, 34)
    log(audit, 10, 20)
    before = Path("app.log").stat()
    Path("app.log").unlink()

    log(audit, 20, 30)

    after = Path("app.log").stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make a file of another owner")
def test_successor_of_another_users_file_keeps_a_group_that_is_ours() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "app.log")
        Path(folder).chmod(0o777)
        path.touch()
        os.chown(path, 12, 3456)
        path.chmod(0o660)

        child = os.fork()
        if child == 0:
            try:
                os.setgroups([3456])
                os.setgid(7777)
                os.setuid(7777)
                audit = Logger()
                audit.add(path, format="{message}", rotation=1)
                log(audit, 0, 2)
            finally:
                os._exit(0)
        os.waitpid(child, 0)

        found = path.stat()
        assert (found.st_mode & 0o777, found.st_uid, found.st_gid) == (0o660, 7777, 3456)


def test_file_that_is_not_watched_goes_on_under_its_new_name(tmp_path: Path) -> None:
    audit = Logger()
    audit.remove_all()
    sink = audit.add("app.log", format="{message}", watch=False)
    log(audit, 0, 10)
    Path("app.log").rename("moved.log")

    log(audit, 10, 20)
    audit.reopen(sink)
    log(audit, 20, 30)

    assert numbers("moved.log") == list(range(20))
    assert numbers("app.log") == list(range(20, 30))
    audit.remove_all()


def test_reopen_uses_what_is_at_the_path(audit: Logger) -> None:
    log(audit, 0, 10)
    Path("app.log").rename("moved.log")

    reopened = audit.reopen()

    assert reopened == 1
    assert Path("app.log").read_text() == ""
    log(audit, 10, 20)
    assert numbers("app.log") == list(range(10, 20))


def test_reopen_before_the_first_record_makes_a_removed_file_anew(audit: Logger) -> None:
    Path("app.log").unlink()

    audit.reopen()

    assert Path("app.log").exists()


def test_reopen_counts_files_alone(audit: Logger) -> None:
    stream = audit.add(lambda _line: None)

    assert audit.reopen(stream) == 0
    assert audit.reopen(10**6) == 0
    with pytest.raises(TypeError, match="sink_id"):
        audit.reopen("app.log")  # type: ignore[arg-type]


def test_link_that_is_led_elsewhere_is_followed(audit: Logger) -> None:
    log(audit, 0, 10)
    Path("app.log").rename("first.log")
    Path("second.log").touch()
    Path("app.log").symlink_to("second.log")

    log(audit, 10, 20)

    assert numbers("first.log") == list(range(10))
    assert numbers("second.log") == list(range(10, 20))
    assert Path("app.log").is_symlink()


def test_file_that_cannot_be_looked_at_is_written_on(audit: Logger, capfd: pytest.CaptureFixture[str]) -> None:
    # The path leads nowhere once a file replaces its folder; the open file is still good.
    Path("logs").mkdir()
    sink = audit.add("logs/app.log", format="{message}")
    log(audit, 0, 10)
    Path("logs").rename("old")
    Path("logs").touch()

    log(audit, 10, 20)

    assert numbers("old/app.log") == list(range(20))
    assert capfd.readouterr().err == ""
    audit.remove(sink)


def test_global_logger_reopens_its_files(tmp_path: Path) -> None:
    sink = logger.add("global.log", format="{message}")
    Path("global.log").unlink()

    logger.reopen(sink)

    assert Path("global.log").exists()
    logger.remove(sink)
