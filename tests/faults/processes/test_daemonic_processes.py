"""Daemonic children of `multiprocessing`, which end by a signal: each record is written before its call returns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.children import METHODS, program
from tests.faults.support.oracle import FILES, FORKABLE, KINDS, check_log, run_file

if TYPE_CHECKING:
    from pathlib import Path

# Records would wait longest in a sink's own queue, or for a writer that rests for long.
SINKS = pytest.mark.parametrize("sink", [*KINDS, "stream", "background stream", "own queue", "resting writer"])

MORE = """
BEGIN["own queue"] = lambda: add(buffer_size=64 * 1024, overflow="drop_new")
BEGIN["resting writer"] = lambda: add(flush_interval=60_000)

def die(lines):
    log(lines)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def run_child(folder: Path, method: str, child: str, before: str = "") -> int:
    """Run the call *child* in a daemonic child, and return its exit status."""
    function, _, given = child.partition(" ")
    main = f"""
context = multiprocessing.get_context({method!r})
child = context.Process(target={function}, args=({given}), daemon=True)
child.start()
child.join()
print(child.exitcode)
"""
    result = run_file(folder, program(main, MORE + before))
    result.check(stderr="")
    return int(result.stdout)


@METHODS
@SINKS
def test_pools_that_end_with_their_block_have_logged_everything(tmp_path: Path, sink: str, method: str) -> None:
    result = run_file(
        tmp_path,
        program(
            f"""
context = multiprocessing.get_context({method!r})
with context.Pool(4, initializer=set_up, initargs=({sink!r},)) as pool:
    pids = pool.map(work, range(8))
""",
            MORE,
        ),
    )

    result.check(stderr="")
    assert sum(check_log(tmp_path / "app.log").values()) == 400


@FORKABLE
def test_forked_pools_log_to_the_sinks_of_their_parent(tmp_path: Path, sink: str) -> None:
    result = run_file(
        tmp_path,
        program(
            f"""
begin({sink!r})
log(100)
with multiprocessing.get_context("fork").Pool(4) as pool:
    pids = pool.map(work, range(8))
log(100, 100)
""",
            MORE,
        ),
    )

    result.check(stderr="")
    assert sum(check_log(tmp_path / "app.log").values()) == 600


@METHODS
def test_records_logged_while_a_child_imports_its_main_module_are_written_too(tmp_path: Path, method: str) -> None:
    # The child learns only after the import that it is daemonic.
    status = run_child(
        tmp_path,
        method,
        "die 50,",
        """
add(flush_interval=60_000)
logger.add(appending("lane.log"), format="{message}", async_write=True)
log(100, 1000)
""",
    )

    assert status == -9
    for name in ("app.log", "lane.log"):
        lines = (tmp_path / name).read_text().splitlines()
        # A forked child imports nothing.
        assert len(lines) == (150 if method == "fork" else 250)


@METHODS
def test_sinks_that_a_daemonic_child_adds_later_are_written_to_at_once(tmp_path: Path, method: str) -> None:
    status = run_child(
        tmp_path,
        method,
        "late",
        """
def late():
    log(1)
    for number, sink in enumerate(["background", "own queue", "background function", "coroutine"]):
        os.makedirs(str(number))
        os.chdir(str(number))
        begin(sink)
        os.chdir("..")
    die(20)
""",
    )

    assert status == -9
    for number in range(4):
        assert list(check_log(tmp_path / str(number) / "app.log").values()) == [20]


@METHODS
def test_callbacks_of_a_killed_child_were_called_while_they_kept_up(tmp_path: Path, method: str) -> None:
    status = run_child(
        tmp_path,
        method,
        "watched",
        """
def watched():
    append = appending()
    logger.remove_all()
    logger.add_callback(lambda record: append(record["message"] + chr(10)))
    die(20)
""",
    )

    assert status == -9
    lines = (tmp_path / "app.log").read_text().splitlines()
    assert all(re.fullmatch(r"\d+ \d+ \d+ x*", line) for line in lines)
    # A call waits for 50 ms at most, which may be too short for some on a busy machine.
    assert len(lines) >= 10


@FILES
def test_terminated_processes_have_written_all_that_they_logged(tmp_path: Path, sink: str) -> None:
    result = run_file(
        tmp_path,
        program(
            f"""
context = multiprocessing.get_context("fork")
begin({sink!r})
children = [context.Process(target=die, args=(30,), daemon=True) for _ in range(4)]
for child in children:
    child.start()
for child in children:
    child.join()
""",
            MORE,
        ),
    )

    result.check(stderr="")
    assert sorted(check_log(tmp_path / "app.log").values()) == [30] * 4


@METHODS
def test_daemonic_children_that_end_by_themselves_end_in_order(tmp_path: Path, method: str) -> None:
    status = run_child(
        tmp_path,
        method,
        "record",
        """
def record():
    begin("background")
    logger.add_callback(lambda record: appending("callback.log")(record["message"] + chr(10)))
    log(50)
""",
    )

    assert status == 0
    for name in ("app.log", "callback.log"):
        assert list(check_log(tmp_path / name).values()) == [50]


def test_pools_of_billiard_have_logged_everything(tmp_path: Path) -> None:
    pytest.importorskip("billiard", reason="Celery's own multiprocessing is not installed")

    result = run_file(
        tmp_path,
        program("""
import billiard
add(flush_interval=60_000)
log(100)
pool = billiard.get_context("fork").Pool(2)
pids = pool.map(work, range(8))
pool.terminate()
pool.join()
"""),
    )

    result.check()
    assert sum(check_log(tmp_path / "app.log").values()) == 500


def test_processes_that_are_not_daemonic_write_in_the_background(tmp_path: Path) -> None:
    result = run_file(
        tmp_path,
        program(
            """
begin("background")
child = multiprocessing.get_context("fork").Process(target=tell)
child.start()
child.join()
""",
            before="""
def tell():
    log(1)
    logger.complete()
    tasks = os.listdir("/proc/self/task")
    names = {open(f"/proc/self/task/{task}/comm").read().strip() for task in tasks}
    print("logly-writer" in names)
""",
        ),
    )

    result.check(stdout="True\n", stderr="")
