"""`catch`: exceptions of the wrapped code are logged, and the program continues after it."""

from __future__ import annotations

import asyncio
import builtins
import dataclasses
import functools
import sys
import threading

import logly
import pytest
from logly import logger

needs_groups = pytest.mark.skipif(sys.version_info < (3, 11), reason="groups are of Python 3.11 and later")
BaseExceptionGroup = getattr(builtins, "BaseExceptionGroup", BaseException)
ExceptionGroup = getattr(builtins, "ExceptionGroup", Exception)


def fail(*_args, **_kwargs):
    raise ValueError("no")


def caught(records):
    """Return the logged exceptions."""
    return [record["exception"].value for record in records]


def test_exception_in_a_with_block_is_logged_and_ends_there(records):
    with logger.catch():
        fail()

    assert [(record["level"], str(record["exception"].value)) for record in records] == [("ERROR", "no")]


def test_block_that_raises_nothing_logs_nothing(records):
    with logger.catch():
        pass

    assert records == []


def test_async_with_works_too(records):
    async def main():
        async with logger.catch():
            fail()

    asyncio.run(main())

    assert (len(records), records[0]["function"]) == (1, "main")


def test_place_is_the_function_with_the_block(records):
    with logger.catch():
        fail()

    assert (records[0]["function"], records[0]["module"]) == ("test_place_is_the_function_with_the_block", __name__)


def test_place_of_a_decorated_function_is_its_caller(records):
    @logger.catch
    def work():
        fail()

    work()

    assert records[0]["function"] == "test_place_of_a_decorated_function_is_its_caller"


def test_message_names_function_process_and_thread(records):
    with logger.catch():
        fail()

    thread = threading.current_thread()
    message = records[0]["message"]
    assert message.startswith("An error has been caught in function 'test_message_names_function_process_and_thread', ")
    assert message.endswith(f"thread '{thread.name}' ({thread.ident}):")


def test_message_takes_keys_of_the_record(records):
    with logger.bind(user="ada").catch(
        message="{record[level]} {record[level].no} {record[extra][user]} {record[name]}"
    ):
        fail()

    assert records[0]["message"] == f"ERROR 40 ada {__name__}"


@pytest.mark.parametrize("message", ["{record[nothing]}", "{record", "{record[level].x} {}", "plain {} {x}"])
def test_message_that_cannot_be_filled_in_stays_as_it_is(records, message):
    with logger.catch(message=message):
        fail()

    assert records[0]["message"] == message


def test_level_is_the_one_given(records):
    with logger.catch(level="warning"):
        fail()
    with logger.catch(level=33):
        fail()

    assert [record["level"].no for record in records] == [30, 33]


def test_level_that_is_gone_by_then_is_an_error(records):
    logger.level("GONE", no=41)
    catcher = logger.catch(level="GONE")
    logger.reset()

    with logly.testing.capture() as seen, catcher:
        fail()

    assert seen[0]["level"] == "ERROR"


def test_other_exceptions_pass(records):
    with pytest.raises(ValueError, match="no"), logger.catch(KeyError):
        fail()

    assert records == []


def test_several_types_can_be_caught(records):
    with logger.catch((KeyError, ValueError)):
        fail()

    assert len(records) == 1


def test_excluded_exceptions_pass(records):
    with pytest.raises(ValueError, match="no"), logger.catch(exclude=(KeyError, ValueError)):
        fail()

    assert records == []


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError])
def test_what_ends_the_program_passes_unless_it_is_named(records, kind):
    with pytest.raises(kind), logger.catch(BaseException):
        raise kind

    with logger.catch((BaseException, kind)):
        raise kind

    assert [type(error) for error in caught(records)] == [kind]


@needs_groups
@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_groups_that_hold_what_ends_the_program_pass(records, kind):
    inner = BaseExceptionGroup("inner", [kind()])
    group = BaseExceptionGroup("outer", [ValueError("no"), inner])

    with pytest.raises(BaseExceptionGroup), logger.catch(BaseException):
        raise group

    assert records == []


@needs_groups
@pytest.mark.parametrize("named", [KeyboardInterrupt, BaseExceptionGroup])
def test_groups_are_caught_where_they_or_what_they_hold_is_named(records, named):
    group = BaseExceptionGroup("several", [ValueError("no"), KeyboardInterrupt()])

    with logger.catch((BaseException, named)):
        raise group

    assert caught(records) == [group]


@needs_groups
def test_groups_of_errors_are_caught(records):
    group = ExceptionGroup("several", [ValueError("no"), ExceptionGroup("inner", [KeyError()])])

    for kind in (Exception, BaseException):
        with logger.catch(kind):
            raise group

    assert caught(records) == [group, group]


def test_function_marked_as_a_coroutine_function_is_caught_where_it_is_awaited(records):
    async def work():
        fail()

    def start():
        return work()

    start._is_coroutine_mark = True

    assert asyncio.run(logger.catch(start)()) is None
    assert len(records) == 1


