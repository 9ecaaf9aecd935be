"""Counts children of forks in C code that hang while other threads work, with logly and without.

CPython is not told of such forks. If another thread is at the interpreter's own lock at that moment, its child waits
forever. The control program shows how often that happens without logly. Run it on an idle machine:

    python -m benchmarks.forks_from_c 250
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

THREADS = 3
PATIENCE = 5
"""Seconds after which a child counts as hung."""


def main() -> None:
    """Run both programs in turn, so that both meet the same load, and print their rates."""
    forks = int(sys.argv[1]) if len(sys.argv) > 1 else 250
    hung = {"control": 0, "logly": 0}
    rounds = 3
    for _ in range(rounds):
        for kind in hung:
            command = [sys.executable, __file__, kind, str(forks)]
            ended = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - this program
            hung[kind] += int(ended.stdout)
    for kind, count in hung.items():
        sys.stdout.write(f"{kind}: {count} of {rounds * forks} children hung\n")


def hung_children(work: Callable[[int], object], forks: int) -> int:
    """Fork while threads run *work*; return how many children could not run it."""
    for _ in range(THREADS):
        threading.Thread(target=_work_on, args=(work,), daemon=True).start()
    return sum(not _is_answered(work) for _ in range(forks))


def _work_on(work: Callable[[int], object]) -> None:
    number = 0
    while True:
        work(number)
        number += 1


def _is_answered(work: Callable[[int], object]) -> bool:
    reading, writing = os.pipe()
    child = ctypes.PyDLL(None).fork()
    if child == 0:
        work(0)
        os.write(writing, b"x")
        os._exit(0)
    ready, _, _ = select.select([reading], [], [], PATIENCE)
    if not ready:
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reading)
    os.close(writing)
    return bool(ready)


def _run(kind: str, forks: int) -> None:
    work: Callable[[int], object] = lambda number: str(number).encode()  # noqa: E731 - one of two
    if kind == "logly":
        from logly import logger  # noqa: PLC0415 - the control program goes without

        logger.configure(console=False)
        with tempfile.NamedTemporaryFile(suffix=".log", delete=False) as file:
            path = Path(file.name)
        logger.add(path, format="{message}")
        work = lambda number: logger.info("line {number}", number=number)  # noqa: E731 - as above
        hung = hung_children(work, forks)
        path.unlink()
    else:
        hung = hung_children(work, forks)
    sys.stdout.write(f"{hung}\n")
    sys.stdout.flush()
    os._exit(0)  # The threads go on.


if __name__ == "__main__":
    if sys.argv[1:2] in (["control"], ["logly"]):
        _run(sys.argv[1], int(sys.argv[2]))
    else:
        main()
