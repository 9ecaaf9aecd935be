"""Searching files."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from logly import logger

from tests.support import child

LINES = st.lists(st.text(st.sampled_from("abAéÉk\u212a .*"), max_size=8), max_size=30)
PATTERNS = st.text(st.sampled_from("abAéÉk .*"), max_size=3)


@pytest.fixture
def search(sink, path):
    """Return a function that searches a text and returns the numbers of the matching lines."""

    def search(text, pattern, **options):
        path.write_bytes(text.encode())
        return [found["line"] for found in logger.search_log(sink, pattern, **options)]

    return search


def folded(text: str) -> str:
    """Return a text with Unicode's simple case folding."""
    return "".join({"\u212a": "k"}.get(character, character.lower()) for character in text)


def test_match_tells_where_it_is_and_what_is_around(sink, path):
    for message in ("zero", "one", "Two words", "three", "four"):
        logger.info(message)

    found = logger.search_log(sink, "two", context_before=2, context_after=1)

    assert found == [
        {
            "path": str(path),
            "line": 3,
            "content": "Two words",
            "match": "Two",
            "context_before": ["zero", "one"],
            "context_after": ["three"],
        }
    ]


@st.composite
def written_lines(draw):
    """Draw lines, and a text that consists of them."""
    lines = draw(LINES)
    line_break = draw(st.sampled_from(["\n", "\r\n"]))
    if draw(st.booleans()):
        return lines, "".join(line + line_break for line in lines)
    lines.append("last")
    return lines, line_break.join(lines)


def expected_matches(lines, pattern, options):
    """Search as a simple loop does."""
    start, end = options["start_line"] or 1, options["end_line"] or -1
    first = start if start > 0 else max(len(lines) + start + 1, 1)
    last = end if end > 0 else len(lines) + end + 1
    before, after = options["context_before"], options["context_after"]
    kept = (lambda text: text) if options["case_sensitive"] else folded
    found = [
        (number, line, lines[max(number - 1 - before, 0) : number - 1], lines[number : number + after])
        for number, line in enumerate(lines, 1)
        if first <= number <= last and (kept(pattern) in kept(line)) != options["invert_match"]
    ]
    return found[: options["max_results"]]


