"""Attributes of loggers that tests replace, by `unittest.mock` and pytest, and that programs set permanently."""

from __future__ import annotations

import copy
import functools
import gc
import pickle
import sys
import weakref
from unittest import mock

import pytest
from logly import Logger, logger

pytestmark = pytest.mark.usefixtures("no_console")


class Slotted(Logger):
    """A subclass whose instances have no `__dict__`."""

    __slots__ = ()


class Open(Logger):
    """A subclass whose instances have one."""


def independent(kind=Logger):
    """Return an independent logger without a console."""
    made = kind()
    made.configure(console=False)
    return made


LOGGERS = {
    "global": lambda: logger,
    "bound": lambda: logger.bind(a=1),
    "of opt": lambda: logger.opt(capture=False),
    "of patch": lambda: logger.patch(print),
    "of once": logger.once,
    "independent": independent,
    "bound to an independent one": lambda: independent().bind(a=1),
    "of a subclass with slots": lambda: independent(Slotted),
    "of a subclass": lambda: independent(Open),
}
METHODS = [name for name in dir(Logger) if not name.startswith("_") and callable(getattr(Logger, name))]


@pytest.fixture(params=LOGGERS)
def one(request):
    """Give a logger of each kind."""
    return LOGGERS[request.param]()


def state(one):
    """Return the state that a test must restore: the class, the attributes that were set, and all methods."""
    return type(one), dict(vars(one)), [getattr(one, name) for name in METHODS]


@pytest.mark.parametrize("options", [{}, {"autospec": True}, {"create": True}, {"new": print}], ids=str)
def test_each_method_can_be_mocked_and_comes_back(one, options):
    before = state(one)

    for name in METHODS:
        with mock.patch.object(one, name, **options) as mocked:
            assert getattr(one, name) is mocked

    assert state(one) == before


def test_mocked_method_is_called_without_the_logger(one):
    with mock.patch.object(one, "error") as error, mock.patch.object(one, "opt", autospec=True) as opt:
        one.error("no {n}", n=1)
        one.opt(raw=True)

    error.assert_called_once_with("no {n}", n=1)
    opt.assert_called_once_with(raw=True)


def test_mock_with_autospec_refuses_what_the_method_refuses():
    bound = logger.bind(a=1)

    with mock.patch.object(bound, "opt", autospec=True), pytest.raises(TypeError, match="color"):
        bound.opt(color=True)


def test_mock_may_be_a_decorator(records):
    bound = logger.bind(a=1)

    @mock.patch.object(bound, "error")
    @mock.patch.object(logger, "info", autospec=True)
    def act(info, error):
        bound.error("x")
        logger.info("y")
        info.assert_called_once_with("y")
        error.assert_called_once_with("x")

    act()
    bound.error("seen")

    assert [record["message"] for record in records] == ["seen"]


def test_several_mocks_may_end_in_any_order(one):
    before = state(one)
    patches = [mock.patch.object(one, name) for name in ("error", "opt", "info")]

    for patch in patches:
        patch.start()
    for patch in patches:
        patch.stop()

    assert state(one) == before


def test_mocks_of_one_method_may_be_nested(one):
    before = state(one)

    with mock.patch.object(one, "bind") as outer:
        with mock.patch.object(one, "bind") as inner:
            assert one.bind is inner
        assert one.bind is outer

    assert state(one) == before


def test_mock_named_by_the_package_is_of_the_global_logger(records):
    before = state(logger)

    with mock.patch("logly.logger.error") as error, mock.patch("logly.logger.bind", autospec=True):
        logger.error("x")
    logger.error("seen")

    error.assert_called_once_with("x")
    assert (state(logger), [record["message"] for record in records]) == (before, ["seen"])


def test_monkeypatch_replaces_each_method_and_puts_it_back(monkeypatch):
    for made in LOGGERS.values():
        one = made()
        if isinstance(one, Open):
            continue  # An instance with a `__dict__` keeps attributes that monkeypatch restores, in any class.
        before = state(one)
        with monkeypatch.context() as patch:
            for name in METHODS:
                patch.setattr(one, name, len)
                assert getattr(one, name)("four") == 4
        assert state(one) == before


