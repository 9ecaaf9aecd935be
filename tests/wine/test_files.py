"""Files under wine: lines, threads, exceptions, callbacks, names, and reading back."""

from __future__ import annotations

import json

import pytest

_PLAIN = """
    from logly import logger
    logger.remove()
    logger.configure(show_time=False)
"""


def test_lines_of_text_and_of_json(folder):
    folder.run(
        _PLAIN,
        """
    logger.add("app.log")
    logger.add("deep/er\\\\app.json", json=True)
    logger.info("paid {amount} €", amount=12, user="ada")
    """,
    )

    assert folder.text() == "INFO | paid 12 € user=ada\n"
    assert (folder.path / "deep" / "er" / "app.json").exists()
    assert json.loads(folder.text("deep/er/app.json"))["message"] == "paid 12 €"


@pytest.mark.parametrize("options", ["", "async_write=False", "json=True", "rotation='20 KB'"])
def test_eight_threads_lose_and_mix_nothing(folder, options):
    folder.run(
        _PLAIN,
        f"""
    from threading import Thread
    logger.add("app.log", {options})
    def work(thread):
        for number in range(500):
            logger.info("{{thread}}:{{number}}", thread=thread, number=number)
    threads = [Thread(target=work, args=(thread,)) for thread in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    """,
    )

    names = folder.names()
    lines = [line for name in [*names[:-1], "app.log"] for line in folder.lines(name)]
    said = [json.loads(line)["message"] if "json" in options else line.split()[2] for line in lines]
    assert sorted(said) == sorted(f"{thread}:{number}" for thread in range(8) for number in range(500))
    assert (len(names) > 2) == ("rotation" in options)


def test_an_exception_has_its_traceback(folder):
    folder.run(
        _PLAIN,
        """
    logger.add("app.log")
    try:
        1 / 0
    except ZeroDivisionError:
        logger.exception("failed")
    """,
    )

    lines = folder.lines()
    assert lines[:2] == ["ERROR | failed", "Traceback (most recent call last):"]
    assert "program.py" in lines[2]
    assert lines[-1] == "ZeroDivisionError: division by zero"


def test_callbacks_and_functions_get_records(folder):
    output = folder.run(
        _PLAIN,
        """
    import os
    logger.add_callback(lambda record: print("callback", record["message"], os.path.basename(record["filename"])))
    logger.add(lambda line: print("sink", line, end=""), async_write=True)
    async def awaited(line):
        print("awaited", line, end="")
    logger.add(awaited)
    logger.info("here")
    logger.complete()
    """,
    )

    assert sorted(output.splitlines()) == ["awaited INFO | here", "callback here program.py", "sink INFO | here"]


def test_a_file_is_appended_to_or_begun_anew(folder):
    for mode, lines in [("a", 1), ("a", 2), ("w", 1)]:
        folder.run(_PLAIN, f"logger.add('app.log', mode={mode!r})\nlogger.info('here')")

        assert folder.lines() == ["INFO | here"] * lines


def test_a_torn_line_is_ended(folder):
    (folder.path / "app.log").write_text("torn", encoding="utf-8")

    folder.run(_PLAIN, "logger.add('app.log')\nlogger.info('here')")

    assert folder.lines() == ["torn", "INFO | here"]


def test_another_program_may_read_rename_and_remove_the_file(folder):
    output = folder.run(
        _PLAIN,
        """
    import ctypes, os
    from ctypes import byref, c_uint32, c_void_p
    kernel = ctypes.WinDLL("kernel32")
    kernel.CreateFileW.restype = c_void_p
    def remove(name):
        # As `os.remove` does on Windows 10 and later, but not under wine.
        deletes, shares_all, opens_existing, disposition, at_once = 0x10000, 7, 3, 21, 3
        handle = c_void_p(kernel.CreateFileW(name, deletes, shares_all, None, opens_existing, 0, None))
        assert kernel.SetFileInformationByHandle(handle, disposition, byref(c_uint32(at_once)), 4)
        assert kernel.CloseHandle(handle)
    logger.add("app.log")
    for change in (lambda: os.rename("app.log", "app.old"), lambda: remove("app.log")):
        logger.info("one")
        logger.complete()
        print(open("app.log").read().split())
        change()
        logger.info("two")
        logger.complete()
        print(open("app.log").read().split()[-1:])
    """,
    )

    assert output.splitlines() == [
        "['INFO', '|', 'one']",
        "['two']",
        "['INFO', '|', 'two', 'INFO', '|', 'one']",
        "['two']",
    ]
    assert folder.lines() == ["INFO | two"]
    assert folder.lines("app.old") == ["INFO | one"]


def test_the_methods_that_read_and_change_files(folder):
    output = folder.run(
        _PLAIN,
        """
    sink = logger.add("app.log")
    logger.info("one")
    logger.error("two")
    print(logger.read(sink).split("\\n"), logger.line_count(sink), logger.file_size(sink))
    print(len(logger.search_log(sink, "two")))
    print(logger.file_metadata(sink)["size"], logger.clear(sink), logger.file_size(sink))
    logger.info("three")
    print(logger.read(sink), logger.delete(sink), logger.delete(sink))
    logger.info("four")
    logger.complete()
    """,
    )

    assert output.splitlines()[0] == "['INFO | one', 'ERROR | two', ''] 2 23"
    assert output.splitlines()[-1] == " True False"
    assert folder.lines() == ["INFO | four"]


def test_paths_of_windows_and_times_in_names(folder):
    output = folder.run(
        _PLAIN,
        """
    import os
    here = os.getcwd()
    for name in (here + "\\\\app-1.log", here[2:] + "/app-2.log", "app-{time:YYYY}.log", "{time:YYYY/MM}/app.log"):
        logger.add(name)
    logger.info("here")
    logger.complete()
    for info in logger.all_sinks_info():
        print(os.path.isabs(info["path"]), info["path"].startswith("\\\\\\\\?"))
    """,
    )

    assert set(output.splitlines()) == {"True False"}
    assert len(folder.names("app-")) == 3
    assert len(list(folder.path.glob("20*/*/app.log"))) == 1


def test_errors_of_the_system_have_the_classes_of_python(folder):
    output = folder.run(
        _PLAIN,
        """
    import os
    os.mkdir("taken")
    for name, mode in (("taken", "a"), ("program.py", "x")):
        try:
            logger.add(name, mode=mode)
        except OSError as error:
            print(type(error).__name__, error.winerror, os.path.basename(error.filename))
    """,
    )

    assert output == "PermissionError 5 taken\nFileExistsError 80 program.py\n"
