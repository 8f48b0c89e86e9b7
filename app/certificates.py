"""Looks whether a file holds certificates, before it is trusted or named in the settings."""

import contextlib
from pathlib import Path

from models.hub_errors import NetworkError, NetworkTrouble
from models.naming import shorten

_MOST_BYTES = 16 * 1024 * 1024


def check_certificates(path: Path) -> None:
    """Raise NetworkError unless ``path`` is a file with certificates (PEM) in it."""
    import ssl

    with contextlib.suppress(OSError, ValueError):
        # Not a pipe, which would be waited for, and nothing that takes long to read.
        if path.is_file() and path.stat().st_size <= _MOST_BYTES:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(path)
            if context.cert_store_stats()["x509"]:
                return
    raise NetworkError(NetworkTrouble.CA_FILE, path=shorten(path.name))
