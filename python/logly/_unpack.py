"""Archives that the standard library decompresses: bz2, xz, zip and tar, as streams of bytes.

Imported by the extension when it meets the first of them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO


def unpack(path: str, suffix: str) -> IO[bytes] | None:
    """Open what the archive at *path* holds; None when it was removed meanwhile.

    Raises:
        OSError: It cannot be read, or is none.
    """
    try:
        return _OPEN[suffix](path)
    except FileNotFoundError:
        return None


def _bz2(path: str) -> IO[bytes]:
    import bz2  # noqa: PLC0415 - each is needed where such archives are read alone

    return bz2.open(path)


def _xz(path: str) -> IO[bytes]:
    import lzma  # noqa: PLC0415 - see above

    return lzma.open(path)


def _zip(path: str) -> IO[bytes]:
    import zipfile  # noqa: PLC0415 - see above

    archive = zipfile.ZipFile(path)
    # The member keeps the file open for as long as it needs it.
    with archive:
        return archive.open(archive.namelist()[0])


def _tar(path: str) -> IO[bytes]:
    import tarfile  # noqa: PLC0415 - see above
    import weakref  # noqa: PLC0415 - see above

    source = open(path, "rb")  # noqa: PTH123, SIM115 - open for as long as its member is
    try:
        archive = tarfile.open(fileobj=source)  # noqa: SIM115 - it is read by whoever called
        member = archive.next()
        text = None if member is None else archive.extractfile(member)
    except BaseException:
        source.close()
        raise
    if text is None:
        source.close()
        message = f"{path}: no file in it"
        raise OSError(message)
    weakref.finalize(text, source.close)
    return text


_OPEN = {"bz2": _bz2, "xz": _xz, "zip": _zip, **dict.fromkeys(("tar", "tar.gz", "tar.bz2", "tar.xz"), _tar)}
