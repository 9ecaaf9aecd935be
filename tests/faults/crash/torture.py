"""`make torture`: thirteen hundred kills, two thousand forks, disks that are full, and the other fault tests ten times.

`python -m tests.faults.crash.torture SHARE` does a share of it; 1 is all.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.faults.crash.filled import fill_and_free
from tests.faults.crash.forked import fork_under_load
from tests.faults.crash.killed import MODES, OPTIONS, Killing
from tests.faults.support.scarcity import small_disk

_RUNS = 10
"""Kills before each look at a log."""

_KILLS = {"crash": 700, "sync_level": 100, "synchronous": 100, "background": 100}
"""Kills for each promise."""

_BESIDE = 100
"""Kills beside a program that goes on, for each kind of log."""

_FORKS = 1000
"""Forks for each of the two kinds of queues."""

_ROUNDS = 20
"""How often a disk is filled."""

_TIMES = 10
"""How often the other fault tests run."""

_PROGRAMS: dict[str, list[dict[str, Any]]] = {
    "crash": [{}, {"processes": 2, "threads": 2}, {"forks": True}, {"steps": True}],
    "sync_level": [{}, {"threads": 2}, {"steps": True}],
    "synchronous": [{}, {"threads": 2}, {"steps": True}],
    "background": [{}, {"threads": 2}, {"steps": True}],
}


def kill(mode: str, kills: int) -> str:
    """Kill programs that many times; an assertion fails at the first record that breaks the promise."""
    done = records = lost = most = seed = 0
    oldest = 0.0
    kinds = [kind for kind in OPTIONS if mode == "crash" or "buffer_size" not in OPTIONS[kind]]
    while done < kills:
        program = _PROGRAMS[mode][seed // len(kinds) % len(_PROGRAMS[mode])]
        with tempfile.TemporaryDirectory() as folder:
            killing = Killing(Path(folder), kinds[seed % len(kinds)], seed, mode=mode, **program)
            killing.run(min(_RUNS, kills - done))
            killing.recover()
            records += killing.check()
        done += min(_RUNS, kills - done) * killing.processes
        lost, most = lost + killing.lost, max(most, killing.most_lost)
        oldest = max(oldest, killing.oldest_lost)
        seed += 1
    cost = f"{lost} lost, {most} by one kill, the oldest {oldest:.0f} ms before it" if lost else "0 lost"
    return f"{done} kills, {mode}: {records} records, {cost}, 0 doubled"


def kill_beside(kind: str, kills: int) -> str:
    """Kill programs that often beside one that goes on, over one log."""
    with tempfile.TemporaryDirectory() as folder:
        killing = Killing(Path(folder), kind, seed=kills, beside=True)
        killing.run(kills)
        killing.recover()
        records = killing.check()
    return f"{kills} kills beside a program that goes on, {kind}: {records} records, 0 lost, 0 doubled"


def fork(mode: str, forks: int) -> str:
    """Fork that many times under load."""
    with tempfile.TemporaryDirectory() as folder:
        records = fork_under_load(Path(folder), mode, forks)
    return f"{forks} forks, {mode}: {records} records, 0 lost, 0 doubled"


def fill(mode: str, end: str, rounds: int) -> str:
    """Fill a disk that often, and free it."""
    with tempfile.TemporaryDirectory() as folder, small_disk(Path(folder, "disk"), "size=8m") as disk:
        records = fill_and_free(disk, mode, end, rounds)
    return f"{rounds} times a full disk, {end}, {mode}: {records} records, 0 lost, 0 doubled"


def repeat_fault_tests() -> str:
    """Run all fault tests once."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", "tests/faults"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    last = done.stdout.strip().splitlines()[-1]
    if done.returncode:
        sys.stdout.write(done.stdout)
        raise SystemExit(last)
    return f"fault tests: {last}"


def main(share: float) -> None:
    """Do everything, and write a line for each part."""
    steps = [(kill, (mode, int(kills * share))) for mode, kills in _KILLS.items()]
    steps += [(fork, (mode, int(_FORKS * share))) for mode in ("crash", "background")]
    steps += [(kill_beside, (kind, int(_BESIDE * share))) for kind in ("rotating", "compressed", "small queue")]
    fills = [
        ("crash", "freed"),
        ("crash", "killed"),
        ("crash", "full"),
        ("background", "freed"),
        ("synchronous", "freed"),
    ]
    steps += [(fill, (mode, end, max(1, int(_ROUNDS * share)))) for mode, end in fills]
    steps += [(repeat_fault_tests, ())] * int(_TIMES * share)
    assert set(_KILLS) == set(MODES)
    for step, arguments in steps:
        begun = time.monotonic()
        line = step(*arguments)
        sys.stdout.write(f"{line} ({time.monotonic() - begun:.0f} s)\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
