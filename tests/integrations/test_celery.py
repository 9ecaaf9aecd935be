"""Celery with `logly.integrations.celery`: the records of a worker of each pool, and of a process that sends tasks."""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter
from pathlib import Path

import celery
import pytest
from celery import signals
from celery.worker.consumer.consumer import INVALID_TASK_ERROR, UNKNOWN_FORMAT, UNKNOWN_TASK_ERROR
from logly import intercept_logging, logger
from logly.integrations.celery import install

from tests.faults.support.oracle import LIMIT
from tests.faults.support.servers import script
from tests.integrations.servers import process
from tests.support import child

TASKS = """
import json, os, time, uuid
from celery import Celery
from kombu.transport.filesystem import Channel
from logly import logger
from logly.integrations.celery import install

def put(self, queue, payload, **kwargs):
    # The transport's own writes into the file that a worker may already have found, and then reads half of it.
    name = f"{self.data_folder_out}/{time.monotonic_ns()}_{uuid.uuid4()}.{queue}.msg"
    with open(name + ".part", "w") as file:
        json.dump(payload, file)
    os.rename(name + ".part", name)

Channel._put = put

app = Celery("tasks", broker="filesystem://", backend="file://" + os.path.abspath("results"))
app.conf.broker_transport_options = {
    "data_folder_in": "broker", "data_folder_out": "broker", "control_folder": "broker", "polling_interval": 0.01,
}
for folder in ("broker", "results"):
    os.makedirs(folder, exist_ok=True)
logger.configure(console=False, show_module=True)
logger.add("app.log", json=True)
logger.configure(extra={"pid": os.getpid()})
install()

@app.task
def work(number, secret=None):
    logger.info("working {number}", number=number)
    return number

@app.task
def fail():
    raise ValueError("broken on purpose")

@app.task(throws=(KeyError,))
def expected():
    raise KeyError("a matter of course")

@app.task(bind=True)
def again(self):
    if not self.request.retries:
        raise self.retry(countdown=0, exc=ValueError("not yet"))
    logger.info("at last")

@app.task
def parent():
    logger.info("parent")
    return work.delay(100).id
"""

ORDERS = """
import sys
from celery import chain
from kombu.exceptions import DecodeError
from logly import logger
from tasks import again, expected, fail, parent, work

def waited(result):
    while True:
        try:
            return result.get(timeout=50, interval=0.01)
        except (ValueError, KeyError):
            return None
        except DecodeError:
            pass  # Celery reads the result's file while the worker writes it.

results = []
for number in range(8):
    with logger.contextualize(request_id=f"r-{number}", trace_id="t" * 32, user="ada"):
        results.append(work.delay(number, secret="hunter2"))
with logger.contextualize(request_id="r-chain"):
    results.append(chain(work.s(20), work.si(21))())
for task in (fail, expected, again, parent):
    with logger.contextualize(request_id=f"r-{task.__name__}"):
        results.append(task.delay())
results.append(work.delay(30))
for result in results:
    waited(result)
# What `parent` has sent, it has not waited for.
waited(work.AsyncResult(waited(results[-2])))
"""


class Ran:
    """The records of a worker, and its console output."""

    def __init__(self, folder: Path, pid: int) -> None:
        self.pid = pid
        self.said = (folder / "errors").read_text()
        self.text = (folder / "app.log").read_text()
        self.records = [json.loads(line) for line in self.text.splitlines()]

    def of_request(self, name: str, module: str = "") -> list[dict]:
        return [
            record
            for record in self.records
            if record["fields"].get("request_id") == name and record["module"].startswith(module)
        ]


