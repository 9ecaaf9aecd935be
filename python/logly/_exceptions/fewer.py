"""Reduced copies of exceptions with so many linked exceptions that `traceback` would not finish.

`traceback` reads each member of a group, and every exception of a chain, before it prints any of them. A group of a
million members takes minutes and gigabytes; a group whose members are groups of the same members never finishes. A copy
is shown in place of such an exception. It has the members that `traceback` prints, and the latest exceptions of a
chain.
"""

from __future__ import annotations

import builtins
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_MOST = 1_000
"""Up to this number all exceptions are shown; otherwise this number is copied."""

_MOST_LINKS = 100
"""The most exceptions of one chain that are copied; the latest are kept."""

_WIDEST = 15
_DEEPEST = 10
"""The numbers of members of a group, and of nested groups, that `traceback` prints."""

_DEEPEST_READ = 50
"""The deepest nesting that is left to `traceback`, which recurses into each group."""

_MORE = "_logly_more"


class _LeftOut(Exception):  # noqa: N818 - shown in place of other exceptions
    """Stands for the exceptions that led to the first one shown."""

    __module__ = "builtins"
    __qualname__ = "..."


def fewer(error: BaseException) -> BaseException:
    """Return the exception itself, or a copy with fewer linked exceptions."""
    return error if _are_few(error) else _Copier().copy(error, 0)


def left_out(error: BaseException) -> int:
    """Return how many more members the original of a copied group has."""
    return vars(error).get(_MORE, 0) if type(error).__dict__.get(_MORE) else 0


def _are_few(error: BaseException) -> bool:
    seen = {id(error)}
    waiting = [(error, 0)]
    left = _MOST
    while waiting:
        node, depth = waiting.pop()
        left -= 1
        for linked in (node.__cause__, node.__context__):
            if linked is not None and id(linked) not in seen:
                seen.add(id(linked))
                waiting.append((linked, depth))
        members = _members(node)
        if left < len(members) + len(waiting) or depth > _DEEPEST_READ:
            return False
        waiting.extend((member, depth + 1) for member in members)
    return True


def _members(error: Any) -> tuple[Any, ...] | list[Any]:
    """Return the members of a group; none for other exceptions."""
    # Before 3.11 the package `exceptiongroup` defines groups, and extends `traceback` for them.
    group = getattr(builtins, "BaseExceptionGroup", None) or getattr(
        sys.modules.get("exceptiongroup"), "BaseExceptionGroup", None
    )
    if group is None or not isinstance(error, group):
        return ()
    members = error.exceptions
    return members if isinstance(members, (tuple, list)) else ()


class _Copier:
    """Copies the printed parts of an exception and its linked exceptions, as many as the limit allows."""

    def __init__(self) -> None:
        self._left = _MOST
        self._seen: set[int] = set()

    def copy(self, error: BaseException, depth: int) -> BaseException:
        chain, has_more = self._chain(error)
        behind: BaseException | None = _LeftOut("those that came before are left out") if has_more else None
        for link, relation in reversed(chain):
            copied = self._one(link, depth)
            if behind is not None:
                setattr(copied, relation, behind)
                # Setting a cause hides the context.
                copied.__suppress_context__ = relation == "__cause__"
            behind = copied
        return behind or error

    def _chain(self, error: BaseException) -> tuple[list[tuple[BaseException, str]], bool]:
        """Return the latest exceptions, each with the attribute that links to the next, and whether there are more."""
        chain: list[tuple[BaseException, str]] = []
        following: BaseException | None = error
        while following is not None and len(chain) < _MOST_LINKS and (self._left > 0 or not chain):
            self._left -= 1
            self._seen.add(id(following))
            link = following
            relation, following = self._following(link)
            chain.append((link, relation))
        return chain, following is not None

    def _following(self, error: BaseException) -> tuple[str, BaseException | None]:
        cause, context = error.__cause__, error.__context__
        if cause is not None and id(cause) not in self._seen:
            return "__cause__", cause
        if context is not None and id(context) not in self._seen and not error.__suppress_context__:
            return "__context__", context
        return "", None

    def _one(self, error: BaseException, depth: int) -> Any:
        members = _members(error)
        printed = members[:_WIDEST] if depth <= _DEEPEST else ()
        shown = [self.copy(member, depth + 1) for member in printed if self._left > 0]
        more = len(members) - len(shown)
        if len(shown) < min(len(members), _WIDEST):
            shown.append(_LeftOut(f"{more} members are left out"))
            more = 0
        copied = _named_like(error, shown)
        copied.__traceback__ = error.__traceback__
        notes = getattr(error, "__notes__", None)
        if notes is not None:
            copied.__notes__ = notes
        setattr(copied, _MORE, more)
        return copied


def _named_like(error: BaseException, members: Iterable[BaseException]) -> Any:
    """Return an exception with the same text, of a new class with the same name."""
    kind = type(error)
    namespace = {
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__str__": lambda _: str(error),
        _MORE: True,
    }
    group = next((base for base in kind.__mro__ if base.__name__ == "BaseExceptionGroup"), None)
    if not members or group is None:
        return type(kind.__name__, (Exception,), namespace)()
    return type(kind.__name__, (group,), namespace)("", members)
