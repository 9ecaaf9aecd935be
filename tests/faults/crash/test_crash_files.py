"""Crash files: made safely, gone after a clean end, and recovered once, whatever they hold."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from textwrap import dedent

import pytest
from logly import Logger

from tests.faults.support.scarcity import mounted
from tests.support.child import environment_of, run

BEGIN = """
import os, signal, sys
from logly import logger

logger.configure(console=False)
sink = logger.add(sys.argv[1], durability="crash", format="{level} {message}{fields}")
"""

KILLED = (
    BEGIN
    + """
# The writer waits for the lock of the log, and so has written nothing.
import fcntl
held = open(logger.sink_info(sink)["path"])
fcntl.flock(held, fcntl.LOCK_EX)
for number in range(5):
    logger.info("old {number}", number=number)
os.kill(os.getpid(), signal.SIGKILL)
"""
)

OLD = [f"INFO old {number}" for number in range(5)]


def crash_files(folder: Path) -> list[Path]:
    return sorted(folder.glob(".app.log.*"))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def leave_behind(log: Path) -> Path:
    """Have a killed program leave a crash file, whose path is returned."""
    before = set(crash_files(log.parent))
    run(KILLED, log).check(returncode=-9, stderr="")
    (made,) = set(crash_files(log.parent)) - before
    return made


def test_clean_end_leaves_no_file(tmp_path: Path) -> None:
    log = tmp_path / "app.log"

    count = "print(len(os.listdir(os.path.dirname(sys.argv[1]))))"

    result = run(BEGIN + "logger.info('one')\n" + count, log)

    result.check(stdout="2\n", stderr="")
    assert (names_in(tmp_path), log.read_text()) == (["app.log"], "INFO one\n")


def test_messages_with_doubled_signs_are_recovered(tmp_path: Path) -> None:
    code = """
    for number in range(3):
        logger.info("100%%d of %d {kind}", number, kind="{x}")
        logger.info("{{}} of {}", number)
    os.kill(os.getpid(), signal.SIGKILL)
    """
    log = tmp_path / "app.log"
    slow = BEGIN.replace('durability="crash"', 'durability="crash", flush_interval=60_000')

    run(slow + dedent(code), log).check(returncode=-9, stderr="")
    run(BEGIN + "logger.info('new')", log)

    lines = [line for number in range(3) for line in (f"INFO 100%d of {number} {{x}}", f"INFO {{}} of {number}")]
    assert log.read_text().splitlines() == [*lines, "INFO new"]


def test_removed_sink_leaves_no_file(tmp_path: Path) -> None:
    code = """
    import time
    logger.info("one")
    logger.remove(sink)
    until = time.monotonic() + 30
    while len(os.listdir(os.path.dirname(sys.argv[1]))) > 1 and time.monotonic() < until:
        time.sleep(0.001)
    print(os.listdir(os.path.dirname(sys.argv[1])))
    """

    result = run(BEGIN + dedent(code), tmp_path / "app.log")

    result.check(stdout="['app.log']\n", stderr="")


def test_file_belongs_to_its_user_alone_and_is_allocated(tmp_path: Path) -> None:
    logger = Logger()
    logger.remove_all()
    logger.add(tmp_path / "app.log", durability="crash", buffer_size=65536)

    (path,) = crash_files(tmp_path)

    found = path.stat()
    assert stat.S_IMODE(found.st_mode) == 0o600
    assert found.st_blocks * 512 >= found.st_size > 65536
    logger.remove_all()


def test_next_process_writes_what_was_left_before_its_own(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    made = leave_behind(log)

    result = run(BEGIN + "logger.info('new')", log)

    result.check(stdout="")
    process = made.name.split(".")[3].partition("-")[0]
    assert result.stderr == f"logly: {made}: recovered 5 records of process {process}\n"
    assert log.read_text().splitlines() == [*OLD, "INFO new"]
    assert names_in(tmp_path) == ["app.log"]


def test_counts_are_in_stats(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    leave_behind(log)

    result = run(BEGIN + "logger.info('new')\nlogger.complete()\nprint(logger.stats()['sinks'][sink])", log)

    result.check()
    assert "'accepted': 1, 'written': 1" in result.stdout
    assert "'recovered': 5, 'skipped': 0, 'left_out': 0, 'durable': True" in result.stdout


def test_parent_writes_the_records_of_a_dead_child(tmp_path: Path) -> None:
    code = """
    import time
    child = os.fork()
    if child == 0:
        for number in range(100):
            logger.info("child {number}", number=number)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    logger.info("parent")
    until = time.monotonic() + 30
    while len(os.listdir(os.path.dirname(sys.argv[1]))) > 2 and time.monotonic() < until:
        time.sleep(0.01)
    """
    log = tmp_path / "app.log"

    result = run(BEGIN + dedent(code), log)

    result.check()
    lines = log.read_text().splitlines()
    assert [line for line in lines if "child" in line] == [f"INFO child {number}" for number in range(100)]
    assert lines.count("INFO parent") == 1
    assert names_in(tmp_path) == ["app.log"]


def test_levels_of_the_program_keep_their_names(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    code = "logger.level('AUDIT', no=33)\nlogger.log('AUDIT', 'x')\nos.kill(os.getpid(), signal.SIGKILL)"
    run(BEGIN + code, log).check(returncode=-9)

    run(BEGIN, log).check()

    assert log.read_text() == "AUDIT x\n"


def test_record_larger_than_the_queue_is_written_when_its_call_returns(tmp_path: Path) -> None:
    log = tmp_path / "app.log"

    begin = BEGIN.replace("durability=", "buffer_size=65536, durability=")

    run(begin + "logger.info('x' * 40_000)\nos.kill(os.getpid(), signal.SIGKILL)", log).check(returncode=-9)

    assert len(log.read_text()) == len("INFO \n") + 40_000


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda content: b"something else", "it is no crash file of logly's"),
        (lambda content: content[:8] + b"\xff\xff\xff\xff" + content[12:], "another version of logly made it"),
        (lambda content: content[:8] + b"\x01\x00\x00\x00" + content[12:], r"another version .* \(format 1\)"),
        (lambda content: content[:5000], "it was truncated"),
        (lambda content: content[:10], "it was truncated"),
        (lambda content: content[:40] + b"\xff" + content[41:], "it is no crash file of logly's"),
    ],
    ids=["foreign", "another version", "the version before", "cut", "cut in its header", "torn header"],
)
def test_file_that_cannot_be_read_is_told_once_and_logging_goes_on(tmp_path: Path, damage, reason: str) -> None:
    log = tmp_path / "app.log"
    made = leave_behind(log)
    made.write_bytes(damage(made.read_bytes()))

    result = run(BEGIN + "logger.info('new')", log)

    result.check(stdout="")
    assert re.fullmatch(rf"logly: {re.escape(str(made))}: not recovered: {reason}.*\n", result.stderr)
    assert log.read_text() == "INFO new\n"
    assert made.exists()


def test_torn_record_is_skipped_and_counted(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    made = leave_behind(log)
    content = bytearray(made.read_bytes())
    # The ring is the end of the file; its first record has a guard, and then its length.
    second = len(content) - 8 * 1024 * 1024
    second += 8 + (int.from_bytes(content[second + 8 : second + 12], "little") + 7) // 8 * 8
    content[second] ^= 2
    made.write_bytes(bytes(content))

    result = run(BEGIN, log)

    result.check()
    assert "recovered 4 records" in result.stderr
    assert "and skipped 1 torn one" in result.stderr
    assert log.read_text().splitlines() == [OLD[0], *OLD[2:]]


def test_file_of_a_live_process_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    logger = Logger()
    logger.remove_all()
    logger.add(log, durability="crash", format="{message}")
    (own,) = crash_files(tmp_path)

    run(BEGIN + "logger.info('other')", log).check(stderr="")

    assert own.exists()
    logger.info("own")
    logger.remove_all()
    assert sorted(log.read_text().splitlines()) == ["INFO other", "own"]


def test_stopped_process_keeps_its_records_and_is_told(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    code = KILLED.replace("SIGKILL", "SIGSTOP").replace("os.kill", "held.close()\nos.kill")
    with subprocess.Popen([sys.executable, "-c", code, str(log)], env=environment_of(None)) as stopped:
        os.waitid(os.P_PID, stopped.pid, os.WSTOPPED | os.WNOWAIT)

        result = run(BEGIN + "logger.info('new')", log)

        stopped.send_signal(signal.SIGCONT)
    result.check(stdout="")
    assert f"process {stopped.pid} is stopped; its records are written once it goes on or ends\n" in result.stderr
    assert sorted(log.read_text().splitlines()) == sorted([*OLD, "INFO new"])
    assert names_in(tmp_path) == ["app.log"]


def test_lines_that_the_caller_made_are_recovered(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    filtered = KILLED.replace("durability=", "filter=lambda record: '3' not in record['message'], durability=")
    run(filtered, log).check(returncode=-9)

    run(BEGIN, log).check()

    assert log.read_text().splitlines() == [*OLD[:3], OLD[4]]


def test_log_with_a_time_in_its_name_is_recovered_under_its_next_name(tmp_path: Path) -> None:
    run(KILLED, tmp_path / "app_{time:HH-mm-ss}.log").check(returncode=-9)

    run(BEGIN, tmp_path / "app_{time:HH-mm-ss}.log").check()

    lines = [line for path in sorted(tmp_path.iterdir()) for line in path.read_text().splitlines()]
    assert lines == OLD
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_level_and_fields_of_the_program_hold_for_recovered_records(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    code = "logger.debug('low')\nlogger.bind(user='ada').error('high')\nos.kill(os.getpid(), signal.SIGKILL)"
    others = "logger.add('stderr', level='DEBUG')\n"
    run(BEGIN + others + code, log).check(returncode=-9)

    run(BEGIN, log).check()

    assert log.read_text().splitlines() == ["ERROR high user=ada"]


def test_records_that_the_sink_leaves_out_now_are_told(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    made = leave_behind(log)

    result = run(BEGIN.replace("durability=", "level='ERROR', durability=") + "print(logger.stats()['sinks'])", log)

    told = r"recovered 0 records of process \d+, and left out 5 by level, filter, sample or limit"
    assert re.fullmatch(rf"logly: {re.escape(str(made))}: {told}\n", result.stderr)
    assert "'recovered': 0, 'skipped': 0, 'left_out': 5" in result.check().stdout


def test_call_site_is_noted_once_however_hot_it_is(tmp_path: Path) -> None:
    code = """
    import glob, struct
    def noted():
        (file,) = glob.glob(os.path.dirname(sys.argv[1]) + "/.app.log.*")
        return struct.unpack_from("=Q", open(file, "rb").read(4096), 2176)[0]
    def call():
        logger.info("hot {}", 1)
    call()
    first = noted()
    for _ in range(100):
        call()
    print(first > 0, noted() == first)
    """

    run(BEGIN + dedent(code), tmp_path / "app.log").check(stdout="True True\n", stderr="")


def test_records_of_more_call_sites_than_have_notes_are_recovered(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    code = """
    for number in range(3000):
        exec(compile(f"logger.info('site {number} {{x}}', x={number})", "/a/usual/path.py", "exec"))
    logger.complete()
    import fcntl
    held = open(sys.argv[1])
    fcntl.flock(held, fcntl.LOCK_EX)
    exec(compile("logger.info('last {x}', x=1)", "/a/usual/path.py", "exec"))
    os.kill(os.getpid(), signal.SIGKILL)
    """
    run(BEGIN.replace("durability=", "buffer_size=65536, durability=") + dedent(code), log).check(returncode=-9)

    run(BEGIN, log).check()

    assert log.read_text().splitlines()[-2:] == ["INFO site 2999 2999", "INFO last 1"]


def test_file_with_a_second_name_is_not_read(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    made = leave_behind(log)
    os.link(made, tmp_path / "second")

    result = run(BEGIN, log)

    assert "not recovered: others can write to it" in result.check().stderr
    assert log.read_text() == ""


def test_link_is_not_followed(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    made = leave_behind(log)
    made.rename(tmp_path / "elsewhere")
    made.symlink_to(tmp_path / "elsewhere")

    run(BEGIN, log).check(stderr="")

    assert log.read_text() == ""


def test_limit_of_file_sizes_leaves_an_ordinary_queue(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))\n"

    rest = "logger.info('new')\nlogger.complete()\nprint(logger.stats()['sinks'][sink]['durable'])"
    result = run(limit + BEGIN + rest, log)

    result.check(stdout="False\n")
    reason = r"no crash file can be made \(File too large.*\); its queue ends with the process"
    assert re.fullmatch(rf"logly: {log}: {reason}\n", result.stderr)
    assert (log.read_text(), names_in(tmp_path)) == ("INFO new\n", ["app.log"])


def test_full_disk_leaves_an_ordinary_queue(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=1m", "tmpfs") as disk:
        result = run(BEGIN + "logger.info('new')", disk / "app.log")

        result.check(stdout="")
        assert "no crash file can be made (No space left on device" in result.stderr
        assert result.stderr.count("\n") == 1
        assert ((disk / "app.log").read_text(), names_in(disk)) == ("INFO new\n", ["app.log"])


def test_folder_that_takes_no_names_leaves_an_ordinary_queue(tmp_path: Path) -> None:
    # One name for the folder, one for the log.
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=64m,nr_inodes=2", "tmpfs") as disk:
        log = disk / "app.log"
        log.touch()

        result = run(BEGIN + "logger.info('new')", log)

        result.check(stdout="")
        assert "no crash file can be made (No space left on device" in result.stderr
        assert result.stderr.count("\n") == 1
        assert log.read_text() == "INFO new\n"


@pytest.mark.skipif(os.getuid() == 0, reason="root may write to any folder")
def test_folder_without_permission_leaves_an_ordinary_queue() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "app.log").touch()
        (folder / "app.log").chmod(0o666)
        folder.chmod(0o555)

        result = run(BEGIN + "logger.info('new')", folder / "app.log")

        result.check(stdout="")
        assert "no crash file can be made (Permission denied" in result.stderr
        assert (folder / "app.log").read_text() == "INFO new\n"
        folder.chmod(0o755)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"durability": "crsh"}, 'durability: expected "crash", got "crsh" (did you mean "crash"?)'),
        ({"durability": "crash", "async_write": False}, "durability: expected a file with async_write=True"),
        ({"durability": "crash", "overflow": "drop_old"}, 'expected a file with overflow="block" or "drop_new"'),
    ],
)
def test_options_that_do_not_fit_are_refused(tmp_path: Path, options, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        Logger().add(tmp_path / "app.log", **options)

    assert names_in(tmp_path) == []


def test_console_is_refused() -> None:
    with pytest.raises(ValueError, match="durability: expected a sink that is a file"):
        Logger().add("stderr", durability="crash")
