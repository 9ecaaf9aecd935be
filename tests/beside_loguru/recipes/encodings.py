"""Files with an encoding of their own, and characters that an encoding does not have."""

from pathlib import Path

from loguru import logger

logger.remove()
logger.add("utf8.log", encoding="utf-8", format="{message}")
logger.add("utf16.log", encoding="utf-16-le", format="{message}")
logger.add("ascii.log", encoding="ascii", errors="backslashreplace", format="{message}")
logger.add("latin.log", encoding="latin-1", errors="xmlcharrefreplace", format="{message}")
logger.add("cp1251.log", encoding="cp1251", errors="ignore", format="{message}")
logger.info("天 ünï привет 🐍")
logger.remove()
for path in sorted(Path().glob("*.log")):
    print(path, path.read_bytes())
