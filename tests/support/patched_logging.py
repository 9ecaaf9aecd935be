"""Programs in which a package that patches `logging` meets an interception, for comparing both kinds of interception.

As a program: `python -m tests.support.patched_logging PACKAGE first|last fast|plain` writes a line of JSON for each
phase: the records of logly, those of another handler, those that the package got, and the number of direct calls.
`first` installs the package before the interception, `last` after it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from contextlib import contextmanager

import logly
import logly.testing
from logly._logly import _direct_calls

from tests.support.standard import Collector

METHODS = ("debug", "info", "warning", "error", "critical", "exception", "log", "makeRecord", "callHandlers")
NOT_COMPARED = {"time", "timestamp", "timestamp_ns", "elapsed", "process", "thread"}
ORIGINALS = {name: logging.Logger.__dict__[name] for name in METHODS}
FACTORY = logging.getLogRecordFactory()
LOGGER, APART, COLLECTOR = logging.getLogger("shop.db"), logging.getLogger("apart"), Collector()


class Package:
    """A package that patches `logging`. This one does nothing."""

    def __init__(self):
        self.seen = []

    def install(self):
        """Patch `logging`."""

    def remove(self):
        """Take the patch back, as the package does it."""

    @contextmanager
    def span(self):
        """Begin a span, and give the texts of its ids."""
        yield []


class Sentry(Package):
    """Sentry's SDK, whose integration patches `Logger.callHandlers`."""

    patched = None

    def install(self):
        """Have the SDK patch the method. It does so once in a process, so later the patch is put back by hand."""
        import sentry_sdk
        from sentry_sdk.integrations.logging import LoggingIntegration

        if self.patched is None:
            sentry_sdk.init(
                "https://key@sentry.invalid/1",
                default_integrations=False,
                auto_enabling_integrations=False,
                integrations=[LoggingIntegration()],
                before_breadcrumb=self._note,
                transport=lambda event: None,
                before_send=self._note,
            )
            self.patched = logging.Logger.callHandlers
        logging.Logger.callHandlers = self.patched

    def remove(self):
        """Put the method of `logging` back."""
        logging.Logger.callHandlers = ORIGINALS["callHandlers"]

    def _note(self, event, hint):
        record = hint["log_record"]
        kind = "event" if "logentry" in event else "crumb"
        self.seen.append([kind, record.levelno, record.name, record.getMessage(), record.lineno, record.funcName])


class Datadog(Package):
    """Datadog's tracer, whose log injection wraps `Logger.makeRecord`. Its own records do not count."""

    def __init__(self):
        super().__init__()
        logging.getLogger("ddtrace").setLevel(logging.CRITICAL)
        import ddtrace

        with ddtrace.tracer.trace("first"):
            pass

    def install(self):
        """Have it patch the method."""
        import ddtrace

        ddtrace.patch(raise_errors=True, logging=True)
        assert logging.Logger.makeRecord is not ORIGINALS["makeRecord"]

    def remove(self):
        """Have it take the patch back, and allow another one."""
        from ddtrace import _monkey
        from ddtrace.contrib.internal.logging.patch import unpatch

        unpatch()
        _monkey._PATCHED_MODULES.discard("logging")

    @contextmanager
    def span(self):
        """Begin a span."""
        import ddtrace

        with ddtrace.tracer.trace("work") as span:
            yield [format(span.trace_id, "032x"), str(span.span_id), str(span.trace_id)]


class OpenTelemetry(Package):
    """OpenTelemetry's instrumentation, which sets a record factory and adds a handler."""

    def install(self):
        """Instrument `logging`, with a hook that notes the records of spans."""
        from opentelemetry.instrumentation.logging import LoggingInstrumentor

        def hook(span, record):
            self.seen.append([record.levelno, record.name, str(record.msg), record.lineno])

        LoggingInstrumentor().instrument(
            inject_trace_context=True, log_hook=hook, enable_log_auto_instrumentation=False
        )

    def remove(self):
        """Take the instrumentation back."""
        from opentelemetry.instrumentation.logging import LoggingInstrumentor

        LoggingInstrumentor().uninstrument()

    @contextmanager
    def span(self):
        """Begin a span."""
        from opentelemetry.sdk.trace import TracerProvider

        with TracerProvider().get_tracer("tests").start_as_current_span("work") as span:
            found = span.get_span_context()
            yield [format(found.trace_id, "032x"), format(found.span_id, "016x")]


