"""Modules that are imported only by name, by the extension or from a text; listed for tools that look for imports.

PyInstaller, Nuitka and cx_Freeze bundle the modules that a program's code imports. The functions here are never called.
"""

# ruff: noqa: F401, ICN001 - this file holds only imports


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

    import logly._calls.object_fields
    import logly._calls.stack
    import logly._calls.template
    import logly._exceptions.diagnose
    import logly._exceptions.masking
    import logly._exceptions.traceback
    import logly._export.delivery
    import logly._export.exporter
    import logly._files.archiver
    import logly._files.rotating
    import logly._files.unpack
    import logly._lanes.lanes
    import logly._lanes.threads
    import logly._process.forks
    import logly._process.inheritance
    import logly._process.intake
    import logly._process.interrupts
    import logly._process.lifecycle
    import logly._process.packing
    import logly._process.taking_over
    import logly._records.patching
    import logly._records.record_message
    import logly._records.record_parts
    import logly._records.records
    import logly._sinks.background
    import logly._sinks.bars
    import logly._sinks.handlers
    import logly._sinks.terminals
    import logly.loguru._changes
    import logly.loguru._places
    import logly.loguru._records
    import logly.loguru._tracebacks


def _from_texts() -> None:
    import ast
    import linecache
    import textwrap
    import tokenize
    import traceback
    import unicodedata

    import logly._capture.hooks
    import logly._capture.warnings
    import logly._config.load
    import logly._export.peers
    import logly._export.transport
    import logly._files.parse
    import logly._lanes.given_loop
    import logly._lanes.loop
    import logly._metrics
    import logly._production
    import logly.integrations._interception
    import logly.integrations.logging
    import logly.testing
