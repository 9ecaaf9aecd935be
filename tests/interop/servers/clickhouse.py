"""A store with SQL: ClickHouse as a library, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.interop.servers.process import LIMIT

if TYPE_CHECKING:
    from pathlib import Path

_PROGRAM = """
import sys, chdb
sys.stdout.write(str(chdb.query(sys.argv[1], "JSONEachRow")))
"""


def query(sql: str, folder: Path) -> list[dict]:
    """Return the rows of a query, whose files are in the folder."""
    command = [sys.executable, "-c", _PROGRAM, sql]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert (result.returncode, result.stderr) == (0, ""), result
    return [json.loads(line) for line in result.stdout.splitlines()]
