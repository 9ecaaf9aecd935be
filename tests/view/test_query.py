"""`logly query`: SQL over logs, with both engines."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import subprocess
import sys
from collections import Counter

import pytest

ENGINES = ["sqlite", pytest.param("duckdb", marks=pytest.mark.skipif(
    importlib.util.find_spec("duckdb") is None, reason="DuckDB is not installed"
))]  # fmt: skip


@pytest.fixture
def log(tmp_path):
    """Write JSON and text, and return the levels."""
    levels = ["ERROR" if number % 3 == 0 else "INFO" for number in range(900)]
    lines = [
        json.dumps(
            {"time": f"2025-01-15T10:00:{n % 60:02}Z", "level": level, "message": f"m {n}", "ms": n, "user": "ann"}
        )
        if n % 2
        else f"2025-01-15T10:00:{n % 60:02}Z {level} m {n} ms={n} user=bob"
        for n, level in enumerate(levels)
    ]
    (tmp_path / "log").write_text("".join(f"{line}\n" for line in lines))
    return levels


@pytest.mark.parametrize("engine", ENGINES)
def test_counts_are_those_of_the_entries(command, log, engine):
    code, out, err = command(
        "query",
        "SELECT level, count(*) AS n FROM log GROUP BY level ORDER BY level",
        "log",
        "--json",
        "--engine",
        engine,
    )

    assert (code, err) == (0, "")
    rows = [json.loads(line) for line in out.splitlines()]
    assert rows == [{"level": level, "n": count} for level, count in sorted(Counter(log).items())]


@pytest.mark.parametrize("engine", ENGINES)
def test_fields_are_columns_and_choices_are_those_of_view(command, log, engine):
    code, out, _ = command(
        "query", "SELECT user, sum(ms), max(time) FROM log GROUP BY user ORDER BY user", "log",
        *("--fields", "user,ms", "--level", "ERROR", "--where", "ms < 500", "--csv", "--engine", engine),
    )  # fmt: skip

    errors = range(0, 500, 3)
    head, *rows = csv.reader(io.StringIO(out))
    assert code == 0
    assert head[0] == "user"
    sums = {"ann": sum(n for n in errors if n % 2), "bob": sum(n for n in errors if n % 2 == 0)}
    assert [(row[0], int(row[1])) for row in rows] == list(sums.items())
    assert rows[0][2].replace("T", " ").startswith("2025-01-15 10:00:57")


@pytest.mark.parametrize("engine", ENGINES)
def test_fields_are_json_otherwise(command, log, engine):
    sql = "SELECT fields->>'user' AS who, count(*) AS n FROM log WHERE fields IS NOT NULL GROUP BY 1"
    code, out, _ = command("query", sql, "log", "--json", "--engine", engine)

    assert (code, json.loads(out)) == (0, {"who": "ann", "n": 450})


@pytest.mark.parametrize("engine", ENGINES)
def test_table_is_aligned_and_harmless(command, tmp_path, engine):
    (tmp_path / "log").write_text(
        '{"level":"INFO","message":"\\u001b[31m\\u202ered\\n"}\n{"level":"ERROR","message":"b"}\n'
    )

    code, out, _ = command(
        "query", "SELECT level, severity, message FROM log ORDER BY severity", "log", "--engine", engine
    )
    assert code == 0
    assert out.splitlines() == [
        "level  severity  message",
        "-----  --------  -------------------",
        "INFO         20  \\x1b[31m\\u202ered\\n",
        "ERROR        40  b",
    ]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("sql", ["SELEC 1", "SELECT nothing FROM log", "SELECT * FROM other", "SELECT 1; SELEC 2"])
def test_wrong_queries_are_told(command, log, engine, sql):
    code, out, err = command("query", sql, "log", "--engine", engine)

    assert (code, out) == (2, "")
    assert err.startswith("logly query: ")
    assert "Traceback" not in err


@pytest.mark.parametrize("engine", ENGINES)
def test_no_rows_are_told_by_the_exit_code(command, log, engine):
    assert command("query", "SELECT * FROM log WHERE level = 'none'", "log", "--engine", engine, "--csv")[0] == 1
    code, _, err = command("query", "SELECT 1 FROM log", "log", "--engine", engine, "--level", "CRITICAL")
    assert code == 1
    assert "no entry matched" in err


def test_engine_without_its_package_says_how_to_install_it(command, log, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)

    code, _, err = command("query", "SELECT 1", "log", "--engine", "duckdb")
    assert (code, err) == (2, "logly query: this needs DuckDB: pip install 'logly[query]'\n")
    assert command("query", "SELECT sqlite_version() AS v", "log")[0] == 0


def test_reader_that_goes_away_is_no_trouble(log, tmp_path):
    ask = f"{sys.executable} -m logly query 'SELECT a.* FROM log a, log b' {tmp_path / 'log'} --engine sqlite --json"
    ended = subprocess.run(
        ["bash", "-c", f"{ask} | head -n 1; echo ${{PIPESTATUS[0]}}"], capture_output=True, text=True, check=True
    )

    assert ended.stdout.splitlines()[1] == "0"
    assert ended.stderr == ""
