"""Snapshots: expected outputs kept as files in `tests/snapshots`.

`LOGLY_UPDATE_SNAPSHOTS=1 pytest tests/formats/test_snapshots.py` rewrites them. Read the diff before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "snapshots"


def check(name, text):
    """Compare *text* with the snapshot of that name, or save it as the snapshot when an update is requested."""
    path = FOLDER / name
    if os.environ.get("LOGLY_UPDATE_SNAPSHOTS") == "1":
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"there is no {path.name}: run with LOGLY_UPDATE_SNAPSHOTS=1"
    assert text == path.read_text(encoding="utf-8")