class OpenTelemetryHandler(OpenTelemetry):
    """The instrumentation with its handler on the root logger, which exports the records."""

    def install(self):
        """Instrument `logging`, and keep what the handler exports."""
        from opentelemetry._logs import set_logger_provider
        from opentelemetry.instrumentation.logging import LoggingInstrumentor
        from opentelemetry.sdk._logs import LoggerProvider
        from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor

        if not hasattr(self, "provider"):
            self.provider = LoggerProvider()
            self.provider.add_log_record_processor(SimpleLogRecordProcessor(self))
            set_logger_provider(self.provider)
        LoggingInstrumentor().instrument(enable_log_auto_instrumentation=True)

    def export(self, batch):
        """Keep the records of a batch."""
        from opentelemetry.sdk._logs.export import LogRecordExportResult

        for each in batch:
            record = each.log_record
            fields = {name: value for name, value in record.attributes.items() if name in {"order", "adapted"}}
            self.seen.append([str(record.body), str(record.severity_number), fields])
        return LogRecordExportResult.SUCCESS

    def shutdown(self):
        """Do nothing."""


PACKAGES = {
    "none": Package,
    "sentry": Sentry,
    "datadog": Datadog,
    "opentelemetry": OpenTelemetry,
    "opentelemetry-handler": OpenTelemetryHandler,
}


def log():
    """Log in every usual way."""
    LOGGER.debug("plain")
    LOGGER.warning("%s and %d", "text", 3, extra={"order": 17})
    LOGGER.info(ValueError("an object"), stacklevel=2)
    LOGGER.log(25, "%(k)s", {"k": 1})
    logging.LoggerAdapter(LOGGER, {"adapted": 1}).error("adapted %s", "call")
    APART.error("to its own handler")
    logging.getLogger("shop").critical("parent")
    logging.warning("root")  # noqa: LOG015 - programs do so
    try:
        raise KeyError("k")
    except KeyError:
        LOGGER.exception("failed %.1f", 2.5)
        LOGGER.info("handled", exc_info=True)


def phase(name, package, records):
    """Log outside and inside of a span, and write all that came out."""
    for got in (records, COLLECTOR.records, package.seen):
        got.clear()
    before, _ = _direct_calls()
    log()
    with package.span() as ids:
        log()
    outcome = {
        "phase": name,
        "logly": [{key: _text(record[key]) for key in record if key not in NOT_COMPARED} for record in records],
        "handler": [_attributes(record) for record in COLLECTOR.records],
        "package": list(package.seen),
        "own": all(logging.Logger.__dict__[name] is method for name, method in ORIGINALS.items())
        and logging.getLogRecordFactory() is FACTORY,
        "direct": _direct_calls()[0] - before,
    }
    line = json.dumps(outcome)
    for number, known in enumerate(ids):
        line = line.replace(known, f"id {number}")
    sys.stdout.write(line + "\n")


def _attributes(record):
    left_out = {"created", "msecs", "relativeCreated", "exc_info", "exc_text", "process", "thread"}
    return {name: str(value) for name, value in record.__dict__.items() if name not in left_out}


def _text(value):
    return repr(value.value) if hasattr(value, "traceback") else str(value)


def main(name, order, mode):
    """Install, intercept, remove, install again, and undo, with a phase after each."""
    package = PACKAGES[name]()
    logging.root.addHandler(COLLECTOR)
    logging.root.setLevel(logging.DEBUG)
    APART.propagate = False
    APART.addHandler(COLLECTOR)
    interceptions = []
    steps = {
        "installed": package.install,
        "intercepted": lambda: interceptions.append(logly.intercept_logging(fast=mode == "fast")),
        "removed": package.remove,
        "installed again": package.install,
        "undone": lambda: interceptions.pop().undo(),
        "removed again": package.remove,
    }
    names = list(steps)
    names[:2] = names[:2] if order == "first" else names[1::-1]
    with logly.testing.capture() as records:
        for step in names:
            steps[step]()
            phase(step, package, records)


if __name__ == "__main__":
    os.environ.update(DD_INSTRUMENTATION_TELEMETRY_ENABLED="false", DD_REMOTE_CONFIGURATION_ENABLED="false")
    main(*sys.argv[1:])
    sys.stdout.flush()
    # Datadog's tracer would wait for an agent.
    os._exit(0)
