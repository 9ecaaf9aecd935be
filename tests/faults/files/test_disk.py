"""Disks that are full, limited or read-only: callers notice nothing, and lines wait until they can be written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import check_log, run
from tests.faults.support.scarcity import SCARCITY, check_reports, small_disk

if TYPE_CHECKING:
    from pathlib import Path

MODES = pytest.mark.parametrize("async_write", [True, False], ids=["background", "synchronous"])


def in_order(folder: Path) -> list[Path]:
    """Return the archives of `app.log`, oldest first, and the file."""

    def place(path: Path) -> tuple[str, int]:
        match = re.fullmatch(r"app\.(\d{4}-\d\d-\d\d[_0-9-]*)(?:\.(\d+))?\.log", path.name)
        assert match is not None, path.name
        return match[1], int(match[2] or 1)

    return [*sorted(folder.glob("app.?*.log"), key=place), folder / "app.log"]


def total(*paths: Path) -> int:
    return sum(check_log(*paths).values())


@MODES
def test_full_device_reaches_no_caller_and_says_little(tmp_path: Path, async_write: bool) -> None:
    result = run(
        tmp_path,
        f"""
        sink = add("/dev/full", async_write={async_write})
        log(100_000)
        print(logger.flush(), logger.sink_info(sink)["written"])
        """,
    )

    result.check(stdout="False 0\n")
    check_reports(result, "No space left on device")


@MODES
def test_full_device_drops_and_counts_what_it_cannot_keep(tmp_path: Path, async_write: bool) -> None:
    result = run(
        tmp_path,
        f"""
        sink = add("/dev/full", async_write={async_write})
        for number in range(12):
            logger.info("x" * 1_000_000)
            logger.flush()
        print(logger.sink_info(sink)["dropped"])
        """,
    )

    # Up to 8 MiB are kept; beyond that, the newest line is dropped.
    result.check(stdout="4\n")
    check_reports(result)


@MODES
def test_disk_that_was_full_for_a_while_loses_and_tears_nothing(tmp_path: Path, async_write: bool) -> None:
    with small_disk(tmp_path / "disk", "size=256k") as disk:
        result = run(
            tmp_path,
            f"""
            add("disk/app.log", async_write={async_write})
            log(1000)
            print(logger.flush())
            fill("disk/filler")
            log(2000, 1000)
            print(logger.flush())
            os.unlink("disk/filler")
            log(100, 3000)
            print(logger.flush())
            """,
            SCARCITY,
        )

        result.check(stdout="True\nFalse\nTrue\n")
        assert total(disk / "app.log") == 3100
    check_reports(result, "recovered")


@MODES
@pytest.mark.parametrize(
    "change",
    [
        "shutil.move('disk/app.log', 'app.log.1')",
        "shutil.copy('disk/app.log', 'app.log.1'); os.truncate('disk/app.log', 0)",
        "shutil.copy('disk/app.log', 'app.log.1'); os.truncate('disk/app.log', 0); logger.reopen()",
    ],
    ids=["moved", "truncated", "truncated and reopened"],
)
def test_line_cut_by_a_full_disk_is_not_ended_in_another_file(tmp_path: Path, change: str, async_write: bool) -> None:
    with small_disk(tmp_path / "disk", "size=256k") as disk:
        result = run(
            tmp_path,
            f"""
            import shutil
            add("disk/app.log", async_write={async_write})
            log(1000)
            logger.flush()
            fill("disk/filler")
            log(2000, 1000)
            logger.flush()
            {change}
            os.unlink("disk/filler")
            log(100, 3000)
            print(logger.flush())
            """,
            SCARCITY,
        )

        result.check(stdout="True\n")
        first, second = (tmp_path / "app.log.1").read_text(), (disk / "app.log").read_text()
    assert not first.endswith("\n")
    (tmp_path / "whole").write_text(first[: first.rindex("\n") + 1] + second)
    assert total(tmp_path / "whole") == 3100


@MODES
def test_rotation_without_room_for_a_new_file_goes_on_in_the_old_one(tmp_path: Path, async_write: bool) -> None:
    with small_disk(tmp_path / "disk", "size=2m,nr_inodes=8") as disk:
        result = run(
            tmp_path,
            f"""
            add("disk/app.log", rotation=20_000, async_write={async_write})
            log(500)
            logger.flush()
            made = spend_inodes("disk")
            before = archives("disk")
            log(1000, 500)
            print(logger.flush(), archives("disk") == before, os.path.getsize("disk/app.log") > 20_000)
            for path in made:
                os.unlink(path)
            print(log_until(lambda: len(archives("disk")) > len(before), 1500))
            """,
            SCARCITY,
        )

        result.check()
        assert result.stdout.startswith("True True True\n"), result.stderr
        assert total(*in_order(disk)) == int(result.stdout.split()[-1])
    check_reports(result, "cannot rotate: No space left on device", "rotation recovered")


@MODES
def test_rotation_without_descriptors_goes_on_in_the_old_file(tmp_path: Path, async_write: bool) -> None:
    result = run(
        tmp_path,
        f"""
        add(rotation=20_000, async_write={async_write})
        log(1)
        logger.flush()
        spent = spend_descriptors()
        log(1000, 1)
        print(logger.flush(), os.path.getsize("app.log") > 20_000)
        for descriptor in spent:
            os.close(descriptor)
        print(archives(), log_until(archives, 1001))
        """,
        SCARCITY,
    )

    result.check()
    assert result.stdout.startswith("True True\n[] "), result.stderr
    assert total(*in_order(tmp_path)) == int(result.stdout.split()[-1])
    check_reports(result, "cannot rotate: Too many open files")
    # Names that were released are free again.
    assert len(in_order(tmp_path)[0].name) == len("app.2025-01-14_13-05-59.log")


@MODES
def test_file_that_was_renamed_is_made_anew_with_the_descriptor_it_had(tmp_path: Path, async_write: bool) -> None:
    result = run(
        tmp_path,
        f"""
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        add(async_write={async_write})
        log(100)
        logger.flush()
        spend_descriptors()
        os.rename("app.log", "app.log.1")
        log(1000, 100)
        print(logger.flush())
        """,
        SCARCITY,
    )

    result.check(stdout="True\n", stderr="")
    assert total(tmp_path / "app.log.1", tmp_path / "app.log") == 1100


@MODES
def test_limit_of_the_size_of_files_keeps_lines_until_it_is_lifted(tmp_path: Path, async_write: bool) -> None:
    result = run(
        tmp_path,
        f"""
        add(async_write={async_write})
        limit_files(50_000)
        log(3000)
        print(logger.flush(), os.path.getsize("app.log"))
        limit_files(resource.RLIM_INFINITY)
        log(1, 3000)
        print(logger.flush())
        """,
        SCARCITY,
    )

    result.check(stdout="False 50000\nTrue\n")
    assert total(tmp_path / "app.log") == 3001
    check_reports(result, "File too large", "recovered")


@MODES
def test_rotation_keeps_below_the_limit_of_the_size_of_files(tmp_path: Path, async_write: bool) -> None:
    result = run(
        tmp_path,
        f"limit_files(50_000); add(rotation=40_000, async_write={async_write}); log(3000); print(logger.flush())",
        SCARCITY,
    )

    result.check(stdout="True\n", stderr="")
    assert total(*in_order(tmp_path)) == 3000


@MODES
def test_folder_that_becomes_read_only_keeps_the_file_and_delays_rotation(tmp_path: Path, async_write: bool) -> None:
    with small_disk(tmp_path / "disk", "size=2m") as disk:
        result = run(
            tmp_path,
            f"""
            add("disk/app.log", rotation=20_000, async_write={async_write})
            log(100)
            logger.flush()
            # The open file goes on; its path now leads through a mount that takes no names.
            mount("--bind", "-o", "ro", "disk", "disk")
            log(1000, 100)
            print(logger.flush(), archives("disk"), os.path.getsize("disk/app.log") > 20_000)
            subprocess.run(["umount", "disk"], check=True)
            print(log_until(lambda: archives("disk"), 1100))
            """,
            SCARCITY,
        )

        result.check()
        assert result.stdout.startswith("True [] True\n"), result.stderr
        assert total(*in_order(disk)) == int(result.stdout.split()[-1])
    check_reports(result, "cannot rotate: Read-only file system")


@MODES
def test_disk_that_is_read_only_for_a_while_gets_its_lines_later(tmp_path: Path, async_write: bool) -> None:
    # The kernel refuses to make a disk read-only while a file on it is open. The first line opens this file.
    with small_disk(tmp_path / "disk", "size=2m") as disk:
        result = run(
            tmp_path,
            f"""
            add("disk/app.log", delay=True, async_write={async_write})
            mount("-o", "remount,ro", "disk")
            log(1000)
            print(logger.flush())
            mount("-o", "remount,rw", "disk")
            log(100, 1000)
            print(logger.flush())
            """,
            SCARCITY,
        )

        result.check(stdout="False\nTrue\n")
        assert total(disk / "app.log") == 1100
    check_reports(result, "Read-only file system")


def test_torn_line_on_a_full_disk_does_not_keep_a_program_from_starting(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=256k") as disk:
        (disk / "app.log").write_bytes(b"0 0 0 \n0 0 1 ")
        result = run(
            tmp_path,
            """
            os.truncate("disk/app.log", 4096)
            fill("disk/filler")
            add("disk/app.log")
            log(10)
            print(logger.flush())
            os.unlink("disk/filler")
            print(logger.flush())
            """,
            SCARCITY,
        )

        result.check(stdout="False\nTrue\n")
        held = (disk / "app.log").read_bytes()
    assert held[4096:4097] == b"\n"
    assert held.count(b"\n") == 12
