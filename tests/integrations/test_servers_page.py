"""The programs of `docs/guides/servers.md`, which serve until they are told to end."""

from __future__ import annotations

import socket
import sys

import httpx
import pytest

from tests.documents import REPOSITORY, files
from tests.faults.oracle import LIMIT
from tests.integrations.servers import await_port, process
from tests.integrations.serving import GRANIAN_MAY_HANG, messages

PAGE = files(REPOSITORY / "docs" / "guides" / "servers.md")
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


def test_page_has_a_program_for_each_server():
    assert len(PROGRAMS) == 3
