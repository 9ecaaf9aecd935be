"""The differences from Loguru that `logly.loguru` keeps on purpose, each with a program that shows it.

`docs/guides/from-loguru.md` lists the same rows with their reasons. Steps of random programs name the rows that they
may show.
"""

from __future__ import annotations

from typing import NamedTuple


class Kept(NamedTuple):
    """A difference: a program, and its standard output on Loguru and on `logly.loguru`."""

    title: str
    """The first column of the guide's table."""
    program: str
    loguru: str
    logly: str


_BEGIN = """
import io, os, sys
from loguru import logger

logger.remove()


def attempt(call):
    try:
        call()
    except Exception as error:
        print("raised", type(error).__name__)


"""

_TRACEBACK = """ERROR
Traceback (most recent call last):

  File "program.py", line 17, in <module>
    password / user
    │          └ 'ada'
    └ {}

TypeError: unsupported operand type(s) for /: 'str' and 'str'
"""

_ATTRIBUTES = """ERROR
Traceback (most recent call last):

  File "program.py", line 19, in <module>
    user.age / 0
    {}

ZeroDivisionError: division by zero
"""

KEPT = {
    "unfit": Kept(
        "messages that do not fit their arguments",
        'logger.add(sys.stdout, format="{message}")\n'
        'attempt(lambda: logger.info("{} and {}", 1))\n'
        'attempt(lambda: logger.info("{user}", name=2))\n'
        'attempt(lambda: logger.info("{:d}", "x"))\n'
        'attempt(lambda: logger.info("{", 1))\n',
        "raised IndexError\nraised KeyError\nraised ValueError\nraised ValueError\n",
        "1 and {}\n{user}\nx\n{\n",
    ),
    "lazy": Kept(
        "functions of `opt(lazy=True)` that raise",
        'logger.add(sys.stdout, format="{message}")\n'
        'attempt(lambda: logger.opt(lazy=True).info("result {}", lambda: 1 / 0))\n',
        "raised ZeroDivisionError\n",
        "result <unprintable lazy: ZeroDivisionError>\n",
    ),
    "reaching": Kept(
        "attributes and items in messages",
        'logger.add(sys.stdout, format="{message}")\n'
        'logger.info("{sys.maxsize} {values[1]}", sys=sys, values="ab")\n'
        'logger.info("{0.__class__}", 1)\n',
        f"{2**63 - 1} b\n<class 'int'>\n",
        "{sys.maxsize} {values[1]}\n{0.__class__}\n",
    ),
    "markup": Kept(
        "wrong markup in messages",
        'logger.add(sys.stdout, format="{message}")\n'
        'attempt(lambda: logger.opt(colors=True).info("<nothing>text"))\n'
        'attempt(lambda: logger.opt(colors=True).info("text</red>"))\n',
        "raised ValueError\nraised ValueError\n",
        "<nothing>text\ntext</red>\n",
    ),
    "missing": Kept(
        "fields that a format shows and a record does not have",
        'logger.add(sys.stdout, format="{extra[user]}: {message}")\n'
        'logger.info("without")\n'
        'logger.bind(user="ada").info("with")\n',
        "ada: with\n",
        ": without\nada: with\n",
    ),
    "control": Kept(
        "control characters in messages",
        'logger.add(sys.stdout, format="{message}")\nlogger.info("a\\x1b[2J\\r\\0\\x7fb\\tc\\nd")\n',
        "a\x1b[2J\r\0\x7fb\tc\nd\n",
        "a\\x1b[2J\\r\\x00\\x7fb\tc\nd\n",
    ),
    "reports": Kept(
        "reports of sinks and filters that raise",
        "sys.stderr = io.StringIO()\n"
        "logger.add(lambda message: 1 / 0)\n"
        'logger.info("lost")\n'
        'logger.info("lost as well")\n'
        "lines = sys.stderr.getvalue().splitlines()\n"
        'print(*[line for line in lines if line.startswith(("---", "logly"))], sep="\\n")\n',
        2 * "--- Logging error in Loguru Handler #1 ---\n--- End of logging error ---\n",
        "logly: sink <lambda> raised ZeroDivisionError: division by zero (program.py:15)\n",
    ),
    "coroutines": Kept(
        "coroutine functions without a running loop",
        "async def sink(message):\n"
        '    print("delivered", message, end="")\n\n\n'
        'logger.add(sink, format="{message}")\n'
        'logger.info("a record")\n'
        "logger.complete()\n",
        "",
        "delivered a record\n",
    ),
    "nan": Kept(
        "`NaN` and infinities with `serialize=True`",
        'logger.add(lambda message: print(message.partition(\'"extra": \')[2].partition("}")[0]), serialize=True)\n'
        'logger.info("", a=float("nan"), b=float("-inf"))\n',
        '{"a": NaN, "b": -Infinity\n',
        '{"a": null, "b": null\n',
    ),
    "tracebacks": Kept(
        "attributes in tracebacks",
        "from types import SimpleNamespace\n\n"
        'logger.add(sys.stdout, format="{level}", backtrace=False)\n'
        "user = SimpleNamespace(age=1)\n"
        "try:\n"
        "    user.age / 0\n"
        "except ZeroDivisionError:\n"
        '    logger.exception("")\n',
        _ATTRIBUTES.format("│    └ 1\n    └ namespace(age=1)"),
        _ATTRIBUTES.format("└ <SimpleNamespace>"),
    ),
    "colours": Kept(
        "colours in tracebacks",
        'logger.add(lambda message: print("\\nTwo words: bad" in message), colorize=True, diagnose=False)\n'
        "try:\n"
        '    raise type("Two words", (Exception,), {"__module__": "builtins"})("bad")\n'
        "except Exception:\n"
        '    logger.exception("")\n',
        "False\n",
        "True\n",
    ),
    "secrets": Kept(
        "secrets in tracebacks",
        'logger.add(sys.stdout, format="{level}", backtrace=False)\n'
        'password, user = "hunter2", "ada"\n'
        "try:\n"
        "    password / user\n"
        "except TypeError:\n"
        '    logger.exception("")\n',
        _TRACEBACK.format("'hunter2'"),
        _TRACEBACK.format("'***'"),
    ),
    "foreign": Kept(
        "files that `retention` removes",
        'open("app.notes.log", "w").close()\n'
        'logger.add("app.log", retention=1, rotation="10 B")\n'
        'logger.info("a line")\n'
        "logger.remove()\n"
        'print("app.notes.log" in os.listdir("."))\n',
        "False\n",
        "True\n",
    ),
    "empty": Kept(
        "rotation of an empty file",
        'logger.add("app.log", format="{message}", rotation="10 B")\n'
        'logger.info("a line of more than 10 bytes")\n'
        'logger.info("b")\n'
        "logger.remove()\n"
        'print(len(os.listdir(".")))\n',
        "3\n",
        "2\n",
    ),
    "sizes": Kept(
        "sizes of rotation",
        'logger.add("app.log", format="{message}", rotation="12 B")\n'
        'logger.info("\xe9\xe9\xe9")\n'
        'logger.info("\xe9\xe9\xe9")\n'
        "logger.remove()\n"
        'print(len(os.listdir(".")))\n',
        "1\n",
        "2\n",
    ),
    "long": Kept(
        "messages of more than 1 MiB",
        'logger.add(lambda message: print(len(message) > 1_100_000))\nlogger.info("x" * 2_000_000)\n',
        "True\n",
        "False\n",
    ),
    "unnamed": Kept(
        "colours of levels without a name",
        'logger.add(sys.stdout, format="<level>{message}</level>", colorize=True)\nlogger.log(33, "a record")\n',
        "a record\x1b[0m\n",
        "a record\n",
    ),
    "own-format": Kept(
        "values with a `__format__` of their own",
        "class Money:\n"
        "    def __format__(self, spec):\n"
        '        return f"formatted {spec}"\n\n'
        "    def __str__(self):\n"
        '        return "text"\n\n\n'
        'logger.add(sys.stdout, format="{message}")\n'
        'logger.info("{v}, {v:.2f}", v=Money())\n',
        "formatted , formatted .2f\n",
        "text, formatted .2f\n",
    ),
    "nameless": Kept(
        'filters named `""`, and modules without a name',
        'logger.add(sys.stdout, format="{message}", filter="")\n'
        'logger.add(sys.stdout, format="{message}", filter={"": "ERROR"})\n'
        'exec("logger.info(1)", {"logger": logger})\n'
        'exec("logger.error(2)", {"logger": logger})\n',
        "1\n2\n",
        "1\n2\n2\n",
    ),
    "no-message": Kept(
        "calls without a message",
        'logger.add(sys.stdout, format="a record {message}")\nattempt(lambda: logger.info())\n',
        "raised TypeError\n",
        "a record \n",
    ),
    "numbers": Kept(
        "numbers of standard levels",
        "import subprocess\n\n"
        'name = type(logger).__module__.partition("._")[0]\n'
        "code = f\"from {name} import logger; print(logger.level('DEBUG').no)\"\n"
        'environment = {**os.environ, "LOGURU_DEBUG_NO": "15"}\n'
        'done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)\n'
        'print(done.stdout, done.stderr, end="", sep="")\n',
        "15\n",
        "10\nlogly: LOGURU_DEBUG_NO is not read: the numbers of levels are fixed; give another level to `add`\n",
    ),
    "brackets": Kept(
        "brackets in time patterns",
        'logger.add(sys.stdout, format="{time:YYYY[T]MM}")\n'
        "logger.patch(\n"
        '    lambda record: record.update(time=record["time"].replace(2024, 2, 29))\n'
        ').info("")\n',
        "2024[T]02\n",
        "2024T02\n",
    ),
    "microseconds": Kept(
        "`{time:x}`",
        'logger.add(sys.stdout, format="{time:X} {time:x}")\n'
        "logger.patch(\n"
        '    lambda record: record.update(time=record["time"].replace(2024, 2, 29, 1, 2, 3, 456789))\n'
        ').info("")\n',
        "1709168523 1709168523913578\n",
        "1709168523 1709168523456789\n",
    ),
}


def program(kept):
    """Return the whole program of a row."""
    return _BEGIN.lstrip() + kept.program
