"""A key line is taken only as what it is: whole, public where it must be, keeping secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.vault import identities, sealing
from storage.vault.errors import ExposedIdentityError, MalformedKeyError
from storage.vault.keys import Key, public_half

# Points that make every shared secret zero (curve25519, orders 1, 2, 4, 8), little-endian.
SMALL = (
    bytes(32),
    bytes([1, *bytes(31)]),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
)


def test_what_is_sealed_to_a_public_line_opens_with_its_private_file() -> None:
    """Text out, text in: the two halves still belong together."""
    private = identities.new_identity()
    line = identities.public_line(public_half(private))
    read = identities.read_private(identities.private_text(private))
    sealed = sealing.wrap(identities.read_public(line), b"words", b"place")
    assert sealing.unwrap(read, sealed, b"place") == b"words"


@pytest.mark.parametrize("cut", range(62))
def test_a_line_that_is_cut_short_is_refused(cut: int) -> None:
    """Half a key would be another key."""
    line = identities.public_line(public_half(identities.new_identity()))
    assert len(line) == 62
    with pytest.raises(MalformedKeyError):
        identities.read_public(line[:cut])


@given(st.integers(0, 47), st.sampled_from("Aa0_-z=+/ \u0430\x00"))
def test_a_wrong_letter_is_noticed(place: int, letter: str) -> None:
    """A slip of the hand seals nothing to nobody."""
    line = identities.public_line(public_half(Key(bytes(range(32)))))
    kind, written = line.split()
    if written[place] == letter:
        return
    with pytest.raises(MalformedKeyError):
        identities.read_public(f"{kind} {written[:place]}{letter}{written[place + 1 :]}")


def test_a_private_identity_is_never_taken_for_a_public_line() -> None:
    """Whoever sends the wrong file is told so, even if it is damaged or among other lines."""
    text = identities.private_text(identities.new_identity())
    public = identities.public_line(public_half(identities.new_identity()))
    for wrong in (text, text[:-9], text.replace("#", ""), f"{public}\n{text}"):
        with pytest.raises(ExposedIdentityError):
            identities.read_public(wrong)
    with pytest.raises(MalformedKeyError):
        identities.read_private(public)


@pytest.mark.parametrize("point", SMALL)
def test_a_point_that_gives_everybody_the_same_secret_is_refused(point: bytes) -> None:
    """What is sealed to it, anyone could open."""
    with pytest.raises(MalformedKeyError):
        identities.read_public(identities.public_line(Key(point)))


@pytest.mark.parametrize("added", [identities.PRIME, 1 << 255])
def test_a_key_can_be_written_in_one_way_only(added: int) -> None:
    """Otherwise one key could be enrolled twice, under two fingerprints."""
    small = 9  # the base point, so that adding the prime still fits 255 bits
    twin = Key((small + added).to_bytes(32, "little"))
    with pytest.raises(MalformedKeyError):
        identities.read_public(identities.public_line(twin))
    identities.read_public(identities.public_line(Key(small.to_bytes(32, "little"))))


@pytest.mark.parametrize(
    "text", ["", "\n# nothing\n", "aman-public-1", "ssh-ed25519 AAAA", "\x00"]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    """Whatever else a file holds."""
    with pytest.raises(MalformedKeyError):
        identities.read_public(text)
    with pytest.raises(MalformedKeyError):
        identities.read_private(text)


def test_two_keys_have_two_fingerprints_of_eight_words() -> None:
    """Ninety-six bits, said in a breath."""
    publics = [public_half(identities.new_identity()) for _ in range(20)]
    said = {identities.fingerprint(public) for public in publics}
    assert len(said) == 20
    assert all(len(words.split()) == 8 for words in said)
    assert identities.fingerprint(publics[0]) == identities.fingerprint(publics[0])
