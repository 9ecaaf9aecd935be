"""The counts of a logger: what became of the records that each sink and callback was offered."""

from __future__ import annotations

from logly._logly import PyLogger, _stats

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logly.typing import Stats


class StatsMethods(PyLogger):
    """The methods of a logger for its counts."""

    __slots__ = ()

    def stats(self) -> Stats:
        """Count what became of the records that each sink and callback was offered.

        At any moment, for each of them: accepted = written + filtered + all of dropped + pending. A record counts as
        accepted when it was logged while the sink was there, even if the sink itself is off or wants higher levels, as
        long as some sink wants such records. A forked child counts from 0. The notice "N records dropped" that a sink
        gets in the place of those is not counted.

        Returns:
            Under `"sinks"` the counts by id, in the order the sinks were added, and under `"callbacks"` those of
            callbacks; see `logly.typing.SinkStats`. What is removed is in there no more.

        Example:
            >>> import pathlib, tempfile
            >>> from logly import logger
            >>> logger.configure(show_time=False)
            >>> sink = logger.add(pathlib.Path(tempfile.mkdtemp(), "app.log"), level="WARNING")
            >>> logger.info("one")
            INFO | one
            >>> logger.complete()
            True
            >>> counts = logger.stats()["sinks"][sink]
            >>> counts["accepted"], counts["filtered"], counts["written"], counts["pending"]
            (1, 1, 0, 0)
            >>> counts["dropped"]
            {'overflow': 0, 'closed': 0, 'reentrant': 0, 'sink_error': 0, 'exit_timeout': 0}
        """
        return _stats(self)
