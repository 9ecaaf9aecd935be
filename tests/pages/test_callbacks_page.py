"""The project's first page on callbacks is still correct: its programs behave as described.

The page is kept outside the repository; without it, this file is skipped. Each block runs as its own program. Code that
the block omits comes before it. `complete()` follows the blocks that end before their callbacks, which run in the
background. The page counts 150 events and prints every hundredth; its second line of output cannot appear, and is not
expected here.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.documents import NOW, Ended, run
from tests.support.services import service

PAGE = Path(__file__).with_name("callbacks.md")

QUIET = "from logly import logger\nlogger.configure(console=False)\n"
COMPLETE = "\nassert logger.complete(timeout=30)\n"


@dataclass(frozen=True)
class Case:
    """A block: its first and last line, the code it omits, its expected output, and replacements in its text."""

    first: str
    last: str
    before: str = QUIET
    after: str = COMPLETE
    printed: str = ""
    errors: str = ""
    changes: dict[str, str] = field(default_factory=dict)
    nth: int = 0


CASES = {
    "counts of levels": Case(
        "from collections import Counter",
        '    logger.info(f"Event {i}")',
        printed="Log counts: {'INFO': 100}\n{'INFO': 150}\n",
        after=COMPLETE + "print(dict(log_counts))\n",
    ),
    "an alert": Case(
        "error_count = 0",
        '    logger.error(f"Error {i}")',
        printed="🚨 ALERT: High error rate: 10 errors\n2\n",
        after=COMPLETE + "print(error_count)\n",
    ),
    "errors to a file": Case(
        "def filter_callback(record: dict):",
        'logger.add_callback(filter_callback, name="critical_filter")',
        after="\nlogger.info('no')\nlogger.error('yes')"
        + COMPLETE
        + "print(open('critical_errors.log').read(), end='')\n",
        printed=f"{NOW} | yes\n",
    ),
    "batches": Case(
        "log_buffer = []",
        'logger.add_callback(batch_callback, name="batch_processor")',
        after="\nfor i in range(120): logger.info(i)" + COMPLETE + "print(len(log_buffer))\n",
        printed="Processing batch of 50 logs\nProcessing batch of 50 logs\n20\n",
    ),
    "a regular function": Case(
        "# ✅ Regular function works fine",
        "logger.add_callback(my_callback)",
        after="\nlogger.warning('careful')" + COMPLETE,
        printed="Log: WARNING - careful\n",
    ),
    "a broken one": Case(
        "def broken_callback(record: dict):",
        'logger.info("Test")  # Logs normally, callback error is caught',
        before=QUIET + "logger.add('console', format='{message}')\n",
        printed="Test\n",
        errors="logly: callback broken_callback raised ValueError: Oops! (example.py:5)\n",
    ),
    "removal": Case(
        "async def my_callback(record: dict):",
        'logger.info("Event 3")  # Callback NOT invoked',
        printed="Log: Event 1\nLog: Event 2\n",
    ),
    "removal by the id": Case(
        "# Add with explicit name",
        "logger.remove_callback(callback_id)",
        before=QUIET + "my_callback = print\n",
        after="\nlogger.info('gone')" + COMPLETE,
    ),
    "one of several": Case(
        "# Add multiple callbacks",
        'logger.info("Test")  # Triggers slack and alerting callbacks',
        before=QUIET
        + "called = []\ncallback1, callback2, callback3 = (lambda r, n=n: called.append(n) for n in (1, 2, 3))\n",
        after=COMPLETE + "print(sorted(called))\n",
        printed="[1, 3]\n",
    ),
    "an id nobody has": Case(
        'logger.remove_callback("non_existent_id")  # Safe, no error',
        'logger.remove_callback("non_existent_id")  # Safe, no error',
    ),
    "what to do": Case(
        "# 1. Keep callbacks simple and fast",
        'logger.add_callback(metrics_callback, name="metrics_collector")',
        before=QUIET
        + "process_sync = lambda record: print(record['message'])\n"
        + "my_callback = slack_callback = metrics_callback = lambda record: None\n",
        after="\nlogger.info('kept')" + COMPLETE,
        printed="kept\n",
    ),
    "a file written by each of two": Case(
        "# 1. Don't perform blocking I/O",
        "        await f.write(str(record))",
        after="\nlogger.add_callback(blocking_callback)\nlogger.info('a')"
        + COMPLETE
        + "logger.add_callback(async_callback)\nlogger.info('b')"
        + COMPLETE
        + "print(open('file.log').read().count(\"'message': 'b'\"))\n",
        printed="2\n",
    ),
    "a temporary one": Case(
        "# 2. Don't forget to remove callbacks",
        "logger.remove_callback(callback_id)",
        before=QUIET + "temp_callback = lambda record: print(record['message'])\n",
        after="\nlogger.info('once, for the one that is left')" + COMPLETE,
        printed="once, for the one that is left\n",
    ),
    "one that logs": Case(
        "# 3. Don't log inside callbacks (infinite loop)",
        '    logger.info("Processing log")  # ❌ Triggers callback again!',
        before=QUIET + "logger.add('app.log', format='{message}')\n",
        after="\nlogger.add_callback(bad_callback)\nlogger.info('once')"
        + COMPLETE
        + "print(open('app.log').read(), end='')\n",
        printed="once\nProcessing log\n",
    ),
    "batches and early filters": Case(
        "# 1. Use batch processing",
        "    process_error(record)",
        before=QUIET
        + "process_batch = lambda records: print(len(records))\n"
        + "process_error = lambda record: print(record['message'])\n",
        after="\nlogger.add_callback(batch_callback)\nfor i in range(100): logger.info(i)"
        + COMPLETE
        + "logger.add_callback(filtered_callback)\nlogger.info('no')\nlogger.error('yes')"
        + COMPLETE,
        printed="100\nyes\n",
    ),
}


CASES_APART = {
    "posted errors": Case("import requests", 'logger.error("Payment failed", order_id=1234, amount=99.99)', after=""),
    "a coroutine function": Case(
        "# 3. Use async I/O when needed",
        "        await session.post(url, json=record)",
        after="\nurl = 'http://log.example'\nlogger.add_callback(http_callback)\nlogger.info('hi', user=7)\n",
    ),
    "seconds": Case(
        "import time",
        'logger.info("Fast log")',
        after="\nprint(time.perf_counter() - began < 1, flush=True)\nimport os\nos._exit(0)\n",
        changes={'logger.info("Fast log")': 'began = time.perf_counter()\nlogger.info("Fast log")'},
    ),
    "complete example": Case(
        "import aiohttp",
        "main()",
        before="from logly import logger\n",
        after="",
    ),
    "a record": Case("{", "}"),
}
"""Blocks that have their own tests."""

NO_PROGRAM = (
    "from logly import logger",  # Precedes each block.
    "logger.add_callback()",
    "logger.add_callback(callback: Callable[[dict], None]) -> int",
    "logger.remove_callback()",
    "logger.remove_callback(callback_id: str) -> None",
    "# Prints: Log counts: {'INFO': 100}",
    "# Prints: Log counts: {'INFO': 150}",
    "# Prints: 🚨 ALERT: High error rate: 10 errors",
)
"""Lines that look like programs but are not run: headings, signatures, and output of blocks."""

CODE = re.compile(
    r"    |\t|#|@|(async |def |from \w+ import |import |for |if |with |class |return |logger\.|await )|\w+ = |\w+\("
)
"""Possible beginnings of a program's line."""


