"""`console_levels` and similar options: they override the setting for all levels, in both directions."""

from __future__ import annotations

import io
import logging

import pytest
from logly import Logger, logger


def log_all():
    for name in ("DEBUG", "INFO", "ERROR"):
        logger.log(name, name.lower())


def messages(text):
    return [line.split(" | ")[-1] for line in text.splitlines()]


@pytest.fixture
def file(tmp_path, no_console):
    """Add a file, and return a function that reads its messages."""
    path = tmp_path / "app.log"

    def read():
        logger.complete()
        return messages(path.read_text())

    read.sink = logger.add(path)
    return read


def test_console_shows_a_level_below_the_general_one(capsys, tmp_path):
    logger.configure(console_levels={"DEBUG": True, "INFO": False})
    logger.add(tmp_path / "app.log")

    log_all()
    logger.complete()

    assert messages(capsys.readouterr().out) == ["debug", "error"]
    assert messages((tmp_path / "app.log").read_text()) == ["info", "error"]


def test_file_has_a_level_below_the_general_one(file):
    logger.configure(level="ERROR", storage_levels={"DEBUG": True})

    log_all()

    assert file() == ["debug", "error"]


def test_levels_between_those_that_are_switched_on_stay_off(file):
    logger.configure(level="ERROR", storage_levels={"TRACE": True})

    logger.trace("trace")
    log_all()

    assert file() == ["trace", "error"]
    assert logger.is_enabled("TRACE")
    assert not logger.is_enabled("DEBUG")


def test_level_of_a_sink_wins_over_a_level_that_is_switched_on(file):
    logger.set_level("ERROR", file.sink)
    logger.configure(storage_levels={"INFO": True})

    log_all()

    assert file() == ["error"]


def test_level_of_a_module_wins_over_a_level_that_is_switched_on(file):
    logger.configure(storage_levels={"DEBUG": True}, module_levels={__name__: "ERROR"})

    log_all()

    assert file() == ["error"]


def test_levels_that_are_switched_on_hold_for_modules_without_a_rule(file):
    logger.configure(storage_levels={"DEBUG": True}, module_levels={"other": "ERROR"})

    log_all()

    assert file() == ["debug", "info", "error"]


def test_background_console_follows_too(capsys):
    logger.add("console", async_write=True)
    logger.configure(console_levels={"DEBUG": True, "ERROR": False})

    log_all()
    logger.complete()

    assert messages(capsys.readouterr().out) == ["debug", "info"]


def test_file_with_a_function_as_filter_follows_too(tmp_path, no_console):
    logger.add(tmp_path / "app.log", filter=lambda record: record["message"] != "info", async_write=False)
    logger.configure(storage_levels={"DEBUG": True})

    log_all()

    assert messages((tmp_path / "app.log").read_text()) == ["debug", "error"]


def test_records_of_logging_follow_too(file):
    import logly

    logger.configure(storage_levels={"DEBUG": True})
    with logly.intercept_logging():
        logging.getLogger("other").debug("debug of logging")

    assert file() == ["debug of logging"]


@pytest.mark.parametrize("name", ["console_levels", "auto_sink_levels"])
@pytest.mark.parametrize("off", ["console", "auto_sink"])
def test_console_that_is_off_shows_the_levels_that_are_switched_on(name, off, capsys):
    logger.configure(**{off: False, name: {"ERROR": True}})

    log_all()

    assert messages(capsys.readouterr().out) == ["error"]
    assert not logger.is_enabled("INFO")


def test_console_comes_and_goes_with_its_last_level(capsys):
    logger.configure(console=False)
    logger.configure(console_levels={"ERROR": True})
    logger.error("shown")
    logger.configure(console_levels={"ERROR": False})
    logger.error("hidden")

    assert messages(capsys.readouterr().out) == ["shown"]
    assert logger.sink_count == 0


def test_console_that_was_removed_does_not_come_back(capsys):
    logger.remove_all()
    logger.configure(console_levels={"ERROR": True})

    log_all()

    assert capsys.readouterr().out == ""


def test_console_switched_on_again_shows_all(capsys):
    logger.configure(console=False, console_levels={"ERROR": True})
    logger.configure(console=True)

    log_all()

    assert messages(capsys.readouterr().out) == ["info", "error"]


def test_sinks_given_with_console_levels_keep_the_console_of_those(capsys, tmp_path):
    logger.configure(
        console=False, console_levels={"ERROR": True}, sinks=[{"sink": tmp_path / "app.log"}], show_time=False
    )

    log_all()
    logger.complete()

    assert capsys.readouterr().out == "ERROR | error\n"


