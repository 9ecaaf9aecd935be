"""Re-entry: calls in the middle of calls, by values, finalizers, weak references, traces, sinks and forks; none hangs.

`tests/sinks/test_reentry.py` tests one by one what each of them may do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import FILES, SINKS, check_log, run

if TYPE_CHECKING:
    from pathlib import Path

INNER = pytest.mark.parametrize("inner", ["background", "synchronous", "function", "itself"])
"""The sink that another sink logs to: one of some kind, or only itself."""

CALLS = [
    "logger.flush()",
    "logger.complete()",
    "logger.complete(timeout=1)",
    "logger.remove(victims.pop())",
    "add('other.log')",
    "logger.configure(level='DEBUG')",
    "logger.set_level('INFO')",
    "logger.disable_sink(sink), logger.enable_sink(sink)",
    "logger.disable(), logger.enable()",
    "logger.sink_info(sink), logger.all_sinks_info(), logger.read_all()",
    "logger.info('inner')",
    "logger.bind(a=1).error('inner {b}', b=2)",
]
"""Calls that sinks and values make in the middle of a call."""


@SINKS
def test_values_that_log_while_they_become_text(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        class Value:
            def __init__(self, number):
                self.number = number
            def __str__(self):
                logger.info("inner {{number}}", number=self.number)
                return f"value {{self.number}}"
            __repr__ = __str__
        begin({sink!r})
        for number in range(100):
            logger.info("outer {{value}}", value=Value(number))
        print(logger.complete())
        """,
    )

    result.check(stdout="True\n", stderr="")
    lines = (tmp_path / "app.log").read_text().splitlines()
    assert [line for line in lines if "outer" in line] == [f"outer value {number}" for number in range(100)]
    assert {line for line in lines if "inner" in line} == {f"inner {number}" for number in range(100)}


@SINKS
def test_values_that_log_themselves_end(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        class Value:
            depth = 0
            def __str__(self):
                Value.depth += 1
                if Value.depth < 100:
                    logger.info("{{value}}", value=self)
                return str(Value.depth)
        begin({sink!r})
        logger.info("{{value}}", value=Value())
        print(logger.complete())
        """,
    )

    result.check(stdout="True\n")
    assert len((tmp_path / "app.log").read_text().splitlines()) >= 100


@SINKS
def test_finalizers_of_garbage_that_log(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        import gc
        made = gone = 0
        class Garbage:
            def __init__(self):
                global made
                made += 1
                self.itself = self
            def __del__(self):
                global gone
                gone += 1
                logger.info("gone {{number}}", number=gone)
        sink = begin({sink!r})
        gc.set_threshold(3)
        for number in range(1000):
            Garbage()
            logger.info("outer {{list}}", list=[number], number=number)
        gc.set_threshold(0)
        gc.collect()
        print(logger.complete(), made == gone, logger.sink_info(sink)["dropped"])
        """,
    )

    result.check(stderr="")
    is_complete, is_all_gone, dropped = result.stdout.split()
    lines = (tmp_path / "app.log").read_text().splitlines()
    assert (is_complete, is_all_gone) == ("True", "True")
    assert [line for line in lines if "outer" in line] == [f"outer [{number}]" for number in range(1000)]
    # A finalizer that runs while a function or a stream writes cannot enter that sink again; its record is counted as
    # dropped.
    assert len(lines) == 2000 - int(dropped)
    if sink in ("background", "synchronous"):
        assert dropped == "0"


@FILES
def test_weak_references_that_log(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        import weakref
        class Value:
            def __str__(self):
                return "value"
        begin({sink!r})
        kept = []
        def gone(_):
            logger.info("gone")
        for number in range(1000):
            value = Value()
            kept.append(weakref.ref(value, gone))
            # The call has the last reference.
            held = [value]
            del value
            logger.info("outer {{value}}", value=held.pop())
        print(logger.complete())
        """,
    )

    result.check(stdout="True\n", stderr="")
    lines = (tmp_path / "app.log").read_text().splitlines()
    assert (lines.count("outer value"), lines.count("gone")) == (1000, 1000)


@SINKS
@pytest.mark.parametrize("kind", ["settrace", "setprofile"])
def test_traces_that_log(tmp_path: Path, kind: str, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        class Value:
            def __str__(self):
                return "value"
        begin({sink!r})
        logger.info("first {{value}}", value=Value())
        is_inside = False
        def trace(frame, event, argument):
            global is_inside
            if not is_inside:
                is_inside = True
                logger.info("traced")
                is_inside = False
            return trace
        sys.{kind}(trace)
        for number in range(100):
            logger.info("outer {{value}}", value=Value())
        sys.{kind}(None)
        print(logger.complete())
        """,
    )

    result.check(stdout="True\n", stderr="")
    lines = (tmp_path / "app.log").read_text().splitlines()
    assert lines.count("outer value") == 100
    assert lines.count("traced") >= 100


