"""`python -m benchmarks.services`: measures the rows of services and writes the report to standard output."""

from __future__ import annotations

import sys

from benchmarks.compare.command import names, parser_of, plan_of, run_and_write
from benchmarks.services import report
from benchmarks.services.rows import BY_NAME, ROWS

MODULE = "benchmarks.services"
REPETITIONS = 5


def main() -> int:
    """Run the rows that the command line names, and the row that others are compared with."""
    parser = parser_of(MODULE, __doc__, REPETITIONS)
    parser.add_argument("--rows", type=names, default=[], help="only these, separated by commas")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.rows) - set(BY_NAME))
    if unknown:
        parser.error(f"rows: unknown {', '.join(unknown)}; known are {', '.join(BY_NAME)}")
    wanted = {*arguments.rows, "plain_json"} if arguments.rows else set(BY_NAME)
    cells = tuple((row.name, entry.name) for row in ROWS if row.name in wanted for entry in row.entries)
    run_and_write(MODULE, plan_of(arguments, cells, REPETITIONS, worker=f"{MODULE}.worker"), report, arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
