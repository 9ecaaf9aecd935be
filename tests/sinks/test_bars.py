"""Progress bars stay intact: tqdm's bars are cleared for each line, and rich prints each line above its bars.

The tests read the final screen from an emulated terminal.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import subprocess
import sys
import termios
import threading

import pyte
import pytest
import tqdm
from logly import logger
from logly._sinks import bars

from tests.support.child import LIMIT, Result, environment_of, output, run

WIDTH, HEIGHT = 60, 20

TQDM = """
import sys
from logly import logger
from tqdm import tqdm
logger.add({console!r}, format="<red>{{message}}</red>", async_write={background})
with tqdm(total=4, file=sys.{file}, ncols=40, mininterval=0, bar_format="{{desc}}{{n}}/{{total}}") as bar:
    for number in range(4):
        logger.info("record {{n}}", n=number)
        logger.complete()
        bar.update()
logger.info("after")
logger.complete()
"""

RICH = """
import sys
from logly import logger
from rich.console import Console
from rich.progress import Progress
logger.add({console}, format="<red>{{message}}</red>", async_write={background})
with Progress("{{task.description}}", "{{task.completed}}/{{task.total}}", auto_refresh=False) as progress:
    task = progress.add_task("work", total=4)
    for number in range(4):
        logger.info("record {{n}}", n=number)
        logger.complete()
        progress.update(task, advance=1, refresh=True)
logger.info("after")
logger.complete()
"""


def screen_after(code):
    """Return the terminal that receives both streams of a program."""
    terminal, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    with subprocess.Popen([sys.executable, "-c", code], stdout=end, stderr=end, env=environment_of()) as child:
        os.close(end)
        screen = pyte.Screen(WIDTH, HEIGHT)
        stream = pyte.ByteStream(screen)
        while part := _read(terminal):
            stream.feed(part)
        os.close(terminal)
        child.wait(LIMIT)
    Result(child.args, child.returncode, "\n".join(screen.display)).check()
    return screen


def _read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # The other end is closed.
        return b""


def lines_of(screen):
    return [line.rstrip() for line in screen.display if line.strip()]


def colors_of(screen, line):
    return {screen.buffer[line][column].fg for column in range(len(screen.display[line].rstrip()))}


@pytest.mark.parametrize("background", [False, True], ids=["caller", "background"])
@pytest.mark.parametrize("console", ["stdout", "stderr"])
@pytest.mark.parametrize("file", ["stdout", "stderr"])
def test_bar_of_tqdm_stays_below_the_lines(console, file, background):
    screen = screen_after(TQDM.format(console=console, file=file, background=background))

    assert lines_of(screen) == ["record 0", "record 1", "record 2", "record 3", "4/4", "after"]
    assert colors_of(screen, 0) == {"red"}


def test_nested_bars_of_tqdm_stay_below_the_lines():
    code = """
from logly import logger
from tqdm import trange
logger.add("console", format="{message}")
for outer in trange(2, bar_format="outer {n}"):
    for inner in trange(2, bar_format="inner {n}"):
        logger.info("record {o} {i}", o=outer, i=inner)
"""

    lines = lines_of(screen_after(code))

    assert [line for line in lines if line.startswith("record")] == [f"record {o} {i}" for o in (0, 1) for i in (0, 1)]
    assert lines[-1].startswith("outer 2")


def test_bar_stays_below_lines_that_tqdm_itself_redirects():
    code = """
import sys
from logly import logger
from tqdm import trange
from tqdm.contrib import DummyTqdmFile
logger.add("console", format="{message}")
before = sys.stdout
sys.stdout = DummyTqdmFile(before)
for number in trange(2, file=before, bar_format="{n}/{total}"):
    logger.info("record {n}", n=number)
    print("print", number)
