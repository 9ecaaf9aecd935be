"""`logly.production`: everything that a service in a container needs, by one call."""

from __future__ import annotations

import json
import sys

import logly
import pytest
from logly import logger

from tests.support import child

START = "import logging, logly, os, sys, threading, warnings; from logly import logger\n"
SECRET = "hunter2"


def output(code, **environment):
    """Run *code* with a pipe as its standard output, and return the objects of its lines."""
    return [json.loads(line) for line in child.output(START + code, environment=environment).splitlines()]


def test_lines_are_json_on_standard_output():
    (line,) = output("logly.production(static={'service': 'shop'}); logger.info('ready', port=80)")

    assert (line["level"], line["message"], line["fields"], line["service"]) == ("INFO", "ready", {"port": 80}, "shop")


def test_sink_is_direct_and_the_only_console():
    code = """
logger.add("stderr"); logger.add("console"); logger.add("/dev/null"); logger.add(lambda line: None)
sink = logly.production()
print(json.dumps([[info["id"] == sink, info["kind"], info["level"]] for info in logger.all_sinks_info()]))
"""
    (infos,) = output("import json\n" + code)

    assert infos == [[False, "file", "INFO"], [False, "function", "INFO"], [True, "direct", "INFO"]]


def test_second_call_replaces_the_first():
    code = """
for shape in (None, "flat", "flat"):
    logly.production(shape)
logger.info("once", a=1)
logging.getLogger("lib").warning("library")
warnings.warn("old")
threading.Thread(target=lambda: 1 / 0).start()
"""
    lines = output(code)

    assert [line["message"].partition(" in")[0] for line in lines] == ["once", "library", "old", "uncaught exception"]
    assert lines[0]["a"] == 1


def test_uncaught_exception_of_the_program_is_a_record():
    ended = child.run(START + "logly.production(); 1 / 0")

    line = json.loads(ended.stdout)
    assert (line["level"], line["exception"]["type"]) == ("CRITICAL", "ZeroDivisionError")
    assert ended.returncode == 1


def test_secrets_are_masked_for_all_sinks(tmp_path):
    code = f"""
got = []
logger.add("app.log"); logger.add_callback(lambda record: got.append(str(record)))
logly.production(); logger.info("in", password={SECRET!r}); logger.complete(); print(json.dumps(got))
"""
    written = child.execute([sys.executable, "-c", START + "import json\n" + code], cwd=tmp_path).check().stdout

    assert "in" in (tmp_path / "app.log").read_text()
    assert SECRET not in written + (tmp_path / "app.log").read_text()


def test_masks_can_be_left_out():
    (line,) = output(f"logly.production(redact=False); logger.info('in', password={SECRET!r})")

    assert line["fields"] == {"password": SECRET}


@pytest.mark.parametrize(
    ("variable", "argument", "expected"),
    [
        ("", "", ["info", "warning"]),
        ("", "level='WARNING'", ["warning"]),
        ("debug", "level='WARNING'", ["debug", "info", "warning"]),
        ("error,__main__=info", "", ["info", "warning"]),
        ("__main__=warning", "level='DEBUG'", ["warning"]),
    ],
)
def test_environment_sets_the_levels(variable, argument, expected):
    code = f"logly.production({argument})\nfor level in ('debug', 'info', 'warning'): logger.log(level, level)"

    lines = output(code, LOGLY_LEVEL=variable)

    assert [line["message"] for line in lines] == expected


def test_environment_may_be_loaded_after_the_import():
    (line,) = output("os.environ['LOGLY_LEVEL'] = 'debug'; logly.production(); logger.debug('x')")

    assert line["level"] == "DEBUG"


def test_wrong_level_of_the_environment_is_told_once():
    ended = child.run(START + "logly.production(); logger.info('x')", environment={"LOGLY_LEVEL": "a=b=c,,x,y"})

    assert json.loads(ended.stdout)["message"] == "x"
    assert ended.stderr.count("LOGLY_LEVEL is ignored") == 1


@pytest.mark.parametrize(
    ("variable", "argument", "key"),
    [
        ("", "", "fields"),
        ("ecs", "", "log.level"),
        ("ecs", "'gcp'", "severity"),
        ("", "json='flat'", "a"),
        ("1", "", "fields"),
    ],
)
def test_shape_is_that_of_the_call_or_of_the_environment(variable, argument, key):
    (line,) = output(f"logly.production({argument}); logger.info('x', a=1)", LOGLY_JSON=variable)

    assert key in line


def test_terminal_gets_text_and_checks_the_shape():
    shown = child.output_on_terminal(START + "logly.production('ecs', sample=1.0); logger.info('ready')")
    refused = child.output_on_terminal(
        START + "try: logly.production('ecss')\nexcept ValueError as error: print(error)\nlogger.info('goes on')"
    )

    assert "INFO" in shown
    assert "ready" in shown
    assert "{" not in shown
    assert 'did you mean "ecs"' in refused


