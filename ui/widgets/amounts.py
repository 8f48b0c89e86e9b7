"""Amounts in words: files in decimal units as on the Hub, memory in binary ones."""


def file_size(size: int) -> str:
    """Bytes of a file, as "98 MB" or "18.6 GB"."""
    if size < 1_000_000_000:
        return format(size / 1_000_000, ".0f") + " MB"
    return format(size / 1_000_000_000, ".1f") + " GB"


def memory_size(size: int) -> str:
    """Bytes of memory, as "340 MiB" or "9.8 GiB"."""
    if size < 1 << 30:
        return format(size / (1 << 20), ".0f") + " MiB"
    return format(size / (1 << 30), ".1f") + " GiB"
