"""Measures an RPC device in a process of its own, as if it were a GPU of this computer.

The one argument is its HOST:PORT; one line of JSON says what was found.
"""

import sys
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.engine import ggml
from app.engine.devices import list_devices
from app.engine.kernels import is_measurable, measure_speed
from app.engine.measuring_time import MeasuringTime
from app.engine.rpc import RpcHosts


def main(host: str) -> None:
    RpcHosts().connect([host])
    found = list_devices(ggml.library)
    assert not any(is_measurable(device) for device in found), found
    # Little memory, so that little has to travel: one layer of 32 experts and a short link.
    small = {"backend": "as if here", "kind": "gpu", "free_bytes": 8 * 120 * 2**20}
    devices = [
        msgspec.structs.replace(device, **small) for device in found if device.backend == "RPC"
    ]
    speeds = measure_speed(
        ("no such type", "Q4_K"),
        MeasuringTime(2.0, lambda _fraction: None),
        devices,
        cores=1,
        caches=2**20,
        available_bytes=0,
    )
    print(msgspec.json.encode(speeds).decode(), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
