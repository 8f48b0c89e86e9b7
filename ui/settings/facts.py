"""What the settings page shows beside the settings themselves."""

from dataclasses import dataclass
from enum import StrEnum


class TokenState(StrEnum):
    """Where the user's token for the Hub is."""

    ASKING = "asking"
    """The keyring has not answered yet."""
    NONE = "none"
    KEPT = "kept"
    TOLD = "told"
    """The environment of this start brings one."""
    NO_KEYRING = "no_keyring"


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """What the group about downloads shows beside the settings."""

    library_folder: str = ""
    """Where new models go."""
    is_held_offline: bool = False
    """This start forbids requests."""
    told_endpoint: str = ""
    """The Hub's address that this start names in place of the settings, or ""."""
    token: TokenState = TokenState.ASKING
    token_trouble: str = ""
    """A sentence about what did not work with the token, or ""."""
    endpoint_trouble: str = ""
    """A sentence about the address that was written last, or ""."""
    endpoint_warning: str = ""
    """A sentence about the address in force, or ""."""
    ca_trouble: str = ""
    """A sentence about the file that was chosen last, or ""."""


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
    network: NetworkFacts = NetworkFacts()
