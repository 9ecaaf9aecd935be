"""Which entries `logly view` shows, and what it says and returns if there are none."""

from __future__ import annotations

import json
import random

import pytest

LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]


def write(path, count, *, form="json", start=0):
    """Write entries of one second each, and return them."""
    entries = []
    drawn = random.Random(path.name)
    with path.open("w", newline="") as file:
        for number in range(count):
            time = f"2025-01-15T10:{(start + number) // 60 % 60:02}:{(start + number) % 60:02}.000Z"
            level = drawn.choice(LEVELS)
            fields = {"ms": drawn.randrange(500), "user": drawn.choice("ab")}
            entry = {"timestamp": time, "level": level, "message": f"m {number}", "fields": fields}
            entries.append(entry)
            if form == "json":
                file.write(json.dumps(entry) + "\n")
            else:
                file.write(f"{time} | {level} | m {number} ms={fields['ms']} user={fields['user']}\n")
                file.write("Traceback:\n  an ERROR\n" if level == "ERROR" else "")
    return entries


def messages(lines):
    return [line.split(" | ")[2].split(" ms=")[0] for line in lines if " | " in line]


@pytest.mark.parametrize("form", ["json", "text"])
@pytest.mark.parametrize("level", LEVELS)
def test_level_chooses_the_entries_at_it_or_above(shown, tmp_path, form, level):
    entries = write(tmp_path / "log", 3_000, form=form)

    expected = [e["message"] for e in entries if LEVELS.index(e["level"]) >= LEVELS.index(level)]
    assert messages(shown("log", "--level", level)) == expected


@pytest.mark.parametrize("form", ["json", "text"])
def test_expressions_choose_by_fields(shown, tmp_path, form):
    entries = write(tmp_path / "log", 3_000, form=form)

    expected = [e["message"] for e in entries if e["fields"]["ms"] > 490 and e["fields"]["user"] == "a"]
    assert messages(shown("log", "--where", "ms > 490 and user == 'a'")) == expected
    assert messages(shown("log", "--where", "message startswith 'm 2718'")) == ["m 2718"]
    assert messages(shown("log", "--where", "user == 'a' and level >= CRITICAL", "--level", "error")) == [
        e["message"] for e in entries if e["fields"]["user"] == "a" and e["level"] == "CRITICAL"
    ]


@pytest.mark.parametrize("form", ["json", "text"])
def test_times_choose_from_the_first_until_before_the_last(shown, tmp_path, form):
    write(tmp_path / "log", 3_000, form=form)

    lines = shown("log", "--since", "2025-01-15T10:10:00Z", "--until", "2025-01-15T10:10:03Z")
    assert messages(lines) == ["m 600", "m 601", "m 602"]


def test_escaped_letters_are_found(shown, tmp_path):
    (tmp_path / "log").write_text(
        '{"level":"INFO","message":"a"}\n{"level":"\\u0045RROR","message":"caf\\u00e9 noir"}\n'
    )

    assert len(shown("log", "--level", "error")) == 1
    assert len(shown("log", "--where", "message == 'café noir'")) == 1


def test_neighbours_are_shown_with_an_entry(shown, tmp_path):
    write(tmp_path / "log", 100)

    lines = shown("log", "--where", "message == 'm 50' or message == 'm 53'", "--context", "2")
    assert messages(lines) == [f"m {number}" for number in range(48, 56)]


def test_tail_is_the_last_ones_that_match(shown, tmp_path):
    entries = write(tmp_path / "log", 1_000)

    expected = [e["message"] for e in entries if e["level"] == "ERROR"][-3:]
    assert messages(shown("log", "--where", "level == 'ERROR'", "--tail", "3")) == expected


def test_fields_and_columns_are_chosen(shown, view, tmp_path):
    (tmp_path / "log").write_text(
        '{"timestamp":"2025-01-15T10:30:45Z","level":"INFO","message":"a, b","fields":{"x":1,"y":"z","w":null}}\n'
    )

    assert shown("log", "--hide", "x,w") == ["2025-01-15 10:30:45.000 | INFO     | a, b y=z"]
    assert shown("log", "--fields", "y,x")[0].endswith("a, b y=z x=1")
    code, out, _ = view("log", "--csv", "--fields", "time,message,x,none", "--utc")
    assert (code, out) == (0, 'time,message,x,none\r\n2025-01-15T10:30:45.000000+00:00,"a, b",1,\r\n')


def test_status_that_is_no_level_is_a_column(view, tmp_path):
    (tmp_path / "log").write_text('{"level":"INFO","status":404,"message":"a"}\n{"status":"warn","message":"b"}\n')

    code, out, _ = view("log", "--csv", "--fields", "level,status,message")
    assert (code, out) == (0, "level,status,message\r\nINFO,404,a\r\nwarn,warn,b\r\n")


def test_nothing_found_says_why(view, tmp_path):
    write(tmp_path / "log", 100)

    code, out, err = view("log", "--where", "ms > 9000")
    assert (code, out) == (1, "")
    assert err == "logly view: no entry matched: 100 lines in 1 file read, 100 entries left out by --where\n"
    code, _, err = view("log", "--since", "now")
    assert code == 1
    assert "100 entries left out by --since and --until" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.log"], "none.log"),
        (["."], "."),
        (["log", "--level", "EROR"], "did you mean"),
        (["log", "--where", "ms >"], "--where: expected"),
        (["log", "--since", "noon"], "--since: expected a time"),
    ],
)
def test_mistakes_are_told(view, tmp_path, arguments, message):
    write(tmp_path / "log", 1)

    code, out, err = view(*arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
