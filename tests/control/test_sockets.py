"""`serve_control`: the socket, its folder, and what becomes of it."""

from __future__ import annotations

import os
import socket
import stat
import tempfile
import threading
from pathlib import Path

import pytest
from logly import Logger, logger

from tests.control.conftest import wait_until
from tests.support.child import output, run


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of this process's sockets, which does not exist yet."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    tmp_path.chmod(0o700)
    return tmp_path / "logly"


def test_socket_is_named_after_the_process_and_is_for_its_user_alone(folder):
    with logger.serve_control() as control:
        modes = [stat.S_IMODE(os.lstat(path).st_mode) for path in (folder, control.path)]

    assert control.path == str(folder / f"{os.getpid()}.sock")
    assert modes == [0o700, 0o600]


def test_socket_is_gone_after_the_block(folder):
    with logger.serve_control() as control:
        pass

    assert not Path(control.path).exists()


def test_second_call_returns_the_same(folder):
    with logger.serve_control() as control:
        assert logger.serve_control() is control
        assert logger.bind(user="ada").serve_control(control.path) is control


def test_socket_can_be_made_again_after_close(folder):
    logger.serve_control().close()

    with logger.serve_control() as control:
        assert Path(control.path).exists()


def test_thread_has_a_name_and_ends_with_the_socket(folder):
    with logger.serve_control():
        during = [thread.name for thread in threading.enumerate()]

    wait_until(lambda: "logly-control" not in [thread.name for thread in threading.enumerate()])
    assert "logly-control" in during


def test_other_path_names_the_present_one(folder, tmp_path):
    with logger.serve_control() as control, pytest.raises(ValueError, match="path: expected ") as caught:
        logger.serve_control(tmp_path / "other.sock")

    assert str(caught.value).startswith(f"path: expected {control.path!r}, where this process serves already")


def test_other_logger_is_refused(folder):
    with logger.serve_control(), pytest.raises(ValueError, match="serves another logger"):
        Logger().serve_control()


def test_folder_that_others_can_write_to_is_refused(folder, tmp_path):
    tmp_path.chmod(0o777)

    with pytest.raises(PermissionError, match="path: expected a socket in a folder that only this user can write to"):
        logger.serve_control(tmp_path / "app.sock")


@pytest.mark.parametrize("make", ["link", "open"])
def test_folder_that_was_put_in_place_is_refused(folder, tmp_path, make):
    if make == "link":
        (tmp_path / "target").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "target")
    else:
        folder.mkdir()
        folder.chmod(0o755)

    with pytest.raises(PermissionError, match="expected a folder of this user with the mode 0700"):
        logger.serve_control()


def test_path_that_is_too_long_is_refused(folder, tmp_path):
    with pytest.raises(ValueError, match="path: expected at most 10"):
        logger.serve_control(tmp_path / ("long" * 30))


def test_file_at_the_path_is_kept(folder, tmp_path):
    file = tmp_path / "app.sock"
    file.write_text("precious")

    with pytest.raises(OSError, match="something else has this name"):
        logger.serve_control(file)

    assert file.read_text() == "precious"


def test_socket_of_a_dead_process_is_replaced(folder, tmp_path):
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(tmp_path / "app.sock"))
    dead.close()

    with logger.serve_control(tmp_path / "app.sock") as control:
        assert Path(control.path).exists()


def test_socket_of_a_living_process_is_kept(folder, tmp_path):
    with socket.socket(socket.AF_UNIX) as living:
        living.bind(str(tmp_path / "app.sock"))
        living.listen()

        with pytest.raises(OSError, match="another process serves here"):
            logger.serve_control(tmp_path / "app.sock")

    assert (tmp_path / "app.sock").exists()


def test_socket_is_removed_at_the_end_of_the_process(serve):
    served = serve()

    served.end().check(stderr="")

    assert served.said.endswith(".sock")
    assert not Path(served.said).exists()


def test_socket_of_another_process_that_took_the_path_is_kept(folder):
    control = logger.serve_control()
    Path(control.path).unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(control.path)

        control.close()

    assert Path(control.path).exists()


def test_program_ends_while_a_client_waits(serve):
    served = serve()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(served.said)

        served.end().check(stderr="")


def test_forked_child_neither_answers_nor_removes_the_socket(serve, ask):
    program = """
control = logger.serve_control()
child = os.fork()
if child == 0:
    control.close()
    sys.exit(0)
os.waitpid(child, 0)
child = os.fork()
if child == 0:
    sys.stdin.readline()
    sys.exit(0)
print(child, os.path.exists(control.path), flush=True)
os.waitpid(child, 0)
sys.stdin.readline()
"""
    served = serve(program)
    child, is_there = served.said.split()

    of_child, of_parent = ask("level", child), ask("level", served.process.pid)

    assert is_there == "True"
    assert (of_child.returncode, of_child.stderr.count("does not serve: have it call logger.serve_control()")) == (2, 1)
    of_parent.check(stdout="all modules: INFO\n")


def test_forked_child_can_serve_itself(serve, ask):
    program = """
logger.serve_control()
if os.fork() == 0:
    print(logger.serve_control().path, flush=True)
    sys.stdin.readline()
os.wait()
"""
    served = serve(program)
    child = Path(served.said).stem

    assert child != str(served.process.pid)
    ask("level", child).check(stdout="all modules: INFO\n")


def test_temporary_level_is_none_of_a_forked_child(serve, ask):
    program = """
logger.serve_control()
print("ready", flush=True)
sys.stdin.readline()
if os.fork() == 0:
    print(logger.is_enabled("DEBUG"), flush=True)
    sys.exit(0)
os.wait()
print(logger.is_enabled("DEBUG"), flush=True)
"""
    served = serve(program)
    ask("level", served.process.pid, "DEBUG", "--for", "1h").check()

    served.go_on()

    assert [served.line(), served.line()] == ["False", "True"]


def test_import_of_logly_imports_nothing_of_it():
    program = "import sys, logly; print([name for name in sys.modules if '_control.' in name or name == '_socket'])"

    assert output(program) == "[]\n"


def test_system_without_unix_sockets_is_told():
    program = """
import _socket
del _socket.AF_UNIX
from logly import logger
try:
    logger.serve_control()
except OSError as error:
    print(error)
"""

    run(program).check(stdout="serve_control() needs Unix sockets, which this system does not have\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_other_user_is_refused(serve):
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        served = serve(environment={"XDG_RUNTIME_DIR": folder})
        for path in (Path(folder), Path(served.said).parent, Path(served.said)):
            path.chmod(0o777)

        refused = run(_AS_OTHER_USER, served.said)

    refused.check(stdout="b''\n")


_AS_OTHER_USER = """
import os, socket, sys
os.setgid(65534)
os.setuid(65534)
client = socket.socket(socket.AF_UNIX)
client.connect(sys.argv[1])
try:
    client.sendall(b'{"do": "status"}\\n')
    print(client.recv(100))
except (ConnectionResetError, BrokenPipeError):
    print(b"")
"""
