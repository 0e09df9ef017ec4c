"""The signatures of the stand-alone script are those of the standard, and of `cryptography`."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.vault import verifier

# RFC 8032, 7.1, tests 1 to 3: public key, message, signature
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_standards_signatures_are_right_and_altered_ones_wrong(
    public: str, message: str, signature: str
) -> None:
    """Every byte of key and signature counts."""
    key, said, signed = (bytes.fromhex(text) for text in (public, message, signature))
    assert verifier.is_signed(key, said, signed)
    assert not verifier.is_signed(key, said + b"x", signed)
    for place in range(64):
        altered = bytearray(signed)
        altered[place] ^= 1
        assert not verifier.is_signed(key, said, bytes(altered))


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=300), st.data())
@settings(max_examples=60)
def test_it_agrees_with_cryptography(seed: bytes, message: bytes, data: st.DataObject) -> None:
    """Right or altered in one place, both say the same."""
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert verifier.is_signed(public, message, signature)
    altered = bytearray(public + signature)
    altered[data.draw(st.integers(0, 95))] ^= data.draw(st.integers(1, 255))
    key, signed = bytes(altered[:32]), bytes(altered[32:])
    assert verifier.is_signed(key, message, signed) == _accepts(key, message, signed)


@pytest.mark.parametrize(
    ("public", "signature"),
    [
        (b"", b""),
        (b"\xff" * 32, b"\0" * 64),
        (b"\0" * 31, b"\0" * 64),
        (bytes.fromhex(VECTORS[0][0]), b"\xff" * 64),
        (bytes.fromhex(VECTORS[0][0]), b"\0" * 63),
    ],
)
def test_what_is_no_key_or_no_signature_is_refused(public: bytes, signature: bytes) -> None:
    """No input makes it fail otherwise than by saying no."""
    assert not verifier.is_signed(public, b"", signature)


def test_a_signature_made_larger_by_the_groups_order_is_refused() -> None:
    """One message has one signature (RFC 8032, 8.4: malleability)."""
    public, _, signature = VECTORS[0]
    raw = bytes.fromhex(signature)
    order = 2**252 + 27742317777372353535851937790883648493
    larger = (int.from_bytes(raw[32:], "little") + order).to_bytes(32, "little")
    assert not verifier.is_signed(bytes.fromhex(public), b"", raw[:32] + larger)


def _accepts(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
