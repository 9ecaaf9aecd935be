"""100,000 records over a collector to a broker, and from there to a store with SQL: each once, typed, with its ids."""

from __future__ import annotations

import json
import sys

import pytest

from tests.interop.arrived import EXAMPLES, all_of, check, rows_of, run
from tests.interop.guide import arguments, block
from tests.interop.servers.clickhouse import query
from tests.interop.servers.jetstream import JetStream
from tests.interop.servers.kafka import Kafka
from tests.interop.servers.process import Server, free_ports, wait_for
from tests.interop.servers.rotel import Rotel

COUNT = 100_000
TYPES = """
SELECT DISTINCT toTypeName(assumeNotNull(number)) AS number, toTypeName(assumeNotNull(price)) AS price,
  toTypeName(assumeNotNull(paid)) AS paid, toTypeName(assumeNotNull(body)) AS body
  FROM file('rows.jsonl', 'JSONEachRow')
"""


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
    file = tmp_path / "rows.jsonl"
    file.touch()
    reader = Server([sys.executable, EXAMPLES / "kafka_to_rows.py", kafka.brokers, "logs", file], tmp_path, "reader")
    with reader, Rotel(tmp_path, *to_kafka) as collector:
        counted = run(COUNT, options(collector))
        wait_for(lambda: file.read_bytes().count(b"\n") >= COUNT, "all rows in the file")

    assert counted["export"]["sent"] == COUNT
    check([json.loads(line) for line in file.read_text().splitlines()], COUNT)
    threads = [{"thread": thread, "count": COUNT // 4, "in_order": 1} for thread in range(4)]
    assert query(block("sql"), tmp_path) == threads
    assert query(TYPES, tmp_path) == [{"number": "Int64", "price": "Float64", "paid": "Bool", "body": "String"}]


def test_records_reach_a_stream_of_three_servers_once_and_in_order(tmp_path):
    (port,) = free_ports(1)
    with JetStream(tmp_path) as stream:
        command = [sys.executable, EXAMPLES / "otlp_to_jetstream.py", port, "logs", *stream.urls]
        bridge = Server(command, tmp_path, "bridge", (port,))
        to_bridge = arguments("jetstream", otlp_exporter_endpoint=f"http://127.0.0.1:{port}")
        with bridge, Rotel(tmp_path, *to_bridge) as collector:
            run(COUNT, options(collector))
            requests = stream.read(all_of(COUNT))

    check(rows_of(requests), COUNT)
