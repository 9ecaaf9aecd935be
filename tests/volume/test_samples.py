"""`add(sample=)`: which records a sink takes, and where the rate stands."""

from __future__ import annotations

import hashlib
import io
import json
import os

import logly
import pytest
from logly import logger

from tests.support import child

pytestmark = pytest.mark.usefixtures("no_console")

KEPT, LEFT_OUT = "ff" * 16, "00" * 15 + "01"
TRACES = [hashlib.sha256(str(number).encode()).hexdigest()[:32] for number in range(2_000)]


def is_in_sample(trace, share):
    """Decide as OpenTelemetry's specification does."""
    return int(trace[-14:], 16) >= 2**56 - round(share * 2**56)


def traces_of(path):
    return [json.loads(line)["fields"]["trace_id"] for line in path.read_text().splitlines()]


def losses(sink):
    return {reason: count for reason, count in logger.stats()["sinks"][sink]["dropped"].items() if count}


@pytest.mark.parametrize("share", [0.5, 0.1, 0.003, 1.0])
def test_last_56_bits_of_the_trace_decide(tmp_path, share):
    sink = logger.add(tmp_path / "app.log", json=True, sample=share)

    for trace in TRACES:
        logger.info("x", trace_id=trace)
    logger.complete()

    expected = [trace for trace in TRACES if is_in_sample(trace, share)]
    assert traces_of(tmp_path / "app.log") == expected
    assert logger.stats()["sinks"][sink]["written"] == len(expected)
    assert logger.stats()["sinks"][sink]["dropped"]["sampled"] == len(TRACES) - len(expected)


def test_every_kind_of_sink_takes_the_same_traces(tmp_path):
    lines, stream = [], io.StringIO()
    options = {"json": True, "sample": 0.2}
    logger.add(tmp_path / "queued.log", **options)
    logger.add(tmp_path / "synchronous.log", async_write=False, **options)
    logger.add(tmp_path / "filtered.log", filter=lambda record: True, **options)
    logger.add(stream, **options)
    logger.add(lines.append, async_write=True, **options)

    for trace in TRACES[:500]:
        logger.bind(trace_id=trace).info("x")
    logger.complete()

    expected = [trace for trace in TRACES[:500] if is_in_sample(trace, 0.2)]
    for name in ("queued", "synchronous", "filtered"):
        assert traces_of(tmp_path / f"{name}.log") == expected
    for written in (stream.getvalue().splitlines(), lines):
        assert [json.loads(line)["fields"]["trace_id"] for line in written] == expected


def test_two_processes_take_the_same_traces(tmp_path):
    program = (
        "import sys; from logly import logger; logger.configure(console=False);"
        "logger.add(sys.argv[1], json=True, sample=float(sys.argv[2]));"
        "[logger.info('x', trace_id=trace) for trace in sys.stdin.read().split()]"
    )

    paths = [(tmp_path / f"{number}.log", share) for number, share in enumerate([0.3, 0.3, 0.1])]
    for path, share in paths:
        child.run(program, path, share, input=" ".join(TRACES)).check(stderr="")

    first, second, fewer = (traces_of(path) for path, _ in paths)
    assert first == second == [trace for trace in TRACES if is_in_sample(trace, 0.3)]
    assert set(fewer) < set(first)


@pytest.mark.parametrize("trace", ["", "0" * 32, "ff" * 15, "zz" * 16, 2**128 - 1, None])
def test_other_values_are_no_traces(tmp_path, trace):
    logger.add(tmp_path / "app.log", format="{message}", sample=0.5)

    for number in range(200):
        logger.info(str(number), trace_id=trace)
    logger.complete()

    assert 40 < len((tmp_path / "app.log").read_text().splitlines()) < 160


def test_records_without_trace_keep_the_share(tmp_path):
    sink = logger.add(tmp_path / "app.log", format="{message}", sample=0.25)

    for _ in range(20_000):
        logger.info("x")
    logger.complete()

    # The standard deviation is 61. A correct program fails once in 10**15 runs.
    assert 4_510 < logger.stats()["sinks"][sink]["written"] < 5_490


