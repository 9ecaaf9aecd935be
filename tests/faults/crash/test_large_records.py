"""Recovery of records that are too large for the queue or its journal, and under a sink's `sample` and `limit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.crash.test_crash_files import BEGIN, KILLED
from tests.faults.support.scarcity import SCARCITY, small_disk
from tests.support.child import run

if TYPE_CHECKING:
    from pathlib import Path

_FILLED = (
    BEGIN.replace("durability=", "buffer_size=SIZE, durability=")
    + SCARCITY
    + """
logger.info("small")
logger.complete()
fill(sys.argv[1] + ".filler")
with open(sys.argv[1] + ".filler", "r+b") as filler:
    filler.truncate(os.path.getsize(sys.argv[1] + ".filler") - 50_000)
logger.info("x" * 400_000)
logger.info("after")
# The writer has written the part of the line for which there was room.
while os.path.getsize(sys.argv[1]) < 10_000:
    logger.flush(0.01)
os.kill(os.getpid(), signal.SIGKILL)
"""
)


def test_record_beside_the_queue_that_a_full_disk_refused_is_told_as_lost(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=4m") as disk:
        run(_FILLED.replace("SIZE", "65_536"), disk / "app.log").check(returncode=-9)
        (disk / "app.log.filler").unlink()

        result = run(BEGIN + "print(logger.stats()['sinks'][sink])", disk / "app.log")

        first, torn, last = (disk / "app.log").read_text().splitlines()
    assert "recovered 1 record of process" in result.check().stderr
    assert ", and lost 1 too large for the queue\n" in result.stderr
    assert "'recovered': 1, 'skipped': 1" in result.stdout
    # The part that was written is a line of its own.
    assert (first, last) == ("INFO small", "INFO after")
    assert torn == "INFO " + "x" * (len(torn) - 5)
    assert len(torn) < 100_000


def test_line_that_is_longer_than_the_journal_is_written_again_after_its_part(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=24m") as disk:
        run(_FILLED.replace("SIZE", "4_000_000"), disk / "app.log").check(returncode=-9)
        (disk / "app.log.filler").unlink()

        result = run(BEGIN, disk / "app.log")

        first, torn, whole, last = (disk / "app.log").read_text().splitlines()
    assert "recovered 2 records of process" in result.check().stderr
    assert (first, whole, last) == ("INFO small", "INFO " + "x" * 400_000, "INFO after")
    assert whole.startswith(torn)


def test_recovered_records_of_a_sample_have_its_rate(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    run(KILLED, log).check(returncode=-9)

    run(BEGIN.replace("durability=", "sample=0.9999999, durability="), log).check()

    assert log.read_text().splitlines()[0] == "INFO old 0 sample_rate=0.9999999"


def test_limit_holds_for_recovered_records(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    run(KILLED.replace("durability=", "limit='2/h', durability="), log).check(returncode=-9)

    result = run(BEGIN.replace("durability=", "limit='2/h', durability="), log)

    assert "recovered 2 records of process" in result.check().stderr
    assert ", and left out 3 by level, filter, sample or limit\n" in result.stderr
    assert log.read_text().splitlines()[:2] == ["INFO old 0", "INFO old 1"]
