"""`bind_context`, `unbind_context` and `clear_context`, alone and together with blocks of `contextualize`."""

from __future__ import annotations

import asyncio
import contextvars
from functools import partial

import logly
import pytest
from logly import Logger, logger

from tests.support.threads import together


def seen(records) -> list[dict]:
    """Return the fields of each record."""
    return [record["extra"] for record in records]


def fields() -> dict:
    """Return the fields that a record has now."""
    with logly.testing.capture() as records:
        logger.info("m")
    return records[0]["extra"]


def test_fields_last_until_they_are_removed(records):
    assert logger.bind_context(a=1, b=2) is None
    logger.info("m")
    logger.bind_context(b=3)
    logger.info("m")
    logger.unbind_context("a", "unknown")
    logger.info("m")
    logger.clear_context()
    logger.info("m")

    assert seen(records) == [{"a": 1, "b": 2}, {"a": 1, "b": 3}, {"b": 3}, {}]


def test_every_logger_sees_them_and_bound_fields_lose():
    logger.bind_context(a="context", b="context")

    with logly.testing.capture(logger=(other := Logger())) as records:
        other.bind(a="bound", c="bound").info("m", b="call")

    assert seen(records) == [{"a": "context", "b": "call", "c": "bound"}]


def test_nothing_to_do_is_no_mistake():
    logger.bind_context()
    logger.unbind_context("a")
    logger.clear_context()

    assert fields() == {}


def test_fields_bound_within_a_block_stay_after_it():
    with logger.contextualize(a=1, b=1):
        logger.bind_context(b=2, c=2)
        assert fields() == {"a": 1, "b": 2, "c": 2}

    assert fields() == {"b": 2, "c": 2}


def test_block_hides_bound_fields_and_gives_them_back():
    logger.bind_context(a=1)
    with logger.contextualize(a=2):
        assert fields() == {"a": 2}
        logger.bind_context(b=3)

    assert fields() == {"a": 1, "b": 3}


def test_fields_of_a_block_can_be_removed_within_it():
    with logger.contextualize(a=1):
        with logger.contextualize(a=2, b=2):
            logger.unbind_context("a")
            assert fields() == {"b": 2}
        assert fields() == {}

    assert fields() == {}


def test_blocks_end_after_their_fields_were_cleared():
    logger.bind_context(z=0)
    with logger.contextualize(a=1):
        with logger.contextualize(b=2):
            logger.clear_context()
            assert fields() == {}
            logger.bind_context(c=3)
        assert fields() == {"c": 3}
        with logger.contextualize(d=4):
            assert fields() == {"c": 3, "d": 4}

    assert fields() == {"c": 3}


def test_blocks_that_end_in_another_order():
    outer, inner = logger.contextualize(a=1), logger.contextualize(b=2)
    outer.__enter__()
    logger.bind_context(x=1)
    inner.__enter__()
    logger.bind_context(y=2)
    outer.__exit__(None, None, None)
    assert fields() == {"x": 1, "b": 2, "y": 2}
    inner.__exit__(None, None, None)

    assert fields() == {"x": 1, "y": 2}


def test_generator_has_a_context_of_its_own():
    @logger.contextualize(a=1)
    def steps():
        yield fields()
        logger.bind_context(b=2)
        yield fields()
        logger.clear_context()
        yield fields()
        yield fields()

    logger.bind_context(outer=0)
    assert [(step, fields()) for step in steps()] == [
        ({"outer": 0, "a": 1}, {"outer": 0}),
        ({"outer": 0, "a": 1, "b": 2}, {"outer": 0}),
        ({}, {"outer": 0}),
        ({}, {"outer": 0}),
    ]


def test_tasks_inherit_and_do_not_share():
    found = {}

    async def request(number):
        found[number, "start"] = fields()
        logger.bind_context(number=number)
        await asyncio.sleep(0)
        found[number, "end"] = fields()

    async def serve():
        logger.bind_context(server="a")
        await asyncio.gather(*(request(number) for number in range(3)))
        found["after"] = fields()

    asyncio.run(serve())

    assert {found[number, "start"]["server"] for number in range(3)} == {"a"}
    assert [found[number, "end"] for number in range(3)] == [{"server": "a", "number": number} for number in range(3)]
    assert found["after"] == {"server": "a"}
    assert fields() == {}


def test_threads_do_not_share():
    logger.bind_context(main=True)
    found = []

    def work(number):
        before = fields()
        logger.bind_context(number=number)
        found.append((before, fields()))

    together(*(partial(work, number) for number in range(3)))

    assert sorted(after["number"] for _, after in found) == [0, 1, 2]
    assert [before for before, _ in found] == [{}] * 3
    assert fields() == {"main": True}


def test_copied_context_keeps_what_it_has():
    logger.bind_context(a=1)
    copied = contextvars.copy_context()
    logger.clear_context()

    assert copied.run(fields) == {"a": 1}
    assert fields() == {}


def test_values_are_captured_when_they_are_bound():
    value = [1]
    logger.bind_context(value=value)
    value.append(2)

    assert fields() == {"value": [1]}


def test_binding_again_and_again_takes_no_memory():
    import tracemalloc

    def bind(times):
        for number in range(times):
            logger.bind_context(number=number)
            with logger.contextualize(block=number):
                logger.bind_context(inner=number)

    bind(100)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    bind(5_000)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()

    assert grown < 100_000
    assert fields() == {"number": 4_999, "inner": 4_999}


def test_names_must_be_text():
    with pytest.raises(TypeError, match=r'names: expected names of fields \(str\), as in unbind_context\("user"\)'):
        logger.unbind_context(1)


def test_field_may_have_any_name():
    logger.bind_context(self=1, fields=2, names=3)

    assert fields() == {"self": 1, "fields": 2, "names": 3}
