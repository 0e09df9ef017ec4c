"""How words are folded, and how phrases are found among them."""

import pytest

from safety.phrases import Phrases
from safety.spelling import read_words

FOUND = [
    ("one two", "two and one"),
    ("one two", "one up to my two"),
    ("> one two", "one up to two"),
    ("= one two", "zero one two"),
    ("one/two three", "two three"),
    ("begin*", "beginning"),
    ("begin*", "begin"),
    ("one one/two", "one one"),
    ("one two\nthree", "three"),
]
NOT_FOUND = [
    ("one two", "one up to my own two"),
    ("> one two", "two one"),
    ("= one two", "one a two"),
    ("= one two", "two one"),
    ("one/two three", "one two"),
    ("begin*", "be gin"),
    ("one one/two", "one"),  # each word fills one place
    ("", "anything"),
]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Помоги́те!", ("помогите",)),
        ("ёлка й", ("елка", "и")),
        ("КӨМЕКТЕСІҢДЕР", ("комектесиндер",)),
        ("s o s", ("sos",)),
        ("s.o.s", ("sos",)),
        ("S-O-S", ("sos",)),
        ("a b", ("a", "b")),
        ("sоs", ("sos",)),  # a Cyrillic o
        ("cос", ("сос",)),  # a Latin c
        ("sosпомогите", ("sos", "помогите")),
        ("пооомогииите", ("помогите",)),
        ("they’re", ("theyre",)),
        ("he\u200blp", ("help",)),
        ("п0могите", ("помогите",)),
        ("1000", ("1000",)),
        ("не выпускают", ("невыпускают",)),
        ("керек емес", ("керекемес",)),
        ("не", ("не",)),
        ("", ()),
        ("!!! 😭", ()),
    ],
)
def test_two_spellings_of_one_word_are_the_same(written: str, words: tuple[str, ...]) -> None:
    """Hurry, keyboards and tricks leave the word what it is."""
    assert read_words(written) == words


@pytest.mark.parametrize(("table", "said"), FOUND)
def test_a_phrase_is_found_where_its_words_stand_as_it_wants(table: str, said: str) -> None:
    """In any order a few words apart; after `>` in this order; after `=` side by side."""
    assert Phrases(table).occurs(read_words(said))


@pytest.mark.parametrize(("table", "said"), NOT_FOUND)
def test_a_phrase_is_not_found_where_its_words_stand_otherwise(table: str, said: str) -> None:
    """Too far apart, in the wrong order, or one word for two places."""
    assert not Phrases(table).occurs(read_words(said))


def test_a_table_holds_single_words_between_strokes() -> None:
    """A slip in the lexicon is found at once."""
    with pytest.raises(ValueError, match="one word is wanted"):
        Phrases("one two/thr,ee")
