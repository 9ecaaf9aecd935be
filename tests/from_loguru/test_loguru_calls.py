"""Programs written for Loguru: calls, options, levels, `configure` and `catch`."""

from __future__ import annotations

import functools
import io

import pytest
from logly import logger

from tests.support.loguru import added

pytestmark = pytest.mark.usefixtures("no_console")


# Methods


@pytest.mark.parametrize(
    ("method", "number"),
    [("trace", 5), ("debug", 10), ("info", 20), ("success", 25), ("warning", 30), ("error", 40), ("critical", 50)],
)
def test_method_logs_at_its_level(method, number):
    stream = added(format="{level.no} {level} {message}")

    getattr(logger, method)("hello {}", "ada")

    assert stream.getvalue() == f"{number} {method.upper()} hello ada\n"


def test_exception_is_an_error_with_the_one_being_handled():
    stream = added(format="{level} {message}")

    try:
        raise KeyError("port")
    except KeyError:
        logger.exception("no {}", "port")

    assert stream.getvalue().startswith("ERROR no port\nTraceback")
    assert stream.getvalue().endswith("KeyError: 'port'\n")


@pytest.mark.parametrize(("level", "name"), [("INFO", "INFO"), (20, "INFO"), (17, "Level 17")])
def test_log_takes_a_name_or_a_number(level, name):
    stream = added(format="{level} {message}")

    logger.log(level, "hello")

    assert stream.getvalue() == f"{name} hello\n"


@pytest.mark.parametrize(
    ("message", "args", "fields", "text"),
    [
        ("{} and {}", (1, 2), {}, "1 and 2"),
        ("{1} and {0}", (1, 2), {}, "2 and 1"),
        ("{user} {}", (1,), {"user": "ada"}, "ada 1"),
        ("{:>5.1f}|{!r}", (1.25, "x"), {}, "  1.2|'x'"),
        ("{user!r:>6}", (), {"user": "ada"}, " 'ada'"),
        ("{{}} {}", (1,), {}, "{} 1"),
        ("{} untouched", (), {}, "{} untouched"),
    ],
)
def test_message_is_filled_in_by_the_rules_of_str_format(message, args, fields, text):
    stream = added()

    logger.info(message, *args, **fields)

    assert stream.getvalue() == text + "\n"


def test_keywords_are_in_extra():
    stream = added(format="{extra[user]} {message}")

    logger.info("hello", user="ada")

    assert stream.getvalue() == "ada hello\n"


# Options


def test_opt_takes_every_parameter():
    stream = added()

    logger.opt(
        exception=None, record=False, lazy=False, colors=False, raw=False, capture=True, depth=0, ansi=False
    ).info("hello")

    assert stream.getvalue() == "hello\n"


@pytest.mark.parametrize("given", [ValueError("no"), (ValueError, ValueError("no"), None)])
def test_opt_exception_belongs_to_the_record(given):
    stream = added()

    logger.opt(exception=given).info("hello")

    assert stream.getvalue() == "hello\nValueError: no\n"


def test_opt_record_fills_in_the_record():
    stream = added()

    logger.opt(record=True).info("{record[function]} {record[level].no} {record[extra][user]}", user="ada")

    assert stream.getvalue() == "test_opt_record_fills_in_the_record 20 ada\n"


def test_opt_lazy_calls_what_is_wanted():
    stream, calls = added(level="INFO"), []

    logger.opt(lazy=True).debug("{}", lambda: calls.append("debug"))
    logger.opt(lazy=True).info("{n}", n=lambda: calls.append("info") or 3)

    assert (stream.getvalue(), calls) == ("3\n", ["info"])


def test_opt_colors_reads_the_message_and_no_values():
    stream = added(colorize=True)

    logger.opt(colors=True).info("<red>{}</red>", "<blue>x</blue>")

    assert stream.getvalue() == "\x1b[31m<blue>x</blue>\x1b[0m\n"


def test_opt_raw_has_no_format():
    stream = added(format="never {message}")

    logger.opt(raw=True).info("as {}", "it is")

    assert stream.getvalue() == "as it is"


def test_opt_capture_keeps_keywords_out_of_extra():
    stream = added(format="{message} {extra}")

    logger.opt(capture=False).info("{user}", user="ada")

    assert stream.getvalue() == "ada {}\n"


def test_opt_depth_is_the_caller_further_out():
    stream = added(format="{function} {message}")

    def wrapped() -> None:
        logger.opt(depth=1).info("hello")

    wrapped()

    assert stream.getvalue() == "test_opt_depth_is_the_caller_further_out hello\n"


# Context


def test_bound_values_are_those_of_their_logger():
    stream = added(format="{extra[ip]} {message}")

    for address in ("10.0.0.1", "10.0.0.2"):
        logger.bind(ip=address).info("hello")

    assert stream.getvalue() == "10.0.0.1 hello\n10.0.0.2 hello\n"


def test_contextualize_holds_within_a_block_and_a_function():
    stream = added(format="{message} {extra}")

    @logger.contextualize(task=2)
    def work() -> None:
        logger.info("in a function")

    with logger.contextualize(task=1):
        logger.info("in a block")
    work()
    logger.info("outside")

    assert stream.getvalue() == "in a block {'task': 1}\nin a function {'task': 2}\noutside {}\n"


