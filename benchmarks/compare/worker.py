"""Runs one measurement in its own process, and prints one JSON line.

`python -m benchmarks.compare.worker SCENARIO LIBRARY`

Order: warm-up (not measured, but its lines are checked), timed calls, plain loop through the drain,
read back. A library that is not installed, raises, or loses lines also gets a JSON line; its
`verdict` names the problem.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from benchmarks.compare.adapters import LIBRARIES, Library
from benchmarks.compare.content import Findings, check
from benchmarks.compare.folders import measure_opening, measure_rotations
from benchmarks.compare.imports import measure_import
from benchmarks.compare.passes import Course
from benchmarks.compare.program import write_program
from benchmarks.compare.scenarios import BY_NAME, Kind, Scenario, Shape

QUICK_SHARE = 0.2


def main() -> int:
    """Run the measurement that the command line names, and print the result."""
    arguments = _parser().parse_args()
    scenario, library = BY_NAME[arguments.scenario], LIBRARIES[arguments.library]
    if arguments.quick:
        scenario = scenario.scaled(QUICK_SHARE)
    result = {
        "scenario": scenario.name,
        "library": arguments.library,
        "verdict": "ok",
        "detail": "",
        "versions": _versions(library),
        "figures": {},
    }
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        result.update(_measured(scenario, library, Path(folder), is_quick=arguments.quick))
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare.worker", description=__doc__)
    parser.add_argument("scenario", choices=sorted(BY_NAME))
    parser.add_argument("library", choices=sorted(LIBRARIES))
    parser.add_argument("--folder", help="where the log files go; the system's temporary folder if not given")
    parser.add_argument("--quick", action="store_true", help="a fifth of the messages")
    return parser


def _measured(scenario: Scenario, library: Library, folder: Path, *, is_quick: bool) -> dict[str, object]:
    try:
        if scenario.kind is Kind.IMPORT:
            return measure_import(library.module, folder)
        if scenario.kind is Kind.OPENING:
            return measure_opening(scenario, library, folder)
        if scenario.kind is Kind.ROTATIONS:
            return measure_rotations(scenario, library, folder)
        return measure(scenario, library, folder, share=QUICK_SHARE if is_quick else 1)
    except ImportError as error:
        return {"verdict": "absent", "detail": str(error)}
    except Exception as error:  # noqa: BLE001 - whatever a library raises is its result
        return {"verdict": "error", "detail": f"{type(error).__name__}: {error}"}


def measure(scenario: Scenario, library: Library, folder: Path, share: float = 1) -> dict[str, object]:
    """Run *scenario* with *library*, writing into *folder*; return the result's own keys.

    Raises:
        ImportError: The library is not installed.
    """
    session = library.open_session(scenario.shape, folder)
    program = write_program(folder, scenario, session)
    course = Course(scenario, session, program, share)
    with session.context():
        course.run()
    session.close()
    expected = {
        output: course.runs if scenario.shape is not Shape.FILTERED and not output.errors_only else []
        for output in session.outputs
    }
    last = [course.last_run] if session.last else []
    findings = [check(output, scenario.shape, runs + last, program.call_lines) for output, runs in expected.items()]
    return {"figures": course.figures, "dropped": course.dropped, **_verdict(findings)}


def _verdict(findings: list[Findings]) -> dict[str, object]:
    lost = sum(finding.lost for finding in findings)
    problems = [problem for finding in findings for problem in finding.problems]
    verdict = "lost" if lost else "wrong" if problems else "ok"
    detail = "; ".join(([f"{lost} lines lost"] if lost else []) + problems[:1])
    return {
        "verdict": verdict,
        "detail": detail,
        "lost": lost,
        "lines": sum(finding.lines for finding in findings),
    }


def _versions(library: Library) -> dict[str, str]:
    versions = {}
    for name in library.distributions:
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions


if __name__ == "__main__":
    sys.exit(main())
