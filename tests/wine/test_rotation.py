"""Rotation, compression and retention under wine, with programs that have files open."""

from __future__ import annotations

import gzip

import pytest

_LOG = """
    from logly import logger
    logger.remove()
    logger.configure(show_time=False)
    def log(numbers):
        for number in numbers:
            logger.info("{number:05}" + "x" * 90, number=number)
        logger.complete()
"""


def _numbers(folder) -> list[int]:
    """Return the numbers in all files, none of which is compressed. In each file they only grow."""
    numbers = []
    for name in folder.names():
        found = [int(line.split(" | ")[1][:5]) for line in folder.lines(name)]
        assert found == sorted(found)
        numbers += found
    return sorted(numbers)


@pytest.mark.parametrize("options", ["", "async_write=False"])
def test_a_file_rotates_by_size(folder, options):
    folder.run(_LOG, f"logger.add('app.log', rotation='10 KB', {options})\nlog(range(1000))")

    assert len(folder.names()) > 5
    assert _numbers(folder) == list(range(1000))


def test_a_file_rotates_while_a_reader_that_shares_it_has_it_open(folder):
    output = folder.run(
        _LOG,
        """
    import ctypes
    logger.add("app.log", rotation="10 KB")
    log(range(10))
    kernel = ctypes.WinDLL("kernel32")
    kernel.CreateFileW.restype = ctypes.c_void_p
    reads, shares_all, opens_existing = 0x80000000, 7, 3
    handle = ctypes.c_void_p(kernel.CreateFileW("app.log", reads, shares_all, None, opens_existing, 0, None))
    log(range(10, 300))
    text, count = ctypes.create_string_buffer(5), ctypes.c_ulong()
    print(kernel.SetFilePointer(handle, 7, None, 0))
    print(kernel.ReadFile(handle, text, 5, ctypes.byref(count), None), text.value)
    """,
    )

    assert output == "7\n1 b'00000'\n"
    assert len(folder.names()) > 2
    assert _numbers(folder) == list(range(300))


def test_a_rotation_waits_for_a_reader_that_does_not_share_the_file(folder):
    output, errors = folder.run_with_errors(
        _LOG,
        """
    import os
    from time import sleep
    logger.add("app.log", rotation="10 KB")
    log(range(10))
    with open("app.log") as reader:
        log(range(10, 300))
        print(len(os.listdir()) - 1, sum(1 for line in reader))
    for number in range(300, 400):
        log([number])
        sleep(0.01)
    """,
    )

    assert output == "1 300\n"
    refused, recovered = errors.splitlines()
    assert "app.log: cannot rotate: Sharing violation" in refused
    assert "app.log: rotation recovered after" in recovered
    assert len(folder.names()) > 1
    assert _numbers(folder) == list(range(400))


@pytest.mark.parametrize("how", ["gzip", "zstd"])
def test_archives_are_compressed(folder, how):
    folder.run(_LOG, f"logger.add('app.log', rotation='10 KB', compression={how!r})\nlog(range(300))")

    packed = [name for name in folder.names() if name != "app.log"]
    assert len(packed) > 1
    assert all(name.endswith({"gzip": ".gz", "zstd": ".zst"}[how]) for name in packed)
    if how == "gzip":
        lines = b"".join(gzip.decompress((folder.path / name).read_bytes()) for name in packed)
        assert len(lines.splitlines()) + len(folder.lines()) == 300


def test_archives_are_read_back_compressed_or_not(folder):
    output = folder.run(
        _LOG,
        """
    sink = logger.add("app.log", rotation="10 KB", compression="zstd")
    log(range(300))
    print(logger.line_count(sink, archives=True), len(logger.read(sink, archives=True).splitlines()))
    """,
    )

    assert output == "300 300\n"


def test_retention_removes_the_oldest_archives(folder):
    folder.run(_LOG, "logger.add('app.log', rotation='10 KB', retention=2)\nlog(range(1000))")

    assert len(folder.names()) == 3
    assert _numbers(folder)[-1] == 999


def test_an_archive_that_a_reader_has_open_is_removed_later(folder):
    _, errors = folder.run_with_errors(
        _LOG,
        """
    import glob
    logger.add("app.log", rotation="10 KB", retention=1)
    log(range(150))
    with open(glob.glob("app.2*.log")[0]) as reader:
        log(range(150, 500))
    log(range(500, 700))
    """,
    )

    assert "cannot be removed" in errors
    assert len(folder.names()) == 2


def test_a_function_compresses(folder):
    folder.run(
        _LOG,
        """
    import os
    def pack(path):
        os.rename(path, path + ".gz")
    logger.add("app.log", rotation="10 KB", compression=pack)
    log(range(300))
    """,
    )

    assert any(name.endswith(".log.gz") for name in folder.names())
