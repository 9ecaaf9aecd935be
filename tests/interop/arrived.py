"""Records of `tests.interop.program` at the end of their way: read from requests of OTLP, and checked one by one."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from tests.interop.program import THREADS
from tests.support.documents import REPOSITORY

EXAMPLES = REPOSITORY / "examples" / "servers"
LIMIT = 120
"""Seconds after which a hanging program fails its test."""

_rows_of = runpy.run_path(str(EXAMPLES / "kafka_to_rows.py"))["rows_of"]


def command(count: int, options: dict) -> list[str]:
    """Return the command that logs *count* records through a sink with these options."""
    return [sys.executable, "-m", "tests.interop.program", str(count), json.dumps(options)]


def run(count: int, options: dict) -> dict:
    """Log *count* records through a sink with these options, and return what it counted."""
    result = subprocess.run(
        command(count, options), capture_output=True, text=True, timeout=LIMIT, check=False, input=""
    )
    assert (result.returncode, result.stderr) == (0, ""), result
    counted = json.loads(result.stdout)
    assert counted["done"]
    return counted


def rows_of(requests: list[bytes]) -> list[dict]:
    """Return the records of requests as rows with columns, in order, as the example makes them."""
    return [row for request in requests for row in _rows_of(ExportLogsServiceRequest.FromString(request))]


def all_of(count: int):
    """Return a function that tells whether requests, of which it is shown ever more, have *count* records."""
    read = records = 0

    def is_done(requests: list[bytes]) -> bool:
        nonlocal read, records
        records += len(rows_of(requests[read:]))
        read = len(requests)
        return records >= count

    return is_done


def check(rows: list[dict], count: int):
    """Check that each record is there once, with its values and ids, and that times give the order of each thread.

    Collectors and brokers pass several requests on at a time, so the order of requests is not kept.
    """
    for thread in range(THREADS):
        found = sorted((row for row in rows if row["thread"] == thread), key=lambda row: row["time"])
        assert [row["number"] for row in found] == list(range(count // THREADS))
    assert len(rows) == count
    for row in rows:
        number, thread = row["number"], row["thread"]
        expected = {
            "service": "shop", "scope": "__main__", "severity": 9, "body": f"step {number} of {thread}",
            "price": number / 4, "paid": number % 2 == 0, "tags": ["a", 1],
            "trace_id": f"{number + 1:032x}", "span_id": f"{thread + 1:016x}",
        }  # fmt: skip
        assert {name: row[name] for name in expected} == expected
        assert type(row["price"]) is float
        assert type(row["paid"]) is bool