def lines_of(case: Case) -> range:
    """Return the range of a block's lines on the page."""
    lines = PAGE.read_text(encoding="utf-8").split("\n")
    start = [number for number, line in enumerate(lines) if line == case.first][case.nth]
    return range(start, lines.index(case.last, start) + 1)


def block(case: Case) -> str:
    """Return the lines of a block of the page."""
    where = lines_of(case)
    return "\n".join(PAGE.read_text(encoding="utf-8").split("\n")[where.start : where.stop])


def run_case(case: Case, folder) -> Ended:
    """Run a block as a program in *folder*."""
    code = block(case)
    for text, other in case.changes.items():
        assert text in code
        code = code.replace(text, other)
    return run(case.before + code + case.after, folder)


@pytest.mark.parametrize("name", CASES)
def test_block_of_the_page_does_what_it_says(name, tmp_path) -> None:
    case = CASES[name]

    with service() as server:
        server.stand_in(tmp_path)
        ended = run_case(case, tmp_path)

    ended.check(stdout=case.printed, stderr=case.errors)


def test_errors_are_posted_with_all_their_fields(tmp_path) -> None:
    with service() as server:
        server.stand_in(tmp_path)
        ended = run_case(CASES_APART["posted errors"], tmp_path)

    ended.check(stderr="")
    ((url, post),) = server.posts
    fields = {entry["title"]: entry["value"] for entry in post["attachments"][0]["fields"]}
    assert url == "https://hooks.slack.com/services/YOUR/WEBHOOK/URL"
    assert post["text"] == "🚨 ERROR: Payment failed"
    assert (fields["order_id"], fields["amount"], fields["function"]) == ("1234", "99.99", "<module>")


