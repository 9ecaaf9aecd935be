"""The counts of a logger: the outcome of the records that were offered to each sink and callback."""

from __future__ import annotations

from logly._logly import PyLogger, _stats

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logly.typing import Stats


class StatsMethods(PyLogger):
    """The method of `Logger` for its counts."""

    __slots__ = ()

    def stats(self) -> Stats:
        """Return the outcome counts of the records that were offered to each sink and callback.

        At any moment, for each of them: accepted = written + filtered + all of dropped + pending. A record counts as
        accepted if it was logged while the sink was present and some sink wanted records of its level, even if the sink
        itself is off or wants higher levels. A forked child counts from 0. The notice "N records dropped", which a sink
        gets in the place of the dropped records, is not counted.

        Returns:
            Under `"sinks"` the counts by id, in the order the sinks were added, and under `"callbacks"` those of
            callbacks; see `logly.typing.SinkStats`. Removed sinks and callbacks are not included.

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
            {'overflow': 0, 'closed': 0, 'reentrant': 0, 'sink_error': 0, 'exit_timeout': 0, 'sampled': 0, 'limited': 0}
        """
        return _stats(self)
