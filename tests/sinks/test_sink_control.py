"""Control of sinks: ids, removal, levels, switches, waiting, reset."""

from __future__ import annotations

import asyncio
import io
import threading

import pytest
from logly import Logger, logger

from tests.support.threads import together

UNKNOWN = [999_999, -1, 2**40, 2**70]


@pytest.fixture
def lines():
    """The output of a sink without its own level."""
    got = []
    logger.remove_all()
    logger.add(got.append, format="{message}")
    return got


def test_ids_are_never_used_again():
    ids = []

    for _ in range(5):
        ids.append(logger.add(io.StringIO()))
        logger.remove(ids[-1])

    assert len(set(ids)) == 5


def test_ids_are_not_used_again_after_reset():
    before = logger.add(io.StringIO())

    logger.reset()

    assert logger.add(io.StringIO()) > before


def test_refused_sink_takes_no_id():
    first = logger.add(io.StringIO())

    with pytest.raises(ValueError, match="level"):
        logger.add(io.StringIO(), level="nothing")

    assert logger.add(io.StringIO()) == first + 1


def test_remove_says_whether_there_was_such_a_sink():
    sink = logger.add(io.StringIO())

    assert [logger.remove(sink), logger.remove(sink)] == [True, False]


@pytest.mark.parametrize("unknown", UNKNOWN)
def test_unknown_ids_are_no_error(unknown):
    assert logger.remove(unknown) is False
    assert logger.enable_sink(unknown) is False
    assert logger.disable_sink(unknown) is False
    assert logger.set_level("INFO", unknown) is False
    assert logger.is_sink_enabled(unknown) is None
    assert logger.sink_info(unknown) is None


@pytest.mark.parametrize("wrong", ["0", 1.0, True, object()], ids=["str", "float", "bool", "object"])
@pytest.mark.parametrize(
    "call",
    [logger.remove, logger.enable_sink, logger.disable_sink, lambda sink: logger.set_level("INFO", sink)],
    ids=["remove", "enable", "disable", "set_level"],
)
def test_ids_of_a_wrong_type_are_refused(call, wrong):
    with pytest.raises(TypeError, match="expected a sink's id"):
        call(wrong)


def test_removed_sink_gets_nothing_more(lines):
    logger.info("before")

    logger.remove(logger.list_sinks()[0])
    logger.info("after")

    assert lines == ["before\n"]


def test_removed_file_is_written_out_first(tmp_path):
    sink = logger.add(tmp_path / "app.log", format="{message}")
    for number in range(10_000):
        logger.info(str(number))

    logger.remove(sink)

    assert len((tmp_path / "app.log").read_text().splitlines()) == 10_000


@pytest.mark.parametrize("remove", [logger.remove, logger.remove_all], ids=["remove", "remove_all"])
def test_removing_all_says_how_many_there_were(remove):
    logger.add(io.StringIO())

    assert remove() == 2
    assert remove() == 0


def test_sinks_are_listed_in_the_order_added():
    logger.remove_all()
    ids = [logger.add(io.StringIO()) for _ in range(3)]
    logger.remove(ids[0])
    ids.append(logger.add(io.StringIO()))

    assert logger.list_sinks() == ids[1:]
    assert logger.sink_count == 3
    assert [info["id"] for info in logger.all_sinks_info()] == ids[1:]


def test_sink_info_describes_a_file(tmp_path):
    path = tmp_path / "app.log"
    sink = logger.add(path, level="ERROR", format="{message}", async_write=False)
    logger.error("one")

    assert logger.sink_info(sink) == {
        "id": sink,
        "kind": "file",
        "name": str(path),
        "level": "ERROR",
        "level_no": 40,
        "enabled": True,
        "json": False,
        "format": "{message}",
        "path": str(path),
        **dict.fromkeys(
            ("rotation", "size_limit", "retention", "compression", "archive", "adopt", "filter", "filter_module"), None
        ),
        "filter_function": None,
        "where": None,
        "sample": None,
        "limit": None,
        "mode": None,
        "durability": None,
        "async_write": False,
        "implicit": False,
        "written": 1,
        "filtered": 0,
        "dropped": 0,
    }


@pytest.mark.parametrize(
    ("make", "kind"), [(lambda: "stderr", "console"), (io.StringIO, "stream"), (lambda: print, "function")]
)
def test_sink_info_names_the_kind(make, kind):
    assert logger.sink_info(logger.add(make()))["kind"] == kind


def test_disabled_sink_gets_nothing_until_enabled(lines):
    (sink,) = logger.list_sinks()

    logger.disable_sink(sink)
    logger.info("off")
    was_enabled = logger.is_sink_enabled(sink)
    logger.enable_sink(sink)
    logger.info("on")

    assert (was_enabled, logger.is_sink_enabled(sink), lines) == (False, True, ["on\n"])


def test_disabled_sinks_close_the_gate(lines):
    logger.disable_sink(logger.list_sinks()[0])

    assert not logger.is_enabled("CRITICAL")


def test_disabled_logger_logs_nowhere_until_enabled(lines):
    logger.disable()
    logger.critical("off")
    logger.enable()
    logger.info("on")

    assert lines == ["on\n"]


