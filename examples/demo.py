r"""Shows logly's features, and measures the cost of a call on this machine: `make demo`.

The demo keeps its files in a temporary folder and prints the folder's path at the end.

Prints::

    logly ..., CPython ... on ...

    == Console: levels, templates, fields
    ...:45 | INFO | user ada logged in ip=192.168.1.1
    ...:45 | NOTICE | 25.6% of 12,000 done
    ...:45 | SUCCESS | item 3 of 10
    ...:45 | WARNING | one record, one line text="first\nsecond"
    ...:45 | FAIL | quoted where needed path="/var/lib/my data"

    == Context: bind and contextualize
    ...:45 | INFO | started request=r-123 step=validation
    ...:45 | INFO | done request=r-123

    == An exception
    ...:45 | ERROR | cannot share total=12
    Traceback (most recent call last):
    ...
    ZeroDivisionError: division by zero

    == app.log, from DEBUG up
    ...:45 | INFO | user ada logged in ip=192.168.1.1
    ...

    == app.json, its first and last line
    {"timestamp": ..., "level": "INFO", "message": "user ada logged in", "fields": {"user": "ada", "ip": "192.168.1.1"}}
    {"timestamp": ..., "message": "cannot share", "fields": {"total": 12}, "exception": {"type": ...

    == A file that is rotated: 1,000 lines, a new file every 4 kB, compressed by zstd, kept for 30 days
    paid....log.zst ... bytes
    paid....log.zst ... bytes
    paid....log.zst ... bytes
    paid.log ... bytes
    retention would remove paid.2020-02-29.log: older than 30 days
    found in paid....log.zst, line ...: order 500 refused
    read back: 1,000 lines, from "order 1 paid" to "order 1000 paid"

    == What a call costs here: 20,000 lines of the same content to a file, median of 5 passes
    logly ... ns for the caller ... ns until the line is in the file
    logging ... ns for the caller ... ns until the line is in the file
    logly ... times less for the caller, ... times less in all; both files read back: 100,000 equal lines

    Left in ...: app.json, app.log, logging.log, logly.log, paid...
"""

from __future__ import annotations

import logging
import platform
import re
import statistics
import tempfile
import time
from pathlib import Path

from logly import Logger, __version__, logger

CALLS = 20_000
PASSES = 5
REFUSED = 500


def show_console() -> None:
    """Log at several levels; fields that are not in the message follow it."""
    heading("Console: levels, templates, fields")
    logger.info("user {user} logged in", user="ada", ip="192.168.1.1")
    logger.debug("below INFO: not here, but in app.log", port=8080)
    logger.notice("{share:.1%} of {total:,} done", share=0.256, total=12000)
    logger.success("item %d of %d", 3, 10)
    logger.warning("one record, one line", text="first\nsecond")
    logger.fail("quoted where needed", path="/var/lib/my data")


def show_context() -> None:
    """Add fields to every record of a request, and to those of one step of it."""
    heading("Context: bind and contextualize")
    request = logger.bind(request="r-123")
    with request.contextualize(step="validation"):
        request.info("started")
    request.info("done")


def show_exception() -> None:
    """Log the exception being handled."""
    heading("An exception")
    try:
        share(12, 0)
    except ZeroDivisionError:
        logger.exception("cannot share", total=12)


def share(total: float, people: int) -> float:
    """Divide, or fail."""
    return total / people


def show_files(folder: Path) -> None:
    """Print the files' content; `complete` waits until all earlier records are in the files."""
    logger.complete()
    heading("app.log, from DEBUG up")
    print((folder / "app.log").read_text(encoding="utf-8"), end="")
    heading("app.json, its first and last line")
    lines = (folder / "app.json").read_text(encoding="utf-8").splitlines()
    print(lines[0], lines[-1], sep="\n")


def show_rotation(folder: Path) -> None:
    """Rotate a file by its size; search and read it together with its archives."""
    heading("A file that is rotated: 1,000 lines, a new file every 4 kB, compressed by zstd, kept for 30 days")
    orders = Logger()
    orders.remove_all()
    sink = orders.add(folder / "paid.log", format="{message}", rotation="4 kB", compression="zstd", retention="30 days")
    for number in range(1, 1_001):
        orders.info("order {number} {what}", number=number, what="refused" if number == REFUSED else "paid")
    orders.complete()
    show_archives(orders, sink)
    (folder / "paid.2020-02-29.log").touch()
    for archive in orders.retention_preview(sink) or []:
        print(f"retention would remove {Path(archive['path']).name}: {archive['reason']}")
    for found in orders.search_log(sink, "refused", archives=True) or []:
        print(f"found in {Path(found['path']).name}, line {found['line']}: {found['content']}")
    lines = (orders.read(sink, archives=True) or "").splitlines()
    print(f'read back: {len(lines):,} lines, from "{lines[0]}" to "{lines[-1]}"')


