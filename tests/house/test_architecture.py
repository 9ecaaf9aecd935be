"""The structure of the code: allowed dependencies of modules, and side effects that importing logly must not have."""

from __future__ import annotations

import re
from collections import Counter
from importlib import metadata
from pathlib import Path

import logly
import pytest

from tests.house import python_imports, rust_imports
from tests.house.circles import circles
from tests.house.rust_imports import all_code_of, code_of, module_of
from tests.support.child import output

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.rs"))
PYTHON_FILES = sorted(
    path
    for folder in ("python", "tests", "benchmarks", "examples")
    for path in (ROOT / folder).rglob("*.py")
    if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
)

# Folders and files of `src`, from the bottom up; docs/decisions/0040 gives the reasons. Each may use the rows before
# its own, and its own folder.
RUST_ROWS = [
    {"sys"},
    {"sync", "error", "environment", "braces", "dialect"},
    {"message"},
    {"clock", "report", "stats", "site", "style", "process"},
    {"level"},
    {"expression"},
    {"filter"},
    {"record"},
    {"format"},
    {"redaction"},
    {"config", "queue", "export"},
    {"disk", "lane", "volume"},
    {"crash"},
    {"archive"},
    {"file", "reading"},
    {"writer", "view"},
    {"logger"},
    {"fuzzing"},
    {"python/py"},
    {"python/value"},
    {"python/call"},
    {"python/exception"},
    {"python/record"},
    {"python/sink"},
    {"python/options"},
    {"python/lane", "python/files"},
    {"python/logger", "python/entry"},
    {"python/stdlib"},
    {"python"},
]
RUST_HEIGHT = {folder: height for height, row in enumerate(RUST_ROWS) for folder in row}

# The same for `python/logly`.
PYTHON_ROWS = [
    {"_naming", "_results", "_option_types", "_record_types", "_stdlib", "_lanes", "_records", "_exceptions"},
    {"_calls", "_files", "_export", "_process", "typing"},
    {"_control"},
    {"_sinks", "logger"},
    {"_config", "_capture", "_testing", "integrations", "loguru"},
    {"_metrics", "_production"},
    {"", "testing", "pytest_plugin"},
    {"cli"},
    {"__main__"},
]
PYTHON_HEIGHT = {folder: height for height, row in enumerate(PYTHON_ROWS) for folder in row}

# The files that may use `unsafe`. The head of each file gives its one reason.
UNSAFE = {
    *(
        f"sys/unix/{name}.rs"
        for name in ("exit", "fork", "library", "mapping", "process", "signals", "thread", "unwinding", "zone")
    ),
    *(f"sys/windows/{name}.rs" for name in ("content", "library", "locks", "mapping", "metadata", "names", "thread")),
    *("queue/ring.rs", "queue/ring/kept.rs", "queue/memory.rs", "process/fatal.rs"),
    *(f"python/py/{name}.rs" for name in ("gil", "peek", "recursion", "text", "trampoline")),
    *(f"python/py/abi/{name}.rs" for name in ("stable", "versioned")),
    *(f"python/call/{name}.rs" for name in ("callsite", "site_table", "site_table/apart")),
    "python/entry/fastcall.rs",
    "python/stdlib/method.rs",
    "python/value/put.rs",
}


def rust_folder(module: str) -> str:
    """Return `queue` for `queue::ring`, the file itself for one in the root, and `python/sink` for modules below it."""
    folders = rust_imports.FILES[module].parent.relative_to(rust_imports.SRC).parts
    if not folders:
        return module
    return "/".join(folders[:2]) if folders[0] == "python" else folders[0]


def python_folder(module: str) -> str:
    """Return `_sinks` for `logly._sinks.bars`, and nothing for the package itself."""
    return module.partition(".")[2].partition(".")[0]


def test_every_rust_folder_has_its_row() -> None:
    assert {rust_folder(module) for module in rust_imports.FILES} == set(RUST_HEIGHT)


def test_every_python_folder_has_its_row() -> None:
    assert {python_folder(module) for module in python_imports.FILES} == set(PYTHON_HEIGHT)


def test_rust_folders_use_those_below_them() -> None:
    folders = [(use, rust_folder(use.user), rust_folder(use.used)) for use in rust_imports.USES]

    upward = [use for use, user, used in folders if user != used and RUST_HEIGHT[used] >= RUST_HEIGHT[user]]

    assert upward == []


