"""Compression of archives: each format and function, the wait in `complete`, and behaviour after a failure."""

from __future__ import annotations

import bz2
import fcntl
import gzip
import lzma
import sys
import tarfile
import threading
import zipfile
from pathlib import Path

import pytest
from logly import logger

from tests.support import child


def from_zip(path):
    """Return the content of the one file in a zip archive."""
    with zipfile.ZipFile(path) as archive:
        (name,) = archive.namelist()
        return archive.read(name)


def from_tar(path):
    """Return the content of the one file in a tar archive."""
    with tarfile.open(path) as archive:
        (name,) = archive.getnames()
        return archive.extractfile(name).read()


READERS = {
    "gz": lambda path: gzip.decompress(path.read_bytes()),
    "bz2": lambda path: bz2.decompress(path.read_bytes()),
    "xz": lambda path: lzma.decompress(path.read_bytes()),
    "zip": from_zip,
    "tar": from_tar,
    "tar.gz": from_tar,
    "tar.bz2": from_tar,
    "tar.xz": from_tar,
}
"""The standard library's reader for each suffix; the tests of the core cover Zstandard."""

FORMATS = [
    ("gzip", "gz"), ("gz", "gz"), ("gzip:1", "gz"), ("gzip:9", "gz"),
    ("bz2", "bz2"), ("bz2:1", "bz2"), ("xz", "xz"), ("xz:0", "xz"),
    ("zip", "zip"), ("zip:9", "zip"), ("tar.gz", "tar.gz"), ("tar.gz:1", "tar.gz"),
    ("tar", "tar"), ("tar.bz2", "tar.bz2"), ("tar.bz2:1", "tar.bz2"), ("tar.xz", "tar.xz"), ("tar.xz:0", "tar.xz"),
]  # fmt: skip

NATIVE_AND_PYTHON = pytest.mark.parametrize(("compression", "suffix"), [("gzip", "gz"), ("xz", "xz")])


@pytest.fixture
def log(tmp_path, no_console):
    """Give a function that logs numbered lines to a file that is rotated after 1 kB."""

    def log(compression, count=100, **options):
        logger.add(tmp_path / "app.log", format="{message}", rotation="1 kB", compression=compression, **options)
        for number in range(count):
            logger.info("line {number:05} {padding}", number=number, padding="x" * 40)

    return log


DESCRIPTORS = Path("/proc/self/fd")


def archives(folder):
    """Return the archives of `app.log`, oldest first."""
    names = [path for path in folder.iterdir() if path.name not in {"app.log", "other"}]
    return sorted(names, key=lambda path: (path.name.split(".")[1], len(path.name), path.name))


def numbers(content):
    """Return the numbers of the lines of a log."""
    return [int(line.split()[1]) for line in content.decode().splitlines()]


@pytest.mark.parametrize(("compression", "suffix"), FORMATS)
def test_archives_hold_what_was_logged(tmp_path, log, compression, suffix):
    log(compression)

    assert logger.complete(timeout=30)

    found = archives(tmp_path)
    assert len(found) >= 4
    assert all(path.name.endswith(f".log.{suffix}") for path in found)
    content = b"".join(READERS[suffix](path) for path in found) + (tmp_path / "app.log").read_bytes()
    assert numbers(content) == list(range(100))


def test_zstd_frames_stand_in_the_archives_place(tmp_path, log):
    log("zstd")

    assert logger.complete(timeout=30)

    found = archives(tmp_path)
    assert len(found) >= 4
    assert all(path.name.endswith(".log.zst") for path in found)
    assert all(path.read_bytes()[:4] == b"\x28\xb5\x2f\xfd" for path in found)


@NATIVE_AND_PYTHON
def test_mode_and_time_of_an_archive_are_kept(tmp_path, log, compression, suffix):
    log(None, permissions=0o640)
    assert logger.complete(timeout=30)
    before = [path.stat() for path in archives(tmp_path)]
    logger.remove_all()

    log(compression, count=0)
    assert logger.complete(timeout=30)

    after = [path.stat() for path in archives(tmp_path)]
    assert all(path.suffix == f".{suffix}" for path in archives(tmp_path))
    assert [(status.st_mode, status.st_mtime_ns) for status in after] == [
        (status.st_mode, status.st_mtime_ns) for status in before
    ]


