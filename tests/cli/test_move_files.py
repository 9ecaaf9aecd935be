"""`python -m logly move loguru`: which files are changed, and how they are replaced."""

from __future__ import annotations

import os
import stat

import pytest
from logly.cli import main

from tests.support.child import command

TEXT = "from loguru import logger\n"
MOVED = "from logly.loguru import logger\n"


def write(path, text=TEXT):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def move(*paths):
    return main(["move", "loguru", *map(str, paths)])


@pytest.mark.parametrize("name", ["app.py", "app.pyi", "app.pyw", "src/shop/db.py", "dist/app.py"])
def test_python_file_in_a_folder_is_moved(tmp_path, name):
    path = write(tmp_path / name)

    assert move(tmp_path) == 0
    assert path.read_text("utf-8") == MOVED


@pytest.mark.parametrize(
    "name",
    [
        ".hidden/app.py",
        ".venv/lib/app.py",
        "lib/site-packages/app.py",
        "node_modules/gyp/app.py",
        "__pycache__/app.py",
        "app.txt",
        "README.md",
        "program",
        "app.py.bak",
    ],
)
def test_other_file_in_a_folder_is_left_alone(tmp_path, name):
    path = write(tmp_path / name)

    assert move(tmp_path) == 0
    assert path.read_text("utf-8") == TEXT


@pytest.mark.parametrize("mark", ["pyvenv.cfg", "conda-meta/history"])
def test_virtual_environment_is_left_alone(tmp_path, mark):
    write(tmp_path / "environment" / mark)
    path = write(tmp_path / "environment" / "app.py")

    move(tmp_path)

    assert path.read_text("utf-8") == TEXT


def test_binary_file_is_left_alone(tmp_path):
    (tmp_path / "program").write_bytes(b"\x7fELF\0import loguru\n")
    (tmp_path / "archive.pyz").write_bytes(b"#!/usr/bin/python3\nPK\x03\x04import loguru\n")

    assert move(tmp_path) == 0


def test_script_without_an_ending_is_moved(tmp_path):
    path = write(tmp_path / "tool", f"#!/usr/bin/env python3\n{TEXT}")

    move(tmp_path)

    assert path.read_text("utf-8") == f"#!/usr/bin/env python3\n{MOVED}"


def test_named_file_is_moved_whatever_its_name(tmp_path):
    paths = [write(tmp_path / ".hidden" / "app.py"), write(tmp_path / "program.txt")]

    assert move(*paths) == 0
    assert [path.read_text("utf-8") for path in paths] == [MOVED, MOVED]


def test_file_that_is_named_twice_is_moved_once(tmp_path, capsys):
    path = write(tmp_path / "app.py")

    move(path, tmp_path, path)

    assert capsys.readouterr().out.endswith("1 import moved in 1 file\n")


def test_files_that_do_not_parse_are_told_and_the_rest_is_moved(tmp_path, capsys):
    texts = {
        "a.py": f"{TEXT}(",
        "b.py": "import loguru\0",
        "c.py": f"# coding: no-such\n{TEXT}",
        "e.py": "loguru" + "(" * 9999,
    }
    for name, text in texts.items():
        write(tmp_path / name, text)
    (tmp_path / "d.py").write_bytes(b"import loguru  # \xff")
    good = write(tmp_path / "z.py")

    assert move(tmp_path) == 1
    assert good.read_text("utf-8") == MOVED
    told = capsys.readouterr().err.splitlines()
    assert [line.partition(": ")[0] for line in told] == [str(tmp_path / f"{name}.py") for name in "abcde"]
    assert all(line.endswith("; left as it is") for line in told)


def test_deeply_nested_code_is_moved(tmp_path):
    path = write(tmp_path / "app.py", f"{TEXT}x = {' + '.join(['1'] * 900)}\n")

    assert move(path) == 0
    assert path.read_text("utf-8").startswith(MOVED)


def test_path_that_is_not_there_is_told(tmp_path, capsys):
    path = write(tmp_path / "app.py")

    assert move(tmp_path / "nothing", path) == 1
    assert path.read_text("utf-8") == MOVED
    assert capsys.readouterr().err == f"{tmp_path / 'nothing'}: No such file or directory\n"


def test_pipe_is_told(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe.py")

    assert move(tmp_path / "pipe.py", tmp_path) == 1
    assert capsys.readouterr().err == f"{tmp_path / 'pipe.py'}: neither a file nor a folder\n"


def test_permissions_are_kept_and_the_time_is_new(tmp_path):
    path = write(tmp_path / "app.py")
    path.chmod(0o751)
    os.utime(path, (1, 1))

    move(path)

    state = path.stat()
    assert stat.S_IMODE(state.st_mode) == 0o751
    assert state.st_mtime > 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_owner_is_kept(tmp_path):
    path = write(tmp_path / "app.py")
    os.chown(path, 12345, 23456)

    move(path)

    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 23456)


def test_nothing_else_is_left_in_the_folder(tmp_path):
    path = write(tmp_path / "app.py")

    move(tmp_path)

    assert list(tmp_path.iterdir()) == [path]


def test_unchanged_file_is_not_written(tmp_path):
    path = write(tmp_path / "app.py", MOVED)
    before = path.stat()

    move(path)

    assert path.stat() == before


def test_named_link_stays_a_link(tmp_path):
    target = write(tmp_path / "real" / "app.py")
    link = tmp_path / "app.py"
    link.symlink_to(target)

    assert move(link) == 0
    assert link.is_symlink()
    assert target.read_text("utf-8") == MOVED


def test_link_to_a_file_elsewhere_is_told(tmp_path, capsys):
    target = write(tmp_path / "elsewhere" / "app.py")
    write(tmp_path / "here" / "inside.py")
    link = tmp_path / "here" / "app.py"
    link.symlink_to(target)
    (tmp_path / "here" / "twice.py").symlink_to("inside.py")

    assert move(tmp_path / "here") == 1
    assert target.read_text("utf-8") == TEXT
    assert capsys.readouterr().err == f"{link}: a link to {target}; left as it is\n"


def test_link_to_a_folder_is_not_followed(tmp_path):
    path = write(tmp_path / "elsewhere" / "app.py")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "shop").symlink_to(tmp_path / "elsewhere")

    assert move(tmp_path / "here") == 0
    assert path.read_text("utf-8") == TEXT


def test_file_with_hard_links_is_told(tmp_path, capsys):
    path = write(tmp_path / "app.py")
    os.link(path, tmp_path / "copy.txt")

    assert move(tmp_path) == 1
    assert path.read_text("utf-8") == TEXT
    assert capsys.readouterr().err == f"{path}: a file with 2 names (hard links); left as it is\n"


def test_names_are_printed_without_control_characters(tmp_path):
    write(tmp_path / "a\x1b[31m.py")

    finished = command("move", "loguru", ".", folder=tmp_path)

    finished.check(stdout="./a\\x1b[31m.py: 1 import moved\n1 import moved in 1 file\n", stderr="")


def test_change_by_someone_else_is_not_lost(tmp_path, capsys, monkeypatch):
    path = write(tmp_path / "app.py")
    changed = f"{TEXT}# changed meanwhile\n"
    monkeypatch.setattr(os, "fsync", lambda _: write(path, changed))

    assert move(path) == 1
    assert path.read_text("utf-8") == changed
    assert capsys.readouterr().err == f"{path}: was changed meanwhile\n"
    assert list(tmp_path.iterdir()) == [path]
