"""Workers of programs that are started in other ways: as modules, frozen, and with another Python for the workers."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import run_file
from tests.support.documents import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import multiprocessing, sys
from logly import logger

def child():
    logger.info("child")

def main():
    seen = []
    logger.configure(console=False)
    logger.add("app.log", format="{message}")
    logger.add(seen.append)
    process = multiprocessing.get_context("spawn").Process(target=child)
    process.start()
    process.join()
    logger.complete(60)
    print(process.exitcode, len(seen), open("app.log").read(), end="")
"""


def test_workers_of_a_program_that_is_run_as_a_module_share_its_logger(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("")
    # Workers do not import the module `__main__` of a package.
    (tmp_path / "shop" / "work.py").write_text(PROGRAM)
    (tmp_path / "shop" / "__main__.py").write_text("from shop.work import main\n\nmain()\n")

    command = [sys.executable, "-m", "shop"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)

    assert (result.stdout, result.stderr) == ("0 1 child\n", "")


def test_workers_of_a_frozen_program_share_its_logger(tmp_path: Path) -> None:
    # A frozen program starts itself again, and `freeze_support` makes that a worker. `test_frozen` builds one.
    frozen = tmp_path / "frozen"
    # Python starts its resource tracker with `-c` by the same file.
    frozen.write_text(f"""#!/bin/sh
case "$*" in
    *--multiprocessing-fork*) exec "{sys.executable}" "{tmp_path / "program.py"}" "$@" ;;
    *) exec "{sys.executable}" "$@" ;;
esac
""")
    frozen.chmod(0o700)
    program = f"""
import sys
sys.frozen = True
{PROGRAM}
if __name__ == "__main__":
    from multiprocessing.spawn import freeze_support
    freeze_support()
    multiprocessing.set_executable({str(frozen)!r})
    main()
"""

    run_file(tmp_path, program).check(stdout="0 1 child\n", stderr="")


def test_a_worker_with_another_python_that_has_no_logly_works(tmp_path: Path) -> None:
    version = "3.11" if sys.version_info[:2] == (3, 12) else "3.12"
    find = [REPOSITORY / ".ci" / "find-python", version]
    found = subprocess.run(find, capture_output=True, text=True, timeout=60, check=False).stdout.strip()
    if not found:
        pytest.skip(f"needs Python {version}")
    (tmp_path / "tasks.py").write_text("import sys\n\ndef work(path):\n    open(path, 'w').write(sys.version)\n")
    program = f"""
import multiprocessing, multiprocessing.spawn, subprocess

if __name__ == "__main__":
    import logly, tasks
    logly.intercept_logging()
    logly.logger.add(lambda message: None)
    multiprocessing.set_executable({found!r})
    # A worker would get its parent's path, and needs its own library.
    own = subprocess.run([{found!r}, "-c", "import sys; print(sys.path[1:])"], capture_output=True, text=True)
    prepared = multiprocessing.spawn.get_preparation_data
    multiprocessing.spawn.get_preparation_data = lambda name: {{
        **prepared(name), "sys_path": [".", *eval(own.stdout)]
    }}
    process = multiprocessing.get_context("spawn").Process(target=tasks.work, args=("version",))
    process.start()
    process.join()
    print(process.exitcode)
"""

    run_file(tmp_path, program).check(stdout="0\n", stderr="")

    assert (tmp_path / "version").read_text().startswith(version)
