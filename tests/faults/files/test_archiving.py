"""Compression and retention that are killed, find leftovers, links and foreign files, or may not remove an archive."""

from __future__ import annotations

import gzip
import io
import os
import random
import shutil
import stat
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
import zstandard

from tests.faults.support.oracle import PRELUDE, check_log, run
from tests.support import child

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMATS = pytest.mark.parametrize("compression", ["gzip", "zstd"])
SUFFIXES = {"gzip": ".gz", "zstd": ".zst"}
DAYS = ["2025-01-13", "2025-01-14", "2025-01-15", "2025-01-16"]
KILLS = 60 if os.environ.get("LOGLY_STRESS") else 5

# Adding the sink starts maintenance of the existing archives.
TEND = "logger.add('app.log', rotation='daily', {options}); print(logger.complete(timeout=60))"


def lines(count: int, start: int = 0) -> bytes:
    """Return lines of one thread, in the oracle's format."""
    return b"".join(b"1 1 %d %s\n" % (number, b"x" * (number % 40)) for number in range(start, start + count))


def compressed(content: bytes, suffix: str) -> bytes:
    return gzip.compress(content) if suffix == ".gz" else zstandard.compress(content)


def content(path: Path) -> bytes:
    """Return an archive's content; raise an error if the archive is not whole."""
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".zst":
        return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(path.read_bytes())).read()
    return path.read_bytes()


def tend(folder: Path, **options: object) -> str:
    """Run maintenance of a folder's archives; return the output on standard error."""
    written = ", ".join(f"{name}={value!r}" for name, value in options.items())
    result = run(folder, TEND.format(options=written))
    result.check(stdout="True\n")
    return result.stderr


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"app.log"}


@FORMATS
def test_killed_compression_is_finished_by_the_next_start(tmp_path: Path, compression: str) -> None:
    size = 30_000
    chance = random.Random(1)
    level = {"gzip": "gzip:6", "zstd": "zstd:15"}[compression]
    for kill in range(KILLS):
        for number, day in enumerate(DAYS, kill * len(DAYS)):
            (tmp_path / f"app.{kill + 2000}{day[4:]}.log").write_bytes(lines(size, number * size))
        kill_within(tmp_path, level, chance.uniform(0, 0.05))
        # At any moment each archive exists whole, compressed or not.
        for archive in tmp_path.glob(f"app.{kill + 2000}*"):
            assert content(archive).count(b"\n") == size, archive.name

    told = tend(tmp_path, compression=level)

    assert told == ""
    assert len(names(tmp_path)) == KILLS * len(DAYS)
    assert {"." + name.rpartition(".")[2] for name in names(tmp_path)} == {SUFFIXES[compression]}
    (tmp_path / "all").write_bytes(b"".join(content(path) for path in sorted(tmp_path.glob("app.2*"))))
    assert sum(check_log(tmp_path / "all").values()) == size * len(DAYS) * KILLS


def kill_within(folder: Path, compression: str, seconds: float) -> None:
    """Kill a process that compresses a folder's archives, *seconds* after it begins with one."""
    program = PRELUDE + TEND.format(options=f"compression={compression!r}")
    process = subprocess.Popen([sys.executable, "-c", program], cwd=folder, stdout=subprocess.DEVNULL)
    while not list(folder.glob(".app.*.tmp")) and process.poll() is None:
        time.sleep(0.001)
    time.sleep(seconds)
    process.kill()
    process.wait()


@FORMATS
def test_temporary_file_of_a_crash_is_replaced(tmp_path: Path, compression: str) -> None:
    suffix = SUFFIXES[compression]
    (tmp_path / f"app.{DAYS[0]}.log").write_bytes(lines(100))
    (tmp_path / f".app.{DAYS[0]}.log{suffix}.tmp").write_bytes(compressed(lines(100), suffix)[:50])

    told = tend(tmp_path, compression=compression)

    assert (told, names(tmp_path)) == ("", {f"app.{DAYS[0]}.log{suffix}"})
    assert content(tmp_path / f"app.{DAYS[0]}.log{suffix}") == lines(100)


@FORMATS
def test_original_that_a_crash_left_beside_its_archive_goes(tmp_path: Path, compression: str) -> None:
    suffix = SUFFIXES[compression]
    (tmp_path / f"app.{DAYS[0]}.log").write_bytes(lines(100))
    (tmp_path / f"app.{DAYS[0]}.log{suffix}").write_bytes(compressed(lines(100), suffix))

    told = tend(tmp_path, compression=compression)

    assert (told, names(tmp_path)) == ("", {f"app.{DAYS[0]}.log{suffix}"})


@FORMATS
@pytest.mark.parametrize("damage", ["cut", "other content", "empty"])
def test_compressed_file_that_is_not_the_original_costs_nothing(tmp_path: Path, compression: str, damage: str) -> None:
    suffix = SUFFIXES[compression]
    held = {"cut": compressed(lines(100), suffix)[:-20], "other content": compressed(b"other", suffix), "empty": b""}
    (tmp_path / f"app.{DAYS[0]}.log").write_bytes(lines(100))
    (tmp_path / f"app.{DAYS[0]}.log{suffix}").write_bytes(held[damage])

    told = tend(tmp_path, compression=compression)

    assert len(told.splitlines()) == 1
    assert "both stay" in told
    assert (tmp_path / f"app.{DAYS[0]}.log").read_bytes() == lines(100)
    assert (tmp_path / f"app.{DAYS[0]}.log{suffix}").read_bytes() == held[damage]


