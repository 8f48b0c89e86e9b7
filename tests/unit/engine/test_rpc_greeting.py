"""Addresses of RPC hosts: what the engine could not read must not reach it."""

import pytest

from app.engine.errors import RefusedError
from app.engine.rpc_greeting import parse_host, shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:50052", ("127.0.0.1", 50052)),
        ("cellar.example.org:1", ("cellar.example.org", 1)),
    ],
)
def test_addresses(text: str, expected: tuple[str, int]) -> None:
    assert parse_host(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", ":", "host", "host:", ":50052", "host:0", "host:65536", "host:x", "host:-1",
        "host:٣", "::1:50052", "[::1]:50052", "ho st:1", "host:1\n", "host\0:1",
        "http://host:50052",
    ],
)  # fmt: skip
def test_what_is_none(text: str) -> None:
    with pytest.raises(RefusedError) as raised:
        parse_host(text)
    assert raised.value.code == "engine.rpc_address"


def test_many_hosts_stay_short() -> None:
    assert shown("a:1", "b:2") == "a:1, b:2"
    assert len(shown(*(f"computer-{number}:50052" for number in range(9)))) <= 40
