"""Reads requests of OpenTelemetry's log protocol from a topic of Kafka, and appends a row of JSON for each record.

Run it as `python kafka_to_rows.py BROKERS TOPIC FILE`. It needs `confluent-kafka` and `opentelemetry-proto`. It commits
a message once its rows are in the file, so rows may come twice if it is killed.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from confluent_kafka import Consumer
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

Row = dict[str, object]


def value_of(value: AnyValue) -> object:
    """Return the value of an attribute."""
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [value_of(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return {pair.key: value_of(pair.value) for pair in value.kvlist_value.values}
    return getattr(value, kind) if kind else None


def rows_of(request: ExportLogsServiceRequest) -> Iterator[Row]:
    """Yield a row for each record. Fields are columns; attributes with a dot in the name are left out."""
    for resource in request.resource_logs:
        of_resource = {pair.key: value_of(pair.value) for pair in resource.resource.attributes}
        for scope in resource.scope_logs:
            for record in scope.log_records:
                fields = {pair.key: value_of(pair.value) for pair in record.attributes if "." not in pair.key}
                yield {
                    "service": of_resource.get("service.name"),
                    "scope": scope.scope.name,
                    "time": record.time_unix_nano,
                    "severity": record.severity_number,
                    "body": record.body.string_value,
                    "trace_id": record.trace_id.hex(),
                    "span_id": record.span_id.hex(),
                    **fields,
                }


def main(brokers: str, topic: str, path: str) -> None:
    """Read until the program is ended."""
    options = {"bootstrap.servers": brokers, "group.id": "rows", "auto.offset.reset": "earliest"}
    reader = Consumer({**options, "enable.auto.commit": False})
    reader.subscribe([topic])
    with Path(path).open("a", encoding="utf-8") as rows:
        while True:
            message = reader.poll(1)
            if message is None or message.error() is not None:
                continue
            request = ExportLogsServiceRequest.FromString(message.value())
            rows.writelines(json.dumps(row) + "\n" for row in rows_of(request))
            rows.flush()
            reader.commit(message)


if __name__ == "__main__":
    main(*sys.argv[1:4])
