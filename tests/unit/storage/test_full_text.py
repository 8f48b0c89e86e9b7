"""Ranking in memory by real FTS5."""

import pytest

from app.storage.full_text import RankedTexts


def ranked(query, texts=((["red", "apple"],), (["red", "car"],), (["blue", "sky"],))):
    made = RankedTexts(1, texts)
    try:
        return [number for number, _score in made.best([query], [1.0], 5)]
    finally:
        made.close()


def test_the_rarer_word_counts_more() -> None:
    assert ranked(["red", "apple"]) == [0, 1]
    assert ranked(["sky"]) == [2]
    assert ranked(["green"]) == []
    assert ranked([]) == []


def test_words_of_a_query_are_never_its_language() -> None:
    assert ranked(['"', "*", "OR", "c0:red", "NEAR(", "a\0b", "-x"]) == []


def test_what_the_texts_raise_ends_the_making() -> None:
    def texts():
        yield (["red"],)
        raise LookupError("no more")

    with pytest.raises(LookupError):
        RankedTexts(1, texts())


def test_a_word_is_one_in_every_script() -> None:
    texts = ((["北京"],), (["हिन्दी"],), (["cafe\u0301"],))
    assert ranked(["北京"], texts) == [0]
    assert ranked(["हिन्दी"], texts) == [1]


def test_scores_fall_and_columns_weigh() -> None:
    made = RankedTexts(2, [(["a"], ["b"]), (["b"], ["a"]), (["c"], ["c"]), (["d"], ["d"])])
    best = made.best([["a"], ["a"]], [5.0, 1.0], 5)
    assert [number for number, _score in best] == [0, 1]
    assert best[0][1] > best[1][1] > 0
    made.close()