def test_records_are_posted_by_a_coroutine_function(tmp_path) -> None:
    with service() as server:
        server.stand_in(tmp_path)
        ended = run_case(CASES_APART["a coroutine function"], tmp_path)

    ended.check(stderr="")
    ((url, post),) = server.posts
    assert (url, post["message"], post["user"]) == ("http://log.example", "hi", 7)


def test_call_returns_before_a_callback_that_takes_seconds(tmp_path) -> None:
    ended = run_case(CASES_APART["seconds"], tmp_path)

    ended.check(stdout="True\n", stderr="")


def test_complete_example_counts_and_alerts(tmp_path) -> None:
    with service() as server:
        server.stand_in(tmp_path)
        ended = run_case(CASES_APART["complete example"], tmp_path)

    ended.check(stderr="")
    # Callbacks print while lines are written, and `print` writes the end of a line separately.
    records = [json.loads(line) for line in re.findall(r'\{"timestamp": .*?\}\}', ended.stdout)]
    assert [record["message"] for record in records] == ["Application started", *(f"Error {i}" for i in range(10))]
    assert ended.stdout.count("Would send to Slack: 🚨 ERROR: Error ") == 10
    assert "🚨 ALERT: 5 errors detected!" in ended.stdout
    # The page does not say how many records the callbacks have handled when the loop ends.
    assert "Final counts: {'INFO': " in ended.stdout
    assert len(ended.read("logs/app.log").splitlines()) == 11


def test_record_has_the_keys_that_the_page_shows(tmp_path) -> None:
    shown = ast.literal_eval(block(CASES_APART["a record"]))
    code = """
import json
logger.add_callback(lambda record: print(json.dumps(record)))
def login_handler():
    logger.bind(user_id="12345").info("User logged in", action="login")
login_handler()
"""

    ended = run(QUIET + code + COMPLETE, tmp_path)

    record = json.loads(ended.check().stdout)
    kept = {key: value for key, value in shown.items() if key not in {"filename", "lineno"}}
    assert {key: record[key] for key in kept} == {**kept, "timestamp": NOW}
    assert record["filename"].endswith("example.py")
    assert record["lineno"].isdecimal()


def test_every_line_of_a_program_on_the_page_runs() -> None:
    run_lines = {number for case in [*CASES.values(), *CASES_APART.values()] for number in lines_of(case)}
    lines = PAGE.read_text(encoding="utf-8").split("\n")

    left = [line for number, line in enumerate(lines) if number not in run_lines and CODE.match(line)]

    assert [line for line in left if line not in NO_PROGRAM] == []
