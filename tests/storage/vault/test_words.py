"""The unlock secret can be read aloud, typed in any manner, and a slip is noticed."""

from functools import reduce
from operator import and_, or_

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.vault import words
from storage.vault.errors import MistypedSecretError
from storage.vault.words import UnlockSecret

numbers = st.integers(0, (1 << words.ENTROPY_BITS) - 1)


@given(numbers)
def test_every_secret_comes_back_from_its_words(number: int) -> None:
    """What was written down opens."""
    secret = UnlockSecret(number)
    assert words.parse(secret.words()).reveal() == secret.reveal()


@given(numbers)
def test_case_spaces_and_hyphens_do_not_matter(number: int) -> None:
    """Nobody is kept out by the way they write."""
    secret = UnlockSecret(number)
    for typed in (
        secret.words().upper(),
        secret.words().replace(" ", "-"),
        secret.words().replace(" ", " \u2013 "),
        secret.words().replace(" ", ""),
        f"\n  {secret.words().replace(' ', '   ')} \n",
    ):
        assert words.parse(typed).reveal() == secret.reveal()


def test_a_fresh_secret_is_twelve_words_of_132_random_bits() -> None:
    """Enough that nobody guesses, and never the same twice."""
    fresh = [words.new_secret() for _ in range(50)]
    assert all(len(secret.words().split()) == 12 for secret in fresh)
    assert words.ENTROPY_BITS >= 128
    numbers = [int.from_bytes(secret.reveal(), "big") for secret in fresh]
    assert len(set(numbers)) == 50
    assert reduce(or_, numbers) == (1 << words.ENTROPY_BITS) - 1  # no bit is the same in all
    assert reduce(and_, numbers) == 0


def test_a_misspelt_word_is_named_by_its_place() -> None:
    """The typing person learns where to look."""
    typed = words.new_secret().words().split()
    typed[4] = "kxyz"
    with pytest.raises(MistypedSecretError, match="word 5"):
        words.parse(" ".join(typed))


def test_a_missing_word_is_told_as_such() -> None:
    """A line that was copied without its end says so."""
    with pytest.raises(MistypedSecretError, match="12 words are needed, 11 were given"):
        words.parse(" ".join(words.new_secret().words().split()[:-1]))


@given(numbers, st.integers(0, 10))
def test_two_swapped_words_are_almost_always_noticed(number: int, place: int) -> None:
    """Order matters, and a slip of order is told (one in 4,096 passes by chance)."""
    typed = UnlockSecret(number).words().split()
    typed[place], typed[place + 1] = typed[place + 1], typed[place]
    try:
        other = words.parse(" ".join(typed))
    except MistypedSecretError:
        return
    assert other.words() == " ".join(typed)


def test_one_wrong_letter_is_noticed() -> None:
    """Of all single wrong letters of one secret, at most a handful of 4,096ths pass."""
    right = UnlockSecret(123456789).words()
    passed = 0
    for place, letter in enumerate(right):
        others = words.VOWELS if letter in words.VOWELS else words.CONSONANTS
        for other in set(others) - {letter, " "} if letter != " " else set():
            try:
                words.parse(right[:place] + other + right[place + 1 :])
            except MistypedSecretError:
                continue
            passed += 1
    assert passed <= 3


def test_nothing_of_a_secret_shows_in_a_traceback() -> None:
    """`repr` and error messages hold no word of it."""
    secret = words.new_secret()
    assert repr(secret) == "<UnlockSecret>"
    with pytest.raises(MistypedSecretError) as refused:
        words.parse(secret.words()[:-1])
    assert not set(secret.words().split()) & set(str(refused.value).split())