@given(
    written=written_lines(),
    pattern=PATTERNS,
    options=st.fixed_dictionaries(
        {
            "case_sensitive": st.booleans(),
            "invert_match": st.booleans(),
            "max_results": st.none() | st.integers(0, 4),
            "context_before": st.integers(0, 3),
            "context_after": st.integers(0, 3),
            "start_line": st.none() | st.integers(-9, 9).filter(bool),
            "end_line": st.none() | st.integers(-9, 9).filter(bool),
        }
    ),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_matches_are_those_of_a_loop(written, pattern, options, sink, path):
    lines, text = written
    path.write_bytes(text.encode())

    found = logger.search_log(sink, pattern, **options)

    keys = ("line", "content", "context_before", "context_after")
    assert [tuple(each[key] for key in keys) for each in found] == expected_matches(lines, pattern, options)
    shown = "" if options["invert_match"] else folded(pattern)
    assert [folded(each["match"]) for each in found] == [shown] * len(found)


@given(lines=LINES, pattern=st.sampled_from(["a|b", "^a", "b$", r"\bk\b", "a.b", r"[^a]{2}", "^$", r"\Aé", r"\s", "."]))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_expression_matches_as_pythons_does(lines, pattern, sink, path):
    path.write_bytes("".join(line + "\n" for line in lines).encode())

    found = logger.search_log(sink, pattern, use_regex=True, case_sensitive=True)

    expected = [(number, match[0]) for number, line in enumerate(lines, 1) if (match := re.search(pattern, line))]
    assert [(each["line"], each["match"]) for each in found] == expected


@pytest.mark.parametrize("pattern", [r"a\nb", r"a\sb", r"a[^x]b", "(?s)a.b"])
def test_expression_does_not_match_across_lines(pattern, search):
    assert search("a\nb\na b\n", pattern, use_regex=True) in ([], [3])


def test_text_with_a_line_break_is_in_no_line(search):
    assert search("a\nb\n", "a\nb") == []
    assert search("a\nb\n", "a\nb", invert_match=True) == [1, 2]


def test_carriage_return_of_a_line_break_is_not_found(search):
    assert search("a\r\nb\rc\r\n", "\r") == [2]
    assert search("a\r\nb\rc\r\n", "b\r", case_sensitive=True) == [2]


def test_special_characters_of_a_text_are_ordinary(search):
    assert search("a.c\nabc\n(a\n", "A.C") == [1]
    assert search("a.c\nabc\n(a\n", "(A") == [3]


def test_first_match_is_enough(search):
    assert search("a\na\n", "a", first_only=True) == [1]
    assert search("a\na\n", "a", first_only=True, max_results=0) == []


def test_context_reaches_across_blocks(sink, path):
    lines = [f"{number:06}" + "x" * 94 for number in range(20_000)]
    path.write_text("\n".join(lines) + "\n")

    found = logger.search_log(sink, "00", use_regex=False, context_before=3, context_after=3, case_sensitive=True)

    for each in found:
        index = each["line"] - 1
        assert each["context_before"] == lines[max(index - 3, 0) : index]
        assert each["context_after"] == lines[index + 1 : index + 4]
    assert [each["line"] - 1 for each in found] == [number for number in range(20_000) if "00" in f"{number:06}"]


def test_line_of_ten_megabytes_is_searched(search):
    text = "a\n" + "x" * 10_000_000 + "needle\nb\n"

    assert search(text, "NEEDLE") == [2]
    assert search(text, "x.?needle$", use_regex=True) == [2]


def test_latin1_is_searched_as_text(path):
    sink = logger.add(path, format="{message}", encoding="latin-1")
    logger.info("Café")
    logger.info("cafe")

    found = logger.search_log(sink, "CAFÉ")

    assert [each["match"] for each in found] == ["Café"]


@pytest.mark.parametrize(
    ("level", "expected"), [("error", [2]), (40, [2]), ("WARN", [3]), ("INFO", [1]), (35, [4]), ("fail", [])]
)
@pytest.mark.parametrize(
    "options",
    [{}, {"color": True}, {"json": True}, {"json": "flat"}, {"format": "[{level}]{message}"}],
    ids=["default", "color", "json", "flat", "format"],
)
def test_level_filter_takes_the_lines_of_one_level(options, level, expected, path):
    sink = logger.add(path, **options)
    logger.info("no ERROR")
    logger.error("no INFO", level="FAIL")
    logger.warning("Level 35")
    logger.log(35, "ERROR")

    found = logger.search_log(sink, "", level_filter=level)

    assert [each["line"] for each in found] == expected


@pytest.mark.parametrize(
    "options",
    [
        *({"json": shape} for shape in ("ecs", "gcp", "datadog", "gelf", "otel")),
        {"json": True, "keys": {"level": "severity"}},
        {"json": "flat", "keys": {"level": None}},
        {"format": "logfmt"},
    ],
    ids=str,
)
def test_level_filter_is_refused_where_lines_have_no_level_names(options, path):
    sink = logger.add(path, **options)
    logger.info("no ERROR")

    assert len(logger.search_log(sink, "no ERROR")) == 1
    with pytest.raises(ValueError, match=r"level_filter: expected a file whose lines have .*; where= finds its lines"):
        logger.search_log(sink, "", level_filter="ERROR")


def test_level_filter_reads_shapes_that_keep_the_level(path):
    sink = logger.add(path, json=True, keys={"message": "msg"}, static={"service": "ERROR"})
    logger.error("yes")
    logger.info("no")

    assert [found["line"] for found in logger.search_log(sink, "", level_filter="ERROR")] == [1]
    assert [found["line"] for found in logger.search_log(sink, "", where="msg == 'no'")] == [2]


def test_level_filter_is_not_inverted(search):
    text = "INFO | a\nERROR | a\nERROR | b\n"

    assert search(text, "a", level_filter="ERROR", invert_match=True) == [3]


def test_level_of_ones_own_is_filtered_by(search):
    logger.level("AUDIT", no=35)

    assert search("x | AUDIT | ERROR\nx | ERROR | AUDIT\n", "", level_filter="audit") == [1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pattern": "a(", "use_regex": True}, r'pattern: expected a regular expression, got "a\(" \(unclosed group\)'),
        ({"pattern": "(?<=a)b", "use_regex": True}, "look-around"),
        ({"pattern": "(?:a{999}){999}", "use_regex": True}, "too large"),
        ({"pattern": "\ud800"}, "pattern"),
        ({"max_results": -1}, "max_results: expected a number of 0 or more, got -1"),
        ({"context_before": -1}, "context_before"),
        ({"context_after": -(10**30)}, "context_after"),
        ({"start_line": 0}, "start_line: expected a line from 1"),
        ({"end_line": 0}, "end_line"),
        ({"level_filter": "ERORR"}, 'did you mean "ERROR"'),
        ({"level_filter": -1}, "level_filter"),
    ],
)
def test_value_that_is_not_allowed_is_refused(options, message, sink):
    with pytest.raises(ValueError, match=message):
        logger.search_log(sink, **{"pattern": "a", **options})


@pytest.mark.parametrize(
    "options",
    [
        {"pattern": b"a"},
        {"pattern": re.compile("a")},
        {"pattern": None},
        {"first_only": 1},
        {"case_sensitive": None},
        {"use_regex": "yes"},
        {"start_line": "1"},
        {"end_line": True},
        {"max_results": 1.0},
        {"context_before": None},
        {"context_after": True},
        {"level_filter": 1.5},
        {"invert_match": 0},
        {"archives": 1},
    ],
)
def test_wrong_type_is_refused_by_name(options, sink):
    with pytest.raises(TypeError, match=next(iter(options))):
        logger.search_log(sink, **{"pattern": "a", **options})


def test_unknown_ids_and_other_sinks_give_none():
    assert logger.search_log(4711, "a") is None
    assert logger.search_log(logger.add(lambda line: None), "a") is None


@pytest.mark.parametrize("pattern", ["(x+x+)+y", "(x|xx)*y", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_hostile_expression_takes_linear_time(pattern, search):
    # A backtracking matcher would never return.
    assert search("x" * 100_000 + "\n", pattern, use_regex=True, case_sensitive=True) == []


@pytest.mark.parametrize(
    "search",
    [
        "'1[0-9]*$', use_regex=True",
        "'(' * 200 + '1' + ')' * 200, use_regex=True",
        "'\\\\w+|é|(?:a|b){3,50}', use_regex=True, case_sensitive=False, context_before=1",
        "'1', level_filter='INFO'",
        "'M'",
    ],
)
def test_thread_with_the_smallest_stack_searches(search, tmp_path):
    program = f"""
import sys, threading
from logly import logger
logger.configure(console=False)
sink = logger.add("app.log")
logger.info("m 1")
threading.stack_size((32 if sys.version_info < (3, 14) else 52) * 1024)
found = []
thread = threading.Thread(target=lambda: found.extend(logger.search_log(sink, {search})))
thread.start()
thread.join()
assert len(found) == 1
"""

    finished = child.run(program, cwd=tmp_path)

    finished.check(stderr="")
