"""What the settings page shows beside the settings themselves."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SettingsFacts:
    """Plain words and paths, found out by whoever shows the page."""

    data_folder: str = ""
    logs_folder: str = ""
    sandbox: str = ""
    """What locks the worker down now, as words separated by commas; "" when no model runs."""
    sandbox_known: bool = False
    """Whether a worker has told yet."""
    keyring: str = ""
    """Name of the system's keyring; "" when there is none that is safe to use."""
    version: str = ""
