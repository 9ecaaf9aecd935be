"""A program that uses logly as people do. It is checked, not run: no line may be an error."""

from __future__ import annotations

import asyncio
import io
import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional, Union

import logly
from logly import Logger, copy_context, lazy, logger
from logly.testing import capture, freeze, reset
from logly.typing import CallbackStats, DoomedArchive, FileMetadata, Match, Record, SinkInfo, SinkOptions, SinkStats
from typing_extensions import assert_type

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from logly.typing import CallbackRecord, Line, WrittenFile


@logger.catch
def bare(number: int, *, is_even: bool) -> str:
    return str(number) if is_even else ""


@logger.catch(ValueError, default=0, onerror=print)
def with_default(text: str) -> float:
    return float(text)


@logger.catch((KeyError, ValueError), reraise=True)
def reraising(text: str) -> float:
    return float(text)


@logger.catch(default="none")
async def coroutine(number: int) -> int:
    return number


@logger.catch
def generator(number: int) -> Iterator[int]:
    yield number


@logger.catch
async def async_generator(number: int) -> AsyncIterator[int]:
    yield number


def catching() -> None:
    assert_type(bare(1, is_even=True), Optional[str])
    assert_type(with_default("1"), Union[float, int])
    assert_type(reraising("1"), float)
    assert_type(generator(1), Iterator[int])
    assert_type(async_generator(1), AsyncIterator[int])
    with logger.catch(OSError, level=40, exclude=FileNotFoundError, message="lost"):
        logger.info("in it")


async def catching_async() -> None:
    assert_type(await coroutine(1), Union[int, str])
    async with logger.catch():
        logger.info("in it")


def interop() -> None:
    with logly.intercept_logging("INFO", ["app"], logger=Logger()) as interception:
        interception.undo()
    logging.getLogger().addHandler(logly.LoglyHandler(logging.INFO, logger))
    with logly.capture_warnings("ERROR"), logly.install_hooks(asyncio=False):
        logger.add("logging:app", level=10)
    assert_type(logly.production("ecs", static={"service": "shop"}, sample=0.1, redact={"keys": ["card"]}), int)
    assert_type(logly.load(Path("logly.toml"), logger=logger), list[int])
    logger.configure(sinks=[{"sink": "app.log", "json": True}, {"sink": print}], module_levels={"app": False, "db": 10})


def calls() -> None:
    logger.trace("literal")
    logger.debug("%s of %d", "a", 3)
    logger.info("paid {amount} EUR", amount=12, user="ada")
    logger.notice(17)
    logger.success(None, level="a field", message="a field", name="a field", self="a field")
    logger.warning("", exc=ValueError())
    logger.warn("alias")
    logger.error(["no", "str"])
    logger.fail(b"bytes")
    logger.critical("{0} {}", object())
    logger.fatal("alias")
    logger.exception("in an except clause")
    logger.log("AUDIT", "a level by name", by="ada")
    logger.log(35, "a level by number")
    logger.debug("{state}", state=lazy(lambda: 1))
    assert_type(logger.is_enabled("debug"), bool)


def mask(record: Record) -> None:
    record["extra"].pop("card", None)


def options(failed: ValueError) -> None:
    assert_type(logger.opt(exception=failed, depth=1, lazy=True, stack=3), Logger)
    logger.opt(exception=sys.exc_info(), colors=True).error("<red>{}</red>", 1)
    logger.opt(record=True, raw=False, capture=True, ansi=None).info("{record[level]}")
    assert_type(logger.patch(mask).patch(lambda record: record.update(message="m")), Logger)
    logger.configure(patcher=mask)
    logger.configure(patcher=False, level=None, extra=None)
    logger.configure(format="auto", theme="high_contrast", log_compact=True)
    logger.configure(format=False, theme=None, color="auto")
    logger.once().every(3).every("5s", key=1).limit("10/min", ("a", 1)).warning("seldom")
    logger.error("with an exception", exc_info=True)
    logger.add(print, catch=False)
    for groups in logly.parse("app.log", r"(?P<n>\d+)", cast={"n": int}):
        assert_type(groups, "dict[str, Any]")
    with Path("app.log").open("rb") as file:
        list(logger.parse(file, rb"(?P<n>\d+)", chunk=10, cast=lambda groups: groups.clear()))
    list(logly.parse(io.StringIO("text"), "(?P<n>.)"))


