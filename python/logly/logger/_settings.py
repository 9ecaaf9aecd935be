"""A logger's settings: `configure`, levels, and the state at import."""

from __future__ import annotations

import sys

from logly._logly import PyLogger
from logly._naming import implemented_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextvars import ContextVar
    from typing import Any, Literal

    from typing_extensions import Unpack

    from logly.typing import (
        ConfiguredSink,
        ExceptionForm,
        FromVar,
        IncludedPart,
        Json,
        LevelName,
        LevelOptions,
        Multiline,
        Patcher,
        RedactOptions,
        SettingSynonyms,
        Theme,
    )


# `typing.NamedTuple` would cost an import.
class Level(tuple[str, int, str, str]):
    """A level: its `name`, its number `no`, its `color` as given, and its `icon`."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Show the parts with their names."""
        return f"Level(name={self[0]!r}, no={self[1]!r}, color={self[2]!r}, icon={self[3]!r})"

    @property
    def name(self) -> str:
        """The name."""
        return self[0]

    @property
    def no(self) -> int:
        """The number."""
        return self[1]

    @property
    def color(self) -> str:
        """The colour or style as it was given; empty if none was given."""
        return self[2]

    @property
    def icon(self) -> str:
        """The text that `{level.icon}` shows; empty if none was given."""
        return self[3]


def _configure(self: PyLogger, **options: Any) -> list[int] | None:
    if "sinks" in options or "handlers" in options:
        return _configure_sinks(self, **options)
    self._configure(options)  # type: ignore[arg-type]  # checked there
    return None


def _configure_sinks(
    logger: PyLogger, *, sinks: object = None, handlers: object = None, **settings: Any
) -> list[int] | None:
    from logly.logger._given_sinks import replace  # few programs give them

    if sinks is not None and handlers is not None:
        message = 'configure() got "sinks" and "handlers", which mean the same'
        raise TypeError(message)
    given = handlers if sinks is None else sinks
    if given is not None:
        return replace(logger, settings, given)
    logger._configure(settings)  # type: ignore[arg-type]  # checked there
    return None


class SettingsMethods(PyLogger):
    """The methods of `Logger` that change settings of all sinks."""

    __slots__ = ()

    @implemented_by(_configure)
    def configure(  # noqa: PLR0913 - each is a setting of its own
        self,
        *,
        sinks: Sequence[ConfiguredSink] | None = None,
        module_levels: Mapping[str, LevelName | int | bool] | None = None,
        level: LevelName | int | None = None,
        json: Json | None = None,
        format: str | Literal[False] | None = None,  # noqa: A002 - settings have short names
        pretty_json: bool | None = None,
        keys: Mapping[str, str | None] | None = None,
        static: Mapping[str, object] | None = None,
        include: Sequence[IncludedPart] | None = None,
        exception: ExceptionForm | None = None,
        color: bool | Literal["auto"] | None = None,
        theme: Theme | None = None,
        level_colors: Mapping[str, str] | None = None,
        color_callback: Callable[[str, str], str] | Literal[False] | None = None,
        console: bool | None = None,
        log_compact: bool | None = None,
        show_time: bool | None = None,
        show_module: bool | None = None,
        show_function: bool | None = None,
        show_filename: bool | None = None,
        show_lineno: bool | None = None,
        console_levels: Mapping[str, bool] | None = None,
        time_levels: Mapping[str, bool] | None = None,
        color_levels: Mapping[str, bool] | None = None,
        storage_levels: Mapping[str, bool] | None = None,
        patcher: Patcher | Literal[False] | None = None,
        auto_sink_levels: Mapping[str, bool] | None = None,
        activation: Sequence[tuple[str, bool]] | None = None,
        extra: dict[str, Any] | None = None,
        context: Mapping[str, ContextVar[Any] | FromVar] | None = None,
        levels: Sequence[LevelOptions] | None = None,
        multiline: Multiline | None = None,
        max_message_bytes: int | None = None,
        max_frames: int | Literal[False] | None = None,
        suppress: Sequence[str] | None = None,
        redact: bool | RedactOptions | None = None,
        inherit: bool | None = None,
        **synonyms: Unpack[SettingSynonyms],
    ) -> list[int] | None:
        """Change settings of all sinks that have no setting of their own.

        Only the named settings change, at any time, and nothing changes if one of them is wrong. `sinks` replaces all
        existing sinks, which first write their pending records. A record that another thread logs at the same time
        is for the old sinks or for the new ones.

        The settings are these. `logly.typing.ConfigureOptions` and docs/api-reference.md explain each; None means "not
        given".

        - Records: `level`, `levels`, `module_levels`, `activation`, `extra`, `context`, `patcher` (`patch`),
          `max_message_bytes`, `redact`.
        - Sinks: `sinks` (`handlers`), `console` (`auto_sink`), `auto_sink_levels`, `console_levels`, `storage_levels`,
          `inherit`.
        - Lines: `format`, `json`, `pretty_json`, `keys`, `static`, `include`, `exception`, `log_compact`, `multiline`,
          `show_time`, `show_module`, `show_function`, `show_filename`, `show_lineno`, `time_levels`, `max_frames`,
          `suppress`.
        - Colours: `color`, `theme`, `level_colors`, `color_levels`, `color_callback`.

        Returns:
            The ids of `sinks`; None without them.

        Raises:
            TypeError: A setting is unknown or of a wrong type.
            ValueError: A value is not allowed.
            OSError: A sink's file cannot be opened.

        Example:
            >>> from logly import logger
            >>> logger.configure(level="WARNING", show_time=False)
            >>> logger.info("not shown")
            >>> logger.warning("shown")
            WARNING | shown
            >>> logger.reset()
        """
        raise NotImplementedError

    def set_level(self, level: LevelName | int, sink: int | None = None) -> bool:
        """Set the level of one sink or callback, or of all that have no level of their own.

        Args:
            level: A name, in any case, or a number.
            sink: The id of a sink or callback.

        Returns:
            False if no sink or callback has this id.

        Raises:
            ValueError: The level is unknown.

        Example:
            >>> from logly import logger
            >>> logger.set_level("error"), logger.is_enabled("WARNING")
            (True, False)
        """
        return self._set_level(level, sink)

    def level(
        self,
        name: str,
        no: int | LevelName | None = None,
        color: str | None = None,
        icon: str | None = None,
    ) -> Level:
        """Return a level; define or edit it first if more than its name is given.

        Args:
            name: The level's name, in any case.
            no: Its number, 0 or more, or the name of a level whose number, colour and icon it takes over. The number of
                a known level cannot change.
            color: Its colour or style: `"red"`, `"bold cyan"`, `"#ff8800"`, `"<red><bold>"`.
            icon: The text that `{level.icon}` shows.

        Raises:
            ValueError: The name is unknown and no number is given, or a value is not allowed.

        Example:
            >>> from logly import Logger
            >>> audit = Logger()
            >>> audit.level("AUDIT", no=35, color="cyan").no
            35
        """
        if isinstance(no, str):
            like = Level(self._level(no))
            no, color, icon = like.no, color or like.color or None, icon or like.icon or None
        if no is not None or color is not None or icon is not None:
            self._define_level(name, no, color, icon)
        return Level(self._level(name))

    def reset(self) -> None:
        """Restore the state at import: only the implicit console, and the original settings.

        Sinks and callbacks are removed after they have handled their pending records. Defined levels are forgotten. Ids
        are never reused. A file that `load` watches is no longer watched.
        """
        watching = sys.modules.get("logly._config.watch")
        if watching is not None:
            watching.stop(self)
        self._reset()
