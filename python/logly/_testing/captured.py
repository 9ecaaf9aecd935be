"""The records that a test logged, with assertions about them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from logly._naming import guided, shown
from logly.logger import logger as _global_logger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import overload

    from typing_extensions import Self

    from logly.typing import LevelName, Record

_MOST_SHOWN = 20
"""The most records that a failed assertion shows; the last ones are shown."""


@guided
class CapturedLogs(Sequence["Record"]):
    """The records of a test from all threads, in the order they were logged.

    The fixture `logly_logs` is such an object. Sinks get the records too. The dicts are described in
    `logly.typing.RecordKeys`.

    Example:
        >>> from logly import logger, testing
        >>> with testing.CapturedLogs() as logs:
        ...     logger.configure(console=False)
        ...     logger.warning("disk nearly full", free_gb=1.5)
        >>> logs.assert_logged("disk nearly full", level="WARNING", free_gb=1.5)["lineno"]
        '3'
        >>> logs.messages
        ['disk nearly full']
        >>> logger.reset()
    """

    def __init__(self, level: LevelName | int = 0) -> None:
        """Take records from *level* up; all by default."""
        self._level = level
        self._records: list[Record] = []
        self._expected: set[int] = set()
        self._token: int | None = None

    def __enter__(self) -> Self:
        """Start taking records."""
        self._token = _global_logger._begin_observing(self._records, self._level)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop taking records; the taken ones stay."""
        if self._token is not None:
            _global_logger._end_capture(self._token)
            self._token = None

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self._records)

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, index: int) -> Record: ...
        @overload
        def __getitem__(self, index: slice) -> list[Record]: ...

    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        """Return one record, or a slice."""
        return self._records[index]

    def __iter__(self) -> Iterator[Record]:
        """Iterate over the current records."""
        return iter(list(self._records))

    def __repr__(self) -> str:
        """Show levels and messages."""
        return f"<CapturedLogs: {len(self)} records>\n{_shown(list(self))}"

    @property
    def messages(self) -> list[str]:
        """The rendered messages."""
        return [record["message"] for record in self]

    def at_level(self, level: LevelName | int) -> list[Record]:
        """Return the records of one level; for "this level or above" compare `record["level"].no`.

        Raises:
            ValueError: The level is unknown.
        """
        wanted = _number(level)
        return [record for record in self if record["level"].no == wanted]

    def assert_logged(
        self,
        message: str | re.Pattern[str] | None = None,
        *,
        level: LevelName | int | None = None,
        times: int | None = None,
        **fields: object,
    ) -> Record:
        """Check that a record was logged, and return the first record that matches.

        Matching records count as expected: `logly_fail_level` does not fail the test for them.

        Args:
            message: The whole rendered message, or a pattern (`re.compile`) to search in it.
            level: The level's name or number.
            times: How many records must match; by default at least one.
            **fields: Names and values of fields; the record may have others.

        Raises:
            AssertionError: Too few or too many records match; the error shows the logged records.
        """
        __tracebackhide__ = True
        if not (message is None or isinstance(message, (str, re.Pattern))):
            error = f"message: expected a str or a pattern of re, got {shown(message)}"
            raise TypeError(error)
        if times is not None and not isinstance(times, int):
            error = f"times: expected how often (int), got {shown(times)}"
            raise TypeError(error)
        # The level is checked even if there are no records.
        number = None if level is None else _number(level)
        fitting = [record for record in self if _fits(record, message, number, fields)]
        self._expected.update(id(record) for record in fitting)
        if len(fitting) == times or (times is None and fitting):
            return fitting[0] if fitting else {}
        wanted = "at least 1 record" if times is None else f"{times} records"
        what = _description(message, level, fields)
        error = f"expected {wanted} with {what}, got {len(fitting)}. Logged were:\n{_shown(list(self))}"
        raise AssertionError(error)

    def assert_not_logged(
        self, message: str | re.Pattern[str] | None = None, *, level: LevelName | int | None = None, **fields: object
    ) -> None:
        """Check that no record matches; the arguments are those of `assert_logged`.

        Raises:
            AssertionError: A record matches; the error shows the logged records.
        """
        __tracebackhide__ = True
        self.assert_logged(message, level=level, times=0, **fields)

    def clear(self) -> None:
        """Remove all current records."""
        self._records.clear()
        # New records may get the ids of the removed ones.
        self._expected.clear()

    def unexpected(self, level: LevelName | int) -> list[Record]:
        """Return the records from *level* up that no `assert_logged` matched."""
        lowest = _number(level)
        return [record for record in self if record["level"].no >= lowest and id(record) not in self._expected]


def _number(level: LevelName | int) -> int:
    return _global_logger._level_number("level", level)


def _fits(record: Record, message: str | re.Pattern[str] | None, number: int | None, fields: dict[str, object]) -> bool:
    text, extra = record["message"], record["extra"]
    if isinstance(message, re.Pattern):
        if message.search(text) is None:
            return False
    elif message is not None and message != text:
        return False
    if number is not None and record["level"].no != number:
        return False
    return all(name in extra and extra[name] == value for name, value in fields.items())


def _description(
    message: str | re.Pattern[str] | None, level: LevelName | int | None, fields: dict[str, object]
) -> str:
    parts = [] if message is None else [f"message {message!r}"]
    if level is not None:
        parts.append(f"level {level}")
    parts += [f"{name}={value!r}" for name, value in fields.items()]
    return ", ".join(parts) or "anything"


def _shown(records: list[Record]) -> str:
    """Return one line for each record, for the last records only."""
    lines = []
    for record in records[-_MOST_SHOWN:]:
        fields = "".join(f" {name}={value!r}" for name, value in record["extra"].items())
        lines.append(f"  {record['level']} | {record['name']}:{record['line']} | {record['message']}{fields}")
    if len(records) > _MOST_SHOWN:
        lines.insert(0, f"  ... {len(records) - _MOST_SHOWN} before these")
    return "\n".join(lines) or "  nothing"
