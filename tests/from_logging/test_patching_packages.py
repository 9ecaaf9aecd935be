"""Packages that patch `logging`, which get the same records with and without direct calls."""

from __future__ import annotations

import importlib.util
import json
import sys

import pytest

from tests.support import child
from tests.support.documents import REPOSITORY
from tests.support.patched_logging import PACKAGES
from tests.support.standard import HAS_DIRECT_CALLS

# The calls of a phase, inside and outside of a span. Two of them are never direct: an object, and `stacklevel`.
LOGGED = 20
DIRECT = 18 if HAS_DIRECT_CALLS else 0


def phases(*arguments):
    """Run the program, and return the outcome of each phase by its name."""
    if arguments[0] == "datadog" and importlib.util.find_spec("ddtrace") is None:
        pytest.skip("ddtrace has no release for this version")
    command = [sys.executable, "-W", "ignore", "-m", "tests.support.patched_logging", *arguments]
    done = child.execute(command, cwd=REPOSITORY, env=child.environment_of(None)).check()
    return {outcome.pop("phase"): outcome for outcome in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("order", ["first", "last"])
@pytest.mark.parametrize("package", PACKAGES)
def test_package_and_logly_get_the_same_records(package, order):
    fast, plain = phases(package, order, "fast"), phases(package, order, "plain")

    # Datadog's tracer has calls of its own, below their level.
    direct = {name: min(outcome.pop("direct"), DIRECT) for name, outcome in fast.items()}
    is_own = {name: outcome.pop("own") for name, outcome in fast.items()}
    without = {name: outcome.pop("direct") for name, outcome in plain.items()}
    assert [outcome.pop("own") for outcome in plain.values()][-1] is True
    assert fast == plain
    assert is_own["removed again"] is True
    assert set(without.values()) == {0}
    assert direct == _direct(package, order, fast)
    assert len(fast["removed"]["logly"]) == LOGGED
    assert package in {"none", "datadog"} or fast["installed again"]["package"] != []


def _direct(package, order, names):
    """Return the numbers of direct calls: all that can be while the package has no patch in place."""
    expected = dict.fromkeys(names, 0)
    if package == "none":
        expected.update({"intercepted": DIRECT, "removed": DIRECT, "installed again": DIRECT})
        expected["installed"] = DIRECT if order == "last" else 0
    elif order == "last":
        expected.update({"intercepted": DIRECT, "removed": DIRECT})
    elif package.startswith("opentelemetry"):
        # A method that was patched before the first interception is not native later. A factory or handler may go.
        expected["removed"] = DIRECT
    return expected


def test_records_have_the_ids_that_datadog_injects():
    outcome = phases("datadog", "last", "fast")["installed again"]

    outside, inside = outcome["logly"][0], outcome["logly"][-1]
    assert (outside["dd.trace_id"], outside["dd.span_id"]) == ("0", "0")
    assert (inside["dd.trace_id"], inside["dd.span_id"]) == ("id 0", "id 1")
