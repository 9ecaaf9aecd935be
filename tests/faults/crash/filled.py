"""A disk that is full for a while: the program goes on, is killed or ends, and each accepted record reaches the log."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.faults.crash.killed import MODES
from tests.faults.support.scarcity import SCARCITY
from tests.support.child import LIMIT, environment_of

if TYPE_CHECKING:
    from pathlib import Path

_PROGRAM = (
    """
import json, os, signal, sys
from logly import logger
"""
    + SCARCITY
    + """
path, options, rounds, end = eval(sys.argv[1])
logger.configure(console=False)
logger.add(path, format="{message}", **options)
number = 0
for _ in range(rounds):
    fill(path + ".filler")
    for number in range(number, number + 500):
        logger.info("{number};" + "x" * 100, number=number)
    number += 1
    logger.flush(0.01)
    if end == "freed":
        os.unlink(path + ".filler")
        logger.complete(60)
print(number, flush=True)
if end != "freed":
    os.kill(os.getpid(), signal.SIGKILL)
"""
)

_OPENER = """
import sys
from logly import logger

path, options = eval(sys.argv[1])
logger.configure(console=False)
logger.add(path, format="{message}", **options)
"""


def fill_and_free(disk: Path, mode: str, end: str, rounds: int) -> int:
    """Run the program on a small disk that is full; return the number of records in the log.

    *end* is "freed", if there is room again while the program runs; "killed", if there is room after its end; or
    "full", if the next program finds none either.
    """
    log = disk / "app.log"
    options = {**MODES[mode], **({"buffer_size": 1 << 20} if mode == "crash" else {})}
    given = repr((str(log), options, rounds, end))
    program = [sys.executable, "-c", _PROGRAM, given]
    done = subprocess.run(
        program, env=environment_of(None), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=LIMIT, check=False
    )
    assert done.returncode == (0 if end == "freed" else -9)
    opener = [sys.executable, "-c", _OPENER, repr((str(log), options))]
    if end == "full":
        subprocess.run(opener, env=environment_of(None), stderr=subprocess.DEVNULL, timeout=LIMIT, check=True)
    (disk / "app.log.filler").unlink(missing_ok=True)
    subprocess.run(opener, env=environment_of(None), stderr=subprocess.DEVNULL, timeout=LIMIT, check=True)
    count = json.loads(done.stdout)
    numbers = [int(line.partition(";")[0]) for line in log.read_text().splitlines()]
    assert numbers == list(range(count)), (len(numbers), count)
    assert [path.name for path in disk.glob(".app.log.*")] == []
    return count
