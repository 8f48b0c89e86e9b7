"""Strips into pages: every strip once, in order, whole, and with what it belongs to."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ui.printing.pages import Page, pages_of
from ui.printing.strip import Box, Strip, Strips, together

HEIGHT = 100.0


def strip(height: float, **options: object) -> Strip:
    return Strip(height, lambda *_: None, **options)  # type: ignore[arg-type]


def laid_out(strips: list[Strip]) -> list[Page]:
    return [page for page in pages_of(iter(strips), HEIGHT) if page is not None]


BOXES = [None, None, Box(0, 10, 3, "raised"), Box(0, 10, 3, "raised")]
STRIPS = st.lists(
    st.builds(
        strip,
        st.floats(1, 45),
        gap=st.floats(0, 12),
        keep=st.booleans(),
        box=st.sampled_from(BOXES),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(STRIPS)
def test_every_strip_once_in_order_and_whole(strips: list[Strip]) -> None:
    pages = laid_out(strips)
    assert [placed.strip for page in pages for placed in page.placed] == strips
    for page in pages:
        for before, after in itertools.pairwise(page.placed):
            assert after.top >= before.top + before.strip.height
        for placed in page.placed:
            pad = placed.strip.box.pad if placed.strip.box else 0
            assert placed.top - pad >= 0
            assert placed.top + placed.strip.height + pad <= HEIGHT + 1e-6


def chains(strips: list[Strip]) -> list[list[Strip]]:
    found: list[list[Strip]] = [[]]
    for each in strips:
        found[-1].append(each)
        if not each.keep:
            found.append([])
    return [chain for chain in found if chain]


@settings(max_examples=150, deadline=None)
@given(STRIPS)
def test_what_belongs_together_is_on_one_page_if_it_is_not_most_of_one(strips: list[Strip]) -> None:
    pages = laid_out(strips)
    page_of = {id(placed.strip): at for at, page in enumerate(pages) for placed in page.placed}
    for chain in chains(strips):
        pads = sum(2 * each.box.pad for each in chain if each.box)
        if sum(each.height + each.gap for each in chain) + pads <= 0.6 * HEIGHT:
            assert len({page_of[id(each)] for each in chain}) == 1


def test_a_heading_goes_with_the_first_two_lines_that_follow() -> None:
    lines = [each for each in together(iter([strip(10) for _ in range(6)])) if each]
    pages = laid_out([strip(75), strip(10, keep=True), *lines])
    assert [len(page.placed) for page in pages] == [1, 7]


def test_no_line_stands_alone_at_the_end() -> None:
    lines = [each for each in together(iter([strip(10) for _ in range(11)])) if each]
    assert [len(page.placed) for page in laid_out(lines)] == [9, 2]


def test_no_gap_begins_a_page() -> None:
    pages = laid_out([strip(95), strip(20, gap=30)])
    assert pages[1].placed[0].top == 0


def test_a_tables_head_stands_on_every_page() -> None:
    head = strip(10)
    rows = [strip(30, again=head) for _ in range(5)]
    pages = laid_out([head, *rows])
    assert [page.placed[0].strip is head for page in pages] == [True, True]
    assert [
        placed.strip for page in pages for placed in page.placed if placed.strip in rows
    ] == rows


def test_a_box_has_its_room_at_both_sides_of_a_page_break() -> None:
    box = Box(0, 10, 5, "raised")
    pages = laid_out([strip(30, box=box) for _ in range(4)])
    tops = [[placed.top for placed in page.placed] for page in pages]
    assert tops == [[5, 35, 65], [5]]


def test_nothing_gives_one_empty_page() -> None:
    assert [len(page.placed) for page in laid_out([])] == [0]


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_lines_stay_together_and_breaths_pass_through(count: int) -> None:
    def lines() -> Strips:
        for _ in range(count):
            yield None
            yield strip(1)

    found = list(together(lines()))
    assert found.count(None) == count
    assert [each.keep for each in found if each] == [*[True] * (count - 1), False][-count or 9 :]
