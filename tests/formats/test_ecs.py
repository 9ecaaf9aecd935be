"""`json="ecs"`: Elastic Common Schema, compared with Elastic's own package."""

from __future__ import annotations

import json
import logging
import sys

import ecs_logging
import pytest
from logly import logger

from tests.formats.shaping import FIELDS, TRACE, failing, line, record_of, text, undotted

# Fields of Elastic Common Schema 8.17 with their types, from generated/csv/fields.csv of github.com/elastic/ecs.
PUBLISHED = {
    "@timestamp": str, "message": str, "ecs.version": str, "log.level": str, "log.logger": str,
    "log.origin.function": str, "log.origin.file.name": str, "log.origin.file.line": int, "process.pid": int,
    "process.name": str, "process.thread.id": int, "process.thread.name": str, "host.hostname": str, "trace.id": str,
    "span.id": str, "error.type": str, "error.message": str, "error.stack_trace": str,
}  # fmt: skip
ALL = ["logger", "function", "file", "line", "process", "process_name", "thread", "thread_name", "host"]


def of_elastic(record):
    return json.loads(ecs_logging.StdlibFormatter().format(record))


def test_keys_are_published_and_begin_as_the_specification_says():
    def log():
        try:
            raise ValueError("no")
        except ValueError:
            logger.exception("failed", **TRACE)

    got = line(log, json="ecs", include=ALL)

    del got["trace_flags"]
    assert {key: type(value) for key, value in got.items()} == PUBLISHED
    assert list(got)[:4] == ["@timestamp", "log.level", "message", "ecs.version"]


def test_record_is_that_of_elastics_own_package():
    def log():
        logger.warning("hello", **FIELDS)
        return record_of(logging.WARNING, "hello", extra={key: FIELDS[key] for key in FIELDS if key != "name"})

    records = []
    got = undotted(line(lambda: records.append(log()), json="ecs", include=[part for part in ALL if part != "host"]))

    expected = of_elastic(records[0])
    assert expected["log"].pop("original") == "hello"
    assert expected["log"]["origin"]["file"].pop("line") == got["log"]["origin"]["file"].pop("line") + 1
    assert got.pop("name") == "ada"
    assert got == expected


def test_exception_is_that_of_elastics_own_package():
    def log():
        try:
            raise ValueError("no\nway")
        except ValueError:
            logger.exception("failed")
            return record_of(logging.ERROR, "failed", exc_info=sys.exc_info())

    records = []
    got = undotted(line(lambda: records.append(log()), json="ecs"))["error"]

    expected = of_elastic(records[0])["error"]
    # logly has the whole text that Python prints, and not only the frames.
    assert expected.pop("stack_trace").splitlines()[0] in got.pop("stack_trace")
    assert got == expected


def test_traces_have_the_keys_of_the_schema():
    got = line(lambda: logger.info("m", **TRACE), json="ecs")

    assert (got["trace.id"], got["span.id"]) == (TRACE["trace_id"], TRACE["span_id"])
    assert not {"trace_id", "span_id"} & set(got)


def test_field_of_the_schemas_own_name_is_kept():
    got = line(lambda: logger.info("m", **{"trace.id": "a", "trace_id": "b", "service.name": "shop"}), json="ecs")

    assert (got["trace.id"], got["service.name"], got["trace_id"]) == ("a", "shop", "b")


def test_field_that_is_an_object_in_the_schema_is_one_here():
    got = line(lambda: logger.info("m", user="ada", http={"version": "2"}, error="E1", event=None), json="ecs")

    assert got["http"] == {"version": "2"}
    assert got["fields"] == {"user": "ada", "error": "E1", "event": None}


@pytest.mark.parametrize(("form", "keys"), [("frames", {"exception"}), ("both", {"exception", "error.stack_trace"})])
def test_frames_are_beside_the_keys_of_the_schema(form, keys):
    got = line(failing, json="ecs", exception=form)

    assert {key for key in got if key.startswith(("error", "exc"))} == {"error.type", "error.message", *keys}
    assert got["exception"]["cause"]["type"] == "KeyError"


def test_level_is_in_lower_case():
    logger.level("ÄRGER", no=35)

    assert json.loads(text(lambda: logger.log("ÄRGER", "m"), json="ecs"))["log.level"] == "Ärger"
