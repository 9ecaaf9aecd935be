"""Addresses and options of syslog and of the journal, and the errors that name them."""

from __future__ import annotations

import subprocess
import sys

import logly
import pytest
from logly import logger
from logly._export import addresses, syslog_options

from tests.support.syslog import DatagramReceiver, StreamReceiver, parse


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("syslog", "/dev/log"),
        ("syslog://h", "udp://h:514"),
        ("syslog+udp://h", "udp://h:514"),
        ("syslog://h:5514/", "udp://h:5514"),
        ("syslog+tcp://logs.example.com.", "tcp://logs.example.com.:601"),
        ("syslog+tls://[::1]:16514", "tls://[::1]:16514"),
        ("syslog+tls://[fe80::1%eth0]", "tls://[fe80::1%eth0]:6514"),
        ("syslog+unix:///run/log", "/run/log"),
        ("journald", "/run/systemd/journal/socket"),
        ("journald:///run/systemd/journal.ns/socket", "/run/systemd/journal.ns/socket"),
    ],
)
def test_address_is_in_the_name(name, shown):
    assert addresses.read(name).shown == shown


@pytest.mark.parametrize(
    "name",
    ["syslog://", "syslog://h:0", "syslog://h:65536", "syslog://h:x", "syslog+tcp://h/path", "syslog://a b", "syslog://é",
     "syslog://h:514:514", "syslog+tls://[::1", "syslog://[1.2.3]", "syslog://a..b", "syslog://" + "a" * 64,
     "syslog://h\n", "syslog:///run/log", "syslog://h?x=1"],
)  # fmt: skip
def test_wrong_address_is_refused(name):
    with pytest.raises(ValueError, match="sink: expected a host and a port from 1 to 65535, such as syslog"):
        logger.add(name)


def test_password_in_an_address_is_not_shown():
    with pytest.raises(ValueError, match="got 'syslog://...'") as raised:
        logger.add("syslog://user:hunter2@host")

    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "name", ["syslog+unix://run/log", "journald://", "journald://host", "syslog+unix:///" + "a" * 200]
)
def test_wrong_path_is_refused(name):
    with pytest.raises(ValueError, match="sink: expected the whole path of a socket of at most 107 bytes behind ://"):
        logger.add(name)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("sylog://h", "syslog"),
        ("syslog+ssl://h", "syslog+tls"),
        ("syslogs+tcp://h", "syslog+tcp"),
        ("jurnald://", "journald"),
    ],
)
def test_unknown_scheme_is_refused_with_the_nearest(name, near):
    with pytest.raises(ValueError, match="a name before :// is a scheme") as raised:
        logger.add(name)

    assert str(raised.value).endswith(f'(did you mean "{near}"?)')


@pytest.mark.parametrize(("name", "meant"), [("Syslog", "syslog"), ("JOURNALD", "journald")])
def test_name_in_other_letters_is_refused(name, meant):
    with pytest.raises(ValueError, match=f'sink: expected "{meant}", or "./{name}" for a file of that name'):
        logger.add(name)


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"facility": "locl0"}, ValueError, 'did you mean "local0"?'),
        ({"facility": 24}, ValueError, "facility: expected a name or a number from 0 to 23, got 24"),
        ({"facility": True}, TypeError, "facility: expected a name or a number"),
        ({"app_name": "a b"}, ValueError, "app_name: expected 1 to 48 printable characters of ASCII without spaces"),
        ({"app_name": "a" * 49}, ValueError, "app_name: expected 1 to 48"),
        ({"app_name": ""}, ValueError, "app_name: expected 1 to 48"),
        ({"app_name": "é"}, ValueError, "app_name: expected 1 to 48"),
        ({"app_name": 5}, TypeError, "app_name: expected a name (str), got 5"),
        ({"app_name": "a:b", "syslog_format": "rfc3164"}, ValueError, "app_name: expected a name without :"),
        ({"syslog_format": "rfc5425"}, ValueError, 'did you mean "rfc5424"?'),
        ({"syslog_format": 5424}, TypeError, 'syslog_format: expected "rfc5424" or "rfc3164"'),
        ({"message_limit": 100}, ValueError, "message_limit: expected 1024 to 65507 bytes for this address, got 100"),
        ({"message_limit": "1 MiB"}, ValueError, "message_limit: expected 1024 to 65507 bytes"),
        ({"message_limit": "big"}, ValueError, "message_limit: expected"),
        ({"timeout": 0}, ValueError, "timeout: expected seconds (more than 0, at most an hour), got 0"),
        ({"connect": "yes"}, TypeError, "connect: expected True or False"),
        ({"certificate": "/missing"}, ValueError, "certificate: expected a sink that is syslog+tls://"),
        ({"endpoint": "http://h"}, ValueError, 'endpoint: expected a sink that is "otlp", got "syslog"'),
        ({"spool": "x"}, ValueError, 'spool: expected a sink that is "otlp"'),
        ({"rotation": "1 MB"}, ValueError, 'rotation: expected a sink other than "syslog", which sends records'),
        ({"compression": "gzip"}, ValueError, 'compression: expected a sink other than "syslog"'),
        ({"color": True}, ValueError, 'color: expected a sink other than "syslog"'),
        ({"async_write": False}, ValueError, 'async_write: expected a sink other than "syslog"'),
        ({"format": str}, ValueError, 'format: expected a pattern (str) for "syslog"'),
    ],
)
def test_wrong_option_is_refused(given, error, text):
    before = logger.list_sinks()

    with pytest.raises(error) as raised:
        logger.add("syslog://h", **given)

    assert text in str(raised.value)
    assert logger.list_sinks() == before


