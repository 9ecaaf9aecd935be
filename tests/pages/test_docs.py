"""Documents are correct: their programs run, and print the output that the page shows."""

from __future__ import annotations

import ast
import doctest
import importlib
import importlib.util
import pkgutil
import re
import sys
import textwrap
from pathlib import Path

import logly
import pytest
from logly import testing

from tests.support.documents import REPOSITORY, Block, Ended, blocks, is_shown, run, run_program

PAGES = [*sorted(REPOSITORY.glob("*.md")), *sorted((REPOSITORY / "docs").rglob("*.md"))]
BLOCKS = [block for page in PAGES for block in blocks(page)]
EXAMPLES = sorted((REPOSITORY / "examples").glob("*.py"))
PACKAGE = REPOSITORY / "python" / "logly"


def has_examples(name: str) -> bool:
    """Tell whether a module of the package has examples; those of the extension are in its stub."""
    origin = importlib.util.find_spec(name).origin
    return not origin.endswith(".py") or ">>>" in Path(origin).read_text(encoding="utf-8")


MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(logly.__path__, "logly.")
    if not module.name.endswith("__main__") and has_examples(module.name)
)
STUB = PACKAGE / "_logly.pyi"
LINK = re.compile(r"\]\((?!https?:|mailto:|#)(?P<path>[^)#\s]+)(?:#(?P<part>[^)\s]+))?\)")


def check(block: Block, ended: Ended) -> None:
    """Compare a program's output and files with the texts that the page shows for it."""
    ended.check(stderr="")
    for name, expected in block.shown.items():
        got = ended.read(name)
        assert is_shown(expected, got, ended.folder), f"shown:\n{expected}\ngot:\n{got}"


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_block_of_a_page_does_what_the_page_shows(block: Block, tmp_path: Path) -> None:
    if block.needs > sys.version_info[:2]:
        pytest.skip(f"needs Python {'.'.join(map(str, block.needs))}")
    if "def test_" in block.code:
        (tmp_path / "test_example.py").write_text(block.code, encoding="utf-8")
        ended = run_program(["-m", "pytest", "-q", "-p", "no:cacheprovider", "test_example.py"], tmp_path)
    else:
        ended = run(block.code, tmp_path)

    check(block, ended)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_example_prints_what_its_head_shows(path: Path, tmp_path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    head = ast.get_docstring(ast.parse(source)) or ""
    _, _, shown = head.partition("Prints::\n\n")
    expected = textwrap.dedent(shown) + "\n"

    ended = run(source, tmp_path, path.name)

    assert shown, f"{path.name} does not say what it prints"
    check(Block(path.name, 1, source, {"": expected}), ended)


FOR_ONE_PROCESS = "logly._production.production"
"""An example that sets the whole process up, and so needs one of its own."""


def docstring_tests() -> list[doctest.DocTest]:
    """Return the examples in the docstrings of the package, the native class and the stub."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = [test for name in MODULES for test in finder.find(importlib.import_module(name), name)]
    return [test for test in [*found, *stub_tests()] if test.examples and test.name != FOR_ONE_PROCESS]


def stub_tests() -> list[doctest.DocTest]:
    """Return the examples in the docstrings of the stub, if it exists."""
    if not STUB.exists():
        return []
    parser = doctest.DocTestParser()
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(STUB.read_text(encoding="utf-8"))) if isinstance(node, kinds)]
    return [
        parser.get_doctest(text, {}, f"{STUB.name}:{getattr(node, 'name', 'head')}", str(STUB), 1)
        for node in nodes
        if (text := ast.get_docstring(node))
    ]


@pytest.mark.parametrize("test", docstring_tests(), ids=lambda test: test.name)
def test_example_of_a_docstring_gives_what_it_shows(test: doctest.DocTest) -> None:
    testing.reset()
    test.globs = {"logly": logly, "logger": logly.logger}
    told: list[str] = []

    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=told.append)
    testing.reset()

    assert result.attempted > 0
    assert result.failed == 0, "".join(told)


def test_example_of_production_gives_what_it_shows(tmp_path: Path) -> None:
    source = """
        import doctest
        import logly

        names = {"logly": logly, "logger": logly.logger}
        [test] = doctest.DocTestFinder(recurse=False).find(logly.production, "production", globs=names)
        print(doctest.DocTestRunner().run(test))
    """

    ended = run(textwrap.dedent(source), tmp_path)

    assert ended.stdout.startswith("TestResults(failed=0, attempted=4)"), ended.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    links = list(LINK.finditer(page.read_text(encoding="utf-8")))

    missing = [link["path"] for link in links if not (page.parent / link["path"]).exists()]

    assert missing == []


def test_readme_has_one_place_for_the_benchmark() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")

    marks = re.findall(r"<!-- benchmark:(\w+) -->", readme)

    assert marks == ["start", "end"]


def test_every_public_method_stands_in_the_api_reference() -> None:
    reference = (REPOSITORY / "docs" / "api-reference.md").read_text(encoding="utf-8")
    public = {name for name in dir(logly.Logger) if not name.startswith("_")}

    missing = sorted(name for name in public if not re.search(rf"`{name}[`(]", reference))

    assert missing == []


@pytest.mark.parametrize(
    "options",
    [
        "SinkOptions",
        "ConfigureOptions",
        "CallbackOptions",
        "CallbackRecord",
        "RecordKeys",
        "SinkInfo",
        "FileMetadata",
        "Match",
    ],
)
def test_every_documented_key_stands_in_the_api_reference(options: str) -> None:
    reference = (REPOSITORY / "docs" / "api-reference.md").read_text(encoding="utf-8")
    keys = importlib.import_module("logly.typing").__dict__[options].__annotations__

    missing = sorted(key for key in keys if f"`{key}`" not in reference)

    assert missing == []