def test_python_folders_use_those_below_them() -> None:
    imports = python_imports.IMPORTS
    folders = [(found, python_folder(found.importer), python_folder(found.imported)) for found in imports]

    upward = [
        found
        for found, importer, imported in folders
        if importer != imported and PYTHON_HEIGHT[imported] >= PYTHON_HEIGHT[importer]
    ]

    assert upward == []


def test_no_rust_files_use_each_other_in_a_circle() -> None:
    assert circles(rust_imports.USES) == []


def test_no_python_files_import_each_other_in_a_circle() -> None:
    assert circles(python_imports.IMPORTS) == []


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("use crate::a::{self, b::{c, d as e}};", ["a", "a::b::c", "a::b::d"]),
        ("pub(super) use super::other::Name;", ["queue::other::Name"]),
        ("use self::child::*;", ["queue::ring::child::*"]),
        ("fn f() { super::other::g(crate::a::b::C) }", ["queue::other::g", "a::b::C"]),
        ("mod child;\nfn f() { child::g() }", ["queue::ring::child"]),
        ("use std::sync::Arc;\nfn f() { thread::g() }", []),
    ],
)
def test_names_of_the_crate_are_found(code, named):
    assert [name for name, _place in rust_imports.named_in("queue::ring", code)] == named


def test_a_circle_is_found_with_the_lines_that_make_it() -> None:
    uses = [("a", "b", "a.rs:1"), ("b", "c", "b.rs:2"), ("c", "a", "c.rs:3"), ("d", "a", "d.rs:4")]

    assert circles(uses) == ["a.rs:1: a uses b", "b.rs:2: b uses c", "c.rs:3: c uses a"]


def test_folders_hold_fewer_than_25_files() -> None:
    held = Counter(path.parent for path in [*SOURCES, *PYTHON_FILES])

    assert {str(folder): count for folder, count in held.items() if count >= 25} == {}


def test_files_know_no_format() -> None:
    knowing = [
        use
        for use in rust_imports.USES
        if rust_folder(use.user) in {"disk", "file", "archive"}
        and use.used.startswith("format::")
        and not use.used.startswith("format::time")
    ]

    assert knowing == []


def test_only_the_python_folder_names_pyo3() -> None:
    naming = {path.relative_to(ROOT / "src").parts[0] for path in SOURCES if "pyo3" in code_of(path)}

    assert naming == {"python"}


def test_only_the_sys_folder_names_the_operating_system() -> None:
    system = r"\b(libc|rustix|windows_sys|std::os)\b|\bcfg!?\(.*\b(unix|windows|target_\w+)\b"
    naming = [path.relative_to(ROOT / "src").as_posix() for path in SOURCES if re.search(system, all_code_of(path))]

    assert [name for name in naming if not name.startswith("sys/")] == []


def test_only_one_folder_depends_on_the_version_of_cpython() -> None:
    version = r"\bcfg!?\(.*\bPy_(3_\d+|LIMITED_API)\b|\bcfg_attr\(.*\bPy_(3_\d+|LIMITED_API)\b"
    asking = [path.relative_to(ROOT / "src").as_posix() for path in SOURCES if re.search(version, all_code_of(path))]

    assert [name for name in asking if not name.startswith("python/py/abi/")] == ["python/stdlib/mod.rs"]


def test_unsafe_stands_only_where_a_reason_is_given() -> None:
    using = {path.relative_to(ROOT / "src").as_posix() for path in SOURCES if re.search(r"\bunsafe\b", code_of(path))}
    reasoned = {
        path.relative_to(ROOT / "src").as_posix()
        for path in SOURCES
        if re.search(r"expect\(\s*unsafe_code,\s*reason = ", path.read_text(encoding="utf-8"))
    }

    assert using == UNSAFE
    assert reasoned == UNSAFE


