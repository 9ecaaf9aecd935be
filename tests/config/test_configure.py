"""Settings: every parameter of `configure`, at any time; a call changes only the named settings."""

from __future__ import annotations

import io
import json
import types

import logly.testing
import pytest
from logly import logger

LEVELS = ("TRACE", "DEBUG", "INFO", "NOTICE", "SUCCESS", "WARNING", "ERROR", "FAIL", "CRITICAL")


@pytest.fixture
def stream():
    """A sink that follows all settings."""
    logger.remove_all()
    made = io.StringIO()
    logger.add(made, date_style="utc")
    with logly.testing.freeze("2025-01-15T10:30:45.123Z"):
        yield made


@pytest.mark.parametrize("level", ["ERROR", "error", 40])
def test_level_is_a_name_or_a_number(level, stream):
    logger.configure(level=level)

    logger.warning("no")
    logger.error("yes")

    assert stream.getvalue() == "2025-01-15 10:30:45Z | ERROR | yes\n"


def test_settings_hold_for_the_next_call(stream):
    logger.info("one")
    logger.configure(show_time=False)
    logger.info("two")

    assert stream.getvalue() == "2025-01-15 10:30:45Z | INFO | one\nINFO | two\n"


def test_settings_hold_for_what_is_logged_after_them_in_files(tmp_path):
    logger.add(tmp_path / "app.log", date_enabled=None)
    logger.configure(show_time=False)

    for number in range(100):
        logger.configure(show_function=number % 2 == 1)
        logger.info(str(number))
    logger.complete()

    lines = (tmp_path / "app.log").read_text().splitlines()
    assert [line.count("|") for line in lines] == [1, 2] * 50


def test_settings_hold_for_bound_loggers(stream):
    bound = logger.bind(a=1)

    logger.configure(show_time=False)
    bound.info("hello")

    assert stream.getvalue() == "INFO | hello a=1\n"


@pytest.mark.parametrize(
    ("setting", "place"),
    [
        ("show_module", __name__),
        ("show_function", "test_location_is_shown_when_asked"),
        ("show_filename", "test_configure.py"),
    ],
)
def test_location_is_shown_when_asked(setting, place, stream):
    logger.configure(show_time=False, **{setting: True})

    logger.info("hello")

    assert stream.getvalue() == f"INFO | {place} | hello\n"


def test_line_number_is_shown_when_asked(stream):
    logger.configure(show_time=False, show_lineno=True)

    logger.info("hello")

    assert stream.getvalue() == f"INFO | {test_line_number_is_shown_when_asked.__code__.co_firstlineno + 3} | hello\n"


def test_locations_are_joined_in_a_fixed_order(stream):
    logger.configure(show_time=False, show_lineno=True, show_function=True, show_module=True)

    logger.info("hello")

    place = stream.getvalue().split(" | ")[1].split(":")
    assert place[:2] == [__name__, "test_locations_are_joined_in_a_fixed_order"]
    assert place[2].isdigit()


def test_only_what_is_named_changes(stream):
    logger.configure(show_time=False, show_module=True, level="DEBUG")

    logger.configure(show_module=False)
    logger.debug("hello")

    assert stream.getvalue() == "DEBUG | hello\n"


def test_nothing_named_changes_nothing(stream):
    logger.configure(show_time=False)

    logger.configure()
    logger.info("hello")

    assert stream.getvalue() == "INFO | hello\n"


def test_json_switches_all_sinks_that_do_not_say(stream):
    text = []
    logger.add(text.append, json=False, format="{message}")

    logger.configure(json=True)
    logger.info("hello", n=1)

    assert json.loads(stream.getvalue())["fields"] == {"n": 1}
    assert text == ["hello\n"]


def test_json_can_be_switched_back(stream):
    logger.configure(json=True)
    logger.configure(json=False, show_time=False)

    logger.info("hello")

    assert stream.getvalue() == "INFO | hello\n"


def test_pretty_json_indents(stream):
    logger.configure(json=True, pretty_json=True)

    logger.info("hello")

    assert stream.getvalue().startswith('{\n  "timestamp": ')


def test_pretty_json_alone_is_still_text(stream):
    logger.configure(pretty_json=True, show_time=False)

    logger.info("hello")

    assert stream.getvalue() == "INFO | hello\n"


def test_console_levels_hide_levels_on_consoles_only(capsys, tmp_path):
    logger.configure(console_levels={"INFO": False})
    logger.add(tmp_path / "app.log")

    logger.info("hidden")
    logger.warning("shown")
    logger.complete()

    assert capsys.readouterr().out.count("\n") == 1
    assert (tmp_path / "app.log").read_text().count("\n") == 2


def test_storage_levels_hide_levels_from_files_only(capsys, tmp_path):
    logger.configure(storage_levels={"info": False})
    logger.add(tmp_path / "app.log")

    logger.info("console only")
    logger.warning("both")
    logger.complete()

    assert capsys.readouterr().out.count("\n") == 2
    assert (tmp_path / "app.log").read_text().count("\n") == 1


