"""Archives and files whose few bytes expand to gigabytes: reading them raises an error, and no process dies."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import struct
import sys
import tarfile
import zipfile

import logly
import pytest
from logly import logger

from tests.support import child

MEBIBYTE = 1024 * 1024
CONTENT, MEMORY, PIECE = 384, 256, 64
"""In mebibytes: the content of an archive, the extra memory a process may take, and one part of the content."""

FORMS = ["gz", "zst", "xz", "zip", "tar.gz"]


def zstd(filling: bytes, mebibytes: int) -> bytes:
    """Return zstd frames of blocks that repeat one byte, as RFC 8878 defines them."""
    block = ((128 * 1024) << 3 | 0b010).to_bytes(3, "little") + filling
    last = ((128 * 1024) << 3 | 0b011).to_bytes(3, "little") + filling
    header = b"\x28\xb5\x2f\xfd\x80\x50" + (MEBIBYTE).to_bytes(4, "little")
    return (header + block * 7 + last) * mebibytes


def tarred(content: bytes, mebibytes: int, form: str) -> bytes:
    """Return a compressed tar archive, whose member consists of separately compressed pieces."""
    head = tarfile.TarInfo("app.log")
    head.size = mebibytes * MEBIBYTE
    pack = gzip.compress if form == "gz" else lzma.compress
    return pack(head.tobuf()) + pack(content) * (mebibytes // PIECE) + pack(bytes(1024))


def packed(form: str, filling: bytes = b"\0", mebibytes: int = CONTENT) -> bytes:
    """Return an archive of one repeated byte."""
    piece = filling * (PIECE * MEBIBYTE)
    if form == "zst":
        return zstd(filling, mebibytes)
    if form == "zip":
        out = io.BytesIO()
        with (
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            archive.open("app.log", "w", force_zip64=True) as member,
        ):
            for _ in range(mebibytes // PIECE):
                member.write(piece)
        return out.getvalue()
    if form.startswith("tar"):
        return tarred(piece, mebibytes, form[4:])
    pack = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lambda text: lzma.compress(text, preset=0)}[form]
    return pack(piece) * (mebibytes // PIECE)


@pytest.fixture(scope="module", params=FORMS)
def form(request):
    """Give an archive format, and an archive in it that holds many NULs."""
    return request.param, packed(request.param)


READ = f"""
import resource, sys
import logly
from logly import logger
logger.configure(console=False)
sink = logger.add("app.log", delay=True)
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize() + {MEMORY * MEBIBYTE}
resource.setrlimit(resource.RLIMIT_AS, (size, size))
try:
    print(len(eval(sys.argv[1])))
except (OSError, MemoryError) as error:
    print(type(error).__name__, error)
