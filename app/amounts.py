"""Amounts in words: files in decimal units as on the Hub, memory in binary ones."""

_MIB, _GIB = 1 << 20, 1 << 30


def file_size(size: int) -> str:
    """Bytes of a file, as "98 MB" or "18.6 GB"."""
    if size < 1_000_000_000:
        return format(size / 1_000_000, ".0f") + " MB"
    return format(size / 1_000_000_000, ".1f") + " GB"


def memory_size(size: int) -> str:
    """Bytes of memory, as "< 1 MiB", "340 MiB", "9.8 GiB" or "1,008 GiB"."""
    return " ".join(_number_and_unit(size))


def memory_sizes(*sizes: int) -> tuple[str, ...]:
    """Bytes that stand side by side: each says its unit only where the next has another.

    So 6.4 of 8.0 GiB, but 340 MiB of 8.0 GiB.
    """
    parts = [_number_and_unit(size) for size in sizes]
    following = [*(unit for _number, unit in parts[1:]), ""]
    return tuple(
        number if unit == after else number + " " + unit
        for (number, unit), after in zip(parts, following, strict=True)
    )


def _number_and_unit(size: int) -> tuple[str, str]:
    if size < _GIB - _MIB // 2:
        return "< 1" if 0 < size < _MIB else format(size / _MIB, ".0f"), "MiB"
    gib = size / _GIB
    return format(gib, ".1f" if gib < 99.95 else ",.0f"), "GiB"