def test_auto_sink_levels_hide_levels_on_the_implicit_console_only(capsys):
    logger.configure(auto_sink_levels={"INFO": False})

    logger.info("hidden")
    logger.warning("shown")
    logger.add("console")
    logger.info("shown on a console that was added")

    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[2] for line in lines] == ["shown", "shown on a console that was added"]


def test_auto_sink_levels_show_nothing_that_console_levels_hide(capsys):
    logger.configure(auto_sink_levels={"INFO": True}, console_levels={"INFO": False})

    logger.info("hidden")

    assert capsys.readouterr().out == ""


def test_neither_switch_concerns_streams_and_functions(stream):
    logger.configure(console_levels={"INFO": False}, storage_levels={"INFO": False}, show_time=False)

    logger.info("shown")

    assert stream.getvalue() == "INFO | shown\n"


def test_time_levels_take_the_time_from_a_level(stream):
    logger.configure(time_levels={"INFO": False})

    logger.info("hello")
    logger.error("hello")

    assert stream.getvalue() == "INFO | hello\n2025-01-15 10:30:45Z | ERROR | hello\n"


@pytest.mark.parametrize(
    "name", ["console_levels", "storage_levels", "time_levels", "color_levels", "auto_sink_levels"]
)
def test_level_switches_keep_what_they_do_not_name(name, capsys, tmp_path):
    off = dict.fromkeys(LEVELS, False)
    logger.configure(**{name: off})
    logger.configure(**{name: {"INFO": True}})
    logger.add(tmp_path / "app.log")

    logger.info("on")
    logger.error("off")
    logger.complete()

    expected = {"console_levels": (1, 2), "auto_sink_levels": (1, 2), "storage_levels": (2, 1)}.get(name, (2, 2))
    assert (capsys.readouterr().out.count("\n"), (tmp_path / "app.log").read_text().count("\n")) == expected


def test_level_switches_take_numbers_and_new_levels(stream):
    logger.configure(levels=[{"name": "AUDIT", "no": 35}], time_levels={"AUDIT": False, 20: False})

    logger.log("AUDIT", "hello")
    logger.info("hello")

    assert stream.getvalue() == "AUDIT | hello\nINFO | hello\n"


@pytest.mark.parametrize("wrap", [dict, types.MappingProxyType], ids=["dict", "mapping"])
def test_extra_is_in_every_record(wrap, stream):
    logger.configure(extra=wrap({"service": "web"}), show_time=False)

    logger.info("hello", n=1)

    assert stream.getvalue() == "INFO | hello service=web n=1\n"


def test_extra_is_taken_when_configured(stream):
    extra = {"tags": ["a"]}
    logger.configure(extra=extra, show_time=False)

    extra["tags"].append("b")
    extra["more"] = 1
    logger.info("hello")

    assert stream.getvalue() == "INFO | hello tags=['a']\n"


def test_extra_replaces_the_one_before(stream):
    logger.configure(extra={"a": 1}, show_time=False)
    logger.configure(extra={"b": 2})

    logger.info("hello")

    assert stream.getvalue() == "INFO | hello b=2\n"


def test_extra_yields_to_bound_fields_and_the_call(stream):
    logger.configure(extra={"a": 0, "b": 0, "c": 0}, show_time=False)

    logger.bind(b=1, c=1).info("hello", c=2)

    assert stream.getvalue() == "INFO | hello a=0 b=1 c=2\n"


@pytest.mark.parametrize("wrap", [list, tuple])
def test_levels_are_defined(wrap, stream):
    logger.configure(
        levels=wrap([{"name": "AUDIT", "no": 35, "color": "cyan", "icon": "A"}, {"name": "INFO", "icon": "i"}]),
        show_time=False,
    )

    logger.log("audit", "hello")

    assert stream.getvalue() == "AUDIT | hello\n"
    assert tuple(logger.level("AUDIT")) == ("AUDIT", 35, "cyan", "A")
    assert logger.level("INFO").icon == "i"


def test_multiline_sets_what_sinks_do_not_say(stream):
    own = []
    logger.add(own.append, format="{message}", multiline="escape")
    logger.configure(multiline="indent", show_time=False)

    logger.info("a\nb")

    assert stream.getvalue() == "INFO | a\n    b\n"
    assert own == ["a\\nb\n"]


def test_values_beyond_max_message_bytes_are_cut(stream):
    logger.configure(max_message_bytes=100, show_time=False)

    logger.info("x" * 1_000)

    line = stream.getvalue()
    assert line.startswith("INFO | " + "x" * 50)
    assert len(line) < 200


def test_setting_many_at_once_equals_one_by_one(stream):
    settings = {"level": "DEBUG", "show_time": False, "show_function": True, "multiline": "raw", "extra": {"a": 1}}
    logger.configure(**settings)
    logger.debug("x\ny")
    at_once = stream.getvalue()
    logger.configure(level="INFO", show_time=True, show_function=False, multiline="escape", extra={})

    for name, value in settings.items():
        logger.configure(**{name: value})
    logger.debug("x\ny")

    assert stream.getvalue() == at_once * 2
