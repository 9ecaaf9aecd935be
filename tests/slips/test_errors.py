"""Arguments that `add` and `configure` refuse: errors name the parameter, its value and the allowed values.

A refused call changes nothing.
"""

from __future__ import annotations

import io
import math

import logly.testing
import pytest
from logly import logger
from logly._logly import _parameters

LEVELS = "one of the levels TRACE, DEBUG, INFO, NOTICE, SUCCESS, WARNING, ERROR, FAIL, CRITICAL"
FLAG = "True or False"
STYLES = 'True, False, "pretty", "flat", "ecs", "gcp", "datadog", "gelf" or "otel"'
DATES = '"rfc3339", "local", "utc" or a time pattern'

SHARE = "a share (float) above 0.0, and 1.0 at most, such as 0.1"
RATE = 'a rate such as "10/min" or "100/5 s", of 1 to 10000 records'
EXPORT = 'a sink that is "otlp"'
# Options that `add` and `configure` both have.
SHAPES = [
    ("keys", ["message"], TypeError, ["a dict of key to new name or None", "['message']"]),
    ("keys", {"message": 1}, TypeError, ["a str", "1"]),
    ("static", ["a"], TypeError, ["a dict of key to value", "['a']"]),
    ("static", {1: 2}, TypeError, ["a str", "1"]),
    ("include", ["proces"], ValueError, ["names among", '"proces"', 'did you mean "process"']),
    ("include", "line", TypeError, ["a list of names", "'line'"]),
    ("exception", "txt", ValueError, ['"frames", "text" or "both"', '"txt"', 'did you mean "text"']),
    ("exception", True, TypeError, ["a str", "True"]),
]
ADD = [
    ("level", "INF", ValueError, [LEVELS, '"INF"', 'did you mean "INFO"']),
    ("level", -1, ValueError, ["a number of 0 or more", "-1"]),
    ("level", 2**40, ValueError, ["a number of 0 or more", str(2**40)]),
    ("level", 1.5, TypeError, ["a level's name or number", "1.5"]),
    ("level", True, TypeError, ["a level's name or number", "True"]),
    ("filter_min_level", "EROR", ValueError, [LEVELS, '"EROR"', 'did you mean "ERROR"']),
    ("filter_min_level", [], TypeError, ["a level's name or number", "[]"]),
    ("min_level", "EROR", ValueError, [LEVELS, '"EROR"']),
    ("filter_module", 1, TypeError, ["a str", "1"]),
    ("filter_function", print, TypeError, ["a str", "<built-in function print>"]),
    ("filter", 1, TypeError, ["a module prefix, a dict of module to level or bool, or a function", "1"]),
    ("filter", {"app": "INF"}, ValueError, [LEVELS, '"INF"']),
    ("filter", {"app": 1.5}, TypeError, ["a level's name or number", "1.5"]),
    ("filter", {1: True}, TypeError, ["a str", "1"]),
    ("where", "ms = 1", ValueError, ['"=="', '"="', "  ms = 1\n     ^"]),
    ("where", print, TypeError, ["a str", "<built-in function print>"]),
    ("sample", 1, TypeError, [SHARE, "1"]),
    ("sample", True, TypeError, [SHARE, "True"]),
    ("sample", "0.1", TypeError, [SHARE, "'0.1'"]),
    ("sample", 0.0, ValueError, [SHARE, "0.0"]),
    ("sample", -0.5, ValueError, [SHARE, "-0.5"]),
    ("sample", 1.5, ValueError, [SHARE, "1.5"]),
    ("sample", math.nan, ValueError, [SHARE, "nan"]),
    ("limit", "100", ValueError, [RATE, '"100"']),
    ("limit", "0/s", ValueError, [RATE, '"0/s"']),
    ("limit", "100/parsec", ValueError, [RATE, '"100/parsec"']),
    ("limit", 100, TypeError, [RATE, "100"]),
    ("limit", b"1/s", TypeError, [RATE, "b'1/s'"]),
    ("format", 1, TypeError, ["a pattern (str) or a function", "1"]),
    ("format", "{level.nme}", ValueError, ["record keys", '"{level.nme}"', 'did you mean "level.name"']),
    ("format", "{user!r}", ValueError, ["record keys without conversions", '"{user!r}"']),
    ("format", "%(levelname)s %(message)s", ValueError, ['names in braces such as "{time} {level}', '"%(levelname)s"']),
    ("format", "{level:zz}", ValueError, ["a width such as", '"{level:zz}"']),
    ("format", "{message:99999}", ValueError, ["a width such as", '"{message:99999}"']),
    ("format", "{time:%Q}", ValueError, ["known strftime directives", '"%Q"']),
    ("format", "{time:SSSSSSSSSS}", ValueError, ["at most nine", '"SSSSSSSSSS"']),
    ("json", "prety", ValueError, [STYLES, '"prety"', 'did you mean "pretty"']),
    ("json", 1, TypeError, [STYLES, "1"]),
    ("serialize", "flatt", ValueError, [STYLES, '"flatt"', 'did you mean "flat"']),
    *SHAPES,
    ("endpoint", "http://h", ValueError, [EXPORT]),
    ("headers", {"a": "b"}, ValueError, [EXPORT]),
    ("resource", {"a": 1}, ValueError, [EXPORT]),
    ("batch", 5, ValueError, [EXPORT]),
    ("spool", "folder", ValueError, [EXPORT]),
    ("spool_limit", "1 MB", ValueError, [EXPORT]),
    ("facility", "user", ValueError, ['a sink that is "syslog" or "journald"']),
    ("app_name", "shop", ValueError, ['a sink that is "syslog" or "journald"']),
    ("syslog_format", "rfc3164", ValueError, ['a sink that is "syslog"']),
    ("message_limit", "1 KiB", ValueError, ['a sink that is "syslog"']),
    ("timeout", 5, ValueError, [f'{EXPORT} or "syslog" or "journald"']),
    ("connect", True, ValueError, [f'{EXPORT} or "syslog" or "journald"']),
    ("certificate", "ca.pem", ValueError, [f'{EXPORT} or "syslog"']),
    ("client_certificate", "own.pem", ValueError, [f'{EXPORT} or "syslog"']),
    ("client_key", "key.pem", ValueError, [f'{EXPORT} or "syslog"']),
    ("color", "yes", TypeError, [FLAG, "'yes'"]),
    ("colorize", 1, TypeError, [FLAG, "1"]),
    ("date_style", "utcc", ValueError, [DATES, '"utcc"', 'did you mean "utc"']),
    ("date_style", "%Q", ValueError, ["known strftime directives", '"%Q"']),
    ("date_style", 1, TypeError, ["a str", "1"]),
    ("date_enabled", "no", TypeError, [FLAG, "'no'"]),
    ("multiline", "escaped", ValueError, ['"escape", "indent" or "raw"', '"escaped"', 'did you mean "escape"']),
    ("multiline", True, TypeError, ["a str", "True"]),
    ("direct", 1, TypeError, [FLAG, "1"]),
    ("async_write", 1, TypeError, [FLAG, "1"]),
    ("enqueue", "yes", TypeError, [FLAG, "'yes'"]),
    ("loop", 7, TypeError, ["an event loop of asyncio", "7"]),
    ("block_timeout", -1, ValueError, ["seconds (0 or more)", "-1"]),
    ("block_timeout", "10", TypeError, ["seconds (a number) or None", "'10'"]),
    ("durability", "power", ValueError, ['"crash"', '"power"']),
    ("buffering", "line", TypeError, ["an int (a buffering of open())", "'line'"]),
    ("context", "frok", ValueError, ['"fork", "spawn", "forkserver" or a context', '"frok"', 'did you mean "fork"']),
    ("context", 7, TypeError, ['"fork", "spawn", "forkserver" or a context', "7"]),
    ("buffer_size", 1, ValueError, ["bytes from 4096 to 1073741824", "1"]),
    ("buffer_size", "8 MB", TypeError, ["an int (bytes)", "'8 MB'"]),
    ("buffer_size", True, TypeError, ["an int (bytes)", "True"]),
    ("mode", "r", ValueError, ['"a" (append), "w" (empty first) or "x" (must not exist)', '"r"']),
    ("mode", 1, TypeError, ["a str", "1"]),
    ("encoding", "utf-7", ValueError, ['"utf-8", "ascii" or "latin-1"', '"utf-7"', 'did you mean "utf-8"']),
    ("encoding", None.__class__, TypeError, ["a str", "NoneType"]),
    ("delay", 0, TypeError, [FLAG, "0"]),
    ("permissions", 0o10000, ValueError, ["permission bits such as 0o640", "4096"]),
    ("permissions", "640", TypeError, ["permission bits such as 0o640", "'640'"]),
    ("overflow", "drop", ValueError, ['"block", "drop_new" or "drop_old"', '"drop"', 'did you mean "drop_']),
    ("overflow", 1, TypeError, ["a str", "1"]),
    ("sync_level", "EROR", ValueError, [LEVELS, '"EROR"']),
    ("flush_interval", -1, ValueError, ["milliseconds from 0", "-1"]),
    ("flush_interval", "1s", TypeError, ["milliseconds", "'1s'"]),
    ("max_buffered_lines", 0, ValueError, ["lines from 1", "0"]),
    ("max_buffered_lines", 1.0, TypeError, ["lines", "1.0"]),
    ("backtrace", "yes", TypeError, [FLAG, "'yes'"]),
    ("diagnose", 1, TypeError, [FLAG, "1"]),
    ("redact", 1, TypeError, ["True, False or a dict of keys, patterns, mask and key", "an object of type int"]),
    ("redact", {"mask": "hash"}, ValueError, ["a secret of at least 16 bytes", "LOGLY_REDACT_KEY", "none"]),
    ("catch", 1, TypeError, [FLAG, "1"]),
    ("watch", 1, TypeError, [FLAG, "1"]),
    ("latest", "yes", TypeError, [FLAG, "'yes'"]),
    ("archive", 1, TypeError, ["a str", "1"]),
    ("adopt", "logur", ValueError, ['"loguru"', '"logur"', 'did you mean "loguru"']),
    ("adopt", True, TypeError, ['"loguru"', "True"]),
    ("rotation", "10 parsecs", ValueError, ['a size such as "10 MB"', "a weekday", '"10 parsecs"']),
    ("size_limit", "daily", ValueError, ["a size such as", '"daily"']),
    ("retention", 0, ValueError, ["a number of archives from 1", "0"]),
    ("compression", "zstd:99", ValueError, ["a level from 1 to 22", '"zstd:99"']),
]


