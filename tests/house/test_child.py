"""A failing check of a program shows its command, its end, all of its output, and the expected text."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.support import child

FAILING = """
import sys
print("shown before")
for number in range(500):
    print("told", number, file=sys.stderr)
1 / 0
"""


def failure(result, **expected) -> str:
    with pytest.raises(AssertionError) as caught:
        result.check(**expected)
    return str(caught.value)


def test_program_that_is_as_expected_gives_its_result():
    result = child.run("print('hello')")

    assert result.check(stdout="hello\n", stderr="") is result


def test_output_that_is_not_given_is_not_compared():
    child.run("import sys; print('hello'); print('told', file=sys.stderr)").check()


def test_return_code_may_be_another_one():
    child.run("raise SystemExit(3)").check(stdout="", stderr="", returncode=3)


def test_failing_program_shows_its_code_and_all_that_it_wrote():
    shown = failure(child.run(FAILING, "an argument"), stderr="")

    first, *_ = shown.splitlines()
    assert first == "the program ended with return code 1, not return code 0, and stderr is not as expected"
    assert f"command: {sys.executable} -c <code> 'an argument'\n" in shown
    assert "<code>:\n    \n    import sys\n" in shown
    assert "stdout:\n    shown before\nstderr:\n    told 0\n" in shown
    assert "    told 499\n    Traceback (most recent call last):\n" in shown
    assert shown.endswith("ZeroDivisionError: division by zero\nexpected stderr: (empty)")


def test_program_that_a_signal_ended_shows_its_name():
    shown = failure(child.run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))

    assert shown.startswith("the program ended with return code -9 (SIGKILL), not return code 0\n")


def test_program_that_no_signal_ended_shows_the_expected_one():
    shown = failure(child.run(""), returncode=-signal.SIGTERM)

    assert shown.startswith("the program ended with return code 0, not return code -15 (SIGTERM)\n")


def test_other_standard_output_shows_the_expected_text():
    shown = failure(child.run("print('True', end='')"), stdout="True\n", stderr="")

    assert shown.startswith("stdout is not as expected\n")
    assert "stdout, without a line break at its end:\n    True\n" in shown
    assert shown.endswith("stderr: (empty)\nexpected stdout:\n    True")


def test_other_standard_error_shows_the_standard_output_too():
    shown = failure(child.run("import sys; print('hello'); sys.stderr.write('odd\\x07\\n')"), stderr="")

    assert shown.startswith("stderr is not as expected\n")
    assert "stdout:\n    hello\nstderr:\n    'odd\\x07'\nexpected stderr: (empty)" in shown


def test_note_says_which_run_failed():
    assert "\nattempt 3\n" in failure(child.run("raise SystemExit(1)"), note="attempt 3")


def test_bytes_are_compared_and_shown():
    result = child.execute([sys.executable, "-c", "print('\u00e9')"], text=False, env={"PYTHONIOENCODING": "latin-1"})

    result.check(stdout=b"\xe9\n", stderr=b"")
    assert "stdout:\n    \\xe9\n" in failure(result, stdout=b"")


def test_output_that_goes_elsewhere_is_not_captured():
    result = child.run("raise SystemExit(1)", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    assert failure(result).endswith("stdout: (nothing captured)\nstderr: (nothing captured)")


def test_process_that_was_started_before_gives_a_result_too():
    code = "print(input())\nraise SystemExit(2)"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )

    result = child.finish(process, "hello\n")

    assert "stdout:\n    hello\nstderr: (empty)" in failure(result)
    result.check(stdout="hello\n", stderr="", returncode=2)


def test_program_that_hangs_shows_what_it_wrote():
    command = ["sh", "-c", "echo begun; exec sleep 60"]

    with pytest.raises(AssertionError, match="^the program still ran after 1 s\n") as executed:
        child.execute(command, timeout=1)
    with pytest.raises(AssertionError, match="^the program still ran after 1 s\n") as finished:
        child.finish(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True), timeout=1)

    assert "stdout:\n    begun\n" in str(executed.value)
    assert "stdout:\n    begun\n" in str(finished.value)


def test_output_of_a_failing_program_shows_the_standard_error():
    with pytest.raises(AssertionError, match="ZeroDivisionError: division by zero"):
        child.output(FAILING)
    with pytest.raises(AssertionError, match="ZeroDivisionError: division by zero"):
        child.output_on_terminal(FAILING)