@pytest.mark.parametrize("call", CALLS)
@SINKS
def test_values_may_call_the_logger(tmp_path: Path, call: str, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        class Value:
            def __str__(self):
                {call}
                return "value"
        sink = begin({sink!r})
        victims = [logger.add(lambda line: None) for _ in range(20)]
        for _ in range(20):
            logger.info("outer {{value}}", value=Value())
        print(logger.complete())
        """,
    )

    result.check(stdout="True\n", stderr="")
    assert (tmp_path / "app.log").read_text().splitlines().count("outer value") == 20


@pytest.mark.parametrize("call", CALLS)
@FILES
def test_sinks_may_call_the_logger_while_others_log(tmp_path: Path, call: str, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        sink = begin({sink!r})
        victims = [logger.add(lambda line: None) for _ in range(20)]
        calls = 0
        def write(line):
            global calls
            calls += 1
            if calls <= 20:
                {call}
        outer = logger.add(write)
        threads = [threading.Thread(target=log, args=(200,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(logger.complete(), calls >= 20)
        info = logger.sink_info(outer)
        print(info["written"] + info["dropped"])
        """,
    )

    result.check(stderr="")
    *answers, taken = result.stdout.split()
    lines = (tmp_path / "app.log").read_text().splitlines()
    written = len([line for line in lines if not line.startswith("inner")])
    assert answers == ["True", "True"]
    if "disable" not in call:
        # With `disable`, records that other threads log before `enable` are not wanted.
        assert (written, int(taken) >= 800) == (800, True)


@INNER
def test_sinks_that_log_while_many_threads_do(tmp_path: Path, inner: str) -> None:
    result = run(
        tmp_path,
        f"""
        if {inner!r} != "itself":
            begin({inner!r})
        def write(line):
            if line.startswith("outer"):
                logger.info("inner")
        outer = add(write)
        def work():
            for _ in range(500):
                logger.info("outer")
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        info = logger.sink_info(outer)
        print(logger.complete(), info["written"], info["dropped"])
        """,
    )

    result.check(stdout="True 2000 2000\n", stderr="")
    if inner != "itself":
        lines = (tmp_path / "app.log").read_text().splitlines()
        assert (lines.count("outer"), lines.count("inner")) == (2000, 2000)


@FILES
@pytest.mark.parametrize("end", ["os._exit(0)", "sys.exit(0)"])
def test_fork_inside_a_sink(tmp_path: Path, end: str, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        begin({sink!r})
        parent = os.getpid()
        def write(line):
            if os.getpid() == parent and line.startswith("fork"):
                child = os.fork()
                if child == 0:
                    # Its own call is still under way; this sink is not entered again, the others are.
                    log(10)
                    assert not logger.flush()
                    return
                os.waitpid(child, 0)
        add(write)
        log(10)
        logger.info("fork")
        if os.getpid() != parent:
            log(10, 10)
            logger.flush()
            {end}
        log(10, 10)
        """,
    )

    result.check(stderr="")
    lines = (tmp_path / "app.log").read_text().splitlines()
    # The file comes before the sink, so only the parent has the record.
    assert lines.count("fork") == 1
    (tmp_path / "numbered.log").write_text("".join(f"{line}\n" for line in lines if line != "fork"))
    assert list(check_log(tmp_path / "numbered.log").values()) == [20, 20]


@FILES
def test_fork_inside_a_value(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        begin({sink!r})
        class Value:
            def __str__(self):
                global child
                child = os.fork()
                return "value"
        logger.info("outer {{value}}", value=Value())
        if child == 0:
            logger.info("child")
            sys.exit(0)
        os.waitpid(child, 0)
        """,
    )

    result.check(stderr="")
    # Both processes are in the middle of the call, and both finish it.
    assert sorted((tmp_path / "app.log").read_text().splitlines()) == ["child", "outer value", "outer value"]