def spellings(function):
    """Return the name and the synonyms of every parameter."""
    return [name for known, synonyms, *_ in _parameters(function) for name in (known, *synonyms)]


SWITCHES = "a dict of level to True or False"
ENTRIES = "a list of dicts with name, no, color and icon"
STYLE = "a colour or style name"
PAIRS = "a list of pairs of name and True or False"

CONFIGURE = [
    ("level", "INF", ValueError, [LEVELS, '"INF"', 'did you mean "INFO"']),
    ("json", "prety", ValueError, [STYLES, '"prety"', 'did you mean "pretty"']),
    ("json", 0, TypeError, [STYLES, "0"]),
    ("pretty_json", "yes", TypeError, [FLAG, "'yes'"]),
    *SHAPES,
    ("keys", {"mesage": "msg"}, ValueError, ["keys that some shape has", '"mesage"', 'did you mean "message"']),
    ("color", "red", TypeError, ['True, False or "auto"', "'red'"]),
    ("format", 1, TypeError, ['a pattern (str), "auto", "logfmt" or False', "1"]),
    ("theme", "drak", ValueError, ['"default", "dark", "light", "high_contrast", "mono"', 'did you mean "dark"']),
    ("theme", 1, TypeError, ["a str", "1"]),
    ("log_compact", "yes", TypeError, [FLAG, "'yes'"]),
    ("level_colors", "red", TypeError, ["a dict of level to colour", "'red'"]),
    ("level_colors", {"INF": "red"}, ValueError, [LEVELS, '"INF"']),
    ("level_colors", {"INFO": "gren"}, ValueError, [STYLE, '"gren"', 'did you mean "green"']),
    ("level_colors", {"INFO": 1}, TypeError, ["a str", "1"]),
    ("level_colors", {33: "red"}, ValueError, ["levels that have a name", "33"]),
    ("color_callback", "red", TypeError, ["a function, or False for none", "'red'"]),
    ("console", 1, TypeError, [FLAG, "1"]),
    *[(f"show_{name}", 1, TypeError, [FLAG, "1"]) for name in ("time", "module", "function", "filename", "lineno")],
    *[
        (f"{name}_levels", ["INFO"], TypeError, [SWITCHES, "['INFO']"])
        for name in ("console", "time", "color", "storage", "auto_sink")
    ],
    *[
        (f"{name}_levels", {"INF": True}, ValueError, [LEVELS, '"INF"'])
        for name in ("console", "time", "color", "storage", "auto_sink")
    ],
    *[
        (f"{name}_levels", {"INFO": 1}, TypeError, [FLAG, "1"])
        for name in ("console", "time", "color", "storage", "auto_sink")
    ],
    ("auto_sink", 1, TypeError, [FLAG, "1"]),
    ("patcher", "mask", TypeError, ["a function, or False for none", "'mask'"]),
    ("patch", True, TypeError, ["a function, or False for none", "True"]),
    ("module_levels", ["app"], TypeError, ["a dict of module to level or bool", "['app']"]),
    ("module_levels", {"app": "INF"}, ValueError, [LEVELS, '"INF"']),
    ("activation", {"app": True}, TypeError, [PAIRS, "{'app': True}"]),
    ("activation", [("app", True), "ap"], TypeError, [PAIRS, "'ap'"]),
    ("activation", [("app", True, 1)], TypeError, [PAIRS, "('app', True, 1)"]),
    ("activation", [("app", 1)], TypeError, [FLAG, "1"]),
    ("activation", [("", False), (None, True)], TypeError, ["a str", "None"]),
    ("extra", [("a", 1)], TypeError, ["a dict", "[('a', 1)]"]),
    ("inherit", 1, TypeError, [FLAG, "1"]),
    ("context", ["user"], TypeError, ["a dict of name to contextvars.ContextVar", "['user']"]),
    ("context", {"user": "ada"}, TypeError, ["user: expected a contextvars.ContextVar", "'ada'"]),
    ("levels", {"AUDIT": 35}, TypeError, [ENTRIES, "{'AUDIT': 35}"]),
    ("levels", ["AUDIT"], TypeError, [ENTRIES, "'AUDIT'"]),
    ("levels", [{"no": 35}], ValueError, ["a name in every entry", "{'no': 35}"]),
    ("levels", [{"name": "AUDIT", "number": 35}], ValueError, ["the keys name, no, color and icon", '"number"']),
    ("levels", [{"name": 5}], TypeError, ["name: expected a str", "5"]),
    ("levels", [{"name": "AUDIT"}], ValueError, ["no: expected a number", '"AUDIT"']),
    ("levels", [{"name": "AUDIT", "no": -1}], ValueError, ["no: expected", "-1"]),
    ("levels", [{"name": "INFO", "no": 21}], ValueError, ["no: expected 20", "21"]),
    ("levels", [{"name": "A", "no": 5, "color": "gren"}], ValueError, ["color: expected", 'did you mean "green"']),
    ("levels", [{"name": "A", "no": 5, "icon": 1}], TypeError, ["icon: expected a str", "1"]),
    ("multiline", "one", ValueError, ['"escape", "indent" or "raw"', '"one"']),
    ("max_message_bytes", 1, ValueError, ["bytes from 64", "1"]),
    ("max_message_bytes", "1 MB", TypeError, ["an int (bytes)", "'1 MB'"]),
    ("max_frames", 0, ValueError, ["frames from 1", "0"]),
    ("max_frames", "3", TypeError, ["an int (frames)", "'3'"]),
    ("suppress", "json", TypeError, ["a list of modules' names", "'json'"]),
    ("suppress", [1], TypeError, ["a str", "1"]),
    ("redact", "yes", TypeError, ["True, False or a dict of keys, patterns, mask and key", "an object of type str"]),
    ("redact", {"pattern": []}, ValueError, ["keys, patterns, mask, key", '"pattern"', 'did you mean "patterns"']),
]

