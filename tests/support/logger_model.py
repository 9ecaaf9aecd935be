"""A simple model of sinks: the records that each one gets, and how its file looks in the end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NUMBERS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40}

NOTICE = re.compile(r"\d+ records? dropped")
"""A line of logly's own, which takes the place of dropped records."""

Block = list[list[str]]
"""Messages that threads logged at the same time, those of each thread in their order."""


@dataclass
class Model:
    """One sink. Its level is None if it follows the logger's."""

    level: str | None
    path: Path | None = None
    may_drop: bool = False
    writer: str | None = None
    """Which files get the same records in the same order; None if there is no such promise."""
    is_on: bool = True
    is_failing: bool = False
    failures: int = 0
    got: list[str] = field(default_factory=list)
    """The messages that a function got; those of a file stand in the file."""
    wanted: list[Block] = field(default_factory=list)
    of_children: list[str] = field(default_factory=list)

    def wants(self, level: str, of_logger: str) -> bool:
        return self.is_on and NUMBERS[level] >= NUMBERS[self.level or of_logger]

    def note(self, block: Block) -> None:
        """Note messages that the sink wants."""
        if self.is_failing:
            self.failures += sum(map(len, block))
        else:
            self.wanted.append(block)

    @property
    def count(self) -> int:
        """How many records were for it and could be written."""
        return sum(len(messages) for block in self.wanted for messages in block)

    def contents(self) -> list[str]:
        """Return all messages of the sink, those of rotated files first, without notices."""
        if self.path is None:
            return list(self.got)
        lines = []
        for path in sorted(self.path.parent.glob(f"{self.path.stem}.*"), key=_place):
            text = path.read_text("utf-8")
            assert text.endswith("\n") or not text, f"{path} ends within a line"
            lines.extend(text.splitlines())
        return [line for line in lines if not NOTICE.search(line)]

    def check(self) -> list[str]:
        """Compare the contents with the model, and return the messages of this process."""
        contents = self.contents()
        own = [message for message in contents if not message.startswith("child")]
        assert sorted(set(contents) - set(own)) == sorted(self.of_children)
        assert len(contents) == len(set(contents)), "a record is there twice"
        rest = iter(own)
        for block in self.wanted:
            if not self.may_drop:
                taken = [next(rest, None) for _ in range(sum(map(len, block)))]
                for messages in block:
                    assert [message for message in taken if message in messages] == messages
        if not self.may_drop:
            assert list(rest) == []
        return own


def _place(path: Path) -> tuple[bool, str, int]:
    """Return the place of a file in its series: archives by their stamp and number, then the file itself."""
    parts = path.name.split(".")[1:-1]
    return (not parts, parts[0] if parts else "", int(parts[1]) if len(parts) > 1 else 1)
