"""The forms of lines that libraries write: each is read to its time, level, logger, message and fields."""

from __future__ import annotations

import json
import logging

import pytest
from logly import logger

# Lines of other programs, as their documentation shows them, and what is to be seen of them.
LINES = {
    "logly": (
        '{"timestamp": "2025-01-15T10:30:45.123Z", "level": "ERROR", "message": "no route", "fields": {"ms": 12}, "module": "app.db"}',
        "2025-01-15 10:30:45.123 | ERROR    | app.db | no route ms=12",
    ),
    "loguru": (
        "2025-01-15 10:30:45.123 | WARNING  | app.db:connect:42 - no route",
        "2025-01-15 10:30:45.123 | WARNING  | app.db | no route",
    ),
    "loguru serialized": (
        '{"text": "x", "record": {"time": {"repr": "r", "timestamp": 1736937045.5}, "level": {"icon": "i", "name": "INFO", "no": 20}, "message": "ready", "name": "app", "extra": {"user": "ann"}}}',
        "2025-01-15 10:30:45.500 | INFO     | app | ready user=ann",
    ),
    "logging": (
        "2025-01-15 10:30:45,123 - app.db - ERROR - no route",
        "2025-01-15 10:30:45.123 | ERROR    | app.db | no route",
    ),
    "logging, with words": (
        "2025-01-15 10:30:45,123 ERROR app.db: no route",
        "2025-01-15 10:30:45.123 | ERROR    | app.db | no route",
    ),
    "logging, basic": ("WARNING:app.db:no route: 3", "WARNING  | app.db | no route: 3"),
    "gunicorn": (
        "[2025-01-15 10:30:45 +0000] [7] [INFO] Listening at: http://0.0.0.0:80 (7)",
        "2025-01-15 10:30:45.000 | INFO     | Listening at: http://0.0.0.0:80 (7)",
    ),
    "ecs": (
        '{"@timestamp": "2025-01-15T10:30:45.123Z", "log.level": "warning", "message": "slow", "log.logger": "app", "ms": 812}',
        "2025-01-15 10:30:45.123 | warning  | app | slow ms=812",
    ),
    "ecs, nested": (
        '{"@timestamp": "2025-01-15T10:30:45.123Z", "log": {"level": "error", "logger": "app"}, "message": "slow"}',
        "2025-01-15 10:30:45.123 | error    | app | slow",
    ),
    "google cloud": (
        '{"severity": "ERROR", "message": "slow", "timestamp": {"seconds": 1736937045, "nanos": 123000000}}',
        "2025-01-15 10:30:45.123 | ERROR    | slow",
    ),
    "bunyan": (
        '{"name": "api", "hostname": "h", "pid": 7, "level": 50, "msg": "no route", "time": "2025-01-15T10:30:45.123Z", "v": 0}',
        "2025-01-15 10:30:45.123 | ERROR    | api | no route hostname=h v=0",
    ),
    "pino": (
        '{"level":30,"time":1736937045123,"pid":7,"hostname":"h","msg":"ready"}',
        "2025-01-15 10:30:45.123 | INFO     | ready hostname=h",
    ),
    "zap": (
        '{"level":"error","ts":1736937045.123,"caller":"db/main.go:7","msg":"no route","ms":12.5}',
        "2025-01-15 10:30:45.123 | error    | no route ms=12.5",
    ),
    "tracing": (
        '{"timestamp":"2025-01-15T10:30:45.123456Z","level":"INFO","fields":{"message":"ready","port":80},"target":"app::web"}',
        "2025-01-15 10:30:45.123 | INFO     | app::web | ready port=80",
    ),
    "structlog": (
        '{"user": "ann", "event": "paid", "level": "info", "timestamp": "2025-01-15T10:30:45.123456Z"}',
        "2025-01-15 10:30:45.123 | info     | paid user=ann",
    ),
    "datadog": (
        '{"timestamp": "2025-01-15T10:30:45.123Z", "status": "warn", "message": "slow", "logger.name": "app"}',
        "2025-01-15 10:30:45.123 | warn     | app | slow",
    ),
    "status of an answer": (
        '{"timestamp": "2025-01-15T10:30:45.123Z", "status": 404, "message": "GET /"}',
        "2025-01-15 10:30:45.123 | GET / status=404",
    ),
    "gelf": (
        '{"version": "1.1", "short_message": "slow", "timestamp": 1736937045.123, "level": 4, "host": "web-1"}',
        "2025-01-15 10:30:45.123 | WARNING  | slow version=1.1 host=web-1",
    ),
    "serilog": (
        '{"@t":"2025-01-15T10:30:45.1230000Z","@l":"Error","@m":"no route","id":7}',
        "2025-01-15 10:30:45.123 | Error    | no route id=7",
    ),
    "logfmt": (
        'time="2025-01-15T10:30:45Z" level=warning msg="no route" host=h ms=12',
        "2025-01-15 10:30:45.000 | warning  | no route host=h ms=12",
    ),
    "docker": (
        '{"log":"ready\\n","stream":"stdout","time":"2025-01-15T10:30:45.123456789Z"}',
        "2025-01-15 10:30:45.123 | ready\\n stream=stdout",
    ),
    "unknown": ("Listening on port 80", "Listening on port 80"),
    "no level": ("2025-01-15 10:30:45 server is ready", "2025-01-15 10:30:45.000 | server is ready"),
    "cut off": ('{"timestamp": "2025-01-15T10:30:45.123Z", "lev', '{"timestamp": "2025-01-15T10:30:45.123Z", "lev'),
}  # fmt: skip


