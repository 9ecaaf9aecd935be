"""`python -m logly recover`: the records that dead processes left for a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.crash.test_crash_files import BEGIN, KILLED, crash_files, leave_behind
from tests.faults.support.scarcity import small_disk
from tests.support.child import command, run

if TYPE_CHECKING:
    from pathlib import Path

LATER = "for number in range(5):"


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


@pytest.mark.parametrize(
    ("options", "levels", "expected"),
    [
        ("level='TRACE'", ["TRACE", "DEBUG", "INFO"], ["TRACE", "DEBUG", "INFO"]),
        ("level='ERROR'", ["TRACE", "INFO", "ERROR"], ["ERROR"]),
        ("", ["DEBUG", "INFO"], ["INFO"]),
    ],
    ids=["low", "high", "none of its own"],
)
def test_level_of_the_sink_decides(tmp_path: Path, options: str, levels: list[str], expected: list[str]) -> None:
    log = tmp_path / "app.log"
    code = "".join(f"logger.log('{level}', 'x')\n" for level in levels)
    run(_held(options, "logger.add(sys.argv[1] + '.all', level='TRACE')\n" + code), log).check(returncode=-9)

    result = command("recover", "app.log", "--format", "{level}", folder=tmp_path)

    count = f"{len(expected)} record{'' if len(expected) == 1 else 's'}"
    result.check(stdout=f"app.log: recovered {count}\n")
    assert log.read_text().splitlines() == expected


def test_disk_that_has_little_room_is_enough(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=12m") as disk:
        leave_behind(disk / "app.log")

        result = command("recover", "app.log", folder=disk)

        assert (disk / "app.log").read_text().splitlines()[-1] == "INFO old 4"
    assert "no crash file can be made" not in result.check().stderr


def test_level_that_the_program_lowered_decides(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    code = "logger.set_level('DEBUG', sink=sink)\nlogger.debug('x')\nlogger.set_level('ERROR', sink=sink)\n"
    run(_held("", code), log).check(returncode=-9)

    command("recover", "app.log", "--format", "{level}", folder=tmp_path).check(stdout="app.log: recovered 1 record\n")

    assert log.read_text() == "DEBUG\n"


def test_records_that_the_given_level_leaves_out_are_counted(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    leave_behind(log)

    result = command("recover", "app.log", "--level", "ERROR", folder=tmp_path)

    reasons = "by level, filter, sample or limit"
    result.check(stdout=f"app.log: recovered 0 records, left out 5 {reasons}\n")
    assert f"recovered 0 records of process {_process(result.stderr)}, and left out 5 {reasons}\n" in result.stderr


def test_each_process_is_held_to_the_level_that_it_had(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    code = "logger.add(sys.argv[1] + '.all', level='TRACE')\nlogger.debug('x')\nlogger.error('x')\n"
    (tmp_path / "other").mkdir()
    run(_held("level='TRACE'", code), tmp_path / "other" / "app.log").check(returncode=-9)
    run(_held("level='ERROR'", code), log).check(returncode=-9)
    (low,) = crash_files(tmp_path / "other")
    low.rename(tmp_path / low.name)

    command("recover", "app.log", folder=tmp_path).check(stdout="app.log: recovered 3 records\n")

    assert sorted(log.read_text().splitlines()) == ["DEBUG x", "ERROR x", "ERROR x"]


def test_program_with_a_lower_level_writes_only_what_the_dead_one_took(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    code = "logger.add(sys.argv[1] + '.all', level='TRACE')\nlogger.debug('x')\nlogger.error('x')\n"
    run(_held("level='ERROR'", code), log).check(returncode=-9)

    result = run(BEGIN.replace("durability=", "level='TRACE', durability="), log)

    assert log.read_text() == "ERROR x\n"
    assert "recovered 1 record of process" in result.check().stderr
    assert "left out" not in result.stderr


@pytest.mark.parametrize(
    ("options", "given", "expected"),
    [
        ('format="<{message}>"', [], "<old 0>"),
        ('format="<{message}>"', ["--format", "{message}!"], "old 0!"),
        ('format="<{message}>"', ["--json"], '"message": "old 0"'),
        ('format="logfmt"', [], 'msg="old 0"'),
        ('format="auto"', [], '"message": "old 0"'),
        ("json=True", [], '"message": "old 0"'),
        ("json=True", ["--format", "{message}!"], "old 0!"),
        ('json="ecs"', [], '"ecs.version"'),
        (f'format="{"x" * 2000}{{message}}"', [], "| old 0"),
    ],
    ids=["pattern", "pattern, other", "pattern, JSON", "logfmt", "auto", "JSON", "JSON, other", "style", "too long"],
)
def test_form_of_the_log_is_kept_unless_another_is_given(
    tmp_path: Path, options: str, given: list[str], expected: str
) -> None:
    log = tmp_path / "app.log"
    run(KILLED.replace('format="{level} {message}{fields}"', options), log).check(returncode=-9)

    command("recover", "app.log", *given, folder=tmp_path).check(stdout="app.log: recovered 5 records\n")

    assert expected in log.read_text().splitlines()[0]
    assert len(log.read_text().splitlines()) == 5


def test_form_that_the_whole_logger_has_is_kept(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    killed = KILLED.replace("console=False", 'console=False, format="<{message}>"')
    run(killed.replace(', format="{level} {message}{fields}"', ""), log).check(returncode=-9)

    command("recover", "app.log", folder=tmp_path).check(stdout="app.log: recovered 5 records\n")

    assert log.read_text().splitlines()[0] == "<old 0>"


def test_different_forms_need_one_to_be_given(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    (tmp_path / "other").mkdir()
    run(KILLED.replace('format="{level} ', 'json=True, format="'), tmp_path / "other" / "app.log").check(returncode=-9)
    run(KILLED, log).check(returncode=-9)
    (other,) = crash_files(tmp_path / "other")
    other.rename(tmp_path / other.name)

    refused = command("recover", "app.log", folder=tmp_path)
    done = command("recover", "app.log", "--format", "{message}", folder=tmp_path)

    assert "different forms; give --json or --format" in refused.check(returncode=1, stdout="").stderr
    done.check(stdout="app.log: recovered 10 records\n")


@pytest.mark.parametrize(
    ("place", "more"),
    [
        ("durability=", "limit='2/s', durability="),
        ("durability=", "sample=0.5, durability="),
        ("durability=", "filter={'app': 'INFO'}, durability="),
        ("durability=", "filter=lambda record: True, durability="),
        ("console=False", "console=False, module_levels={'app': 'ERROR'}"),
        ("console=False", "console=False, extra={'app': 'a'}"),
        (LATER, f"logger.configure(redact=True)\n{LATER}"),
        (LATER, f"logger.configure(redact=True)\nlogger.configure(redact=False)\n{LATER}"),
    ],
    ids=["limit", "sample", "filter", "function", "module", "extra", "mask later", "mask for a while"],
)
def test_program_that_changes_records_or_leaves_some_out_needs_its_configuration(
    tmp_path: Path, place: str, more: str
) -> None:
    log = tmp_path / "app.log"
    run(KILLED.replace(place, more), log).check(returncode=-9)

    refused = command("recover", "app.log", folder=tmp_path)

    assert "give its --config" in refused.check(returncode=1).stderr


def _held(options: str, code: str) -> str:
    """Return a program that is killed after *code*, before its writer wrote anything."""
    begin, rest = KILLED.split("for number in range(5):")
    return (
        begin.replace("durability=", f"{options}{', ' if options else ''}durability=")
        + code
        + rest[rest.index("os.kill") :]
    )


def _process(told: str) -> str:
    return told.rpartition(" of process ")[2].partition(",")[0]
