"""Identifiers that the application makes: UUIDv7 text (RFC 9562), sortable by time."""

import secrets
import time
import uuid


def new_id() -> str:
    """Return a new UUIDv7: 48 bits of Unix milliseconds, then random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (2**48 - 1)) << 80
    value |= 0x7 << 76
    value |= secrets.randbits(12) << 64
    value |= 0b10 << 62
    value |= secrets.randbits(62)
    return str(uuid.UUID(int=value))
