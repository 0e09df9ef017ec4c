"""A bundle is written whole or not at all, and only what was committed to is written."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import bagit
import pytest

from safety.records import Record
from storage.bundle import codec
from storage.bundle.contents import (
    BundleError,
    CaseBundle,
    Entry,
    EvidenceStream,
    Hidden,
    evidence_file_name,
)
from storage.bundle.writer import write
from storage.vault import digests, verifier
from storage.vault.keys import new_key
from tests.storage.bundle.cases import ATTACK, RECORDS, VIDEO, journal, written


def test_a_bundle_is_in_order_and_holds_what_the_contract_says(tmp_path: Path) -> None:
    """Records, schema, evidence, dossier, proofs, script and guide are there."""
    bundle = written(tmp_path)
    assert verifier.verify(bundle) == ()
    assert {
        path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()
    } == {
        *("bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"),
        *("verify.py", "READ-ME.en.txt", "READ-ME.ru.txt", "READ-ME.kk.txt"),
        *("data/records.jsonl", "data/schema.json", "data/dossier.html", "data/evidence/17.mp4"),
        *("data/proofs/key.txt", "data/proofs/key.pem", "data/proofs/inclusion.jsonl"),
        *(
            "data/proofs/checkpoint.note",
            "data/proofs/checkpoint.sig",
            "data/proofs/earlier.jsonl",
        ),
        *("data/proofs/contents.note", "data/proofs/contents.sig"),
    }


def test_each_file_is_on_the_disk_before_the_next_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow stick takes minutes: whoever gives up is heard at each piece, not after them all."""
    flushed: list[str] = []
    flush = os.fsync

    def fsync(descriptor: int) -> None:
        flushed.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        flush(descriptor)

    def video() -> Iterator[bytes]:
        seen.append("records.jsonl" in flushed)
        yield VIDEO

    seen: list[bool] = []
    bundle = journal().bundle()
    stream = EvidenceStream(next(iter(bundle.evidence)).file, video())
    monkeypatch.setattr(os, "fsync", fsync)
    write(tmp_path / "case", replace(bundle, evidence=(stream,)))
    assert seen == [True]


def test_other_tools_accept_it_as_a_bag(tmp_path: Path) -> None:
    """The BagIt library of the Library of Congress finds nothing wrong."""
    bagit.Bag(str(written(tmp_path))).validate()


