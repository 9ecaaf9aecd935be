"""Files that rotate while an agent collects them: rsyslog, as the guide configures it."""

from __future__ import annotations

import json

from tests.interop.arrived import run
from tests.interop.guide import block
from tests.interop.program import THREADS
from tests.interop.servers import debian
from tests.interop.servers.process import Server, wait_for
from tests.interop.servers.syslog import options_of_rsyslog

COUNT = 100_000


def test_rotated_files_are_collected_once(tmp_path):
    collected = tmp_path / "shop.json"
    text = block("conf").replace("/var/log/shop", str(tmp_path)).replace("/srv/collected", str(tmp_path))
    assert str(tmp_path) in text
    configuration = tmp_path / "rsyslog.conf"
    configuration.write_text(f'global(workDirectory="{tmp_path}")\n{text}')
    collected.touch()

    command = debian.command("rsyslogd", *options_of_rsyslog(tmp_path), "-f", configuration)
    with Server(command, tmp_path, "rsyslog"):
        run(COUNT, {"sink": str(tmp_path / "app.json"), "json": True, "rotation": "5 MB"})
        wait_for(lambda: collected.read_bytes().count(b"\n") >= COUNT, "all lines in the collected file")

    assert len(list(tmp_path.glob("app*.json"))) > 1
    fields = [json.loads(line)["fields"] for line in collected.read_text().splitlines()]
    for thread in range(THREADS):
        found = [each["number"] for each in fields if each["thread"] == thread]
        assert sorted(found) == list(range(COUNT // THREADS))
