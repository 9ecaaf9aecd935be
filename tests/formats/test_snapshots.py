"""Whole programs print the same output as before, as text, JSON and in colour."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.child import output
from tests.support.snapshot import FOLDER, check

PROGRAM = (FOLDER / "program.py").read_text(encoding="utf-8")

# Central Europe, without the need for a zone database.
ZONE = {"TZ": "CET-1CEST,M3.5.0,M10.5.0/3"}

PATTERN = (
    "<green>{time:YYYY-MM-DD HH:mm:ss.SSS Z}</green> | <level>{level: <8}</level> | "
    "<cyan>{function}</cyan> - <level>{message}</level>{fields}"
)


@pytest.mark.parametrize(
    ("name", "options", "settings"),
    [
        ("text.txt", {}, {}),
        ("text_location.txt", {}, {"show_module": True, "show_function": True, "show_time": False}),
        ("text_utc.txt", {"date_style": "utc"}, {"extra": {"service": "web"}}),
        ("text_indent.txt", {"multiline": "indent"}, {}),
        ("pattern.txt", {"format": PATTERN}, {}),
        ("color.txt", {"color": True}, {}),
        ("color_pattern.txt", {"color": True, "format": PATTERN}, {"level_colors": {"INFO": "bold #ff8800"}}),
        ("json.jsonl", {"json": True}, {"extra": {"service": "web"}}),
        ("json_flat.jsonl", {"json": "flat"}, {"show_function": True}),
        ("json_pretty.json", {"json": "pretty"}, {}),
    ],
)
def test_output_is_what_it_was(name, options, settings):
    shown = output(PROGRAM, json.dumps(options), json.dumps(settings), environment=ZONE)

    check(name, shown)


def test_every_snapshot_belongs_to_a_test():
    kept = {path.name for path in FOLDER.iterdir() if path.suffix in {".txt", ".json", ".jsonl"}}

    assert all(f'"{name}"' in Path(__file__).read_text(encoding="utf-8") for name in kept)
    assert len(kept) == 10