logger.error("still here")
assert logger.complete(10)
"""


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("logger.read_lines(sink, 1, 1, archives=True)", "OSError"),
        ("logger.search_log(sink, 'x', archives=True)", "OSError"),
        ("logger.search_log(sink, 'x+', use_regex=True, archives=True)", "OSError"),
        ("logger.read(sink, archives=True)", "Error"),
        ("logger.read_all(archives=True)", "Error"),
        ("logger.read_json(sink, archives=True)", "Error"),
        ("range(logger.line_count(sink, archives=True))", "1\n"),
    ],
    ids=["read_lines", "search", "search by expression", "read", "read_all", "read_json", "line_count"],
)
def test_archive_of_very_many_nuls_ends_no_process(form, call, expected, tmp_path):
    suffix, archive = form
    (tmp_path / f"app.2025-01-14.log.{suffix}").write_bytes(archive)

    finished = child.run(READ, call, cwd=tmp_path)

    finished.check(stderr="")
    assert expected in finished.stdout
    assert (tmp_path / "app.log").read_text().endswith("still here\n")


def test_error_names_the_archive_and_says_why(tmp_path):
    (tmp_path / "app.2025-01-14.log.zst").write_bytes(packed("zst", mebibytes=128))
    sink = logger.add(tmp_path / "app.log")

    with pytest.raises(OSError, match=r"app\.2025-01-14\.log\.zst: a line has more than 64 MiB"):
        logger.read_lines(sink, archives=True)


@pytest.mark.parametrize("call", ["read_lines(sink, archives=True)", "search_log(sink, '', archives=True)"])
def test_archive_of_very_many_line_breaks_ends_no_process(call, tmp_path):
    (tmp_path / "app.2025-01-14.log.zst").write_bytes(packed("zst", b"\n"))

    finished = child.run(READ, f"logger.{call}", cwd=tmp_path)

    finished.check(stderr="")
    assert "Error" in finished.stdout


def test_line_of_many_megabytes_is_read(tmp_path):
    line = "x" * (40 * MEBIBYTE)
    (tmp_path / "app.log").write_text(f"{line}\nnext\n")
    sink = logger.add(tmp_path / "app.log", delay=True)

    assert logger.read_lines(sink) == [line, "next"]
    assert [found["line"] for found in logger.search_log(sink, "xx", max_results=5)] == [1]
    assert logger.line_count(sink) == 2


def test_header_of_a_tar_archive_that_asks_for_a_gibibyte_is_refused(tmp_path):
    head = tarfile.TarInfo("pax")
    head.type, head.size = tarfile.XHDTYPE, 1024 * MEBIBYTE
    content = gzip.compress(head.tobuf()) + gzip.compress(bytes(PIECE * MEBIBYTE)) * 16
    path = tmp_path / "app.2025-01-14.log.tar.gz"
    path.write_bytes(content)
    sink = logger.add(tmp_path / "app.log")

    with pytest.raises(OSError, match="its headers are too large"):
        logger.read(sink, archives=True)
    with pytest.raises(OSError, match="its headers are too large"):
        list(logly.parse(path, "(?P<x>x)"))


def test_parse_goes_through_much_text_without_a_match_in_little_memory(tmp_path):
    path = tmp_path / "app.log.zst"
    path.write_bytes(packed("zst", mebibytes=192) + zstd(b"x", 1))

    finished = child.run(READ, f"list(logly.parse({os.fspath(path)!r}, 'x(?P<last>x+)'))", cwd=tmp_path)

    finished.check(stdout="1\n")


def test_small_archives_are_read_as_before(tmp_path):
    for day, form in enumerate(FORMS, 10):
        (tmp_path / f"app.2025-01-{day}.log.{form}").write_bytes(packed(form, b"\n", PIECE))
    sink = logger.add(tmp_path / "app.log")

    assert logger.line_count(sink, archives=True) == len(FORMS) * PIECE * MEBIBYTE


def members(form: str, names: list[str]) -> bytes:
    """Return an archive of files that hold their name and a line break; a name that ends in a slash is a folder."""
    out = io.BytesIO()
    if form == "zip":
        with zipfile.ZipFile(out, "w") as archive:
            for name in names:
                archive.writestr(name, "" if name.endswith("/") else f"{name}\n")
        return out.getvalue()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name in names:
            head = tarfile.TarInfo(name.rstrip("/"))
            head.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            content = b"" if name.endswith("/") else f"{name}\n".encode()
            head.size = len(content)
            archive.addfile(head, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize("form", ["zip", "tar.gz"])
def test_all_files_of_an_archive_are_read(form, tmp_path):
    path = tmp_path / f"app.2025-01-14.log.{form}"
    path.write_bytes(members(form, ["logs/", "logs/one", "logs/empty/", "logs/two"]))
    sink = logger.add(tmp_path / "app.log")

    assert logger.read(sink, archives=True) == "logs/one\nlogs/two\n"
    assert [found["name"] for found in logly.parse(path, "logs/(?P<name>.+)")] == ["one", "two"]


@pytest.mark.parametrize("form", ["zip", "tar.gz"])
@pytest.mark.parametrize("names", [[], ["logs/"]], ids=["none", "folder"])
def test_archive_without_a_file_is_an_error(form, names, tmp_path):
    # Before Python 3.11, some releases themselves fail to read an archive of nothing, with words of their own.
    is_unread = form == "tar.gz" and not names and sys.version_info < (3, 11)
    expected = "seeking backwards|no file in it" if is_unread else "no file in it"
    path = tmp_path / f"app.2025-01-14.log.{form}"
    path.write_bytes(members(form, names))
    sink = logger.add(tmp_path / "app.log")

    with pytest.raises(OSError, match=expected):
        logger.read(sink, archives=True)
    if form == "zip" or names:
        with pytest.raises(OSError, match="no file in it"):
            logly.parse(path, "(?P<x>x)")


def test_sparse_file_in_an_archive_is_refused(tmp_path):
    head = bytearray(tarfile.TarInfo("app.log").tobuf())
    head[156:157] = tarfile.GNUTYPE_SPARSE
    head[386:410] = b"%011o\0%011o\0" % (0, 0)
    head[483:495] = b"%011o\0" % (8**11 - 1)
    head[148:156] = b"%06o\0 " % (sum(head[:148]) + 256 + sum(head[156:512]))
    path = tmp_path / "app.2025-01-14.log.tar"
    path.write_bytes(bytes(head) + bytes(1024))
    sink = logger.add(tmp_path / "app.log")

    with pytest.raises(OSError, match="a sparse file is in it"):
        logger.line_count(sink, archives=True)


@pytest.mark.parametrize("form", ["zip", "tar.gz"])
def test_archive_of_very_many_files_takes_little_memory(form, tmp_path):
    path = tmp_path / f"app.log.{form}"
    path.write_bytes(members(form, [f"{number:06}" for number in range(5_000)]) if form == "zip" else many_in_tar())

    read = f"list(logly.parse({os.fspath(path)!r}, '(?P<x>[0-9]{{6}})'))"

    # Without a GIL, `tarfile` takes half a minute.
    finished = child.run(READ, read, cwd=tmp_path, timeout=5 * child.LIMIT)

    finished.check(stdout=f"{5_000 if form == 'zip' else 400_000}\n")


def many_in_tar() -> bytes:
    """Return a tar archive of 400,000 files; a reader that remembers each needs more memory than it has."""
    head = tarfile.TarInfo("app.log")
    head.size = 7
    member = head.tobuf() + b"000000\n".ljust(512, b"\0")
    return gzip.compress(member * 8_000, compresslevel=1) * 50 + gzip.compress(bytes(1024))


def test_directory_of_a_zip_archive_that_asks_for_gigabytes_is_refused(tmp_path):
    path = tmp_path / "app.2025-01-14.log.zip"
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(4096 * MEBIBYTE)
        file.seek(0, os.SEEK_END)
        file.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 0xF0000000, 100, 0))
    sink = logger.add(tmp_path / "app.log")

    with pytest.raises(OSError, match="its headers are too large"):
        logger.read(sink, archives=True)
