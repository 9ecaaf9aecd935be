"""The values of `redact`: names, patterns and masks, and wrong ones."""

from __future__ import annotations

import hashlib
import hmac
import re
from pathlib import Path

import logly
import pytest
from logly import logger

KEY = "0123456789abcdef"


@pytest.fixture
def lines(no_console):
    """Collect the lines of a sink that follows `configure`."""
    lines = []
    logger.add(lambda line: lines.append(str(line).rstrip("\n")), format="{message}{fields}")
    return lines


def test_names_are_given_as_text_and_globs_in_any_case(lines):
    logger.configure(redact={"keys": ["iban", "cust_*"]})

    logger.info("paid", IBAN="DE1", cust_id=7, password="stays", body={"Iban": "DE2"})

    assert lines == ["paid IBAN=*** cust_id=*** password=stays body=\"{'Iban': '***'}\""]


def test_default_names_are_added_by_name(lines):
    logger.configure(redact={"keys": ["default", "iban"]})

    logger.info("paid", iban="DE1", password="hunter2")

    assert lines == ["paid iban=*** password=***"]


def test_kept_patterns_are_chosen_by_name(lines):
    logger.configure(redact={"keys": [], "patterns": ["email", "card"]})

    logger.info("ada@example.org paid with 4111 1111 1111 1111", password="stays", number=4111111111111111)

    assert lines == ["*** paid with *** password=stays number=***"]


def test_own_pattern_masks_its_group(lines):
    logger.configure(redact={"patterns": [r"badge (?P<secret>\d+)"]})

    logger.info("badge 1234 of {name}", name="ada")

    assert lines == ["badge *** of ada"]


def test_no_list_means_the_default(lines):
    logger.configure(redact={"mask": "[hidden]"})

    logger.info("Bearer abcdef123456", password="hunter2")

    assert lines == ["Bearer [hidden] password=[hidden]"]


def test_hash_is_the_same_for_the_same_value(lines):
    logger.configure(redact={"mask": "hash", "key": KEY})

    logger.info("password=hunter2", password="hunter2")

    digest = hmac.new(KEY.encode(), b"hunter2", hashlib.sha256).hexdigest()[:16]
    assert lines == [f"password=hash:{digest} password=hash:{digest}"]


def test_key_comes_from_the_environment(lines, monkeypatch):
    monkeypatch.setenv("LOGLY_REDACT_KEY", KEY)
    logger.configure(redact={"mask": "hash"})

    logger.info("x", password="hunter2")

    assert re.fullmatch(r"x password=hash:[0-9a-f]{16}", lines[0])


def test_last4_shows_the_end_of_long_values(lines):
    logger.configure(redact={"mask": "last4", "patterns": ["card"]})

    logger.info("4111111111111111", password="short")

    assert lines == ["***1111 password=***"]


def test_own_value_of_a_sink_wins(no_console):
    lines = {}
    for name, redact in {"own": {"keys": ["user"]}, "off": False, "none": None}.items():
        lines[name] = []
        logger.add(lines[name].append, format="{message}{fields}", redact=redact)
    logger.configure(redact=True)

    logger.info("x", user="ada", password="hunter2")

    assert lines == {
        "own": ["x user=*** password=hunter2\n"],
        "off": ["x user=ada password=hunter2\n"],
        "none": ["x user=ada password=***\n"],
    }


def test_files_with_unlike_values_keep_their_own_lines(no_console, tmp_path):
    for name, redact in {"own": {"keys": ["user"]}, "off": False, "none": None, "more": None}.items():
        logger.add(tmp_path / name, format="{message}{fields}", redact=redact)
    logger.configure(redact=True)

    logger.info("x", user="ada", password="hunter2")
    logger.info("y")

    logger.complete()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "own": "x user=*** password=hunter2\ny\n",
        "off": "x user=ada password=hunter2\ny\n",
        "none": "x user=ada password=***\ny\n",
        "more": "x user=ada password=***\ny\n",
    }


def test_false_ends_it_and_none_changes_nothing(lines):
    logger.configure(redact=True)
    logger.configure(redact=None, level="INFO")
    logger.info("1", password="a")
    logger.configure(redact=False)

    logger.info("2", password="a")

    assert lines == ["1 password=***", "2 password=a"]


