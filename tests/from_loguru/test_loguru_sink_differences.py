"""Differences from Loguru in sinks and files: each test shows rows of `docs/guides/from-loguru.md`."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import multiprocessing

import logly.testing
import pytest
from logly import logger

from tests.support.documents import run
from tests.support.loguru import added, shows

# Sinks


@shows("default sink", "default format")
def test_first_line_goes_to_standard_output_with_its_fields(tmp_path):
    ended = run("from logly import logger\nlogger.debug('no')\nlogger.info('hello', user='ada')", tmp_path)

    ended.check(stdout="2025-01-15 10:30:45 | INFO | hello user=ada\n", stderr="")


@shows("level of `add`")
def test_add_without_a_level_follows_configure():
    stream = io.StringIO()
    logger.add(stream, format="{message}")

    logger.debug("no")
    logger.configure(level="DEBUG")
    logger.debug("yes")

    assert stream.getvalue() == "yes\n"


@shows("adding a console")
def test_console_takes_the_place_of_the_default_one(tmp_path):
    code = "import sys\nfrom logly import logger\nlogger.add(sys.stdout, format='{message}')\nlogger.info('once')"

    run(code, tmp_path).check(stdout="once\n")


@shows("names of sinks")
def test_some_texts_are_no_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    kinds = [logger.sink_info(logger.add(name))["kind"] for name in ("console", "stdout", "stderr", "./console")]

    assert kinds == ["console", "console", "console", "file"]


@shows("`remove` of an unknown id")
def test_removing_what_is_not_there_is_false():
    assert logger.remove(99_999) is False


@shows("`enqueue`")
def test_files_are_written_in_the_background_unless_enqueue_is_false(tmp_path):
    one, other = logger.add(tmp_path / "one.log"), logger.add(tmp_path / "other.log", enqueue=False)

    assert [logger.sink_info(number)["async_write"] for number in (one, other)] == [True, False]


@shows("`catch=False` for files")
def test_catch_false_is_refused_in_the_background(tmp_path):
    with pytest.raises(ValueError, match="catch: expected True"):
        logger.add(tmp_path / "app.log", catch=False)


@shows("coroutine functions")
def test_coroutine_functions_run_without_a_loop_of_the_program():
    messages = []

    async def send(message) -> None:
        await asyncio.sleep(0)
        messages.append(message)

    logger.add(send, format="{message}")
    logger.info("hello")
    logger.complete()

    assert messages == ["hello\n"]


@shows("`complete()` of a sink object")
def test_complete_of_a_sink_object_is_not_called():
    class Sink(list):
        write = list.append

        async def complete(self) -> None:
            self.append("complete")

    sink = Sink()
    logger.add(sink, format="{message}")
    logger.info("hello")
    asyncio.run(logger.complete_async())

    assert sink == ["hello\n"]


@shows("`backtrace`, `diagnose`")
def test_tracebacks_show_no_values_unless_asked():
    stream = added()
    password = "hunter2"

    try:
        int(password)
    except ValueError:
        logger.opt(exception=True).error("failed")

    assert "└" not in stream.getvalue()
    assert "> File" not in stream.getvalue()


@shows("records of handlers")
def test_fields_are_attributes_of_a_handler_s_records():
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logging.Formatter("%(message)s of %(user)s"))
    logger.add(handler)

    logger.info("hello", user="ada")

    assert handler.stream.getvalue() == "hello of ada\n"


@shows("`serialize`")
def test_serialized_record_is_one_object_of_its_own_form():
    stream = added(serialize=True)

    logger.info("hello", user="ada")

    assert list(json.loads(stream.getvalue())) == ["timestamp", "level", "message", "fields"]


@shows("a sink that logs")
def test_sink_that_logs_does_not_hear_itself():
    messages = []

    def sink(message) -> None:
        messages.append(message)
        logger.info("within")

    logger.remove()
    logger.add(sink, format="{message}")
    other = io.StringIO()
    logger.add(other, format="{message}")
    logger.info("hello")

    assert messages == ["hello\n"]
    assert sorted(other.getvalue().split()) == ["hello", "within"]


def _sinks_of_a_child(answers) -> None:
    logger.info("from the child")
    answers.put([info["kind"] for info in logger.all_sinks_info()])


@shows("processes by spawn")
def test_spawned_process_takes_over_the_sinks_of_its_parent(tmp_path):
    logger.remove()
    logger.add(tmp_path / "app.log", context="spawn")
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()

    process = context.Process(target=_sinks_of_a_child, args=(answers,))
    process.start()
    kinds = answers.get(timeout=60)
    process.join(60)

    assert kinds == ["file"]
    assert (tmp_path / "app.log").read_text().count("from the child") == 1


# Files


@shows("intervals of rotation")
def test_day_ends_at_midnight(tmp_path):
    with logly.testing.freeze("2025-01-15T23:00:00") as clock:
        logger.add(tmp_path / "app.log", rotation="1 day")
        logger.info("yesterday")
        logger.complete()
        clock.tick(2 * 3600)
        logger.info("today")
        logger.complete()

    assert sorted(path.name for path in tmp_path.iterdir()) == ["app.2025-01-15.log", "app.log"]


@shows("the file that rotation functions get")
def test_file_of_a_rotation_function_cannot_be_written(tmp_path):
    seen = []

    logger.add(tmp_path / "app.log", rotation=lambda _, file: seen.append(file))
    logger.info("hello")
    logger.complete()

    assert (seen[0].name, seen[0].tell()) == (str(tmp_path / "app.log"), 0)
    assert not hasattr(seen[0], "write")


@shows("fractions of seconds", "`retention=0`", "`encoding`", "`mode`")
@pytest.mark.parametrize(
    "options",
    [{"rotation": "500 ms"}, {"retention": 0}, {"encoding": "utf-16"}, {"mode": "ab"}],
)
def test_value_is_refused_when_the_sink_is_added(options, tmp_path):
    (name,) = options

    with pytest.raises(ValueError, match=f"^{name}: expected "):
        logger.add(tmp_path / "app.log", **options)


@shows('`"10 Mb"`')
def test_sizes_are_bytes_whatever_their_case(tmp_path):
    number = logger.add(tmp_path / "app.log", rotation="1 kb", format="{message}")

    for _ in range(9):
        logger.info("x" * 99)
    logger.complete()

    assert len(list(tmp_path.iterdir())) == 1
    assert logger.file_size(number) == 900


@shows("names of archives")
def test_archive_is_named_by_the_instant_it_was_closed(tmp_path):
    with logly.testing.freeze("2025-01-15T10:30:45"):
        logger.add(tmp_path / "app.log", rotation="10 B", format="{message}")
        logger.info("first")
        logger.info("second")
        logger.complete()

    assert (tmp_path / "app.2025-01-15_10-30-45.log").exists()


@shows("archives that Loguru left")
def test_archives_named_to_the_microsecond_are_told_of_and_stay_until_they_are_adopted(tmp_path, capfd):
    archives = [tmp_path / f"app.2024-01-{day}_10-30-45_123456.log" for day in (15, 16)]
    for archive in archives:
        archive.touch()

    logger.add(tmp_path / "app.log", retention=1, delay=True)
    logger.complete(timeout=30)
    assert 'add(adopt="loguru")' in capfd.readouterr().err
    assert all(archive.exists() for archive in archives)
    logger.add(tmp_path / "app.log", retention=1, delay=True, adopt="loguru")
    logger.complete(timeout=30)

    assert [archive.exists() for archive in archives] == [False, True]


@shows("compression without rotation")
def test_file_that_is_not_rotated_is_not_compressed(tmp_path):
    logger.remove(logger.add(tmp_path / "app.log", compression="gz"))

    assert [path.name for path in tmp_path.iterdir()] == ["app.log"]


@shows('`compression="lzma"`')
def test_lzma_is_xz(tmp_path):
    logger.add(tmp_path / "app.log", rotation="6 B", compression="lzma", format="{message}")
    logger.info("hello")
    logger.info("world")
    logger.complete()

    assert len(list(tmp_path.glob("*.xz"))) == 1


@shows("other arguments of `open`")
@pytest.mark.parametrize("option", ["errors", "newline", "opener"])
def test_other_arguments_of_open_are_refused(option, tmp_path):
    with pytest.raises(TypeError, match=f'unexpected keyword argument "{option}"'):
        logger.add(tmp_path / "app.log", **{option: "replace"})


@shows("`watch`")
def test_file_that_is_gone_is_made_anew(tmp_path):
    number = logger.add(tmp_path / "app.log", format="{message}")
    logger.info("first")
    logger.complete()
    (tmp_path / "app.log").unlink()

    logger.info("second")

    assert logger.read(number) == "second\n"
