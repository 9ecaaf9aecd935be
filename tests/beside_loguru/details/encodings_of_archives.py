"""Files that are rotated, in encodings and with line breaks of other systems."""

import gzip
from pathlib import Path

from loguru import logger

TEXTS = {
    "cp1252": "café “quoted” €",
    "cp1251": "Привет",
    "gbk": "你好世界",
    "big5": "繁體字",
    "shift_jis": "日本語テキスト",
    "euc_kr": "한국어",
    "iso8859-15": "œuvre à 5 €",
    "koi8-r": "Здравствуй",
}


def is_due(message, file):
    return message[0] in "24"


def contents(pattern):
    """Print the bytes of each file, in the order of their lines."""
    files = [path.read_bytes() for path in Path().glob(pattern)]
    print(*sorted(files), sep="\n")


logger.remove()
for encoding, text in TEXTS.items():
    logger.add(f"{encoding}.log", format="{message}", encoding=encoding, rotation=is_due)
    for number in range(6):
        logger.info("{} {}", number, text)
    logger.remove()
    contents(f"{encoding}*.log")

logger.add("lines.log", format="{message}", newline="\r\n", rotation="20 B", retention=2)
for number in range(6):
    logger.info("number {}", number)
logger.remove()
contents("lines*.log")

logger.add("errors.log", format="{message}", encoding="ascii", errors="xmlcharrefreplace", rotation=is_due)
for number in range(4):
    logger.info("{} häßlich", number)
logger.remove()
contents("errors*.log")

logger.add("once.log", format="{message}", encoding="cp1252", compression="gz")
logger.info("schön")
logger.remove()
print(gzip.decompress(Path("once.log.gz").read_bytes()))

try:
    logger.add("refused.log", encoding="nothing", rotation="1 MB")
except LookupError as error:
    print(error)
    Path("refused.log").unlink(missing_ok=True)
logger.remove()
