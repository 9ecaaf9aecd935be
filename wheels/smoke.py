"""Ten lines of use of an installed logly: console, file, JSON, rotation, fork, exception, version."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import logly
from logly import logger


def main(version: str) -> None:
    """Use logly in a fresh folder, and check its files."""
    assert logly.__version__ == version, logly.__version__
    folder = Path(tempfile.mkdtemp())
    logger.add("console", level="WARNING")
    logger.add(folder / "app.log", format="{level} {message}")
    logger.add(folder / "app.json", json=True)
    small = logger.add(folder / "small.log", format="{message}", rotation="1 kB")
    logger.info("paid {amount} to {user}", amount=12, user="ada")
    logger.warning("shown on the console")
    try:
        int("x")
    except ValueError:
        logger.exception("refused")
    for number in range(200):
        logger.info("order {number}", number=number)
    child = os.fork()
    if child == 0:
        logger.info("from a child")
        sys.exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert logger.complete(30)
    text = (folder / "app.log").read_text()
    assert "INFO paid 12 to ada\n" in text, text
    assert "ValueError: invalid literal" in text, text
    assert "INFO from a child\n" in text, text
    records = [json.loads(line) for line in (folder / "app.json").read_text().splitlines()]
    assert any(record["message"] == "paid 12 to ada" and record["fields"]["amount"] == 12 for record in records), (
        records[:2]
    )
    assert len(list(folder.glob("small*"))) > 1, sorted(folder.iterdir())
    sink = logger.stats()["sinks"][small]
    assert sink["written"] == sink["accepted"] >= 200, sink
    assert not any(sink["dropped"].values()), sink
    print(f"logly {version} works with {sys.version.split()[0]}")


main(sys.argv[1])
