"""`logly status`, programs that cannot be asked, and clients that do not behave."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path

import pytest


def answer_to(path, request):
    """Return what a program answers to some bytes."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
        client.sendall(request)
        parts = []
        while part := client.recv(1 << 16):
            parts.append(part)
    return b"".join(parts)


def test_status_shows_process_sinks_counts_and_levels(serve, ask, tmp_path):
    log = tmp_path / "app.log"
    program = f"""
sys.argv = ["/srv/shop/app.py"]
logger.configure(console=False)
logger.add({str(log)!r}, rotation="10 MB")
logger.info("one")
logger.debug("two")
logger.complete()
print(logger.serve_control().path, flush=True)
sys.stdin.readline()
"""
    served = serve(program)
    ask("level", served.process.pid, "shop=DEBUG", "--for", "1h").check()

    lines = ask("status", served.process.pid).check(stderr="").stdout.splitlines()

    assert lines[0].startswith(f"process {served.process.pid}: app.py, up ")
    assert lines[1] == "level of all modules: INFO"
    assert lines[2].startswith("level of shop: DEBUG, for ")
    assert lines[3] == f"sink 1: file {log}, from INFO, text, in the background, rotation=10 MB"
    assert lines[4] == "  1 written, 0 filtered, 0 pending"
    assert lines[5:] == ["lost: nothing"]


def test_status_as_json_has_options_and_losses_by_reason(serve, ask):
    program = """
def fail(line): raise RuntimeError
logger.configure(console=False)
logger.add(fail, level="WARNING")
logger.error("lost")
print(logger.serve_control().path, flush=True)
sys.stdin.readline()
"""
    served = serve(program)

    found = json.loads(ask("status", served.process.pid, "--json").check().stdout)

    assert (found["pid"], found["lost"]["sink_error"], found["lost"]["overflow"]) == (served.process.pid, 1, 0)
    assert [(sink["kind"], sink["level"], sink["stats"]["accepted"]) for sink in found["sinks"]] == [
        ("function", "WARNING", 1)
    ]
    assert 0 <= found["uptime"] < 3600


def test_status_lists_the_processes_that_serve(serve, ask):
    processes = sorted(serve().process.pid for _ in range(2))

    lines = ask("status").check(stderr="").stdout.splitlines()

    assert sorted(int(line.partition(":")[0]) for line in lines) == processes
    assert all(line.endswith("level INFO, 1 sink, 0 lost") for line in lines)


def test_status_without_any_process_exits_with_1(ask):
    told = "logly status: no process of this user serves: have it call logger.serve_control()\n"

    ask("status").check(returncode=1, stdout="", stderr=told)


def test_socket_of_a_killed_process_is_removed_by_the_list(serve, ask):
    served = serve()
    served.process.kill()
    served.process.wait()
    was_there = Path(served.said).exists()

    ask("status").check(returncode=1)

    assert (was_there, Path(served.said).exists()) == (True, False)


@pytest.mark.parametrize("command", ["level", "status"])
def test_process_that_does_not_exist_is_told(ask, command):
    process = os.fork()
    if process == 0:
        os._exit(0)
    os.waitpid(process, 0)

    told = f"logly {command}: no process has the number {process}\n"

    ask(command, process).check(returncode=2, stdout="", stderr=told)


def test_process_that_does_not_serve_is_told_how(serve, ask):
    served = serve("print('ready', flush=True); sys.stdin.readline()")

    refused = ask("status", served.process.pid).check(returncode=2, stdout="")

    assert refused.stderr.startswith(f"logly status: process {served.process.pid} (")
    assert refused.stderr.endswith(") does not serve: have it call logger.serve_control()\n")


def test_socket_can_be_given_by_its_path(serve, ask, tmp_path):
    tmp_path.chmod(0o700)
    path = tmp_path / "app.sock"
    serve(f"print(logger.serve_control({str(path)!r}).path, flush=True); sys.stdin.readline()")

    ask("level", path).check(stdout="all modules: INFO\n", stderr="")


def test_program_that_is_stopped_is_given_5_seconds(serve, ask):
    served = serve()
    os.kill(served.process.pid, signal.SIGSTOP)

    told = f"logly level: {served.said} does not answer within 5 s\n"

    ask("level", served.process.pid).check(returncode=2, stdout="", stderr=told)


@pytest.mark.parametrize(
    ("request_", "part"),
    [
        (b"status\n", b"expected a request in JSON"),
        (b"[" * 20_000 + b"\n", b"expected a request in JSON"),
        (b"[1]\n", b"expected an object as the request"),
        (b'{"do": "stop"}\n', b"expected one of the requests status, levels, set"),
        (b'{"do": "set"}\n', b"levels: expected an object of module to level"),
        (b'{"do": "set", "levels": {"a": 10}}\n', b"levels: expected an object of module to level"),
        (b'{"do": "set", "levels": {"a": "INFO"}, "seconds": 1e99}\n', b"seconds: expected more than 0 and at most"),
        (b'{"do": "set", "levels": {"a": "INFO"}, "seconds": NaN}\n', b"seconds: expected more than 0 and at most"),
    ],
)
def test_request_that_is_none_gets_an_error(serve, request_, part):
    served = serve()

    answer = answer_to(served.said, request_)

    assert part in json.loads(answer)["error"].encode()
    assert answer.count(b"\n") == 1


def test_endless_request_is_cut_off(serve):
    served = serve()

    with socket.socket(socket.AF_UNIX) as client:
        client.connect(served.said)
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            client.sendall(b"x" * 100_000_000)

    assert answer_to(served.said, b'{"do": "levels"}\n').startswith(b'{"level": "INFO"')


def test_clients_that_send_nothing_do_not_keep_others_out(serve):
    served = serve()
    silent = [socket.socket(socket.AF_UNIX) for _ in range(40)]
    for one in silent:
        one.connect(served.said)

    answer = answer_to(served.said, b'{"do": "levels"}\n')

    assert answer.startswith(b'{"level": "INFO"')
    # The oldest made way.
    assert silent[0].recv(1) == b""
    for one in silent:
        one.close()


def test_client_that_reads_nothing_does_not_keep_others_out(serve):
    served = serve()
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.connect(served.said)
        deaf.sendall(b'{"do": "status"}\n' * 1000)

        assert answer_to(served.said, b'{"do": "levels"}\n').startswith(b'{"level": "INFO"')


def test_silent_client_is_closed_after_some_seconds(serve):
    served = serve()
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(served.said)
        silent.settimeout(30)

        assert silent.recv(1) == b""