@NATIVE_AND_PYTHON
def test_what_a_crash_left_is_finished_when_the_sink_is_added(tmp_path, log, compression, suffix):
    log(None)
    assert logger.complete(timeout=30)
    logger.remove_all()
    originals = [(path, path.read_bytes()) for path in archives(tmp_path)]
    torn = tmp_path / f".{originals[0][0].name}.{suffix}.tmp"
    torn.write_bytes(b"torn")
    log(compression, count=0)
    assert logger.complete(timeout=30)
    logger.remove_all()
    # The process was killed after the compressed file got its name and before the original was removed.
    originals[1][0].write_bytes(originals[1][1])

    log(compression, count=0)
    assert logger.complete(timeout=30)

    found = archives(tmp_path)
    assert [path.name for path in found] == [f"{path.name}.{suffix}" for path, _ in originals]
    assert [READERS[suffix](path) for path in found] == [content for _, content in originals]


@NATIVE_AND_PYTHON
def test_a_pair_of_different_content_stays_and_is_told_once(tmp_path, log, capfd, compression, suffix):
    log(None)
    assert logger.complete(timeout=30)
    logger.remove_all()
    original = archives(tmp_path)[0]
    foreign = original.with_name(f"{original.name}.{suffix}")
    foreign.write_bytes(gzip.compress(b"other") if suffix == "gz" else lzma.compress(b"other"))
    content = original.read_bytes()

    for _ in range(2):
        log(compression, count=0)
        assert logger.complete(timeout=30)
        logger.remove_all()

    assert original.read_bytes() == content
    assert READERS[suffix](foreign) == b"other"
    told = capfd.readouterr().err.splitlines()
    assert len(told) == 1
    assert str(original) in told[0]


@NATIVE_AND_PYTHON
def test_an_archive_that_cannot_be_compressed_stays_and_is_told_once(tmp_path, log, capfd, compression, suffix):
    log(None)
    assert logger.complete(timeout=30)
    logger.remove_all()
    original, *others = archives(tmp_path)
    # A folder in the way also blocks root; permissions would not.
    (tmp_path / f".{original.name}.{suffix}.tmp").mkdir()

    for _ in range(2):
        log(compression, count=0)
        assert logger.complete(timeout=30)
        logger.remove_all()

    assert original.exists()
    assert all(path.with_name(f"{path.name}.{suffix}").exists() for path in others)
    told = capfd.readouterr().err.splitlines()
    assert len(told) == 1
    assert f"{original}: cannot be compressed" in told[0]


@NATIVE_AND_PYTHON
def test_an_archive_that_another_process_holds_is_left_for_later(tmp_path, log, compression, suffix):
    log(None)
    assert logger.complete(timeout=30)
    logger.remove_all()
    held = archives(tmp_path)[0]
    with held.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        log(compression, count=0)
        assert logger.complete(timeout=30)
        assert held.exists()
        logger.remove_all()

    log(compression, count=0)
    assert logger.complete(timeout=30)

    assert not held.exists()
    assert held.with_name(f"{held.name}.{suffix}").exists()


def test_a_link_planted_at_a_temporary_name_is_not_followed(tmp_path, log):
    log(None)
    assert logger.complete(timeout=30)
    logger.remove_all()
    victim = tmp_path / "other"
    victim.write_text("precious")
    original = archives(tmp_path)[0]
    (tmp_path / f".{original.name}.gz.tmp").symlink_to(victim)

    log("gzip", count=0)
    assert logger.complete(timeout=30)

    assert victim.read_text() == "precious"
    assert original.with_name(f"{original.name}.gz").is_file()


def test_function_gets_each_new_archive_once(tmp_path, log):
    log(None)
    assert logger.complete(timeout=30)
    logger.remove_all()
    old = [str(path) for path in archives(tmp_path)]
    given = []

    log(given.append)
    assert logger.complete(timeout=30)

    assert all(type(path) is str for path in given)
    assert len(given) == len(set(given)) >= 4
    assert sorted(given + old) == sorted(str(path) for path in archives(tmp_path))


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt])
def test_function_that_raises_is_told_once_and_called_again(tmp_path, log, capfd, error):
    given = []

    def pack(path):
        given.append(path)
        raise error("refused")

    log(pack)
    assert logger.complete(timeout=30)

    assert len(given) >= 4
    told = capfd.readouterr().err.splitlines()
    assert len(told) == 1
    assert f"pack raised {error.__name__}: refused (" in told[0]


def test_waiting_inside_a_function_returns_at_once(log):
    answers = []

    log(lambda _: answers.append(logger.complete()))
    assert logger.complete(timeout=30)

    assert set(answers) == {False}


