"""The directives of strftime, against Python's own."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import pytest
from logly import LoglyHandler, logger

DIRECTIVES = (
    "%A %a %B %b %C %c %D %d %e %F %f %G %g %H %h %I %j %k %l %M %m %p %R %r %S %s %T %U %u "
    "%V %W %w %X %x %Y %y %z %Z %%"
)
STARTS = [datetime(year, month, 1, 13, 5, 9).astimezone() for year in range(1971, 2101) for month in (1, 3, 10)]


@pytest.mark.parametrize("day", range(-5, 32, 3))
def test_directives_agree_with_python(day):
    lines = []
    logger.add(lambda line: lines.append(str(line).rstrip("\n")), format=f"{{time:{DIRECTIVES}}}")
    handler = LoglyHandler()
    times = [(start + timedelta(days=day)).astimezone() for start in STARTS]

    for time in times:
        record = logging.makeLogRecord({"msg": "", "levelno": logging.ERROR, "created": time.timestamp()})
        handler.handle(record)

    assert lines == [time.strftime(DIRECTIVES) for time in times]
