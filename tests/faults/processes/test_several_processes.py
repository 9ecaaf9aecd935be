"""Several processes append to one path and rotate it: nothing lost, nothing doubled, one rotation per threshold.

`LOGLY_STRESS=1` runs the long form ten times: 8 processes, 50,000 records each, a kill every 0.2 seconds.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import check_log, lines_of, run
from tests.faults.support.writers import LATE, Work, archives, check, content

if TYPE_CHECKING:
    from pathlib import Path

IS_LONG = bool(os.environ.get("LOGLY_STRESS"))
RUNS = range(10 if IS_LONG else 1)


@pytest.mark.parametrize("is_background", [True, False], ids=["background", "synchronous"])
@pytest.mark.parametrize("compression", [None, "gzip", "zstd"])
def test_several_processes_share_one_rotating_file(
    is_background: bool, compression: str | None, tmp_path: Path
) -> None:
    options = {"rotation": "20 kB", "async_write": is_background, "compression": compression}
    work = Work(workers=4, records=20_000 if IS_LONG else 4_000, options=options)

    work.run(tmp_path)
    work.finish(tmp_path)

    assert check(work, tmp_path, limit=20_000) > 10
    suffixes = {path.suffix for path in archives(tmp_path)}
    assert suffixes == {{"gzip": ".gz", "zstd": ".zst", None: ".log"}[compression]}


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("is_background", [True, False], ids=["background", "synchronous"])
@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_killed_processes_cost_no_acknowledged_record(
    is_background: bool, compression: str, run: int, tmp_path: Path
) -> None:
    options = {"rotation": "200 kB", "async_write": is_background, "compression": compression}
    workers, records, kill_every = (8, 50_000, 0.2) if IS_LONG else (4, 60_000 if is_background else 20_000, 0.05)
    work = Work(workers=workers, records=records, options=options, kill_every=kill_every, seed=run)

    work.run(tmp_path)
    work.finish(tmp_path)

    assert check(work, tmp_path, limit=200_000) > 5
    assert work.kills > 0
    assert {path.suffix for path in archives(tmp_path)} == {".gz" if compression == "gzip" else ".zst"}
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("is_background", [True, False], ids=["background", "synchronous"])
def test_long_lines_of_several_processes_stay_whole(is_background: bool, tmp_path: Path) -> None:
    work = Work(workers=4, records=500, options={"async_write": is_background}, width=20_000)

    work.run(tmp_path)

    assert check(work, tmp_path, limit=None) == 0


@pytest.mark.parametrize("is_background", [True, False], ids=["background", "synchronous"])
@pytest.mark.parametrize("compression", ["gzip", "xz"])
def test_forks_while_files_are_rotated_hang_nobody(is_background: bool, compression: str, tmp_path: Path) -> None:
    result = run(
        tmp_path,
        f"""
        add(rotation="2 kB", compression={compression!r}, async_write={is_background})
        is_over = threading.Event()
        def work():
            number = 0
            while not is_over.wait(0.001):
                log(20, number)
                number += 20
        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        children = []
        for _ in range(40):
            child = os.fork()
            if child == 0:
                log(100)
                os._exit(0 if logger.flush(timeout=20) else 1)
            children.append(child)
        statuses = [os.waitpid(child, 0)[1] for child in children]
        is_over.set()
        for thread in threads:
            thread.join()
        assert logger.complete(timeout=60)
        print(statuses.count(0), *children)
        """,
    )

    told = [line for line in result.stderr.splitlines() if not line.endswith(LATE)]
    result.check()
    assert told == [], result.stderr
    finished, *children = map(int, result.stdout.split())
    paths = [tmp_path / f"plain.{number}" for number, _ in enumerate(archives(tmp_path))]
    for plain, path in zip(paths, archives(tmp_path)):
        plain.write_bytes(content(path))
    assert finished == 40
    assert lines_of(children, *paths, tmp_path / "app.log") == [100] * 40


@pytest.mark.parametrize("is_background", [True, False], ids=["background", "synchronous"])
def test_several_processes_rotate_once_at_each_boundary(is_background: bool, tmp_path: Path) -> None:
    program = f"""
    import time
    add(rotation="1 second", async_write={is_background})
    until, number = time.time() + 3, 0
    while time.time() < until:
        log(10, number)
        number += 10
        time.sleep(0.002)
    """

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: run(tmp_path, program), range(4)))

    for result in results:
        result.check(stderr="")
    assert [path.name for path in archives(tmp_path) if path.name.count(".") > 2] == []
    assert len(archives(tmp_path)) in (2, 3, 4)
    assert len(check_log(*archives(tmp_path), tmp_path / "app.log")) == 4


@pytest.mark.parametrize("is_background", [True, False], ids=["background", "synchronous"])
def test_children_forked_before_the_first_record_lock_the_file_for_themselves(
    is_background: bool, tmp_path: Path
) -> None:
    result = run(
        tmp_path,
        f"""
        add(rotation="2 kB", async_write={is_background})
        gate, opener = os.pipe()
        children = []
        for _ in range(8):
            child = os.fork()
            if child == 0:
                os.close(opener)
                os.read(gate, 1)
                log(4000)
                os._exit(0 if logger.flush(timeout=20) else 1)
            children.append(child)
        os.close(opener)
        print([os.waitpid(child, 0)[1] for child in children] == [0] * 8)
        """,
    )

    result.check(stdout="True\n", stderr="")
    assert list(check_log(*archives(tmp_path), tmp_path / "app.log").values()) == [4000] * 8
