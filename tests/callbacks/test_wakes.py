"""How often threads are woken when records are rare: about once for each record and queue."""

from __future__ import annotations

import pytest

from tests.support.child import output

QUEUES = 20
RECORDS = 50

MOST = {
    "logger.add(folder / f'{number}.log', buffer_size=65_536 + number)": 1.6,
    "logger.add_callback(lambda record: None)": 2.2,
    "logger.add(lambda message: None, async_write=True)": 3.0,
}
"""Thread switches for each record and queue. One is the minimum; threads of Python also wait for the interpreter."""

PROGRAM = """
import tempfile, time
from pathlib import Path
from logly import logger
folder = Path(tempfile.mkdtemp())
logger.remove_all()
for number in range({queues}):
    {added}

def switches():
    # Those of the main thread are its pauses.
    tasks = [task for task in Path("/proc/self/task").iterdir() if int(task.name) != main]
    texts = [(task / "status").read_text() for task in tasks]
    return sum(int(text.partition("\\nvoluntary_ctxt_switches:")[2].split()[0]) for text in texts)

main = int(Path("/proc/self").resolve().name)
def log(records):
    for _ in range(records):
        logger.info("seldom")
        time.sleep(0.03)

log(10)
before = switches()
log({records})
print((switches() - before) / {records} / {queues})
"""


@pytest.mark.parametrize(("added", "most"), MOST.items(), ids=["files", "callbacks", "sinks"])
def test_threads_of_many_queues_are_woken_about_once_for_each_record(added, most):
    for_each = float(output(PROGRAM.format(queues=QUEUES, records=RECORDS, added=added)))

    assert 0.5 < for_each < most