def show_archives(orders: Logger, sink: int) -> None:
    """Print the names and sizes of the archives, oldest first, and of the file."""
    described = orders.file_metadata(sink)
    if described is None:
        message = "the file is gone"
        raise AssertionError(message)
    for file in [*described["archives"], described]:
        print(f"{Path(file['path']).name:<36}{file['size']:>6,} bytes")


def show_cost(folder: Path) -> None:
    """Time calls of logly and of the standard library, and read both files back."""
    heading(f"What a call costs here: {CALLS:,} lines of the same content to a file, median of {PASSES} passes")
    ours, standard = Logger(), logging.getLogger(__name__)
    prepare_logly(ours, folder / "logly.log")
    handler = prepare_logging(standard, folder / "logging.log")
    times = [(pass_of_logly(ours), pass_of_logging(standard, handler)) for _ in range(PASSES)]
    first = medians([of_logly for of_logly, _ in times])
    second = medians([of_logging for _, of_logging in times])
    for name, (caller, in_all) in (("logly", first), ("logging", second)):
        print(f"{name:<8}{caller:>9,.0f} ns for the caller {in_all:>9,.0f} ns until the line is in the file")
    lines = count_equal_lines(folder)
    factors = f"{second[0] / first[0]:>9.1f} times less for the caller, {second[1] / first[1]:.1f} times less in all"
    print(f"{'logly':<8}{factors}; both files read back: {lines:,} equal lines")


def prepare_logly(ours: Logger, path: Path) -> None:
    """Write times, levels, callers and messages to *path*."""
    ours.remove_all()
    ours.add(path, format="{time:YYYY-MM-DD HH:mm:ss} | {level} | {module}:{function}:{line} | {message}{fields}")


def prepare_logging(standard: logging.Logger, path: Path) -> logging.Handler:
    """Write the same with the standard library."""
    handler = logging.FileHandler(path, encoding="utf-8")
    layout = "%(asctime)s | %(levelname)s | %(name)s:%(funcName)s:%(lineno)d | %(message)s"
    handler.setFormatter(logging.Formatter(layout, "%Y-%m-%d %H:%M:%S"))
    standard.setLevel(logging.INFO)
    standard.propagate = False
    standard.addHandler(handler)
    return handler


def pass_of_logly(ours: Logger) -> tuple[float, float]:
    """Return nanoseconds per call: for the caller, and until all lines are in the file."""
    begin = time.perf_counter_ns()
    for number in range(CALLS):
        ours.info("paid {amount} EUR", amount=12, user="ada", seq=number)
    called = time.perf_counter_ns()
    ours.complete()
    return (called - begin) / CALLS, (time.perf_counter_ns() - begin) / CALLS


def pass_of_logging(standard: logging.Logger, handler: logging.Handler) -> tuple[float, float]:
    """Return the same figures for the standard library, which writes during the call."""
    begin = time.perf_counter_ns()
    for number in range(CALLS):
        standard.info("paid %d EUR user=%s seq=%d", 12, "ada", number)
    called = time.perf_counter_ns()
    handler.flush()
    return (called - begin) / CALLS, (time.perf_counter_ns() - begin) / CALLS


def medians(times: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the median of each column."""
    return statistics.median(one for one, _ in times), statistics.median(all_ for _, all_ in times)


def count_equal_lines(folder: Path) -> int:
    """Return how many lines both files have; the lines may differ only in the time and the place of the call."""
    texts = [(folder / name).read_text(encoding="utf-8") for name in ("logly.log", "logging.log")]
    varies = re.compile(r"^[-\d]+ [:\d]+ (.*:)\w+:\d+ ", re.MULTILINE)
    ours, standard = (varies.sub(r"\1 ", text).splitlines() for text in texts)
    if ours != standard or len(ours) != CALLS * PASSES:
        message = f"the files differ: {len(ours)} and {len(standard)} lines"
        raise AssertionError(message)
    return len(ours)


def heading(text: str) -> None:
    """Print a heading after an empty line."""
    print(f"\n== {text}")


def main() -> None:
    """Run all parts of the demo."""
    folder = Path(tempfile.mkdtemp(prefix="logly-demo-"))
    print(f"logly {__version__}, CPython {platform.python_version()} on {platform.machine()}")
    logger.add("console")
    logger.add(folder / "app.log", level="DEBUG")
    logger.add(folder / "app.json", json=True)
    show_console()
    show_context()
    show_exception()
    show_files(folder)
    show_rotation(folder)
    show_cost(folder)
    print(f"\nLeft in {folder}: {', '.join(sorted(path.name for path in folder.iterdir()))}")


if __name__ == "__main__":
    main()
