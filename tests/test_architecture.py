"""The shape of the code: which module may know which, and what importing logly may not do."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import logly
import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.rs"))
PYTHON_FILES = sorted(
    path
    for folder in ("python", "tests", "benchmarks", "examples")
    for path in (ROOT / folder).rglob("*.py")
    if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
)

# From the bottom up; docs/decisions/0002 says why. A module may use the rows below its own, and its own folder.
LAYERS = [
    {"sync", "error"},
    {"environment", "report", "stats", "message", "clock"},
    {"color", "site"},
    {"level"},
    {"record"},
    {"format", "filter"},
    {"config"},
    {"sink"},
    {"backend"},
    {"logger"},
    {"python"},
]
HEIGHT = {module: height for height, layer in enumerate(LAYERS) for module in layer}
# Files of a folder that stand lower than the folder does, since they know nothing of it.
LEAVES = {
    "format::color": "color",
    "format::markup": "color",
    "format::theme": "color",
    "sink::clock": "clock",
    "sink::c_zone": "clock",
}

# The files that may use `unsafe`, each for one reason that its head gives.
UNSAFE = {f"backend/{name}.rs" for name in ("exit", "fork", "parking", "queue", "thread_time")} | {
    f"python/{name}.rs" for name in ("callsite", "context", "entry", "site_table", "values")
}
UNSAFE.add("sink/c_zone.rs")


def code_of(path: Path) -> str:
    """Return a Rust file without its tests and comments."""
    text = path.read_text(encoding="utf-8").split("\n#[cfg(test)]\n")[0]
    return re.sub(r"//.*", "", text)


def module_of(path: Path) -> str:
    """Return `backend::queue` for src/backend/queue.rs, and `backend` for src/backend/mod.rs."""
    parts = path.relative_to(ROOT / "src").with_suffix("").parts
    return "::".join(part for part in parts if part != "mod")


def layer_of(module: str) -> str:
    """Return the row's word for a module such as `format::text`."""
    leaf = "::".join(module.split("::")[:2])
    return LEAVES.get(leaf, module.split("::", maxsplit=1)[0])


def used_by(path: Path) -> set[str]:
    """Return the modules that a file names, as `crate::...` paths."""
    code = code_of(path)
    used = set(re.findall(r"\bcrate::(\w+(?:::\w+)?)", code))
    for module, group in re.findall(r"\bcrate::(\w+)::\{([^;]*)\};", code):
        used |= {f"{module}::{name}" for name in re.findall(r"\w+", group)}
    grouped = re.search(r"\bcrate::\{", code)
    assert grouped is None, f"{path}: import each module of the crate by a line of its own"
    return used


def test_every_module_has_its_place_in_the_order() -> None:
    modules = {layer_of(module_of(path)) for path in SOURCES} - {"lib"}

    assert modules == set(HEIGHT)


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_module_knows_only_those_below_it(path: Path) -> None:
    own = layer_of(module_of(path))
    if own == "lib":
        return

    used = {layer_of(module) for module in used_by(path)} - {own}

    assert {module for module in used if HEIGHT[module] >= HEIGHT[own]} == set()


def test_a_sink_knows_no_format() -> None:
    sinks = [path for path in SOURCES if module_of(path).startswith("sink")]

    knowing = [module_of(path) for path in sinks if any("format" in module for module in used_by(path))]

    assert knowing == []


def test_only_the_python_folder_names_pyo3() -> None:
    naming = {path.relative_to(ROOT / "src").parts[0] for path in SOURCES if "pyo3" in code_of(path)}

    assert naming == {"python"}


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


WATCHED = 'crate = "crate::python::entry::watched"'
BINDING = [path for path in SOURCES if path.parent.name == "python"]


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
    assert {*properties, *closures} <= {"parking::watch();"}
    assert shown == []


def test_every_class_of_ours_watches_the_thread_that_drops_it() -> None:
    declared = "".join(code_of(path) for path in BINDING)

    classes = set(re.findall(r"#\[pyclass[^\]]*\](?:\s*#\[[^\]]*\])*\s*(?:pub )?struct (\w+)", declared))
    dropped = re.search(r"watch_at_drop!\(([^)]*)\)", declared)

    assert declared.count("#[pyclass") == len(classes)
    assert dropped is not None
    assert set(re.findall(r"\w+", dropped[1])) == classes


def test_functions_of_python_are_made_in_one_place() -> None:
    making = [path.stem for path in BINDING if re.search(r"PyMethodDef|PyCFunction_|PyType_Slot", code_of(path))]

    assert making == ["entry"]


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


def run(program: str) -> str:
    """Run a program in a new interpreter, without the modules that start-up files import."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def test_import_needs_none_of_the_slow_modules() -> None:
    slow = {"asyncio", "multiprocessing", "logging", "typing", "traceback", "inspect"}

    imported = run("import sys; before = set(sys.modules); import logly; print(*set(sys.modules) - before)")

    assert slow & set(imported.split()) == set()


def test_import_starts_no_thread() -> None:
    threads = run("import logly, os; print(len(os.listdir('/proc/self/task')))")

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

    assert run(program).strip() == "[]"


def test_types_can_be_imported_without_typing_extensions() -> None:
    output = run("import sys; sys.modules['typing_extensions'] = None; import logly.typing; print(logly.typing.Json)")

    assert "Literal" in output


def test_the_package_names_no_path_of_its_checkout() -> None:
    package = Path(logly.__file__).parent
    files = [path for path in package.rglob("*") if path.suffix in {".py", ".pyi", ".so"}]

    assert [path.name for path in files if str(ROOT).encode() in path.read_bytes()] == []


def test_locks_are_words_that_a_forked_child_can_live_with() -> None:
    locked = (ROOT / "Cargo.lock").read_text(encoding="utf-8")

    # Its waiting threads stand in a table of the process, which a child has with threads in it that are not there.
    assert "parking_lot" not in locked
