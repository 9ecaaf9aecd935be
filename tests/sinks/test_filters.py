"""Filters: by level, module, function, prefix, rules and functions."""

from __future__ import annotations

import types

import pytest
from logly import logger

pytestmark = pytest.mark.usefixtures("no_console")

SOURCE = """
from logly import logger
def work(level="INFO"): logger.log(level, __name__)
def other(): logger.info(__name__)
"""


def module(name):
    """Return a module of that name, with functions that log its name."""
    made = types.ModuleType(name)
    exec(compile(SOURCE, f"{name}.py", "exec"), made.__dict__)
    return made


def accepted(*calls, **options):
    """Return the messages of *calls* that a sink with these options accepts."""
    lines = []
    sink = logger.add(lambda line: lines.append(line.record["message"]), **{"level": 0, **options})
    for call in calls:
        call()
    logger.remove(sink)
    return lines


def test_level_is_a_threshold():
    calls = [lambda level=level: logger.log(level, level) for level in ("DEBUG", "WARNING", "ERROR")]

    assert accepted(*calls, level="WARNING") == ["WARNING", "ERROR"]


def test_filter_min_level_means_level():
    calls = [lambda level=level: logger.log(level, level) for level in ("INFO", "ERROR")]

    assert accepted(*calls, level=None, filter_min_level="error") == ["ERROR"]


def test_filter_module_is_the_exact_name():
    calls = [module(name).work for name in ("app", "app.db", "application")]

    assert accepted(*calls, filter_module="app") == ["app"]


def test_filter_function_is_the_exact_name():
    app = module("app")

    lines = []
    logger.add(lambda line: lines.append(line.record["function"]), filter_function="work")
    app.work()
    app.other()

    assert lines == ["work"]


def test_filter_text_is_a_module_prefix():
    calls = [module(name).work for name in ("app", "app.db", "app.db.pool", "application", "web")]

    assert accepted(*calls, filter="app") == ["app", "app.db", "app.db.pool"]


def test_empty_prefix_takes_all():
    calls = [module(name).work for name in ("app", "web")]

    assert accepted(*calls, filter="") == ["app", "web"]


def test_longest_prefix_of_a_dict_decides():
    rules = {"": "WARNING", "app": "DEBUG", "app.db": False, "app.db.pool": True}
    names = ("app", "app.db", "app.db.pool", "web")

    assert accepted(*[module(name).work for name in names], filter=rules) == ["app", "app.db.pool"]


def test_dict_compares_levels():
    app = module("app")

    taken = accepted(lambda: app.work("DEBUG"), lambda: app.work("ERROR"), filter={"app": "ERROR"})

    assert len(taken) == 1


def test_dict_takes_level_numbers():
    app = module("app")

    taken = accepted(lambda: app.work(29), lambda: app.work(30), filter={"app": 30})

    assert len(taken) == 1


def test_module_no_rule_covers_passes():
    assert accepted(module("web").work, filter={"app": False}) == ["web"]


def test_any_mapping_will_do():
    rules = types.MappingProxyType({"app": False})

    assert accepted(module("app").work, module("web").work, filter=rules) == ["web"]


def test_rules_are_taken_when_the_sink_is_added():
    rules = {"app": False}
    lines = []
    logger.add(lambda line: lines.append(line.record["message"]), filter=rules)

    rules["app"] = True
    module("app").work()

    assert lines == []


def test_filter_function_sees_the_record():
    seen = []

    accepted(lambda: logger.info("paid {amount}", amount=12), filter=seen.append)

    (record,) = seen
    assert (record["message"], record["amount"], record["extra"]) == ("paid 12", 12, {"amount": 12})
    assert (record["level"], record["level"].no) == ("INFO", 20)
    assert (record["name"], record["function"]) == (__name__, "<lambda>")


def test_filter_function_decides_by_truth():
    taken = accepted(
        lambda: logger.info("kept", key=1),
        lambda: logger.info("left", key=0),
        filter=lambda record: record["key"],
    )

    assert taken == ["kept"]


def test_filter_function_is_asked_only_above_the_level():
    seen = []

    accepted(
        lambda: logger.debug("below"),
        lambda: logger.info("above"),
        level="INFO",
        filter=lambda r: seen.append(r["message"]),
    )

    assert seen == ["above"]


@pytest.mark.parametrize("is_async", [True, False])
def test_filter_function_works_for_files(is_async, tmp_path):
    path = tmp_path / "app.log"
    logger.add(path, format="{message}", filter=lambda record: "keep" in record, async_write=is_async)

    logger.info("kept", keep=True)
    logger.info("left")
    logger.complete()

    assert path.read_text() == "kept\n"


def test_filtered_and_plain_file_keep_the_same_order(tmp_path):
    logger.add(tmp_path / "all.log", format="{message}")
    logger.add(tmp_path / "even.log", format="{message}", filter=lambda record: record["n"] % 2 == 0)

    for number in range(1_000):
        logger.info("{n}", n=number)
    logger.complete()

    assert (tmp_path / "all.log").read_text().split() == [str(n) for n in range(1_000)]
    assert (tmp_path / "even.log").read_text().split() == [str(n) for n in range(0, 1_000, 2)]


def test_all_filters_must_agree():
    app = module("app")

    lines = []
    logger.add(
        lambda line: lines.append(line.record["function"]),
        filter_module="app",
        filter_function="work",
        filter={"app": True},
    )
    app.work()
    app.other()
    module("web").work()

    assert lines == ["work"]


def test_filter_that_raises_lets_the_record_through_and_is_told_once(capfd):
    def broken(_record):
        raise KeyError("refused")

    taken = accepted(*[lambda: logger.info("secret")] * 3, filter=broken)

    told = capfd.readouterr().err
    assert taken == ["secret"] * 3
    assert told.count("a filter raised KeyError: 'refused' (") == 1
    assert "secret" not in told


def test_interrupt_in_a_filter_passes_on_after_the_record_was_taken():
    def stop(_record):
        raise KeyboardInterrupt

    lines = []
    logger.add(lambda line: lines.append(line.record["message"]), filter=stop)

    with pytest.raises(KeyboardInterrupt):
        logger.info("taken")

    assert lines == ["taken"]


def test_filtered_records_are_counted():
    sink = logger.add(lambda _line: None, filter=lambda record: record["n"] > 1)

    for number in range(5):
        logger.info("{n}", n=number)

    info = logger.sink_info(sink)
    assert (info["written"], info["filtered"]) == (3, 2)
