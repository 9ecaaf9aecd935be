"""The rules by which a child of `multiprocessing` takes over the logger of its parent, and what cannot travel."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest
from logly._process.packing import VERSION

from tests.faults.support.oracle import run_file
from tests.support.child import run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.child import Result

STARTED_AFRESH = pytest.mark.parametrize("method", ["spawn", "forkserver"])

FILE = """
logger.configure(console=False)
logger.add("app.log", format="{level} {message}{fields}")
"""


def start(folder: Path, method: str, child: str, main: str = FILE, after: str = "") -> Result:
    """Run *main* in a process whose child runs *child*, then *after*."""
    body = "".join(f"    {line}\n" for line in child.strip().splitlines())
    text = "".join(
        f"    {line}\n"
        for line in f"""{main}
context = multiprocessing.get_context({method!r})
def run():
    process = context.Process(target=child)
    process.start()
    process.join()
    assert process.exitcode == 0
run()
{after}""".splitlines()
    )
    program = f"""
import multiprocessing, os, sys
from logly import logger

class Refuses:
    def __reduce__(self):
        return int, ("no number",)

def child():
{body}
if __name__ == "__main__":
{text}"""
    return run_file(folder, program)


def lines(folder: Path) -> list[str]:
    return (folder / "app.log").read_text().splitlines()


@STARTED_AFRESH
def test_settings_of_the_child_hold_on_top_of_those_of_its_parent(tmp_path: Path, method: str) -> None:
    child = "logger.configure(level='DEBUG', extra={'worker': 1})\nlogger.debug('first')"

    start(tmp_path, method, child).check(stdout="", stderr="")

    assert lines(tmp_path) == ["DEBUG first worker=1"]


@STARTED_AFRESH
def test_a_child_that_adds_a_sink_has_its_own_logger(tmp_path: Path, method: str) -> None:
    child = "logger.configure(console=False)\nlogger.add('own.log', format='{message}')\nlogger.info('own')"

    start(tmp_path, method, child).check(stdout="", stderr="")

    assert lines(tmp_path) == []
    assert (tmp_path / "own.log").read_text() == "own\n"


def test_a_child_that_removes_all_sinks_logs_nothing(tmp_path: Path) -> None:
    start(tmp_path, "spawn", "logger.remove()\nlogger.error('nothing')").check(stdout="", stderr="")

    assert lines(tmp_path) == []


def test_a_file_that_the_child_adds_after_its_first_record_has_each_line_once(tmp_path: Path) -> None:
    child = "logger.info('before')\nlogger.add('app.log', format='own {message}')\nlogger.info('after')"

    start(tmp_path, "spawn", child).check(stdout="", stderr="")

    assert lines(tmp_path) == ["INFO before", "own after"]


def test_a_module_that_sets_up_logging_whenever_it_is_imported_has_each_line_once(tmp_path: Path) -> None:
    program = """
import multiprocessing
from logly import logger
logger.configure(console=False)
logger.add("app.log", format="{message}")

def child():
    logger.info("child")

if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=child)
    process.start()
    process.join()
    logger.info("parent")
"""

    run_file(tmp_path, program).check(stdout="", stderr="")

    assert lines(tmp_path) == ["child", "parent"]


@STARTED_AFRESH
def test_changes_of_the_parent_reach_later_children(tmp_path: Path, method: str) -> None:
    after = "logger.configure(extra={'run': 2})\nrun()\nlogger.remove()\nrun()"

    start(tmp_path, method, "logger.info('child')", after=after).check(stdout="", stderr="")

    assert lines(tmp_path) == ["INFO child", "INFO child run=2"]


def test_children_of_children_take_over_what_their_parent_has(tmp_path: Path) -> None:
    child = """
if len(sys.argv) == 1:
    sys.argv.append("grandchild")
    logger.configure(extra={"depth": 1})
    process = multiprocessing.get_context("spawn").Process(target=child)
    process.start()
    process.join()
else:
    logger.info("grandchild")
"""

    start(tmp_path, "spawn", child).check(stdout="", stderr="")

    assert lines(tmp_path) == ["INFO grandchild depth=1"]


@STARTED_AFRESH
def test_levels_states_and_ids_of_sinks_are_those_of_the_parent(tmp_path: Path, method: str) -> None:
    main = f"""{FILE}
logger.level("AUDIT", no=35, icon="A")
logger.remove(logger.add("gone.log"))
disabled = logger.add("disabled.log")
logger.disable_sink(disabled)
logger.set_level("AUDIT", 1)
logger.disable("noisy")
logger.add(sys.stderr, format="on stderr: {{message}}", level="AUDIT")
os.mkdir("elsewhere")
os.chdir("elsewhere")
"""
    child = """
