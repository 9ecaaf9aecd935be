"""`logly export`: the table that databases get, compared with the entries."""

from __future__ import annotations

import json
import random
import sqlite3
import sys
from contextlib import closing

import pytest
from logly import logger

COLUMNS = ["time", "level", "severity", "logger", "site", "message", "exception", "fields"]


def write(path, count):
    drawn = random.Random(1)
    entries = []
    for number in range(count):
        level, no = drawn.choice([("INFO", 20), ("warn", 30), ("ERROR", 40)])
        fields = {"user": drawn.choice("ab"), "ms": drawn.randrange(10**6), "tags": [1, "ä"]}
        time = f"2025-01-15T10:{number // 60 % 60:02}:{number % 60:02}.500Z"
        entries.append((time, level, no, f"m {number}", fields))
    lines = [json.dumps({"time": t, "level": v, "message": m, "fields": f}) for t, v, _, m, f in entries]
    path.write_text("".join(f"{line}\n" for line in lines))
    return entries


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def table(path, order="rowid"):
    with closing(sqlite3.connect(path)) as database:
        cursor = database.execute(f"SELECT * FROM log ORDER BY {order}")
        return [column[0] for column in cursor.description], cursor.fetchall()


def test_sqlite_has_every_entry_in_order(command, tmp_path):
    entries = write(tmp_path / "log", 3_000)

    assert command("export", "log", "--sqlite", "a.db") == (0, "", "")
    names, rows = table("a.db")
    assert names == COLUMNS
    name = {20: "INFO", 30: "WARNING", 40: "ERROR"}
    expected = [(f"{t[:19]}.500000+00:00", name[no], no, None, None, m, None, f) for t, _, no, m, f in entries]
    assert [(*row[:7], json.loads(row[7])) for row in rows] == expected
    assert files(tmp_path) == ["a.db", "log"]


def test_fields_are_columns_with_their_types(command, tmp_path):
    (tmp_path / "log").write_text(
        '{"message":"a","ms":12,"ok":true,"x":1.5,"o":{"a":[1]},"s":"\\ud800","big":123456789012345678901234}\n'
        '2025-01-15 10:30:45 INFO b ms=7 s="t u" x=2.25 ok=False\n'
    )

    assert command("export", "log", "--sqlite", "a.db", "--fields", "ms,ok,x,o,s,big,none")[0] == 0
    names, rows = table("a.db")
    assert names == [*COLUMNS[:-1], "ms", "ok", "x", "o", "s", "big", "none"]
    assert rows[0][7:10] == (12, 1, 1.5)
    assert json.loads(rows[0][10]) == {"a": [1]}
    assert rows[0][12:] == ("123456789012345678901234", None)
    assert rows[1][7:] == (7, 0, 2.25, None, "t u", None, None)


def test_exceptions_and_places_are_columns(command, tmp_path):
    logger.configure(console=False)
    logger.add(tmp_path / "app.jsonl", json=True)
    logger.add(tmp_path / "app.log", format="{time} | {level} | {name}:{function}:{line} - {message}")
    try:
        int("x")
    except ValueError:
        logger.exception("bad")
    logger.complete()
    logger.remove_all()

    assert command("export", "app.jsonl", "app.log", "--sqlite", "a.db")[0] == 0
    _, rows = table("a.db", "exception LIKE 'Traceback%'")
    assert json.loads(rows[0][6])["type"] == "ValueError"
    assert rows[1][6].splitlines()[-1].startswith("ValueError: ")
    assert rows[1][4].split(":")[1] == "test_exceptions_and_places_are_columns"


def test_file_that_is_there_is_replaced_only_by_force(command, tmp_path):
    write(tmp_path / "log", 3)
    (tmp_path / "a.db").write_text("mine")

    code, _, err = command("export", "log", "--sqlite", "a.db")
    assert (code, err) == (2, "logly export: a.db: the file is there; --force replaces it\n")
    assert (tmp_path / "a.db").read_text() == "mine"
    assert command("export", "log", "--sqlite", "a.db", "--force")[0] == 0
    assert len(table("a.db")[1]) == 3


def test_nothing_found_makes_no_file(command, tmp_path):
    write(tmp_path / "log", 3)

    code, _, err = command("export", "log", "--sqlite", "a.db", "--level", "CRITICAL")
    assert code == 1
    assert err.startswith("logly export: no entry matched: 3 lines in 1 file read")
    assert files(tmp_path) == ["log"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none", "--sqlite", "a.db"], "none"),
        (["log", "--sqlite", "no/a.db"], "unable to open database file"),
        (["log", "--sqlite", "a.db", "--fields", "ms,MESSAGE"], "--fields: MESSAGE is a column already"),
        (["log", "--sqlite", "a.db", "--level", "EROR"], "did you mean"),
    ],
)
def test_mistakes_are_told_and_leave_nothing(command, tmp_path, arguments, message):
    write(tmp_path / "log", 3)

    code, out, err = command("export", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
    assert files(tmp_path) == ["log"]


def test_missing_package_says_how_to_install_it(command, tmp_path, monkeypatch):
    write(tmp_path / "log", 3)
    monkeypatch.setitem(sys.modules, "duckdb", None)

    code, out, err = command("export", "log", "--parquet", "a.parquet")
    assert (code, out) == (2, "")
    assert err == "logly export: this needs DuckDB: pip install 'logly[query]'\n"
    assert files(tmp_path) == ["log"]


def test_parquet_has_times_numbers_and_json(command, tmp_path):
    duckdb = pytest.importorskip("duckdb")
    entries = write(tmp_path / "log", 3_000)
    with (tmp_path / "log").open("a") as file:
        file.write('{"message":"\\ud800 \\u0000 \\u001b","fields":{"x":"\\ud800"}}\n')

    assert command("export", "log", "--parquet", "a.parquet") == (0, "", "")
    with closing(duckdb.connect()) as database:
        rows = database.execute("SELECT time, severity, message, fields->>'user' FROM 'a.parquet'").fetchall()
        kinds = database.execute("DESCRIBE SELECT * FROM 'a.parquet'").fetchall()
    assert [(f"{row[0]:%Y-%m-%dT%H:%M:%S}.500Z", *row[1:]) for row in rows[:-1]] == [
        (time, no, message, fields["user"]) for time, _, no, message, fields in entries
    ]
    assert rows[-1][0] is None
    assert [(name, kind) for name, kind, *_ in kinds][:3] == [
        ("time", "TIMESTAMP"),
        ("level", "VARCHAR"),
        ("severity", "INTEGER"),
    ]
    assert files(tmp_path) == ["a.parquet", "log"]


def test_parquet_columns_have_the_types_of_their_values(command, tmp_path):
    duckdb = pytest.importorskip("duckdb")
    (tmp_path / "log").write_text(
        '{"message":"a","i":1,"f":1,"b":true,"m":1,"o":{"a":1}}\n{"message":"a","i":-2,"f":1.5,"b":null,"m":"x","o":[2]}\n'
    )

    assert command("export", "log", "--parquet", "a.parquet", "--fields", "i,f,b,m,o,none")[0] == 0
    with closing(duckdb.connect()) as database:
        relation = database.execute("SELECT i, f, b, m, o, none FROM 'a.parquet'")
        assert [str(column[1]) for column in relation.description][:4] == ["BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR"]
        assert relation.fetchall() == [(1, 1.0, True, "1", '{"a":1}', None), (-2, 1.5, None, "x", "[2]", None)]
