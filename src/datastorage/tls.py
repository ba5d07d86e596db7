"""TLS of the API: certificates that are read again when they change, and who a client's certificate says it is."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

from datastorage.connections import BoundedConnection
from datastorage.edge.gate import CERTIFICATE
from telemetry.logs import get_logger

__all__ = ["CertificateConnection", "ServerTls", "TlsError"]

#: Seconds between two looks at the files.
_LOOK = 1.0
_log = get_logger(__name__)


class TlsError(Exception):
    """The certificates cannot be used; the message names the file."""


class ServerTls:
    """The TLS context of one process. client_ca: every client must show a certificate of these CAs.

    Raises TlsError where the files cannot be used.
    """

    def __init__(self, cert: Path, key: Path, client_ca: Path | None) -> None:
        self._files = (cert, key, client_ca)
        self._stamps = self._look()
        self.context = self._made()

    def _made(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._load(context)
        return context

    def _load(self, context: ssl.SSLContext) -> None:
        cert, key, client_ca = self._files
        try:
            context.load_cert_chain(cert, key)
        except (OSError, ssl.SSLError) as error:
            raise TlsError(f"tls_cert {cert} and tls_key {key} cannot be used: {_reason(error)}") from None
        if client_ca is None:
            return
        try:
            context.load_verify_locations(client_ca)
        except (OSError, ssl.SSLError) as error:
            raise TlsError(f"tls_client_ca {client_ca} cannot be used: {_reason(error)}") from None
        context.verify_mode = ssl.CERT_REQUIRED

    async def follow(self) -> None:
        """Use changed files for new connections, until cancelled. Files that do not fit change nothing."""
        while True:
            await asyncio.sleep(_LOOK)
            if (stamps := self._look()) != self._stamps:
                self._stamps = stamps
                self._reload()

    def _reload(self) -> None:
        try:
            self._made()  # a try on another context: a certificate without its key would spoil the one in use
            self._load(self.context)
        except TlsError as error:
            _log.error("changed certificates cannot be used; the ones before stay in use", error=str(error))
        else:
            _log.info("certificates were read again", cert=str(self._files[0]))

    def _look(self) -> list[Any]:
        return [_stamp(path) for path in self._files if path is not None]


class CertificateConnection(BoundedConnection):
    """A connection that also tells the application the common name of the client's certificate."""

    def connection_made(self, transport: Any) -> None:
        """Note who connected."""
        super().connection_made(transport)
        shown = transport.get_extra_info("peercert") or {}
        names = dict(pair for group in shown.get("subject", ()) for pair in group)
        self._certificate = names.get("commonName")

    def on_message_begin(self) -> None:
        """Put it into the scope of each request."""
        super().on_message_begin()
        if self._certificate is not None:
            self.scope["extensions"] = {CERTIFICATE: self._certificate}


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _reason(error: OSError) -> str:
    return getattr(error, "reason", None) or error.strerror or type(error).__name__
