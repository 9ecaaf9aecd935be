"""Random programs that use `logging` in many ways, for comparing their outcome with and without direct calls.

As a program: `python -m tests.support.logging_programs fast|plain FIRST LAST` runs the programs with these seeds, and
writes a line of JSON for each, with the records of logly and of other handlers. The last line has the
numbers of direct calls, and of records read natively.
"""

from __future__ import annotations

import json
import logging
import logging.config
import pickle
import random
import sys
import threading
import warnings

import logly
import logly.testing
from logly._logly import _direct_calls

from tests.support.standard import Collector

STEPS = 60
LEVELS = [5, 10, 20, 25, 30, 40, 50]
METHODS = ["debug", "info", "warning", "error", "critical", "exception", "fatal"]
NOT_COMPARED = {"time", "timestamp", "timestamp_ns", "elapsed", "process", "thread"}


class Special(logging.Logger):
    """A logger class of the program's own."""

    def makeRecord(self, *args, **kwargs):  # noqa: N802 - the standard library's name
        """Mark the message."""
        record = super().makeRecord(*args, **kwargs)
        record.msg = f"special {record.msg}"
        return record


class Odd:
    """A value of a class of the program's own."""

    def __str__(self):
        """Return a text."""
        return "odd"

    __repr__ = __str__


class Broken:
    """A value whose text cannot be made."""

    def __str__(self):
        """Fail."""
        raise ValueError("no text")

    __repr__ = __str__


class Recorder(logging.Filter):
    """A filter that drops some records, and notes all."""

    def __init__(self, events, dropped):
        super().__init__()
        self.events, self.dropped = events, dropped

    def filter(self, record):
        """Note the record."""
        self.events.append(f"filter {record.msg}")
        return len(self.events) % self.dropped != 0