@pytest.mark.parametrize("form", LINES)
def test_line_is_shown_in_its_parts(shown, tmp_path, form, monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    line, expected = LINES[form]
    (tmp_path / "log").write_text(line + "\n")

    assert shown("log") == [expected]


def test_own_lines_are_read_back(shown, tmp_path):
    logger.configure(console=False)
    for name, options in {"json": {"json": True}, "flat": {"json": "flat"}, "ecs": {"json": "ecs"}, "fmt": {"format": "logfmt"}}.items():  # fmt: skip
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
    own = logging.Logger("app.db")
    own.addHandler(handler)
    own.critical("down: %d", 3)
    handler.close()

    (line,) = shown("log")
    assert line.endswith("| CRITICAL | app.db | down: 3")


def test_traceback_stays_with_its_record(shown, tmp_path):
    logger.configure(console=False)
    for name, json_ in (("text", None), ("json", True)):
        sink = logger.add(tmp_path / name, json=json_)
        try:
            [][0]
        except IndexError:
            logger.exception("bad")
        logger.info("good")
        logger.complete()
        logger.remove(sink)

        lines = shown(tmp_path / name, "--level", "ERROR")
        assert lines[0].endswith("| bad"), name
        assert lines[-1].strip() == "IndexError: list index out of range", name
        assert not any("good" in line for line in lines), name


def test_json_has_one_shape_whatever_the_files_have(shown, tmp_path):
    (tmp_path / "a").write_text('{"level":50,"time":1736937045123,"msg":"a","ms":12}\n')
    (tmp_path / "b").write_text("2025-01-15 10:30:45.124 | ERROR | app:f:7 - b\n")

    one, other = map(json.loads, shown("a", "b", "--json"))
    assert one == {"timestamp": "2025-01-15T10:30:45.123000+00:00", "level": "ERROR", "message": "a", "fields": {"ms": 12}}  # fmt: skip
    assert (other["level"], other["message"], other["name"], other["line"]) == ("ERROR", "b", "app", 7)


def test_indented_objects_are_entries(shown, tmp_path):
    logger.configure(console=False)
    logger.add("app.json", json="pretty")
    logger.info("one", a=1)
    logger.error("two", b={"c": [2]})
    logger.complete()

    assert [line.split(" | ", 2)[2] for line in shown("app.json")] == ["one a=1", 'two b={"c": [2]}']
    assert len(shown("app.json", "--level", "error")) == 1
