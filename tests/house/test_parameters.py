"""The parameters of `add`, `configure` and `add_callback`: the native table, the types and the signatures are equal."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import logly.typing
import pytest
from logly import Logger, logger
from logly._logly import _parameters
from logly.typing import (
    CallbackOptions,
    ConfigureOptions,
    SettingSynonyms,
    SinkInfo,
    SinkOptions,
    SinkSynonyms,
)

ROOT = Path(__file__).resolve().parent.parent.parent
TYPES = ast.parse(Path(logly.typing.__file__).read_text(encoding="utf-8"))
FUNCTIONS = ["add", "configure", "add_callback"]
OPTIONS = {"add": SinkOptions, "configure": ConfigureOptions, "add_callback": CallbackOptions}
SYNONYMS = {"add": SinkSynonyms, "configure": SettingSynonyms}
# `configure` replaces this name before the table is used, since sinks are not read by the table.
IN_PYTHON = {"configure": ["handlers"]}


def names(function):
    return [name for name, *_ in _parameters(function)]


def synonyms(function):
    return [synonym for _, synonyms, *_ in _parameters(function) for synonym in synonyms]


def declared(options):
    """Return the annotations of a TypedDict's own keys as they are written."""
    found = next(node for node in TYPES.body if isinstance(node, ast.ClassDef) and node.name == options.__name__)
    own = [node for node in found.body if isinstance(node, ast.AnnAssign)]
    return {node.target.id: ast.unparse(node.annotation) for node in own}


def options_of(function):
    """Return the parameters of a method's signature that are options."""
    signature = inspect.signature(getattr(logger, function))
    return [given for given in signature.parameters.values() if given.kind is given.KEYWORD_ONLY]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_type_has_the_parameters_of_the_table(function):
    assert list(declared(OPTIONS[function])) == names(function)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_type_has_the_synonyms_of_the_table(function):
    known = declared(SYNONYMS[function]) if function in SYNONYMS else {}

    assert sorted(known) == sorted([*synonyms(function), *IN_PYTHON.get(function, [])])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_signature_has_the_parameters_of_the_table(function):
    assert [option.name for option in options_of(function)] == names(function)
    assert {option.default for option in options_of(function)} == {None}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_signature_has_the_annotations_of_the_type(function):
    known = {
        option.name: ast.unparse(ast.parse(option.annotation.removesuffix(" | None"), mode="eval"))
        for option in options_of(function)
    }

    assert known == {name: text.removesuffix(" | None") for name, text in declared(OPTIONS[function]).items()}


@pytest.mark.parametrize("function", ["add", "configure"])
def test_signature_takes_synonyms(function):
    last = list(inspect.signature(getattr(logger, function)).parameters.values())[-1]

    assert last.kind is last.VAR_KEYWORD
    assert last.annotation == f"Unpack[{SYNONYMS[function].__name__}]"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_source_and_help_are_those_of_the_declaration(function):
    method = getattr(logger, function)

    assert inspect.getsource(method).lstrip().startswith("@implemented_by(")
    assert method.__qualname__ == f"Logger.{function}"
    assert method.__doc__ == getattr(Logger, function).__wrapped__.__doc__


def test_sink_info_shows_the_parameters_that_the_table_says():
    shown = [name for name, _, _, is_shown, _ in _parameters("add") if is_shown]

    assert [name for name in logger.sink_info(logger.add(print)) if name in shown] == shown
    assert [name for name in SinkInfo.__annotations__ if name in shown] == shown


@pytest.mark.parametrize(
    ("group", "heading"),
    [
        ("every", "Every sink"),
        ("background", "Background"),
        ("file", "Files"),
        ("otlp", "OTLP"),
        ("syslog", "Syslog and journald"),
        ("network", "Network"),
    ],
)
def test_help_of_add_has_the_groups_of_the_table(group, heading):
    known = [[name, *synonyms] for name, synonyms, of, _, _ in _parameters("add") if of == group]
    text = re.search(rf"- {heading}: (.*?)\.\n", logger.add.__doc__, re.DOTALL)[1]

    assert re.findall(r"`(\w+)`", text) == [name for names in known for name in names]


def test_table_of_the_api_reference_has_the_parameters_of_add():
    reference = (ROOT / "docs" / "api-reference.md").read_text(encoding="utf-8")
    table = reference.partition("### Options of `add`")[2].partition("\n|---|---|---|\n")[2].partition("\n\n")[0]
    rows = [re.findall(r"`(\w+)`", row.split("|")[1]) for row in table.splitlines()]

    assert rows == [[name, *synonyms] for name, synonyms, *_ in _parameters("add")]


def test_table_of_the_api_reference_says_which_parameters_only_files_have():
    reference = (ROOT / "docs" / "api-reference.md").read_text(encoding="utf-8")
    of_files = [name for name, _, group, _, _ in _parameters("add") if group == "file"]

    rows = {name: re.search(rf"^\| `{name}` \|[^|]*\| (\w+)", reference, re.MULTILINE)[1] for name in of_files}

    assert rows == dict.fromkeys(of_files, "files")


def test_function_without_a_table_is_refused():
    with pytest.raises(ValueError, match="this function has no table of parameters"):
        _parameters("remove")
