"""Records that a test looks at, in a block."""

import unittest
from contextlib import contextmanager

from loguru import logger


@contextmanager
def captured(level="INFO", layout="{level}:{name}:{message}"):
    output = []
    number = logger.add(output.append, level=level, format=layout)
    try:
        yield output
    finally:
        logger.remove(number)


class TestsOfTransfers(unittest.TestCase):
    def test_messages(self):
        with captured() as output:
            logger.debug("low")
            logger.info("moved {}", 5)
        assert output == ["INFO:__main__:moved 5\n"]
        assert output[0].record["message"] == "moved 5"

    def test_format(self):
        with captured(level="ERROR", layout="{message}") as output:
            logger.error("bad")
        assert [str(line) for line in output] == ["bad\n"]


logger.remove()
result = unittest.TestResult()
unittest.defaultTestLoader.loadTestsFromTestCase(TestsOfTransfers).run(result)
print(result.testsRun, result.failures, result.errors)
