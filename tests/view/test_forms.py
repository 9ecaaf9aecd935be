"""The forms of lines that libraries write: each is read to its time, level, logger, message and fields."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from logly import logger

_BLOCKS = (Path(__file__).with_name("forms.txt")).read_text(encoding="utf-8").split("\n\n")[1:]
# Lines of other programs, and what is shown of each, by the name of the form.
LINES = {name.strip("[]"): (line, shown) for name, line, shown in map(str.splitlines, _BLOCKS)}


@pytest.mark.parametrize("form", LINES)
def test_line_is_shown_in_its_parts(shown, tmp_path, form, monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    line, expected = LINES[form]
    (tmp_path / "log").write_text(line + "\n")

    assert shown("log") == [expected]


def test_own_lines_are_read_back(shown, tmp_path):
    logger.configure(console=False)
    forms = {"json": {"json": True}, "flat": {"json": "flat"}, "ecs": {"json": "ecs"}, "fmt": {"format": "logfmt"}}
    for name, options in forms.items():
        sink = logger.add(tmp_path / name, **options)
        logger.warning("paid {} EUR", 12, user="ann b", ok=True)
        logger.complete()
        logger.remove(sink)

        (line,) = shown(tmp_path / name)
        assert line.split(" | ")[1].strip().upper() == "WARNING", name
        assert "paid 12 EUR" in line, name
        assert 'user="ann b"' in line, name


def test_records_of_logging_are_read_back(shown, tmp_path):
    handler = logging.FileHandler(tmp_path / "log")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-8s [%(name)s] %(message)s"))
    own = logging.getLogger("app.db")
    own.addHandler(handler)
    own.critical("down: %d", 3)
    own.removeHandler(handler)
    handler.close()

    (line,) = shown("log")
    assert line.endswith("| CRITICAL | app.db | down: 3")


def test_traceback_stays_with_its_record(shown, tmp_path):
    logger.configure(console=False)
    for name, json_ in (("text", None), ("json", True)):
        sink = logger.add(tmp_path / name, json=json_)
        try:
            int("x")
        except ValueError:
            logger.exception("bad")
        logger.info("good")
        logger.complete()
        logger.remove(sink)

        lines = shown(tmp_path / name, "--level", "ERROR")
        assert lines[0].endswith("| bad"), name
        assert lines[-1].strip() == "ValueError: invalid literal for int() with base 10: 'x'", name
        assert not any("good" in line for line in lines), name


def test_json_has_one_shape_whatever_the_files_have(shown, tmp_path):
    (tmp_path / "a").write_text('{"level":50,"time":1736937045123,"msg":"a","ms":12}\n')
    (tmp_path / "b").write_text("2025-01-15 10:30:45.124 | ERROR | app:f:7 - b\n")

    one, other = map(json.loads, shown("a", "b", "--json"))
    assert (one["timestamp"], one["message"]) == ("2025-01-15T10:30:45.123000+00:00", "a")
    assert (one["level"], one["fields"]) == ("ERROR", {"ms": 12})
    assert (other["level"], other["message"], other["name"], other["line"]) == ("ERROR", "b", "app", 7)


def test_indented_objects_are_entries(shown, tmp_path):
    logger.configure(console=False)
    logger.add("app.json", json="pretty")
    logger.info("one", a=1)
    logger.error("two", b={"c": [2]})
    logger.complete()

    assert [line.split(" | ", 2)[2] for line in shown("app.json")] == ["one a=1", 'two b={"c": [2]}']
    assert len(shown("app.json", "--level", "error")) == 1