# These settings would show up if a refused call had kept them.
OTHERS = {"level": "TRACE", "show_time": False, "show_function": True, "extra": {"left": "over"}, "console": False}


def case_id(case):
    return f"{case[0]}={case[1]!r}"[:40]


@pytest.fixture
def unchanged():
    """Check after the test that the sinks and their output are as before."""
    stream = io.StringIO()
    logger.add(stream)
    sinks = logger.list_sinks()

    def shown():
        stream.seek(0)
        stream.truncate()
        with logly.testing.freeze("2025-01-15T10:30:45Z"):
            for name in ("TRACE", "INFO", "ERROR"):
                logger.log(name, "text\n", n=1)
        return stream.getvalue()

    before = shown()
    yield
    assert logger.list_sinks() == sinks
    assert shown() == before


def check(error, name, parts):
    message = str(error)
    assert message.startswith(f"{name}: ")
    assert "expected " in message
    assert ", got " in message
    for part in parts:
        assert part in message


@pytest.mark.parametrize(("function", "cases"), [("add", ADD), ("configure", CONFIGURE)])
def test_each_parameter_has_a_wrong_value_here(function, cases):
    # `sinks` is checked before all else, and has tests of its own.
    assert {name for name, *_ in cases} | {"sinks"} == {*spellings(function), "sinks"}


