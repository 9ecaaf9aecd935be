"""The project's first overview is still correct: its programs, and programs like them, print the output it shows.

The overview is kept outside the repository. Without it, the tests of its own blocks are skipped, and the rest of this
file runs.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import logly
import pytest
from logly import Logger, logger, testing

from tests.support.documents import NOW, Block, blocks, is_shown, run
from tests.support.services import service

OVERVIEW = Path(__file__).with_name("overview.md")


@dataclass(frozen=True)
class Case:
    """A block of the overview, known by a text in it: the code it omits, and the output and files it must produce."""

    text: str
    before: str
    printed: str
    after: str = ""
    files: dict[str, str] = field(default_factory=dict)


ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
"""Colour sequences, which a block may request."""

STARTED = """\
2025-01-15 10:30:45 | INFO | Application started version=1.0.0
2025-01-15 10:30:45 | ERROR | Failed to connect retry_count=3
"""
FAILED = "2025-01-15 10:30:45 | ERROR | failed\n"

REQUEST = """\
2025-01-15 10:30:45 | INFO | Request received request_id=r-1 method=GET path=/items
2025-01-15 10:30:45 | INFO | Response sent request_id=r-1 method=GET path=/items status_code=200
"""

STANDING_IN = 'data, settings, current, total = "cart", {"vat": 19}, 3, 10\n'
"""The code that the block of template strings omits."""

BATCHES = """\
from types import SimpleNamespace

class Batch(SimpleNamespace):
    __len__ = lambda self: len(self.rows)

def process_data():
    return [Batch(id=1, rows=[2, 5], elapsed=0.5), Batch(id=2, rows=[0], elapsed=0.1)]

