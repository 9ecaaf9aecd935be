"""Messages beside a bar of progress."""

import io
import sys

from loguru import logger
from tqdm import tqdm

logger.remove()
logger.add(lambda message: tqdm.write(message, file=sys.stdout, end=""), colorize=True, format="<level>{message}</>")
logger.info("begin")
for number in tqdm(range(3), file=io.StringIO()):
    logger.warning("at {}", number)
logger.success("end")
