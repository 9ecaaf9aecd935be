"""Call sites: kept while their code lives, and correct in any number."""

from __future__ import annotations

import gc
import json
import logging
import random
import sys
import sysconfig
import warnings
import weakref

import logly
import pytest
from logly import logger

from tests.support.child import output

NAMES = {"logger": logger, "logly": logly, "logging": logging, "warnings": warnings}

# Each is a separate program that logs and is then freed.
PROGRAMS = {
    "plain": "logger.info('hello')",
    "template": "logger.info('paid {amount}', amount=12)",
    "made message": "logger.info('paid {amount} of ' + str(1), amount=12)",
    "conversion": "logger.info('paid {amount!r:>10}', amount=12)",
    "function": "def f():\n    logger.info('in f', x=1)\nf()",
    "lambda": "(lambda: logger.info('in a lambda', x=1))()",
    "class": "class C:\n    logger.info('in a class', x=1)",
    "generator": "def f():\n    logger.info('in f', x=1)\n    yield\nlist(f())",
    "coroutine": (
        "async def f():\n    logger.info('in f', x=1)\ntry:\n    f().send(None)\nexcept StopIteration:\n    pass"
    ),
    "depth": "def f():\n    logger.opt(depth=1).info('by f', x=1)\nf()",
    "once": "logger.once().info('hello')",
    "limit": "logger.limit('1/s').info('hello')",
    "bound": "logger.bind(a=1).info('hello', x=1)",
    "context": "with logger.contextualize(a=1):\n    logger.info('hello')",
    "lazy": "logger.opt(lazy=True).info('{x}', x=lambda: 1)",
    "patched": "logger.patch(lambda record: record['extra'].update(a=1)).info('hello')",
    "exception": "try:\n    1 / 0\nexcept ZeroDivisionError:\n    logger.exception('failed')\n",
    "chain": (
        "def f():\n    1 / 0\ntry:\n    try:\n        f()\n    except ZeroDivisionError as error:\n"
        "        raise ValueError('x') from error\nexcept ValueError:\n    logger.exception('failed')\n"
    ),
    "catch": "@logger.catch\ndef f():\n    1 / 0\nf()",
    "stack": "logger.opt(stack=True).info('hello')",
    "logging": "logging.getLogger('some').warning('hello')",
    "warning": "warnings.warn('hello')",
}


def run(source, name="<program>"):
    """Run a program, and return a weak reference to its code."""
    code = compile(source, name, "exec")
    exec(code, {**NAMES, "__name__": "program"})
    return weakref.ref(code)


@pytest.fixture
def interception():
    undo = [logly.intercept_logging(), logly.capture_warnings()]
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        yield
    for each in undo:
        each.undo()


@pytest.mark.parametrize("source", PROGRAMS.values(), ids=PROGRAMS)
@pytest.mark.usefixtures("interception")
def test_code_that_logged_is_freed(source, tmp_path, records, capsys):
    logger.add(tmp_path / "a.log", json=True)

    code = run(source)

    assert len(records) == 1
    records.clear()
    gc.collect()
    assert code() is None


@pytest.mark.skipif(
    bool(sysconfig.get_config_var("Py_GIL_DISABLED")) and sys.version_info < (3, 14),
    reason="without a GIL, CPython 3.13 keeps functions and code for good once there is a second thread",
)
def test_code_that_logs_while_it_is_freed_is_freed(text):
    source = (
        "class Parting:\n    def __del__(self):\n        logger.info('parting {x}', x=1)\n"
        "def f():\n    return parting\nparting = Parting()\nparting.f = f\nlogger.info('hello {x}', x=2)"
    )

    code = run(source)

    gc.collect()
    assert text.lines == ["hello 2", "parting 1"]
    assert code() is None


