"""A program that changes everything about a logger from four threads while four others log, and checks the outcome.

`python -m tests.faults.support.control FOLDER SECONDS` prints one JSON object: how much was done, and the
promises that were broken. Each sink is checked on its own: the thread that adds it knows which records have to be
written to it between `add` and `remove`, whatever the other threads do.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import io
import json
import random
import sys
import threading
import time
import types
from collections import deque
from pathlib import Path

from logly import Logger
from logly.testing import capture

LOGGERS = 4
CONTROLLERS = 4
PATIENCE = 60
"""Seconds after which a call counts as hung."""

QUEUE = 16 * 1024
"""Bytes of the queue of a background callback or Python sink. Removing one waits for no more than these bytes."""

KEPT = 40
"""Number of removed sinks per thread that are checked again later."""


def speaker(name):
    """Return a function that logs as a module of this name does."""
    module = types.ModuleType(name)
    exec("def say(logger, text): logger.info('{text}', text=text)", module.__dict__)
    return module.say


class Target:
    """A sink that is added and removed; `lines` returns the lines it received."""

    def __init__(self, logger, folder, name):
        self.got = []
        self.path = folder / f"{name}.log"
        self.logger = logger
        self.sink = self.add()

    def add(self):
        return self.logger.add(self.made(), level="INFO", format="{message}", json=False, **self.options())

    def remove(self):
        return self.logger.remove(self.sink)

    def counts(self):
        return self.logger.stats()["sinks"][self.sink]

    def made(self):
        return self.path

    def options(self):
        return {}

    def lines(self):
        return self.path.read_text().splitlines()

    def discard(self):
        self.path.unlink(missing_ok=True)


class Background(Target):
    pass


class Synchronous(Target):
    def options(self):
        return {"async_write": False}


class Filtered(Target):
    def options(self):
        return {"filter": lambda record: True}


class FilteredSynchronous(Target):
    def options(self):
        return {"filter": lambda record: True, "async_write": False}


class Rotated(Target):
    def options(self):
        return {"rotation": "10 kB", "archive": "{stem}.{n}{ext}"}

    def parts(self):
        """The archives, oldest first, and the file."""
        archives = self.path.parent.glob(f"{self.path.stem}.*.log")
        return [*sorted(archives, key=lambda path: int(path.suffixes[0][1:])), self.path]

    def lines(self):
        return [line for part in self.parts() for line in part.read_text().splitlines()]

    def discard(self):
        for part in self.parts():
            part.unlink(missing_ok=True)


class Function(Target):
    def made(self):
        return self.got.append

    def lines(self):
        return [line.rstrip("\n") for line in self.got]


class Slow(Function):
    """Lets every other thread in while it writes."""

    def made(self):
        def write(line):
            time.sleep(0.0002)
            self.got.append(line)

        return write


class Stream(Function):
    def made(self):
        self.stream = io.StringIO()
        return self.stream

    def lines(self):
        return self.stream.getvalue().splitlines()


class BackgroundFunction(Function):
    def options(self):
        return {"async_write": True, "buffer_size": QUEUE}


class Coroutine(Function):
    def made(self):
        got = self.got

        async def write(line):
            got.append(line)

        return write

    def options(self):
        return {"buffer_size": QUEUE}


class Callback(Target):
    def add(self):
        got = self.got  # A function that knows its own logger would keep it alive.
        return self.logger.add_callback(
            lambda record: got.append(record["message"]),
            level="INFO",
            overflow="block",
            name=self.path.stem,
            buffer_size=QUEUE,
        )

    def remove(self):
        return self.logger.remove_callback(self.sink)

    def counts(self):
        return self.logger.stats()["callbacks"][self.sink]

    def lines(self):
        return list(self.got)


FILES = [Background, Synchronous, Filtered, FilteredSynchronous, Rotated]
SINKS = [*FILES, Function, Slow, Stream, BackgroundFunction, Coroutine]
KINDS = [*SINKS, Callback]


class Odd:
    """A value whose `__str__` is Python code that lets other threads run."""

    def __str__(self):
        time.sleep(0)
        return "odd"


class Controller:
    """One thread that adds, changes, completes and removes."""

    def __init__(self, stress, number):
        self.stress, self.logger, self.number = stress, stress.logger, number
        self.random = random.Random(number)
        self.module = f"control.m{number}"
        self.speaker = speaker(self.module)
        self.hidden = f"c{number} hidden"
        self.rounds = self.said = 0
        self.removed = deque()

    def run(self):
        while not self.stress.is_over.is_set():
            self.turn()
            if len(self.removed) > KEPT:
                self.look_again()
        while self.removed:
            self.look_again()

    def say(self, text):
        """Log a record that every sink has to get, unless the sink says otherwise."""
        self.speaker(self.logger, text)
        self.said += 1

    def turn(self):
        self.rounds += 1
        kind = KINDS[self.rounds % len(KINDS)]
        target = kind(self.logger, self.stress.folder, f"{self.number}-{self.rounds}")
        begin, end = (f"c{self.number} {self.rounds} {word}" for word in ("begin", "end"))
        change = self.random.choice(CHANGES if kind in SINKS else CHANGES_OF_NO_SINK)
        self.say(begin)
        is_whole = change(self, target)
        self.say(end)
        what = f"{kind.__name__} after {change.__name__}"
        self.check(target.remove() is True, f"{what}: was not removed")
        lines = target.lines()
        self.check([line for line in lines if line in {begin, end}] == [begin, end], f"{what}: lost or doubled")
        self.check(self.hidden not in lines, f"{what}: got what was switched off")
        self.check_order(lines, what, is_whole=is_whole)
        self.removed.append((target, len(lines), what))

    def check_order(self, lines, what, *, is_whole):
        """Check that each thread's records are in order; if *is_whole*, none may be missing after the first."""
        last = {}
        for line in lines:
            thread, _, number = line.partition(" ")
            if not thread.startswith("t"):
                continue
            before, now = last.get(thread), int(number)
            is_next = before is None or (now == before + 1 if is_whole else now > before)
            self.check(is_next, f"{what}: {thread} {now} came after {before}")
            last[thread] = now

    def look_again(self):
        target, count, what = self.removed.popleft()
        late = len(target.lines()) - count
        self.check(late == 0, f"{what}: {late} lines after remove returned")
        target.discard()

    def check(self, is_right, what):
        if not is_right:
            self.stress.problems.append(what)

    # The changes made while the sink is there. Each returns whether the sink has to get every record of other threads.

    def wait(self, target):
        self.check(self.logger.complete(timeout=PATIENCE) is True, "complete gave up")
        self.check(target.counts()["written"] > 0, "complete did not wait")
        return True

    def count(self, target):
        stats = self.logger.stats()
        for kind in ("sinks", "callbacks"):
            for number, counts in stats[kind].items():
                ended = counts["written"] + counts["filtered"] + sum(counts["dropped"].values())
                is_even = counts["accepted"] == ended + counts["pending"] and counts["pending"] >= 0
                self.check(is_even, f"the counts of {counts['name']}, {number} are not even: {counts}")
        return True

    def flush(self, target):
        self.check(self.logger.flush(timeout=PATIENCE) is True, "flush gave up")
        return True

    def set_all_levels(self, target):
        self.logger.set_level(self.random.choice(["TRACE", "INFO", "CRITICAL"]))
        return True

    def set_own_level(self, target):
        self.check(self.logger.set_level("CRITICAL", target.sink), "set_level did not find the sink")
        self.say(self.hidden)
        self.logger.set_level("INFO", target.sink)
        return False

    def switch_sink(self, target):
        self.check(self.logger.disable_sink(target.sink), "disable_sink did not find the sink")
        self.say(self.hidden)
        self.check(self.logger.is_sink_enabled(target.sink) is False, "the sink was not disabled")
        self.logger.enable_sink(target.sink)
        return False

    def switch_module(self, target):
        self.logger.disable(self.module)
        self.speaker(self.logger, self.hidden)
        self.logger.enable(self.module)
        return True

    def activate(self, target):
        self.logger.configure(activation=[(f"other.m{self.number}", False), (self.module, False)])
        self.speaker(self.logger, self.hidden)
        self.logger.configure(activation=[(self.module, True)])
        return True

    def configure(self, target):
        show = {f"show_{name}": self.random.random() < 0.5 for name in ("time", "module", "lineno")}
        self.logger.configure(extra={"odd": Odd()}, json=self.random.random() < 0.5, **show)
        return True

    def define(self, target):
        name = f"LEVEL{self.number}"
        self.logger.level(name, no=60 + self.number, color=self.random.choice(["red", "green"]))
        self.check(self.logger.level(name).no == 60 + self.number, "a level is not known after it was defined")
        return True

    def ask(self, target):
        ids = [info["id"] for info in self.logger.all_sinks_info()]
        self.check(target.sink in ids, "a sink is not listed")
        self.check(len(set(ids)) == len(ids), "an id is listed twice")
        return True

    def reopen(self, target):
        self.check(self.logger.reopen(target.sink) == (type(target) in FILES), "reopen did not find the file")
        return True

    def read(self, target):
        count = self.logger.line_count(target.sink)
        self.check(count is None or count > 0 or isinstance(target, Rotated), "line_count did not wait")
        return True

    def make_another(self, target):
        """Create another logger and drop it; its thread ends with it."""
        other = Logger()
        other.remove_all()
        sink = Background(other, self.stress.folder, f"{self.number}-{self.rounds}-other")
        self.speaker(other, "other")
        with capture(logger=other) as records:
            self.speaker(other, "captured")
        self.check([record["text"] for record in records] == ["captured"], "a capture got something else")
        sink.remove()
        self.check(sink.lines() == ["other"], "another logger lost a line")
        sink.discard()
        return True


