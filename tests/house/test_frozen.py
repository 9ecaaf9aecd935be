"""Frozen programs: tools that follow imports find everything that logly imports, and a frozen program works."""

from __future__ import annotations

import re
import sys
from modulefinder import ModuleFinder
from pathlib import Path

import logly
import pytest
from logly._process import forks

from tests.support import child

PACKAGE = Path(logly.__file__).parent
SOURCES = Path(__file__).resolve().parent.parent.parent / "src"

NAMED_BY_PROGRAMS = re.compile(
    r"logly\.(__main__|cli\b.*|pytest_plugin|_testing\.caplog"
    r"|integrations\.(asgi|celery|django|fastapi|flask|granian|gunicorn|hypercorn|opentelemetry|starlette|stdlib|uvicorn|wsgi"
    r"|_servers|_access_lines|_requests|_middleware|_lifespan))"
)
"""Modules that run separately from a program, and modules for one library or server, which programs import by name."""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Return the names of all modules that `import logly` leads to, including imports in functions never called."""
    # Packages beside an installed logly are not looked at: ModuleFinder fails on those without an `__init__.py`.
    folder = tmp_path_factory.mktemp("alone")
    (folder / "logly").symlink_to(PACKAGE)
    finder = ModuleFinder(path=[str(folder)])
    finder.import_hook("logly")
    missing, maybe = finder.any_missing_maybe()
    return {*finder.modules, *missing, *maybe}


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ("logly", *path.relative_to(PACKAGE).with_suffix("").parts)
        yield ".".join(part for part in parts if part != "__init__")


@pytest.mark.parametrize("module", [name for name in modules() if NAMED_BY_PROGRAMS.fullmatch(name) is None])
def test_module_is_reached_by_imports_from_the_package(found, module):
    assert module in found


def test_whatever_the_extension_imports_is_reached_by_imports(found):
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.rs") if path.name != "tests.rs")
    by_rust = {
        *re.findall(r'\bimport\("([\w.]+)"\)', code),
        *re.findall(r'"(logly\.\w+)",\s*(?:"|name)', code),
    }

    assert "logly._files.archiver" in by_rust
    assert by_rust - found - {"builtins", "gc", "sys"} == set()


def test_whatever_is_imported_by_a_text_is_reached_by_imports(found):
    texts = set()
    for path in PACKAGE.rglob("*.py"):
        texts |= set(re.findall(r'"(logly\.[a-z_.]+)"', path.read_text(encoding="utf-8")))
    named = {text for text in texts if text in set(modules()) and NAMED_BY_PROGRAMS.fullmatch(text) is None}

    assert {"logly._lanes.loop", "logly.testing"} <= named
    assert named - found == set()
    assert set(forks._WITH_TRACEBACK) - found == set()


def test_callbacks_that_cannot_be_called_are_not_said_to_be_called():
    program = """
import sys
sys.modules["logly._lanes.lanes"] = None
from logly import logger
logger.configure(console=False)
logger.add_callback(print, name="printing")
logger.info("hello")
logger.info("hello")
print(logger.complete(5), [counts["dropped"]["sink_error"] for counts in logger.stats()["callbacks"].values()])
"""

    finished = child.run(program)

    finished.check(stdout="True [1]\n")
    assert "called by those who log" not in finished.stderr, finished.stderr
    assert finished.stderr.startswith(
        "logly: callbacks cannot be called, and their records are dropped: ModuleNotFound"
    )


PROGRAM = """
import asyncio
import logging
import os
import sys

from logly import intercept_logging, logger

logger.configure(console=False)
got = []

async def coroutine(line):
    await asyncio.sleep(0)
    got.append("coroutine " + line)

class Handler(logging.Handler):
    def emit(self, record):
        got.append("handler " + record.getMessage())

logger.add_callback(lambda record: got.append("callback " + record["message"]))
logger.add(coroutine, format="{message}")
logger.add(lambda line: got.append("function " + line), format="{message}", async_write=True)
logger.add(Handler(), async_write=True)
logger.add("stderr", async_write=True)
logger.add(lambda line: got.append("here"), serialize=True)
logger.add("rotated.log", rotation="200 B", compression="bz2", format="{message}")
logger.add("zipped.log", rotation=lambda message, file: True, compression="zip", format="{message}")
logger.configure(patcher=lambda record: record["extra"].update(patched=True))
intercept_logging()
logging.getLogger("library").warning("intercepted")
try:
    1 / 0
except ZeroDivisionError:
    logger.exception("failed", padding="x" * 300)
for number in range(10):
    logger.info("line {number} " + 40 * "x", number=number)
print(logger.complete(20))
print(sorted({line.split()[0] for line in got}))
print(sorted({name.rpartition(".")[2] for name in os.listdir(".") if name.startswith(("rotated", "zipped"))}))
"""


WORKERS = """
import multiprocessing
import sys

from logly import logger

def work():
    logger.info("of a worker")

def main(method):
    lines, calls = [], []
    logger.configure(console=False)
    logger.add_callback(calls.append)
    logger.add(lines.append, format="{message}")
    logger.add(f"{method}.log", format="{message}")
    process = multiprocessing.get_context(method).Process(target=work)
    process.start()
    process.join()
    print(logger.complete(20), process.exitcode, len(calls), *lines, open(f"{method}.log").read(), end="")

if __name__ == "__main__":
    multiprocessing.freeze_support()
    if len(sys.argv) > 1:
        main(sys.argv[1])
        sys.exit()
"""
"""Stands before `PROGRAM`: with an argument, a program starts itself again as a worker."""


def test_program_frozen_by_pyinstaller_works(tmp_path):
    (tmp_path / "app.py").write_text(WORKERS + PROGRAM)
    # PyInstaller bundles whatever packages logly can work with that are installed. This one leads to all frameworks
    # of these tests, which the program does not use.
    without = ["--exclude-module", "opentelemetry"]
    build = [sys.executable, "-m", "PyInstaller", "--onedir", "--log-level", "ERROR", *without, "app.py"]

    child.execute(build, cwd=tmp_path, timeout=500).check()
    finished = child.execute([tmp_path / "dist" / "app" / "app"], cwd=tmp_path)

    finished.check(stdout="True\n['callback', 'coroutine', 'function', 'handler', 'here']\n['bz2', 'log', 'zip']\n")
    assert "logly:" not in finished.stderr, finished.stderr
    assert "ZeroDivisionError" in finished.stderr, finished.stderr
    for method in ("spawn", "forkserver"):
        shared = child.execute([tmp_path / "dist" / "app" / "app", method], cwd=tmp_path)
        shared.check(stdout="True 0 1 of a worker\n of a worker\n", stderr="")