def test_errors_are_always_taken_and_show_no_rate(tmp_path):
    logger.add(tmp_path / "app.log", format="{level} {extra}", sample=1e-9)

    for level in ("WARNING", "ERROR", "CRITICAL", 39, 40):
        logger.log(level, "x", trace_id=LEFT_OUT)
    logger.complete()

    lines = (tmp_path / "app.log").read_text().splitlines()
    assert [line.split()[0] for line in lines] == ["ERROR", "CRITICAL", "ERROR"]
    assert "sample_rate" not in (tmp_path / "app.log").read_text()


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({}, "sample_rate=0.5"),
        ({"format": "{message}{fields}"}, "sample_rate=0.5"),
        ({"format": "{extra}"}, "'sample_rate': 0.5"),
        ({"format": "{extra[sample_rate]}"}, "0.5"),
        ({"format": "{sample_rate}"}, "0.5"),
        ({"format": "logfmt"}, "sample_rate=0.5"),
        ({"json": True}, '"sample_rate": 0.5'),
        ({"json": "flat"}, '"sample_rate": 0.5'),
        ({"json": "ecs"}, '"sample_rate":'),
        ({"json": "gcp"}, '"sample_rate":'),
        ({"json": "datadog"}, '"sample_rate":'),
        ({"json": "gelf"}, '"_sample_rate":'),
        ({"json": "otel"}, '"sample_rate"'),
    ],
)
def test_rate_stands_in_every_form(tmp_path, options, shown):
    stream = io.StringIO()
    logger.add(tmp_path / "app.log", sample=0.5, **options)
    logger.add(stream, sample=0.5, **options)

    logger.info("x", trace_id=KEPT)
    logger.complete()

    assert shown in (tmp_path / "app.log").read_text()
    assert shown in stream.getvalue()


def test_other_sinks_do_not_show_the_rate(tmp_path):
    got, later = [], []
    logger.add(tmp_path / "one.log", format="{extra}", sample=0.5)
    logger.add(tmp_path / "two.log", format="{extra}", sample=0.75)
    logger.add(tmp_path / "all.log", format="{extra}")
    logger.add(lambda line: got.append(line.record["extra"]), sample=0.5)
    logger.add(lambda line: later.append(line.record["extra"]))
    logger.add_callback(lambda record: later.append(record["extra"]))

    logger.info("x", trace_id=KEPT, user="ada")
    logger.complete()

    whole = {"trace_id": KEPT, "user": "ada"}
    assert [(tmp_path / f"{name}.log").read_text() for name in ("one", "two", "all")] == [
        f"{ {**whole, 'sample_rate': 0.5} }\n",
        f"{ {**whole, 'sample_rate': 0.75} }\n",
        f"{whole}\n",
    ]
    assert got == [{**whole, "sample_rate": 0.5}]
    assert later == [whole, whole]


def test_changes_of_a_format_function_stay_with_the_sampled_sink(tmp_path):
    def changing(record):
        record["extra"]["mine"] = 1
        return f"{record['extra']}\n"

    lines = []
    logger.add(lines.append, format=changing, sample=0.5)
    logger.add(tmp_path / "later.log", format="{extra}")

    logger.info("x", trace_id=KEPT)
    logger.complete()

    assert lines == [f"{ {'trace_id': KEPT, 'sample_rate': 0.5, 'mine': 1} }\n"]
    assert (tmp_path / "later.log").read_text() == f"{ {'trace_id': KEPT} }\n"


def test_field_of_the_call_is_kept(tmp_path):
    got = []
    logger.add(tmp_path / "app.log", format="{extra}", sample=0.5)
    logger.add(lambda line: got.append(line.record["extra"]), sample=0.5)

    logger.info("x", trace_id=KEPT, sample_rate=0.01)
    logger.complete()

    assert (tmp_path / "app.log").read_text() == f"{ {'trace_id': KEPT, 'sample_rate': 0.01} }\n"
    assert got == [{"trace_id": KEPT, "sample_rate": 0.01}]