@pytest.mark.parametrize("case", ADD, ids=case_id)
@pytest.mark.usefixtures("unchanged")
def test_add_refuses_a_wrong_value_and_makes_no_file(case, tmp_path):
    name, value, kind, parts = case

    with pytest.raises((TypeError, ValueError)) as caught:
        logger.add(tmp_path / "made" / "app.log", **{name: value})

    assert type(caught.value) is kind
    check(caught.value, name, parts)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("case", CONFIGURE, ids=case_id)
@pytest.mark.usefixtures("unchanged")
def test_configure_refuses_a_wrong_value_and_keeps_nothing(case):
    name, value, kind, parts = case
    others = {other: setting for other, setting in OTHERS.items() if other != name}

    with pytest.raises((TypeError, ValueError)) as caught:
        logger.configure(**others, **{name: value})

    assert type(caught.value) is kind
    check(caught.value, name, parts)


@pytest.mark.usefixtures("unchanged")
def test_refused_configure_keeps_what_came_before_the_error_out():
    with pytest.raises(ValueError, match="levels"):
        logger.configure(levels=[{"name": "AUDIT", "no": 35}, {"name": "INFO", "no": 1}])

    with pytest.raises(ValueError, match="AUDIT"):
        logger.level("AUDIT")


@pytest.mark.parametrize("name", spellings("add"))
@pytest.mark.usefixtures("unchanged")
def test_add_refuses_a_misspelled_name(name, tmp_path):
    with pytest.raises(TypeError) as caught:
        logger.add(tmp_path / "app.log", **{name + name[-1]: None})

    assert f'add() got an unexpected keyword argument "{name + name[-1]}" (did you mean "{name}"?)' in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", spellings("configure"))