@pytest.mark.parametrize("option", ["certificate", "client_certificate"])
def test_missing_certificate_is_named(option):
    with pytest.raises(FileNotFoundError, match=rf"{option}: No such file or directory: '/missing\.pem'"):
        logger.add("syslog+tls://h", **{option: "/missing.pem"})


def test_certificate_that_is_none_is_named():
    with pytest.raises(OSError, match="certificate: "):
        logger.add("syslog+tls://h", certificate=__file__)


def test_key_needs_its_certificate():
    with pytest.raises(ValueError, match="client_key: expected a client_certificate beside it"):
        logger.add("syslog+tls://h", client_key=__file__)


@pytest.mark.parametrize("option", ["syslog_format", "message_limit", "certificate"])
def test_journal_has_fewer_options(option):
    with pytest.raises(ValueError, match=f'{option}: expected a sink that is .*, got "journald"'):
        logger.add("journald", **{option: "1 KiB"})


def test_names_of_facilities_are_in_order():
    numbers = {"kern": 0, "user": 1, "daemon": 3, "authpriv": 10, "local0": 16, "local7": 23}

    assert {name: syslog_options.FACILITIES.index(name) for name in numbers} == numbers


@pytest.mark.parametrize(
    ("path", "name"),
    [("/srv/shop.py", "shop"), ("/srv/shop/__main__.py", "shop"), ("-c", "python"), ("", "python"), ("a b", "a_b"),
     ("x" * 60, "x" * 48)],
)  # fmt: skip
def test_name_of_the_program_is_the_default(monkeypatch, path, name):
    monkeypatch.setattr(sys, "argv", [path])

    assert syslog_options.read("syslog://h", {}).app_name == name


def test_adding_a_sink_opens_nothing():
    program = """
import sys
def hook(event, args):
    if event.startswith("socket."):
        raise SystemExit(event)
sys.addaudithook(hook)
from logly import logger
for name in ("syslog", "syslog://h", "syslog+tcp://h", "syslog+tls://h", "journald"):
    logger.add(name)
assert not {"ssl", "socket", "http.client"} & set(sys.modules)
"""
    ended = subprocess.run([sys.executable, "-c", program], check=False, timeout=60, capture_output=True, text=True)

    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("scheme", ["syslog+tcp", "syslog+unix", "journald"])
def test_connect_names_what_cannot_be_reached(scheme, tmp_path, free_port):
    name = f"{scheme}://127.0.0.1:{free_port}" if scheme == "syslog+tcp" else f"{scheme}://{tmp_path}/none"

    with pytest.raises(ConnectionError, match="connect: .* cannot be reached"):
        logger.add(name, connect=True)


def test_connect_accepts_what_can_be_reached(no_console, tmp_path):
    with StreamReceiver() as stream, DatagramReceiver(tmp_path / "log") as local:
        logger.add(stream.name, connect=True)
        logger.add(local.name, connect=True)
        logger.remove()


def test_sink_is_shown(no_console):
    sink = logger.add("syslog+tcp://h:1601", level="ERROR")

    info = logger.sink_info(sink)

    assert (info["kind"], info["name"], info["format"], info["json"]) == ("syslog", "tcp://h:1601", "{message}", False)
    assert logger.stats()["sinks"][sink]["export"]["sent"] == 0


def test_configuration_files_have_the_options(no_console, tmp_path):
    with DatagramReceiver() as receiver:
        path = tmp_path / "logly.toml"
        path.write_text(f'[[sinks]]\nsink = "{receiver.name}"\nfacility = "daemon"\napp_name = "shop"\n', "utf-8")
        logly.load(path)
        logger.info("m")
        assert logger.complete(timeout=30)

        (message,) = map(parse, receiver.wait(1))
        assert (message.priority, message.app) == (3 * 8 + 6, "shop")
        logger.remove()
