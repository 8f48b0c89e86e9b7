"""Which titles are found, in which order, and what is shown strongly in them."""

from hypothesis import given
from hypothesis import strategies as st

from app.search_words import fold
from ui.palette.ranking import best, matchable, places_in


def found(titles: list[str], text: str, limit: int = 10) -> list[str]:
    return [each.title for each in best([matchable(t, t) for t in titles], text, limit)]


def test_every_word_must_be_there_in_any_order() -> None:
    titles = ["Trip to Lisbon in May", "Lisbon hotels", "May plans"]
    assert found(titles, "may lis") == ["Trip to Lisbon in May"]
    assert found(titles, "paris") == []
    assert found(titles, "  ") == []


def test_beginnings_come_before_words_and_words_before_their_insides() -> None:
    titles = ["Unparsed text", "Refactor the parser", "Parsing dates"]
    assert found(titles, "pars") == ["Parsing dates", "Refactor the parser", "Unparsed text"]


def test_equals_keep_their_order_and_there_are_no_more_than_asked_for() -> None:
    titles = [f"Chat {number}" for number in range(20)]
    assert found(titles, "chat", 3) == ["Chat 0", "Chat 1", "Chat 2"]


def test_words_beside_the_title_find_it_last() -> None:
    items = [matchable(1, "This computer", "gpu memory"), matchable(2, "GPU prices")]
    assert [each.value for each in best(items, "gpu", 5)] == [2, 1]
    assert best(items, "memory", 5)[0].places == ()


def test_accents_case_and_signs_of_two_units() -> None:
    assert found(["Überblick", "翻译这封邮件"], "uber") == ["Überblick"]
    assert found(["Überblick", "翻译这封邮件"], "邮件") == ["翻译这封邮件"]
    assert places_in("𝛀 Straße und Café", ["strasse", "cafe"]) == ((2, 8), (13, 17))
    assert places_in("ﬁle", ["i"]) == ((0, 1),), "a sign that folds to two is shown whole"


@given(st.text(max_size=40), st.lists(st.text(min_size=1, max_size=5), max_size=3))
def test_places_are_ordered_lie_inside_and_hold_the_word(title: str, words: list[str]) -> None:
    words = " ".join(map(fold, words)).split()
    end = 0
    for start, stop in places_in(title, words):
        assert end <= start < stop <= len(title)
        end = stop
    for match in best([matchable(0, title)], " ".join(words), 1):
        assert match.title == title