@pytest.mark.usefixtures("unchanged")
def test_configure_refuses_a_misspelled_name(name):
    with pytest.raises(TypeError) as caught:
        logger.configure(**OTHERS, **{name + name[-1]: None})

    assert f'configure() got an unexpected keyword argument "{name + name[-1]}" (did you mean "{name}"?)' in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("given", "meant"),
    [("backupCount", "retention"), ("filemode", "mode"), ("fmt", "format"), ("maxBytes", "rotation")],
)
def test_name_of_another_library_leads_to_the_one_here(given, meant, tmp_path):
    with pytest.raises(TypeError) as caught:
        logger.add(tmp_path / "app.log", **{given: 1})

    assert str(caught.value) == f'add() got an unexpected keyword argument "{given}" (did you mean "{meant}"?)'


@pytest.mark.parametrize("given", ["theme", "level_colors", "show_time"])
def test_what_holds_for_all_sinks_leads_to_configure(given):
    with pytest.raises(TypeError) as caught:
        logger.add("console", **{given: None})

    expected = f'add() got an unexpected keyword argument "{given}", which configure() takes for all sinks'
    assert str(caught.value) == expected


def test_name_of_another_library_leads_nowhere_else():
    with pytest.raises(TypeError, match=r'"maxBytes"$'):
        logger.configure(maxBytes=1)


def test_name_like_no_other_gets_no_suggestion():
    with pytest.raises(TypeError, match=r'"qqq"$'):
        logger.add(io.StringIO(), qqq=1)


@pytest.mark.parametrize(
    ("one", "other"),
    [("level", "filter_min_level"), ("json", "serialize"), ("color", "colorize"), ("async_write", "enqueue")],
)
@pytest.mark.usefixtures("unchanged")
def test_parameter_given_in_two_spellings_is_refused(one, other, tmp_path):
    value = "INFO" if one == "level" else False

    with pytest.raises(TypeError, match=f'add\\(\\) got "{one}" and "{other}", which mean the same'):
        logger.add(tmp_path / "app.log", **{one: value, other: value})