CHANGES_OF_NO_SINK = [
    Controller.wait,
    Controller.count,
    Controller.flush,
    Controller.set_all_levels,
    Controller.switch_module,
    Controller.activate,
    Controller.configure,
    Controller.define,
    Controller.make_another,
]
CHANGES = [
    *CHANGES_OF_NO_SINK,
    Controller.set_own_level,
    Controller.switch_sink,
    Controller.ask,
    Controller.reopen,
    Controller.read,
]


class Stress:
    """All threads, the sinks that stay, and what went wrong."""

    def __init__(self, folder):
        self.folder = folder
        self.problems = []
        self.is_over = threading.Event()
        self.counts = [0] * LOGGERS
        self.logger = Logger()
        self.logger.remove_all()
        self.lasting = [
            kind(self.logger, folder, f"lasting-{kind.__name__}")
            for kind in (Background, Synchronous, Filtered, Function, Callback)
        ]
        self.controllers = [Controller(self, number) for number in range(CONTROLLERS)]

    def run(self, seconds):
        works = [lambda number=number: self.log(number) for number in range(LOGGERS)]
        works += [controller.run for controller in self.controllers]
        threads = [threading.Thread(target=self.contained, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        self.is_over.wait(seconds)
        self.is_over.set()
        for thread in threads:
            thread.join()
        self.check_lasting()

    def contained(self, work):
        try:
            work()
        except Exception as error:
            self.problems.append(f"a call raised {error!r}")
            self.is_over.set()

    def log(self, thread):
        number = 0
        while not self.is_over.is_set():
            self.logger.info("t{thread} {number}", thread=thread, number=number)
            number += 1
        self.counts[thread] = number

    def check_lasting(self):
        """Check that the sinks that stay got every record of the logging threads, and counted them."""
        if not self.logger.complete(timeout=PATIENCE):
            self.problems.append("the last complete gave up")
        said = sum(self.counts) + sum(controller.said for controller in self.controllers)
        for target in self.lasting:
            lines, counted, name = target.lines(), target.counts(), type(target).__name__
            counts = [sum(line.startswith(f"t{thread} ") for line in lines) for thread in range(LOGGERS)]
            if counts != self.counts:
                self.problems.append(f"lasting {name}: {counts} lines of {self.counts}")
            if (len(lines), counted["accepted"], counted["written"]) != (said, said, said):
                self.problems.append(f"lasting {name}: {len(lines)} lines of {said}, counted as {counted}")


# The process has one such thread. It starts when callbacks first wait for one another.
LASTING_THREAD = "logly-order"


def threads_and_descriptors():
    """Count the threads and descriptors of this process, once all ending threads have ended."""
    threads = [name for name in thread_names() if name != LASTING_THREAD]
    return {"task": len(threads), "fd": len(list(Path("/proc/self/fd").iterdir()))}


def thread_names():
    for task in Path("/proc/self/task").iterdir():
        # The thread may have ended by now.
        with contextlib.suppress(OSError):
            yield (task / "comm").read_text().strip()


def is_more(counts, before):
    return any(counts[name] > before[name] for name in counts)


def start_lasting(folder):
    """Start the event loop for coroutine functions and the kernel's queue for watched files; both stay."""
    logger = Logger()
    logger.remove_all()
    sink = Coroutine(logger, folder, "loop")
    logger.add(folder / "watched.log", async_write=False)
    logger.info("hello")
    sink.remove()
    logger.remove_all()


def main():
    folder, seconds = Path(sys.argv[1]), float(sys.argv[2])
    faulthandler.dump_traceback_later(seconds + 3 * PATIENCE, exit=True)
    sys.setswitchinterval(0.0005)
    start_lasting(folder)
    before = threads_and_descriptors()
    stress = Stress(folder)
    stress.run(seconds)
    problems, records = stress.problems, sum(stress.counts)
    rounds = sum(controller.rounds for controller in stress.controllers)
    stress.logger.remove_all()
    del stress
    gc.collect()
    until = time.monotonic() + PATIENCE
    while (is_left := is_more(left := threads_and_descriptors(), before)) and time.monotonic() < until:
        time.sleep(0.01)
    if is_left:
        problems.append(f"left behind: {left}, at first {before}: {sorted(thread_names())}")
    json.dump({"records": records, "rounds": rounds, "problems": sorted(set(problems))[:40]}, sys.stdout)


if __name__ == "__main__":
    main()
