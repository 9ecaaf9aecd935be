"""`python -m logly move loguru`: which imports are moved, and that every other byte stays."""

from __future__ import annotations

import sys

import pytest
from logly.cli import main

from tests.support.child import command, execute


def moved(path, content, *options):
    """Write *content* to a file, move it, and return what the file is then."""
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(data)
    main(["move", "loguru", str(path), *options])
    after = path.read_bytes()
    return after.decode() if isinstance(content, str) else after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from loguru import logger", "from logly.loguru import logger"),
        ("from loguru import logger as log", "from logly.loguru import logger as log"),
        ("from loguru import *", "from logly.loguru import *"),
        ("from loguru import __version__", "from logly.loguru import __version__"),
        ("from loguru import (  # ours\n    logger,\n    Record,\n)", None),
        ("from \\\n  loguru import logger", "from \\\n  logly.loguru import logger"),
        ("from\tloguru\timport\tlogger", "from\tlogly.loguru\timport\tlogger"),
        ("import loguru", "import logly.loguru as loguru"),
        ("import loguru as lg", "import logly.loguru as lg"),
        ("import os, loguru , sys", "import os, logly.loguru as loguru , sys"),
        ("import loguru, loguru as lg; import os", "import logly.loguru as loguru, logly.loguru as lg; import os"),
        ("x = 'é'; import loguru", "x = 'é'; import logly.loguru as loguru"),
        ("def f():\n    from loguru import logger\n", "def f():\n    from logly.loguru import logger\n"),
        ("if TYPE_CHECKING:\n\timport loguru\n", "if TYPE_CHECKING:\n\timport logly.loguru as loguru\n"),
        ("try:\n  import loguru\nexcept ImportError: pass\n", None),
        ("if 1: import loguru\n", "if 1: import logly.loguru as loguru\n"),
        ("\x0cimport loguru\n", "\x0cimport logly.loguru as loguru\n"),
    ],
)
def test_import_is_moved(tmp_path, before, after):
    if after is None:
        after = before.replace("from loguru", "from logly.loguru").replace(
            "import loguru", "import logly.loguru as loguru"
        )

    assert moved(tmp_path / "app.py", before) == after


@pytest.mark.parametrize(
    "text",
    [
        "from .loguru import logger\n",
        "from . import loguru\n",
        "from app.loguru import logger\n",
        "import loguru_config, app.loguru\n",
        "from logly.loguru import logger\n",
        "import logly.loguru as loguru\nloguru.logger.info('loguru is here')\n",
        "# import loguru\n",
        "from loguru._logger import Core\n",
        "from loguru import logger, _defaults\n",
    ],
)
def test_everything_else_stays(tmp_path, text):
    assert moved(tmp_path / "app.py", text) == text


@pytest.mark.parametrize(
    "template",
    [
        b"\xef\xbb\xbf# \xc3\xa9\r\nimport %s\r\n",
        b"# coding: latin-1\nx = '\xe9'; import %s  # \xff",
        b"#!/usr/bin/python\n# vim: set fileencoding=shift_jis :\nx = '\x83\x5c'; import %s\n",
        b"x = 1\rimport %s\ry = 2\r",
        b"x = 1\nimport %s\r\ny = '''\r\n\r'''\r\n",
        b"x = '\x0b \x0c \xe2\x80\xa8'\nimport %s   \n\n\n",
        b"if x:\n\timport %s\n        # eight spaces\n",
    ],
    ids=["bom", "latin-1", "shift-jis", "carriage-returns", "mixed", "odd-breaks", "tabs"],
)
def test_every_other_byte_stays(tmp_path, template):
    assert moved(tmp_path / "app.py", template % b"loguru") == template % b"logly.loguru as loguru"


def test_second_run_changes_nothing(tmp_path):
    path = tmp_path / "app.py"
    once = moved(path, "import loguru, os\nfrom loguru import logger\n")

    assert moved(path, once) == once


def test_diff_is_printed_and_nothing_is_written(tmp_path, capfdbinary):
    text = b"import os\r\nfrom loguru import logger"

    after = moved(tmp_path / "app.py", text, "--diff")

    assert after == text
    name = str(tmp_path / "app.py").lstrip("/").encode()
    assert capfdbinary.readouterr() == (
        b"--- a/" + name + b"\n+++ b/" + name + b"\n@@ -1,2 +1,2 @@\n import os\r\n"
        b"-from loguru import logger\n\\ No newline at end of file\n"
        b"+from logly.loguru import logger\n\\ No newline at end of file\n",
        b"1 import to move in 1 file\n",
    )


def test_diff_is_what_git_applies(tmp_path, capfdbinary):
    before = b"# coding: latin-1\r\nimport loguru\r\n# \xe9"
    path = tmp_path / "app.py"
    path.write_bytes(before)
    main(["move", "loguru", str(path), "--diff"])
    diff = capfdbinary.readouterr().out

    execute(["git", "apply", "-"], cwd="/", input=diff, text=False).check()

    assert path.read_bytes() == before.replace(b"loguru", b"logly.loguru as loguru")


def test_counts_are_printed(tmp_path, capsys):
    path = tmp_path / "app.py"

    moved(path, "import loguru\nfrom loguru import logger\n")

    assert capsys.readouterr() == (f"{path}: 2 imports moved\n2 imports moved in 1 file\n", "")


@pytest.mark.parametrize(
    ("text", "code"),
    [("import os\n", 0), ("import loguru\n", 0), ("import loguru._logger\n", 1), ("import loguru(\n", 1)],
)
def test_exit_code_says_whether_anything_is_left_to_look_at(tmp_path, text, code):
    path = tmp_path / "app.py"
    path.write_text(text, "utf-8")

    assert main(["move", "loguru", "--diff", str(path)]) == code
    assert main(["move", "loguru", str(path)]) == code


def test_other_libraries_are_refused(tmp_path):
    finished = command("move", "structlog", ".", folder=tmp_path).check(returncode=2)

    assert "choose from" in finished.stderr


def test_moved_program_runs(tmp_path):
    path = tmp_path / "app.py"
    path.write_text(
        "import sys, loguru\n"
        "from loguru import logger as log\n"
        "loguru.logger.remove()\n"
        'log.add(sys.stdout, format="{level} {message}")\n'
        'loguru.logger.info("hello {}", "ada")\n',
        "utf-8",
    )

    main(["move", "loguru", str(path)])

    execute([sys.executable, str(path)]).check(stdout="INFO hello ada\n", stderr="")
