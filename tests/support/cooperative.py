"""Programs with cooperative threads: gevent or eventlet has patched the standard library."""

from __future__ import annotations

import textwrap

import pytest

from tests.support import child

GEVENT = """
from gevent import monkey
monkey.patch_all()
import gevent
spawn, sleep, join_all = gevent.spawn, gevent.sleep, gevent.joinall
"""

EVENTLET = """
import warnings
warnings.simplefilter("ignore")
import eventlet
eventlet.monkey_patch()
spawn, sleep = eventlet.spawn, eventlet.sleep
def join_all(greenlets):
    for greenlet in greenlets:
        greenlet.wait()
"""

LOGLY = """
from logly import logger
logger.configure(console=False)
"""

USED = """
async def coroutine(record):
    pass
for function in (lambda record: None, coroutine):
    used = logger.add_callback(function)
    logger.info("before")
    assert logger.complete(30)
    logger.remove_callback(used)
"""

PACKAGES = pytest.mark.parametrize("package", [GEVENT, EVENTLET], ids=["gevent", "eventlet"])

ORDERS = pytest.mark.parametrize(
    "order",
    [
        lambda package: package + LOGLY,
        lambda package: LOGLY + package,
        lambda package: LOGLY + USED + package,
    ],
    ids=["patched first", "patched after the import", "patched after callbacks have run"],
)


def patched_first(package):
    """Return the beginning of programs."""
    return package + LOGLY


def output(beginning, program, folder):
    """Return the standard output of a program, which must succeed and print nothing on standard error."""
    hung = "import faulthandler; faulthandler.dump_traceback_later(50, exit=True)\n"
    __tracebackhide__ = True
    return child.run(hung + beginning + textwrap.dedent(program), cwd=folder).check(stderr="").stdout
