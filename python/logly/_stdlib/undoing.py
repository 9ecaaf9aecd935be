"""What changes something of the process that can be taken back."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self


class Undoable:
    """A change that is taken back by `undo`, or at the end of a `with` block."""

    __slots__ = ()

    def undo(self) -> None:
        """Take it back, but for what others changed since; another call does nothing."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Undo it."""
        self.undo()
