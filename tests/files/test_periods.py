"""The period of a file: it stays the same however often the file is closed and opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from logly import Logger, testing


@pytest.fixture
def audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    audit = Logger()
    audit.remove_all()
    yield audit
    audit.remove_all()


def add(audit: Logger) -> int:
    return audit.add("app.log", format="{message}", rotation="daily")


def log(audit: Logger, message: str) -> None:
    audit.info(message)
    assert audit.complete(timeout=10)


def files() -> dict[str, str]:
    return {path.name: path.read_text() for path in Path().iterdir()}


def test_file_that_is_reopened_keeps_its_period(audit: Logger) -> None:
    add(audit)

    with testing.freeze("2025-01-14T23:59:59.999") as clock:
        log(audit, "yesterday")
        audit.reopen()
        clock.tick(0.001)
        log(audit, "today")

    assert files() == {"app.2025-01-14.log": "yesterday\n", "app.log": "today\n"}


def test_file_that_is_only_reopened_is_of_its_last_record(audit: Logger) -> None:
    with testing.freeze("2025-01-14T13:05:59") as clock:
        first = add(audit)
        log(audit, "first life")
        audit.remove(first)
        clock.move_to("2025-01-16T10:00:00")
        second = add(audit)
        audit.reopen()
        audit.remove(second)
        add(audit)
        log(audit, "last life")

    assert files() == {"app.2025-01-14.log": "first life\n", "app.log": "last life\n"}
