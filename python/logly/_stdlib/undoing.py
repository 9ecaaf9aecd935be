"""The base class for changes to the process that can be undone."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self


class Undoable:
    """A change that is undone by `undo`, or at the end of a `with` block."""

    __slots__ = ()

    def undo(self) -> None:
        """Undo the change, except where other code changed the same thing since; a second call does nothing."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_raised: object) -> None:
        """Undo the change."""
        self.undo()