def test_patchers_run_in_their_order_after_the_one_of_configure():
    stream = added(format="{extra[steps]}")
    logger.configure(patcher=lambda record: record["extra"].update(steps="1"))

    def step(name):
        return lambda record: record["extra"].update(steps=record["extra"]["steps"] + name)

    logger.patch(step("2")).patch(step("3")).info("hello")

    assert stream.getvalue() == "123\n"


def test_patcher_may_replace_a_part_of_the_record():
    stream = added(format="{function} {message}")

    logger.patch(lambda record: record.update(function="wrapped")).info("hello")

    assert stream.getvalue() == "wrapped hello\n"


# Levels


def test_level_is_defined_changed_and_asked_for():
    stream = added(format="{level.no} {level.icon} {message}")

    logger.level("CUSTOM", no=15, color="<blue>", icon="@")
    logger.log("CUSTOM", "hello")
    logger.level("CUSTOM", icon="#")
    logger.log("CUSTOM", "hello")

    assert stream.getvalue() == "15 @ hello\n15 # hello\n"
    assert str(logger.level("CUSTOM")) == "Level(name='CUSTOM', no=15, color='<blue>', icon='#')"


def test_level_that_is_unknown_or_renumbered_is_refused():
    with pytest.raises(ValueError, match="name: expected one of the levels"):
        logger.level("NOWHERE")
    with pytest.raises(ValueError, match="no: expected 30"):
        logger.level("WARNING", no=31)


def test_method_for_a_level_of_ones_own_is_one_of_every_logger(monkeypatch):
    stream = added(format="{level} {function} {message} {extra}")
    logger.level("AUDIT", no=35)
    monkeypatch.setattr(
        logger.__class__, "audit", functools.partialmethod(logger.__class__.log, "AUDIT"), raising=False
    )

    logger.audit("paid {}", 12)
    logger.bind(user="ada").opt(depth=0).audit("paid")

    place = "test_method_for_a_level_of_ones_own_is_one_of_every_logger"
    assert stream.getvalue() == f"AUDIT {place} paid 12 {{}}\nAUDIT {place} paid {{'user': 'ada'}}\n"


# All features together


def test_configure_takes_all_its_parts(tmp_path):
    stream = io.StringIO()

    numbers = logger.configure(
        handlers=[
            {"sink": stream, "format": "{level.icon} {extra} {message}"},
            {"sink": tmp_path / "app.log", "enqueue": True, "serialize": True},
        ],
        levels=[{"name": "NEW", "no": 33, "icon": "¤", "color": ""}],
        extra={"common": "default"},
        patcher=lambda record: record["extra"].update(value=42),
        activation=[("elsewhere.secret", False), ("elsewhere", True)],
    )
    logger.log("NEW", "hello")

    assert stream.getvalue() == "¤ {'common': 'default', 'value': 42} hello\n"
    assert logger.read_json(numbers[1])[0]["message"] == "hello"


def test_configure_replaces_extra_and_keeps_what_is_not_named():
    stream = added(format="{extra} {message}")

    logger.configure(extra={"a": 1})
    logger.configure(extra={"b": 2})
    logger.configure(levels=[{"name": "NEW", "no": 33}])
    logger.bind(b=3).info("hello")
    logger.info("hello")

    assert stream.getvalue() == "{'b': 3} hello\n{'b': 2} hello\n"


@pytest.mark.parametrize("name", [__name__, "tests", ""])
def test_disable_and_enable_hold_for_a_module_and_what_is_below(name):
    stream = added()

    logger.disable(name)
    logger.info("no")
    logger.enable(name)
    logger.info("yes")

    assert stream.getvalue() == "yes\n"


# Catching


def test_catch_is_a_decorator_with_and_without_parentheses():
    stream = added(format="{message}")

    @logger.catch
    def bare() -> None:
        raise ValueError

    @logger.catch(default="nothing", message="failed in {record[thread].name}")
    def called() -> str:
        raise ValueError

    assert (bare(), called()) == (None, "nothing")
    assert "An error has been caught in function" in stream.getvalue()
    assert "failed in MainThread" in stream.getvalue()


def test_catch_takes_every_parameter():
    stream, errors = added(format="{level}"), []

    with logger.catch(
        exception=(ValueError, KeyError),
        level="WARNING",
        reraise=False,
        onerror=errors.append,
        exclude=UnicodeError,
        default=None,
        message="failed",
    ):
        raise KeyError("port")

    assert stream.getvalue().startswith("WARNING\n")
    assert [type(error) for error in errors] == [KeyError]


def test_catch_lets_pass_what_is_excluded_or_to_be_raised_again():
    stream = added()

    with pytest.raises(KeyError), logger.catch(exclude=KeyError):
        raise KeyError("port")
    assert stream.getvalue() == ""
    with pytest.raises(KeyError), logger.catch(reraise=True):
        raise KeyError("port")
    assert stream.getvalue() != ""
