"""What is too long is cut where it hurts least, and never breaks its markup."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from bot.fitting import CUT, bare, fit, fit_plain, seen_length


class _Balance(HTMLParser):
    """Counts the tags that are open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


_LINES = st.lists(
    st.one_of(
        st.text("aё😀 &", max_size=30).map(lambda words: words.replace("&", "&amp;")),
        st.sampled_from(["<b>bold</b>", "<i>", "</i>", "<b>x<i>y</i></b>", '<a href="u">z</a>']),
    ),
    max_size=40,
)


@given(lines=_LINES, limit=st.integers(20, 200))
def test_a_fitted_text_is_never_longer_than_allowed(lines: list[str], limit: int) -> None:
    """Lengths are UTF-16 units of what is seen, as the service counts them."""
    assert seen_length(fit("\n".join(lines), limit)) <= limit


@given(count=st.integers(1, 60), limit=st.integers(20, 200))
def test_a_cut_text_closes_its_tags(count: int, limit: int) -> None:
    """No broken markup, wherever the cut falls."""
    text = "<blockquote>" + "\n".join(["<b>ten letters</b>"] * count) + "</blockquote>"
    balance = _Balance()
    balance.feed(fit(text, limit))
    assert balance.open == []


@given(words=st.text(max_size=300), limit=st.integers(2, 100))
def test_a_plain_text_fits_too(words: str, limit: int) -> None:
    """Whole characters are kept; a cut is always shown."""
    fitted = fit_plain(words, limit)
    assert len(fitted.encode("utf-16-le", "surrogatepass")) // 2 <= limit
    assert fitted == words or fitted.endswith(CUT)


@pytest.mark.parametrize("text", ["", "short", "<b>short</b>", "a\nb"])
def test_what_fits_is_left_alone(text: str) -> None:
    """Nothing is touched without need."""
    assert fit(text, 100) == text


def test_bare_words_hold_no_markup() -> None:
    """What people wrote stays escaped."""
    assert bare("<b>ALARM</i> &lt;3 &amp; you") == "ALARM &lt;3 &amp; you"