def test_function_may_log(tmp_path, log):
    logger.add(tmp_path / "other", format="{message}", filter=lambda record: "packed" in record["extra"])

    log(lambda path: logger.info("packed {path}", path=path, packed=True))
    assert logger.complete(timeout=30)
    assert logger.complete(timeout=30)

    assert (tmp_path / "other").read_text().count("packed") >= 4


def test_complete_waits_no_longer_than_it_may(log):
    gate = threading.Event()
    log(lambda _: gate.wait())

    assert not logger.complete(timeout=0.05)
    assert logger.flush(timeout=30)

    gate.set()
    assert logger.complete(timeout=30)


def test_retention_function_gets_all_archives_after_compression(tmp_path, log):
    given = []

    log("gzip", retention=given.append)
    assert logger.complete(timeout=30)

    assert given[-1] == [str(path) for path in archives(tmp_path)]
    assert all(path.endswith(".gz") for path in given[-1])


def test_synchronous_files_are_compressed_too(tmp_path, log):
    log("gzip", async_write=False)
    assert logger.complete(timeout=30)

    assert all(path.suffix == ".gz" for path in archives(tmp_path))


@pytest.mark.parametrize("compression", ["gzip", "xz"])
def test_archives_are_compressed_before_the_process_ends(tmp_path, compression):
    code = """
import sys
from logly import logger
logger.configure(console=False)
logger.add(sys.argv[1], format="{message}", rotation="1 kB", compression=sys.argv[2])
for number in range(100):
    logger.info("line {number} {padding}", number=number, padding="x" * 40)
"""

    finished = child.run(code, tmp_path / "app.log", compression)

    finished.check(stderr="")
    assert {path.suffix for path in archives(tmp_path)} == {".gz" if compression == "gzip" else ".xz"}


def test_function_that_does_not_return_delays_the_end_by_the_exit_timeout_only(tmp_path):
    code = """
import sys, threading
import logly._process.lifecycle
from logly import logger
logly._process.lifecycle.EXIT_TIMEOUT = 0.5
logger.configure(console=False)
logger.add(sys.argv[1], format="{message}", rotation="1 kB", compression=lambda _: threading.Event().wait())
for number in range(100):
    logger.info("line {number} {padding}", number=number, padding="x" * 40)
"""

    finished = child.run(code, tmp_path / "app.log")

    finished.check()
    assert len(finished.stderr.splitlines()) == 1, finished.stderr
    assert "compression was not called with" in finished.stderr, finished.stderr


@pytest.mark.parametrize("compression", ["'gzip'", "'bz2'", "pack"])
def test_forked_child_looks_after_its_own_archives(tmp_path, compression):
    code = f"""
import os, sys
from logly import logger
def pack(path):
    os.rename(path, f"{{path}}.{{os.getpid()}}.packed")
logger.configure(console=False)
def log():
    for number in range(100):
        logger.info("line {{number}} {{padding}}", number=number, padding="x" * 40)
logger.add(sys.argv[1], format="{{message}}", rotation="1 kB", compression={compression})
log()
process = os.fork()
if process == 0:
    log()
    os._exit(0 if logger.complete(timeout=20) else 1)
assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
assert logger.complete(timeout=20)
"""

    finished = child.execute(
        [sys.executable, "-W", "ignore:This process:DeprecationWarning", "-c", code, tmp_path / "app.log"]
    )

    finished.check(stderr="")
    assert len(archives(tmp_path)) >= 8
    assert all(path.suffix in {".gz", ".bz2", ".packed"} for path in archives(tmp_path))


def test_missing_module_is_told_once_and_archives_stay(tmp_path, log, capfd, monkeypatch):
    monkeypatch.setitem(sys.modules, "lzma", None)

    log("xz")
    assert logger.complete(timeout=30)

    assert all(path.suffix == ".log" for path in archives(tmp_path))
    assert numbers(b"".join(path.read_bytes() for path in archives(tmp_path)))[:2] == [0, 1]
    assert all("cannot be compressed" in line for line in capfd.readouterr().err.splitlines())


def test_descriptors_are_given_back(tmp_path, log):
    def log_more():
        for number in range(100):
            logger.info("line {number:05} {padding}", number=number, padding="x" * 40)
        assert logger.complete(timeout=30)
        return len(list(DESCRIPTORS.iterdir()))

    log("gzip")
    before = log_more()

    assert log_more() == before
