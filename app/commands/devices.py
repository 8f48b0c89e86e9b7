"""``devices``: what this computer can run models on."""

import argparse
from dataclasses import asdict
from typing import Any

import msgspec

from app.commands.output import Output
from app.errors import ExitCode
from app.paths import DataPaths
from app.placement.entities import Inventory
from app.placement.inventory import take_inventory
from app.placement.machine import machine_here
from app.posting import CallbackQueue
from app.services import open_for_command
from app.wording import sentence
from models.errors import KnownError

_GIB = 2**30


def add_to(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser("devices", help=sentence("terminal.help_devices"))
    parser.add_argument("--json", action="store_true", help=sentence("terminal.help_json"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Print every device, the processor last. Raises KnownError."""
    inventory = _take(paths, options.rpc)
    if output.as_json:
        output.json(
            {
                "devices": [
                    {
                        **msgspec.to_builtins(device),
                        "used_bytes": max(0, device.memory_bytes - device.free_bytes),
                    }
                    for device in inventory.devices
                ],
                "memory": asdict(inventory.memory),
                "physical_cores": inventory.physical_cores,
                "unified_memory": machine_here(inventory, None).unified_memory,
            }
        )
        return ExitCode.OK
    for device in inventory.devices:
        facts = {
            "name": device.name,
            "description": device.description,
            "free": format(device.free_bytes / _GIB, ".1f"),
            "total": format(device.memory_bytes / _GIB, ".1f"),
        }
        output.line(sentence("terminal.device", facts))
    return ExitCode.OK


def _take(paths: DataPaths, rpc_hosts: tuple[str, ...]) -> Inventory:
    """By the engine and with the hosts that models are loaded with."""
    callbacks = CallbackQueue()
    services = open_for_command(paths, callbacks.post)
    try:
        hosts = dict.fromkeys((*services.settings.current.rpc_hosts, *rpc_hosts))
        found: list[Inventory] = []
        errors: list[KnownError] = []
        take_inventory(services.workers.start, found.append, errors.append, tuple(hosts))
        callbacks.run_until(lambda: bool(found or errors))
    finally:
        services.close()
    if errors:
        raise errors[0]
    return found[0]
