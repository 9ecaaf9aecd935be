"""The programs of `docs/guides/servers.md`, which serve until a signal ends them."""

from __future__ import annotations

import re
import shlex
import socket
import sys
from collections import Counter

import httpx
import pytest

from tests.faults.support.oracle import LIMIT
from tests.integrations.servers import await_port, process, until
from tests.integrations.serving import GRANIAN_MAY_HANG, messages
from tests.support.documents import REPOSITORY, blocks, files, run

PATH = REPOSITORY / "docs" / "guides" / "servers.md"
PAGE = files(PATH)
PROGRAMS = [name for name in PAGE if name.startswith(("with_uvicorn", "with_hypercorn", "with_granian"))]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.mark.parametrize("program", PROGRAMS)
def test_program_of_the_page_logs_the_server_and_each_request_once(program, tmp_path):
    port = free_port()
    for name in ("main.py", program):
        (tmp_path / name).write_text(PAGE[name].replace("8000", str(port)), encoding="utf-8")

    may_hang = "granian" in program and GRANIAN_MAY_HANG
    with process(tmp_path, [sys.executable, program], may_hang=may_hang) as server:
        await_port(server, port)
        httpx.get(f"http://127.0.0.1:{port}/", timeout=LIMIT)

    found = messages(tmp_path)
    assert found.count("at home") == found.count("GET / 200") == 1
    assert any(text.startswith(("Application startup", "Running on", "Started worker")) for text in found)


def commands():
    """Return the command for each server on the page; it uses the files that the page created before."""
    found = re.findall(r"`((?:uvicorn|hypercorn|granian|gunicorn) [^`]*main:app)`", PATH.read_text(encoding="utf-8"))
    return [shlex.split(command) for command in dict.fromkeys(found)]


_PORTS = {
    "uvicorn": "--port={}",
    "hypercorn": "--bind=127.0.0.1:{}",
    "granian": "--port={}",
    "gunicorn": "--bind=127.0.0.1:{}",
}


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_command_of_the_page_logs_each_line_once(command, tmp_path):
    port = free_port()
    for name, text in PAGE.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (block,) = [block for block in blocks(PATH) if "log.json" in block.code]
    run(block.code, tmp_path).check()
    if "--no-access-log" in command:
        # The page tells readers to intercept here.
        application = tmp_path / "main.py"
        application.write_text(f"import logly\nlogly.intercept_logging()\n{application.read_text()}", encoding="utf-8")

    name, *arguments = command
    may_hang = name == "granian" and GRANIAN_MAY_HANG
    full = [sys.executable, "-m", name, _PORTS[name].format(port), *arguments]
    with process(tmp_path, full, may_hang=may_hang, PYTHONPATH=str(tmp_path)) as server:
        await_port(server, port)
        until(lambda: _answers(port))

    found = messages(tmp_path)
    assert found.count("at home") == 1
    assert [text for text in found if "/ " in text] == ["GET / 200"]
    # Worker processes log the same lines, each with its process number.
    assert [text for text, count in Counter(found).items() if count > 1 and "pid" in text] == []


def _answers(port):
    """Send one request, and return whether it is answered; a server may listen before it answers."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", timeout=LIMIT).status_code == httpx.codes.OK
    except httpx.ConnectError:
        return False


def test_page_has_commands_for_each_server():
    assert {command[0] for command in commands()} == set(_PORTS)


def test_page_has_a_program_for_each_server():
    assert len(PROGRAMS) == 3