def test_records_come_back_from_the_bundle_as_they_were(tmp_path: Path) -> None:
    """One record a line, its committed text the record itself, its first state beside it."""
    lines = (written(tmp_path) / "data/records.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert tuple(codec.read(row["committed"][-1]["text"]) for row in rows) == RECORDS
    assert tuple(codec.read(line) for line in lines) == RECORDS
    assert [len(row["committed"]) for row in rows] == [1, 1, 2]


def test_evidence_is_bit_exact(tmp_path: Path) -> None:
    """The original, and nothing else."""
    assert (written(tmp_path) / "data/evidence/17.mp4").read_bytes() == VIDEO


def test_nobody_else_on_the_machine_can_read_it(tmp_path: Path) -> None:
    """Directories 0700, files 0600."""
    bundle = written(tmp_path)
    for path in (bundle, *bundle.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0


def _without_evidence(bundle: CaseBundle) -> CaseBundle:
    return replace(bundle, evidence=())


def _with_other_evidence(bundle: CaseBundle) -> CaseBundle:
    return replace(bundle, evidence=(EvidenceStream("17.mp4", (VIDEO[:-1] + b"x",)),))


def _with_evidence_of_nobody(bundle: CaseBundle) -> CaseBundle:
    return replace(bundle, evidence=(*bundle.evidence, EvidenceStream("18.mp4", (b"x",))))


def _with_a_changed_record(bundle: CaseBundle) -> CaseBundle:
    first = replace(bundle.records[0], record=replace(bundle.records[0].record, place=None))
    return replace(bundle, records=(first, *bundle.records[1:]))


def _with_a_record_twice(bundle: CaseBundle) -> CaseBundle:
    return replace(bundle, records=(*bundle.records, bundle.records[0]))


def _with_an_uncommitted_record(bundle: CaseBundle) -> CaseBundle:
    first = replace(bundle.records[0], entries=())
    return replace(bundle, records=(first, *bundle.records[1:]))


def _with_a_wrong_salt(bundle: CaseBundle) -> CaseBundle:
    (entry,) = bundle.records[0].entries
    assert isinstance(entry, Entry)
    entry = replace(entry, salt=b"s" * 32)
    first = replace(bundle.records[0], entries=(entry,))
    return replace(bundle, records=(first, *bundle.records[1:]))


def _with_a_hidden_text_for_the_lawyer(bundle: CaseBundle) -> CaseBundle:
    (entry,) = bundle.records[0].entries
    assert isinstance(entry, Entry)
    hidden = Hidden(entry.leaf, digests.commitment(entry.salt, entry.text.encode()))
    first = replace(bundle.records[0], entries=(hidden, entry))
    return replace(bundle, records=(first, *bundle.records[1:]))


def _with_a_leaf_beyond_the_log(bundle: CaseBundle) -> CaseBundle:
    entry = replace(bundle.records[0].entries[0], leaf=10**6)
    first = replace(bundle.records[0], entries=(entry,))
    return replace(bundle, records=(first, *bundle.records[1:]))


@pytest.mark.parametrize(
    "spoil",
    [
        _without_evidence,
        _with_a_hidden_text_for_the_lawyer,
        _with_other_evidence,
        _with_evidence_of_nobody,
        _with_a_changed_record,
        _with_a_record_twice,
        _with_an_uncommitted_record,
        _with_a_wrong_salt,
        _with_a_leaf_beyond_the_log,
    ],
)
def test_what_does_not_belong_together_is_refused_and_leaves_nothing(
    tmp_path: Path, spoil: Callable[[CaseBundle], CaseBundle]
) -> None:
    """A bundle that would not verify is never handed out."""
    with pytest.raises(BundleError):
        write(tmp_path / "bundle", spoil(journal().bundle()))
    assert list(tmp_path.iterdir()) == []


def test_an_evidence_name_cannot_leave_its_directory(tmp_path: Path) -> None:
    """A hostile name in a record does no harm."""
    item = replace(ATTACK.evidence[0], file="../../evil")
    kept = journal()
    kept.keep(replace(ATTACK, evidence=(item,)))
    bundle = kept.bundle((replace(ATTACK, evidence=(item,)),))
    with pytest.raises(BundleError):
        write(tmp_path / "in" / "bundle", _made(bundle, tmp_path))
    assert not (tmp_path / "evil").exists()


def _made(bundle: CaseBundle, tmp_path: Path) -> CaseBundle:
    (tmp_path / "in").mkdir()
    return replace(bundle, evidence=(EvidenceStream("../../evil", (VIDEO,)),))


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        ("VID 2026.MP4", "5.mp4"),
        (None, "5"),
        ("../../x", "5"),
        ("a.b/c", "5"),
        ("x.<b>", "5"),
        ("photo.jpeg", "5.jpeg"),
        ("видео.жпг", "5"),
        ("x.averylongending", "5"),
    ],
)
def test_evidence_is_named_by_its_id_and_a_harmless_ending(
    original: str | None, expected: str
) -> None:
    """What people call their files reaches no file system."""
    assert evidence_file_name(5, original) == expected


def test_an_existing_directory_is_left_alone(tmp_path: Path) -> None:
    """An export never writes over another."""
    bundle = written(tmp_path)
    with pytest.raises(FileExistsError):
        write(bundle, journal().bundle())
    assert verifier.verify(bundle) == ()


def test_an_empty_case_is_a_bundle_too(tmp_path: Path) -> None:
    """Nothing recorded is said as such."""
    write(tmp_path / "bundle", journal().bundle(()))
    assert verifier.verify(tmp_path / "bundle") == ()


def test_an_erased_record_is_nowhere_and_every_proof_holds(tmp_path: Path) -> None:
    """Of an erased record a hash stays in the log, and no word in the bundle."""
    kept = journal()
    before = kept.checkpoint()
    kept.keep(Record(id=5))
    del kept.entries[CANCELLED_ID]
    rest = tuple(record for record in RECORDS if record.id != CANCELLED_ID)
    write(tmp_path / "bundle", kept.bundle(rest, (before,)))
    assert verifier.verify(tmp_path / "bundle", known=(before,)) == ()
    for path in (tmp_path / "bundle").rglob("*"):
        assert path.is_dir() or b"Youth centre" not in path.read_bytes()


CANCELLED_ID = 101


def test_an_earlier_checkpoint_of_another_log_is_refused(tmp_path: Path) -> None:
    """A bundle does not claim a past that is not its own."""
    other = journal().checkpoint()  # other salts
    with pytest.raises(BundleError):
        write(tmp_path / "bundle", journal().bundle(earlier=(other,)))


def test_the_key_itself_is_in_no_file(tmp_path: Path) -> None:
    """What signs stays here."""
    bundle = journal().bundle()
    key = new_key()
    write(tmp_path / "bundle", replace(bundle, log=replace(bundle.log, signing_key=key)))
    for path in (tmp_path / "bundle").rglob("*"):
        assert path.is_dir() or key.reveal() not in path.read_bytes()
