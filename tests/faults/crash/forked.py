"""Forks while other threads log: each child logs, and ends properly or by SIGKILL; each record is in the log once."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.faults.crash.killed import MODES
from tests.support.child import environment_of

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 600
"""Seconds after which the program counts as hung."""

_PROGRAM = """
import json, os, signal, sys, threading
from logly import logger

path, options, forks = eval(sys.argv[1])
logger.configure(console=False)
logger.add(path, format="{message}", **options)
done = threading.Event()
counts = {}

def work(thread):
    number = 0
    while not done.is_set():
        logger.info("parent thread={thread} number={number};", thread=thread, number=number)
        number += 1
        if number % 20 == 0:
            done.wait(0.0005)
    counts[thread] = number

threads = [threading.Thread(target=work, args=(thread,)) for thread in range(2)]
for thread in threads:
    thread.start()
ends = []
for fork in range(forks):
    child = os.fork()
    if child == 0:
        for number in range(5):
            logger.info("child fork={fork} number={number};", fork=fork, number=number)
        if fork % 2 and "durability" in options:
            os.kill(os.getpid(), signal.SIGKILL)
        os._exit(0 if logger.complete(60) else 1)
    ends.append(os.waitpid(child, 0)[1])
done.set()
for thread in threads:
    thread.join()
print(json.dumps([counts, ends]))
"""

_OPENER = """
import sys
from logly import logger

path, options = eval(sys.argv[1])
logger.configure(console=False)
logger.add(path, format="{message}", **options)
"""

_CHILD = re.compile(r"child fork=(\d+) number=(\d+);")
_PARENT = re.compile(r"parent thread=(\d+) number=(\d+);")


def fork_under_load(folder: Path, mode: str, forks: int) -> int:
    """Fork so many children and check the log; return the number of its records."""
    log = folder / "app.log"
    # Each child makes a file for its queue.
    options = {**MODES[mode], **({"buffer_size": 65536} if mode == "crash" else {})}
    given = repr((str(log), options, forks))
    program = [sys.executable, "-c", _PROGRAM, given]
    done = subprocess.run(
        program,
        env=environment_of(None),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=_SECONDS,
        check=True,
    )
    opener = [sys.executable, "-c", _OPENER, repr((str(log), options))]
    subprocess.run(opener, env=environment_of(None), stderr=subprocess.DEVNULL, timeout=_SECONDS, check=True)
    counts, ends = json.loads(done.stdout)
    wanted = [9 if fork % 2 and mode == "crash" else 0 for fork in range(forks)]
    assert [os.WTERMSIG(end) or os.WEXITSTATUS(end) for end in ends] == wanted
    found: dict[tuple[str, int], list[int]] = {}
    for line in log.read_text().splitlines():
        for name, pattern in (("child", _CHILD), ("parent", _PARENT)):
            if place := pattern.fullmatch(line):
                found.setdefault((name, int(place[1])), []).append(int(place[2]))
    expected = {("child", fork): list(range(5)) for fork in range(forks)}
    expected |= {("parent", int(thread)): list(range(count)) for thread, count in counts.items()}
    wrong = {key: found.get(key) for key, numbers in expected.items() if found.get(key, []) != numbers}
    assert not wrong, list(wrong.items())[:5]
    assert [path.name for path in folder.glob(".app.log.*")] == []
    return sum(map(len, found.values()))
