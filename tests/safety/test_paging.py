"""Pages: no screen is longer than a screen, nothing is missing, and every page can be reached."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.paging import MOST, cut, cut_by_length


@given(st.integers(0, 200), st.integers(0, 4), st.integers(1, 2))
def test_every_page_fits_and_all_of_them_hold_everything_once(
    count: int, beside: int, each: int
) -> None:
    """Whatever is listed, and whatever stands under it."""
    found, number, seen = list(range(count)), 0, list[int]()
    while True:
        page = cut(found, number, beside, each)
        assert page.number == number
        assert page.has_before is (number > 0)
        assert len(page.items) * each + beside + page.has_before + page.has_after <= MOST
        seen += page.items
        if not page.has_after:
            break
        number += 1
    assert seen == found


@pytest.mark.parametrize(("wanted", "shown"), [(99, [9, 10, 11]), (-1, [0, 1, 2, 3, 4])])
def test_a_page_that_is_gone_is_the_nearest_one(wanted: int, shown: list[int]) -> None:
    """An old button, or a list that has shrunk, leads to something."""
    assert [*cut(list(range(12)), wanted, beside=2).items] == shown


@given(st.lists(st.integers(1, 50), max_size=30), st.integers(1, 60))
def test_texts_fill_pages_without_a_gap(lengths: list[int], room: int) -> None:
    """Each text stands on one page; none is longer than there is room, unless it is one text."""
    places: list[int] = []
    number, is_over = 0, False
    while not is_over:
        page = cut_by_length(lengths, number, room)
        assert page.number == number
        assert page.has_before is (number > 0)
        assert len(page.items) <= 1 or sum(lengths[one] for one in page.items) <= room
        places += page.items
        number, is_over = number + 1, not page.has_after
    assert places == list(range(len(lengths)))
    assert cut_by_length(lengths, number + 7, room).number == number - 1
