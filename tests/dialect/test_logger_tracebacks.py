"""Tracebacks in the dialect: what is kept of a place in the program, and how each kind of value is written."""

from __future__ import annotations

import gc
import linecache
import math
import sys
import weakref

import pytest
from hypothesis import given, strategies as st
from logly._exceptions.masking import masked
from logly.loguru import logger as the_logger

from tests.support.absent import IS_FREE_THREADED

CODE = "def fail(value):\n    raise ValueError(value)\n"


class Plain:
    """An object without a `repr` of its own."""


class Named:
    """An object whose `repr` must not be called."""

    def __init__(self):
        self.name = "ada"

    def __repr__(self):
        raise AssertionError


class Meta(type):
    """A class of classes whose `repr` must not be called."""

    def __repr__(cls):
        raise AssertionError


class Unusual(metaclass=Meta):
    """A class with that metaclass."""


VALUES = [
    (None, "None"),
    (True, "True"),
    (12, "12"),
    (-(2**63), "-9223372036854775808"),
    (10**30, "1" + "0" * 30),
    (10**200, "<int of 665 bits>"),
    (0.1, "0.1"),
    (1e22, "1e+22"),
    (math.nan, "nan"),
    (1j, "1j"),
    ("text", "'text'"),
    ("it's\n", '"it\'s\\n"'),
    ("é\u2028", "'é\\u2028'"),
    ("x" * 300, "'" + "x" * 124 + "..."),
    ("x" * 126, "'" + "x" * 126 + "'"),
    (b"raw", "b'raw'"),
    ([1, None, 2.5], "[1, None, 2.5]"),
    ((), "()"),
    ({3}, "{3}"),
    ([0] * 100, ("[" + "0, " * 100)[:125] + "..."),
    (["a", 1], "['a', 1]"),
    ({"user": "ada", "token": "t"}, "{'user': 'ada', 'token': '***'}"),
    ({"a": [1, {"b": (2, "c")}]}, "{'a': [1, {'b': <tuple>}]}"),
    ([{"a": (1, "b")}, {2.5}], "[{'a': (1, 'b')}, {2.5}]"),
    ([[[["a"]]]], "[[[<list>]]]"),
    (list("abcdefghij"), "['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', ...]"),
    (dict.fromkeys(range(10)), "{" + "".join(f"{n}: None, " for n in range(8)) + "...}"),
    (("a",), "('a')"),
    ({"a"}, "{'a'}"),
    (["x-api-key", "k"], "['x-api-key', '***']"),
    (["--password", "k", "b"], "['--password', '***', 'b']"),
    ([{"session": "s"}, "b"], "[{'session': '***'}, 'b']"),
    ({"pin": 1, b"token": 2}, "{'pin': '***', b'token': '***'}"),
    ({"url": "https://ada:pw@host/"}, "{'url': 'https://ada:***@host/'}"),
    ([10**30, b"b"], f"[{10**30}, b'b']"),
    (len, "<built-in function len>"),
    (Plain, f"<class '{__name__}.Plain'>"),
    (Unusual, f"<class '{__name__}.Unusual'>"),
    (Named(), "Named(name='ada')"),
    (sys, "<module 'sys' (built-in)>"),
]

WORDS = [
    "password", "PASSWD", "pass", "pw", "api_key", "apikey", "secret", "token", "cookie", "Cookie2", "authorization",
    "session_id", "jwt", "cvv", "creditcard", "creds", "bearer", "Basic", "eyJhbGciOiJIUzI1", "ghp_0123456789abcdefgh",
    "github_pat_1", "glpat-0123456789", "xoxb-1", "sk-0123456789abcdefgh", "-----BEGIN RSA PRIVATE KEY-----", "user",
    "monkey", "1", "0123456", "https", "ada", "\u017fecret", "to\u212aen", "cook\u0131e", "é",
]  # fmt: skip
MARKS = ["=", ": ", ":", "://", "@", "-", "--", "_", " ", "'", '"', "\\", "<", ">", "%3D", "=>", "\n", "/", ",", ";"]


def raised(function, *arguments):
    """Log the exception that a function raises."""
    try:
        function(*arguments)
    except Exception:
        the_logger.exception("failed")


def fail(value):
    """Raise an exception on a line that names one value."""
    raise ValueError from (value and None)


def value_in(line):
    """Return the text below the name in the line of `fail`."""
    return line.rpartition("└ ")[2].partition("\n")[0]


def compiled(code, file):
    """Return the function `fail` of a code."""
    names = {}
    exec(compile(code, file, "exec"), names)
    return names["fail"]


@pytest.mark.parametrize(("value", "text"), VALUES, ids=[text[:20] for _, text in VALUES])
def test_each_kind_of_value_has_its_text(logger, lines, value, text):
    logger.add(lines.append, format="{message}", backtrace=False)

    raised(fail, value)

    assert value_in(lines[0]) == text


def test_object_without_repr_is_shown_by_its_address(logger, lines):
    logger.add(lines.append, format="{message}", backtrace=False)
    value = Plain()

    raised(fail, value)

    assert value_in(lines[0]) == object.__repr__(value)


