"""Sinks that come, go, fail, fork and change while records are logged, compared with a model of them.

`LOGLY_STRESS=1` runs many more and longer histories.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from logly import Logger

from tests.support.logger_model import NUMBERS, Block, Model

IS_LONG = bool(os.environ.get("LOGLY_STRESS"))
LIMIT = 60
MOST_SINKS = 5

LEVELS = st.sampled_from(list(NUMBERS))
OWN_LEVELS = st.one_of(st.none(), LEVELS)
OPTIONS = st.sampled_from(
    [
        {},
        {"async_write": False},
        {"buffer_size": 65536},
        {"buffer_size": 4096, "overflow": "drop_new"},
        {"buffer_size": 4096, "overflow": "drop_old"},
        {"sync_level": "ERROR"},
        {"max_buffered_lines": 3},
    ]
)

# Files of one writer get all records in one order, and so do files that callers write. Others have their own queues.
WRITERS = {"": "writer", "sync_level": "writer", "async_write": "callers"}

ROTATIONS = st.sampled_from([None, None, "200 B", "1 kB"])

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


class SinksAndTheirModel(RuleBasedStateMachine):
    """A logger, and a model of each of its sinks."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="logly-machine-"))
        self.logger = Logger()
        self.logger.configure(console=False, level="INFO")
        self.level = "INFO"
        self.models: dict[int, Model] = {}
        self.numbers = iter(range(1_000_000))

    def pick(self, index: int) -> int:
        return list(self.models)[index % len(self.models)]

    def log(self, level: str, block: Block) -> None:
        for model in self.models.values():
            if model.wants(level, self.level):
                model.note(block)

    def messages(self, count: int) -> list[str]:
        return [f"m{next(self.numbers)}" for _ in range(count)]

    @initialize(options=OPTIONS)
    def begin_with_a_file(self, options) -> None:
        self.add_file(None, options, None)

    @precondition(lambda self: len(self.models) < MOST_SINKS)
    @rule(level=OWN_LEVELS, options=OPTIONS, rotation=ROTATIONS)
    def add_file(self, level, options, rotation) -> None:
        path = self.folder / f"f{next(self.numbers)}.log"
        sink = self.logger.add(path, level=level, rotation=rotation, format="{message}", **options)
        may_drop = options.get("buffer_size") == 4096
        self.models[sink] = Model(level, path, may_drop=may_drop, writer=WRITERS.get(next(iter(options), "")))

    @precondition(lambda self: len(self.models) < MOST_SINKS)
    @rule(level=OWN_LEVELS)
    def add_function(self, level) -> None:
        model = Model(level)

        def take(line) -> None:
            if model.is_failing:
                raise OSError("asked to fail")
            model.got.append(line.record["message"])

        self.models[self.logger.add(take, level=level)] = model

    @precondition(lambda self: self.models)
    @rule(index=st.integers(0, 9))
    def remove(self, index) -> None:
        sink = self.pick(index)
        assert self.logger.remove(sink)
        assert not self.logger.remove(sink)
        self.models.pop(sink).check()

    @rule(level=LEVELS, count=st.sampled_from([1, 1, 2, 40]))
    def log_messages(self, level, count) -> None:
        messages = self.messages(count)
        for message in messages:
            self.logger.log(level, message)
            self.log(level, [[message]])

    @rule(level=LEVELS, threads=st.integers(2, 4))
    def log_from_threads(self, level, threads) -> None:
        block = [self.messages(5) for _ in range(threads)]
        barrier = threading.Barrier(threads)

        def run(messages) -> None:
            barrier.wait()
            for message in messages:
                self.logger.log(level, message)

        running = [threading.Thread(target=run, args=(messages,)) for messages in block]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        self.log(level, block)

    @precondition(lambda self: any(model.path is None for model in self.models.values()))
    @rule(is_failing=st.booleans())
    def let_functions_fail(self, is_failing) -> None:
        for model in self.models.values():
            model.is_failing = is_failing and model.path is None

    @precondition(lambda self: self.models)
    @rule(index=st.integers(0, 9), is_on=st.booleans())
    def switch(self, index, is_on) -> None:
        sink = self.pick(index)
        (self.logger.enable_sink if is_on else self.logger.disable_sink)(sink)
        self.models[sink].is_on = is_on

    @precondition(lambda self: self.models)
    @rule(index=st.integers(0, 9), level=LEVELS)
    def change_level_of_a_sink(self, index, level) -> None:
        sink = self.pick(index)
        self.logger.set_level(level, sink)
        self.models[sink].level = level

    @rule(level=LEVELS)
    def change_level(self, level) -> None:
        self.logger.configure(level=level)
        self.level = level

    @rule()
    def reopen(self) -> None:
        self.logger.reopen()

    @rule(level=LEVELS)
    def fork(self, level) -> None:
        message = f"child{next(self.numbers)}"
        pid = os.fork()
        if pid == 0:
            self.logger.log(level, message)
            os._exit(0 if self.logger.complete(LIMIT) else 1)
        _, status = os.waitpid(pid, 0)
        assert status == 0
        for model in self.models.values():
            if model.path is not None and model.wants(level, self.level):
                model.of_children.append(message)

    @rule(is_flush=st.booleans())
    def complete(self, is_flush) -> None:
        assert self.logger.flush(LIMIT) if is_flush else self.logger.complete(LIMIT)
        orders: dict[str | None, list[list[str]]] = {}
        for sink, model in self.models.items():
            counts = self.logger.stats()["sinks"][sink]
            dropped = counts["dropped"]
            assert counts["pending"] == 0
            assert counts["written"] + dropped["overflow"] == model.count
            assert dropped["overflow"] == 0 or model.may_drop
            assert dropped["sink_error"] == model.failures
            contents = model.check()
            assert counts["written"] == len(contents)
            orders.setdefault(model.writer, []).append(contents)
        check_one_order(orders.get("writer", []))
        check_one_order(orders.get("callers", []))

    @invariant()
    def every_record_is_counted(self) -> None:
        sinks = self.logger.stats()["sinks"]
        assert list(sinks) == list(self.models) == self.logger.list_sinks()
        for counts in sinks.values():
            done = counts["written"] + counts["filtered"] + sum(counts["dropped"].values())
            assert counts["accepted"] == done + counts["pending"]
            assert counts["pending"] >= 0

    def teardown(self) -> None:
        self.complete(is_flush=False)
        assert self.logger.remove_all() == len(self.models)
        for model in self.models.values():
            model.check()
        shutil.rmtree(self.folder)


def check_one_order(contents) -> None:
    """Records that stand in two of the files have the same order in both."""
    for one, other in zip(contents, contents[1:]):
        both = set(one) & set(other)
        assert [message for message in one if message in both] == [message for message in other if message in both]


TestSinksAndTheirModel = SinksAndTheirModel.TestCase
TestSinksAndTheirModel.settings = settings(
    max_examples=2000 if IS_LONG else 40,
    stateful_step_count=100 if IS_LONG else 20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
