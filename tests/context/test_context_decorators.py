"""`contextualize` as a decorator: of functions, coroutine functions, generators and async generators."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import types

import pytest
from logly import logger


def seen(records) -> list[dict]:
    """Return the fields of each record."""
    return [record["extra"] for record in records]


def test_decorated_function_logs_with_the_fields(records):
    @logger.contextualize(a=1)
    def work(x):
        logger.info("m")
        return x

    assert (work(5), work.__name__) == (5, "work")
    logger.info("after")
    assert seen(records) == [{"a": 1}, {}]


def test_decorated_function_may_call_itself(records):
    @logger.contextualize(a=1)
    def work(depth):
        if depth:
            work(depth - 1)
        logger.info("m")

    work(3)
    logger.info("after")

    assert seen(records) == [{"a": 1}] * 4 + [{}]


def test_decorated_method_keeps_its_self(records):
    class Service:
        @logger.contextualize(a=1)
        def work(self):
            logger.info("m")
            return self

    service = Service()

    assert service.work() is service
    assert seen(records) == [{"a": 1}]


def test_static_and_class_methods_may_be_decorated_from_above(records):
    class Service:
        @logger.contextualize(a=1)
        @staticmethod
        def static():
            logger.info("m")

        @logger.contextualize(a=2)
        @classmethod
        def of_class(cls):
            logger.info("m")
            return cls

    Service.static()

    assert Service().of_class() is Service
    assert seen(records) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("given", [int, property(len), None])
def test_what_is_no_function_is_refused(given):
    with pytest.raises(TypeError, match="contextualize: expected a function to decorate, got"):
        logger.contextualize(a=1)(given)


def test_function_marked_as_a_coroutine_function_is_one(records):
    async def work():
        logger.info("m")

    def start():
        return work()

    start._is_coroutine_mark = True

    asyncio.run(logger.contextualize(a=1)(start)())

    assert seen(records) == [{"a": 1}]


def test_coroutine_that_is_a_generator_can_be_awaited(records):
    @logger.contextualize(a=1)
    @types.coroutine
    def work():
        logger.info("m")
        yield
        return 5

    async def main():
        return await work()

    assert asyncio.run(main()) == 5
    assert seen(records) == [{"a": 1}]


def test_decorated_coroutine_function_logs_with_the_fields(records):
    @logger.contextualize(a=1)
    async def work():
        await asyncio.sleep(0)
        logger.info("m")
        return 5

    assert asyncio.run(work()) == 5
    assert inspect.iscoroutinefunction(work)
    assert seen(records) == [{"a": 1}]


def test_decorated_partial_of_a_coroutine_function_logs_with_the_fields(records):
    async def work(x):
        await asyncio.sleep(0)
        logger.info("m", x=x)

    asyncio.run(logger.contextualize(a=1)(functools.partial(work, 5))())

    assert seen(records) == [{"a": 1, "x": 5}]


def test_decorated_object_with_an_async_call_logs_with_the_fields(records):
    class Work:
        async def __call__(self):
            await asyncio.sleep(0)
            logger.info("m")

    asyncio.run(logger.contextualize(a=1)(Work())())

    assert seen(records) == [{"a": 1}]


def test_decorated_coroutines_run_at_once(records):
    @logger.contextualize(a=1)
    async def work(name):
        await asyncio.sleep(0)
        logger.info("m", name=name)

    async def main():
        await asyncio.gather(*(work(number) for number in range(5)))
        logger.info("after")

    asyncio.run(main())

    assert seen(records) == [{"a": 1, "name": number} for number in range(5)] + [{}]


def test_decorated_generator_has_the_fields_and_its_caller_has_not(records):
    @logger.contextualize(a=1)
    def numbers():
        for number in range(2):
            logger.info("inside")
            yield number

    for _ in numbers():
        logger.info("outside")

    assert seen(records) == [{"a": 1}, {}, {"a": 1}, {}]


def test_decorated_generator_passes_send_throw_and_return_on(records):
    @logger.contextualize(a=1)
    def talk():
        received = yield "first"
        try:
            yield received
        except ValueError:
            logger.info("caught")
            yield "caught"
        return "end"

    generator = talk()

    assert [next(generator), generator.send("sent"), generator.throw(ValueError())] == ["first", "sent", "caught"]
    with pytest.raises(StopIteration) as stop:
        next(generator)
    assert (stop.value.value, seen(records)) == ("end", [{"a": 1}])


def test_decorated_generator_is_closed_within_its_context(records):
    @logger.contextualize(a=1)
    def numbers():
        try:
            yield 1
        finally:
            logger.info("closed")

    generator = numbers()
    next(generator)
    generator.close()
    logger.info("after")

    assert seen(records) == [{"a": 1}, {}]


def test_context_within_a_decorated_generator_lasts_until_its_end(records):
    @logger.contextualize(a=1)
    def numbers():
        with logger.contextualize(b=2):
            yield 1
            logger.info("within")
            yield 2
        logger.info("behind")

    for _ in numbers():
        logger.info("caller")

    assert seen(records) == [{}, {"a": 1, "b": 2}, {}, {"a": 1}]


def test_context_within_a_decorated_generator_never_outlasts_its_end_in_other_contexts(records):
    @logger.contextualize(a=1)
    def numbers():
        with logger.contextualize(b=2):
            yield 1
        logger.info("behind")
        yield 2

    generator = numbers()
    for _ in range(2):
        contextvars.copy_context().run(next, generator)

    assert seen(records) == [{"a": 1}]


def test_context_of_the_caller_is_in_a_decorated_generator_as_it_is_then(records):
    @logger.contextualize(a=1)
    def numbers():
        while True:
            logger.info("m")
            yield

    generator = numbers()
    for user in "xy":
        with logger.contextualize(user=user):
            next(generator)

    assert seen(records) == [{"user": "x", "a": 1}, {"user": "y", "a": 1}]


def test_decorated_async_generator_has_the_fields_and_its_caller_has_not(records):
    @logger.contextualize(a=1)
    async def numbers():
        for number in range(2):
            await asyncio.sleep(0)
            logger.info("inside")
            yield number

    async def main():
        async for _ in numbers():
            logger.info("outside")

    asyncio.run(main())

    assert seen(records) == [{"a": 1}, {}, {"a": 1}, {}]


def test_context_within_a_decorated_async_generator_lasts_until_its_end(records):
    @logger.contextualize(a=1)
    async def numbers():
        with logger.contextualize(b=2):
            yield 1
            await asyncio.sleep(0)
            logger.info("within")
            yield 2
        logger.info("behind")

    async def main():
        async for _ in numbers():
            logger.info("caller")

    asyncio.run(main())

    assert seen(records) == [{}, {"a": 1, "b": 2}, {}, {"a": 1}]


def test_decorated_async_generator_passes_send_and_throw_on(records):
    @logger.contextualize(a=1)
    async def talk():
        received = yield "first"
        try:
            yield received
        except ValueError:
            logger.info("caught")
            yield "caught"

    async def main():
        generator = talk()
        return [await generator.__anext__(), await generator.asend("sent"), await generator.athrow(ValueError())]

    assert asyncio.run(main()) == ["first", "sent", "caught"]
    assert seen(records) == [{"a": 1}]


def test_decorated_async_generator_is_closed_within_its_context(records):
    @logger.contextualize(a=1)
    async def numbers():
        try:
            yield 1
        finally:
            logger.info("closed")

    async def main():
        generator = numbers()
        await generator.__anext__()
        await generator.aclose()
        logger.info("after")

    asyncio.run(main())

    assert seen(records) == [{"a": 1}, {}]