def test_other_base_exceptions_can_be_caught(records):
    class Stop(BaseException):
        pass

    with logger.catch(BaseException):
        raise Stop

    assert len(records) == 1


def test_reraised_exceptions_go_on_as_they_were(records):
    @logger.catch(reraise=True)
    def work():
        fail()

    with pytest.raises(ValueError, match="no") as info:
        work()

    assert len(records) == 1
    assert [entry.name for entry in info.traceback][-2:] == ["work", "fail"]


def test_onerror_is_called_with_the_exception(records):
    seen = []

    with logger.catch(onerror=seen.append):
        fail()

    assert seen == caught(records)


def test_what_onerror_raises_goes_on(records):
    def leave(_error):
        raise SystemExit(3)

    with pytest.raises(SystemExit), logger.catch(onerror=leave):
        fail()

    assert len(records) == 1


def test_traceback_of_a_decorated_function_begins_with_it(text):
    @logger.catch
    def work():
        fail()

    work()

    assert text.lines[2].endswith(", in work")


def test_bare_decorator_keeps_results_and_arguments(records):
    @logger.catch
    def add(a, b=2):
        """Add."""
        return a + b

    assert (add(1), add(1, b=4), add.__name__, add.__doc__) == (3, 5, "add", "Add.")


def test_failed_function_returns_the_default(records):
    assert logger.catch(default=5)(fail)() == 5
    assert logger.catch(fail)() is None


def test_coroutine_functions_return_the_default(records):
    @logger.catch(default=5)
    async def work(result=None):
        await asyncio.sleep(0)
        return result or fail()

    async def main():
        return await work(1), await work()

    assert asyncio.run(main()) == (1, 5)
    assert records[0]["function"] == "main"


def test_generators_end_with_the_default(records):
    @logger.catch(default=5)
    def numbers():
        got = yield 1
        yield got
        fail()

    generator = numbers()

    assert (next(generator), generator.send(2)) == (1, 2)
    with pytest.raises(StopIteration) as stop:
        next(generator)
    assert (stop.value.value, len(records)) == (5, 1)


def test_async_generators_end(records):
    @logger.catch
    async def numbers():
        got = yield 1
        try:
            yield got
        except KeyError:
            yield 3
        fail()

    async def main():
        generator = numbers()
        seen = [await generator.__anext__(), await generator.asend(2), await generator.athrow(KeyError())]
        return seen + [item async for item in generator]

    assert asyncio.run(main()) == [1, 2, 3]
    assert len(records) == 1


def test_closed_generators_log_nothing(records):
    @logger.catch(BaseException)
    def numbers():
        yield 1
        yield 2

    generator = numbers()
    next(generator)
    generator.close()

    assert records == []


def test_methods_of_every_kind_can_be_decorated(records):
    class Service:
        @logger.catch
        def work(self):
            fail()

        @logger.catch
        @staticmethod
        def static():
            fail()

        @classmethod
        @logger.catch
        def of_class(cls):
            fail()

        @logger.catch
        @classmethod
        def decorated_of_class(cls):
            fail()

    service = Service()

    assert (service.work(), service.static(), Service.static()) == (None,) * 3
    assert (service.of_class(), Service.decorated_of_class()) == (None,) * 2
    assert len(records) == 5


def test_exceptions_that_cannot_be_changed_are_caught(records):
    @dataclasses.dataclass(frozen=True)
    class Refused(Exception):
        code: int

    @logger.catch
    def work():
        raise Refused(3)

    assert work() is None
    assert records[0]["exception"].value == Refused(3)
    assert records[0]["exception"].traceback is not None


def test_partial_functions_can_be_decorated(records):
    assert logger.catch(functools.partial(fail, 1))() is None
    assert len(records) == 1


def test_one_catcher_serves_nested_blocks(records):
    catcher = logger.catch()

    with catcher, catcher:
        fail()
    with catcher:
        fail()

    assert len(records) == 2


def test_bound_fields_belong_to_the_record(records):
    with logger.bind(user="ada").catch():
        fail()

    assert records[0]["user"] == "ada"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"exception": 5}, "exception: expected a type of exception or a tuple of types, got 5"),
        (
            {"exclude": (ValueError, int)},
            "exclude: expected a type of exception or a tuple of types, got <class 'int'>",
        ),
        ({"onerror": 5}, "onerror: expected a function of the exception, got 5"),
        ({"message": 5}, "message: expected a str, got 5"),
    ],
)
def test_wrong_types_are_refused(given, says):
    with pytest.raises(TypeError) as info:
        logger.catch(**given)

    assert str(info.value) == says


def test_unknown_levels_are_refused():
    with pytest.raises(ValueError, match="eror"):
        logger.catch(level="eror")


def test_classes_are_not_decorated():
    with pytest.raises(TypeError, match="expected a function to decorate"):
        logger.catch()(int)
