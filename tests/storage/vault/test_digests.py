"""Digests find things again without keeping them."""

import hmac
import re
from functools import reduce
from operator import or_

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.vault import digests
from storage.vault.keys import Key, new_key


@given(st.integers(-(2**63), 2**63 - 1))
def test_the_same_person_has_the_same_index_only_under_the_same_key(telegram_id: int) -> None:
    """Two events' indexes cannot be matched with each other."""
    key, other = new_key(), new_key()
    assert digests.index(key, telegram_id) == digests.index(key, telegram_id)
    assert digests.index(key, telegram_id) != digests.index(other, telegram_id)


def test_a_token_fits_a_deep_link_and_is_never_the_same_twice() -> None:
    """A link takes 64 characters of a small alphabet; guessing takes 128 bits."""
    tokens = {digests.new_token() for _ in range(200)}
    assert len(tokens) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22,64}", token) for token in tokens)
    assert digests.TOKEN_BYTES * 8 >= 128


@given(st.text())
def test_any_text_typed_as_a_token_has_a_digest(token: str) -> None:
    """Strangers type what they like, and nothing breaks."""
    assert len(digests.token_digest(token)) == 32


def test_ids_are_positive_and_fit_json() -> None:
    """An id is the same number in every language."""
    ids = {digests.new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(0 < each < 2**53 for each in ids)
    assert reduce(or_, ids) == 2**53 - 1, "and nobody guesses the next one"


def test_picked_words_are_different_words_of_the_list() -> None:
    """Two words for a voice check are never one word twice."""
    listed = ("apple", "bridge", "cloud")
    for _ in range(50):
        assert len(set(digests.pick_words(listed, 2)) & set(listed)) == 2
    with pytest.raises(ValueError, match="larger"):
        digests.pick_words(listed, 4)


@given(st.binary(), st.binary())
def test_a_commitment_fits_one_plaintext_and_tells_nothing_without_its_salt(
    plaintext: bytes, other: bytes
) -> None:
    """The salt makes equal records look different; the digest makes different ones differ."""
    salt = digests.new_salt()
    made = digests.commitment(salt, plaintext)
    assert made == digests.commitment(salt, plaintext)
    assert made != digests.commitment(digests.new_salt(), plaintext)
    assert digests.same(made, digests.commitment(salt, other)) == (plaintext == other)


def test_a_salt_of_another_length_is_refused() -> None:
    """Otherwise salt and plaintext could be cut apart in two ways."""
    with pytest.raises(ValueError, match="32 bytes"):
        digests.commitment(b"short", b"plaintext")


@given(st.binary(min_size=32, max_size=32), st.lists(st.binary(max_size=100), max_size=4))
def test_a_key_answers_each_message_as_if_it_were_the_first(
    raw: bytes, messages: list[bytes]
) -> None:
    """HMAC-SHA-256 (RFC 2104); nothing of one message is left in the next."""
    key = Key(raw)
    for message in messages:
        assert key.mac(message) == hmac.digest(raw, message, "sha256")
