"""Loggers whose calls have options: `opt`, `patch`, `once`, `every` and `limit`; also `parse`."""

from __future__ import annotations

from logly._logly import PyLogger

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Generator
    from os import PathLike
    from typing import Any

    from typing_extensions import Self

    from logly.typing import Cast, GivenException, Patcher, Readable


class CallMethods(PyLogger):
    """The methods of `Logger` that return loggers with options for their calls."""

    __slots__ = ()

    def opt(  # noqa: PLR0913 - each is an option of its own
        self,
        *,
        exception: GivenException | bool | None = None,
        depth: int | None = None,
        lazy: bool | None = None,
        record: bool | None = None,
        colors: bool | None = None,
        raw: bool | None = None,
        capture: bool | None = None,
        stack: bool | int | None = None,
        ansi: bool | None = None,
    ) -> Self:
        """Return a logger whose calls have these options.

        The original logger is unchanged; both share their sinks and bound fields. Options of several calls add up: an
        option that is not given, or None, stays as it is. A call with options takes some microseconds more.

        Args:
            exception: An exception, `sys.exc_info()`, or True for the one being handled; every record gets it. False
                removes an exception given before.
            depth: How many frames further out than its caller a record is placed, for functions that log for others.
                Depths of several calls are added. A depth beyond the outermost frame means the outermost frame.
            lazy: Whether arguments that can be called are replaced by what they return. They are called without
                arguments, once, and only if the record is wanted. One that raises becomes a marker.
            record: Whether the message may show its record: `{record[level].name}`, `{record[extra][user]}`. It is
                filled in by the rules of `str.format`, which reach into objects, so the message must come from the
                program alone. A message that cannot be filled in stays as it is.
            colors: Whether the message has colour markup, `<red>...</red>` or `<level>...</>`: it gives colours on text
                sinks that are coloured, and is removed elsewhere. Markup in values is plain text.
            raw: Whether text sinks write the message as it is: no format, no escapes, no line break. JSON and callbacks
                get an ordinary record.
            capture: Whether keyword arguments become fields; with False they only fill in the message.
            stack: Whether the caller's stack follows the line, or how many of its innermost frames. JSON and Python
                code get it under `stack`.
            ansi: Another name of `colors`, from old versions of Loguru.

        Returns:
            A new, immutable logger.

        Raises:
            TypeError: A value is of a wrong type.
            ValueError: A number is out of bounds.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture("INFO") as records:
            ...     logger.opt(exception=ValueError("no")).error("refused")
            ...     logger.opt(lazy=True).debug("{}", lambda: 1 / 0)  # not wanted: not called
            ...     logger.opt(record=True).info("{record[function]} at {record[level].no}")
            >>> records[0]["exception"].value, records[1]["message"]
            (ValueError('no'), '<module> at 20')
        """
        given = {
            "exception": exception,
            "depth": depth,
            "lazy": lazy,
            "record": record,
            "colors": colors,
            "ansi": ansi,
            "raw": raw,
            "capture": capture,
            "stack": stack,
        }
        return self._opt(given)

    def patch(self, patcher: Patcher) -> Self:
        """Return a logger that first passes its records to *patcher*, which may change them.

        *patcher* is called on the thread that logs, once for each record that is wanted. It runs after the function of
        `configure(patcher=)` and those of earlier calls of this method. All sinks and callbacks get the changed record.
        An exception in *patcher* is contained and reported once on standard error, and the record stays as it was.
        Records that *patcher* logs are not patched.

        Args:
            patcher: Takes the record, a dict, and changes it: `message`, `extra` or the fields at its top level,
                `level`, `time`, `name` (or `module`), `function`, `file` (or `filename`), `line` and `exception`. Its
                return value is ignored.

        Returns:
            A new logger; the original one is unchanged.

        Raises:
            TypeError: *patcher* cannot be called.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> def mask(record):
            ...     if "card" in record["extra"]:
            ...         record["extra"]["card"] = "****"
            >>> with logly.testing.capture() as records:
            ...     logger.patch(mask).info("paid", card="4111 1111")
            >>> records[0]["card"]
            '****'
        """
        return self._patch(patcher)

    def once(self, key: object = None) -> Self:
        """Return a logger that logs only the first record for each key, or for each call site if no key is given.

        Records are counted over all threads and all loggers that share their sinks, however often this method is
        called. The arguments of suppressed calls are not inspected. The 10,000 most recently used keys are always
        remembered, and never more than 20,000. Older keys are forgotten with their counts, and start again. `reset`
        forgets all keys.

        Args:
            key: Any object; objects other than str are distinguished by their `repr`.

        Returns:
            A new logger; the original one is unchanged. If several rules are chained, a record must pass all of them.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture() as records:
            ...     for user in ("ada", "bob", "ada"):
            ...         logger.once(user).info("{user} was here", user=user)
            >>> [record["message"] for record in records]
            ['ada was here', 'bob was here']
        """
        return self._throttle("once", None, key)

    def every(self, interval: int | str, key: object = None) -> Self:
        """Return a logger that logs one record out of *interval*, or one per interval of time; the first at once.

        The next record that is logged has the field `suppressed`: the number of records suppressed before it, if any.
        Otherwise it works like `once`.

        Args:
            interval: A number of calls, or an interval such as `"5s"`, `"250 ms"` or `"1.5 hours"`.
            key: As in `once`.

        Returns:
            A new logger.

        Raises:
            TypeError: The interval is neither an int nor a str.
            ValueError: It is not an interval, or out of bounds.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture() as records:
            ...     for number in range(7):
            ...         logger.every(3).info("number {number}", number=number)
            >>> [(record["number"], record.get("suppressed")) for record in records]
            [(0, None), (3, 2), (6, 2)]
        """
        return self._throttle("every", interval, key)

    def limit(self, rate: str, key: object = None) -> Self:
        """Return a logger that logs at most a given number of records within any interval of the given length.

        The next record that is logged has the field `suppressed`: the number of records suppressed before it, if any. A
        key takes two kilobytes at most, so above 32 records per interval not all times are kept. There are never too
        many records then, but one may be held back for a thirtieth of the interval longer than necessary. Otherwise it
        works like `once`.

        Args:
            rate: `"10/min"`, `"100/5 s"` or `"3 per hour"`; 1 to 10,000 records.
            key: As in `once`.

        Returns:
            A new logger.

        Raises:
            TypeError: The rate is not a str.
            ValueError: It is not a rate, or out of bounds.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture() as records, logly.testing.freeze("2025-01-15T10:30:00Z") as clock:
            ...     for number in range(4):
            ...         logger.limit("2/min").warning("try {number}", number=number)
            ...         clock.tick(20)
            >>> [(record["number"], record.get("suppressed")) for record in records]
            [(0, None), (1, None), (3, 1)]
        """
        return self._throttle("limit", rate, key)

    @staticmethod
    def parse(
        file: str | PathLike[str] | Readable[str] | Readable[bytes],
        pattern: str | bytes | re.Pattern[str] | re.Pattern[bytes],
        *,
        cast: Cast | None = None,
        chunk: int = 65_536,
    ) -> Generator[dict[str, Any], None, None]:
        """Yield the named groups of each match of a pattern in a file, like `logly.parse`.

        Args:
            file: A path or an object with `read(size)`.
            pattern: A regular expression with named groups.
            cast: A dict of group to function, or a function that changes the dict of groups.
            chunk: The number of characters or bytes to read at once.

        Returns:
            A generator of dicts.

        Example:
            >>> import io
            >>> from logly import logger
            >>> list(logger.parse(io.StringIO("a=1 b=2"), r"(?P<name>[a-z])=(?P<value>[0-9])", cast={"value": int}))
            [{'name': 'a', 'value': 1}, {'name': 'b', 'value': 2}]
        """
        from logly._files.parse import parse  # most programs do not need it

        return parse(file, pattern, cast=cast, chunk=chunk)
