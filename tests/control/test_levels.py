"""`logly level`: levels of a running program, shown, changed, and changed for some time."""

from __future__ import annotations

import json

import pytest

from tests.control.conftest import wait_until

TELLING = """
control = logger.serve_control()
print(control.path, flush=True)
for line in sys.stdin:
    exec(line)
"""


@pytest.fixture
def program(serve):
    return serve(TELLING)


@pytest.fixture
def level(ask, program):
    """A function that runs the command for the program."""
    return lambda *words: ask("level", program.process.pid, *words)


def table(level, *words):
    return json.loads(level("--json", *words).check().stdout)


def answers(program, code):
    program.go_on(f"print({code}, flush=True)")
    return program.line()


def test_levels_are_shown_if_none_is_given(program, level):
    program.go_on('logger.configure(level="WARNING", module_levels={"shop": "DEBUG", "noisy": False, "all": True})')
    assert answers(program, "1") == "1"

    level().check(stdout="all modules: WARNING\nall: all\nnoisy: off\nshop: DEBUG\n", stderr="")


def test_general_level_is_changed(program, level):
    level("debug").check(stdout="all modules: DEBUG\n", stderr="")

    assert answers(program, 'logger.is_enabled("DEBUG")') == "True"


def test_other_levels_stay(program, level):
    program.go_on('logger.configure(level="ERROR", module_levels={"shop": "DEBUG"})')

    assert table(level, "noisy=off")["modules"] == {"shop": "DEBUG", "noisy": False}
    assert answers(program, 'logger.is_enabled("WARNING"), logger.is_enabled("CRITICAL")') == "False True"


@pytest.mark.parametrize(("word", "kept"), [("off", False), ("all", True), ("35", 35), ("trace", "TRACE")])
def test_module_gets_the_level(level, word, kept):
    assert table(level, f"shop={word}")["modules"] == {"shop": kept}


def test_default_takes_the_level_of_a_module_away(level):
    level("shop=DEBUG").check()

    assert table(level, "shop=default")["modules"] == {}


def test_unknown_level_changes_nothing_and_names_the_nearest(level):
    refused = level("shop=DEBUG", "noisy=DEBGU")

    refused.check(returncode=2, stdout="")
    assert "noisy: expected one of the levels" in refused.stderr
    assert 'did you mean "DEBUG"?' in refused.stderr
    assert table(level)["modules"] == {}


@pytest.mark.parametrize("words", [("=DEBUG",), ("shop=",), ("shop=DEBUG", "shop=INFO"), ("--for", "10m")])
def test_words_that_do_not_fit_are_refused(level, words):
    level(*words).check(returncode=2, stdout="")


@pytest.mark.parametrize("span", ["0s", "soon", "-5m", "400d"])
def test_span_that_is_not_allowed_is_refused(level, span):
    refused = level("DEBUG", f"--for={span}")

    refused.check(returncode=2)
    assert "expected a time of at most a year, such as 90s" in refused.stderr


def test_level_for_some_time_ends_although_the_command_is_gone(program, level):
    level("shop=DEBUG", "TRACE", "--for", "0.2s").check(stderr="")

    wait_until(lambda: table(level)["left"] == {})

    shown = table(level)
    assert (shown["level"], shown["modules"]) == ("INFO", {})


def test_time_left_is_shown(level):
    shown = level("shop=DEBUG", "--for", "10m").check(stderr="").stdout

    assert shown.splitlines()[1].startswith("shop: DEBUG, for ")
    assert shown.splitlines()[1].endswith(", then no level of its own")


def test_second_change_for_some_time_ends_at_what_was_before_the_first(level):
    level("shop=ERROR").check()
    level("shop=DEBUG", "--for", "1h").check()

    level("shop=TRACE", "--for", "0.1s").check()

    wait_until(lambda: table(level)["modules"] == {"shop": "ERROR"})
    assert table(level)["left"] == {}


def test_change_for_good_replaces_the_end_of_an_earlier_one(level):
    level("shop=DEBUG", "--for", "0.2s").check()
    level("shop=TRACE").check()
    level("other=DEBUG", "--for", "0.3s").check()

    wait_until(lambda: table(level)["left"] == {})

    assert table(level)["modules"] == {"shop": "TRACE"}


def test_level_that_the_program_sets_meanwhile_stays(program, level):
    level("shop=DEBUG", "INFO", "--for", "1h").check()
    program.go_on('logger.configure(level="WARNING", module_levels={"shop": "CRITICAL"})')
    assert answers(program, "1") == "1"

    shown = table(level)

    assert (shown["level"], shown["modules"], shown["left"]) == ("WARNING", {"shop": "CRITICAL"}, {})


def test_closing_restores_the_levels(program, level):
    level("DEBUG", "--for", "1h").check()
    program.go_on("control.close()")

    wait_until(lambda: answers(program, 'logger.is_enabled("DEBUG")') == "False")


def test_sinks_with_their_own_level_are_named(program, level, tmp_path):
    program.go_on(f'logger.add({str(tmp_path / "app.log")!r}, level="ERROR")')
    assert answers(program, "1") == "1"

    shown = level("shop=DEBUG").check()

    assert shown.stdout.endswith(f"sink 1, file {tmp_path / 'app.log'}, has its own level: ERROR\n")
    assert shown.stderr == "logly level: sink 1 does not show DEBUG of shop: its level is higher\n"


def test_next_record_has_the_level(program, level):
    program.go_on('logger.configure(show_time=False); logger.debug("before")')
    level("DEBUG").check()

    program.go_on('logger.debug("after")')

    assert program.line() == "DEBUG | after"