def test_place_is_right_where_code_comes_and_goes(records):
    chance = random.Random(7)
    alive, expected = [], []

    for number in range(4000):
        line = chance.randrange(1, 500)
        source = "\n" * (line - 1) + f"logger.info('number {{n}}', n={number})"
        code = compile(source, f"/programs/{number}.py", "exec")
        exec(code, {**NAMES, "__name__": f"program{number}"})
        expected.append((f"/programs/{number}.py", str(line), f"program{number}", f"number {number}"))
        if chance.random() < 0.5:
            alive.append(code)
        if chance.random() < 0.01:
            del alive[: len(alive) // 2]

    assert [(r["file"].path, str(r["line"]), r["name"], r["message"]) for r in records] == expected


def test_code_that_runs_again_after_others_came_keeps_its_place(records):
    functions = []
    for number in range(600):
        names = {**NAMES, "__name__": f"program{number}"}
        exec(compile(f"def f():\n    logger.info('{{n}}', n={number})", f"/{number}.py", "exec"), names)
        functions.append((number, names["f"]))
    for _, function in functions:
        function()
    records.clear()
    del functions[::3]
    gc.collect()

    for _, function in functions:
        function()

    seen = [(record["name"], record["file"].path, record["message"]) for record in records]
    assert seen == [(f"program{number}", f"/{number}.py", str(number)) for number, _ in functions]


# A script that runs repeatedly, as in a notebook or a reloading server.
AGAIN = """
import sys
import sysconfig
from logly import logger
logger.configure(console=False)
logger.add(sys.argv[1], json=True)
source = "\\n".join(f"logger.info('line {i} {{x}}', x={i})" for i in range(50)) + "\\nDATA = b'%s'" % ("x" * 5000)
def run(times):
    for _ in range(times):
        exec(compile(source, "<script>", "exec"), {"logger": logger, "__name__": "script"})
    logger.complete()
    with open("/proc/self/statm") as memory:
        return int(memory.read().split()[1]) * 4096
before = run(50)
print(run(1000) - before)
"""


def test_script_that_runs_again_takes_no_memory(tmp_path):
    growth = int(output(AGAIN, tmp_path / "a.log"))

    # Each run compiles 8 kB of code.
    assert growth < 2_000_000


# There are more call sites than record numbers for them; the last call sites are as correct as the first.
MANY = """
import sys
from logly import logger
logger.configure(console=False)
for number in range(350):
    source = "\\n".join(f"logger.trace('{number} {{x}}', x={i})" for i in range(50))
    exec(compile(source, f"<{number}>", "exec"), {"logger": logger, "__name__": "filler"})
logger.add(sys.argv[1], level="TRACE", json=True)
logger.configure(show_module=True, show_function=True, show_filename=True, show_lineno=True)
for number in range(350):
    source = "\\n".join(f"logger.trace('{number} {{x}}', x={i})" for i in range(50))
    exec(compile(source, f"<{number}>", "exec"), {"logger": logger, "__name__": "filler"})
logger.remove()
seen = []
logger.add(sys.argv[2], json=True)
logger.add_callback(lambda record: seen.append(record))
once = logger.once()
def late():
    for n in range(3):
        logger.info("paid {amount} {who!r:>5}", amount=n, who="a")
        once.info("once", n=n)
        logger.info("plain")
        logger.warning("{0} %", n)
        logger.opt(depth=1).info("outer {n}", n=n)
        logger.bind(b=1).info("bound {n}", n=n, exc_info=ValueError("x"))
late()
logger.disable("__main__")
late()
assert logger.complete(20)
print(len(seen), sorted({record["function"] for record in seen}), sorted({record["module"] for record in seen}))
"""


def test_places_are_right_however_many_there_are(tmp_path):
    first, late = tmp_path / "first.log", tmp_path / "late.log"

    shown = output(MANY, first, late)

    filler = [json.loads(line) for line in first.read_text().splitlines()]
    lines = [json.loads(line) for line in late.read_text().splitlines()]
    assert len(filler) == 17_500
    assert {(r["module"], r["lineno"] - 1) == ("filler", r["fields"]["x"]) for r in filler} == {True}
    assert [r["message"] for r in filler[::50]] == [f"{number} 0" for number in range(350)]
    assert shown == "16 ['<module>', 'late'] ['__main__']\n"
    line = MANY.split("\n").index("def late():") + 1
    inner = [(r["message"], r["fields"], r["lineno"]) for r in lines if r["function"] == "late"]
    assert inner[:5] == [
        ("paid 0   'a'", {"amount": 0, "who": "a"}, line + 2),
        ("once", {"n": 0}, line + 3),
        ("plain", {}, line + 4),
        ("0 %", {}, line + 5),
        ("bound 0", {"b": 1, "n": 0}, line + 7),
    ]
    assert [r["message"] for r in lines if r["function"] != "late"] == ["outer 0", "outer 1", "outer 2"]
    assert len(lines) == 16
