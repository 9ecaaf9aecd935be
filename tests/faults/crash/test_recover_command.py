"""`python -m logly recover`: the records that dead processes left for a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.crash.test_crash_files import BEGIN, leave_behind
from tests.support.child import command, run

if TYPE_CHECKING:
    from pathlib import Path


def test_records_are_written_and_counted(tmp_path: Path) -> None:
    leave_behind(tmp_path / "app.log")

    first = command("recover", "app.log", "--format", "{message}", folder=tmp_path)
    second = command("recover", "app.log", folder=tmp_path)

    first.check(stdout="app.log: recovered 5 records\n")
    second.check(stdout="app.log: nothing to recover\n", stderr="")
    assert (tmp_path / "app.log").read_text() == "".join(f"old {number}\n" for number in range(5))
    assert [path.name for path in tmp_path.iterdir()] == ["app.log"]


def test_records_are_written_in_json(tmp_path: Path) -> None:
    leave_behind(tmp_path / "app.log")

    command("recover", "app.log", "--json", folder=tmp_path).check()

    assert '"message":"old 0"' in (tmp_path / "app.log").read_text().replace(": ", ":")


def test_records_that_the_program_masks_need_its_configuration(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    begin = BEGIN.replace("durability=", "redact=True, durability=")
    run(begin + "logger.info('x', password='hunter2')\nos.kill(os.getpid(), 9)", log).check(returncode=-9)
    (tmp_path / "logly.toml").write_text('redact = true\n[[sinks]]\nsink = "app.log"\nformat = "{message}{fields}"\n')

    refused = command("recover", "app.log", folder=tmp_path)
    done = command("recover", "app.log", "--config", "logly.toml", folder=tmp_path)

    assert "give its --config" in refused.check(returncode=1).stderr
    assert done.check().stdout == "app.log: recovered 1 record\n"
    assert "hunter2" not in log.read_text()
    assert log.read_text().startswith("x")
