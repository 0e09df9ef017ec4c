"""A sealed row opens in its own place, with its own key, unaltered, or not at all."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.vault import sealing
from storage.vault.errors import BrokenSealError
from storage.vault.keys import Key, new_case_pair, new_key, public_half

KEY = new_key()
CASE = new_case_pair()
rows = st.integers(-(2**63), 2**63 - 1)


@given(st.binary(max_size=2000), st.text(max_size=30), rows)
def test_what_was_sealed_opens(plaintext: bytes, table: str, row: int) -> None:
    """Both ways of sealing give back every byte."""
    blob = sealing.seal(KEY, plaintext, table=table, row=row)
    assert len(blob) == len(plaintext) + sealing.OVERHEAD
    assert sealing.open_(KEY, blob, table=table, row=row) == plaintext
    blob = sealing.seal_to(CASE.public, plaintext, table=table, row=row)
    assert sealing.open_with(CASE.private, blob, table=table, row=row) == plaintext


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_changed_byte_is_noticed(place: int, change: int) -> None:
    """No altered row is ever believed."""
    for blob in (
        sealing.seal(KEY, b"x" * 100, table="people", row=1),
        sealing.seal_to(CASE.public, b"x" * 100, table="people", row=1),
    ):
        at = place % len(blob)
        altered = blob[:at] + bytes([blob[at] ^ change]) + blob[at + 1 :]
        _opens_nowhere(altered)


@given(st.binary(max_size=120))
def test_noise_and_cut_rows_do_not_open(noise: bytes) -> None:
    """Whatever stands in a row, opening it either gives the sealed bytes or refuses."""
    _opens_nowhere(noise)
    _opens_nowhere(sealing.seal(KEY, b"x", table="people", row=1)[:-1])


def test_many_rows_open_at_once_whatever_version_of_the_key_each_is_under() -> None:
    """Also while they are on their way from one to the next; what reads them may refuse."""
    older = new_key()
    plain = [bytes([number]) for number in range(20)]
    keys = [KEY if number % 3 else older for number in range(20)]
    for used in ([KEY] * 20, keys):
        sealed = [
            sealing.seal(key, plain[number], table="people", row=number)
            for number, key in enumerate(used)
        ]
        assert sealing.open_many([KEY, older], "people", range(20), sealed, bytes) == plain
    sealed = [sealing.seal(KEY, plain[number], table="people", row=number) for number in range(20)]
    assert sealing.open_many([KEY], "people", range(20), sealed, bytes) == plain
    with pytest.raises(ValueError, match="invalid literal"):
        sealing.open_many([KEY], "people", range(20), sealed, int)


def test_a_row_does_not_open_in_another_place() -> None:
    """Swapped rows and swapped tables are noticed, also where names could run together."""
    blob = sealing.seal(KEY, b"x", table="people", row=1)
    for table, row in (("people", 2), ("venues", 1), ("people1", 1), ("", 1)):
        with pytest.raises(BrokenSealError):
            sealing.open_(KEY, blob, table=table, row=row)
        with pytest.raises(BrokenSealError):
            sealing.open_many([KEY], table, [row], [blob], bytes)


def test_a_row_does_not_open_with_another_key() -> None:
    """Destroying a key is destroying the rows."""
    blob = sealing.seal(KEY, b"x", table="people", row=1)
    with pytest.raises(BrokenSealError):
        sealing.open_(new_key(), blob, table="people", row=1)
    blob = sealing.seal_to(CASE.public, b"x", table="people", row=1)
    with pytest.raises(BrokenSealError):
        sealing.open_with(new_case_pair().private, blob, table="people", row=1)


def test_who_can_only_add_cannot_read() -> None:
    """The public half opens nothing."""
    blob = sealing.seal_to(CASE.public, b"x", table="incidents", row=1)
    with pytest.raises(BrokenSealError):
        sealing.open_with(CASE.public, blob, table="incidents", row=1)
    assert public_half(CASE.private) == CASE.public


def test_the_same_plaintext_never_looks_the_same() -> None:
    """Equal answers of two people cannot be matched."""
    blobs = {sealing.seal(KEY, b"yes", table="people", row=1) for _ in range(100)}
    assert len(blobs) == 100


def test_a_refusal_tells_nothing_of_the_content() -> None:
    """Errors go to logs; contents do not."""
    blob = sealing.seal(KEY, b"Abai 10", table="venues", row=77)
    with pytest.raises(BrokenSealError) as refused:
        sealing.open_(KEY, blob, table="venues", row=78)
    assert refused.value.__cause__ is None
    assert str(refused.value) == "a sealed row does not open"


def test_a_key_shows_nothing_and_is_never_pickled() -> None:
    """No log, traceback or process boundary takes a key along by accident."""
    key = Key(b"k" * 32)
    assert repr(key) == str(key) == "<Key>"
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(key)
    with pytest.raises(ValueError, match="32 bytes"):
        Key(b"short")


def _opens_nowhere(blob: bytes) -> None:
    with pytest.raises(BrokenSealError):
        sealing.open_(KEY, blob, table="people", row=1)
    whole = sealing.seal(KEY, b"x", table="people", row=2)
    with pytest.raises(BrokenSealError):
        sealing.open_many([KEY], "people", [2, 1], [whole, blob], bytes)
    with pytest.raises(BrokenSealError):
        sealing.open_with(CASE.private, blob, table="people", row=1)
