"""The counts of a logger, and the handler that saves its records when the process is ended by a fault."""

from __future__ import annotations

from logly._logly import PyLogger, _install_crash_handler, _stats

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logly.typing import Stats


class StatsMethods(PyLogger):
    """The methods of `Logger` for counts and faults."""

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

    def install_crash_handler(self) -> bool:
        """Have files written when a signal ends the process: SIGSEGV, SIGABRT, SIGBUS, SIGFPE or SIGILL.

        The handler holds the process for 2 seconds at most, until the threads that write files have emptied their
        queues. It then gives the signal to the handler before, such as that of `faulthandler`, and the process ends as
        it would have. It may be installed before or after `faulthandler`. It is for the files of all loggers, also
        those added later; callbacks and sinks that need Python are not called. Queues with `durability="crash"` need no
        handler. In the calling thread, the handler also runs when the stack has overflowed.

        Returns:
            True if it was installed now, False if it was installed before.

        Example:
            >>> from logly import logger
            >>> logger.install_crash_handler()
            True
            >>> logger.install_crash_handler()
            False
        """
        return _install_crash_handler()
