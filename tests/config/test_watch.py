"""`load(watch=True)`: changes of a configuration file are applied while the program runs."""

from __future__ import annotations

import os
import threading

import pytest
from logly import Logger, load, logger
from logly._config import watch

from tests.config.test_replaced_sinks import logging_thread
from tests.control.conftest import wait_until
from tests.support.child import output, run


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Look more often than once a second."""
    monkeypatch.setattr(watch, "INTERVAL", 0.02)
    monkeypatch.setattr(watch, "STABLE", 0.02)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "logly.toml"


def reloads():
    return watch.described(logger)["config"]["reloads"]


def write(file, text):
    """Write a file as an editor does that renames the new one to the path."""
    new = file.with_suffix(".new")
    new.write_text(text)
    new.replace(file)


def change(file, text):
    """Write a file, and wait until it was applied."""
    before = reloads()
    write(file, text)
    wait_until(lambda: reloads() == before + 1)


def sink(path, options=""):
    return f"[[sinks]]\nsink = '{path}'\nformat = '{{message}}'\n{options}\n"


def test_setting_is_changed(file):
    file.write_text('level = "INFO"')
    load(file, watch=True)

    change(file, 'level = "DEBUG"')

    assert logger.is_enabled("DEBUG")


def test_file_that_is_written_in_place_is_noticed(file):
    file.write_text('level = "INFO"')
    load(file, watch=True)

    file.write_text('level = "TRACE"')

    wait_until(lambda: logger.is_enabled("TRACE"))


def test_link_that_is_switched_is_noticed(tmp_path):
    for name, level in (("one", "INFO"), ("two", "DEBUG")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "logly.toml").write_text(f'level = "{level}"')
    (tmp_path / "..data").symlink_to("one")
    (tmp_path / "logly.toml").symlink_to("..data/logly.toml")
    load(tmp_path / "logly.toml", watch=True)

    (tmp_path / "..new").symlink_to("two")
    (tmp_path / "..new").rename(tmp_path / "..data")

    wait_until(lambda: logger.is_enabled("DEBUG"))


def test_file_that_vanishes_leaves_its_configuration_until_it_is_back(file, capsys):
    file.write_text('level = "ERROR"')
    load(file, watch=True)
    looked = looks()

    file.unlink()
    looked(3)
    is_kept = not logger.is_enabled("WARNING")
    change(file, 'level = "WARNING"')

    assert (is_kept, logger.is_enabled("WARNING")) == (True, True)
    assert capsys.readouterr().err == ""


def looks():
    """Return a function that waits until the file was looked at some times more."""
    counted = []
    real = watch._signature
    watch_of = watch._watcher.watches[0]
    watch_of.look = lambda: counted.append(real(watch_of.path)) or type(watch_of).look(watch_of)

    def wait(times):
        until = len(counted) + times
        wait_until(lambda: len(counted) >= until)

    return wait


def test_half_written_file_is_not_read(file, capsys):
    file.write_text('level = "INFO"')
    load(file, watch=True)
    permits, seen = threading.Semaphore(0), []
    watch_of = watch._watcher.watches[0]

    def look():
        permits.acquire()
        seen.append(type(watch_of).look(watch_of))
        return seen[-1]

    watch_of.look = look
    permits.release()
    wait_until(lambda: seen == [False])

    file.write_text('level = "DEBU')
    permits.release()
    wait_until(lambda: len(seen) == 2)
    file.write_text('level = "DEBUG"')
    permits.release(10_000)

    wait_until(lambda: logger.is_enabled("DEBUG"))
    # The look between saw that the file had changed, and left it alone.
    assert (seen[1], capsys.readouterr().err) == (True, "")


def test_mistake_is_told_with_its_place_and_the_configuration_stays(file, capfd):
    file.write_text('level = "ERROR"')
    load(file, watch=True)
    looked = looks()

    write(file, 'show_time = false\nlevel = "INFOO"')
    looked(6)

    told = capfd.readouterr().err
    assert told.startswith(f"logly: {file}:2: level: expected one of the levels")
    assert told.endswith('got "INFOO" (did you mean "INFO"?); the earlier configuration stays\n')
    assert told.count("\n") == 1
    assert not logger.is_enabled("WARNING")


def test_same_mistake_in_another_content_is_told_again(file, capfd):
    file.write_text("")
    load(file, watch=True)
    looked = looks()

    for text in ('level = "INFOO"', 'level = "INFO"', 'level = "INFOO"', 'level = "INFOO" # still'):
        write(file, text)
        looked(4)

    assert capfd.readouterr().err.count("INFOO") == 3


def test_file_that_is_no_toml_is_told(file, capfd):
    file.write_text("")
    load(file, watch=True)
    looked = looks()

    write(file, "level = ")
    looked(4)

    assert capfd.readouterr().err.startswith(f"logly: {file}:1:")


def test_sink_whose_file_cannot_be_opened_leaves_everything_as_it_is(file, tmp_path, capfd):
    (tmp_path / "file").write_text("")
    file.write_text('level = "ERROR"\n' + sink(tmp_path / "app.log"))
    [known] = load(file, watch=True)
    looked = looks()

    write(file, 'level = "DEBUG"\n' + sink(tmp_path / "file" / "app.log"))
    looked(4)

    assert "file/app.log" in capfd.readouterr().err
    assert (logger.list_sinks(), logger.is_enabled("WARNING")) == ([known], False)


def test_content_that_is_the_same_is_not_applied_again(file):
    file.write_text('level = "INFO"')
    load(file, watch=True)
    logger.configure(level="DEBUG")
    looked = looks()

    write(file, 'level = "INFO"')
    looked(4)

    assert (reloads(), logger.is_enabled("DEBUG")) == (0, True)


def test_sink_that_did_not_change_stays(file, tmp_path):
    file.write_text(sink(tmp_path / "a.log") + sink(tmp_path / "b.log"))
    first, second = load(file, watch=True)

    change(file, sink(tmp_path / "a.log") + sink(tmp_path / "b.log", "level = 'ERROR'"))

    assert first in logger.list_sinks()
    assert second not in logger.list_sinks()
    assert logger.sink_count == 2


def test_sink_that_the_program_added_stays(file, tmp_path):
    got = []
    file.write_text(sink(tmp_path / "a.log"))
    [listed] = load(file, watch=True)
    own = logger.add(got.append, format="{message}")

    change(file, sink(tmp_path / "b.log"))
    logger.info("hello")

    assert (own in logger.list_sinks(), listed in logger.list_sinks()) == (True, False)
    assert got == ["hello\n"]


def test_first_sinks_of_a_file_replace_the_implicit_console(file, tmp_path, capsys):
    file.write_text("")
    load(file, watch=True)

    change(file, sink(tmp_path / "a.log"))
    logger.info("hello")
    logger.complete()

    assert capsys.readouterr().out == ""
    assert (tmp_path / "a.log").read_text() == "hello\n"


def test_no_line_is_lost_or_doubled_over_50_reloads(file, tmp_path):
    log = tmp_path / "app.log"
    file.write_text(sink(log))
    load(file, watch=True)

    with logging_thread() as count:
        for number in range(50):
            change(file, sink(log, f"level = '{'DEBUG' if number % 2 else 'INFO'}'"))
    logger.complete()

    assert log.read_text().split() == [str(number) for number in range(count[0])]


def test_no_line_is_lost_or_doubled_as_queues_change(file, tmp_path):
    log = tmp_path / "app.log"
    file.write_text(sink(log))
    load(file, watch=True)

    with logging_thread() as count:
        for number in range(20):
            change(file, sink(log, f"buffer_size = {1 << 20 if number % 2 else 1 << 21}"))
    logger.complete()

    # Lines of the old queue and of the new one are written at the same time.
    assert sorted(map(int, log.read_text().split())) == list(range(count[0]))


def test_no_line_of_a_kept_sink_is_lost_or_doubled_while_others_change(file, tmp_path):
    log = tmp_path / "app.log"
    file.write_text(sink(log))
    load(file, watch=True)

    with logging_thread() as count:
        for number in range(20):
            change(file, sink(log) + sink(tmp_path / f"{number}.log", "level = 'ERROR'"))
    logger.complete()

    assert log.read_text().split() == [str(number) for number in range(count[0])]


def test_reload_never_empties_a_log_that_is_open(file, tmp_path):
    log = tmp_path / "app.log"
    file.write_text(sink(log, "mode = 'w'"))
    load(file, watch=True)
    logger.info("before")

    change(file, sink(log, "mode = 'w'\nlevel = 'DEBUG'"))
    logger.debug("after")
    logger.complete()

    assert log.read_text() == "before\nafter\n"


def test_paths_stay_relative_to_the_folder_of_the_first_load(file, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    file.write_text("")
    load("logly.toml", watch=True)
    monkeypatch.chdir(tmp_path / "elsewhere")

    change(file, sink("app.log"))

    assert (tmp_path / "app.log").exists()
    assert not (tmp_path / "elsewhere" / "app.log").exists()


def test_settings_that_are_taken_out_are_as_before(file, capsys):
    logger.configure(level="WARNING", show_time=False, module_levels={"shop": "DEBUG"})
    file.write_text('level = "TRACE"\nshow_time = false\nextra = { a = 1 }\nmodule_levels = { other = "DEBUG" }')
    load(file, watch=True)

    change(file, "show_time = false")
    logger.info("not shown")
    logger.warning("shown")

    assert capsys.readouterr().out == "WARNING | shown\n"
    assert logger.is_enabled("DEBUG") is False


def test_file_that_was_found_may_not_do_more_later(file, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    file.write_text('level = "INFO"')
    load(watch=True)
    looked = looks()

    write(file, sink(tmp_path.parent / "outside.log"))
    looked(4)

    assert "paths outside its folder are refused in a file that was found" in capfd.readouterr().err
    assert not (tmp_path.parent / "outside.log").exists()


@pytest.mark.parametrize("end", [logger.reset, lambda: load(os.environ["LOGLY_OTHER"])])
def test_reset_and_another_load_end_it(file, tmp_path, monkeypatch, end):
    other = tmp_path / "other.toml"
    other.write_text("")
    monkeypatch.setenv("LOGLY_OTHER", str(other))
    file.write_text("")
    load(file, watch=True)

    end()

    wait_until(lambda: "logly-watch" not in [thread.name for thread in threading.enumerate()])
    assert watch.described(logger) == {}


def test_two_loggers_have_their_own_files(tmp_path):
    first, second = Logger(), Logger()
    files = [tmp_path / "a.toml", tmp_path / "b.toml"]
    for one, of in zip(files, (first, second)):
        one.write_text("")
        load(one, logger=of, watch=True)

    write(files[1], 'level = "DEBUG"')
    wait_until(lambda: second.is_enabled("DEBUG"))

    assert not first.is_enabled("DEBUG")
    for one in files:
        load(one, logger=first)
        load(one, logger=second)


def test_forked_child_watches_too(file):
    program = """
import os, sys, time
from logly import load, logger
load(sys.argv[1], watch=True)
child = os.fork()
if child == 0:
    open(sys.argv[1], "w").write('level = "TRACE"')
until = time.monotonic() + 30
while not logger.is_enabled("TRACE") and time.monotonic() < until:
    time.sleep(0.01)
print(logger.is_enabled("TRACE"), flush=True)
if child:
    os.wait()
"""
    file.write_text("")

    run(program, file).check(stdout="True\nTrue\n", stderr="")


def test_program_ends_at_once(file):
    program = """
import sys, time
from logly import load
load(sys.argv[1], watch=True)
began = time.monotonic()
import atexit
atexit.register(lambda: print(time.monotonic() - began < 0.9))
"""
    file.write_text("")

    run(program, file).check(stdout="True\n", stderr="")


def test_load_without_it_imports_and_starts_nothing(file):
    file.write_text("")
    program = "import sys, logly; logly.load(sys.argv[1]); print('logly._config.watch' in sys.modules)"

    assert output(program, file) == "False\n"


def test_value_that_is_no_switch_is_refused(file):
    with pytest.raises(TypeError, match="watch: expected True or False, got 1"):
        load(file, watch=1)