@pytest.fixture(scope="module", params=["prefork", "solo", "threads"])
def ran(request, tmp_path_factory) -> Ran:
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "tasks.py").write_text(TASKS)
    (folder / "orders.py").write_text(ORDERS)
    worker = [script("celery"), "--app", "tasks", "worker", "--pool", request.param, "--concurrency", "2"]
    worker += ["--loglevel", "INFO", "--without-mingle", "--without-gossip", "--without-heartbeat"]
    with process(folder, worker, HOME=str(folder)) as server:
        command = [sys.executable, "orders.py"]
        done = child.execute(command, cwd=folder, timeout=LIMIT)
        done.check(note=(folder / "errors").read_text())
    made = Ran(folder, server.pid)
    made.pool = request.param
    return made


def test_records_of_a_task_say_which_it_is_and_who_asked(ran) -> None:
    for number in range(8):
        (record,) = ran.of_request(f"r-{number}", "tasks")
        fields = record["fields"]

        assert record["message"] == f"working {number}"
        assert (fields["task"], len(fields["task_id"]), fields["trace_id"]) == ("tasks.work", 36, "t" * 32)
        # No other fields of the sender's context are passed on.
        assert "user" not in fields


def test_each_task_has_an_id_of_its_own(ran) -> None:
    ids = [ran.of_request(f"r-{number}", "tasks")[0]["fields"]["task_id"] for number in range(8)]

    assert len(set(ids)) == 8


def test_task_without_a_request_has_none(ran) -> None:
    (record,) = [record for record in ran.records if record["message"] == "working 30"]

    assert record["fields"]["task"] == "tasks.work"
    assert "request_id" not in record["fields"]


def test_request_goes_on_from_task_to_task(ran) -> None:
    chained = [record["message"] for record in ran.of_request("r-chain", "tasks")]
    sent = [record["message"] for record in ran.of_request("r-parent", "tasks")]

    assert (chained, sent) == (["working 20", "working 21"], ["parent", "working 100"])


def test_failure_is_logged_once_with_its_traceback(ran) -> None:
    (record,) = [record for record in ran.records if record["level"] == "ERROR"]

    assert record["module"] == "celery.app.trace"
    assert (record["exception"]["type"], record["exception"]["message"]) == ("ValueError", "broken on purpose")
    assert (record["fields"]["task"], record["fields"]["request_id"]) == ("tasks.fail", "r-fail")


def test_failure_that_the_task_expects_is_no_error(ran) -> None:
    (record,) = ran.of_request("r-expected", "celery.app.trace")

    assert (record["level"], "raised expected" in record["message"]) == ("INFO", True)


def test_retry_is_told_and_keeps_the_request_and_the_id(ran) -> None:
    (retry,) = [record for record in ran.of_request("r-again", "celery") if "succeeded" not in record["message"]]
    (done,) = ran.of_request("r-again", "tasks")

    assert (retry["level"], "retry: Retry in 0s" in retry["message"]) == ("INFO", True)
    assert done["message"] == "at last"
    assert retry["fields"]["task_id"] == done["fields"]["task_id"]


def test_success_says_how_long_it_took_and_nothing_of_the_arguments(ran) -> None:
    (record,) = ran.of_request("r-3", "celery.app.trace")

    assert "succeeded" in record["message"]
    assert record["fields"]["duration_ms"] > 0
    assert "data" not in record["fields"]
    assert "hunter2" not in ran.text


def test_celery_leaves_the_root_logger_and_standard_output_alone(ran) -> None:
    modules = {record["module"] for record in ran.records}

    assert {"celery.worker.consumer.connection", "celery.apps.worker", "celery.worker.strategy"} & modules
    assert "/MainProcess]" not in ran.said
    assert "/ForkPoolWorker" not in ran.said
    assert Counter(record["message"] for record in ran.records)["working 1"] == 1


def test_tasks_do_not_leave_their_context_behind(ran) -> None:
    received = [record for record in ran.records if record["module"] == "celery.worker.strategy"]

    assert received != []
    assert all("task_id" not in record["fields"] for record in received)


@pytest.fixture
def app():
    return celery.Celery("shop", broker="memory://")


