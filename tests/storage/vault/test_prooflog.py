"""What was recorded cannot be changed, taken out or put in later without notice."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.vault import prooflog
from storage.vault.errors import BrokenProofError
from storage.vault.keys import Key
from storage.vault.prooflog import EMPTY, Checkpoint, Frontier, Tree

KEY = Key(bytes(range(32)))
NAME = "log-1"
# RFC 6962's reference test vectors: eight leaves, and the tree hashes of 1 to 8 of them
LEAVES = tuple(
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
)
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
HASHES = tuple(prooflog.leaf_hash(b"leaf %d" % number) for number in range(70))
TREE = Tree(HASHES)


def _grown(size: int) -> Frontier:
    frontier = EMPTY
    for each in HASHES[:size]:
        frontier = prooflog.append(frontier, each)
    return frontier


def test_the_published_tree_hashes_come_out() -> None:
    """The tree is the one of the standard, so anybody's tool can check it."""
    tree, frontier = Tree(prooflog.leaf_hash(leaf) for leaf in LEAVES), EMPTY
    for size, expected in enumerate(ROOTS, start=1):
        frontier = prooflog.append(frontier, prooflog.leaf_hash(LEAVES[size - 1]))
        assert prooflog.root(frontier).hex() == tree.root(size).hex() == expected
    assert prooflog.root(EMPTY) == hashlib.sha256(b"").digest() == tree.root(0)


@given(st.integers(0, 70))
def test_the_frontier_agrees_with_the_whole_tree_and_survives_storage(size: int) -> None:
    """Appending needs only what is stored."""
    frontier = Frontier.unpack(_grown(size).pack())
    assert frontier == _grown(size)
    assert prooflog.root(frontier) == TREE.root(size)


@pytest.mark.parametrize(
    "packed", [b"", b"\0" * 7, _grown(5).pack()[:-1], _grown(5).pack() + b"x"]
)
def test_a_damaged_frontier_is_refused(packed: bytes) -> None:
    """The log does not go on from nonsense."""
    with pytest.raises(BrokenProofError):
        Frontier.unpack(packed)


def test_every_leaf_of_every_size_is_proved_and_no_other() -> None:
    """An inclusion proof holds for its leaf, number, size and root only."""
    for size in range(1, 34):
        root = TREE.root(size)
        for number in range(size):
            proof = TREE.inclusion(number, size)
            assert prooflog.is_included(HASHES[number], number, size, proof, root)
            assert not prooflog.is_included(HASHES[size], number, size, proof, root)
            assert not prooflog.is_included(HASHES[number], number + 1, size, proof, root)
            assert not prooflog.is_included(HASHES[number], number, size, (*proof, root), root)
            assert (
                not prooflog.is_included(HASHES[number], number, size, proof[:-1], root)
                or not proof
            )


def test_every_earlier_state_is_proved_to_be_the_beginning_of_every_later_one() -> None:
    """A consistency proof holds for two states of one log, and for no altered one."""
    for later in range(1, 34):
        for earlier in range(1, later + 1):
            proof = TREE.consistency(earlier, later)
            old, new = _state(earlier), _state(later)
            assert prooflog.is_consistent(old, new, proof)
            forged = Checkpoint("log", earlier, HASHES[0][::-1])
            assert not prooflog.is_consistent(forged, new, proof)
            assert not prooflog.is_consistent(old, Checkpoint("log", later, HASHES[1]), proof)
            assert not prooflog.is_consistent(old, Checkpoint("other", later, new.root), proof)
            assert not prooflog.is_consistent(old, new, (*proof, old.root))


@given(st.integers(0, 69), st.integers(0, 69), st.binary(min_size=32, max_size=32))
def test_replacing_any_leaf_changes_the_root(size: int, number: int, other: bytes) -> None:
    """A replaced record cannot hide behind an old checkpoint."""
    hashes = list(HASHES[: size + 1])
    hashes[number % len(hashes)] = other
    assert Tree(hashes).root(len(hashes)) != TREE.root(size + 1)


def test_a_missing_leaf_or_size_is_refused() -> None:
    """Nothing is proved of what is not there."""
    for number, size in ((5, 5), (-1, 5), (0, 71), (0, 0)):
        with pytest.raises(ValueError, match="no such"):
            TREE.inclusion(number, size)
    for earlier, later in ((0, 5), (6, 5), (1, 71)):
        with pytest.raises(ValueError, match="no such"):
            TREE.consistency(earlier, later)


def test_a_signed_checkpoint_is_a_note_as_the_standard_has_it() -> None:
    """Lines, key hash and signature are where other tools look for them."""
    note = prooflog.sign(KEY, NAME, _state(7))
    text, signature = note.split("\n\n")
    assert text.split("\n") == ["log", "7", base64.b64encode(TREE.root(7)).decode()]
    dash, name, encoded = signature.removesuffix("\n").split(" ")
    assert (dash, name) == ("\u2014", NAME)
    raw = base64.b64decode(encoded)
    public = base64.b64decode(prooflog.verifier_key(KEY, NAME).split("+", 2)[2])[1:]
    assert raw[:4] == hashlib.sha256(b"log-1\n\x01" + public).digest()[:4]
    Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], (text + "\n").encode())


def test_a_signed_checkpoint_is_read_back() -> None:
    """Whoever has the public key can trust the state it states."""
    note = prooflog.sign(KEY, NAME, _state(7))
    assert prooflog.verify(note, prooflog.verifier_key(KEY, NAME)) == _state(7)


@given(st.data())
@settings(max_examples=300)
def test_any_changed_character_of_a_checkpoint_is_noticed(data: st.DataObject) -> None:
    """Size, root, origin, name and signature: each byte counts."""
    note = prooflog.sign(KEY, NAME, _state(7))
    place = data.draw(st.integers(0, len(note) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda char: char != note[place]))
    with pytest.raises(BrokenProofError):
        prooflog.verify(note[:place] + other + note[place + 1 :], prooflog.verifier_key(KEY, NAME))


def test_another_key_or_a_damaged_one_is_refused() -> None:
    """A checkpoint counts only under the key that was handed over."""
    note = prooflog.sign(KEY, NAME, _state(7))
    right = prooflog.verifier_key(KEY, NAME)
    for wrong in (
        prooflog.verifier_key(Key(b"x" * 32), NAME),
        prooflog.verifier_key(KEY, "log-2"),
        right[:-2] + "A=",
        right.replace("+", " "),
        "",
    ):
        with pytest.raises(BrokenProofError):
            prooflog.verify(note, wrong)


def test_names_and_origins_that_would_break_the_note_are_refused() -> None:
    """Nobody can smuggle a line into what is signed."""
    for origin in ("", "two\nlines"):
        with pytest.raises(ValueError, match="origin"):
            prooflog.sign(KEY, NAME, Checkpoint(origin, 1, HASHES[0]))
    for name in ("", "a b", "a+b", "a\nb"):
        with pytest.raises(ValueError, match="no plus"):
            prooflog.sign(KEY, name, _state(1))


def _state(size: int) -> Checkpoint:
    return Checkpoint("log", size, TREE.root(size))
