"""A collector that stands still, is killed or is away: what was accepted arrives, or is counted."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.interop.arrived import LIMIT, check, command, rows_of
from tests.interop.guide import arguments
from tests.interop.servers.rotel import Rotel
from tests.support.collector import Collector

COUNT = 20_000


@pytest.fixture
def store():
    """Give what stands behind the collector."""
    with Collector() as behind:
        yield behind


@pytest.fixture
def collector(tmp_path, store):
    """Give a collector that passes everything on to the store."""
    with Rotel(tmp_path, *_to(store)) as server:
        yield server


def _to(store):
    return arguments("jetstream", otlp_exporter_endpoint=store.url)


def options(collector, **others):
    """Return the options of a sink whose requests are given up after a second."""
    resource = {"service.name": "shop"}
    return {"sink": "otlp", "endpoint": collector.url, "resource": resource, "batch": 1000, "timeout": 1, **others}


def start(collector, **others):
    """Start the program that logs; its input stays open."""
    return subprocess.Popen(
        command(COUNT, options(collector, **others)),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def arrived(store):
    """Return the records in the store, each once: a request that was not answered in time is sent again."""
    return list({(row["thread"], row["number"]): row for row in rows_of(store.bodies)}.values())


def test_records_of_a_standstill_arrive_after_it(collector, store):
    collector.freeze()
    with start(collector) as program:
        counted = json.loads(program.stdout.readline())
        collector.thaw()
        _, errors = program.communicate(timeout=LIMIT)

    assert (program.returncode, counted["accepted"]) == (0, COUNT)
    store.wait(lambda it: len(arrived(it)) == COUNT)
    check(arrived(store), COUNT)
    assert "could not be written" not in errors


def test_killed_collector_gets_the_spool_when_it_is_back(collector, store, tmp_path):
    collector.kill()
    spool = {"spool": str(tmp_path / "spool")}
    with start(collector, **spool) as program:
        counted = json.loads(program.stdout.readline())
        program.kill()

    assert (counted["export"]["spooled"], counted["export"]["sent"]) == (COUNT, 0)
    collector.start()
    with start(collector, **spool) as program:
        counted = json.loads(program.stdout.readline())
        store.wait(lambda it: len(rows_of(it.bodies)) == 2 * COUNT)
        _, errors = program.communicate(timeout=LIMIT)

    assert (program.returncode, errors) == (0, "")
    rows = sorted(rows_of(store.bodies), key=lambda row: row["time"])
    check(rows[:COUNT], COUNT)
    check(rows[COUNT:], COUNT)


def test_program_ends_in_time_beside_a_collector_that_stands_still(collector, tmp_path):
    collector.freeze()
    with start(collector, spool=str(tmp_path / "spool")) as program:
        program.stdout.readline()
        _, errors = program.communicate(timeout=30)

    assert (program.returncode, "could not be written" in errors) == (0, False)
    assert sum(file.stat().st_size for file in (tmp_path / "spool").rglob("*")) > 0
