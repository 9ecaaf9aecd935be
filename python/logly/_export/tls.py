"""The context of TLS, with the certificates that a program gave. It is imported late: `ssl` takes time to import."""

from __future__ import annotations

import errno
import ssl
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    class _Certificates(Protocol):
        """The options with paths of certificates."""

        @property
        def certificate(self) -> str | None:
            """The certificates of authorities that are trusted."""

        @property
        def client_certificate(self) -> str | None:
            """The certificate that this program shows."""

        @property
        def client_key(self) -> str | None:
            """Its key, if that is in another file."""


def context_of(options: _Certificates) -> ssl.SSLContext:
    """Return the context of TLS.

    Raises:
        OSError: A file has no certificate or no key, or its key has a passphrase; the error names the option.
    """
    with _named("certificate", options.certificate):
        context = ssl.create_default_context(cafile=options.certificate)
    if options.client_certificate is not None:
        with _named("client_certificate", options.client_certificate):
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(options.client_certificate)
        key = "client_certificate" if options.client_key is None else "client_key"
        with _named(key, options.client_key or options.client_certificate):
            # Without a function, OpenSSL would ask for the passphrase of a key at the terminal.
            context.load_cert_chain(options.client_certificate, options.client_key, _refuse_passphrase)
    return context


def _refuse_passphrase() -> str:
    raise OSError(errno.EINVAL, "a key without a passphrase is needed")


@contextmanager
def _named(option: str, path: str | None) -> Iterator[None]:
    """Have errors name an option and its file."""
    try:
        yield
    except OSError as error:
        text = error.strerror or str(error)
        raise OSError(error.errno, f"{option}: {text}", path) from None
