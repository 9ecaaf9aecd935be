"""Certificates for tests of TLS: an authority, a server on this machine, and a client."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def make(folder: Path) -> Path:
    """Make `ca.pem`, and `server` and `client`, each with `.pem` and `.key`. Return the folder."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder, timeout=60)

    # From Python 3.13 on, certificates must say what their keys are for.
    authority = ("-subj", "/CN=authority", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    openssl("req", "-x509", *_KEY, "-days", "2", *authority, "-keyout", "ca.key", "-out", "ca.pem")
    for name in ("server", "client"):
        (folder / f"{name}.ext").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n", "utf-8")
        openssl("req", *_KEY, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        authority = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial")
        signed = ("-in", f"{name}.csr", "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem")
        openssl("x509", "-req", *authority, *signed)
    return folder
