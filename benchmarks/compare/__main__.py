"""`python -m benchmarks.compare`: runs the comparison and writes the report to standard output."""

from __future__ import annotations

import sys

from benchmarks.compare import report, runner
from benchmarks.compare.command import names, parser_of, plan_of, run_and_write
from benchmarks.compare.scenarios import NOT_IN_QUICK, SCENARIOS

MODULE = "benchmarks.compare"
REPETITIONS = 9


def main() -> int:
    """Run the measurements that the command line names; a failing library becomes a row, not an exit code."""
    parser = parser_of(MODULE, __doc__, REPETITIONS)
    parser.add_argument("--scenarios", type=names, default=[], help="only these, separated by commas")
    parser.add_argument("--libraries", type=names, default=[], help="only these, separated by commas")
    arguments = parser.parse_args()
    try:
        cells = runner.choose_cells(arguments.scenarios, arguments.libraries)
        if arguments.quick and not arguments.libraries:
            cells = tuple(cell for cell in cells if NOT_IN_QUICK.isdisjoint(cell))
    except ValueError as error:
        parser.error(str(error))
    fewer = {scenario.name: scenario.repetitions for scenario in SCENARIOS if scenario.repetitions}
    run_and_write(MODULE, plan_of(arguments, cells, REPETITIONS, fewer=fewer), report, arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