def test_bound_loggers_are_disabled_too(lines):
    bound = logger.bind(a=1)

    logger.disable()
    bound.info("off")

    assert lines == []


@pytest.mark.parametrize(("own", "configured"), [("DEBUG", "ERROR"), ("ERROR", "DEBUG")])
def test_own_level_wins_over_the_configured_one(own, configured):
    logger.remove_all()
    lines = []
    logger.add(lines.append, level=own, format="{level}")

    logger.configure(level=configured)
    logger.debug("low")
    logger.critical("high")

    assert lines == (["DEBUG\n", "CRITICAL\n"] if own == "DEBUG" else ["CRITICAL\n"])


def test_sink_without_a_level_follows_the_configured_one(lines):
    logger.configure(level="ERROR")
    logger.info("no")
    logger.configure(level="DEBUG")
    logger.debug("yes")

    assert lines == ["yes\n"]


def test_set_level_without_sink_is_configure(lines):
    own = []
    logger.add(own.append, level="ERROR", format="{message}")

    changed = logger.set_level("debug")
    logger.debug("hello")

    assert (changed, lines, own) == (True, ["hello\n"], [])


def test_set_level_of_one_sink_leaves_the_others(lines):
    other = []
    sink = logger.add(other.append, format="{message}")

    changed = logger.set_level(10, sink=sink)
    logger.debug("hello")

    assert (changed, lines, other) == (True, [], ["hello\n"])


def test_level_set_for_a_sink_wins_over_later_configure(lines):
    logger.set_level("DEBUG", sink=logger.list_sinks()[0])

    logger.configure(level="ERROR")
    logger.debug("hello")

    assert lines == ["hello\n"]


@pytest.mark.parametrize(
    "wait",
    [logger.complete, logger.flush, lambda: asyncio.run(logger.complete_async())],
    ids=["complete", "flush", "complete_async"],
)
def test_waiting_writes_everything_logged_before(wait, tmp_path):
    path = tmp_path / "app.log"
    logger.add(path, format="{message}")
    together(*[lambda: [logger.info("hello") for _ in range(1_000)]] * 4)

    is_done = wait()

    assert is_done is True
    assert path.read_text() == "hello\n" * 4_000


@pytest.mark.parametrize("timeout", [0, 0.5, 5, -1, 1e300, float("inf"), None, 10**400])
def test_any_time_limit_will_do(timeout):
    # The global logger may still have files of earlier tests, which could need more than no time at all.
    assert logger.complete(30)
    own = Logger()
    own.add(io.StringIO())
    own.info("hello")

    assert own.complete(timeout) is True


@pytest.mark.parametrize(("wrong", "error"), [("5", TypeError), (True, TypeError), (float("nan"), ValueError)])
def test_wrong_time_limit_is_refused(wrong, error):
    with pytest.raises(error, match="timeout: expected seconds"):
        logger.complete(wrong)


@pytest.fixture
def stuck_sink():
    """A sink that another thread is writing to until the event is set, and its lines."""
    entered, leave, lines = threading.Event(), threading.Event(), []

    def sink(line):
        entered.set()
        leave.wait(60)
        lines.append(line)

    logger.remove_all()
    logger.add(sink, format="{message}")
    thread = threading.Thread(target=logger.info, args=("first",))
    thread.start()
    entered.wait(60)
    yield leave, lines
    leave.set()
    thread.join()


def test_line_left_to_a_stuck_thread_is_waited_for(stuck_sink):
    leave, lines = stuck_sink
    logger.info("left behind")

    in_time = logger.complete(timeout=0.01)
    leave.set()

    assert (in_time, logger.complete(), lines) == (False, True, ["first\n", "left behind\n"])


def test_call_that_has_not_returned_is_not_waited_for(stuck_sink):
    assert logger.complete() is True


def test_logger_stays_usable_after_complete(lines):
    logger.complete()

    logger.info("hello")

    assert lines == ["hello\n"]


def test_reset_restores_the_state_at_import(capsys, tmp_path):
    logger.configure(
        level="ERROR",
        json=True,
        show_time=False,
        extra={"a": 1},
        console_levels={"INFO": False},
        levels=[{"name": "AUDIT", "no": 35}],
    )
    logger.add(tmp_path / "app.log")
    logger.disable()

    logger.reset()
    logger.info("hello")

    assert capsys.readouterr().out.endswith(" | INFO | hello\n")
    assert [info["implicit"] for info in logger.all_sinks_info()] == [True]
    with pytest.raises(ValueError, match="AUDIT"):
        logger.level("AUDIT")


def test_reset_writes_out_what_sinks_have(tmp_path):
    logger.add(tmp_path / "app.log", format="{message}")
    logger.info("hello")

    logger.reset()

    assert (tmp_path / "app.log").read_text() == "hello\n"


def test_independent_loggers_share_nothing(lines):
    other = Logger()
    other.remove_all()
    got = []
    other.add(got.append, format="{message}")
    other.configure(level="DEBUG")

    other.debug("other")
    logger.debug("global")

    assert (got, lines) == (["other\n"], [])
