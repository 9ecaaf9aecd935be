"""`logly doctor --import MODULE`: what a program makes of its logging."""

from __future__ import annotations

from tests.support.child import command

APP = """
import logly
from logly import logger

logger.configure(level="WARNING", module_levels={"shop.db": "DEBUG", "noisy": False, "all": True}, console=False)
logger.add("app.log", rotation="10 MB", level="ERROR")
logly.intercept_logging()
app = object()
"""


def doctor(folder, app, *words):
    return command("doctor", "--import", app, *words, folder=folder)


def test_sinks_levels_and_interception_of_a_program_are_shown(tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "web.py").write_text(APP)

    lines = doctor(tmp_path, "shop.web:app").check(stderr="").stdout.splitlines()

    levels = ["level: WARNING", "level of all: every record", "level of noisy: off", "level of shop.db: DEBUG"]
    assert [line for line in lines if line.startswith("level")] == levels
    assert [line for line in lines if line.startswith("active: intercept_logging(")] != []
    assert f"sink 1: file {tmp_path / 'app.log'}, from ERROR, text, in the background" in lines
    assert "a call at WARNING in __main__, sink 1: not shown: its level is higher" in lines


def test_call_of_a_module_is_explained(tmp_path):
    (tmp_path / "app.py").write_text("from logly import logger\nlogger.configure(module_levels={'shop': 'DEBUG'})")

    shown = doctor(tmp_path, "app", "--module", "shop.db", "--level", "DEBUG").check().stdout

    assert shown.endswith("a call at DEBUG in shop.db, sink 0: shown\n")
    assert "active: no interception of logging, hooks or captured warnings\n" in shown


def test_exception_of_the_program_is_shown_with_exit_code_2(tmp_path):
    (tmp_path / "app.py").write_text("1 / 0")

    failed = doctor(tmp_path, "app").check(returncode=2, stdout="")

    assert 'app.py", line 1, in <module>' in failed.stderr
    assert "ZeroDivisionError: division by zero" in failed.stderr
    assert failed.stderr.endswith("logly doctor: app cannot be imported; the exception is above\n")


def test_program_that_exits_at_its_import_is_shown_with_exit_code_2(tmp_path):
    (tmp_path / "app.py").write_text("raise SystemExit(0)")

    assert "SystemExit" in doctor(tmp_path, "app").check(returncode=2).stderr


def test_module_that_does_not_exist_is_named(tmp_path):
    assert "No module named 'nowhere'" in doctor(tmp_path, "nowhere.app").check(returncode=2).stderr
