"""100,000 records over a collector to a broker, and from there to a store with SQL: each once, typed, with its ids."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.interop.arrived import all_of, check, rows_of, run
from tests.interop.guide import arguments, block
from tests.interop.servers.clickhouse import query
from tests.interop.servers.jetstream import JetStream
from tests.interop.servers.kafka import Kafka
from tests.interop.servers.process import Server, free_ports
from tests.interop.servers.rotel import Rotel

COUNT = 100_000
TYPES = (
    "SELECT DISTINCT "
    + ", ".join(f"toTypeName(assumeNotNull({name})) AS {name}" for name in ("number", "price", "paid", "body"))
    + " FROM rows"
)
BRIDGE = Path(__file__).parents[2] / "examples" / "servers" / "otlp_to_jetstream.py"


def options(collector, **others):
    """Return the options of a sink whose requests fit into a message of a broker, 1 MB."""
    return {"sink": "otlp", "endpoint": collector.url, "resource": {"service.name": "shop"}, "batch": 1000, **others}


@pytest.fixture
def kafka():
    """Give brokers with a topic."""
    brokers = Kafka()
    brokers.create("logs")
    return brokers


def test_records_reach_a_store_with_sql_over_kafka(tmp_path, kafka):
    to_kafka = arguments("kafka", kafka_exporter_brokers=kafka.brokers)
    with Rotel(tmp_path, *to_kafka) as collector:
        counted = run(COUNT, options(collector))
        requests = kafka.read("logs", all_of(COUNT))

    assert counted["export"]["sent"] == COUNT
    rows = rows_of(requests)
    check(rows, COUNT)
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    threads = [{"thread": thread, "count": COUNT // 4, "in_order": 1} for thread in range(4)]
    assert query(block("sql"), tmp_path) == threads
    assert query(TYPES, tmp_path) == [{"number": "Int64", "price": "Float64", "paid": "Bool", "body": "String"}]


def test_records_reach_a_stream_of_three_servers_once_and_in_order(tmp_path):
    (port,) = free_ports(1)
    with JetStream(tmp_path) as stream:
        bridge = Server([sys.executable, BRIDGE, port, "logs", *stream.urls], tmp_path, "bridge", (port,))
        to_bridge = arguments("jetstream", otlp_exporter_endpoint=f"http://127.0.0.1:{port}")
        with bridge, Rotel(tmp_path, *to_bridge) as collector:
            run(COUNT, options(collector))
            requests = stream.read(all_of(COUNT))

    check(rows_of(requests), COUNT)