@FORMATS
def test_links_planted_at_predictable_names_are_not_followed(tmp_path: Path, compression: str) -> None:
    suffix = SUFFIXES[compression]
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    for day in DAYS[:3]:
        (tmp_path / f"app.{day}.log").write_bytes(lines(100))
    (tmp_path / f".app.{DAYS[0]}.log{suffix}.tmp").symlink_to(victim)
    (tmp_path / f"app.{DAYS[1]}.log{suffix}").symlink_to(victim)
    (tmp_path / f"app.{DAYS[2]}.log{suffix}").symlink_to(tmp_path / "nowhere")

    told = tend(tmp_path, compression=compression)

    assert victim.read_bytes() == b"precious"
    assert not (tmp_path / "nowhere").exists()
    assert content(tmp_path / f"app.{DAYS[0]}.log{suffix}") == lines(100)
    assert not (tmp_path / f".app.{DAYS[0]}.log{suffix}.tmp").is_symlink()
    for day in DAYS[1:3]:
        assert (tmp_path / f"app.{day}.log").read_bytes() == lines(100)
        assert (tmp_path / f"app.{day}.log{suffix}").is_symlink()
        assert told.count(f"app.{day}.log") >= 1
    assert len(told.splitlines()) == 2


FOREIGN = [
    "app.log.important",
    "app.log.bak",
    "app.error.log",
    "app.log.md",
    "app.log.zip",
    "app.log.1",
    "app.2025-01-14.log.orig",
    "app.2025-13-01.log",
    "app.2025-01-14.1.log",
]


@pytest.mark.parametrize("name", ["app.log", "app[1x].log", "a*.log", "{x}.log", "%s", "app"])
def test_retention_touches_nothing_of_others(tmp_path: Path, name: str) -> None:
    stem, ending = name.removesuffix(".log"), ".log" if name.endswith(".log") else ""
    foreign = [other.replace("app", stem, 1) for other in FOREIGN]
    # Names that the special characters in the file name would match if they were read as a pattern.
    foreign += [f"{other}.2025-01-10{ending}" for other in ("app1", "ab", "y", "[1x]", "text") if other != stem]
    own = [f"{stem}.{day}{ending}" for day in DAYS]
    for other in [*foreign, *own]:
        (tmp_path / other).write_bytes(b"content")
    (tmp_path / f"{stem}.2025-01-11{ending}").mkdir()
    (tmp_path / f"{stem}.2025-01-12{ending}").symlink_to(tmp_path / foreign[0])
    (tmp_path / f"{stem}.2025-01-09{ending}").symlink_to("nowhere")
    program = (
        "logger.add({name!r}, rotation='daily', retention=1, compression={how!r}); print(logger.complete(timeout=60))"
    )

    result = run(tmp_path, program.format(name=name, how="gzip"))

    result.check(stdout="True\n", stderr="")
    assert not {path.name for path in tmp_path.iterdir()} & set(own)
    for other in foreign:
        assert (tmp_path / other).read_bytes() == b"content", other
    assert (tmp_path / f"{stem}.2025-01-11{ending}").is_dir()
    assert (tmp_path / f"{stem}.2025-01-12{ending}").is_symlink()
    assert (tmp_path / f"{stem}.2025-01-09{ending}").is_symlink()
    assert gzip.decompress((tmp_path / f"{own[-1]}.gz").read_bytes()) == b"content"


@pytest.fixture
def fixed(tmp_path: Path) -> Iterator[Path]:
    """Give an archive that even root cannot change or remove."""
    path = tmp_path / f"app.{DAYS[1]}.log"
    path.write_bytes(lines(100))
    chattr = shutil.which("chattr")
    if chattr is None or child.execute([chattr, "+i", path]).returncode != 0:
        pytest.skip("needs chattr +i, and root")
    yield path
    child.execute([chattr, "-i", path]).check()


@pytest.mark.parametrize("options", [{"retention": 1}, {"compression": "gzip"}], ids=["retention", "compression"])
def test_archive_that_cannot_be_removed_is_told_once_and_skipped(
    tmp_path: Path, fixed: Path, options: dict[str, object]
) -> None:
    others = [DAYS[0], *DAYS[2:]]
    for day in others:
        (tmp_path / f"app.{day}.log").write_bytes(lines(100))
    add = "logger.add('app.log', rotation='daily', delay=True, **{options}); assert logger.complete(timeout=60);"

    result = run(tmp_path, add.format(options=options) * 3)

    result.check()
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert fixed.name in result.stderr, result.stderr
    assert fixed.read_bytes() == lines(100)
    kept = {f"app.{day}.log.gz" for day in others} if "compression" in options else {f"app.{DAYS[3]}.log"}
    assert names(tmp_path) - {f"{fixed.name}.gz"} == {fixed.name, *kept}


@pytest.mark.parametrize("compression", [None, "gzip", "zstd"])
@pytest.mark.parametrize("how", ["created before", "permissions"])
def test_private_file_stays_private_through_all_of_its_life(tmp_path: Path, compression: str | None, how: str) -> None:
    if how == "created before":
        (tmp_path / "app.log").touch(mode=0o600)
    permissions = 0o600 if how == "permissions" else None
    result = run(
        tmp_path,
        f"""
        os.umask(0)
        add(rotation=20_000, compression={compression!r}, permissions={permissions})
        log(2000)
        print(logger.complete(timeout=60))
        """,
    )

    result.check(stdout="True\n", stderr="")
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(found) > 3
    assert set(found.values()) == {0o600}, found
