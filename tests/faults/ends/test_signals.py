"""Signals: import installs no handler; a program's handlers may run, and log, in the middle of anything.

Signals that end the process are in `test_kills.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import FILES, IS_LONG, SINKS, check_log, run

if TYPE_CHECKING:
    from pathlib import Path

LENGTH = 5.0 if IS_LONG else 0.6
"""Seconds for which a test disturbs its program."""

COUNT = 1000 if IS_LONG else 100
"""Number of interrupts, sent one after the other."""


def test_import_and_logging_install_no_handler(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        import subprocess
        show = "; import signal; print([signal.getsignal(number) for number in sorted(signal.valid_signals())])"
        use = ("from logly import logger; logger.add('app.log', rotation='1 kB', compression='gzip'); "
               "[logger.error('x' * 100) for _ in range(100)]; logger.complete()")
        without, using = (subprocess.run([sys.executable, "-c", program + show], stdout=subprocess.PIPE, text=True,
                                         stderr=subprocess.DEVNULL).stdout.splitlines()[-1] for program in ("0", use))
        print(without == using, "SIGPIPE" in without or "SIG_IGN" in without)
        """,
    )

    result.check(stdout="True True\n", stderr="")


@SINKS
def test_interrupts_in_a_log_loop_come_once_each_and_lose_nothing(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        import time
        begin({sink!r})
        begun = interrupts = rounds = 0
        returned, is_over = set(), threading.Event()
        def unraisable(info):
            global interrupts
            interrupts += info.exc_type is KeyboardInterrupt
        # Without a GIL, objects of other threads may end in this one. CPython drops what their callbacks raise.
        if not getattr(sys, "_is_gil_enabled", lambda: True)():
            sys.unraisablehook = unraisable
        def interrupt():
            for told in range(1, {COUNT} + 1):
                # The next one comes when the one before was raised and the loop goes on: two at once would be one.
                known = rounds
                while rounds == known:
                    time.sleep(0)
                time.sleep(0.0001 * (told % 17))
                os.kill(os.getpid(), signal.SIGINT)
                while interrupts < told:
                    time.sleep(0)
            is_over.set()
        threading.Thread(target=interrupt, daemon=True).start()
        def log_on():
            # Not in the `try` itself: what comes at the end of a loop in one passes it by in CPython 3.13.0.
            global begun, rounds
            while not is_over.is_set():
                begun += 1
                logger.info("{{number}}", number=begun)
                returned.add(begun)
                rounds += 1
        while not is_over.is_set():
            try:
                log_on()
            except KeyboardInterrupt:
                interrupts += 1
        is_complete = logger.complete()
        # A call that is interrupted while it waits for room drops its record, of which the sink is told.
        numbers = [int(line) for line in open("app.log").read().splitlines() if line.isdigit()]
        print(is_complete, interrupts, returned - set(numbers), numbers == sorted(set(numbers)))
        """,
    )

    result.check(stdout=f"True {COUNT} set() True\n", stderr="")


@SINKS
def test_interrupt_ends_a_program_that_has_written_everything(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        begin({sink!r})
        done = 0
        def report():
            print(done)
        import atexit
        atexit.register(report)
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        while True:
            log(1, done)
            done += 1
        """,
    )

    assert "KeyboardInterrupt" in result.stderr or sink == "console", result.stderr
    written = sum(check_log(tmp_path / "app.log").values()) if sink != "console" else int(result.stdout)
    # The record of the call that the signal interrupted was accepted, or the call had not begun.
    assert written - int(result.stdout) in {0, 1}


