"""Pictures among what a message carries: shown to models that see, named to the others."""

import pytest

from app.attachments.entities import Attachment, Kind
from app.attachments.given import whole
from app.attachments.pictures import data_url, is_picture, picture_of
from app.chat.prompting import compose
from app.history.entities import Message, Role, Summary
from app.pictures import IMAGE_MARK
from tests.helpers.projectors import png

RED, GREEN = png((255, 0, 0)), png((0, 255, 0))


def attached(name: str, data: bytes):
    made = Attachment(name, name, Kind.IMAGE, len(data), "0" * 64, data_url(data))
    return whole(made)


def asked(text: str, *files, identifier: str = "m") -> Message:
    return Message(identifier, "c", None, Role.USER, text, attachments=files)


def test_a_picture_is_kept_as_text_and_comes_back_whole() -> None:
    carried = attached("red.png", RED)
    assert is_picture(carried)
    assert carried.text.startswith("data:image/png;base64,")
    assert picture_of(carried) == RED


def test_a_model_that_sees_gets_the_pictures_where_they_stand() -> None:
    message = asked("Which?", attached("red.png", RED), attached("green.png", GREEN))
    composed = compose("", [message], sees=True)
    (given,) = composed.messages
    assert given.images == (RED, GREEN)
    assert given.content.count(IMAGE_MARK) == 2
    assert given.content.endswith("Which?")
    assert "base64" not in given.content
    assert [origin.kind for origin in composed.origins[0]] == ["attachments", "message"]
    assert sum(composed.lengths[0]) == len(given.content)


def test_a_model_that_does_not_see_is_told_so() -> None:
    (given,) = compose("", [asked("Which?", attached("red.png", RED))]).messages
    assert given.images == ()
    assert "red.png\n(a picture that you cannot see)" in given.content
    assert "base64" not in given.content


def test_words_never_stand_for_a_picture() -> None:
    typed = f"a{IMAGE_MARK}b"
    summary = Summary("old", "c", typed)
    old = asked("old", identifier="old")
    files = [asked(typed, attached("red.png", RED)), asked(typed, identifier="n")]
    composed = compose("", [old, *files], left_out={"old"}, summary=summary, sees=True)
    (given,) = composed.messages
    assert given.content.count(IMAGE_MARK) == len(given.images) == 1
    assert given.content.count("ab") == 3
    assert sum(composed.lengths[0]) == len(given.content)


@pytest.mark.parametrize("text", ["", "data:image/png;base64,@@", "ÿ"])
def test_a_picture_that_a_fault_ruined_is_not_shown(text: str) -> None:
    ruined = whole(Attachment("r", "r.png", Kind.IMAGE, 1, "0" * 64, text))
    assert picture_of(ruined) == b""
    (given,) = compose("", [asked("?", ruined)], sees=True).messages
    assert given.images == ()
    assert IMAGE_MARK not in given.content
