"""Parts of a record that are more than plain values: set by patchers, pickled, copied."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import sys

import pytest
from logly import logger

pytestmark = pytest.mark.usefixtures("no_console")

PATTERN = "{name} {module} {function} {file.name} {file.path} {line}"


def patched(change, pattern, log=lambda log: log.info("hello")):
    """Return the line, formatted by that pattern, of a record that a patcher changes."""
    lines = []
    sink = logger.add(lines.append, format=pattern)
    log(logger.patch(change))
    logger.remove(sink)
    return "".join(lines).removesuffix("\n")


def setting(part, **attributes):
    """Return a patcher that sets attributes of a part."""

    def patcher(record):
        for name, value in attributes.items():
            setattr(record[part], name, value)

    return patcher


# Allowed changes


@pytest.mark.parametrize(
    ("change", "pattern", "expected"),
    [
        (setting("file", path="/srv/shop.py"), "{file.name} {file.path}", "shop.py /srv/shop.py"),
        (setting("file", name="shop"), "{file} {filename}", "shop shop"),
        (setting("level", name="LOUD"), "{level} {level.name} {level.no}", "LOUD LOUD 20"),
        (setting("level", no=45), "{level} {level.no}", "INFO 45"),
        (setting("level", icon="!"), "{level.icon}", "!"),
        (setting("thread", name="worker"), "{thread.name}", "worker"),
        (setting("thread", id=7), "{thread} {thread.id}", "7 7"),
        (setting("process", name="worker", id=9), "{process.name} {process}", "worker 9"),
        (lambda record: record.update(thread="worker"), "{thread.name}", "worker"),
        (lambda record: record.update(process=9), "{process}", "9"),
        (lambda record: record.update(elapsed=1.5), "{elapsed}", "0:00:01.500000"),
        (lambda record: record.update(timestamp="2025-01-15T10:30:00Z"), "{time:HH:mm!UTC}", "10:30"),
    ],
)
@pytest.mark.parametrize("is_file", [False, True])
def test_part_that_was_set_is_written(tmp_path, change, pattern, expected, is_file):
    logger.add(tmp_path / "log", format=pattern)

    line = patched(change, pattern)

    assert logger.complete(timeout=30)
    assert ((tmp_path / "log").read_text().rstrip() if is_file else line) == expected


def test_objects_like_those_of_the_record_may_take_their_place():
    class Part:
        def __init__(self, **attributes):
            self.__dict__.update(attributes)

    def change(record):
        record["level"] = Part(name="AUDIT", no=21, icon="#")
        record["file"] = Part(name="shop", path="/srv/shop.py")
        record["thread"] = Part(id=3, name="worker")

    pattern = "{level} {level.no} {level.icon} {file.name} {file.path} {thread.id} {thread.name}"

    assert patched(change, pattern) == "AUDIT 21 # shop /srv/shop.py 3 worker"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"module": "m"}, "NAME m"), ({"name": "n"}, "n NAME"), ({"name": "n", "module": "m"}, "n m")],
)
def test_name_and_module_are_set_apart(changes, expected):
    line = patched(lambda record: record.update(changes), "{name} {module}")

    assert line == expected.replace("NAME", __name__)


def test_name_that_was_set_is_what_filters_go_by_and_json_has(json_file):
    lines = []
    logger.add(lines.append, filter="shop", format="{message}")
    logger.configure(show_module=True)

    logger.patch(lambda record: record.update(name="shop.db")).info("x")

    assert lines == ["x\n"]
    (record,) = json_file.read()
    assert (record["name"], record["module"]) == ("shop.db", __name__)


def test_all_sinks_see_what_was_set():
    seen, called, handled = [], [], []

    class Handler(logging.Handler):
        def emit(self, record):
            handled.append((record.levelname, record.threadName, record.processName, record.pathname))

    logger.add(seen.append, format="{message}")
    logger.add_callback(called.append)
    logger.add(Handler())

    def change(record):
        record["level"].name = "LOUD"
        record["thread"].name = "t"
        record["process"].name = "p"
        record["file"].path = "/srv/a.py"
        record["name"] = "n"

    logger.patch(change).info("x")

    assert logger.complete(timeout=30)
    record = seen[0].record
    assert (record["level"], record["thread"].name, record["process"].name) == ("LOUD", "t", "p")
    assert (record["file"], record["file"].path, record["name"]) == ("a.py", "/srv/a.py", "n")
    assert (called[0]["level"], called[0]["filename"]) == ("LOUD", "/srv/a.py")
    assert handled == [("LOUD", "t", "p", "/srv/a.py")]


def test_second_patcher_keeps_what_the_first_set():
    first = logger.patch(setting("level", name="LOUD")).patch(setting("level", icon="!"))
    lines = []
    logger.add(lines.append, format="{level} {level.icon}")

    first.patch(lambda record: record.update(n=1)).info("x")

    assert lines == ["LOUD !\n"]


# Exceptions


def raised():
    """An exception with a traceback."""
    try:
        raise ValueError("bad")
    except ValueError as error:
        return error


@pytest.mark.parametrize("kind", [ValueError, type(None)])
def test_exception_without_its_traceback_is_shown_without(kind):
    error = raised()

    line = patched(lambda record: record.update(exception=(kind, error, None)), "{message}")

    assert line == "hello\nValueError: bad"
    assert error.__traceback__ is not None


def test_exception_gets_the_traceback_that_it_was_given_with():
    error, other = raised(), raised()

    line = patched(lambda record: record.update(exception=(ValueError, error, other.__traceback__)), "{message}")

    assert line.startswith("hello\nTraceback (most recent call last):")


def test_type_alone_is_an_exception():
    line = patched(lambda record: record.update(exception=(KeyError, None, None)), "{message}")

    assert line == "hello\nKeyError"


# Useless values


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("level", "NOTHING"),
        ("level", object()),
        ("extra", None),
        ("time", "now"),
        ("time", None),
        ("timestamp", "soon"),
        ("exception", "no"),
        ("exception", (1, 2)),
        ("line", "first"),
        ("line", -1),
        ("file", 1.5),
        ("process", -1),
        ("thread", object),
        ("elapsed", "long"),
    ],
)
def test_value_of_no_use_is_left_out_and_told_and_the_rest_holds(records, key, value, capfd):
    logger.patch(lambda record: record.update({key: value, "message": "changed", "added": 1})).info("x", n=1)

    assert records[0]["message"] == "changed"
    assert records[0]["extra"] == {"n": 1, "added": 1}
    assert f'a patcher set "{key}" to a value of type {type(value).__name__}' in capfd.readouterr().err


@pytest.mark.parametrize("key", ["message", "level", "time", "extra", "exception", "thread", "name"])
def test_key_that_was_deleted_is_as_it_was(key):
    assert patched(lambda record: record.pop(key), "{name} {level} {message}") == f"{__name__} INFO hello"


# Pickles and copies


class Local(Exception):
    """An exception that can be pickled but not unpickled."""

    def __init__(self, one, two):
        super().__init__(one)
        self.two = two


class Unpicklable(Exception):
    """An exception that cannot be pickled."""

    def __reduce__(self):
        message = "no"
        raise TypeError(message)


def record_with(error):
    """The record of an error with that exception."""
    lines = []
    logger.add(lines.append, format="{message}")
    try:
        raise error
    except Exception:
        logger.exception("failed")
    return lines[0].record


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_of_a_record_has_the_exception_without_its_traceback(protocol):
    record = pickle.loads(pickle.dumps(record_with(ValueError("bad")), protocol))

    error = record["exception"]
    assert (error.type, str(error.value), error.traceback) == (ValueError, "bad", None)
    assert (record["level"].no, record["file"].path, record["thread"].name) == (40, __file__, "MainThread")


@pytest.mark.parametrize("kind", [Local, Unpicklable])
def test_pickle_has_no_value_where_that_cannot_be_pickled_or_read_back(kind):
    record = pickle.loads(pickle.dumps(record_with(kind(1, 2))))

    assert record["exception"] == (kind, None, None)


def test_pickle_names_the_nearest_class_that_can_be_pickled():
    class Here(KeyError):
        pass

    record = pickle.loads(pickle.dumps(record_with(Here())))

    assert record["exception"] == (KeyError, None, None)


def test_record_can_be_copied_deeply():
    record = copy.deepcopy(record_with(ValueError("bad")))

    assert record["exception"].type is ValueError


def test_record_with_its_exception_can_be_shown_as_text():
    assert "ValueError('bad')" in repr(record_with(ValueError("bad")))
    assert json.dumps(record_with(ValueError("bad"))["level"]) == '"ERROR"'


@pytest.mark.parametrize("is_background", [False, True])
def test_message_can_be_pickled_with_its_record(is_background):
    lines = []
    logger.add(lines.append, format="{message}", async_write=is_background)
    try:
        sys.exit(1)
    except SystemExit:
        logger.exception("failed")
    assert logger.complete(timeout=30)

    line = pickle.loads(pickle.dumps(lines[0]))

    assert line == lines[0]
    assert line.record["message"] == "failed"


# Attributes that are set in the dict of a part


def _in_dict(record):
    vars(record["level"])["no"] = 45
    record["file"].__dict__["path"] = "/srv/shop.py"
    vars(record["thread"]).update(name="worker", extra=1)
    record["process"].__dict__.setdefault("name", "worker")


def test_attribute_that_is_set_in_a_dict_is_written():
    line = patched(_in_dict, "{level} {level.no} {file.path} {thread.name} {process.name}")

    assert line == "INFO 45 /srv/shop.py worker worker"


def test_dict_that_is_replaced_is_written():
    def change(record):
        record["level"].__dict__ = {"no": 45, "icon": "!"}

    assert patched(change, "{level} {level.no} {level.icon}") == "INFO 45 !"


def test_change_in_a_dict_holds_for_its_record_alone():
    seen, kept, lines = [], [], []

    def change(record):
        level = vars(record["level"])
        kept.append(level)
        if record["message"] == "first":
            level["no"] = 45
        return True

    def look(record):
        seen.append(record["level"].no)
        return True

    logger.add(lambda message: None, filter=change)
    logger.add(lines.append, filter=look, format="{level.no}")
    for message in ("first", "second", "third"):
        logger.info(message)
        kept[-1]["no"] = 50

    assert seen == [45, 20, 20]
    assert lines == ["45\n", "20\n", "20\n"]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda part: pickle.loads(pickle.dumps(part))])
def test_copy_of_a_part_keeps_what_was_set(copied):
    def change(record):
        level = record["level"]
        level.no = 45
        record["level"] = copied(level)

    assert patched(change, "{level} {level.no}") == "INFO 45"


def test_attributes_of_a_part_can_be_listed():
    dicts = []
    patched(lambda record: dicts.extend(dict(vars(record[name])) for name in ("level", "thread")), "{message}")

    assert [sorted(found) for found in dicts] == [["icon", "no"], ["name"]]
