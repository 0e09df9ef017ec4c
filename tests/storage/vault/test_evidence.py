"""Evidence comes back bit-exact, or its damage is noticed."""

import hashlib
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.vault import evidence
from storage.vault.errors import BrokenSealError
from storage.vault.evidence import HEADER_BYTES, EvidenceWriter, read_evidence
from storage.vault.keys import new_case_pair
from storage.vault.streams import CHUNK_BYTES, SealedFile

CASE = new_case_pair()
SEALED_CHUNK = CHUNK_BYTES + 16
sizes = st.sampled_from([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 7])


def _keep(path: Path, content: bytes, pieces: int = 100_000) -> SealedFile:
    with EvidenceWriter(path, CASE.public, 17) as writer:
        for start in range(0, len(content), pieces):
            writer.write(content[start : start + pieces])
        return writer.finish()


def _read(path: Path) -> bytes:
    return b"".join(read_evidence(path, CASE.private, 17))


@given(sizes, st.integers(1, 200_000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_comes_back_bit_exact(tmp_path: Path, size: int, pieces: int) -> None:
    """However it arrives, the original and its digest are what was sent."""
    path, content = tmp_path / "video", os.urandom(size)
    path.unlink(missing_ok=True)
    if size > 100 * pieces:
        pieces = CHUNK_BYTES
    sealed = _keep(path, content, pieces)
    assert _read(path) == content
    assert sealed.size == size
    assert sealed.original_digest == hashlib.sha256(content).digest()
    assert sealed.sealed_digest == evidence.sealed_digest(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_each_file_has_a_key_of_its_own(tmp_path: Path) -> None:
    """The same picture twice does not look the same, and one file's key opens no other."""
    content = os.urandom(100)
    for name in ("one", "other"):
        _keep(tmp_path / name, content)
    one, other = ((tmp_path / name).read_bytes()[HEADER_BYTES:] for name in ("one", "other"))
    assert one[:100] != other[:100]


def test_an_interrupted_file_leaves_nothing_behind(tmp_path: Path) -> None:
    """Half a video is no evidence."""

    class CutError(Exception):
        """The connection broke."""

    def breaks() -> None:
        with EvidenceWriter(tmp_path / "video", CASE.public, 17) as writer:
            writer.write(b"x" * 200_000)
            raise CutError

    with pytest.raises(CutError):
        breaks()
    assert list(tmp_path.iterdir()) == []


def test_a_taken_name_is_not_overwritten(tmp_path: Path) -> None:
    """Evidence is only ever added."""
    _keep(tmp_path / "video", b"first")
    with pytest.raises(FileExistsError):
        _keep(tmp_path / "video", b"second")
    assert _read(tmp_path / "video") == b"first"


def test_leftovers_of_a_crash_are_removed(tmp_path: Path) -> None:
    """What `kill -9` left half written goes at the next start."""
    _keep(tmp_path / "video", b"first")
    (tmp_path / "other.part").write_bytes(b"half")
    assert evidence.remove_leftovers(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["video"]


def _cut(sealed: bytes) -> bytes:
    return sealed[: HEADER_BYTES + 2 * SEALED_CHUNK]


def _swap(sealed: bytes) -> bytes:
    head, body = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:]
    return (
        head
        + body[SEALED_CHUNK : 2 * SEALED_CHUNK]
        + body[:SEALED_CHUNK]
        + body[2 * SEALED_CHUNK :]
    )


def _repeat(sealed: bytes) -> bytes:
    return sealed + sealed[-100:]


def _drop_first(sealed: bytes) -> bytes:
    return sealed[:HEADER_BYTES] + sealed[HEADER_BYTES + SEALED_CHUNK :]


def _drop_last_byte(sealed: bytes) -> bytes:
    return sealed[:-1]


def _keep_head_only(sealed: bytes) -> bytes:
    return sealed[:HEADER_BYTES]


@pytest.mark.parametrize(
    "damage", [_cut, _swap, _repeat, _drop_first, _drop_last_byte, _keep_head_only]
)
def test_a_cut_or_reordered_file_is_noticed(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    """No part of a file can be left out, moved or repeated."""
    path = tmp_path / "video"
    _keep(path, os.urandom(3 * CHUNK_BYTES))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(BrokenSealError):
        _read(path)


@given(st.integers(0, 400), st.integers(1, 255))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_changed_byte_is_noticed(tmp_path: Path, place: int, change: int) -> None:
    """Every byte of a sealed file counts."""
    path = tmp_path / "video"
    path.unlink(missing_ok=True)
    _keep(path, b"x" * 200)
    sealed = bytearray(path.read_bytes())
    sealed[place % len(sealed)] ^= change
    path.write_bytes(sealed)
    with pytest.raises(BrokenSealError):
        _read(path)


def test_a_file_opens_only_as_the_evidence_it_is(tmp_path: Path) -> None:
    """Two files cannot be exchanged, and another case's key opens nothing."""
    _keep(tmp_path / "video", b"x")
    with pytest.raises(BrokenSealError):
        list(read_evidence(tmp_path / "video", CASE.private, 18))
    with pytest.raises(BrokenSealError):
        list(read_evidence(tmp_path / "video", new_case_pair().private, 17))


def test_a_long_video_takes_little_memory(tmp_path: Path) -> None:
    """At most 4 MB, however long it is, both ways."""
    tracemalloc.start()
    try:
        with EvidenceWriter(tmp_path / "video", CASE.public, 17) as writer:
            for _ in range(320):
                writer.write(bytes(CHUNK_BYTES))
            writer.finish()
        assert sum(map(len, read_evidence(tmp_path / "video", CASE.private, 17))) == 20_971_520
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_a_file_that_no_longer_fits_leaves_nothing_and_says_why(tmp_path: Path) -> None:
    """A full disk: the last piece cannot go out even while the file is given up."""
    writer = EvidenceWriter(tmp_path / "video", CASE.public, 17)
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, writer._file.fileno())  # noqa: SLF001 - the disk fills up beneath it
    os.close(full)
    with pytest.raises(OSError, match="No space left"), writer:
        writer.write(b"x" * 2 * CHUNK_BYTES)
    assert list(tmp_path.iterdir()) == []