def test_terminal_gets_json_where_the_environment_says_so():
    shown = child.output_on_terminal(START + "logly.production(); logger.info('ready')", {"LOGLY_JSON": "ecs"})

    assert json.loads(shown)["log.level"] == "info"


def test_another_standard_output_is_used_and_told():
    code = """
import io, json
sys.stdout = other = io.StringIO()
sink, again = logly.production(), logly.production()
logger.info("ready")
sys.stdout = sys.__stdout__
print(json.dumps([other.getvalue(), logger.remove(sink), logger.sink_info(again)["kind"]]))
"""
    ended = child.run(START + code)

    written, is_removed, kind = json.loads(ended.stdout)
    assert json.loads(written)["message"] == "ready"
    assert ended.stderr.count("so lines go through it, not directly") == 1
    assert (is_removed, kind) == (False, "console")


def test_missing_standard_output_raises():
    code = "\ntry: logly.production()\nexcept OSError as error: sys.stderr.write(error.strerror)"

    ended = child.execute(f'{sys.executable} -c "{START}{code}" >&-', shell=True, env=child.environment_of(None))

    assert ended.stderr == "Bad file descriptor"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"json": "esc"}, ValueError),
        ({"json": 1}, TypeError),
        ({"stream": "sdtout"}, ValueError),
        ({"level": "INF"}, ValueError),
        ({"sample": 2.0}, ValueError),
        ({"keys": 1}, TypeError),
        ({"redact": "yes"}, TypeError),
        ({"sampel": 0.5}, TypeError),
    ],
)
def test_wrong_options_are_refused_and_change_nothing(options, error):
    before = logger.all_sinks_info()

    with pytest.raises(error):
        logly.production(**options)

    assert [info["id"] for info in logger.all_sinks_info() if not info["implicit"]] == [
        info["id"] for info in before if not info["implicit"]
    ]


@pytest.mark.parametrize("option", ["level='INF'", "redact={'x': 1}", "redact='yes'"])
def test_default_console_outlives_a_wrong_option(option):
    code = f"""
try: logly.production({option})
except (TypeError, ValueError): pass
print([info["kind"] for info in logger.all_sinks_info()])
"""
    assert child.output(START + code) == "['console']\n"


def test_forked_workers_write_their_own_lines():
    code = """
logly.production("flat")
logger.info("parent")
children = []
for number in range(3):
    child = os.fork()
    if not child:
        for step in range(100):
            logging.getLogger("worker").warning("x", extra={"number": number, "step": step})
        sys.exit()
    os.waitpid(child, 0)
"""
    # From 3.12 on, Python warns of a fork beside other threads, and production() logs the warning.
    lines = [line for line in output(code) if line.get("category") != "DeprecationWarning"]

    assert len(lines) == 301
    assert [line["step"] for line in lines if line.get("number") == 2] == list(range(100))


def test_doctor_lists_the_settings(tmp_path):
    environment = {"LOGLY_LEVEL": "debug,app.db=off", "LOGLY_JSON": "ecs"}

    told = child.command("doctor", folder=tmp_path, environment=environment).check().stdout

    assert "production() would set: JSON (ecs) on stdout, directly and in the background" in told
    assert "production() would set: level debug, app.db=off; masks for secrets" in told


SPAN = """
from opentelemetry.sdk.trace import TracerProvider
tracer = TracerProvider().get_tracer("shop")
def log():
    with tracer.start_as_current_span("pay") as span:
        logger.info("paid"); logging.getLogger("lib").warning("of logging")
    return format(span.get_span_context().trace_id, "032x")
"""


def test_records_have_the_ids_of_spans():
    lines = output(
        SPAN + "for _ in range(2): logly.production('flat')\ntrace = log(); logger.info('done', trace=trace)"
    )

    assert [line["message"] for line in lines] == ["paid", "of logging", "done"]
    assert [line.get("trace_id") for line in lines] == [lines[-1]["trace"]] * 2 + [None]


def test_ids_of_spans_can_be_left_out():
    lines = output(SPAN + "logly.production('flat'); logly.production('flat', opentelemetry=False); log()")

    assert len(lines) == 2
    assert not any("trace_id" in line for line in lines)


def test_whole_traces_are_sampled():
    lines = output(SPAN + "logly.production('flat', sample=0.5)\nfor _ in range(100): log()")

    assert 40 < len(lines) < 160
    assert all(int(line["trace_id"][-14:], 16) >= 2**55 for line in lines)


def test_missing_opentelemetry_is_told_if_it_is_asked_for():
    code = """
sys.modules["opentelemetry"] = None
sink = logly.production("flat")
try: logly.production("flat", opentelemetry=True)
except ImportError as error: logger.info(str(error), ids=[info["id"] for info in logger.all_sinks_info()], sink=sink)
"""
    (line,) = output(code)

    assert "pip install opentelemetry-api" in line["message"]
    assert line["ids"] == [line["sink"]]
