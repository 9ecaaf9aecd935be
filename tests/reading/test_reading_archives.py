"""Reading archives back: in time order, compressed or not, while other programs rotate and compress them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import signal
import tarfile
import threading
import zipfile

import logly.testing
import pytest
from logly import logger


def zstd(text: bytes) -> bytes:
    """Return a zstd frame of one raw block, as RFC 8878 defines it; the standard library has no zstd yet."""
    assert len(text) < 256
    block = len(text) << 3 | 1
    return b"\x28\xb5\x2f\xfd\x20" + bytes([len(text)]) + block.to_bytes(3, "little") + text


def zipped(text: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("app.log", text)
    return out.getvalue()


def tarred(text: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        member = tarfile.TarInfo("app.log")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return out.getvalue()


PACK = {
    "": bytes,
    ".gz": gzip.compress,
    ".zst": zstd,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zip": zipped,
    ".tar.gz": tarred,
}


@pytest.fixture
def archive(tmp_path):
    """Return a function that makes an archive for a day in January 2025."""

    def archive(day, text, suffix="", number=""):
        made = tmp_path / f"app.2025-01-{day:02}{number}.log{suffix}"
        made.write_bytes(PACK[suffix](text.encode()))
        return str(made)

    return archive


@pytest.mark.parametrize("suffix", PACK)
def test_archive_is_read_whatever_its_compression(suffix, sink, archive):
    path = archive(14, "one\ntwo\n", suffix)
    logger.info("three")

    found = logger.search_log(sink, "o", archives=True)

    assert logger.read(sink, archives=True) == "one\ntwo\nthree\n"
    assert logger.read_all(archives=True) == {sink: "one\ntwo\nthree\n"}
    assert logger.read_lines(sink, 2, -1, archives=True) == ["two", "three"]
    assert logger.line_count(sink, archives=True) == 3
    assert [(each["path"], each["line"]) for each in found] == [(path, 1), (path, 2)]


def test_archives_are_left_out_unless_asked_for(sink, archive):
    archive(14, "one\n")
    logger.info("two")

    assert logger.read(sink) == "two\n"
    assert (logger.line_count(sink), logger.file_size(sink)) == (1, 4)


def test_archives_come_in_time_order_before_the_file(sink, archive):
    archive(15, "four\n")
    archive(14, "three\n", ".gz", ".10")
    archive(14, "two\n", ".xz", ".2")
    archive(14, "one\n")
    logger.info("five")

    lines = logger.read_lines(sink, archives=True)

    assert lines == ["one", "two", "three", "four", "five"]


def test_files_of_others_are_not_read(sink, path):
    for name in ("app.2025-01-14.log.bak", "app.error.log", "app.2025-13-01.log", "xapp.2025-01-14.log"):
        path.with_name(name).write_text("foreign\n")

    assert logger.read(sink, archives=True) == ""


def test_archive_that_was_torn_ends_its_line(sink, archive):
    archive(14, "one\ntor")
    logger.info("two")

    assert logger.read(sink, archives=True) == "one\ntor\ntwo\n"
    assert logger.read_lines(sink, -2, archives=True) == ["tor", "two"]
    assert logger.line_count(sink, archives=True) == 3


def test_lines_of_a_match_are_counted_in_its_file(sink, archive, path):
    first = archive(14, "x\na 1\n")
    second = archive(15, "x\na 2\ny\n", ".gz")
    logger.info("a 3")

    found = logger.search_log(sink, "a", start_line=2, end_line=-2, context_before=9, context_after=9, archives=True)
    last = logger.search_log(sink, "a", start_line=-1, archives=True)

    assert [(each["path"], each["line"], each["content"]) for each in found] == [(first, 2, "a 1"), (second, 2, "a 2")]
    assert [(each["context_before"], each["context_after"]) for each in found] == [(["x"], []), (["x"], ["y"])]
    assert [(each["path"], each["line"]) for each in last] == [(str(path), 1)]


def test_objects_of_archives_are_read_and_named(path, archive):
    sink = logger.add(path, json=True)
    archive(14, '{"a": 1}\n', ".gz")
    broken = archive(15, '{"a": 2}\nbroken\n')

    with pytest.raises(ValueError, match=f"{broken}, line 2: expected a JSON object"):
        logger.read_json(sink, archives=True)
    assert logger.read_json(sink, archives=True, skip_invalid=True) == [{"a": 1}, {"a": 2}]


def test_size_of_archives_is_that_on_the_disk(sink, archive, path):
    archive(14, "x" * 10_000, ".gz")
    logger.info("hello")

    size = path.with_name("app.2025-01-14.log.gz").stat().st_size

    assert logger.file_size(sink, archives=True) == size + 6
    archives = [{"path": str(path.with_name("app.2025-01-14.log.gz")), "size": size}]
    assert logger.file_metadata(sink)["archives"] == archives


@pytest.mark.parametrize("suffix", [suffix for suffix in PACK if suffix])
def test_damaged_archive_is_named(suffix, sink, path):
    made = path.with_name(f"app.2025-01-14.log{suffix}")
    made.write_bytes(b"this is not compressed at all, whatever the name says")

    with pytest.raises(OSError, match="app.2025-01-14.log"):
        logger.read(sink, archives=True)


@pytest.mark.parametrize("suffix", [".gz", ".bz2"])
def test_signal_ends_a_long_search(suffix, sink, path):
    class Alarm(Exception):
        pass

    def ring(*args):
        raise Alarm

    # Decompressed, it is 8 GB.
    part = PACK[suffix](b"x\n" * 1_000_000)
    path.with_name(f"app.2025-01-14.log{suffix}").write_bytes(part * 4_000)
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.2)

    with pytest.raises((Alarm, OSError)) as caught:
        logger.search_log(sink, "needle", archives=True)
    signal.signal(signal.SIGALRM, before)

    assert Alarm in {caught.type, type(caught.value.__cause__)}


def test_deleting_and_clearing_leave_the_archives(sink, archive):
    archive(14, "one\n", ".gz")
    logger.info("two")

    assert logger.clear(sink)
    assert logger.read(sink, archives=True) == "one\n"
    assert logger.delete(sink)
    assert logger.read(sink, archives=True) == "one\n"


def in_background(work):
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_archives_may_be_compressed_meanwhile(sink, archive, path):
    plain = [path.with_name(f"app.2025-01-{day:02}.log") for day in range(1, 29)]
    for number, made in enumerate(plain):
        made.write_text(f"{number}\n")
    expected = "".join(f"{number}\n" for number in range(len(plain)))

    def compress():
        for number, made in enumerate(plain, 1):
            temporary = path.with_name(f".{number}.tmp")
            temporary.write_bytes(gzip.compress(made.read_bytes()))
            temporary.rename(f"{made}.gz")
            made.unlink()

    compressor = in_background(compress)
    texts = {logger.read(sink, archives=True)}
    while compressor.is_alive():
        texts.add(logger.read(sink, archives=True))
    compressor.join()

    assert texts | {logger.read(sink, archives=True)} == {expected}


def test_file_may_be_rotated_meanwhile(path):
    sink = logger.add(path, delay=True)

    def write_and_rotate():
        for number in range(300):
            with path.open("a") as file:
                file.write(f"{number}\n")
            if number % 3 == 2:
                path.rename(path.with_name(f"app.2025-01-14.{number}.log"))

    path.with_name("app.2025-01-14.log").touch()
    writer = in_background(write_and_rotate)
    counts = []
    while writer.is_alive():
        lines = logger.read_lines(sink, archives=True)
        assert lines == [str(number) for number in range(len(lines))]
        counts.append(len(lines))
    writer.join()

    assert counts == sorted(counts)
    assert logger.line_count(sink, archives=True) == 300


def test_rotated_file_is_read_as_one_text(path):
    sink = logger.add(path, format="{message}", rotation="1 kB")
    lines = [f"{number:099}" for number in range(100)]
    for line in lines:
        logger.info(line)

    assert logger.read_lines(sink, archives=True) == lines
    assert logger.read(sink) == "".join(line + "\n" for line in lines[90:])
    assert len(logger.file_metadata(sink)["archives"]) == 9


def test_file_that_is_named_as_if_compressed_is_read_as_it_is(tmp_path):
    sink = logger.add(tmp_path / "app.gz", format="{message}", rotation="4 B")
    for word in ("one", "two"):
        logger.info(word)

    assert logger.read(sink, archives=True) == "one\ntwo\n"


def test_file_with_a_time_in_its_name_is_the_newest(tmp_path):
    with logly.testing.freeze("2025-01-14T23:59:59") as clock:
        sink = logger.add(tmp_path / "app-{time:YYYY-MM-DD}.log", format="{message}", rotation="daily")
        logger.info("one")
        clock.tick(2)
        logger.info("two")

        assert logger.read(sink) == "two\n"
        assert logger.read(sink, archives=True) == "one\ntwo\n"
        assert logger.file_metadata(sink)["path"] == str(tmp_path / "app-2025-01-15.log")


def test_archives_that_are_compressed_meanwhile_are_all_counted(archive, path):
    numbers = range(1, 301)
    for number in numbers:
        archive(1, f"line {number}\n", number=f".{number}" if number > 1 else "")

    sink = logger.add(path, rotation="1 MB", compression="gzip")
    counts = set()
    while any(made.name.endswith(".log") for made in path.parent.glob("app.2*")):
        counts.add(logger.line_count(sink, archives=True))

    assert counts <= {len(numbers)}
