"""Servers that fork: exactly one line for each answered request and each finished task.

With `LOGLY_STRESS=1` each test makes 20,000 requests or 2,000 tasks.
"""

from __future__ import annotations

import importlib.util
import shutil
import socket
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.support.oracle import FILES, IS_LONG, LIMIT
from tests.faults.support.servers import APPLICATION, ask, lines, listening, script, serving
from tests.support import child

REQUESTS = 20_000 if IS_LONG else 2_000
TASKS = 2_000 if IS_LONG else 200

HOOKS = """
from logly import logger

def post_worker_init(worker):
    logger.info("ready 0")

def child_exit(server, worker):
    # In the server, while its workers log.
    logger.info("gone 0")

def worker_exit(server, worker):
    logger.info("leaving 0")

def on_exit(server):
    logger.info("end 0")
"""

TASK = """
import os
from celery import Celery
from logly import logger

app = Celery("tasks", broker=os.environ["BROKER"], backend=os.environ["BROKER"])
logger.configure(console=False)
logger.add("app.log", format="{process} {message}", **eval(os.environ["OPTIONS"]))
for number in range(100):
    logger.info("before {number}", number=number)

@app.task
def work(number):
    logger.info("task {number}", number=number)
    return number
"""

ORDERS = """
import sys
from celery import group
logly = sys.modules["logly"] = type(sys)("logly")
logly.logger = type("Silent", (), {"__getattr__": lambda self, name: lambda *args, **fields: None})()
from tasks import work
numbers = range(int(sys.argv[1]))
assert sorted(group(work.s(number) for number in numbers)().get(timeout=50)) == list(numbers)
"""


def options(sink: str) -> str:
    return repr({"async_write": sink == "background", "rotation": "100 kB" if IS_LONG else "10 kB"})


def assert_one_line_each(folder: Path, word: str, numbers: list[str]) -> None:
    found = Counter(number for _, kind, number in lines(folder) if kind == word)

    assert len(set(numbers)) == len(numbers)
    assert {number: found[number] for number in numbers if found[number] != 1} == {}
    # Some clients leave before the answer arrives; their requests have one line each too.
    assert {number: count for number, count in found.items() if count != 1} == {}


