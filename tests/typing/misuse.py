"""Mistakes that a type checker must find: a line that is none fails the check, as an unused `type: ignore`."""

from __future__ import annotations

import logly
from logly import Logger, copy_context, lazy, logger
from logly.testing import capture, freeze

logger.info()  # type: ignore[call-arg]
logger.inof("a misspelled method")  # type: ignore[attr-defined]
logger.log("INFO")  # type: ignore[call-arg]
logger.log(None, "no level")  # type: ignore[arg-type]
logger.is_enabled()  # type: ignore[call-arg]
logger.bind("no name")  # type: ignore[call-arg]
logger.unbind(1)  # type: ignore[arg-type]
lazy(1)  # type: ignore[arg-type]
logly.tsting.reset()  # type: ignore[attr-defined]

logger.opt(dept=1)  # type: ignore[call-arg]
logger.opt(exception="text")  # type: ignore[arg-type]
logger.opt(depth="1")  # type: ignore[arg-type]
logger.patch(lambda: None)  # type: ignore[arg-type, misc]
logger.every(1.5)  # type: ignore[arg-type]
logger.limit(10)  # type: ignore[arg-type]
logly.parse(1, "(?P<n>.)")  # type: ignore[arg-type]
logger.add(17)  # type: ignore[arg-type]
logger.add(lambda: None)  # type: ignore[arg-type]
logger.add(print, loop=7)  # type: ignore[arg-type]
logger.add("x.log", levle="INFO")  # type: ignore[call-arg]
logger.add("x.log", json="xml")  # type: ignore[arg-type]
logger.add("x.log", mode="r")  # type: ignore[arg-type]
logger.add("x.log", filter=7)  # type: ignore[arg-type]
logger.add("x.log", format=lambda: "")  # type: ignore[arg-type, misc]
logger.add("x.log", rotation=1.5)  # type: ignore[arg-type]
logger.add("x.log", overflow="drop")  # type: ignore[arg-type]
logger.stats()["sinks"]["1"]  # type: ignore[index]
logger.add("x.log", rotation=lambda record: True)  # type: ignore[arg-type]
logger.add("x.log", retention={"cout": 7})  # type: ignore[arg-type]
logger.add("x.log", compression=9)  # type: ignore[arg-type]
logger.add_callback("print")  # type: ignore[arg-type]
logger.add_callback(print, level=1.5)  # type: ignore[arg-type]
logger.add_callback(print, nam="x")  # type: ignore[call-arg]
logger.remove("1")  # type: ignore[arg-type]
logger.set_level()  # type: ignore[call-arg]
logger.sink_count = 3  # type: ignore[misc]

logger.configure(levels={"name": "AUDIT"})  # type: ignore[arg-type]
logger.configure(levels=[{"nmae": "AUDIT"}])  # type: ignore[typeddict-unknown-key]
logger.configure(multiline="fold")  # type: ignore[arg-type]
logger.configure(theme="drak")  # type: ignore[arg-type]
logger.configure(format=print)  # type: ignore[arg-type]
logger.configure(activation={"shop": True})  # type: ignore[arg-type]
logger.disable(7)  # type: ignore[arg-type]
logger.configure(show_tiem=True)  # type: ignore[call-arg]
logger.level(35)  # type: ignore[arg-type]
logger.level("AUDIT").no = 36  # type: ignore[misc]
logger.read("app.log")  # type: ignore[arg-type]
logger.read(1, True)  # type: ignore[call-arg]
logger.search_log(1, b"bytes")  # type: ignore[arg-type]
logger.search_log(1, "text", ignore_case=True)  # type: ignore[call-arg]
logger.read_lines(1, "2")  # type: ignore[arg-type]

logger.catch(5)  # type: ignore[call-overload]
logger.catch(ValueError, levle="INFO")  # type: ignore[call-overload]
logger.catch(len)(1)  # type: ignore[arg-type]
with logger.contextualize("no name"):  # type: ignore[call-arg]
    pass
with capture(logger=logger.info):  # type: ignore[arg-type]
    pass
with freeze(17):  # type: ignore[arg-type]
    pass
copy_context(len)(1)  # type: ignore[arg-type]
Logger("a name")  # type: ignore[arg-type]
number: str = logger.add()  # type: ignore[assignment]