def test_filters_come_before_the_sample(tmp_path):
    options = {"level": "INFO", "where": "user == 'ada'", "sample": 0.5}
    queued = logger.add(tmp_path / "app.log", **options)
    synchronous = logger.add(tmp_path / "now.log", async_write=False, **options)
    stream = logger.add(io.StringIO(), **options)

    logger.debug("x", user="ada", trace_id=LEFT_OUT)
    logger.info("x", user="bob", trace_id=LEFT_OUT)
    logger.info("x", user="ada", trace_id=LEFT_OUT)
    logger.info("x", user="ada", trace_id=KEPT)
    logger.complete()

    for sink in (queued, synchronous, stream):
        counts = logger.stats()["sinks"][sink]
        assert (counts["filtered"], counts["written"], losses(sink)) == (counts["accepted"] - 2, 1, {"sampled": 1})


def test_redacted_records_show_the_rate_too(tmp_path):
    got = []
    logger.configure(redact=True)
    logger.add(tmp_path / "app.log", json="flat", sample=0.5)
    logger.add(lambda line: got.append(line.record["extra"]), sample=0.5)

    logger.info("x", trace_id=KEPT, password="hunter2")
    logger.complete()

    assert json.loads((tmp_path / "app.log").read_text())["sample_rate"] == 0.5
    assert got[0]["sample_rate"] == 0.5
    assert "hunter2" not in (tmp_path / "app.log").read_text() + str(got)


def test_records_of_logging_are_sampled_by_their_extra(tmp_path):
    program = (
        "import logging, logly; logly.logger.configure(console=False);"
        "logly.logger.add('app.log', format='{message}', sample=0.5); logly.intercept_logging();"
        f"[logging.warning(name, extra={{'trace_id': trace}}) for name, trace in {[('a', KEPT), ('b', LEFT_OUT)]}]"
    )

    child.run(program, cwd=tmp_path).check(stderr="")

    assert (tmp_path / "app.log").read_text() == "a\n"


def test_forked_children_have_random_numbers_of_their_own(tmp_path):
    program = """
import os
from logly import logger
logger.configure(console=False)
logger.add("app.log", format="{process} {message}", sample=0.5, async_write=False)
logger.info("parent")
for _ in range(2):
    child = os.fork()
    if not child:
        for number in range(200):
            logger.info(str(number))
        os._exit(0)
    os.waitpid(child, 0)
"""
    child.run(program, cwd=tmp_path).check(stderr="")

    chosen = {}
    for line in (tmp_path / "app.log").read_text().splitlines():
        process, message = line.split()
        chosen.setdefault(process, []).append(message)
    first, second = [messages for messages in chosen.values() if messages[0].isdigit()]
    assert first != second
    assert 60 < len(first) < 140
    assert 60 < len(second) < 140


def test_record_that_finds_no_room_counts_as_sampled_if_it_is_not_in_the_sample(tmp_path):
    fifo = tmp_path / "app.log"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    sink = logger.add(fifo, sample=0.5, overflow="drop_new", max_buffered_lines=1)

    for trace in [LEFT_OUT, KEPT] * 20_000:
        logger.info("x" * 100, trace_id=trace)

    counts = logger.stats()["sinks"][sink]
    assert counts["dropped"]["overflow"] <= 20_000
    total = counts["written"] + counts["filtered"] + counts["pending"] + sum(counts["dropped"].values())
    assert counts["accepted"] == total == 40_000
    os.close(reader)


def test_configuration_files_have_it(tmp_path):
    text = f'[[sinks]]\nsink = "{tmp_path}/app.log"\nsample = 0.5\nlimit = "2/h"\n'
    (tmp_path / "logly.toml").write_text(text)

    logly.load(tmp_path / "logly.toml")

    (info,) = logger.all_sinks_info()
    assert (info["sample"], info["limit"]) == ("0.5", "2/h")