@FILES
@pytest.mark.parametrize("workers", ["sync", "gthread"])
@pytest.mark.parametrize("is_recycled", [False, True], ids=["kept", "recycled"])
def test_gunicorn_with_preload(tmp_path: Path, is_recycled: bool, workers: str, sink: str) -> None:
    (tmp_path / "program.py").write_text(APPLICATION)
    (tmp_path / "hooks.py").write_text(HOOKS)
    command = [script("gunicorn"), "--preload", "--workers", "4", "--worker-class", workers, "--config", "hooks.py"]
    # On a kept connection each answer takes 40 ms, because it comes in two packets.
    command += ["--threads", "4", "--keep-alive", "0"] if workers == "gthread" else []
    command += ["--max-requests", str(REQUESTS // 20)] if is_recycled else []

    with listening() as server:
        command += ["--bind", f"fd://{server.fileno()}", "program:application"]
        with serving(tmp_path, command, server.fileno(), OPTIONS=options(sink)):
            answered = ask(tmp_path, server.getsockname()[1], REQUESTS)
            await_workers(tmp_path, 4, REQUESTS // 20 if is_recycled else None)

    assert len(answered) >= REQUESTS
    assert_one_line_each(tmp_path, "request", answered)
    by_word = Counter(word for _, word, _ in lines(tmp_path))
    processes = {word: {pid for pid, kind, _ in lines(tmp_path) if kind == word} for word in by_word}
    assert (by_word["before"], by_word["end"]) == (100, 1)
    # The last records of each worker are there too.
    assert by_word["leaving"] == by_word["gone"] == len(processes["leaving"]) >= 4
    assert processes["request"] <= processes["leaving"]
    assert processes["before"] == processes["gone"] == processes["end"]
    assert len(list(tmp_path.glob("app.*.log"))) >= 3


@FILES
@pytest.mark.parametrize("is_recycled", [False, True], ids=["kept", "recycled"])
def test_uwsgi_with_its_application_loaded_before_the_fork(tmp_path: Path, is_recycled: bool, sink: str) -> None:
    if importlib.util.find_spec("pyuwsgi") is None:
        pytest.skip("pyuwsgi has no wheel for this version")
    (tmp_path / "program.py").write_text(APPLICATION)
    command = [script("pyuwsgi"), "--master", "--processes", "4", "--need-app", "--reuse-port"]
    command += ["--wsgi-file", "program.py", "--die-on-term", "--disable-logging", "--listen", "100"]
    command += ["--max-requests", str(REQUESTS // 20)] if is_recycled else []

    # Reserve the port for the server. The server can share it; other processes cannot take it.
    with socket.socket() as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        with serving(tmp_path, [*command, "--http-socket", f"127.0.0.1:{port}"], OPTIONS=options(sink)):
            await_port(port)
            answered = ask(tmp_path, port, REQUESTS)

    assert len(answered) >= REQUESTS
    assert_one_line_each(tmp_path, "request", answered)
    assert Counter(word for _, word, _ in lines(tmp_path))["before"] == 100


@FILES
def test_celery_prefork(tmp_path: Path, sink: str) -> None:
    (tmp_path / "tasks.py").write_text(TASK)
    (tmp_path / "orders.py").write_text(ORDERS)
    redis = shutil.which("redis-server")
    if redis is None:
        pytest.skip("needs redis-server")

    # The path of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="logly") as folder:
        broker = f"{folder}/redis"
        settings = {"BROKER": f"redis+socket://{broker}", "OPTIONS": options(sink)}
        (tmp_path / "redis").mkdir()
        with serving(tmp_path / "redis", [redis, "--port", "0", "--unixsocket", broker, "--save", ""]):
            await_path(Path(broker))
            worker = [script("celery"), "--app", "tasks", "worker", "--pool", "prefork", "--concurrency", "4"]
            worker += ["--max-tasks-per-child", str(TASKS // 20), "--loglevel", "WARNING", "--without-mingle"]
            with serving(tmp_path, [*worker, "--without-gossip", "--without-heartbeat"], **settings):
                order(tmp_path, settings)

    assert_one_line_each(tmp_path, "task", [str(number) for number in range(TASKS)])
    assert Counter(word for _, word, _ in lines(tmp_path)) == {"before": 100, "task": TASKS}
    assert len({pid for pid, word, _ in lines(tmp_path) if word == "task"}) > 4


def await_workers(folder: Path, count: int, most: int | None) -> None:
    """Wait until *count* workers have started and will stay; each worker leaves after *most* requests.

    A worker that gunicorn is just starting misses the signal to end, and is killed half a minute later.
    """
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        try:
            found = lines(folder)
        except FileNotFoundError:
            # A worker is rotating the file.
            continue
        ready, left = ({pid for pid, word, _ in found if word == kind} for kind in ("ready", "leaving"))
        requests = Counter(pid for pid, word, _ in found if word == "request")
        worn = {pid for pid in ready if most is not None and requests[pid] >= most}
        if worn <= left and len(ready - left) == count:
            return
        time.sleep(0.05)
    message = f"{len(ready - left)} workers, {len(worn - left)} of them about to leave"
    raise TimeoutError(message)


def order(folder: Path, settings: dict[str, str]) -> None:
    """Order all tasks, and wait until they are done."""
    command = [sys.executable, "orders.py", str(TASKS)]
    child.execute(command, cwd=folder, env=settings, timeout=LIMIT).check()


def await_path(path: Path) -> None:
    """Wait until a server has made its socket."""
    child.execute(["sh", "-c", f"until test -S {path}; do sleep 0.01; done"], timeout=LIMIT).check()


def await_port(port: int) -> None:
    """Wait until a server listens."""
    program = f"""
import socket, time
while socket.socket().connect_ex(("127.0.0.1", {port})):
    time.sleep(0.01)
"""
    child.run(program, timeout=LIMIT).check()