def test_records_follow_the_value_they_were_logged_under(no_console, tmp_path):
    logger.add(tmp_path / "app.log", format="{message}{fields}")
    logger.info("1", password="a")
    logger.configure(redact=True)
    logger.info("2", password="a")

    logger.complete()

    assert (tmp_path / "app.log").read_text() == "1 password=a\n2 password=***\n"


REFUSED = [
    (1, TypeError, "redact: expected True, False or a dict of keys, patterns, mask and key, got an object of type int"),
    (
        {"kyes": []},
        ValueError,
        'redact: expected a dict of keys, patterns, mask, key, got "kyes" (did you mean "keys"?)',
    ),
    ({1: []}, TypeError, "redact: expected a str, got 1"),
    ({"keys": "iban"}, TypeError, "redact: keys: expected a list of str, got 'iban'"),
    ({"keys": [1]}, TypeError, "redact: keys: expected a str, got 1"),
    ({"keys": [""]}, ValueError, 'redact: keys: expected names and globs that are not empty, got ""'),
    (
        {"patterns": ["a("]},
        ValueError,
        'redact: patterns: expected regular expressions and names, got "a(" (unclosed group)',
    ),
    ({"patterns": ["(?=a)"]}, ValueError, "look-ahead"),
    ({"patterns": ["(?:a{1000}){1000}"]}, ValueError, "too large"),
    ({"patterns": ["e-mail"]}, ValueError, 'got "e-mail" (did you mean "email"?)'),
    ({"patterns": re.compile("a+")}, TypeError, "redact: patterns: expected a list of str"),
    ({"mask": ""}, ValueError, 'redact: mask: expected 1 to 100 visible characters, "hash" or "last4", got ""'),
    ({"mask": "a\nb"}, ValueError, "visible characters"),
    ({"mask": 4}, TypeError, "redact: mask: expected a str, got 4"),
    ({"mask": "hash"}, ValueError, "redact: key: expected a secret of at least 16 bytes, here or in LOGLY_REDACT_KEY"),
    ({"mask": "hash", "key": 1}, TypeError, "redact: key: expected a str or bytes, got an object of type int"),
    ({"mask": "***", "key": KEY}, ValueError, 'redact: mask: expected mask "hash", which alone uses a key, got "***"'),
]


@pytest.mark.parametrize(("value", "error", "text"), REFUSED, ids=str)
@pytest.mark.parametrize("method", [logger.add, logger.configure], ids=["add", "configure"])
def test_wrong_value_is_refused_and_changes_nothing(lines, method, value, error, text):
    with pytest.raises(error, match=re.escape(text)):
        method(redact=value)

    logger.info("x", password="stays")
    assert lines == ["x password=stays"]


def test_errors_show_no_key(no_console):
    for value in ({"mask": "hash", "key": "too-short"}, ["secret-key"], {"mask": "hash", "key": ["secret-key"]}):
        with pytest.raises((ValueError, TypeError)) as caught:
            logger.configure(redact=value)

        assert "too-short" not in str(caught.value)
        assert "secret-key" not in str(caught.value)


def test_configuration_file_may_have_it(no_console, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = Path(tmp_path, "logly.toml")
    path.write_text('[redact]\nkeys = ["iban"]\nmask = "[x]"\n[[sinks]]\nsink = "app.log"\n', encoding="utf-8")

    logly.load(path)
    logger.info("x", iban="DE1")

    logger.complete()
    assert "iban=[x]" in Path("app.log").read_text(encoding="utf-8")


# For each match, the expression looks at the whole rest of the text: without a bound this takes hours.
@pytest.mark.parametrize("pattern", [".*[^A-Z]|[A-Z]", "(?P<secret>.*[^A-Z]|[A-Z])"])
def test_expression_that_looks_far_ahead_ends_and_hides_the_rest(no_console, tmp_path, pattern):
    path = tmp_path / "app.log"
    logger.add(path, format="{message}|", redact={"patterns": [pattern]})
    logger.configure(max_message_bytes=1_000_000)

    logger.info("A" * 900_000)
    logger.info("a")
    logger.complete()

    first, second = path.read_text(encoding="utf-8").splitlines()
    assert ("A" in first, second) == (False, "***|")
    assert set(first) == {"*", "|"}
