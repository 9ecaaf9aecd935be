"""Native methods have the signatures and the docstrings of the stub."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import logly
import pytest
from logly import Logger, lazy, logger
from logly._logly import PyLogger

STUB = ast.parse((Path(logly.__file__).parent / "_logly.pyi").read_text(encoding="utf-8"))
CLASSES = {node.name: node for node in STUB.body if isinstance(node, ast.ClassDef)}
METHODS = [
    node
    for node in CLASSES["PyLogger"].body
    if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not node.decorator_list
]
DOCUMENTED = [(getattr(PyLogger, node.name), node) for node in METHODS] + [
    (lazy, CLASSES["lazy"]),
    (PyLogger, CLASSES["PyLogger"]),
]


def parameters(node):
    """Return name, kind and default of the parameters in the stub, without the first."""
    given = node.args
    kinds = inspect.Parameter
    positional = [(one, kinds.POSITIONAL_ONLY) for one in given.posonlyargs]
    positional += [(one, kinds.POSITIONAL_OR_KEYWORD) for one in given.args]
    defaults = [kinds.empty] * (len(positional) - len(given.defaults)) + given.defaults
    found = [(one.arg, kind, default) for (one, kind), default in zip(positional, defaults)]
    found += [(given.vararg.arg, kinds.VAR_POSITIONAL, kinds.empty)] if given.vararg else []
    found += [(one.arg, kinds.KEYWORD_ONLY, value) for one, value in zip(given.kwonlyargs, given.kw_defaults)]
    found += [(given.kwarg.arg, kinds.VAR_KEYWORD, kinds.empty)] if given.kwarg else []
    return [
        (name, kind, ast.literal_eval(value) if isinstance(value, ast.AST) else value) for name, kind, value in found
    ][1:]


def shown(function):
    """Return name, kind and default of the parameters that `inspect.signature` shows."""
    return [(one.name, one.kind, one.default) for one in inspect.signature(function).parameters.values()]


def test_stub_has_every_public_native_method():
    public = {name for name in vars(PyLogger) if not name.startswith("_")}

    assert {node.name for node in METHODS} == public


@pytest.mark.parametrize("node", METHODS, ids=lambda node: node.name)
def test_signature_is_that_of_the_stub(node):
    assert shown(getattr(logger, node.name)) == parameters(node)
    assert shown(getattr(Logger(), node.name)) == parameters(node)


def test_signature_of_lazy_is_that_of_the_stub():
    (made,) = [node for node in CLASSES["lazy"].body if isinstance(node, ast.FunctionDef)]

    assert shown(lazy) == parameters(made)


@pytest.mark.parametrize(("native", "node"), DOCUMENTED, ids=lambda given: getattr(given, "name", ""))
def test_docstring_is_that_of_the_stub(native, node):
    assert inspect.cleandoc(native.__doc__) == ast.get_docstring(node)


@pytest.mark.parametrize("node", METHODS, ids=lambda node: node.name)
def test_docstring_has_an_example(node):
    assert "Example:\n    >>> " in ast.get_docstring(node)


@pytest.mark.parametrize("node", METHODS, ids=lambda node: node.name)
def test_public_name_is_that_of_loggers(node):
    assert getattr(Logger, node.name).__qualname__ == f"Logger.{node.name}"


@pytest.mark.parametrize("call", [lambda: logger.bind(1), lambda: logger.unbind(name=1), logger.is_enabled])
def test_errors_name_the_class_that_programs_see(call):
    with pytest.raises(TypeError, match=r"^Logger\.(bind|unbind|is_enabled)\(\) "):
        call()
