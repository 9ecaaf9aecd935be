"""`python -m logly move loguru`: the places that it tells the author of a program to look at."""

from __future__ import annotations

import pytest
from logly.cli import main


def remarks(path, text, capsys):
    """Write a program, look at it, and return what was told, without the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    main(["move", "loguru", "--diff", str(path)])
    lines = capsys.readouterr().err.splitlines()[:-1]
    assert all(line.startswith(f"{path}:") for line in lines)
    return [line[len(f"{path}:") :] for line in lines]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("from loguru._logger import Core, Logger", "`from loguru._logger import Core, Logger` stays"),
        ("from loguru import logger, _defaults", "`from loguru import _defaults` stays"),
        ("import loguru._file_sink", "`import loguru._file_sink` stays"),
    ],
)
def test_import_of_private_names(tmp_path, capsys, text, told):
    assert remarks(tmp_path / "app.py", text, capsys) == [f"1: {told}: logly.loguru has no private names of Loguru"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("logger._core.handlers", "`_core` is a private part of Loguru"),
        ("logger.bind(user=1)._options", "`_options` is a private part of Loguru"),
        ("loguru._defaults.LOGURU_FORMAT", "`_defaults` is a private part of Loguru"),
        ("logger.__class__(core)", "`__class__` is a private part of Loguru"),
        ("class Mine(Logger): pass", "the class `Mine` is derived from one of Loguru's"),
        ("class Mine(loguru.Logger): pass", "the class `Mine` is derived from one of Loguru's"),
        ("class Mine(type(logger)): pass", "the class `Mine` is derived from one of Loguru's"),
        ("logger.info = print", "the attribute `info` of Loguru is changed"),
        ("del loguru.logger", "the attribute `logger` of Loguru is changed"),
        ("setattr(logger, 'info', print)", "`setattr` changes an attribute of Loguru"),
        ("monkeypatch.setattr(logger, 'info', print)", "`setattr` changes an attribute of Loguru"),
        ("mock.patch.object(loguru, 'logger')", "`object` changes an attribute of Loguru"),
        ("mock.patch('loguru.logger.info')", 'the text "loguru.logger.info" names Loguru'),
        ("importlib.import_module('loguru')", 'the text "loguru" names Loguru'),
        ("sys.modules['loguru']", 'the text "loguru" names Loguru'),
        ("setup(install_requires=['loguru>=0.7,<1'])", 'the text "loguru>=0.7,<1" names Loguru'),
        ("'''\n>>> from loguru import logger\n'''", "a text imports Loguru"),
        ("exec('import os; import loguru')", "a text imports Loguru"),
    ],
)
def test_use_that_no_import_moves(tmp_path, capsys, line, told):
    program = f"import loguru\nfrom loguru import Logger, logger\n{line}\n"

    number = 4 if line.startswith("'''") else 3
    assert remarks(tmp_path / "app.py", program, capsys) == [f"{number}: {told}"]
    moved = program.replace("loguru\n", "logly.loguru as loguru\n", 1).replace("from loguru", "from logly.loguru", 1)
    assert remarks(tmp_path / "again.py", moved, capsys) == [f"{number}: {told}"]


@pytest.mark.parametrize(
    "line",
    [
        "logger.info('loguru is here')",
        "def f(record: 'loguru.Record') -> 'loguru.Record': pass",
        "x: 'loguru.Message' = None",
        "logger = logger.bind(user=1)",
        "self._core = self.logger._core",
        "class Mine(Base): pass",
        "patch.object(other, 'logger')",
        "loguru.logger.info('hello')",
        "logger.__dict__",
        "'''We log by Loguru, from which we import loguru's logger.'''",
    ],
)
def test_use_that_follows_the_import_is_not_told(tmp_path, capsys, line):
    assert remarks(tmp_path / "app.py", f"import loguru\nfrom loguru import logger\n{line}\n", capsys) == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("requirements.txt", "loguru==0.7.3"),
        ("requirements-dev.in", "Loguru[dev]~=0.7"),
        ("requirements/base.txt", "loguru"),
        ("constraints.txt", "loguru<1"),
        ("pyproject.toml", 'dependencies = ["loguru>=0.7"]'),
        ("pyproject.toml", 'loguru = "^0.7"'),
        ("setup.cfg", "loguru >= 0.7"),
        ("tox.ini", "deps = loguru"),
        ("Pipfile", 'loguru = "*"'),
        ("environment.yml", "- loguru=0.7"),
    ],
)
def test_requirement_is_told(tmp_path, capsys, name, line):
    text = f"# loguru\nother\n{line}  # why\nlogly.loguru\nmy-loguru\nloguru_config\n"

    assert remarks(tmp_path / name, text, capsys) == [f"3: Loguru is named here: {line}  # why"]
    assert (tmp_path / name).read_text("utf-8") == text


def test_notebook_is_told(tmp_path, capsys):
    text = '{"source": [\n"from loguru import logger\\n"\n"loguru is fine"]}\n'

    told = remarks(tmp_path / "trial.ipynb", text, capsys)

    assert told == ['2: a notebook imports Loguru: "from loguru import logger\\n"']
