"""Fingerprints: the same failure has the same fingerprint everywhere, and another failure has another one."""

from __future__ import annotations

import io
import json
import sys
import textwrap

import pytest
from logly import logger

from tests.support import child

PROGRAM = """
import sys
from logly import logger
import shop

logger.remove_all()
logger.add(sys.stdout, json=True)
try:
    shop.pay(7)
except Exception:
    logger.exception("failed")
"""
SHOP = """
def charge(amount):
    raise ValueError(f"no {amount}")

def pay(amount):
    charge(amount)
"""


def fingerprint(function):
    """Return the fingerprint of the exception that a function raises."""
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, json=True)
    try:
        function()
    except BaseException:
        logger.exception("failed")
    return json.loads(stream.getvalue())["exception"]["fingerprint"]


def of_program(folder, shop=SHOP):
    """Return the fingerprint that a program in its own folder logs."""
    folder.mkdir(parents=True)
    (folder / "shop.py").write_text(textwrap.dedent(shop))
    (folder / "main.py").write_text(PROGRAM)
    command = [sys.executable, str(folder / "main.py")]
    return json.loads(child.execute(command).check().stdout)["exception"]["fingerprint"]


def fail(kind=ValueError, message="no"):
    raise kind(message)


def descend(depth):
    if depth:
        descend(depth - 1)
    fail()


def test_fingerprint_is_the_same_in_other_processes_and_folders(tmp_path):
    assert of_program(tmp_path / "one") == of_program(tmp_path / "two" / "deeper")


def test_lines_make_no_difference(tmp_path):
    assert of_program(tmp_path / "one") == of_program(tmp_path / "two", "\n# A comment.\n\n" + SHOP)


def test_functions_make_a_difference(tmp_path):
    assert of_program(tmp_path / "one") != of_program(tmp_path / "two", SHOP.replace("charge", "charge_card"))


def test_messages_make_no_difference():
    assert fingerprint(lambda: fail(message="one")) == fingerprint(lambda: fail(message="two"))


def test_types_make_a_difference():
    assert fingerprint(fail) != fingerprint(lambda: fail(KeyError))


def test_depth_of_a_recursion_makes_no_difference():
    assert fingerprint(lambda: descend(3)) == fingerprint(lambda: descend(30))


def test_causes_make_a_difference():
    def chained():
        try:
            fail(KeyError)
        except KeyError as error:
            fail_again = ValueError("no")
            raise fail_again from error

    def alone():
        raise ValueError("no")

    assert fingerprint(chained) != fingerprint(alone)


def test_frames_of_the_standard_library_make_no_difference():
    def through_library():
        json.dumps(object(), default=lambda _: fail())

    def through_more_of_it():
        json.dumps([[object()]], default=lambda _: fail())

    through_more_of_it.__code__ = through_more_of_it.__code__.replace(co_name="through_library")
    assert fingerprint(through_library) == fingerprint(through_more_of_it)


def test_fingerprint_is_fixed_for_ever(tmp_path):
    """Programs compare fingerprints over years: a new fingerprint for an old failure would look like a new failure."""
    assert of_program(tmp_path / "one") == "c5f1c9ff126bbae5"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exception groups came with Python 3.11")
def test_members_of_groups_make_a_difference():
    def of(*members):
        raise ExceptionGroup("several", members)  # noqa: F821 - from 3.11 on

    assert fingerprint(lambda: of(ValueError())) != fingerprint(lambda: of(KeyError()))