class Program:
    """One random program."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.events = []
        names = ["a", "a.b", "a.b.c", "d", "d.e"]
        self.loggers = [logging.root, *(logging.getLogger(f"s{seed}.{name}") for name in names)]
        logging.setLoggerClass(Special)
        self.loggers.append(logging.getLogger(f"s{seed}.a.special"))
        logging.setLoggerClass(logging.Logger)
        self.handlers = []

    def run(self):
        """Take the steps. Most of them log."""
        steps = [self.log] * 12 + [
            *(self.level, self.handler, self.unhandle, self.filtering, self.propagation, self.disabling, self.factory),
            *(self.patching, self.own_method, self.thread, self.warning, self.error_reports, self.last_resort),
            *(self.configuration, self.pickling, self.adapter, self.module_function, self.context, self.activation),
            *(self.record_switch, self.late_logger, self.handle_made),
        ]
        for _ in range(STEPS):
            self.random.choice(steps)()

    def logger(self):
        return self.random.choice(self.loggers)

    def arguments(self):
        pick = self.random.choice
        values = [1, -3, 2.5, 1e22, "text", "ü", None, True, [1, "x"], {"k": 1}, (1,), Odd(), Broken(), b"b", 10**30]
        message = pick(
            [
                *("plain", "%s", "%d", "%s and %s", "%r", "%(k)s", "%5.1f", "100%", "%%"),
                *("{} {k}", "%s %d %s", "\x1b[31mred", Odd(), 7, ValueError("as message"), "%*d", "ü %s", "%c"),
            ]
        )
        return [message, *(pick(values) for _ in range(pick([0, 0, 1, 1, 2, 3])))]

    def keywords(self):
        pick = self.random.choice
        given = {}
        if pick([0, 0, 1]):
            given["extra"] = pick(
                [{"user": "ada"}, {"n": 1, "odd": Odd()}, {}, None, {"message": 1}, {"name": 2}, {"l": [1, {}]}]
            )
        if pick([0, 0, 0, 1]):
            error = LookupError("given")
            given["exc_info"] = pick([True, False, None, error, (LookupError, error, None), (None, None, None), 1, ()])
        if pick([0] * 6 + [1]):
            given["stacklevel"] = pick([1, 2, 3])
        if pick([0] * 9 + [1]):
            given["stack_info"] = pick([True, False])
        if pick([0] * 30 + [1]):
            given["unknown"] = 1
        return given

    def guarded(self, call, *args, **kwargs):
        """Call, perhaps while an exception is handled, and note the exception that comes out."""
        try:
            if self.random.random() < 0.2:
                try:
                    raise KeyError("active")
                except KeyError:
                    call(*args, **kwargs)
            else:
                call(*args, **kwargs)
        except Exception as error:
            self.events.append(f"raised {type(error).__name__} {error}")

    def log(self):
        logger, pick = self.logger(), self.random.choice
        if self.random.random() < 0.2:
            level = pick([*LEVELS, 0, -5, True, "INFO", 35, 2**40])
            self.guarded(logger.log, level, *self.arguments(), **self.keywords())
        else:
            self.guarded(getattr(logger, pick(METHODS)), *self.arguments(), **self.keywords())

    def level(self):
        target = self.random.choice([*self.loggers, *self.handlers])
        target.setLevel(self.random.choice([0, *LEVELS]))

    def handler(self):
        kinds = [Collector, logging.NullHandler, logging.NullHandler, logly.LoglyHandler, logging.StreamHandler]
        made = self.random.choice(kinds)()
        self.handlers.append(made)
        self.logger().addHandler(made)

    def unhandle(self):
        for logger in self.loggers:
            for handler in [found for found in logger.handlers if found in self.handlers]:
                if self.random.random() < 0.7:
                    logger.removeHandler(handler)

    def filtering(self):
        target = self.random.choice([*self.loggers, *self.handlers])
        if target.filters and self.random.random() < 0.8:
            target.filters.clear()
        else:
            target.addFilter(Recorder(self.events, self.random.choice([2, 3, 99])))

    def propagation(self):
        logger = self.logger()
        logger.propagate = self.random.choice([True, True, False, 1])

    def disabling(self):
        if self.random.random() < 0.5:
            logging.disable(self.random.choice([0, 0, 10, 20, 30]))
        else:
            self.logger().disabled = self.random.random() < 0.3

    def factory(self):
        def made(*args, **kwargs):
            record = logging.LogRecord(*args, **kwargs)
            record.made = True
            return record

        logging.setLogRecordFactory(self.random.choice([logging.LogRecord, logging.LogRecord, made]))

    def patching(self):
        """Patch a method of the class during two calls."""
        names = ["callHandlers", "handle", "makeRecord", "findCaller", "_log", "isEnabledFor", "filter", "info"]
        name = self.random.choice([*names, "error"])
        original = getattr(logging.Logger, name)
        is_own = name in logging.Logger.__dict__

        def patched(logger, *args, **kwargs):
            self.events.append(f"patched {name}")
            return original(logger, *args, **kwargs)

        setattr(logging.Logger, name, patched)
        try:
            self.log()
            self.log()
        finally:
            if is_own:
                setattr(logging.Logger, name, original)
            else:
                delattr(logging.Logger, name)

    def own_method(self):
        """Give one logger a method of its own during two calls."""
        logger = self.logger()
        name = self.random.choice(["callHandlers", "handle", "makeRecord", "filter", "isEnabledFor", "error"])
        original = getattr(logger, name)

        def own(*args, **kwargs):
            self.events.append(f"own {name}")
            return original(*args, **kwargs)

        setattr(logger, name, own)
        try:
            self.guarded(logger.info, "own %s", 1)
            self.guarded(logger.exception, "own")
        finally:
            delattr(logger, name)

    def thread(self):
        thread = threading.Thread(target=self.log, name=f"worker-{self.random.randrange(9)}")
        thread.start()
        thread.join()

    def warning(self):
        logging.captureWarnings(True)
        warnings.warn(f"warned {self.random.randrange(99)}", UserWarning, stacklevel=1)
        logging.captureWarnings(False)

    def error_reports(self):
        logging.raiseExceptions = self.random.choice([True, True, False])

    def last_resort(self):
        """Log where there is no handler at all."""
        handlers = logging.root.handlers[:]
        logging.root.handlers[:] = []
        logging.lastResort = self.random.choice([logging.lastResort, logging.lastResort, logging.NullHandler()])
        try:
            self.guarded(self.logger().warning, *self.arguments())
        finally:
            logging.root.handlers[:] = handlers

    def configuration(self):
        name = self.random.choice(self.loggers[1:]).name
        level = self.random.choice(["DEBUG", "WARNING"])
        logging.config.dictConfig({"version": 1, "incremental": True, "loggers": {name: {"level": level}}})

    def pickling(self):
        logger = self.logger()
        again = pickle.loads(pickle.dumps(logger))
        bound = pickle.loads(pickle.dumps(logger.info))
        self.events.append(f"pickled {again is logger} {bound.__self__ is logger}")
        self.guarded(bound, "from a pickle")

    def adapter(self):
        adapter = logging.LoggerAdapter(self.logger(), {"adapted": 1})
        self.guarded(adapter.info, *self.arguments())
        self.guarded(adapter.exception, "adapted")

    def module_function(self):
        self.guarded(getattr(logging, self.random.choice(METHODS)), *self.arguments(), **self.keywords())

    def context(self):
        with logly.logger.contextualize(request=self.random.randrange(9)):
            self.log()

    def activation(self):
        name = self.random.choice(self.loggers).name
        self.random.choice([logly.logger.enable, logly.logger.disable])(name)

    def record_switch(self):
        name = self.random.choice(["logThreads", "logProcesses", "logMultiprocessing"])
        setattr(logging, name, self.random.random() < 0.7)

    def late_logger(self):
        self.loggers.append(self.loggers[1].getChild(f"late{len(self.loggers)}"))

    def handle_made(self):
        """Give a logger a record that was made by hand."""
        record = logging.makeLogRecord({"name": "made", "msg": "made %s", "args": (1,), "levelno": 30, "x": [1]})
        self.guarded(self.logger().handle, record)


def outcome(seed, *, fast):
    """Run one program, and return its outcome."""
    logly.logger.remove_all()
    logly.logger.enable("")
    program = Program(seed)
    with logly.testing.capture() as records, logly.intercept_logging(fast=fast):
        try:
            program.run()
        finally:
            logging.setLogRecordFactory(logging.LogRecord)
            logging.disable(0)
            logging.raiseExceptions = logging.logThreads = logging.logProcesses = logging.logMultiprocessing = True
    for logger in program.loggers:
        logger.handlers[:], logger.filters[:] = [], []
        logger.disabled, logger.propagate = False, True
    others = [
        [
            (made.levelno, made.name, made.lineno, made.funcName, str(made.msg), made.threadName)
            for made in handler.records
        ]
        for handler in program.handlers
        if isinstance(handler, Collector)
    ]
    taken = [{key: text(value) for key, value in record.items() if key not in NOT_COMPARED} for record in records]
    return {"records": taken, "others": others, "events": program.events}


def text(value):
    """Return a text of any value. An exception has an address in its own."""
    try:
        if hasattr(value, "traceback"):
            return repr(value.value)
        return str(value)
    except ValueError:
        return type(value).__name__


def main(mode, first, last):
    """Run programs, and write their outcomes."""
    for seed in range(int(first), int(last)):
        sys.stdout.write(json.dumps(outcome(seed, fast=mode == "fast")) + "\n")
    sys.stdout.write(json.dumps(_direct_calls()) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
