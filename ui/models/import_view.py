"""What the sheet shows that adds models; its controller makes it, and nothing here asks anybody."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow:
    """A model that could be added, or one that cannot."""

    key: str
    name: str
    quantization: str = ""
    detail: str = ""
    """Where it lies."""
    size_bytes: int = 0
    group: str = ""
    """Rows of a group stand together under this heading."""
    is_known: bool = False
    """It is in the library already."""
    trouble: str = ""
    """A sentence: why it cannot be added."""

    @property
    def can_choose(self) -> bool:
        """Whether somebody may want it."""
        return not (self.is_known or self.trouble)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportView:
    """What was found so far."""

    title: str
    rows: tuple[ImportRow, ...] = ()
    is_looking: bool = False
    nothing: str = ""
    """A sentence for when there is no row."""
    note: str = ""
    """A sentence above the rows."""
    folder: str = ""
    """The library's, where files would go; empty where they can only be left in place."""
    is_result: bool = False
    """It is over: the rows tell what could not be added."""
