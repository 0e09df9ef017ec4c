"""A parcel opens for each of its recipients, whole; everybody and everything else is refused."""

import os
import tracemalloc
from pathlib import Path

import pytest

from storage.vault.errors import BrokenParcelError, ForeignParcelError, WrongIdentityError
from storage.vault.keys import Key, new_case_pair
from storage.vault.parcels import MAGIC, WRAPPED_BYTES, ParcelWriter, read_parcel, unpack
from storage.vault.streams import CHUNK_BYTES

AIGUL, NORA, STRANGER = new_case_pair(), new_case_pair(), new_case_pair()
SEALED_CHUNK = CHUNK_BYTES + 16
HEADER = len(MAGIC) + 2 + len("backup") + 1 + 2 * WRAPPED_BYTES + 32
CONTENT = os.urandom(3 * CHUNK_BYTES + 7)


def _parcel(path: Path, content: bytes = CONTENT, purpose: str = "backup") -> Path:
    with ParcelWriter(path, [AIGUL.public, NORA.public], purpose) as writer:
        writer.write(content)
        writer.finish()
    return path


def _open(path: Path, private: Key, purpose: str = "backup") -> bytes:
    return b"".join(read_parcel(path, private, purpose))


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1])
def test_each_recipient_gets_it_bit_exact(tmp_path: Path, size: int) -> None:
    """Whoever is free opens it; nobody needs the other."""
    path = _parcel(tmp_path / "parcel", CONTENT[:size])
    assert _open(path, AIGUL.private) == CONTENT[:size]
    assert _open(path, NORA.private) == CONTENT[:size]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_wrong_or_revoked_identity_is_told_so(tmp_path: Path) -> None:
    """Nobody looks for damage in a file that is whole."""
    path = _parcel(tmp_path / "parcel")
    with pytest.raises(WrongIdentityError, match="not sealed to this identity"):
        _open(path, STRANGER.private)


def test_a_parcel_does_not_tell_whose_it_is(tmp_path: Path) -> None:
    """Found on a seized disk, it names no recipient."""
    content = _parcel(tmp_path / "parcel").read_bytes()
    assert AIGUL.public.reveal() not in content
    assert NORA.public.reveal() not in content


def test_each_parcel_has_a_key_of_its_own(tmp_path: Path) -> None:
    """Whoever has two of one content sees no more than that they are as long as each other."""
    one, other = (_parcel(tmp_path / name).read_bytes()[HEADER:] for name in ("one", "other"))
    assert len(one) == len(other)
    assert one[:CHUNK_BYTES] != other[:CHUNK_BYTES]


@pytest.mark.parametrize("place", range(len(MAGIC), HEADER, 7))
def test_an_altered_header_is_noticed(tmp_path: Path, place: int) -> None:
    """Also where only another recipient's part was touched."""
    path = _parcel(tmp_path / "parcel")
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises((BrokenParcelError, ForeignParcelError)):
        _open(path, AIGUL.private)


@pytest.mark.parametrize(
    "broken",
    [
        lambda whole: whole[:-1],
        lambda whole: whole[: HEADER + 2 * SEALED_CHUNK],
        lambda whole: whole[: HEADER + SEALED_CHUNK],
        lambda whole: whole[:HEADER],
        lambda whole: whole[: HEADER - 1],
        lambda whole: whole + b"x",
        lambda whole: whole + whole[-23:],
        lambda whole: whole[: HEADER + SEALED_CHUNK] + whole[HEADER:],
        lambda whole: (
            whole[:HEADER]
            + whole[HEADER + SEALED_CHUNK : HEADER + 2 * SEALED_CHUNK]
            + whole[HEADER : HEADER + SEALED_CHUNK]
            + whole[HEADER + 2 * SEALED_CHUNK :]
        ),
        lambda whole: whole[: HEADER + 9] + bytes([whole[HEADER + 9] ^ 1]) + whole[HEADER + 10 :],
    ],
    ids=[
        *("a byte less", "a chunk less", "two chunks less", "no chunk", "no whole header"),
        *("a byte more", "the end twice", "a chunk twice", "chunks swapped", "a bit flipped"),
    ],
)
def test_damage_is_noticed_and_leaves_no_plaintext(tmp_path: Path, broken: object) -> None:
    """Cut, appended, repeated, swapped, altered: nothing of it stays on the disk."""
    assert callable(broken)
    path = _parcel(tmp_path / "parcel")
    path.write_bytes(broken(path.read_bytes()))
    with pytest.raises(BrokenParcelError, match="cut short or altered"):
        unpack(path, AIGUL.private, "backup", tmp_path / "plain")
    assert list(tmp_path.iterdir()) == [path]


def test_the_header_of_one_parcel_does_not_fit_another(tmp_path: Path) -> None:
    """What was sealed stays with those it was sealed to."""
    one, other = _parcel(tmp_path / "one"), _parcel(tmp_path / "other")
    one.write_bytes(one.read_bytes()[:HEADER] + other.read_bytes()[HEADER:])
    with pytest.raises(BrokenParcelError):
        _open(one, AIGUL.private)


@pytest.mark.parametrize("content", [b"", b"par", b"parcel", b"evidence" + bytes(200)])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """A sentence, not a trace."""
    path = tmp_path / "parcel"
    path.write_bytes(content)
    with pytest.raises(ForeignParcelError, match="no sealed backup"):
        _open(path, AIGUL.private)


def test_a_parcel_for_something_else_is_refused(tmp_path: Path) -> None:
    """Keys are never taken for a database."""
    path = _parcel(tmp_path / "parcel", purpose="escrow")
    with pytest.raises(ForeignParcelError, match="no backup"):
        _open(path, AIGUL.private)


def test_a_whole_parcel_is_unpacked_for_its_owner_alone(tmp_path: Path) -> None:
    """It takes no name that is taken."""
    path, plain = _parcel(tmp_path / "parcel"), tmp_path / "plain"
    unpack(path, AIGUL.private, "backup", plain)
    assert plain.read_bytes() == CONTENT
    assert plain.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        unpack(path, AIGUL.private, "backup", plain)


def test_a_large_parcel_takes_little_memory(tmp_path: Path) -> None:
    """An hour of video fits through 4 MB."""
    piece = os.urandom(1_000_000)
    tracemalloc.start()
    with ParcelWriter(tmp_path / "parcel", [AIGUL.public], "backup") as writer:
        for _ in range(20):
            writer.write(piece)
        writer.finish()
    size = sum(map(len, read_parcel(tmp_path / "parcel", AIGUL.private, "backup")))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size == 20_000_000
    assert peak < 4_000_000


def test_a_parcel_needs_a_recipient(tmp_path: Path) -> None:
    """What nobody can open is not made."""
    with pytest.raises(ValueError, match="recipients"):
        ParcelWriter(tmp_path / "parcel", [], "backup")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing_and_says_why(tmp_path: Path) -> None:
    """The last piece cannot go out even while the parcel is given up."""
    writer = ParcelWriter(tmp_path / "parcel", [AIGUL.public], "backup")
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, writer._file.fileno())  # noqa: SLF001 - the disk fills up beneath it
    os.close(full)
    with pytest.raises(OSError, match="No space left"), writer:
        writer.write(CONTENT)
    assert list(tmp_path.iterdir()) == []