@pytest.mark.parametrize("path", [path for path in SOURCES if "unsafe" in code_of(path)], ids=module_of)
def test_every_unsafe_block_says_why_it_is_safe(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")

    blocks = [number for number, line in enumerate(lines) if re.search(r"\bunsafe (\{|impl)", line)]
    silent = [
        number + 1 for number in blocks if not any("SAFETY:" in line for line in lines[max(0, number - 4) : number])
    ]

    assert silent == []


WATCHED = 'crate = "crate::python::py::trampoline::watched"'
BINDING = [path for path in SOURCES if "python" in path.relative_to(ROOT / "src").parts]


@pytest.mark.parametrize("path", BINDING, ids=module_of)
def test_every_function_that_python_calls_watches_its_thread(path: Path) -> None:
    code = code_of(path)

    functions = re.findall(r"#\[pyfunction.*?\]", code)
    methods = re.findall(r"#\[pymethods\]\s*(\S.*)", code)
    properties = re.findall(r"#\[(?:getter|setter|deleter)\b.*\]\s*fn [^{]*\{\s*(\S.*)", code)
    closures = re.findall(r"new_closure\([^{]*\{\s*(\S.*)", code)
    shown = re.findall(r"#\[pyo3\(.*\b(?:get|set)\b.*\)\]", code)

    assert [function for function in functions if WATCHED not in function] == []
    assert [method for method in methods if WATCHED not in method] == []
    assert {*properties, *closures} <= {"hanging::watch();"}
    assert shown == []


def test_every_class_of_ours_watches_the_thread_that_drops_it() -> None:
    declared = "".join(code_of(path) for path in BINDING)

    classes = re.findall(r"#\[pyclass[^\]]*\](?:\s*#\[[^\]]*\])*\s*(?:pub )?struct (\w+)", declared)
    dropped = re.findall(r"watch_at_drop!\((\w+)\);", declared)

    assert declared.count("#[pyclass") == len(classes)
    assert sorted(dropped) == sorted(classes)


def test_functions_of_python_are_made_in_one_place() -> None:
    making = [path.stem for path in BINDING if re.search(r"PyMethodDef|PyCFunction_|PyType_Slot", code_of(path))]

    # `versioned` makes those of CPython's own modules again.
    assert making == ["fastcall", "versioned", "method"]


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_rust_file_begins_with_what_it_holds(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("//! ")


@pytest.mark.parametrize("path", PYTHON_FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_python_file_begins_with_what_it_holds(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert text == "" or text.startswith(('"""', 'r"""', "#!"))


@pytest.mark.parametrize("path", SOURCES + PYTHON_FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_file_has_at_most_500_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500


def test_nothing_is_required_at_run_time() -> None:
    requires = metadata.requires("logly") or []

    assert [requirement for requirement in requires if "extra ==" not in requirement] == []


def test_the_version_is_the_crates() -> None:
    cargo = (ROOT / "Cargo.toml").read_text(encoding="utf-8")

    assert re.findall(r'^version = "(.*)"$', cargo, re.MULTILINE) == [logly.__version__]
    assert metadata.version("logly") == logly.__version__


def test_the_version_stands_in_no_other_file() -> None:
    files = [ROOT / "pyproject.toml", *(ROOT / "src").rglob("*.rs"), *(ROOT / "python").rglob("*.py*")]

    texts = [path for path in files if path.suffix in {".toml", ".rs", ".py", ".pyi"}]

    assert [path for path in texts if f'"{logly.__version__}"' in path.read_text(encoding="utf-8")] == []


def test_import_needs_none_of_the_slow_modules() -> None:
    slow = {"asyncio", "multiprocessing", "logging", "typing", "traceback", "inspect"}

    imported = output("import sys; before = set(sys.modules); import logly; print(*set(sys.modules) - before)")

    assert slow & set(imported.split()) == set()


def test_import_starts_no_thread() -> None:
    threads = output("import logly, os; print(len(os.listdir('/proc/self/task')))")

    assert threads.strip() == "1"


def test_import_opens_no_file_and_no_socket() -> None:
    program = """
import sys
opened = []
def watch(event, arguments):
    if event.startswith("socket.") or (event == "open" and arguments[1] not in (None, "r", "rb")):
        opened.append((event, arguments))
sys.addaudithook(watch)
sys.dont_write_bytecode = True
import logly
print(opened)
"""

    assert output(program).strip() == "[]"


def test_types_can_be_imported_without_typing_extensions() -> None:
    shown = output("import sys; sys.modules['typing_extensions'] = None; import logly.typing; print(logly.typing.Json)")

    assert "Literal" in shown


def test_the_package_names_no_path_of_its_checkout() -> None:
    package = Path(logly.__file__).parent
    files = [path for path in package.rglob("*") if path.suffix in {".py", ".pyi", ".so"}]

    assert [path.name for path in files if str(ROOT).encode() in path.read_bytes()] == []


def test_locks_are_words_that_a_forked_child_can_live_with() -> None:
    locked = (ROOT / "Cargo.lock").read_text(encoding="utf-8")

    # `parking_lot` keeps waiting threads in a table of the process. A forked child inherits entries for threads that it
    # does not have.
    assert "parking_lot" not in locked
