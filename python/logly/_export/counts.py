"""The counts of an export in one process, for `stats`."""

from __future__ import annotations


class Counts(dict):  # type: ignore[type-arg]  # a dict for `stats`
    """The outcomes of calls that send, and of their records."""

    def __init__(self) -> None:
        super().__init__(
            sent=0, spooled=0, rejected=0, lost=0, torn=0, cut=0, requests=0, retries=0, spool_bytes=0
        )  # fmt: skip
