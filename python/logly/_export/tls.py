"""The context of TLS, with the certificates that a program gave. It is imported late: `ssl` takes time to import."""

from __future__ import annotations

import ssl

TYPE_CHECKING = False
if TYPE_CHECKING:
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
        OSError: A certificate is none; `ssl.SSLError` is an `OSError`.
    """
    context = ssl.create_default_context(cafile=options.certificate)
    if options.client_certificate is not None:
        context.load_cert_chain(options.client_certificate, options.client_key)
    return context


def check(options: _Certificates) -> None:
    """Read the certificates once.

    Raises:
        OSError: A certificate is none; the error names the option.
    """
    try:
        context_of(options)
    except OSError as error:
        raise OSError(error.errno, f"certificate: {error}", options.certificate) from None
