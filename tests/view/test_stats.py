"""`logly stats`: what is counted, compared with counts that Python makes."""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter

import pytest
from logly import logger

LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]


def write(path, count, form):
    """Write entries in one of three forms, and return them."""
    drawn = random.Random(form)
    entries, lines = [], []
    for number in range(count):
        second = number // 3
        entry = {
            "timestamp": f"2025-01-15T{10 + second // 3600}:{second // 60 % 60:02}:{second % 60:02}.000Z",
            "level": drawn.choice(LEVELS),
            "logger": drawn.choice(["app", "app.db"]),
            "message": f"user {drawn.randrange(10**6)} paid"
            if drawn.random() < 0.7
            else f"slow: {drawn.randrange(99)}ms",
            "fields": {"user": drawn.choice("abc")},
        }
        entries.append(entry)
        user = entry["fields"]["user"]
        head = f"{entry['timestamp']} | {entry['level']} | {entry['logger']}"
        lines.append({
            "json": json.dumps(entry),
            "text": f"{head} | {entry['message']}",
            "logfmt": f'time={entry["timestamp"]} level={entry["level"].lower()} logger={entry["logger"]}'
                      f' msg="{entry["message"]}" user={user}',
        }[form])  # fmt: skip
    text = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return entries


def values(tally):
    return {value["value"]: value["count"] for value in tally["values"]}


@pytest.fixture
def entries(tmp_path):
    """Write three forms, one of them in an archive."""
    found = write(tmp_path / "app.2025-01-14.log.gz", 2_000, "text")
    found += write(tmp_path / "app.log", 3_000, "json")
    return found + write(tmp_path / "other.log", 1_000, "logfmt")


def test_counts_are_those_of_the_entries(counted, entries):
    counts = counted("app.log", "other.log")

    assert (counts["entries"], counts["files"], counts["lines"]) == (6_000, 3, 6_000)
    assert values(counts["levels"]) == Counter(entry["level"] for entry in entries)
    assert values(counts["loggers"]) == Counter(entry["logger"] for entry in entries)
    templates = {"user <number> paid": "user", "slow: <duration>": "slow"}
    expected = Counter(entry["message"].split(" ")[0].strip(":") for entry in entries)
    assert values(counts["templates"]) == {name: expected[word] for name, word in templates.items()}
    assert (counts["first"], counts["last"]) == ("2025-01-15T10:00:00.000000+00:00", "2025-01-15T10:16:39.000000+00:00")


def test_choices_are_those_of_view(counted, entries):
    chosen = [e for e in entries if e["level"] in ("ERROR", "CRITICAL") and "10:05" <= e["timestamp"][11:] < "10:10"]

    counts = counted(
        "app.log", "other.log", "--level", "error", "--since", "2025-01-15T10:05:00Z", "--until", "2025-01-15T10:10:00Z"
    )
    assert values(counts["levels"]) == Counter(entry["level"] for entry in chosen)
    assert counted("app.log", "--no-archives")["entries"] == 3_000
    own = counted("app.log", "--no-archives", "--where", "user == 'b'", "--by", "user", "--by", "none")
    assert values(own["by"]["user"]) == {"b": own["entries"]}
    assert own["by"]["none"]["missing"] == own["entries"] > 0


def test_levels_are_counted_by_their_name_in_text_too(counted, tmp_path):
    (tmp_path / "log").write_text(
        '2025-01-15 10:30:45 WARN a\n{"status":"warn","message":"a"}\n{"status":404,"level":"Info"}\n'
    )

    counts = counted("log", "--by", "level", "--by", "status")
    assert values(counts["levels"]) == {"WARNING": 2, "INFO": 1}
    assert values(counts["by"]["level"]) == {"Info": 1, "WARN": 1, "warn": 1}
    assert values(counts["by"]["status"]) == {"404": 1, "warn": 1}


def test_histogram_has_every_entry_once(counted, entries):
    counts = counted("app.log", "other.log", "--utc")

    steps = counts["histogram"]["steps"]
    assert counts["histogram"]["seconds"] == 10
    assert sum(step["count"] for step in steps) == 6_000
    assert sum(step["errors"] for step in steps) == sum(entry["level"] in LEVELS[3:] for entry in entries)
    minute = Counter(entry["timestamp"][:18] for entry in entries)
    assert {step["start"][:18]: step["count"] for step in steps} == minute
    assert counts["busiest"]["count"] == max(minute.values())
    assert counts["rates"]["per_hour"] == pytest.approx(6_000 / (999 / 3600), rel=1e-3)


def test_top_limits_what_is_listed_and_the_rest_is_told(counted, tmp_path):
    (tmp_path / "log").write_text(
        "".join(f"2025-01-15 10:30:45 INFO {'x' * number}\n" * number for number in range(1, 9))
    )

    templates = counted("log", "--top", "3")["templates"]
    assert [value["count"] for value in templates["values"]] == [8, 7, 6]
    assert (templates["other"], templates["distinct"], templates["missing"]) == (15, 8, 0)


def test_templates_and_events_of_libraries_are_used(counted, tmp_path):
    lines = [
        {"template": "paid {amount}", "message": "paid 12"},
        {"@mt": "paid {Amount}", "@m": "paid 12"},
        {"event": "login", "user": "ann"},
        {"event": "login", "message": "ann came in"},
    ]
    (tmp_path / "log").write_text("".join(json.dumps(line) + "\n" for line in lines))

    assert values(counted("log")["templates"]) == {"login": 2, "paid {Amount}": 1, "paid {amount}": 1}


def test_places_are_files_with_lines_or_functions(counted, tmp_path):
    (tmp_path / "log").write_text(
        '{"message":"a","file":"a.py","line":7,"function":"f"}\n'
        '{"message":"a","logger":"app","function":"f","line":3}\n'
        '{"text":"x","record":{"message":"m","name":"app","file":{"name":"b.py","path":"/b.py"},"line":9,"function":"g"}}\n'
        "2025-01-15 10:30:45.123 | INFO     | app:f:3 - a\n"
        "2025-01-15 10:30:45.123 INFO a\n"
    )

    sites = counted("log")["sites"]
    assert values(sites) == {"app:f:3": 2, "a.py:7": 1, "b.py:9": 1}
    assert sites["missing"] == 1


def test_exceptions_of_one_place_are_one(counted, tmp_path):
    def fail(number):
        return {}[number]

    logger.configure(console=False)
    for name, options in {"a.jsonl": {"json": True}, "b.log": {}}.items():
        sink = logger.add(tmp_path / name, **options)
        for number in range(5):
            for wrong in (fail, int if number == 3 else fail):
                try:
                    wrong("x")
                except (KeyError, ValueError):  # noqa: PERF203
                    logger.exception("bad {}", number)
        logger.complete()
        logger.remove(sink)

        exceptions = counted(tmp_path / name)["exceptions"]
        assert [(value["type"], value["count"]) for value in exceptions["values"]] == [
            ("KeyError", 9),
            ("ValueError", 1),
        ]
        assert exceptions["values"][0]["place"].endswith("fail")
        assert exceptions["missing"] == 0
