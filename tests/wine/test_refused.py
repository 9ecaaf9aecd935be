"""Features that Windows does not have yet. Each is refused when it is asked for, and the error says why."""

from __future__ import annotations

import pytest

_OF_SINKS = "sink: expected a console, a file, a stream or a function on this system"
_OF_NAMES = 'expected a name of text without < > : " | ? * and control characters, which no file of Windows has'


def _refusal(folder, call: str) -> str:
    return folder.run(
        f"""
    from logly import logger
    try:
        logger.{call}
    except (OSError, ValueError, NotImplementedError) as error:
        print(str(error).replace("\\ufffd", "?"))
    """
    ).strip()


@pytest.mark.parametrize(
    ("call", "refusal"),
    [
        ("add('app.log', durability='crash')", 'durability: expected no durability on this system, got "crash"'),
        (
            "add('stdout', direct=True)",
            "direct: expected False on this system, where lines reach consoles through Python, got True",
        ),
        (
            "add('app.log', permissions=0o640)",
            "permissions: expected no permissions on this system, where files have access lists, got 416",
        ),
        (
            "add('app-{time:YYYY}.log', latest=True)",
            "latest: expected False on this system, where programs may not make links, got True",
        ),
        (
            "add('app.log', compression='xz')",
            'compression: expected "gzip", "zstd" or a function on this system, got "xz"',
        ),
        ("install_crash_handler()", "install_crash_handler() has nothing to handle on this system"),
        ("add('otlp')", f'{_OF_SINKS}, got "otlp"'),
        ("add('syslog://127.0.0.1')", f'{_OF_SINKS}, got "syslog"'),
        ("add('journald')", f'{_OF_SINKS}, got "journald"'),
    ],
)
def test_a_feature_is_refused_with_its_reason(folder, call, refusal):
    assert _refusal(folder, call) == refusal
    assert folder.names() == []


@pytest.mark.parametrize(
    ("call", "got"),
    [
        ("add('app-{time:HH:mm}.log')", "app-{time:HH:mm}.log"),
        ("add('app.log:stream')", "app.log:stream"),
        ("add('app?.log')", "app?.log"),
        ("add('app.log', rotation='daily', archive='{stem}|{time}{ext}')", "{stem}|{time}{ext}"),
        ("add('app.log', rotation='daily', archive='{stem}\\\\{time}{ext}')", "{stem}\\{time}{ext}"),
    ],
)
def test_a_name_that_no_file_has_is_refused(folder, call, got):
    refusal = _refusal(folder, call)

    assert _OF_NAMES in refusal
    assert got in refusal
    assert folder.names() == []


@pytest.mark.parametrize("device", ["nul", "\\\\\\\\.\\\\pipe\\\\app"])
def test_devices_are_refused(folder, device):
    assert "the path of a file, and not of a device" in _refusal(folder, f"add('{device}')")


def test_a_name_is_text(folder):
    assert "a name of Windows is text here" in _refusal(folder, "add('app\\ud800.log')")


def test_a_drive_needs_a_folder(folder):
    assert "a drive has a separator after it, as in C:/app.log" in _refusal(folder, "add('Z:app.log')")