def test_time_is_shown_for_a_level_though_it_is_off():
    stream = io.StringIO()
    logger.add(stream)
    logger.configure(show_time=False, time_levels={"ERROR": True})

    log_all()

    info, error = stream.getvalue().splitlines()
    assert info == "INFO | info"
    assert error.endswith(" | ERROR | error")
    assert len(error.split(" | ")) == 3


def test_sink_without_times_has_none_for_such_a_level_either():
    stream = io.StringIO()
    logger.add(stream, date_enabled=False)
    logger.configure(time_levels={"ERROR": True})

    logger.error("error")

    assert stream.getvalue() == "ERROR | error\n"


@pytest.mark.parametrize("async_write", [False, True])
def test_level_is_coloured_though_colours_are_off(async_write):
    stream = io.StringIO()
    logger.add(stream, async_write=async_write)
    logger.configure(color=False, show_time=False, color_levels={"ERROR": True})

    log_all()
    logger.complete()

    info, error = stream.getvalue().splitlines()
    assert "\x1b" not in info
    assert "\x1b" in error


def test_sink_without_colours_has_none_for_such_a_level_either(tmp_path):
    stream = io.StringIO()
    logger.add(stream, color=False)
    logger.add(tmp_path / "app.log")
    logger.configure(color_levels={"ERROR": True})

    logger.error("error")
    logger.complete()

    assert "\x1b" not in stream.getvalue() + (tmp_path / "app.log").read_text()


def test_color_callback_gets_the_level_though_colours_are_off():
    stream = io.StringIO()
    logger.add(stream, format="{message}")
    logger.configure(color=False, color_levels={"ERROR": True}, color_callback=lambda level, text: f"<{level} {text}>")

    log_all()

    assert stream.getvalue() == "info\n<ERROR error>\n"


def test_reset_forgets_the_levels(capsys):
    logger.configure(console=False, console_levels={"DEBUG": True})
    logger.reset()

    log_all()

    assert messages(capsys.readouterr().out) == ["info", "error"]


def test_independent_logger_has_its_own(capsys):
    audit = Logger()
    audit.configure(console_levels={"DEBUG": True})

    audit.debug("audit")
    logger.debug("hidden")

    assert messages(capsys.readouterr().out) == ["audit"]


# None means "not given"


@pytest.fixture
def changed():
    """Set each kind of setting to a value that is not its default."""
    stream = io.StringIO()
    logger.add(stream)
    logger.configure(
        level="DEBUG", format="{level} {message}{extra}", color=True, theme="mono", level_colors={"INFO": "red"},
        color_callback=lambda level, text: f"[{text}]", extra={"a": 1}, patcher=lambda record: None,
        max_frames=3, suppress=["json"], levels=[{"name": "AUDIT", "no": 35}], module_levels={"x": "ERROR"},
        console_levels={"INFO": False}, storage_levels={"INFO": False}, multiline="raw", max_message_bytes=1000,
    )  # fmt: skip
    return stream


def test_none_changes_no_setting(changed):
    from logly.typing import ConfigureOptions

    logger.info("hello\nworld")
    before = changed.getvalue()
    for name in ConfigureOptions.__annotations__:
        assert logger.configure(**{name: None}) is None
    logger.configure(**dict.fromkeys(ConfigureOptions.__annotations__))
    changed.truncate(changed.seek(0))

    logger.info("hello\nworld")

    assert changed.getvalue() == before
    assert before.startswith("[INFO hello\nworld")


def test_false_takes_functions_formats_and_bounds_back(changed):
    logger.configure(
        format=False, color="auto", theme="default", color_callback=False, patcher=False, max_frames=False, extra={}
    )
    changed.truncate(changed.seek(0))

    logger.info("hello")

    assert changed.getvalue().endswith(" | INFO | hello\n")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("color", "never", 'True, False or "auto"'), ("patcher", True, "a function, or False for none"),
        ("color_callback", 0, "a function, or False for none"),
        ("format", True, 'a pattern (str), "auto", "logfmt" or False'),
    ],
)  # fmt: skip
def test_other_words_are_refused_with_those_allowed(name, value, expected):
    with pytest.raises(TypeError) as raised:
        logger.configure(**{name: value})

    assert f"{name}: expected {expected}, got " in str(raised.value)
