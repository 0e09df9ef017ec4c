"""Formatted text is read as strictly as the service reads it."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rehearsal.botapi.entities import BLANK, Formatted, parse_html, plain
from bot.rehearsal.botapi.errors import DefinitionError
from bot.rehearsal.botapi.shapes import utf16_length


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_escaped_text_comes_out_as_it_was(text: str) -> None:
    """No hostile name can become markup once it is escaped."""
    parsed = parse_html(html.escape(text))
    assert (parsed.text, parsed.entities) == (text.strip(BLANK), ())


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_brings_the_parser_down(text: str) -> None:
    """Whatever is sent is taken or refused, and every entity lies within the text."""
    try:
        parsed = parse_html(text)
    except DefinitionError:
        return
    for entity in parsed.entities:
        offset, length = entity["offset"], entity["length"]
        assert isinstance(offset, int)
        assert isinstance(length, int)
        assert 0 <= offset < offset + length <= utf16_length(parsed.text)


@given(st.text(min_size=1), st.text(st.characters(exclude_categories=["Cs"])))
def test_lengths_are_utf16_units(prefix: str, text: str) -> None:
    """The same as encoding would count."""
    joined = prefix.encode(errors="ignore").decode() + text
    assert utf16_length(joined) == len(joined.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<b>open", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b><i>x</b></i>", "Unmatched end tag at byte offset 7"),
        ("x</b>", "Unexpected end tag"),
        ("я<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 2'),
        ("1 < 2", "Unsupported start tag|Unclosed start tag"),
        ("<b", "Unclosed start tag"),
        ("<span>x</span>", 'must have class "tg-spoiler"'),
    ],
)
def test_broken_markup_is_refused(source: str, words: str) -> None:
    """With the place, in bytes, where it broke."""
    with pytest.raises(DefinitionError, match=words):
        parse_html(source)


def test_tags_become_entities() -> None:
    """Each kind with its own fields, in the order of the text."""
    parsed = parse_html(
        '😀 <b>b<i>i</i></b> <a href="https://x.example/?a=1&amp;b=2">l</a> '
        '<tg-spoiler>s</tg-spoiler> <pre><code class="language-py">c</code></pre>'
    )
    assert parsed.text == "😀 bi l s c"
    assert parsed.entities[0] == {"type": "bold", "offset": 3, "length": 2}
    assert parsed.entities[2] == {
        "type": "text_link",
        "url": "https://x.example/?a=1&b=2",
        "offset": 6,
        "length": 1,
    }
    assert [entity["type"] for entity in parsed.entities] == [
        "bold",
        "italic",
        "text_link",
        "spoiler",
        "pre",
        "code",
    ]


def test_blank_ends_go_and_the_entities_move_along() -> None:
    """A text is trimmed as the service trims it."""
    assert parse_html("\n  <b> x </b>\n") == Formatted(
        "x", ({"type": "bold", "offset": 0, "length": 1},), "<b> x </b>"
    )


def test_commands_and_links_are_found_in_plain_text() -> None:
    """As the service marks them for a bot."""
    found = plain("/start abc https://x.example a/b")
    assert [(e["type"], e["offset"]) for e in found.entities] == [("bot_command", 0), ("url", 11)]