"""

    shown = lines_of(screen_after(code))

    assert shown == ["record 0", "print 0", "record 1", "print 1", "2/2"]


@pytest.mark.parametrize("background", [False, True], ids=["caller", "background"])
@pytest.mark.parametrize("console", ["'stdout'", "'stderr'", "sys.stdout"])
def test_bar_of_rich_stays_below_the_lines(console, background):
    screen = screen_after(RICH.format(console=console, background=background))

    assert lines_of(screen) == ["record 0", "record 1", "record 2", "record 3", "work 4/4", "after"]
    assert colors_of(screen, 0) == {"red"}


def test_automatic_format_stays_text_while_rich_shows_something():
    code = RICH.format(console="'stdout'", background=False).replace('format="<red>{message}</red>"', 'format="auto"')

    assert all(line.endswith(f"record {n}") for n, line in enumerate(lines_of(screen_after(code))[:4]))


def test_bar_in_a_file_with_the_lines_is_cleared_first(tmp_path):
    path = tmp_path / "both"

    with path.open("w") as both:
        run(TQDM.format(console="stderr", file="stderr", background=False), stdout=both, stderr=subprocess.STDOUT)

    shown = path.read_text().replace("\n", "\r").split("\r")
    assert [part for part in shown if part.startswith("record")] == [f"record {n}" for n in range(4)]


def test_piped_lines_are_free_of_bars():
    finished = run(TQDM.format(console="stdout", file="stderr", background=False))

    finished.check(stdout="record 0\nrecord 1\nrecord 2\nrecord 3\nafter\n")


class Shared(io.StringIO):
    """A stream shared by the bar and the lines."""


@pytest.fixture
def shared():
    stream = Shared()
    logger.configure(console=False)
    logger.add(stream, format="{message}")
    return stream


def bar_on(stream, **options):
    return tqdm.tqdm(total=2, file=stream, bar_format="bar", mininterval=0, **options)


def test_bar_of_another_stream_is_left_alone(shared):
    other = io.StringIO()

    with bar_on(other):
        drawn = other.getvalue()
        logger.info("shown")

        assert other.getvalue() == drawn
    assert shared.getvalue() == "shown\n"


@pytest.mark.parametrize("options", [{"disable": True}, {"gui": True}])
def test_bar_that_draws_no_text_is_left_alone(options, shared):
    with bar_on(shared, **options):
        before = shared.getvalue()
        logger.info("shown")

        assert shared.getvalue() == before + "shown\n"


def test_raw_text_is_ended_before_a_bar_is_drawn_again(shared):
    with bar_on(shared):
        logger.opt(raw=True).info("no end")

    assert "no end\n" in shared.getvalue()


def test_raw_text_stays_as_it_is_without_a_bar(shared):
    logger.opt(raw=True).info("no end")

    assert shared.getvalue() == "no end"


def test_bar_that_fails_costs_no_line(shared):
    def fail(**_options):
        message = "cannot be drawn"
        raise ValueError(message)

    with bar_on(shared) as bar:
        bar.refresh = fail
        logger.info("shown")

    assert "shown\n" in shared.getvalue()
    assert [stats["written"] for stats in logger.stats()["sinks"].values()] == [1]


def test_lock_that_another_thread_keeps_holds_no_line_up_for_ever(shared, monkeypatch):
    monkeypatch.setattr(bars, "_LONGEST_WAIT", 0.01)
    holds, ended = threading.Event(), threading.Event()

    def hold():
        with tqdm.tqdm.get_lock():
            holds.set()
            ended.wait(60)

    with bar_on(shared):
        holder = threading.Thread(target=hold)
        holder.start()
        holds.wait(60)
        logger.info("first")
        monkeypatch.setattr(bars, "_LONGEST_WAIT", 3600.0)
        logger.info("second")
        ended.set()
        holder.join(60)
        logger.info("third")

    shown = shared.getvalue().replace("\r", "").replace("bar", "").split()
    assert shown == ["first", "second", "third"]
    assert bars._stuck is None
    assert tqdm.tqdm.get_lock().locks[1].acquire(False)
    tqdm.tqdm.get_lock().locks[1].release()


def test_lock_that_cannot_be_waited_for_costs_no_line(shared, monkeypatch):
    class Odd:
        def acquire(self):
            return True

        def release(self):
            return None

        __enter__ = acquire

        def __exit__(self, *_error):
            return None

    with bar_on(shared):
        monkeypatch.setattr(tqdm.tqdm, "get_lock", Odd)
        logger.info("shown")
        monkeypatch.undo()

    assert "shown\n" in shared.getvalue()


def test_many_threads_log_beside_their_bars():
    code = """
import threading
from logly import logger
from tqdm import trange
logger.add("console", format="{message}")

def work(name):
    for number in trange(200, mininterval=0, position=name):
        logger.info("record {name} {number}", name=name, number=number)

threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""

    finished = run(code)

    finished.check()
    assert len(finished.stdout.splitlines()) == 800


def test_child_whose_parent_drew_a_bar_at_the_fork_logs():
    code = """
import os, sys, threading
from logly import logger
from logly._sinks import bars
from tqdm import tqdm
bars._LONGEST_WAIT = 0.01
logger.add("console", format="{message}")
bar = tqdm(total=1)
holds, ended = threading.Event(), threading.Event()
def hold():
    with tqdm.get_lock():
        holds.set()
        ended.wait(60)
holder = threading.Thread(target=hold)
holder.start()
holds.wait(60)
child = os.fork()
if child == 0:
    logger.info("in the child")
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
ended.set()
holder.join()
bar.close()
"""

    assert output(code) == "in the child\n"


def test_nothing_is_imported_for_bars():
    code = """
import sys
from logly import logger
logger.info("shown")
print([name for name in sys.modules if name.split(".")[0] in ("tqdm", "rich") or name == "logly._sinks.bars"])
"""

    assert output(code).splitlines()[1] == "[]"
