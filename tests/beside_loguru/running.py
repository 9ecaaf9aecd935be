"""Runs a program on Loguru and on `logly.loguru`, and gives what each left: its output and its files."""

from __future__ import annotations

import bz2
import codecs
import contextlib
import gzip
import io
import json
import lzma
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

from logly.cli.move.imports import edits
from logly.cli.move.source import Source

from tests.beside_loguru.normalising import STAMP, normal, normal_name
from tests.support.child import environment_of

LIBRARIES = ("loguru", "logly.loguru")

_ROOT = Path(__file__).resolve().parents[2]
_NAME = "program.py"


class Outcome(NamedTuple):
    """What a program left on one library, after `normalising`."""

    state: int
    stdout: str
    stderr: str
    files: dict[str, str]

    def __str__(self):
        """Return all of it, for reports."""
        state = f"[state {self.state}]\n" if self.state else ""
        files = "".join(f"[{name}]\n{text}" for name, text in self.files.items())
        errors = f"[stderr]\n{self.stderr}" if self.stderr else ""
        return f"{state}{self.stdout}{errors}{files}"


class Runner:
    """Processes that run programs, one for each library; used in a `with` statement."""

    def __init__(self, libraries=LIBRARIES, **environment):
        """Choose what to run on; `environment` changes variables."""
        self._libraries = libraries
        self._environment = {"TZ": "UTC", "PYTHONPATH": str(_ROOT), **environment}

    def __enter__(self):
        self._folder = Path(tempfile.mkdtemp())
        self._children = [self._start(library) for library in self._libraries]
        return self

    def _start(self, library):
        arguments = [sys.executable, "-m", "tests.beside_loguru.child", library]
        environment = environment_of(self._environment)
        pipe = subprocess.PIPE
        with (self._folder / f"{library}.txt").open("wb") as errors:
            return subprocess.Popen(
                arguments, stdin=pipe, stdout=pipe, stderr=errors, env=environment, encoding="utf-8"
            )

    def __exit__(self, *_):
        for child in self._children:
            with contextlib.suppress(BrokenPipeError):
                child.stdin.close()
            child.stdout.close()
            child.wait()
        shutil.rmtree(self._folder)

    def run(self, source):
        """Run a program written for Loguru on each library, at the same time; return the outcomes."""
        folders = []
        for library, child in zip(self._libraries, self._children):
            folder = Path(tempfile.mkdtemp(dir=self._folder))
            (folder / _NAME).write_bytes(_written_for(library, source))
            # If the process has ended, its answer is missing, and its errors are reported.
            with contextlib.suppress(BrokenPipeError):
                child.stdin.write(json.dumps({"folder": str(folder), "name": _NAME}) + "\n")
                child.stdin.flush()
            folders.append(folder)
        return [self._outcome(child, folder) for child, folder in zip(self._children, folders)]

    def _outcome(self, child, folder):
        answer = child.stdout.readline()
        if not answer:
            child.wait()
            errors = [path.read_text("utf-8") for path in self._folder.glob("*.txt")]
            raise AssertionError("\n".join(["a process that runs programs has ended", *errors]))
        ids = (folder / "ids.txt").read_text("utf-8").split()
        texts = [(folder / name).read_bytes().decode("utf-8", "replace") for name in ("stdout.txt", "stderr.txt")]
        files = {}
        for path in sorted(_files(folder / "files")):
            name = normal_name(str(path.relative_to(folder / "files")))
            content = normal(_content(path), folder, ids)
            # Archives of one name follow each other in order of time. Empty ones are a difference that is kept.
            if content or STAMP not in name:
                files[name] = files.get(name, "") + content
        outcome = Outcome(int(answer), *(normal(text, folder, ids) for text in texts), files)
        shutil.rmtree(folder)
        return outcome


def _written_for(library, source):
    """Return a program's bytes, with imports that are moved if it runs on `logly.loguru`."""
    data = source.encode()
    if library == "loguru":
        return data
    program = Source(data)
    return program.edited(edits(program)[0])


def _files(folder):
    return (Path(path) / name for path, _, names in os.walk(folder) for name in names)


def _content(path):
    """Return the text of a file, also of one that was compressed."""
    data = _UNPACKED.get(path.suffix, bytes)(path.read_bytes())
    if data.startswith(codecs.BOM_UTF16):
        return data.decode("utf-16")
    return data.decode("utf-8", "backslashreplace")


def _unzipped(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


def _decompressed(data):
    data = gzip.decompress(data)
    if data[257:262] != b"ustar":
        return data
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return b"".join(archive.extractfile(member).read() for member in archive)


_UNPACKED = {".gz": _decompressed, ".bz2": bz2.decompress, ".xz": lzma.decompress, ".zip": _unzipped}