async def send(line: str) -> None:
    await asyncio.sleep(0)


def sinks(options: SinkOptions) -> None:
    assert_type(logger.add(), int)

    async def forward(record: dict[str, object]) -> None:
        await asyncio.sleep(0)

    assert_type(logger.add_callback(lambda record: record["message"], name="printer", level="ERROR"), int)
    logger.add_callback(forward, overflow="drop_old", max_buffered_lines=1000)
    assert_type(logger.remove_callback("printer"), bool)
    assert_type(logger.stats()["callbacks"][1]["dropped"]["overflow"], int)
    logger.add("stderr", level="ERROR", color=True)
    logger.add(Path("app.log"), json="flat", filter={"": "INFO", "app.db": False}, mode="w", encoding="ascii")
    logger.add(io.StringIO(), format="{time:HH:mm:ss} {message}", filter=lambda record: record["level"] == "INFO")
    logger.add(sys.stdout, format=lambda record: str(record["message"]))
    logger.add(print)
    logger.add(print_user)
    logger.add(send_user)
    logger.add(lambda line: sys.stderr.write(line.strip() + str(line.record["user"])))
    logger.add_callback(count)
    logger.add(send, loop=asyncio.new_event_loop())
    logger.add(logging.StreamHandler(), async_write=True)
    logger.add("stderr", direct=True, sync_level="ERROR")
    logger.add("r.log", rotation=["daily", "10 MB", 1000, timedelta(hours=1), time(12), is_due], size_limit="1 GB")
    logger.add("r.log", rotation=is_large, buffering=1, context="spawn", compression="tar.bz2")
    logger.add("r.log", retention={"count": 7, "age": timedelta(days=7), "size": "2 GB"}, latest=True)
    logger.add("r.log", retention=[7, "7 days", {"count": 3}], compression="zstd:9", watch=False)
    logger.add(
        "r.log",
        rotation=time(12),
        retention=lambda paths: paths.sort(),
        compression=compress,
        archive="{stem}.{n}{ext}",
        adopt="loguru",
    )
    logger.add("q.log", overflow="drop_old", block_timeout=0.5, buffer_size=1 << 20, max_buffered_lines=1000)
    logger.add("q.log", overflow="block", block_timeout=float("inf"), flush_interval=200, sync_level="ERROR")
    logger.add("q.log", durability="crash")
    assert_type(logger.install_crash_handler(), bool)
    assert_type(logger.stats()["sinks"], dict[int, SinkStats])
    assert_type(logger.stats()["callbacks"], dict[int, CallbackStats])
    assert_type(logger.stats()["sinks"][0]["dropped"]["overflow"], int)
    number = logger.add("x.log", **options)
    assert_type(logger.sink_info(number), Optional[SinkInfo])
    assert_type(logger.retention_preview(number, adopt="loguru"), Optional[list[DoomedArchive]])
    assert_type(logger.all_sinks_info()[0]["written"], int)
    assert_type(logger.list_sinks(), list[int])
    assert_type(logger.sink_count, int)
    assert_type(logger.is_sink_enabled(number), Optional[bool])
    assert_type(logger.enable_sink(number) and logger.disable_sink(number), bool)
    assert_type(logger.set_level("DEBUG", sink=number), bool)
    assert_type(logger.remove_all(), int)
    logger.remove(handler_id=number)
    if logger.remove(number):
        logger.remove()


def is_due(record: Record, path: str, size: int) -> bool:
    return record["level"] == "ERROR" and path != "" and size > 0


def print_user(line: Line) -> None:
    sys.stderr.write(line.upper() + str(line.record["user"]))


