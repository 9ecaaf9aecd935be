"""The values that `add` accepts for rotation, retention and compression, and its errors for others."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from logly import logger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = 'a size such as "10 MB", an interval such as "1 day", a time of day such as "18:30", a weekday or "never"'
OBJECT = 'a size, an interval, a time of day, a weekday, "never", a function or a list of these'
BYTES = "a size from 1 byte to 8 EiB"
SIZE = 'a size such as "10 MB", or a number of bytes'
INTERVAL = "an interval of whole seconds, from 1 second to 100 years"
CLOCK = 'a time of day such as "18:30", "18:30:15" or "6:30 PM"'
ZONE = "a time without a zone, or with a zoneinfo.ZoneInfo known to the system or a datetime.timezone"
AGE = "an age above 0, up to 1000 years"
COUNT = "a number of archives from 1 to 2**32 - 1"
KEPT = 'an age such as "7 days" or a size such as "2 GB"; a number of archives is an int'
RULES = "a number of archives, an age, a size, a dict of count, age and size, a list of these, or a function"
WAY = '"gzip", "zstd", "bz2", "xz", "zip", "tar", "tar.gz", "tar.bz2", "tar.xz", or one with a level such as "zstd:9"'


class Odd(tzinfo):
    """A zone that is defined in Python code."""

    def utcoffset(self, _when: datetime | None) -> timedelta:
        return timedelta(hours=1)

    def __repr__(self) -> str:
        return "Odd()"


def due(_record: dict[str, Any], _path: str, _size: int) -> bool:
    return False


GOOD = {
    "rotation": [
        "10 MB", "500KB", "500 kb", "1 GiB", "1.5 GB", "100 B", 1048576, 1,
        "minutely", "hourly", "daily", "weekly", "monthly", "yearly", "Daily", " daily ", "never",
        "2 hours 30 minutes", "1 week", "15 min", "1.5 h", "1 day, 2 hours and 3 s", "3 months", "1 year 6 months",
        timedelta(hours=1), timedelta(days=2, seconds=1),
        "00:00", "6:30 PM", "6 pm", "18:30:15", "daily at 02:00", "monday", "monday at 12:00", "w0", "w6 at 6:30",
        time(), time(18, 30, 15), time(12, tzinfo=timezone.utc), time(12, tzinfo=timezone(timedelta(hours=-3.5))),
        time(12, tzinfo=ZoneInfo("UTC")),
        due, ["daily", "10 MB"], ("daily", 1000, "2 kB", timedelta(hours=1), time(12), due), [], ["never"],
    ],
    "size_limit": ["100MB", 1000],
    "retention": [
        1, 7, "7 days", "1 month", "2 GB", timedelta(days=7), timedelta(microseconds=1), {"count": 3},
        {"age": "7 days"}, {"age": timedelta(days=1), "size": 10**9, "count": None}, {"size": "1 GB"}, [],
        [3, "7 days", "1 GB", {"count": 5}], {}, print,
    ],
    "compression": [
        "gzip", "gz", "gzip:1", "zstd", "zst", "zstd:22", "GZIP", "bz2", "bz2:9", "xz", "xz:0", "lzma", "zip", "zip:9",
        "tar.gz", "tar.gz:9", "tar", "tar.bz2", "tar.bz2:1", "tar.xz", "tar.xz:0", print,
    ],
    "archive": ["{stem}.{time:YYYYMMDD}.{n}{ext}"],
    "adopt": ["loguru"],
    "latest": [True, False],
    "watch": [True, False],
}  # fmt: skip

BAD: dict[str, list[tuple[Any, type, str]]] = {
    "rotation": [
        ("10 parsecs", ValueError, f'{TEXT}, got "10 parsecs"'),
        ("dayly", ValueError, f'{TEXT}, got "dayly" (did you mean "daily"?)'),
        ("5 minuts", ValueError, f'{TEXT}, got "5 minuts" (did you mean "minutes"?)'),
        ("sonntag", ValueError, f'{TEXT}, got "sonntag"'),
        ("", ValueError, f'{TEXT}, got ""'),
        ("10", ValueError, f'{TEXT}, got "10"'),
        ("10 M", ValueError, f'{TEXT}, got "10 M" (minutes, months or megabytes?)'),
        ("-1 MB", ValueError, f'{TEXT}, got "-1 MB"'),
        ("1 day 2", ValueError, f'{TEXT}, got "1 day 2"'),
        ("monday at noon", ValueError, f'{TEXT}, got "monday at noon"'),
        ("9" * 100_000, ValueError, f'{TEXT}, got "{"9" * 80}..."'),
        ("1 h " * 100_000, ValueError, f'{TEXT}, got "{"1 h " * 20}..."'),
        ("0 MB", ValueError, f'{BYTES}, got "0 MB"'),
        ("0.1 B", ValueError, f'{BYTES}, got "0.1 B"'),
        ("9" * 60 + " EiB", ValueError, f'{BYTES}, got "{"9" * 60} EiB"'),
        (0, ValueError, f"{BYTES}, got 0"),
        (-1, ValueError, f"{BYTES}, got -1"),
        (2**63, ValueError, f"{BYTES}, got {2**63}"),
        ("0 s", ValueError, f'{INTERVAL}, got "0 s"'),
        ("0.5 s", ValueError, f'{INTERVAL}, got "0.5 s"'),
        ("101 years", ValueError, f'{INTERVAL}, got "101 years"'),
        (timedelta(), ValueError, f"{INTERVAL}, got datetime.timedelta(0)"),
        (timedelta(seconds=-1), ValueError, f"{INTERVAL}, got datetime.timedelta(days=-1, seconds=86399)"),
        (timedelta(seconds=1.5), ValueError, f"{INTERVAL}, got datetime.timedelta(seconds=1, microseconds=500000)"),
        ("25:00", ValueError, f'{CLOCK}, got "25:00"'),
        ("24:00", ValueError, f'{CLOCK}, got "24:00"'),
        ("12:60", ValueError, f'{CLOCK}, got "12:60"'),
        ("13 PM", ValueError, f'{CLOCK}, got "13 PM"'),
        ("monday at 25:00", ValueError, f'{CLOCK}, got "monday at 25:00"'),
        ("w7", ValueError, 'a weekday from w0 (Monday) to w6, got "w7"'),
        (time(0, 0, 0, 1), ValueError, "a time of whole seconds, got datetime.time(0, 0, 0, 1)"),
        (time(12, tzinfo=Odd()), ValueError, f"{ZONE}, got datetime.time(12, 0, tzinfo=Odd())"),
        (True, TypeError, f"{OBJECT}, got True"),
        (1.5, TypeError, f"{OBJECT}, got 1.5"),
        (b"daily", TypeError, f"{OBJECT}, got b'daily'"),
        ({"size": 1}, TypeError, f"{OBJECT}, got {{'size': 1}}"),
        (["daily", None], TypeError, f"{OBJECT}, got None"),
        (["daily", ["hourly"]], TypeError, f"{OBJECT}, got ['hourly']"),
        (["daily", "dayly"], ValueError, f'{TEXT}, got "dayly" (did you mean "daily"?)'),
        (datetime(2025, 1, 1), TypeError, f"{OBJECT}, got datetime.datetime(2025, 1, 1, 0, 0)"),
        ("\ud800", ValueError, "text without lone surrogates, got '\\ud800'"),
    ],
    "size_limit": [
        ("daily", ValueError, f'{SIZE}, got "daily"'),
        ("0 kB", ValueError, f'{BYTES}, got "0 kB"'),
        (0, ValueError, f"{BYTES}, got 0"),
        (-1, ValueError, f"{BYTES}, got -1"),
        (True, TypeError, f"{SIZE}, got True"),
        (["1 MB"], TypeError, f"{SIZE}, got ['1 MB']"),
    ],
    "retention": [
        (0, ValueError, f"{COUNT}, got 0"),
        (-1, ValueError, f"{COUNT}, got -1"),
        (2**32, ValueError, f"{COUNT}, got {2**32}"),
        ("7", ValueError, f'{KEPT}, got "7"'),
        ("weekly", ValueError, f'{KEPT}, got "weekly"'),
        ("0 days", ValueError, f'{AGE}, got "0 days"'),
        ("0 B", ValueError, f'{BYTES}, got "0 B"'),
        (timedelta(), ValueError, f"{AGE}, got datetime.timedelta(0)"),
        (timedelta(days=-1), ValueError, f"{AGE}, got datetime.timedelta(days=-1)"),
        (True, TypeError, f"{RULES}, got True"),
        (1.5, TypeError, f"{RULES}, got 1.5"),
        ([7, print], TypeError, f"{RULES}, got <built-in function print>"),
        ({"cout": 1}, ValueError, 'the keys count, age and size, got "cout" (did you mean "count"?)'),
        ({"count": 0}, ValueError, f"{COUNT}, got 0"),
        ({"count": "7"}, TypeError, f"{COUNT}, got '7'"),
        ({"age": 7}, TypeError, 'an age such as "7 days" or a timedelta, got 7'),
        ({"age": "2 GB"}, ValueError, "an age such as \"7 days\", got '2 GB'"),
        ({"size": "7 days"}, ValueError, f'{SIZE}, got "7 days"'),
        ([{"size": -1}], ValueError, f"{BYTES}, got -1"),
    ],
    "compression": [
        ("zstd:99", ValueError, 'a level from 1 to 22, got "zstd:99"'),
        ("gzip:0", ValueError, 'a level from 1 to 9, got "gzip:0"'),
        ("xz:10", ValueError, 'a level from 0 to 9, got "xz:10"'),
        ("gzip:-1", ValueError, 'a level from 1 to 9, got "gzip:-1"'),
        ("gzip:", ValueError, 'a level from 1 to 9, got "gzip:"'),
        ("gzp", ValueError, f'{WAY}, got "gzp" (did you mean "gzip"?)'),
        ("rar", ValueError, f'{WAY}, got "rar"'),
        ("", ValueError, f'{WAY}, got ""'),
        (True, TypeError, 'a name such as "gzip" or "zstd:9", or a function, got True'),
        (9, TypeError, 'a name such as "gzip" or "zstd:9", or a function, got 9'),
    ],
}


def case_id(value: object) -> str | None:
    """Name a value, without the memory addresses in the `repr` of functions."""
    return getattr(value, "__name__", None) or repr(value)[:40]


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in GOOD for value in GOOD[name]], ids=case_id)
def test_add_takes_every_form_of_an_option(name: str, value: object, tmp_path: Path) -> None:
    path = tmp_path / ("app-{time}.log" if name == "latest" else "app.log")

    sink = logger.add(path, **{name: value})

    assert logger.list_sinks()[-1] == sink


@pytest.mark.parametrize(
    ("name", "value", "kind", "text"), [(name, *case) for name in BAD for case in BAD[name]], ids=case_id
)
def test_add_refuses_a_wrong_option_before_anything_changes(
    name: str, value: object, kind: type[Exception], text: str, tmp_path: Path
) -> None:
    before = logger.list_sinks()

    with pytest.raises((TypeError, ValueError)) as caught:
        logger.add(tmp_path / "made" / "app.log", **{name: value})

    assert (type(caught.value), str(caught.value)) == (kind, f"{name}: expected {text}")
    assert logger.list_sinks() == before
    assert list(tmp_path.iterdir()) == []


def test_time_of_a_real_zone_is_taken(tmp_path: Path) -> None:
    try:
        zone = ZoneInfo("Australia/Lord_Howe")
    except LookupError:
        pytest.skip("no zone data")

    assert logger.add(tmp_path / "app.log", rotation=time(12, tzinfo=zone)) in logger.list_sinks()


def test_options_of_rotation_go_together(tmp_path: Path) -> None:
    rules: dict[str, Callable[..., object] | object] = {
        "rotation": ["daily", due],
        "size_limit": "10 MB",
        "retention": 7,
    }

    sink = logger.add(tmp_path / "app-{time}.log", compression="zstd:9", latest=True, **rules)

    assert logger.list_sinks()[-1] == sink


def test_link_to_the_latest_needs_a_time_in_the_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"latest: expected a sink with \{time\} in its name, got .*app\.log"):
        logger.add(tmp_path / "app.log", latest=True)
