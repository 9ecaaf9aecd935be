"""Consoles under wine, and hooks of the interpreter."""

from __future__ import annotations

import json


def test_a_console_gets_lines_and_escapes_what_its_encoding_lacks(folder):
    output = folder.run(
        """
    from logly import logger
    logger.configure(show_time=False)
    logger.info("één €")
    logger.warning("☃")
    """,
        PYTHONIOENCODING="utf-8",
    )
    assert output == "INFO | één €\nWARNING | ☃\n"

    narrow = folder.run(
        """
    from logly import logger
    logger.configure(show_time=False)
    logger.warning("☃")
    """,
        PYTHONIOENCODING="ascii",
    )
    assert narrow == "WARNING | \\u2603\n"


def test_standard_error_and_sinks_in_the_background(folder):
    output, errors = folder.run_with_errors(
        """
    from logly import logger
    logger.remove()
    logger.configure(show_time=False)
    logger.add("stderr", async_write=True)
    logger.add("stdout", async_write=True, json=True)
    logger.info("here")
    """
    )

    assert errors == "INFO | here\n"
    assert json.loads(output)["message"] == "here"


def test_production_writes_json_through_the_console(folder):
    output = folder.run(
        """
    import logging
    from logly import logger, production
    production()
    logging.getLogger("a.b").warning("from logging")
    logger.info("paid", amount=12)
    """
    )

    assert [json.loads(line)["message"] for line in output.splitlines()] == ["from logging", "paid"]


def test_interception_and_hooks(folder):
    program = folder.start(
        """
    import logging
    import logly
    from logly import logger
    logger.configure(show_time=False)
    logly.intercept_logging()
    logly.install_hooks()
    logging.getLogger("a").error("from logging")
    raise ValueError("uncaught")
    """
    )

    lines = program.communicate()[0].decode().splitlines()
    assert program.returncode == 1
    assert lines[0] == "ERROR | from logging"
    assert lines[-1] == "ValueError: uncaught"
