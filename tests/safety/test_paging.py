"""Pages: no screen is longer than a screen, nothing is missing, and every page can be reached."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.paging import MOST, cut


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
