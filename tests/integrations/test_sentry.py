"""The page about Sentry, with Sentry's SDK and a transport that prints what Sentry would get."""

from __future__ import annotations

import json
import re

import pytest

from tests.support import child
from tests.support.documents import REPOSITORY

PAGE = (REPOSITORY / "docs" / "guides" / "sentry.md").read_text(encoding="utf-8")
_BLOCK = r"^```python {}\n(.*?)^```"
APP, JOB = (re.search(_BLOCK.format(name), PAGE, re.DOTALL | re.MULTILINE)[1] for name in ("app.py", "job.py"))

# Takes the place of the SDK's own transport. The packages of the tests' environment would be integrated too.
LOCAL = """
import json, sys, warnings
warnings.simplefilter("ignore")
import sentry_sdk
from sentry_sdk.transport import Transport

class Printing(Transport):
    def capture_envelope(self, envelope):
        event = envelope.get_event()
        if event:
            kind = event.get("exception", {}).get("values", [{}])[-1].get("type")
            crumbs = [crumb["message"] for crumb in event.get("breadcrumbs", {}).get("values", [])]
            extra = {key: value for key, value in event["extra"].items() if key != "sys.argv"}
            text = event.get("logentry", {}).get("formatted")
            shown = [event["level"], event.get("logger"), text, kind, extra, event.get("tags"), crumbs]
            sys.stderr.write("event " + json.dumps(shown) + "\\n")

init = sentry_sdk.init
sentry_sdk.init = lambda **options: init(transport=Printing, auto_enabling_integrations=False, **options)
"""


@pytest.fixture
def events(tmp_path):
    """Run a program that begins as the page's does, and return the events."""

    def run(code: str, returncode: int = 0) -> list[list[object]]:
        (tmp_path / "app.py").write_text(APP, encoding="utf-8")
        environment = {"SENTRY_DSN": "https://key@sentry.invalid/1", "PYTHONPATH": str(tmp_path)}
        ended = child.run(LOCAL + code, cwd=tmp_path, environment=environment).check(returncode=returncode)
        lines = ended.stderr.splitlines()
        return [json.loads(line.removeprefix("event ")) for line in lines if line.startswith("event ")]

    return run


def test_job_of_the_page_makes_one_event(events):
    (event,) = events(JOB)

    *rest, crumbs = event
    assert rest == ["error", "__main__", "cannot charge", "KeyError", {"order": 17}, {"tenant": "acme"}]
    assert crumbs[0] == "charging 17"


def test_records_of_logging_and_of_logly_come_once_each(events):
    got = events(
        "from app import logger\nimport logging\n"
        "logging.getLogger('lib').warning('a crumb')\n"
        "logging.getLogger('lib').error('of %s', 'logging', extra={'a': 1})\n"
        "logger.error('of logly', b=2)"
    )

    assert [(text, extra) for _, _, text, _, extra, *_ in got] == [("of logging", {"a": 1}), ("of logly", {"b": 2})]
    assert "a crumb" in got[0][-1]


def test_uncaught_exceptions_come_once(events):
    got = events("from app import logger\nraise KeyError('end')", returncode=1)

    assert [(level, kind) for level, _, _, kind, *_ in got] == [("fatal", "KeyError")]


def test_secrets_do_not_reach_sentry(events):
    got = events("from app import logger\nlogger.error('in with password=hunter2', token='s3cr3t')")

    assert "hunter2" not in json.dumps(got)
    assert "s3cr3t" not in json.dumps(got)
