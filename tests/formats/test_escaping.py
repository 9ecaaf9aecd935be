"""Injection: no message, field, name or template can forge a line, control a terminal or access objects."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given, strategies as st
from logly import logger

DANGEROUS = {
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\x1b": "\\x1b",
    "\x07": "\\x07",
    "\0": "\\x00",
    "\x08": "\\x08",
    "\x0b": "\\x0b",
    "\x0c": "\\x0c",
    "\x7f": "\\x7f",
    "\x85": "\\x85",
    "\x9b": "\\x9b",
    "\u061c": "\\u061c",
    "\u200e": "\\u200e",
    "\u200f": "\\u200f",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
    "\u202a": "\\u202a",
    "\u202e": "\\u202e",
    "\u2066": "\\u2066",
    "\u2069": "\\u2069",
    "\ud800": "\\ud800",
    # Terminals do not show these characters: text can hide in them.
    "\xad": "\\xad",
    "\u034f": "\\u034f",
    "\u115f": "\\u115f",
    "\u1160": "\\u1160",
    "\u17b4": "\\u17b4",
    "\u180e": "\\u180e",
    "\u200b": "\\u200b",
    "\u2060": "\\u2060",
    "\u2064": "\\u2064",
    "\u206f": "\\u206f",
    "\u3164": "\\u3164",
    "\ufeff": "\\ufeff",
    "\uffa0": "\\uffa0",
    "\ufff9": "\\ufff9",
    "\U0001bca0": "\\U0001bca0",
    "\U0001d173": "\\U0001d173",
    "\U000e0001": "\\U000e0001",
    "\U000e0041": "\\U000e0041",
    "\U000e007f": "\\U000e007f",
    "\U000e0100": "\\U000e0100",
}

# Scripts and emoji need these characters.
KEPT = {"joiners": "\U0001f468\u200d\U0001f469", "non-joiner": "\u0645\u06cc\u200c\u062e", "selector": "\u2764\ufe0f"}

SECRET = "s3cret"


class User:
    secret = SECRET

    def __str__(self):
        return "ada"

    def __getitem__(self, _key):
        return SECRET


@pytest.fixture
def stream():
    logger.remove_all()
    made = io.StringIO()
    logger.add(made, format="{message}{fields}")
    return made


@pytest.mark.parametrize("odd", DANGEROUS, ids=ascii)
def test_dangerous_character_in_a_message_is_escaped(odd, stream):
    logger.info(f"a{odd}b")

    assert stream.getvalue() == f"a{DANGEROUS[odd]}b\n"


@pytest.mark.parametrize("odd", DANGEROUS, ids=ascii)
def test_dangerous_character_in_a_field_is_escaped_and_quoted(odd, stream):
    logger.info("m", x=f"a{odd}b")

    assert stream.getvalue() == f'm x="a{DANGEROUS[odd]}b"\n'


@pytest.mark.parametrize("odd", DANGEROUS, ids=ascii)
def test_dangerous_character_in_an_argument_is_escaped(odd, stream):
    logger.info("{x} %s", x=f"a{odd}b")
    logger.info("%s", f"a{odd}b")

    assert stream.getvalue() == f"a{DANGEROUS[odd]}b %s\na{DANGEROUS[odd]}b\n"


@pytest.mark.parametrize("odd", DANGEROUS, ids=ascii)
def test_dangerous_character_in_a_field_name_is_escaped(odd, stream):
    logger.info("m", **{f"a{odd}b": 1})

    assert "\n" not in stream.getvalue().removesuffix("\n")
    assert DANGEROUS[odd] in stream.getvalue()


@pytest.mark.parametrize("odd", DANGEROUS, ids=ascii)
def test_dangerous_character_never_stands_bare_in_json(odd):
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, json=True)

    logger.info(f"a{odd}b", x=odd)

    assert odd not in stream.getvalue().removesuffix("\n")
    assert json.loads(stream.getvalue())["fields"]["x"] == odd


# Python itself refuses NUL and lone surrogates in file names.
@pytest.mark.parametrize("odd", [odd for odd in DANGEROUS if odd not in "\0\ud800"], ids=ascii)
def test_dangerous_character_in_names_of_code_is_escaped(odd):
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, format="{module} {function} {path}")
    scope = {"logger": logger, "__name__": f"a{odd}b"}

    exec(compile("logger.info('m')", f"x{odd}y", "exec"), scope)

    assert stream.getvalue() == f"a{DANGEROUS[odd]}b <module> x{DANGEROUS[odd]}y\n"


@pytest.mark.parametrize("kept", KEPT.values(), ids=KEPT)
def test_invisible_character_that_scripts_need_stays(kept, stream):
    logger.info(kept, x=kept)

    assert stream.getvalue() == f"{kept} x={kept}\n"


def test_text_hidden_in_tag_characters_is_seen(stream):
    logger.info("flag " + "".join(chr(0xE0000 + ord(letter)) for letter in "ok"))

    assert stream.getvalue() == "flag \\U000e006f\\U000e006b\n"


def test_ordinary_text_is_left_alone(stream):
    logger.info("naïve café 日本 😀 \\n C:\\x", path="C:\\new")

    assert stream.getvalue() == "naïve café 日本 😀 \\n C:\\x path=C:\\new\n"


def test_forged_line_stays_on_its_own(stream):
    logger.info("hello\n2025-01-15 10:30:45 | INFO | forged")

    assert stream.getvalue().count("\n") == 1


def test_field_cannot_forge_another(stream):
    logger.info("m", x='1 admin=True "')

    assert stream.getvalue() == 'm x="1 admin=True \\""\n'


@pytest.mark.parametrize("name", ["a b", "a=b", 'a"b', ""])
def test_field_name_cannot_forge_another(name, stream):
    logger.info("m", **{name: 1})

    shown = stream.getvalue()
    assert shown.startswith('m "')
    assert shown.endswith('"=1\n')


@pytest.mark.parametrize(
    "message",
    [
        "{user.secret}",
        "{user.__init__.__globals__[D]}",
        "{user[0]}",
        "{user.__class__}",
        "{0.secret}",
        "{user!r.secret}",
    ],
)
def test_template_reaches_names_only(message, stream):
    logger.info(message, user=User())

    assert SECRET not in stream.getvalue()
    assert stream.getvalue().startswith(message)


@pytest.mark.parametrize("message", ["{", "}", "{}", "100% {x}", "%s", "%d %(x)s", "%", "{{", "{x"])
def test_message_without_arguments_is_verbatim(message, stream):
    logger.info(message)

    assert stream.getvalue() == f"{message}\n"


def test_value_is_not_a_template(stream):
    logger.info("{a} {b}", a="{b}", b="{a}")

    assert stream.getvalue() == "{b} {a}\n"


@pytest.mark.parametrize(
    "name", ["level", "message", "timestamp", "name", "self", "msg", "function", "time", "extra", "exception", "record"]
)
def test_field_named_like_a_record_key_overwrites_nothing(name):
    lines = []
    logger.remove_all()
    logger.add(lines.append, format="{level} {message} {function}{fields}")

    logger.info("hello", **{name: "forged"})

    function = "test_field_named_like_a_record_key_overwrites_nothing"
    assert lines == [f"INFO hello {function} {name}=forged\n"]
    assert lines[0].record["extra"] == {name: "forged"}
    assert lines[0].record["message"] == "hello"
    assert lines[0].record["level"] == "INFO"


def test_traceback_keeps_its_lines_and_loses_its_escapes():
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream)

    try:
        raise ValueError("a\x1b[31mred\u202e")
    except ValueError:
        logger.exception("failed")

    shown = stream.getvalue()
    assert "ValueError: a\\x1b[31mred\\u202e\n" in shown
    assert "\x1b" not in shown


def test_local_variables_are_not_in_tracebacks():
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream)

    try:
        password = "hunter" + "2"
        raise ValueError(len(password))
    except ValueError:
        logger.exception("failed")

    assert "hunter2" not in stream.getvalue()


@given(st.text(st.characters()), st.text(st.characters()))
def test_every_record_is_one_line_of_printable_text(message, value):
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, color=False)

    logger.info(message, x=value)

    text = stream.getvalue()
    assert text.endswith("\n")
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in DANGEROUS for c in text[:-1])
