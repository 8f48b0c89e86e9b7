"""Where a redirect may lead, case by case."""

import pytest

from models.redirects import Reach, reach_of_address, reach_of_host, redirect_allowed

PUBLIC = "https://huggingface.co"
PRIVATE = "https://192.168.1.5:8443"
LOCAL = "http://127.0.0.1:8000"
MIRROR = "http://mirror.example.org"


@pytest.mark.parametrize(
    ("endpoint", "target", "allowed"),
    [
        (PUBLIC, "https://cdn-lfs.hf.co/a?X-Signature=b", True),
        (PUBLIC, "https://huggingface.co/api/resolve-cache/x", True),
        (PUBLIC, "https://[2606:4700::1]/x", True),
        (PUBLIC, "https://8.8.8.8/x", True),
        # scheme
        (PUBLIC, "http://cdn-lfs.hf.co/a", False),
        (PUBLIC, "ftp://cdn-lfs.hf.co/a", False),
        (PUBLIC, "file:///etc/passwd", False),
        (PUBLIC, "data:text/plain,x", False),
        (MIRROR, "http://cdn.example.org/a", True),
        (MIRROR, "https://cdn.example.org/a", True),
        # the user's network and computer
        (PUBLIC, "https://192.168.1.1/", False),
        (PUBLIC, "https://10.0.0.1/", False),
        (PUBLIC, "https://172.16.3.4/", False),
        (PUBLIC, "https://100.64.0.1/", False),
        (PUBLIC, "https://169.254.169.254/latest/meta-data", False),
        (PUBLIC, "https://[fe80::1]/", False),
        (PUBLIC, "https://[fd00::1]/", False),
        (PUBLIC, "https://127.0.0.1/", False),
        (PUBLIC, "https://[::1]/", False),
        (PUBLIC, "https://0.0.0.0/", False),
        (PUBLIC, "https://[::]/", False),
        (PUBLIC, "https://localhost/", False),
        (PUBLIC, "https://LOCALHOST./", False),
        (PUBLIC, "https://a.localhost/", False),
        (PUBLIC, "https://router/", False),
        (PUBLIC, "https://nas.local/", False),
        (PUBLIC, "https://metadata.google.internal/", False),
        # the same addresses in other clothes
        (PUBLIC, "https://127.1/", False),
        (PUBLIC, "https://2130706433/", False),
        (PUBLIC, "https://0x7f.0.0.1/", False),
        (PUBLIC, "https://0177.0.0.1/", False),
        (PUBLIC, "https://[::ffff:127.0.0.1]/", False),
        (PUBLIC, "https://[::ffff:192.168.0.1]/", False),
        (PUBLIC, "https://[64:ff9b::7f00:1]/", False),
        (PUBLIC, "https://[2002:7f00:1::]/", False),
        (PUBLIC, "https://user:word@cdn.hf.co/", False),
        (PUBLIC, "https://cdn.hf.co\\@127.0.0.1/", False),
        (PUBLIC, "https:///x", False),
        (PUBLIC, "https://[::1/", False),
        (PUBLIC, "https://cdn.hf.co:99999/", False),
        # a company's own
        (PRIVATE, "https://192.168.1.6/", True),
        (PRIVATE, "https://storage.corp/", True),
        (PRIVATE, "https://cdn.hf.co/", True),
        (PRIVATE, "https://127.0.0.1/", False),
        (PRIVATE, "https://169.254.169.254/", False),
        (PRIVATE, "http://192.168.1.5:8443/", False),
        # this computer's own
        (LOCAL, "http://127.0.0.1:9000/", True),
        (LOCAL, "http://localhost:9000/", True),
        (LOCAL, "http://192.168.1.1/", True),
    ],
)
def test_where_a_redirect_may_lead(endpoint: str, target: str, allowed: bool) -> None:
    assert redirect_allowed(endpoint, endpoint + "/x", target) is allowed


def test_not_down_again_after_going_up() -> None:
    assert redirect_allowed(MIRROR, MIRROR, "https://cdn.example.org/a")
    assert not redirect_allowed(MIRROR, "https://cdn.example.org/a", "http://cdn.example.org/b")


def test_the_endpoint_itself_may_lie_anywhere() -> None:
    assert redirect_allowed("http://10.1.1.1", "http://10.1.1.1/a", "http://10.1.1.1/b")


def test_what_connecting_showed_stands_above_the_name() -> None:
    company = "https://models.example.org"
    assert not redirect_allowed(company, company, "https://10.0.0.7/")
    assert redirect_allowed(company, company, "https://10.0.0.7/", Reach.PRIVATE)
    assert not redirect_allowed(company, company, "https://127.0.0.1/", Reach.PRIVATE)


def test_zones_of_addresses() -> None:
    assert reach_of_address("fe80::1%eth0") is Reach.LINK
    assert reach_of_address("224.0.0.1") is Reach.LINK
    assert reach_of_host("[::1]") is Reach.LOOPBACK
    with pytest.raises(ValueError, match="does not appear"):
        reach_of_address("a.b")
