"""What strangers wrote inside our HTML: escaped, and nothing in it hides or reorders."""

import re

_DIRECTIONS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROLS = (*range(1, 9), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)
_REPLACEMENT = "\ufffd"

_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\0": _REPLACEMENT}
_IN_TEXT = {
    **_ESCAPED,
    # A browser makes a line feed of a carriage return that is not written as a reference.
    "\r": "&#13;",
    **{
        # Kept, but shut in: it reaches nothing before or behind it, and code shows its name.
        chr(code): f'<bdi class="u" data-u="U+{code:04X}">{chr(code)}</bdi>'
        for code in (*_CONTROLS, *_DIRECTIONS)
    },
}
_TEXT = re.compile(
    '[&<>"\0\r\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]'
)
_VALUE = re.compile('[&<>"\0\r\ud800-\udfff]')
_LABEL = re.compile("[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\\s]+")


def text_html(text: str) -> str:
    """Text inside an element. All of its characters can be had back, but NUL and surrogates."""
    return _TEXT.sub(lambda found: _IN_TEXT.get(found[0], _REPLACEMENT), text)


def value_html(text: str) -> str:
    """The value of an attribute in double quotes: for programs, with every character."""
    return _VALUE.sub(lambda found: _IN_TEXT.get(found[0], _REPLACEMENT), text)


def label_html(text: str, longest: int = 300) -> str:
    """One line for people, for an attribute or a title: nothing in it is invisible."""
    line = _LABEL.sub(" ", text[: 4 * longest]).strip()
    return value_html(line if len(line) <= longest else line[: longest - 1] + "…")
