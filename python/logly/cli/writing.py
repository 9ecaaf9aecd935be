"""How commands write: through a pager, in colours, and to readers that go away."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import BinaryIO


def add_color(group: argparse._ArgumentGroup) -> None:
    """Add the options about the terminal."""
    group.add_argument(
        "--color", choices=["auto", "always", "never"], default="auto", help="colours; auto is on terminals"
    )
    group.add_argument("--no-pager", action="store_true", help="write to the terminal itself")


def is_color_wanted(asked: str, *, is_terminal: bool) -> bool:
    """Tell whether to write colours."""
    if asked != "auto":
        return asked == "always"
    return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


@contextmanager
def paged(*, is_wanted: bool) -> Iterator[BinaryIO]:
    """Give the stream to write to: the standard output, or the input of a pager, which is waited for."""
    command = os.environ.get("PAGER", "less") if is_wanted else ""
    try:
        # A pager that is a terminal's usual one ends by itself if all fits on the screen.
        environment = {"LESS": "FRX", **os.environ}
        pager = subprocess.Popen(command, shell=True, stdin=subprocess.PIPE, env=environment) if command else None  # noqa: S602
    except OSError:
        pager = None
    if pager is None or pager.stdin is None:
        yield sys.stdout.buffer
        return
    try:
        yield pager.stdin  # type: ignore[misc]
    finally:
        with suppress(BrokenPipeError):
            pager.stdin.close()
        pager.wait()


class Pipe:
    """Tells whether the reader of the output is still there."""

    is_open = True


@contextmanager
def quiet_pipe() -> Iterator[Pipe]:
    """End the block without a word if the reader goes away."""
    pipe = Pipe()
    try:
        yield pipe
    except BrokenPipeError:
        # Python would write the rest of the buffer again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        pipe.is_open = False
