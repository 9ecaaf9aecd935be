"""Tracebacks with values and outer frames, with fewer frames, and in colour."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import sys

import pytest
from logly import logger
from logly._logly import _ValueBudget

groups = pytest.mark.skipif(sys.version_info < (3, 11), reason="exception groups came with Python 3.11")

SECRET = "hunter2-do-not-show"


def divide(numerator, denominator):
    return numerator / denominator


def descend(depth):
    if depth:
        descend(depth - 1)
    else:
        divide(10, 0)


def logged(function, **options):
    """Return the output of a sink for the exception that a function raises."""
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, format="{message}", **options)
    try:
        function()
    except Exception:
        logger.exception("failed")
    return stream.getvalue()


def test_values_stand_below_their_names():
    shown = logged(lambda: divide(10, 0), diagnose=True).splitlines()

    at = shown.index("    return numerator / denominator")
    assert shown[at + 1 : at + 4] == [
        "           │           └ 0",
        "           └ 10",
        "ZeroDivisionError: division by zero",
    ]


def test_values_are_not_shown_by_default():
    value = SECRET

    def fail():
        raise ValueError(len(value))

    assert SECRET not in logged(fail) + logged(fail, backtrace=True) + logged(fail, json=True)


def test_each_sink_shows_what_it_was_asked_for():
    streams = [io.StringIO() for _ in range(4)]
    logger.remove_all()
    for number, stream in enumerate(streams):
        logger.add(stream, format="{message}", backtrace=bool(number & 1), diagnose=bool(number & 2))

    try:
        divide(10, 0)
    except ZeroDivisionError:
        logger.exception("failed")

    found = [("└ 0" in stream.getvalue(), "> File" in stream.getvalue()) for stream in streams]
    assert found == [(False, False), (False, True), (True, False), (True, True)]


# fmt: off
NAMES = [
    "password", "PASSWD", "db_password", "secret", "client_secret", "token", "access_token", "api_key", "apikey",
    "API-Key", "authorization", "cookie", "set-cookie", "session_id", "private_key", "pwd", "credentials", "auth",
]
# fmt: on


@pytest.mark.parametrize("name", NAMES)
def test_password_like_names_are_masked(name):
    def in_dict(settings):
        raise ValueError(len(settings))

    def in_nested(settings):
        raise ValueError(len(settings))

    class Settings:
        def __init__(self):
            setattr(self, name, SECRET)

    def in_object(settings):
        raise ValueError(settings.__class__)

    shown = [
        logged(lambda: in_dict({name: SECRET}), diagnose=True),
        logged(lambda: in_nested({"a": [{"b": {name: SECRET}}]}), diagnose=True),
        logged(lambda: in_object(Settings()), diagnose=True),
    ]

    assert [SECRET in text for text in shown] == [False] * 3
    assert "***" in shown[0]
    assert "***" in shown[2]


def test_variables_with_password_like_names_are_masked():
    def login(user, password):
        raise ValueError(user + str(len(password)))

    shown = logged(lambda: login("ada", SECRET), diagnose=True)

    assert "└ '***'" in shown
    assert "'ada'" in shown
    assert SECRET not in shown


@pytest.mark.parametrize(
    "text",
    [
        f"password={SECRET}",
        f"a=1&token={SECRET}&b=2",
        f'{{"api_key": "{SECRET}"}}',
        f"Authorization: Bearer {SECRET}",
        f"postgres://ada:{SECRET}@db/app",
        f"Cookie: {SECRET}",
    ],
)
def test_secrets_within_texts_are_masked(text):
    def fail(value):
        raise ValueError(len(value))

    shown = logged(lambda: fail(text), diagnose=True)

    assert "└ " in shown
    assert SECRET not in shown


def test_secrets_of_slots_and_dataclasses_are_masked():
    class Slotted:
        __slots__ = ("name", "token")

        def __init__(self):
            self.name, self.token = "ada", SECRET

    def fail(value):
        raise ValueError(id(value))

    shown = logged(lambda: fail(Slotted()), diagnose=True)

    assert "Slotted(name='ada', token='***')" in shown


def test_no_code_of_the_program_runs_for_values():
    called = []

    class Loud:
        def __init__(self):
            self.x = 1

        def __repr__(self):
            called.append("repr")
            return "loud"

        __str__ = __repr__

        def __getattribute__(self, name):
            called.append(name)
            return object.__getattribute__(self, name)

    def fail(value):
        raise ValueError(id(value))

    shown = logged(lambda: fail(Loud()), diagnose=True)

    assert called == []
    assert "Loud(x=1)" in shown


def unasked(called):
    """Return values whose code reports when it is called, in the less common places."""

    class Zone(dt.tzinfo):
        def utcoffset(self, _):
            called.append("utcoffset")
            return dt.timedelta(0)

        def __repr__(self):
            called.append("repr of a zone")
            return "zone"

    class Meta(type):
        def __hash__(cls):
            called.append("hash of a class")
            return 1

        def __getattribute__(cls, name):
            called.append(name)
            return type.__getattribute__(cls, name)

    class Classy(metaclass=Meta):
        pass

    class Spoofed:
        __module__ = "datetime"

        def __repr__(self):
            called.append("repr")
            return "spoofed"

    class Property:
        @property
        def __dict__(self):
            called.append("__dict__")
            return {}

    return [dt.datetime(2025, 1, 15, tzinfo=Zone()), Classy(), Spoofed(), Property(), {"a": [Classy()]}]


@pytest.mark.parametrize("number", range(5))
def test_no_code_of_the_program_runs_in_unusual_places(number):
    called = []
    value = unasked(called)[number]
    called.clear()

    def fail(value):
        raise ValueError(id(value))

    shown = logged(lambda: fail(value), diagnose=True)

    assert "└ " in shown
    assert called == []


LONG = ["x" * 10**6, [0] * 10**6, {n: n for n in range(10**5)}, 10**5000, b"x" * 10**6]


@pytest.mark.parametrize("value", LONG, ids=["str", "list", "dict", "int", "bytes"])
def test_values_are_cut(value):
    def fail(value):
        raise ValueError(id(value))

    shown = logged(lambda: fail(value), diagnose=True)

    assert max(len(line) for line in shown.splitlines() if "└" in line) < 200


def test_values_of_one_exception_are_bounded():
    def deep(depth, text):
        if depth:
            deep(depth - 1, text)
        raise ValueError(len(text))

    shown = logged(lambda: deep(500, "x" * 120), diagnose=True)

    assert sum(len(line) for line in shown.splitlines() if "└" in line) < 12_000


def test_time_for_values_is_bounded(monkeypatch):
    monkeypatch.setattr("logly._exceptions.diagnose.Budget", lambda: _ValueBudget(0.0))

    shown = logged(lambda: divide(10, 0), diagnose=True)

    assert "ZeroDivisionError" in shown
    assert "└" not in shown


def test_lines_are_not_looked_at_once_the_time_is_up(monkeypatch):
    looked_at = []
    monkeypatch.setattr("logly._exceptions.diagnose.Budget", lambda: _ValueBudget(0.0))
    monkeypatch.setattr("logly._exceptions.diagnose._names", lambda line: looked_at.append(line) or ())

    logged(lambda: divide(10, 0), diagnose=True)

    assert looked_at == []


def test_namespaces_of_the_program_are_not_asked():
    asked = []

    class Names(dict):
        def __contains__(self, name):
            asked.append(name)
            return True

    logged(lambda: exec("divide(1, 0)", {}, Names(divide=divide)), diagnose=True)

    assert asked == []


def test_containers_within_themselves_end():
    value = []
    value.append(value)

    def fail(value):
        raise ValueError(len(value))

    assert "└ [[[<list>]]]" in logged(lambda: fail(value), diagnose=True)


def test_diagnosed_cause_shows_its_values():
    def fail():
        try:
            divide(10, 0)
        except ZeroDivisionError as error:
            raise RuntimeError("no share") from error

    shown = logged(fail, diagnose=True)

    assert shown.index("└ 0") < shown.index("The above exception was the direct cause")


def test_frames_beyond_the_catching_one_are_shown():
    shown = logged(lambda: divide(10, 0), backtrace=True)

    lines = [line for line in shown.splitlines() if "File " in line]
    marked = [line for line in lines if line.startswith("> File ")]
    assert len(marked) == 1
    assert marked[0].endswith(", in logged")
    assert lines[lines.index(marked[0]) - 1].endswith(", in test_frames_beyond_the_catching_one_are_shown")


def test_frames_of_logly_are_left_out_of_the_outer_ones():
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, backtrace=True)

    logger.catch(divide)(1, 0)

    assert "_calls/catching.py" not in stream.getvalue()
    assert ", in test_frames_of_logly_are_left_out_of_the_outer_ones" in stream.getvalue()


def test_most_frames_are_the_first_and_the_last():
    logger.configure(max_frames=4)

    shown = re.findall(r"^  (File .*|\.\.\. .*)$", logged(lambda: descend(20)), re.MULTILINE)

    assert shown[2] == "... 20 frames left out ..."
    assert [line.rpartition(" ")[2] for line in shown] == ["logged", "<lambda>", "...", "descend", "divide"]


def test_fewer_frames_than_the_most_are_all_shown():
    logger.configure(max_frames=4)

    assert "\n  ... " not in logged(lambda: divide(1, 0))


def test_most_frames_hold_for_json():
    logger.configure(max_frames=3)

    got = json.loads(logged(lambda: descend(20), json=True))["exception"]

    assert [frame["function"] for frame in got["frames"]] == ["logged", "descend", "divide"]
    assert got["frames_left_out"] == 21


def test_json_has_at_most_200_frames():
    got = json.loads(logged(lambda: descend(400), json=True))["exception"]

    assert (len(got["frames"]), got["frames_left_out"]) == (200, 204)


def test_frames_of_suppressed_libraries_collapse():
    def fail():
        json.dumps(object(), default=lambda _: divide(1, 0))

    logger.configure(suppress=["json"])
    shown = logged(fail)

    assert re.search(r"\n  \.\.\. [3-9] frames of json left out \.\.\.\n  File .*test_exception_details.py", shown)
    assert "encoder.py" not in shown


def test_frame_that_raised_is_shown_even_when_its_library_is_suppressed():
    logger.configure(suppress=["json"])

    shown = re.findall(r"^  (File .*|\.\.\. .*)$", logged(lambda: json.loads("{")), re.MULTILINE)

    assert shown[-2] == "... 2 frames of json left out ..."
    assert shown[-1].endswith(("in raw_decode", "in scan_once"))


@groups
def test_rules_for_frames_hold_within_groups():
    def fail():
        errors = []
        try:
            descend(20)
        except ZeroDivisionError as error:
            errors.append(error)
        raise ExceptionGroup("several", errors)  # noqa: F821 - from 3.11 on

    logger.configure(max_frames=4)

    assert re.search(r"\n    \|   \.\.\. 19 frames left out \.\.\.\n", logged(fail))


def test_rules_can_be_taken_back():
    logger.configure(max_frames=2, suppress=["json"])
    logger.configure(max_frames=False, suppress=[])

    assert "\n  ... " not in logged(lambda: descend(20))


def test_coloured_sinks_colour_tracebacks():
    shown = logged(lambda: divide(1, 0), color=True)

    assert "\x1b[1;35mZeroDivisionError\x1b[0m: division by zero\n" in shown
    assert f'File "\x1b[35m{__file__}\x1b[0m"' in shown


def test_colour_adds_escapes_and_nothing_else():
    coloured, without = [logged(lambda: descend(5), color=color, diagnose=True) for color in (True, False)]

    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == without
    assert coloured != without


def test_escapes_of_messages_colour_nothing():
    def fail():
        raise ValueError("\x1b[31mred")

    assert "\x1b[31m" not in logged(fail, color=True)