def test_level_and_file_of_a_worker_hold(tmp_path) -> None:
    with install():
        signals.setup_logging.send(None, loglevel=logging.WARNING, logfile=str(tmp_path / "worker.log"))
        for level in (logging.INFO, logging.WARNING):
            logging.getLogger("library").log(level, "of level %s", level)
        logger.warning("our own")
        assert logger.complete(LIMIT)

    text = (tmp_path / "worker.log").read_text()
    assert [line.split(" | ", 1)[1] for line in text.splitlines()] == ["WARNING | of level 30", "WARNING | our own"]


def test_undo_takes_everything_back(app, records) -> None:
    known = (signals.before_task_publish, signals.task_prerun, signals.task_postrun, signals.setup_logging)
    before = [len(signal.receivers or ()) for signal in known], logging.root.level, logging.root.handlers[:]

    @app.task
    def work():
        logger.info("working")

    installed = install()
    signals.setup_logging.send(None, loglevel=logging.WARNING, logfile=None)
    installed.undo()
    work.apply()

    after = [len(signal.receivers or ()) for signal in known], logging.root.level, logging.root.handlers[:]
    assert after == before
    assert ["task_id" in record for record in records] == [False]


def test_task_within_a_task_has_its_own_context(app, records) -> None:
    @app.task
    def inner():
        logger.info("inner")

    @app.task
    def outer():
        inner.apply()
        logger.info("outer")

    with install(), logger.contextualize(request_id="r-1"):
        outer.apply()
        logger.info("behind")

    told = [(record["message"], record["extra"].get("task")) for record in records]
    assert told == [("inner", inner.name), ("outer", outer.name), ("behind", None)]
    assert {record["request_id"] for record in records} == {"r-1"}


def test_arguments_of_an_unknown_task_are_left_out(records) -> None:
    log = logging.getLogger("celery.worker.consumer.consumer")

    with install(), intercept_logging("INFO", [log.name]):
        log.error(UNKNOWN_TASK_ERROR, "'ship'", "['secret']", {"id": "1f3c", "argsrepr": "secret"}, {})
        log.error(INVALID_TASK_ERROR, "no id", "secret")
        log.warning(UNKNOWN_FORMAT, "secret")

    assert [record["message"].splitlines()[0] for record in records] == [
        "Received unregistered task of type 'ship'.",
        "Received invalid task message: no id",
        "Received and deleted unknown message.  Wrong destination?!?",
    ]
    assert records[0]["task_id"] == "1f3c"
    assert "secret" not in str(records)


def test_two_installations_leave_no_task_behind(app, records) -> None:
    @app.task
    def work():
        logger.info("working")

    with install(), install(carry=["user"]), logger.contextualize(request_id="r-1"):
        work.apply()
        logger.info("behind")

    assert [(record["message"], record["extra"].get("task")) for record in records] == [
        ("working", work.name),
        ("behind", None),
    ]


def test_two_installations_carry_the_fields_of_both() -> None:
    headers: dict = {}

    with install(), install(carry=["user"]), logger.contextualize(request_id="r-1", user="ada"):
        signals.before_task_publish.send("task", headers=headers)

    assert headers == {"logly": {"request_id": "r-1", "user": "ada"}}


def test_fields_to_carry_are_named(app) -> None:
    headers: dict = {}

    with install(carry=["user", "when"]), logger.contextualize(user="ada", when=Path("x"), request_id="r-1"):
        signals.before_task_publish.send("task", headers=headers)

    assert headers == {"logly": {"user": "ada", "when": "x"}}


def test_logging_is_left_to_celery_where_that_is_wanted() -> None:
    before = len(signals.setup_logging.receivers or ())

    with install(intercept=False):
        assert len(signals.setup_logging.receivers or ()) == before


@pytest.mark.parametrize(
    "options", [{"carry": "request_id"}, {"carry": [1]}, {"carry": None}, {"intercept": "no"}, {"logger": "x"}]
)
def test_wrong_options_are_told(options) -> None:
    with pytest.raises(TypeError, match=f"{next(iter(options))}: expected"):
        install(**options)
