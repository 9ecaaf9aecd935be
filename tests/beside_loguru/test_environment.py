"""The variables `LOGURU_*` have the same effect on both libraries."""

from __future__ import annotations

import pytest

from tests.beside_loguru.running import Runner

PROGRAM = """
import sys
from loguru import logger

for name in ("TRACE", "INFO", "ERROR"):
    print(logger.level(name))
logger.debug("by default {}", 1)
logger.bind(user="ada").error("with a field")
print(logger.add(sys.stdout))
logger.warning("<b>added</b>")
"""

FAILING = """
from loguru import logger

value = "not shown"
try:
    int(value)
except ValueError:
    logger.exception("failed")
"""


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"LOGURU_AUTOINIT": "False"},
        {"LOGURU_AUTOINIT": "0", "LOGURU_LEVEL": "ERROR"},
        {"LOGURU_LEVEL": "WARNING"},
        {"LOGURU_AUTOINIT": "no", "LOGURU_FORMAT": "{level.icon} {message}"},
        {"LOGURU_FORMAT": "<red>{level}</red> {message} {extra}"},
        {"LOGURU_FORMAT": "{message}", "LOGURU_COLORIZE": "yes"},
        {"LOGURU_COLORIZE": "1"},
        {"LOGURU_COLORIZE": "off"},
        {"LOGURU_SERIALIZE": "true", "LOGURU_FORMAT": "{message}"},
        {"LOGURU_CATCH": "False"},
        {"LOGURU_FILTER": "other"},
        {"LOGURU_INFO_COLOR": "<red>", "LOGURU_INFO_ICON": "I"},
        {"NO_COLOR": "1", "LOGURU_FORMAT": "<red>{message}</red>"},
        {"FORCE_COLOR": "1", "LOGURU_FORMAT": "<red>{message}</red>"},
        {"LOGLY_LEVEL": "ERROR", "LOGLY_FORMAT": "{message}", "LOGLY_COLOR": "1", "LOGLY_JSON": "1"},
    ],
    ids=lambda variables: " ".join(f"{name}={value}" for name, value in variables.items()) or "none",
)
def test_variables_have_the_same_effect_on_both(variables):
    with Runner(**variables) as runner:
        theirs, ours = runner.run(PROGRAM)

    assert theirs.state == 0
    assert str(ours) == str(theirs)


@pytest.mark.parametrize("backtrace", ["yes", "no"])
def test_tracebacks_without_values_are_the_same_on_both(backtrace):
    with Runner(LOGURU_BACKTRACE=backtrace, LOGURU_DIAGNOSE="no") as runner:
        theirs, ours = runner.run(FAILING)

    assert "ValueError: invalid literal" in theirs.stderr
    assert str(ours) == str(theirs)
