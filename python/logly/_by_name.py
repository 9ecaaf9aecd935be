"""What is imported by name alone, by the extension or from a text, for tools that look for imports.

PyInstaller, Nuitka and cx_Freeze put into a program what the code of its modules imports. Nothing here is ever run.
"""

# ruff: noqa: F401, ICN001, PLC0415 - the imports are all there is to it


def _by_the_extension() -> None:
    import asyncio
    import builtins
    import contextvars
    import dataclasses
    import datetime
    import os.path
    import select
    import sys
    import threading

    import logly._archiver
    import logly._background
    import logly._bars
    import logly._diagnose
    import logly._forks
    import logly._handlers
    import logly._interrupts
    import logly._lanes
    import logly._lifecycle
    import logly._object_fields
    import logly._patching
    import logly._record_message
    import logly._record_parts
    import logly._records
    import logly._rotating
    import logly._stack
    import logly._template
    import logly._terminals
    import logly._threads
    import logly._traceback
    import logly._unpack


def _from_texts() -> None:
    import ast
    import linecache
    import textwrap
    import tokenize
    import traceback
    import unicodedata

    import logly._config.load
    import logly._given_loop
    import logly._hooks
    import logly._loop
    import logly._parse
    import logly._warnings
    import logly.integrations._interception
    import logly.integrations.logging
    import logly.testing