@pytest.mark.parametrize("name", spellings("add"))
def test_none_means_not_given(name, tmp_path):
    sink = logger.add(tmp_path / "app.log", **{name: None})

    assert logger.sink_info(sink)["level"] == "INFO"


OF_FILES = {
    "mode": "a", "encoding": "utf-8", "delay": True, "permissions": 0o600, "rotation": "daily", "size_limit": "1 MB",
    "archive": "{stem}.{n}{ext}", "retention": 7, "compression": "gzip", "adopt": "loguru", "latest": False,
    "watch": True, "buffering": 1, "durability": "crash",
}  # fmt: skip


def test_each_parameter_of_files_alone_has_a_value_here():
    assert list(OF_FILES) == [name for name, _, group, _, _ in _parameters("add") if group == "file"]


@pytest.mark.parametrize(("name", "value"), OF_FILES.items())
@pytest.mark.usefixtures("unchanged")
def test_what_only_files_have_is_refused_elsewhere(name, value):
    with pytest.raises(ValueError, match=f"{name}: expected a sink that is a file, got 'console'"):
        logger.add("console", **{name: value})


@pytest.mark.parametrize("sink", [None, 5, b"app.log", object(), ["a"]], ids=["None", "5", "bytes", "object", "list"])
@pytest.mark.usefixtures("unchanged")
def test_add_refuses_what_is_no_sink(sink):
    with pytest.raises(
        TypeError,
        match='sink: expected "console", "stdout", "stderr", "logging", "otlp", "syslog", "journald", a path, an',
    ):
        logger.add(sink)


@pytest.mark.parametrize("path", ["", "a\0b"])
@pytest.mark.usefixtures("unchanged")
def test_add_refuses_what_is_no_path(path):
    with pytest.raises(ValueError, match="sink: expected a path that is not empty and holds no NUL, got"):
        logger.add(path)


@pytest.mark.usefixtures("unchanged")
def test_add_refuses_a_path_of_bytes():
    class Path:
        def __fspath__(self):
            return b"app.log"

    with pytest.raises(TypeError, match="sink: expected a path of text"):
        logger.add(Path())


@pytest.mark.usefixtures("unchanged")
def test_add_refuses_a_wrong_time_in_a_name(tmp_path):
    with pytest.raises(ValueError, match='sink: expected known strftime directives .*"%Q"'):
        logger.add(tmp_path / "{time:%Q}.log")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("unchanged")
def test_long_values_are_cut_in_errors():
    with pytest.raises(TypeError) as caught:
        logger.add(io.StringIO(), color="x" * 10_000)

    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("kind", [tuple, list, lambda pair: dict(enumerate(pair))], ids=["tuple", "list", "dict"])
def test_value_that_shares_without_end_is_refused(kind):
    value = 1
    for _ in range(60):
        value = kind((value, value))

    with pytest.raises(TypeError, match="color: expected True or False, got") as caught:
        logger.add(io.StringIO(), color=value)

    assert len(str(caught.value)) < 200


def test_value_without_a_repr_is_still_refused():
    class Odd:
        def __repr__(self):
            raise OSError

    with pytest.raises(TypeError, match="color: expected True or False, got an object"):
        logger.add(io.StringIO(), color=Odd())


@pytest.mark.parametrize(
    "call",
    [
        lambda: logger.set_level("INF"),
        lambda: logger.level("INF"),
        lambda: logger.is_enabled("INF"),
        lambda: logger.log("INF", "x"),
    ],
)
def test_unknown_level_names_the_known_and_the_nearest(call):
    with pytest.raises(ValueError, match="TRACE, DEBUG, INFO") as caught:
        call()

    assert 'got "INF" (did you mean "INFO"?)' in str(caught.value)


@pytest.mark.parametrize("given", ["rotation", "retention", "overflow"])
def test_what_holds_for_one_sink_leads_to_add(given):
    with pytest.raises(TypeError) as caught:
        logger.configure(**{given: None})

    expected = f'configure() got an unexpected keyword argument "{given}", which add() takes for one sink'
    assert str(caught.value) == expected
