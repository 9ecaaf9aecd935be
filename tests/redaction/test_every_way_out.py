"""Redaction on every way out of logly: no planted secret reaches a sink, a callback, a capture or a file."""

from __future__ import annotations

import io
import json
import logging
import threading

import logly.testing
import pytest
from logly import logger

SECRETS = [f"planted-{number:02}-secret" for number in range(20)]
PLAIN = "nothing to hide"


class Account:
    def __init__(self, password):
        self.password = password

    def __repr__(self):
        return f"Account(name='ada', password={self.password!r})"


def fail(secret, token, note):
    try:
        raise KeyError(f"token={token}")
    except KeyError as error:
        raised = ValueError(f"refused password='{secret}'")
        if hasattr(raised, "add_note"):
            raised.add_note(f"api_key: {note}")
        raise raised from error


def log_all(log):
    """Log each secret in a place of its own."""
    log.info("login password=%s", SECRETS[0])
    log.info("{user} used {password}", user="ada", password=SECRETS[1])
    log.info("{password!r:>40}", password=SECRETS[2])
    log.info("got %s", {"token": SECRETS[3], "plain": PLAIN})
    log.info("got {account}", account=Account(SECRETS[4]))
    log.info("nested", body={"user": {"api_key": [SECRETS[5], {"x": SECRETS[5]}], "plain": PLAIN}})
    log.info("object", account=Account(SECRETS[6]))
    log.bind(session_token=SECRETS[7]).info("bound {session_token}")
    with log.contextualize(cookie=SECRETS[8]):
        log.info("context")
    log.info("Authorization: Bearer %s", SECRETS[9])
    try:
        fail(SECRETS[10], SECRETS[11], SECRETS[12])
    except ValueError:
        log.exception("failed", plain=PLAIN)
    log.opt(colors=True).info("<red>hidden</red> {password}", password=SECRETS[13])
    log.opt(record=True).info("{record[extra][password]} and {password}", password=SECRETS[14])
    log.opt(capture=False).info("{password} alone", password=SECRETS[15])
    log.patch(lambda record: record["extra"].update(secret=SECRETS[16])).info("patched")
    log.info("postgres://ada:%s@db/app", SECRETS[17], plain=PLAIN)
    log.info(json.dumps({"password": SECRETS[18]}))
    log.opt(stack=True).info("stack of password=%s", SECRETS[19])


def check(text):
    survivors = [secret for secret in SECRETS if secret in text]
    assert survivors == []
    assert PLAIN in text
    assert "ada" in text
    assert "***" in text


@pytest.fixture
def redacted():
    logger.remove_all()
    logger.configure(redact=True)
    return logger


FORMS = [
    {},
    {"json": True},
    {"json": "pretty"},
    {"json": "flat"},
    {"diagnose": True, "backtrace": True},
    {"format": "{message} {extra} {exception}"},
    {"color": True},
    {"multiline": "escape"},
    {"async_write": False},
    {"buffer_size": 65536},
    {"format": lambda record: f"{record['message']} {record['extra']} {record['exception']}\n"},
    {"filter": lambda record: record.update(seen=record["message"]) or True},
]


@pytest.mark.parametrize("options", FORMS, ids="-".join)
def test_file_has_no_secret(redacted, tmp_path, options):
    path = tmp_path / "app.log"
    redacted.add(path, **options)

    log_all(redacted)

    redacted.complete()
    check(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("options", [{}, {"json": True}, {"async_write": True}, {"diagnose": True}], ids=str)
def test_stream_has_no_secret(redacted, options):
    stream = io.StringIO()
    redacted.add(stream, **options)

    log_all(redacted)

    redacted.complete()
    check(stream.getvalue())


@pytest.mark.parametrize("options", [{}, {"async_write": True}, {"json": True}], ids=str)
def test_function_gets_no_secret(redacted, options):
    got = []
    redacted.add(got.append, **options)

    log_all(redacted)

    redacted.complete()
    check("".join(got))
    check("".join(repr(line.record) for line in got))


def test_coroutine_function_gets_no_secret(redacted):
    got = []

    async def sink(line):
        got.append(line)

    redacted.add(sink)
    log_all(redacted)

    redacted.complete()
    check("".join(got))
    check("".join(repr(line.record) for line in got))


@pytest.mark.parametrize("options", [{}, {"async_write": True}, {"format": "{message} {extra}"}], ids=str)
def test_handler_of_logging_gets_no_secret(redacted, options):
    lines = []

    class Handler(logging.Handler):
        def emit(self, record):
            lines.append(self.format(record) + repr(record.__dict__))

    redacted.add(Handler(), **options)
    log_all(redacted)

    redacted.complete()
    check("".join(lines))


def test_callback_gets_no_secret(redacted):
    got = []
    redacted.add_callback(got.append)

    log_all(redacted)

    redacted.complete()
    check(repr(got))


def test_capture_has_no_secret(redacted):
    with logly.testing.capture() as records:
        log_all(redacted)

    check(repr(list(records)))


def test_console_has_no_secret(redacted, capsys):
    redacted.add("stderr")

    log_all(redacted)

    check(capsys.readouterr().err)


def test_search_finds_no_secret(redacted, tmp_path):
    sink = redacted.add(tmp_path / "app.log")

    log_all(redacted)

    assert [secret for secret in SECRETS if redacted.search_log(sink, secret)] == []


def test_intercepted_record_has_no_secret(redacted):
    got = []
    redacted.add(got.append)
    with logly.intercept_logging():
        log = logging.getLogger("other")
        log.warning("password=%s", SECRETS[0], extra={"token": SECRETS[1]})
        try:
            fail(*SECRETS[2:5])
        except ValueError:
            log.exception("failed for ada with %s", PLAIN)

    check("".join(got))
    check("".join(repr(line.record) for line in got))


def test_configured_fields_have_no_secret(redacted, tmp_path):
    redacted.add(tmp_path / "app.log")
    redacted.configure(extra={"db_password": SECRETS[0], "who": "ada"})

    redacted.info(PLAIN)

    redacted.complete()
    check((tmp_path / "app.log").read_text(encoding="utf-8"))


def test_file_after_a_filter_has_no_secret(redacted, tmp_path):
    def change(record):
        record["extra"]["password"] = SECRETS[0]
        record["message"] += f" token={SECRETS[1]} for ada: {PLAIN}"
        return True

    lines = []
    redacted.add(lines.append, filter=change)
    redacted.add(tmp_path / "app.log")

    redacted.info("changed")

    redacted.complete()
    check("".join(lines))
    check((tmp_path / "app.log").read_text(encoding="utf-8"))


def test_threads_and_their_files_have_no_secret(redacted, tmp_path):
    redacted.add(tmp_path / "app.log", json=True)

    threads = [threading.Thread(target=log_all, args=(redacted,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    redacted.complete()
    text = (tmp_path / "app.log").read_text(encoding="utf-8")
    check(text)
    assert all(json.loads(line) for line in text.splitlines())