@SINKS
@pytest.mark.parametrize("seconds", [0.006, 0.0007])
def test_handler_that_logs_costs_no_record(tmp_path: Path, seconds: float, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        import itertools, time
        sink = begin({sink!r})
        main = handled = 0
        numbers = itertools.count(1)
        def handler(*_):
            # In the middle of this the next signal may come, whose handler is then done first.
            global handled
            handled = number = next(numbers)
            logger.info("handler {{number}}", number=number)
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, {seconds}, {seconds})
        until = time.monotonic() + {LENGTH}
        while time.monotonic() < until or handled <= 20:
            main += 1
            logger.info("main {{number}}", number=main)
        signal.setitimer(signal.ITIMER_REAL, 0)
        print(logger.complete(), main, next(numbers) - 1, logger.sink_info(sink)["dropped"])
        """,
    )

    result.check(stderr="")
    is_complete, *counts = result.stdout.split()
    main, handled, dropped = map(int, counts)
    lines = (tmp_path / "app.log").read_text().splitlines()
    by_main, by_handler = ([line for line in lines if line.startswith(name)] for name in ("main", "handler"))
    assert is_complete == "True"
    assert by_main == [f"main {number}" for number in range(1, main + 1)]
    # A handler that runs inside such a sink cannot enter the sink again, and its record counts as dropped. A console
    # shows the record afterwards, unless the handler runs while the console does that.
    assert len(by_handler) == handled - dropped
    assert dropped == 0 or sink in ("function", "stream", "console")
    if dropped == 0:
        assert sorted(by_handler) == sorted(f"handler {number}" for number in range(1, handled + 1))


@FILES
def test_handler_may_wait_for_what_was_logged(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        import time
        begin({sink!r})
        handled = 0
        def handler(*_):
            global handled
            handled += 1
            logger.flush(timeout=5)
            logger.complete(timeout=5)
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.003, 0.003)
        until, number = time.monotonic() + {LENGTH}, 0
        while time.monotonic() < until or handled <= 20:
            log(1, number)
            number += 1
        signal.setitimer(signal.ITIMER_REAL, 0)
        print(number)
        """,
    )

    result.check(stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [int(result.stdout)]


@SINKS
def test_asynchronous_exceptions_in_calls_leave_a_logger_that_works(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        import ctypes, time
        class Stop(Exception):
            pass
        begin({sink!r})
        is_over, number = False, 0
        def work():
            global number
            while not is_over:
                number += 1
                logger.info("before {{number}}", number=number)
        def disturb(thread):
            # Another thread may have the number of one that is over.
            if not thread.is_alive():
                return False
            return ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(Stop))
        # A thread ends by what is raised in its own code, and another takes its place.
        threading.excepthook = lambda *_: None
        disturbed, until = 0, time.monotonic() + {LENGTH}
        def goes_on():
            return time.monotonic() < until or disturbed <= 20
        while goes_on():
            known = number
            thread = threading.Thread(target=work)
            thread.start()
            while number == known and thread.is_alive():
                time.sleep(0)
            while goes_on() and disturb(thread):
                time.sleep(0.0005)
                disturbed += 1
        # The last one, unless it is gone.
        is_over = True
        while disturb(thread):
            time.sleep(0.0005)
        for count in range(100):
            logger.info("after {{number}}", number=count)
        print(logger.complete())
        """,
    )

    result.check(stdout="True\n")
    lines = (tmp_path / "app.log").read_text().splitlines()
    # The signal may hit a Python sink itself. The error report goes to standard error, which is the log here.
    before = [int(line.split()[1]) for line in lines if line.startswith("before ")]
    assert before == sorted(set(before))
    assert [line for line in lines if line.startswith("after ")] == [f"after {number}" for number in range(100)]


@pytest.mark.parametrize("backtrace", [False, True])
def test_handler_that_comes_while_traceback_is_imported_logs_its_frames(tmp_path: Path, backtrace: bool) -> None:
    (tmp_path / "program.py").write_text(f"""
import signal, sys
from logly import logger

class Interrupted:
    def find_spec(name, path=None, target=None):
        if name == "linecache":
            sys.meta_path.remove(Interrupted)
            signal.raise_signal(signal.SIGUSR1)

def fail(message):
    try:
        raise NameError(message)
    except NameError:
        logger.exception("logged")

logger.add(print, format="{{message}}", backtrace={backtrace})
logger.add("app.log", json="pretty")
logger.configure(console=False)
signal.signal(signal.SIGUSR1, lambda *_: fail("in the handler"))
for module in ("traceback", "linecache"):
    sys.modules.pop(module, None)
sys.meta_path.insert(0, Interrupted)
fail("outside")
fail("afterwards")
""")

    result = run(tmp_path, "import subprocess; subprocess.run([sys.executable, 'program.py'])")

    result.check(stderr="")
    handled, outside, afterwards = result.stdout.split("logged\n")[1:]
    place = f'File "{tmp_path / "program.py"}", line 13, in fail\n'
    assert place in handled
    assert handled.rstrip().endswith("\nNameError: in the handler")
    for whole, message in ((outside, "outside"), (afterwards, "afterwards")):
        assert place + "    raise NameError(message)\n" in whole
        assert whole.rstrip().endswith(f"\nNameError: {message}")
    # The context of the handler's exception is the exception being logged.
    assert (tmp_path / "app.log").read_text().count('"function": "fail"') == 4