def test_monkeypatch_takes_the_name_of_a_method(monkeypatch):
    before = state(logger)

    with monkeypatch.context() as patch:
        patch.setattr("logly.logger.opt", len)
        assert logger.opt("four") == 4

    assert state(logger) == before


def test_attribute_set_for_good_outlives_a_mock(one):
    one.opt = mine = functools.partial(one.opt, colors=True)
    one.error = theirs = [].append
    one.audit = ours = functools.partial(one.log, "INFO")

    with mock.patch.object(one, "opt"), mock.patch.object(one, "error"), mock.patch.object(one, "audit") as audit:
        one.audit("x")

    audit.assert_called_once_with("x")
    assert (one.opt, one.error, one.audit) == (mine, theirs, ours)
    del one.opt, one.error, one.audit
    assert not vars(one)


def test_options_set_for_good_hold_for_later_calls(no_console):
    written = []
    logger.add(lambda line: written.append(str(line)), format="{message}", color=False)
    before = state(logger)
    logger.opt = functools.partial(logger.opt, colors=True)

    logger.opt(capture=False).info("<red>hot</red>")
    del logger.opt

    assert written == ["hot\n"]
    assert state(logger) == before


def test_function_set_on_a_logger_is_not_bound(one):
    one.shout = lambda *given: given

    assert one.shout("x") == ("x",)


def test_loggers_made_of_a_patched_one_are_ordinary(records):
    bound = logger.bind(a=1)

    with mock.patch.object(bound, "error"):
        made = bound.bind(b=2)
        made.error("seen")

    assert type(made) is Logger
    assert records[0]["extra"] == {"a": 1, "b": 2}


def test_patched_logger_looks_as_before(one):
    before = one.__class__, repr(one), type(one).__name__, isinstance(one, Logger)

    with mock.patch.object(one, "error"), mock.patch.object(one, "opt"):
        after = one.__class__, repr(one), type(one).__name__, isinstance(one, Logger)

    assert after == before


def test_patched_loggers_are_copied_and_pickled_without_the_patch(records):
    bound = logger.bind(a=1)

    with mock.patch.object(bound, "error"), mock.patch.object(logger, "bind"), mock.patch.object(logger, "info"):
        copied = copy.copy(bound), copy.deepcopy(bound)
        restored = pickle.loads(pickle.dumps(bound)), pickle.loads(pickle.dumps(logger))
        restored[0].error("seen")

    assert copied == (bound, bound)
    assert restored[1] is logger
    assert records[0]["extra"] == {"a": 1}


def test_exceptions_are_caught_and_logged_while_opt_is_mocked(records):
    with mock.patch.object(logger, "opt"), logger.catch(ValueError):
        raise ValueError("x")

    assert isinstance(records[0]["exception"].value, ValueError)


@pytest.mark.parametrize("name", ["sink_count", "_bound", "__class__", "__dict__", "__repr__"])
def test_properties_and_python_s_own_names_cannot_be_set(name):
    with pytest.raises(AttributeError):
        setattr(logger, name, None)


@pytest.mark.parametrize("name", ["error", "opt", "absent"])
def test_attribute_that_was_not_set_cannot_be_deleted(one, name):
    with pytest.raises(AttributeError):
        delattr(one, name)

    assert callable(one.error)


def test_module_of_the_logger_has_no_other_attributes():
    module = sys.modules["logly.logger"]

    with pytest.raises(AttributeError, match="absent"):
        _ = module.absent
    module.something = 1
    assert vars(module)["something"] == 1
    del module.something
    assert not hasattr(module, "something")


def test_specifications_can_be_made_of_loggers(one):
    specified = mock.create_autospec(one), mock.Mock(spec=one), mock.MagicMock(spec_set=Logger)

    for each in specified:
        each.info("x")
        with pytest.raises(AttributeError):
            _ = each.absent


def test_logger_with_attributes_is_deleted():
    one = independent()
    one.error = print
    reference = weakref.ref(one)

    del one
    gc.collect()

    assert reference() is None


def test_loggers_without_attributes_take_no_more_memory():
    bound, plain = logger.bind(a=1), independent(Slotted)
    before = sys.getsizeof(bound)

    with mock.patch.object(bound, "error"):
        pass

    assert sys.getsizeof(bound) == before == sys.getsizeof(plain)
    assert Logger.__dictoffset__ == 0
