"""What no frame carries is said by what is too large in it."""

from app.engine.entities import ChatMessage
from app.engine.outcomes import too_large


def test_words_are_told_in_tokens_and_pictures_in_pictures() -> None:
    words = too_large([ChatMessage("user", "x" * 4000)], 512)
    assert (words.code, words.facts) == (
        "engine.prompt_too_long", {"tokens": 1000, "context": 512},
    )  # fmt: skip
    pictures = [
        ChatMessage("user", "?", images=(b"1", b"2")),
        ChatMessage("user", "?", "", (b"3",)),
    ]
    refused = too_large(pictures, 512)
    assert (refused.code, refused.facts) == ("engine.images_too_large", {"count": 3})
