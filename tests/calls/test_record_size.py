"""The dict of a record that function sinks get: the limit for copies of large values."""

from __future__ import annotations

import pytest
from logly import logger


@pytest.fixture
def extra():
    """Return a function that returns the fields of the last record, as function sinks see them."""
    records = []
    logger.add(lambda message: records.append(message.record))
    return lambda: records[-1]["extra"]


def test_containers_are_copied_with_those_in_them(extra):
    value = {"rows": [[number] for number in range(10_000)]}

    logger.info("m", value=value)
    value["rows"][-1].append("later")

    assert extra()["value"]["rows"][-1] == [9_999]


@pytest.mark.parametrize("make", [list, set, dict.fromkeys], ids=["list", "set", "dict"])
def test_container_of_more_items_than_are_copied_is_the_program_s_own(extra, make):
    value = make(range(600_000))

    logger.info("m", value=value)

    assert extra()["value"] is value


def test_containers_are_copied_until_a_record_has_its_share(extra):
    value = [[] for _ in range(100_000)]

    logger.info("m", first=value, second=[[1]])

    assert extra()["first"][0] is not value[0]
    assert extra()["first"][-1] is value[-1]
    assert len(extra()["first"]) == len(value)