logger.log("AUDIT", "audit")
logger.warning("below")
print([(info["id"], info["level"], info["enabled"]) for info in logger.all_sinks_info()])
"""

    expected = "[(1, 'AUDIT', True), (3, 'INFO', False), (4, 'AUDIT', True)]\n"
    start(tmp_path, method, child, main).check(stdout=expected, stderr="on stderr: audit\n")

    assert lines(tmp_path) == ["AUDIT audit"]


def test_files_that_the_parent_began_anew_go_on(tmp_path: Path) -> None:
    main = FILE.replace("format=", "mode='w', format=") + "logger.info('parent')"

    start(tmp_path, "spawn", "logger.info('child')", main).check(stdout="", stderr="")

    assert lines(tmp_path) == ["INFO parent", "INFO child"]


@STARTED_AFRESH
def test_nothing_is_taken_over_if_the_parent_says_so(tmp_path: Path, method: str) -> None:
    main = f"{FILE}\nlogger.configure(inherit=False)"
    child = "logger.configure(show_time=False)\nlogger.info('alone')"

    start(tmp_path, method, child, main).check(stdout="INFO | alone\n", stderr="")

    assert lines(tmp_path) == []


def test_nothing_is_taken_over_if_the_child_says_so(tmp_path: Path) -> None:
    child = "logger.configure(inherit=False, show_time=False)\nlogger.info('alone')"

    start(tmp_path, "spawn", child).check(stdout="INFO | alone\n", stderr="")

    assert lines(tmp_path) == []


@STARTED_AFRESH
def test_what_cannot_travel_is_named_once(tmp_path: Path, method: str) -> None:
    main = f"""{FILE}
logger.add("rotated.log", rotation=lambda *given: False)
logger.configure(extra={{"refuses": Refuses(), "run": 1}}, patcher=lambda record: None)
"""

    result = start(tmp_path, method, "logger.info('child')", main, after="run()").check(stdout="")

    named = [line.partition(" cannot ")[0] for line in result.stderr.splitlines()]
    assert named == [
        "logly: configure(patcher)",
        "logly: rotation=<lambda> of sink 2",
        "logly: the field refuses of configure(extra=) (Refuses) of the parent process",
    ]
    assert lines(tmp_path) == ["INFO child run=1"] * 2


def test_a_state_that_cannot_be_used_is_named_and_logging_goes_on(tmp_path: Path) -> None:
    state = {
        "version": VERSION,
        "settings": {"colour": ("plain", 1), "level": ("plain", "DEBUG"), "theme": ("pickled", [b"nonsense"], "Theme")},
        "sinks": [
            {"id": 1, "level": None, "enabled": True, "sink": ("plain", str(tmp_path / "app.log")), "options": {
                "format": ("plain", "{message}"), "sparkle": ("plain", True)}},
            {"id": 2, "level": None, "enabled": True, "sink": ("plain", "/proc/none/app.log"), "options": {}},
        ],
        "callbacks": [],
        "enabled": True,
        "left_out": [],
        "board": None,
    }  # fmt: skip

    result = arriving(pickle.dumps(state), "logger.debug('line')")

    assert lines(tmp_path) == ["line"]
    assert [line.split(" of the parent")[0] for line in result.check(stdout="").stderr.splitlines()] == [
        "logly: configure(theme) (Theme)",
        "logly: configure(colour)",
        "logly: sparkle of sink 1",
        "logly: sink 2",
    ]


def test_a_state_of_another_version_is_not_taken_over() -> None:
    result = arriving(pickle.dumps({"version": 99}), "logger.configure(show_time=False)\nlogger.info('alone')")

    result.check(
        stdout="INFO | alone\n",
        stderr="logly: the logger of the parent process is of another version of logly, and is not taken over\n",
    )


def test_a_state_that_is_no_state_harms_nothing() -> None:
    result = arriving(b"nonsense", "logger.configure(show_time=False)\nlogger.info('alone')")

    assert result.check(stdout="INFO | alone\n").stderr.startswith(
        "logly: the logger of the parent process is not taken over: UnpicklingError"
    )


def arriving(state: bytes, code: str) -> Result:
    """Run *code* in a process in which a state has arrived."""
    return run(f"""
import multiprocessing.process
multiprocessing.process.current_process()._parent_pid = 1
multiprocessing.process.current_process()._config["logly"] = {state!r}
from logly import logger
{code}
""")


def test_threads_that_log_first_at_the_same_time_log_into_the_sinks_of_the_parent(tmp_path: Path) -> None:
    child = """
import threading
barrier = threading.Barrier(8)
def log():
    barrier.wait()
    logger.info("thread")
threads = [threading.Thread(target=log) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""

    start(tmp_path, "spawn", child).check(stdout="", stderr="")

    assert lines(tmp_path) == ["INFO thread"] * 8


def test_multiprocessing_may_be_imported_after_the_logger_was_set_up(tmp_path: Path) -> None:
    program = """
from logly import logger
logger.configure(console=False)

def child():
    logger.info("child")

if __name__ == "__main__":
    import sys
    logger.add("app.log", format="{message}")
    assert "multiprocessing" not in sys.modules
    import multiprocessing
    process = multiprocessing.get_context("spawn").Process(target=child)
    process.start()
    process.join()
"""

    run_file(tmp_path, program).check(stdout="", stderr="")

    assert lines(tmp_path) == ["child"]


def test_a_process_object_without_a_state_is_read_without_logly() -> None:
    program = """
import pickle
from logly import logger
from logly._process.inheritance import State
logger.configure(console=False)
print(b"logly._process" in pickle.dumps(State())[:40], type(pickle.loads(pickle.dumps(State()))).__name__)
"""

    run(program).check(stdout="False bytes\n", stderr="")
