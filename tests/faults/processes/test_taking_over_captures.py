"""Workers have the parent's field sources, interception of `logging`, hooks, and capture of warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.processes.test_taking_over_rules import STARTED_AFRESH, lines, start
from tests.faults.support.oracle import run_file
from tests.support.child import run

if TYPE_CHECKING:
    from pathlib import Path

FILE = """
import logging, logly
logger.configure(console=False)
logger.add("app.log", format="{level} {name} {message}{fields}")
"""

WARNS = "import logging\nlogging.getLogger('library').warning('first line of %s', 'logging')"


@STARTED_AFRESH
def test_context_variables_travel_one_by_one(tmp_path: Path, method: str) -> None:
    program = f"""
import multiprocessing
from contextvars import ContextVar
import logly
from logly import logger

request = ContextVar("request_id", default="r1")
user = ContextVar("user", default=7)

def described(value):
    return {{"user": value, "kind": "guest"}}

def child():
    logger.info("child")

if __name__ == "__main__":
    logger.configure(console=False, context={{
        "request": request,
        "user": logly.from_var(user, described),
        "hidden": [ContextVar("hidden", default=1)][0],
        "nameless": logly.from_var(user, lambda value: {{"x": value}}),
    }})
    logger.add("app.log", format="{{message}}{{fields}}")
    for _ in range(2):
        process = multiprocessing.get_context({method!r}).Process(target=child)
        process.start()
        process.join()
"""

    result = run_file(tmp_path, program).check(stdout="")

    assert lines(tmp_path) == ["child request=r1 user=7 kind=guest"] * 2
    assert [line.partition(" cannot ")[0] for line in result.stderr.splitlines()] == [
        "logly: the field hidden of configure(context=)",
        "logly: the field nameless of configure(context=)",
    ]


@STARTED_AFRESH
def test_the_first_line_of_logging_in_a_worker_goes_to_the_parents_sinks(tmp_path: Path, method: str) -> None:
    main = f"{FILE}\nlogly.intercept_logging()"

    start(tmp_path, method, WARNS, main).check(stdout="", stderr="")

    assert lines(tmp_path) == ["WARNING library first line of logging"]


def test_workers_that_import_no_logly_are_intercepted_too(tmp_path: Path) -> None:
    (tmp_path / "tasks.py").write_text(f"def work(_):\n    {WARNS.replace(chr(10), chr(10) + '    ')}\n")
    program = f"""
import multiprocessing

if __name__ == "__main__":
    import tasks
    from logly import logger
    {FILE.strip().replace(chr(10), chr(10) + "    ")}
    logly.intercept_logging()
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        pool.map(tasks.work, range(3), chunksize=1)
"""

    run_file(tmp_path, program).check(stdout="", stderr="")

    assert lines(tmp_path) == ["WARNING library first line of logging"] * 3


@STARTED_AFRESH
def test_all_that_production_sets_up_is_in_force_in_workers(tmp_path: Path, method: str) -> None:
    child = f"""
{WARNS}
import threading, warnings
warnings.warn("old")
thread = threading.Thread(target=lambda: 1 / 0, name="failing")
thread.start()
thread.join()
"""
    main = f"import threading\nthreading.excepthook = lambda *given: None\n{FILE}\nlogly.production(stream='stderr')"

    start(tmp_path, method, child, main)

    assert [line for line in lines(tmp_path) if line.startswith(("WARNING", "CRITICAL"))] == [
        "WARNING library first line of logging",
        "WARNING __main__ old category=UserWarning",
        "CRITICAL __mp_main__ uncaught exception in thread failing",
    ]


@STARTED_AFRESH
def test_records_of_workers_have_the_ids_of_their_spans(tmp_path: Path, method: str) -> None:
    child = """
from opentelemetry.sdk.trace import TracerProvider
with TracerProvider().get_tracer("shop").start_as_current_span("pay") as span:
    logger.info("logly")
    logging.getLogger("library").info("logging")
print(format(span.get_span_context().trace_id, "032x"))
"""
    main = f"{FILE}\nlogly.production(stream='stderr', opentelemetry=True)"

    trace = start(tmp_path, method, f"import logging{child}", main).stdout.strip()

    assert [line.split()[2:4] for line in lines(tmp_path)] == [
        ["logly", f"trace_id={trace}"],
        ["logging", f"trace_id={trace}"],
    ]


def test_what_was_undone_does_not_travel(tmp_path: Path) -> None:
    main = f"{FILE}\nlogly.intercept_logging().undo()"

    start(tmp_path, "spawn", WARNS, main).check(stdout="", stderr="first line of logging\n")

    assert lines(tmp_path) == []


def test_nothing_arrives_if_the_parent_says_so(tmp_path: Path) -> None:
    main = f"{FILE}\nlogly.intercept_logging()\nlogger.configure(inherit=False)"

    start(tmp_path, "spawn", WARNS, main).check(stdout="", stderr="first line of logging\n")


def test_a_worker_that_adds_sinks_itself_has_its_own_logging(tmp_path: Path) -> None:
    child = f"logger.configure(console=False)\nlogger.add('own.log', format='{{message}}')\n{WARNS}\nlogger.info('own')"
    main = f"{FILE}\nlogly.intercept_logging()"

    start(tmp_path, "spawn", child, main).check(stdout="", stderr="first line of logging\n")

    assert lines(tmp_path) == []
    assert (tmp_path / "own.log").read_text() == "own\n"


def test_a_module_that_sets_all_up_whenever_it_is_imported_has_each_line_once(tmp_path: Path) -> None:
    program = f"""
import multiprocessing
from logly import logger
{FILE}
logly.intercept_logging()

def child():
    {WARNS.replace(chr(10), chr(10) + "    ")}
    logger.info("child")

if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=child)
    process.start()
    process.join()
    logging.getLogger("library").error("parent")
"""

    run_file(tmp_path, program).check(stdout="", stderr="")

    assert lines(tmp_path) == [
        "WARNING library first line of logging",
        "INFO __mp_main__ child",
        "ERROR library parent",
    ]


def test_captures_are_read_without_logly() -> None:
    program = """
import pickle, sys
import logly
from logly._process.captures import Captures
logly.intercept_logging()
pickled = pickle.dumps(Captures())
for name in [name for name in sys.modules if name.partition(".")[0] == "logly"]:
    sys.modules[name] = None
print(pickle.loads(pickled))
"""

    run(program).check(stdout="None\n", stderr="")