def transform(batch):
    return [10 // row for row in batch.rows]

load = len
"""
"""The code that the block of a data pipeline omits: two batches, of which the second fails."""

PIPELINE = """\
{"timestamp": "2025-01-15T10:30:45.123Z", "level": "INFO", "message": "Processing batch", \
"fields": {"job_id": "job-123", "pipeline": "etl", "batch_id": 1, "records": 2}}
{"timestamp": "2025-01-15T10:30:45.123Z", "level": "SUCCESS", "message": "Batch complete", \
"fields": {"job_id": "job-123", "pipeline": "etl", "batch_id": 1, "duration": 0.5}}
{"timestamp": "2025-01-15T10:30:45.123Z", "level": "INFO", "message": "Processing batch", \
"fields": {"job_id": "job-123", "pipeline": "etl", "batch_id": 2, "records": 1}}
{"timestamp": "2025-01-15T10:30:45.123Z", "level": "ERROR", "message": "Batch failed", \
"fields": {"job_id": "job-123", "pipeline": "etl", "batch_id": 2}, "exception": {"type": "ZeroDivisionError", ...}}
"""

RUN = {
    "structured logging": Case(
        "# Text mode:",
        "from logly import logger\n",
        """\
2025-01-15 10:30:45 | INFO | User logged in user=alice ip=192.168.1.1
{"timestamp": "2025-01-15T10:30:45.123Z", "level": "INFO", "message": "User logged in", \
"fields": {"user": "alice", "ip": "192.168.1.1"}}
""",
    ),
    "context management": Case(
        "# Create context logger",
        'from logly import logger\nlogger.configure(level="DEBUG")\n',
        """\
2025-01-15 10:30:45 | INFO | Request started request_id=r-123 user=alice
2025-01-15 10:30:45 | ERROR | Request failed request_id=r-123 user=alice
2025-01-15 10:30:45 | DEBUG | Validating input request_id=r-123 user=alice step=validation
""",
    ),
    "template strings": Case(
        "# Variables only evaluated",
        'from logly import logger\nlogger.configure(level="DEBUG")\n' + STANDING_IN,
        """\
2025-01-15 10:30:45 | DEBUG | Processing cart with {'vat': 19}
2025-01-15 10:30:45 | INFO | User bob action action=login
2025-01-15 10:30:45 | INFO | Item 3 of 10
""",
    ),
    "basic usage": Case("# Add outputs", "", STARTED, files={"logs/app.log": STARTED}),
    "multiple sinks": Case(
        "# Daily rotated files",
        "from logly import logger\n",
        FAILED,
        'logger.error("failed")\n',
        {"logs/app.log": FAILED, "logs/errors.log": FAILED},
    ),
    "alert on errors, in the first example": Case(
        "send_alert(rec)",
        "alerts = []\nsend_alert = alerts.append\n",
        """\
2025-01-15 10:30:45 | INFO | User alice logged in ip=192.168.1.1
2025-01-15 10:30:45 | INFO | Processing request request_id=r-123
2025-01-15 10:30:45 | ERROR | failed
failed ERROR
""",
        'logger.error("failed")\nlogger.complete()\nprint(*[alerts[0][key] for key in ("message", "level")])\n',
    ),
    "alert on critical records": Case(
        "def alert_on_critical",
        "from logly import logger\nsend_notification = print\nlogger.configure(console=False)\n",
        "Critical error: System out of memory\n",
    ),
    "web application": Case(
        "from fastapi import",
        "",
        REQUEST,
        """\
import asyncio, httpx

@app.get("/items")
async def items():
    return []

async def ask():
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop") as client:
        await client.get("/items", headers={"X-Request-ID": "r-1"})

asyncio.run(ask())
""",
        {"logs/api.log": REQUEST},
    ),
    "data pipeline": Case("process_data()", BATCHES, PIPELINE, files={"logs/pipeline.log": PIPELINE}),
}

NO_PROGRAMS = {
    "measured times": ("~2.5s", "Standard Logging:"),
}
"""Blocks that are not programs: a text that identifies each, and a text that shows that it is none."""


def block_of(text: str) -> Block:
    """Return the overview's only block that contains *text*."""
    (found,) = [block for block in blocks(OVERVIEW) if text in block.code]
    return found


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Begin and end with the logger as it is after import, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    testing.reset()
    yield
    testing.reset()


@pytest.mark.parametrize("name", RUN)
def test_block_of_the_overview_prints_what_it_promises(name: str, tmp_path: Path) -> None:
    case = RUN[name]

    ended = run(case.before + block_of(case.text).code + case.after, tmp_path)

    ended.check(stderr="")
    assert is_shown(case.printed, ESCAPES.sub("", ended.stdout), tmp_path)
    for file, expected in case.files.items():
        assert is_shown(expected, ended.read(file), tmp_path)


@pytest.mark.parametrize("name", NO_PROGRAMS)
def test_block_of_the_overview_that_does_not_run_is_no_program(name: str) -> None:
    text, shown = NO_PROGRAMS[name]

    block = block_of(text)

    assert shown in block.code
    with pytest.raises(SyntaxError):
        compile(block.code, "overview.md", "exec")


def test_every_block_of_the_overview_runs() -> None:
    texts = [text for text, _ in NO_PROGRAMS.values()]
    known = [case.text for case in RUN.values()] + texts + ["forward_to_monitoring"]

    counts = [sum(text in block.code for text in known) for block in blocks(OVERVIEW)]

    assert counts == [1] * len(known)


def test_errors_are_forwarded_to_monitoring(tmp_path: Path) -> None:
    with service() as server:
        server.stand_in(tmp_path)
        ended = run(block_of("forward_to_monitoring").code, tmp_path)

    ended.check(stderr="")
    posts = [(url, post["level"], post["message"], post["extra"]) for url, post in server.posts]
    assert posts == [
        ("https://monitoring.example.com/logs", "ERROR", "Database connection lost", {"retry_count": 3}),
        ("https://monitoring.example.com/logs", "CRITICAL", "Service unresponsive", {}),
    ]


def test_configure_and_an_added_console_print_each_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    logger.configure(level="INFO", json=False, color=False)
    logger.add("console")
    logger.add("logs/app.log")

    with testing.freeze(NOW):
        logger.info("Application started", version="1.0.0")

    assert capsys.readouterr().out.count("Application started") == 1


def test_console_and_file_get_the_same_line(capsys: pytest.CaptureFixture[str]) -> None:
    logger.add("logs/app.log")

    logger.error("Failed to connect", retry_count=3)
    logger.complete()

    line = capsys.readouterr().out
    assert line.endswith(" | ERROR | Failed to connect retry_count=3\n")
    assert Path("logs/app.log").read_text(encoding="utf-8") == line


def test_each_sink_takes_records_from_its_own_level_up() -> None:
    logger.add("logs/app.log", format="{level}")
    logger.add("logs/errors.log", filter_min_level="ERROR", format="{level}")

    logger.info("started")
    logger.error("failed")
    logger.complete()

    assert Path("logs/app.log").read_text(encoding="utf-8") == "INFO\nERROR\n"
    assert Path("logs/errors.log").read_text(encoding="utf-8") == "ERROR\n"


def test_daily_rotated_file_keeps_as_many_days_as_asked() -> None:
    with testing.freeze(NOW) as clock:
        sink = logger.add("logs/app.log", rotation="daily", retention=7, format="{message}")
        for day in range(10):
            logger.info("day {day}", day=day)
            logger.complete()
            clock.tick(timedelta(days=1))

    assert logger.read(sink, archives=True) == "".join(f"day {day}\n" for day in range(2, 10))
    assert len(list(Path("logs").glob("app.2025-01-*.log"))) == 7


def test_file_of_a_pipeline_is_rotated_by_its_size() -> None:
    sink = logger.add("logs/pipeline.log", size_limit="1 kB", retention=10, compression="zstd", json=True)

    for number in range(50):
        logger.info("Processing batch", batch_id=number)
    logger.complete()

    assert [line["fields"]["batch_id"] for line in logger.read_json(sink, archives=True) or []] == list(range(50))
    assert all(path.stat().st_size <= 1000 for path in Path("logs").iterdir())


def test_json_of_a_line_keeps_the_types_of_its_fields() -> None:
    logger.add("app.json", json=True)

    with testing.freeze(NOW):
        logger.info("paid", amount=12.5, count=2, is_new=True, coupon=None)
    logger.complete()

    assert json.loads(Path("app.json").read_text(encoding="utf-8")) == {
        "timestamp": NOW,
        "level": "INFO",
        "message": "paid",
        "fields": {"amount": 12.5, "count": 2, "is_new": True, "coupon": None},
    }


def test_requests_handled_at_once_keep_their_own_fields() -> None:
    @dataclass
    class Request:
        path: str
        started: asyncio.Event
        go: asyncio.Event

    async def handle(request: Request) -> None:
        request_logger = logger.bind(method="GET", path=request.path)
        with request_logger.contextualize(request_id=f"r{request.path}"):
            request.started.set()
            await request.go.wait()
            request_logger.info("Response sent", status_code=200)

    async def serve() -> None:
        first, second = (Request(path, asyncio.Event(), asyncio.Event()) for path in ("/a", "/b"))
        tasks = [asyncio.create_task(handle(request)) for request in (first, second)]
        await asyncio.gather(first.started.wait(), second.started.wait())
        second.go.set()
        await tasks[1]
        first.go.set()
        await tasks[0]

    with testing.capture() as records:
        asyncio.run(serve())

    shown = [(record["request_id"], record["path"], record["method"], record["status_code"]) for record in records]
    assert shown == [("r/b", "/b", "GET", 200), ("r/a", "/a", "GET", 200)]


def test_pipeline_logs_each_batch_and_its_failure_with_the_batch_and_the_job() -> None:
    pipeline = logger.bind(job_id="job-123")

    with testing.capture() as records:
        for batch in ([1, 2], [0]):
            with pipeline.contextualize(batch=len(batch)):
                try:
                    pipeline.success("{count} done", count=sum(10 // item for item in batch))
                except ZeroDivisionError:
                    pipeline.exception("Batch failed")

    assert [(str(r["level"]), r["message"], r["job_id"], r["batch"]) for r in records] == [
        ("SUCCESS", "15 done", "job-123", 2),
        ("ERROR", "Batch failed", "job-123", 1),
    ]
    assert records[1]["exception"].type is ZeroDivisionError


def test_context_ends_with_its_block() -> None:
    with testing.capture() as records:
        with logger.contextualize(step="validation"):
            logger.debug("inside")
        logger.debug("outside")

    assert [record["extra"] for record in records] == [{"step": "validation"}, {}]


def test_value_of_lazy_is_not_computed_below_the_level() -> None:
    computed: list[str] = []
    logger.configure(level="INFO")

    logger.debug("state {state}", state=logly.lazy(lambda: computed.append("now")))

    assert computed == []


def test_independent_logger_leaves_the_global_one_alone(capsys: pytest.CaptureFixture[str]) -> None:
    audit = Logger()
    audit.remove_all()
    audit.add("audit.log", format="{message}")

    audit.info("only here")
    audit.complete()

    assert capsys.readouterr().out == ""
    assert Path("audit.log").read_text(encoding="utf-8") == "only here\n"
