"""`logly completion`: the scripts, and what bash completes with them."""

from __future__ import annotations

import re
import shutil

import pytest

from tests.support.child import command, execute

SHELLS = ["bash", "zsh", "fish"]


@pytest.fixture
def script(tmp_path):
    """A function that returns the script for a shell."""
    return lambda shell: command("completion", shell, folder=tmp_path).check(stderr="").stdout


def options_in_help(folder, *words):
    """Return the long options that the help of a command shows."""
    shown = command(*words, "--help", folder=folder).check().stdout
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", shown.partition("examples:")[0]))


def commands(folder):
    shown = command("--help", folder=folder).check().stdout
    return re.findall(r"^    ([a-z]+)(?: |$)", shown, re.MULTILINE)


@pytest.mark.parametrize("shell", SHELLS)
def test_script_has_every_command_and_option_of_the_help(script, shell, tmp_path):
    text = script(shell)
    known = commands(tmp_path)

    for name in known:
        options = {option[2:] if shell == "fish" else option for option in options_in_help(tmp_path, name)}
        assert [option for option in options if option not in text] == []
        assert re.search(rf"\b{name}\b", text)
    assert {"view", "level", "status", "doctor", "completion"} <= set(known)


@pytest.mark.parametrize("shell", SHELLS)
def test_shell_can_read_its_script(script, shell, tmp_path):
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"{shell} is not installed")
    file = tmp_path / "script"
    file.write_text(script(shell))

    execute([found, "-n", str(file)]).check(stdout="", stderr="")


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        (["vi"], "view"),
        (["--ver"], "--version"),
        (["view", "--fo"], "--follow"),
        (["view", "--color", ""], "auto always never"),
        (["view", "a.log", "--no-"], "--no-archives --no-pager"),
        (["doctor", "--i"], "--import"),
        (["completion", ""], "bash zsh fish"),
        (["move", ""], "loguru"),
        (["view", "--where", ""], ""),
        (["view", ""], ""),
        (["level", "42"], "4242"),
        (["level", "--f"], "--for"),
    ],
)
def test_bash_completes(script, tmp_path, typed, completed):
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    (tmp_path / "script").write_text(script("bash"))
    words = " ".join(f"'{word}'" for word in ["logly", *typed])
    program = f"""
        source ./script
        logly() {{ echo "4242: app.py, up 3h"; }}
        COMP_WORDS=({words}) COMP_CWORD={len(typed)}
        _logly
        echo "${{COMPREPLY[*]}}"
    """

    execute(["bash", "-c", program], cwd=tmp_path).check(stdout=f"{completed}\n", stderr="")


def test_unknown_shell_names_the_known_ones(tmp_path):
    refused = command("completion", "tcsh", folder=tmp_path).check(returncode=2)

    assert "bash" in refused.stderr
    assert "fish" in refused.stderr
