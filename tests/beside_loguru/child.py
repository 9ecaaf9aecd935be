"""A process that runs programs on one library, each in a fork of its own, so that no program sees another.

It reads one JSON object a line, `{"folder": ..., "name": ...}`, runs that program in that folder, and answers with one
line: the state that `os.waitpid` gives. Output of the program goes to `stdout.txt` and `stderr.txt` of its folder.
"""

from __future__ import annotations

import gc
import importlib
import json
import linecache
import os
import signal
import sys
import threading
import traceback
import types
from pathlib import Path
from sys import argv

LIMIT = 30
"""Seconds after which a program that hangs is killed."""


def main(library):
    """Answer requests until the input ends."""
    importlib.import_module(library)
    # Imported before the fork, so that programs do not pay for it.
    for module in ("asyncio", "contextlib", "dataclasses", "datetime", "io", "logging", "pathlib", "re", "time"):
        importlib.import_module(module)
    gc.freeze()  # Programs share the pages of imported modules.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            answers.close()
            return _run(**request)
        print(os.waitpid(child, 0)[1], file=answers, flush=True)
    return None


def _run(folder, name):
    """Run a program as `__main__`, and leave this process as a program is left."""
    signal.alarm(LIMIT)
    os.chdir(folder)
    _redirect(1, "stdout.txt")
    _redirect(2, "stderr.txt")
    Path("ids.txt").write_text(f"{os.getpid()} {threading.get_ident()}", "utf-8")
    source = Path(name).read_text("utf-8")
    Path("files").mkdir()
    os.chdir("files")
    # Tracebacks show lines of the program under a name that is the same for both libraries.
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    program = types.ModuleType("__main__")
    program.__file__ = str(Path(f"../{name}").resolve())  # Processes that are spawned read it.
    sys.modules["__main__"] = program
    sys.argv[:] = [name]
    # Tracebacks show the values of names in the lines of this file, and none of code without a file.
    names = {"__name__": __name__, "code": compile(source, name, "exec"), "program": program}
    run = eval("lambda: exec(code, program.__dict__)", names)
    try:
        run()
    except Exception as error:
        sys.stdout.writelines(["the program raised ", *traceback.format_exception_only(type(error), error)])


def _redirect(descriptor, name):
    file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
    os.dup2(file, descriptor)
    os.close(file)


if __name__ == "__main__":
    main(argv[1])
