"""The sinks of a logger: listing and describing them, and switching them on and off."""

from __future__ import annotations

from logly._logly import PyLogger
from logly._naming import Count, sink_id_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logly.typing import SinkInfo


class SinkMethods(PyLogger):
    """The methods of `Logger` that show its sinks."""

    __slots__ = ()

    @property
    def sink_count(self) -> int:
        """The number of sinks, including the implicit console. It can also be called, as `sink_count()`."""
        return Count(len(self._sinks()))

    def list_sinks(self) -> list[int]:
        """Return the ids of all sinks in the order they were added."""
        return [info["id"] for info in self._sinks()]

    def sink_info(self, sink_id: int) -> SinkInfo | None:
        """Describe one sink; None if no sink has this id.

        The counts are current. Records that are still on their way to a file are not in them; `stats` counts those as
        well.

        Example:
            >>> from logly import logger
            >>> sink = logger.add("stderr", level="ERROR")
            >>> info = logger.sink_info(sink)
            >>> info["kind"], info["name"], info["level"], info["written"]
            ('console', 'stderr', 'ERROR', 0)
        """
        wanted = sink_id_of("sink_id", sink_id)
        return next((info for info in self._sinks() if info["id"] == wanted), None)

    def all_sinks_info(self) -> list[SinkInfo]:
        """Describe all sinks in the order they were added."""
        return self._sinks()

    def enable_sink(self, sink_id: int) -> bool:
        """Let a sink take records again; False if no sink has this id."""
        return self._set_sink_enabled(sink_id, is_enabled=True)

    def disable_sink(self, sink_id: int) -> bool:
        """Stop a sink from taking records until `enable_sink`; False if no sink has this id."""
        return self._set_sink_enabled(sink_id, is_enabled=False)

    def is_sink_enabled(self, sink_id: int) -> bool | None:
        """Tell whether a sink takes records; None if no sink has this id."""
        info = self.sink_info(sink_id)
        return None if info is None else info["enabled"]
