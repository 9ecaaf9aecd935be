"""The table of platforms: the page, the doctor and the wheels agree on it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from logly.cli.platforms import BUILT_ONLY, NOT_SUPPORTED, ROWS, TESTED_BY_HAND, TESTED_IN_CI, row_here, row_of, version

from tests.support.child import command
from wheels.kinds import KINDS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "platforms.md").read_text(encoding="utf-8")


def test_page_has_the_rows_of_the_table():
    table = PAGE.partition("| platform | CPython |")[2].partition("\n\n")[0]

    rows = [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in table.splitlines()[2:]]

    assert rows == [tuple(row) for row in ROWS]


def test_page_explains_each_state():
    states = {row.state for row in ROWS}

    assert states <= {TESTED_IN_CI, TESTED_BY_HAND, BUILT_ONLY, NOT_SUPPORTED}
    assert all(f"- **{state[0].upper()}{state[1:]}**: " in PAGE for state in states)


def test_each_version_of_a_platform_has_one_row():
    versions = [(row.platform, version) for row in ROWS for version in row.python.replace(",", "").split()]

    assert len(versions) == len(set(versions))


def test_platforms_with_wheels_are_in_the_table():
    names = {kind.platform.row for kind in KINDS}

    assert {row.platform for row in ROWS if row.state != NOT_SUPPORTED} <= names
    assert names <= {row.platform for row in ROWS}


def test_versions_with_wheels_of_their_own_are_in_the_table():
    for kind in (kind for kind in KINDS if not kind.is_stable):
        assert row_of(kind.platform.row, kind.python).state != NOT_SUPPORTED


@pytest.mark.parametrize(
    ("platform", "version"),
    [("Linux x86-64 with glibc", "PyPy"), ("Linux riscv64 with glibc", "3.12"), ("Plan 9 x86-64", "3.12")],
)
def test_rest_of_the_world_is_in_the_last_row(platform, version):
    assert row_of(platform, version) == ROWS[-1]


def test_platform_without_versions_has_one_row_for_all():
    assert row_of("Windows x86-64", "3.13").platform == "Windows x86-64"


def test_doctor_names_the_row_of_this_machine(tmp_path):
    row = row_here()

    finished = command("doctor", folder=tmp_path)

    finished.check(stderr="")
    (line,) = re.findall("^platform: .*$", finished.stdout, re.MULTILINE)
    assert line.startswith(f"platform: {row.platform}, Python {version()}: {row.state} ({row.check}); built for ")
    assert row.state in {TESTED_IN_CI, TESTED_BY_HAND}