@given(parts=st.lists(st.sampled_from(WORDS + MARKS), max_size=8))
def test_strings_are_masked_by_the_patterns_for_secrets(parts):
    text, lines = "".join(parts), []
    the_logger.remove()
    sink = the_logger.add(lines.append, format="{message}", backtrace=False)

    raised(fail, text)

    the_logger.remove(sink)
    expected = repr(masked(text))
    assert value_in(lines[0]) == (expected if len(expected) <= 128 else expected[:125] + "...")


def test_values_of_secret_names_are_masked(logger, lines):
    logger.add(lines.append, format="{message}", backtrace=False)

    def check(password, pin, api_token):
        raise ValueError(password, pin, api_token)

    raised(check, "hunter2", [1, 2, 3], {4, 5})

    assert lines[0].count("└ '***'\n") == 3


def test_values_end_with_their_budget_and_the_innermost_come_first(logger, lines):
    logger.add(lines.append, format="{message}", backtrace=False)

    def even(depth, text):
        odd(depth - 1, text)

    def odd(depth, text):
        if depth < 0:
            raise ValueError(len(text))
        even(depth - 1, text)

    raised(even, 400, "x" * 200)

    frames = lines[0].split("\n\n")[1:-1]
    has_values = ["└ 'xxx" in frame for frame in frames]
    assert len(frames) > 400
    assert has_values == sorted(has_values)
    assert 30 < sum(has_values) < 80


def test_numbers_too_large_to_write_do_not_lose_other_values(logger, lines):
    logger.add(lines.append, format="{message}", backtrace=False)

    def check(many, few):
        raise ValueError(many, few)

    raised(check, [10**5000], 7)

    assert "└ 7\n" in lines[0]
    assert "└ [<int of 16610 bits>]\n" in lines[0]


def test_namespace_of_the_program_is_not_asked(logger, lines):
    asked = []

    class Names(dict):
        def __contains__(self, name):
            asked.append(name)
            return True

    logger.add(lines.append, format="{message}")

    raised(lambda: exec("fail(value)", {}, Names(fail=fail, value=1)))

    assert asked == []
    assert lines


def test_sinks_have_each_their_own_detail(logger):
    texts = {}
    for backtrace in (False, True):
        for diagnose in (False, True):
            texts[backtrace, diagnose] = found = []
            logger.add(found.append, format="{message}", backtrace=backtrace, diagnose=diagnose)

    raised(fail, 3)

    for (backtrace, diagnose), (text,) in texts.items():
        assert ("> File" in text) is backtrace
        assert ("└ 3\n" in text) is diagnose


def test_repeated_frames_are_counted(logger, lines):
    logger.add(lines.append, format="{message}", backtrace=False)

    def down(depth):
        return down(depth - 1) if depth else 1 / depth

    raised(down, 9)

    assert lines[0].count(", in down\n") == 3
    assert "\n  [Previous line repeated 7 more times]\n\nZeroDivisionError" in lines[0]


def test_line_is_shown_as_it_was_when_it_was_first_needed(logger, lines, tmp_path):
    file = tmp_path / "changing.py"
    file.write_text(CODE)
    function = compiled(CODE, str(file))
    logger.add(lines.append, format="{message}", diagnose=False)
    raised(function, 1)

    file.write_text(CODE.replace("value", "other_value"))
    raised(function, 2)
    raised(compiled(CODE, str(file)), 3)

    assert ["raise ValueError(value)\n" in line for line in lines] == [True, True, False]
    assert "raise ValueError(other_value)\n" in lines[2]


def test_code_at_the_address_of_ended_code_has_its_own_line(logger, lines):
    logger.add(lines.append, format="{message}", backtrace=False, diagnose=False)

    for number in range(50):
        file = f"<made {number}>"
        code = f"def fail(value):\n    raise ValueError({number}, value)\n"
        linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
        raised(compiled(code, file), 1)
        del linecache.cache[file]

    assert all(f"raise ValueError({number}, value)\n" in line for number, line in enumerate(lines))


@pytest.mark.skipif(
    IS_FREE_THREADED and sys.version_info < (3, 14),
    reason="without a GIL, CPython 3.13 keeps functions and code for good once there is a second thread",
)
def test_code_and_values_are_released(logger, lines):
    # A line has its record, which has the exception. A frame whose names were read keeps their values while it lives.
    logger.add(lambda line: lines.append(str(line)), format="{message}", backtrace=False)
    function, value = compiled(CODE, "<released>"), Plain()
    ends = [weakref.ref(function.__code__), weakref.ref(value)]
    raised(function, value)

    del function, value
    gc.collect()

    assert [end() for end in ends] == [None, None]


def test_frames_without_source_stand_close_together(logger, lines):
    logger.add(lines.append, format="{message}", backtrace=False)

    raised(compiled(CODE, "<none>"), 1)

    assert lines[0].endswith('  File "<none>", line 2, in fail\n\nValueError: 1\n')


def test_object_of_several_frames_has_its_text_in_each(logger, lines):
    logger.add(lines.append, format="{message}", backtrace=False)

    def inner(account, token):
        raise ValueError(account, token)

    def outer(account):
        inner(account, account)

    raised(outer, Named())

    assert lines[0].count("└ Named(name='ada')\n") == 3
    assert lines[0].count("└ '***'\n") == 1
