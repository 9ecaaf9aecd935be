"""rsyslog and syslog-ng with the inputs that logly writes to. Each writes the parts of a message as a line of JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.interop.servers import debian
from tests.interop.servers.process import Server, free_ports, wait_for
from tests.support.syslog import parse_structured_data

if TYPE_CHECKING:
    from pathlib import Path

_RSYSLOG = """
global(
  workDirectory="{folder}" DefaultNetstreamDriver="ossl" DefaultNetstreamDriverCAFile="{certificates}/ca.pem"
  DefaultNetstreamDriverCertFile="{certificates}/server.pem" DefaultNetstreamDriverKeyFile="{certificates}/server.key"
)
module(load="imuxsock" SysSock.Use="off")
module(load="imudp")
module(load="imtcp" StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
module(load="imptcp")
template(name="all" type="list") {{ property(name="jsonmesg") constant(value="\\n") }}
input(type="imuxsock" Socket="{folder}/socket" RateLimit.Interval="0")
input(type="imudp" address="127.0.0.1" port="{udp}")
input(type="imptcp" address="127.0.0.1" port="{tcp}")
input(type="imtcp" address="127.0.0.1" port="{tls}")
*.* action(type="omfile" file="{folder}/out" template="all")
"""

_SYSLOG_NG = """
@version: 3.38
options {{ keep-hostname(yes); log-msg-size(65536); }};
source s_socket {{ unix-dgram("{folder}/socket"); }};
source s_udp {{ syslog(ip(127.0.0.1) port({udp}) transport("udp")); }};
source s_tcp {{ syslog(ip(127.0.0.1) port({tcp}) transport("tcp")); }};
source s_tls {{
  syslog(ip(127.0.0.1) port({tls}) transport("tls") tls(
    cert-file("{certificates}/server.pem") key-file("{certificates}/server.key") peer-verify(optional-untrusted)
  ));
}};
destination d_file {{
  file("{folder}/out" template("$(format-json --scope all-nv-pairs --pair priority=$PRI --pair time=$ISODATE)\\n"));
}};
log {{ source(s_socket); source(s_udp); source(s_tcp); source(s_tls); destination(d_file); }};
"""


class SyslogServer(Server):
    """A server of syslog."""

    name = ""
    configuration = ""

    def __init__(self, folder: Path, certificates: Path):
        self.folder = folder
        udp, tcp, tls = free_ports(3)
        text = self.configuration.format(folder=folder, certificates=certificates, udp=udp, tcp=tcp, tls=tls)
        (folder / "conf").write_text(text, "utf-8")
        self.names = {
            "socket": f"syslog+unix://{folder}/socket",
            "udp": f"syslog://127.0.0.1:{udp}",
            "tcp": f"syslog+tcp://127.0.0.1:{tcp}",
            "tls": f"syslog+tls://127.0.0.1:{tls}",
        }
        command = debian.command(self.name, *self.options(), "-f", folder / "conf")
        super().__init__(command, folder, self.name, (tcp, tls))

    def options(self) -> list[object]:
        """Return the options of the command: in the foreground, with files in the folder."""
        raise NotImplementedError

    def start(self):
        """Start it, and wait for its socket as well."""
        socket = self.folder / "socket"
        socket.unlink(missing_ok=True)
        super().start()
        wait_for(socket.exists, f"{self.name}: {self.output}")

    def records(self, count: int) -> list[dict]:
        """Wait for as many messages, and return their parts."""
        lines = wait_for(lambda: found if len(found := self._lines()) >= count else None, f"{count} messages")
        return [self.understood(json.loads(line)) for line in lines]

    def _lines(self) -> list[str]:
        out = self.folder / "out"
        return out.read_text("utf-8", "replace").split("\n")[:-1] if out.exists() else []

    def understood(self, record: dict) -> dict:
        """Return the parts of a message under the names of all servers."""
        raise NotImplementedError


def options_of_rsyslog(folder: Path) -> list[object]:
    """Return the options by which rsyslog runs in the foreground, with its files in a folder."""
    return ["-n", "-i", folder / "pid", "-M", ":".join(map(str, debian.modules("rsyslog")))]


class Rsyslog(SyslogServer):
    """rsyslog."""

    name = "rsyslogd"
    configuration = _RSYSLOG

    def options(self):
        """Return the options of the command."""
        return options_of_rsyslog(self.folder)

    def understood(self, record):
        """Return the parts of a message. rsyslog keeps the byte order mark, and the space of RFC 3164."""
        data = record["structured-data"].encode()
        return {
            "priority": int(record["pri"]),
            "app": record["app-name"],
            "process": record["procid"],
            "id": record["msgid"],
            "text": record["msg"].removeprefix("\ufeff").removeprefix(" "),
            "data": {name: dict(pairs) for name, pairs in parse_structured_data(data, 0)[0].items()},
        }


class SyslogNg(SyslogServer):
    """syslog-ng."""

    name = "syslog-ng"
    configuration = _SYSLOG_NG

    def options(self):
        """Return the options of the command."""
        modules = [str(path) for folder in debian.modules("syslog-ng") for path in folder.glob("[0-9]*")]
        files = ["-p", self.folder / "pid", "-c", self.folder / "control", "-R", self.folder / "persist"]
        return ["-F", "--no-caps", *files, "--module-path", ":".join(modules)]

    def understood(self, record):
        """Return the parts of a message."""
        return {
            "priority": int(record["priority"]),
            "app": record["PROGRAM"],
            "process": record.get("PID", "-"),
            "id": record.get("MSGID", "-"),
            "text": record["MESSAGE"],
            "data": record.get("_SDATA", {}),
        }