async def send_user(line: Line) -> None:
    await send(line.record["message"])


def count(record: CallbackRecord) -> None:
    logger.info("{level}", level=record["level"].lower())


def is_large(message: Line, file: WrittenFile) -> bool:
    return message.record["level"] == "ERROR" and file.seek(0, 2) == file.tell() and file.name != ""


def compress(path: str) -> str:
    return path + ".gz"


def settings() -> None:
    logger.configure(level="DEBUG", json=True, console=False, extra={"app": "shop"}, show_time=False)
    logger.configure(levels=[{"name": "AUDIT", "no": 35, "color": "cyan"}], console_levels={"DEBUG": False})
    logger.configure(level=10, color_callback=lambda level, text: f"{level}{text}", multiline="indent")
    level = logger.level("AUDIT", no=35, icon="A")
    assert_type(level.name, str)
    assert_type(level.no, int)
    logger.configure(activation=[("", False), ("shop", True)], auto_sink_levels={"DEBUG": False})
    logger.disable()
    logger.enable()
    logger.disable("shop.db")
    logger.enable(name="shop.db")
    logger.reset()


class AuditLogger(Logger):
    """A logger of one's own."""

    def audit(self, message: object, /, **fields: object) -> None:
        self.log("AUDIT", message, **fields)


def binding() -> None:
    assert_type(logger.bind(user="ada"), Logger)
    assert_type(logger.unbind("user"), Logger)
    AuditLogger().bind(user="ada").audit("in a class of one's own", at="home")


@logger.contextualize(step="one")
def decorated(number: int) -> str:
    return str(number)


@logger.contextualize(step="two")
async def decorated_coroutine() -> bytes:
    return b""


@logger.contextualize(step="three")
def decorated_generator() -> Iterator[int]:
    yield 1


@logger.contextualize(step="four")
async def decorated_async_generator() -> AsyncIterator[int]:
    yield 1


async def context() -> None:
    assert_type(decorated(1), str)
    assert_type(await decorated_coroutine(), bytes)
    assert_type(list(decorated_generator()), list[int])
    assert_type([number async for number in decorated_async_generator()], list[int])
    with logger.contextualize(request="r-1"), ThreadPoolExecutor() as pool:
        assert_type(pool.submit(copy_context(decorated), 3).result(), str)
    assert_type(await logger.complete_async(timeout=1.0), bool)
    assert_type(logger.complete(1) and logger.flush(), bool)


def tests() -> None:
    with capture("INFO") as records, freeze("2025-01-15T10:30:45Z") as clock:
        logger.info("now")
        clock.tick(timedelta(hours=1))
        clock.tick(0.5)
        clock.move_to(clock.now)
    assert_type(records, list[Record])
    assert_type(records[0], dict[str, Any])
    with logly.testing.capture(logger=Logger()):
        reset()
    assert_type(logly.__version__, str)


asyncio.run(context())


def files(sink: int) -> None:
    assert_type(logger.read(sink), Optional[str])
    assert_type(logger.read_all(archives=True), dict[int, str])
    assert_type(logger.read_lines(sink, -10, archives=True), Optional[list[str]])
    assert_type(logger.read_lines(sink, 1, end=None), Optional[list[str]])
    assert_type(logger.read_json(sink, skip_invalid=True), Optional[list[dict[str, Any]]])
    assert_type(logger.line_count(sink), Optional[int])
    assert_type(logger.file_size(sink, archives=True), Optional[int])
    assert_type(logger.file_metadata(sink), Optional[FileMetadata])
    assert_type(logger.search_log(sink, "text", level_filter="ERROR", max_results=3), Optional[list[Match]])
    for found in logger.search_log(sink, r"\d+", use_regex=True, context_before=1, level_filter=40) or []:
        assert_type(found["line"], int)
        assert_type(found["context_before"], list[str])
    assert_type(logger.delete(sink), bool)
    assert_type(logger.delete_all(), int)
    assert_type(logger.clear(sink), bool)
