"""The look in numbers: two palettes, five text sizes, one grid."""

from dataclasses import dataclass

GRID = 4
"""Every edge lies on this grid at 100 %; most on 8."""

TEXT_SMALL, TEXT_INTERFACE, TEXT_CHAT, TEXT_HEADING, TEXT_TITLE = 12, 13, 15, 18, 24
"""The five text sizes in pixels at 100 %. There are no others."""

RADIUS, CARD_RADIUS = 8, 12
CONTROL_HEIGHT = 32
FOCUS_WIDTH = 2
SCROLL_BAR = 12
"""Width of a scroll bar, its margins included; the padding of a panel has room for it."""


PAPER = "#ffffff"
"""What a printed page is painted on where there is no paper."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one theme as #rrggbb. Text on any surface has a contrast of at least 4.5."""

    is_dark: bool
    sidebar: str
    """Surface 1, behind the sidebar."""
    page: str
    """Surface 2, behind the transcript."""
    raised: str
    """Surface 3: cards, code blocks, your messages, popovers."""
    control: str
    """Surface 4: buttons and fields at rest on any other surface."""
    hover: str
    border: str
    text: str
    muted: str
    """Secondary text, still readable."""
    accent: str
    """Filled accent buttons and the focus ring."""
    accent_hover: str
    on_accent: str
    accent_text: str
    """Links and accented words on page and raised surfaces."""
    selection: str
    good: str
    warning: str
    bad: str
    good_tint: str
    """Behind a banner that tells something good; the same for the two below."""
    warning_tint: str
    bad_tint: str
    idle: str
    """A state dot of something that is not running."""
    shadow: str
    """#aarrggbb: under popovers, drawn in several fainter steps."""
    scrim: str
    """#aarrggbb: over the page behind a drawer."""
    code_keyword: str
    code_string: str
    code_comment: str
    code_number: str
    code_name: str
    device_1: str
    """What lies on the first GPU, in the pictures of placement; contrast to page and raised at
    least 3. Each device has a pattern as well, see ``ui.placement.inks``."""
    device_2: str
    device_3: str
    device_4: str
    device_ram: str
    """What lies in main memory."""
    device_other: str
    """Memory that other programs hold."""
    device_free: str
    """Memory that is free, and places where a layer has nothing."""


LIGHT = Palette(
    is_dark=False,
    sidebar="#f3f2ee",
    page="#fdfcfa",
    raised="#f4f2ed",
    control="#ebe8e1",
    hover="#e2ded5",
    border="#dcd8ce",
    text="#1f1e1b",
    muted="#625f57",
    accent="#1f6f5c",
    accent_hover="#195c4c",
    on_accent="#ffffff",
    accent_text="#1a6452",
    selection="#cfe6dd",
    good="#2c7a4b",
    warning="#8a5a00",
    bad="#b3261e",
    good_tint="#e3f1e8",
    warning_tint="#f8edd6",
    bad_tint="#fae6e3",
    idle="#a39f95",
    shadow="#05201a10",
    scrim="#66201f1b",
    code_keyword="#7a3e9d",
    code_string="#2f6b2f",
    code_comment="#6a675f",
    code_number="#9a4a00",
    code_name="#1b5a94",
    device_1="#24806b",
    device_2="#3f6fb5",
    device_3="#8a5aa6",
    device_4="#b4496a",
    device_ram="#9d7e42",
    device_other="#8b877d",
    device_free="#ebe8e1",
)

DARK = Palette(
    is_dark=True,
    sidebar="#171816",
    page="#1d1e1c",
    raised="#272825",
    control="#313330",
    hover="#3b3d39",
    border="#3a3c38",
    text="#ecebe6",
    muted="#b0aea6",
    accent="#57bfa3",
    accent_hover="#6fcdb3",
    on_accent="#0d1f19",
    accent_text="#6fcdb3",
    selection="#27524a",
    good="#6cc48d",
    warning="#e0b04c",
    bad="#f2867c",
    good_tint="#22332a",
    warning_tint="#362f1f",
    bad_tint="#3b2725",
    idle="#7d7b74",
    shadow="#0e000000",
    scrim="#8c000000",
    code_keyword="#c89be6",
    code_string="#9ccc8f",
    code_comment="#9a988f",
    code_number="#e5a66b",
    code_name="#86b8ea",
    device_1="#4bab92",
    device_2="#7ba6e3",
    device_3="#bb94d8",
    device_4="#e58aa2",
    device_ram="#b0925a",
    device_other="#85837b",
    device_free="#313330",
)
