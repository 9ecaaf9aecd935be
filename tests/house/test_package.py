"""The names that the package offers: lazily imported names exist, and shells complete them."""

from __future__ import annotations

import inspect

import logly
import pytest
from logly import Logger, logger
from logly.typing import CallbackOptions, ConfigureOptions, SinkOptions

from tests.support.child import run


@pytest.mark.parametrize("name", logly.__all__)
def test_public_name_is_there(name):
    assert getattr(logly, name) is not None


@pytest.mark.parametrize(
    ("method", "options"),
    [("add", SinkOptions), ("configure", ConfigureOptions), ("add_callback", CallbackOptions)],
)
def test_help_names_every_option(method, options):
    text = getattr(logger, method).__doc__

    assert [name for name in options.__annotations__ if f"`{name}`" not in text] == []


@pytest.mark.parametrize("name", [name for name in dir(logger) if not name.startswith("_")])
def test_public_method_has_help(name):
    assert inspect.getdoc(getattr(Logger, name))


def test_help_of_the_global_logger_is_that_of_loggers():
    assert logger.__doc__ == Logger.__doc__


def test_dir_lists_what_is_imported_later():
    program = "import logly; print(sorted({*logly.__all__, 'testing'} - {*dir(logly)}))"

    run(program).check(stdout="[]\n")


def test_dir_imports_nothing():
    program = "import sys, logly; dir(logly); print('logly.testing' in sys.modules, 'logging' in sys.modules)"

    run(program).check(stdout="False False\n")
