"""Random programs, and CPython's own tests of `logging`, with and without direct calls."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.standard import HAS_DIRECT_CALLS

ROOT = Path(__file__).resolve().parent.parent.parent

SUITE = """
import logging, sys, unittest
import logly
from test import test_logging

logly.logger.configure(console=False)
logly.intercept_logging(loggers=["logly.probe"])

def with_handler(set_up):
    def setUp(self):
        set_up(self)
        # This class tests what happens without any handler.
        if type(self).__name__ != "LastResortTest":
            handler = logly.LoglyHandler()
            self.root_logger.addHandler(handler)
            self.addCleanup(self.root_logger.removeHandler, handler)
    return setUp

if sys.argv.pop(1) == "handler":
    test_logging.BaseTest.setUp = with_handler(test_logging.BaseTest.setUp)
result = unittest.main(module=test_logging, exit=False).result
print(result.testsRun, len(result.failures + result.errors), *logly._logly._direct_calls())
"""


def _run(*arguments):
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, timeout=600)


@pytest.mark.parametrize("seed", range(0, 60, 20))
def test_random_programs_have_the_same_outcome(seed):
    fast, plain = (
        _run("-m", "tests.support.logging_programs", mode, str(seed), str(seed + 20)) for mode in ("fast", "plain")
    )
    assert (fast.returncode, plain.returncode) == (0, 0), fast.stderr[-2000:]

    *outcomes, counts = [json.loads(line) for line in fast.stdout.splitlines()]
    *expected, without = [json.loads(line) for line in plain.stdout.splitlines()]

    assert outcomes == expected
    assert fast.stderr == plain.stderr
    assert (counts[0] > 50, counts[1] > 10, without[0]) == (HAS_DIRECT_CALLS, HAS_DIRECT_CALLS, 0)


@pytest.mark.parametrize(("mode", "least"), [("methods", 0), ("handler", 200 if HAS_DIRECT_CALLS else 0)])
def test_cpythons_own_tests_pass(mode, least):
    pytest.importorskip("test.test_logging", reason="CPython's tests are not installed")

    done = _run("-c", SUITE, mode)
    run, failed, direct, native = map(int, done.stdout.split()[-4:])

    assert failed == 0, done.stderr[-4000:]
    assert (run > 150, direct >= 20 or not HAS_DIRECT_CALLS, native >= least) == (True, True, True)
