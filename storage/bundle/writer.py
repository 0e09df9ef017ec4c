"""Writes a case bundle: whole, or not at all; what was not committed to is not written.

A BagIt directory (RFC 8493) with SHA-256 manifests. Manifests alone can be recomputed by whoever
changes a file, so the list of contents is also signed with the log's key. (`bagit`'s own writer
changes the working directory of the process; the manifests are written here while the files pass.)
"""

import base64
import os
import re
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from safety.exporting import ExportLevel
from storage.bundle import codec, dossier
from storage.bundle.codec import Plain
from storage.bundle.contents import (
    BundleError,
    CaseBundle,
    Entry,
    Hidden,
    Log,
    ProvedRecord,
)
from storage.vault import digests, prooflog, verifier
from storage.vault.digests import RunningDigest
from storage.vault.prooflog import Checkpoint
from storage.vault.streams import whole_directory

if TYPE_CHECKING:
    from safety.records import CleanCopy, Evidence

LANGUAGES = ("en", "ru", "kk")
_EVIDENCE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def write(directory: Path, bundle: CaseBundle) -> None:
    """Write `bundle` to `directory`, which is empty or not there yet (mode 0700, files 0600).

    Raises: BundleError, FileExistsError and other OSErrors.
    """
    with whole_directory(directory) as unfinished:
        _fill(_Folder(unfinished), bundle)


class _Folder:
    """A directory that notes size and digest of each file that is put into it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.digests: dict[str, str] = {}
        self.sizes: dict[str, int] = {}

    def put(self, name: str, chunks: Iterable[bytes]) -> None:
        path = self._root / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest, size = RunningDigest(), 0
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                size += file.write(chunk)
            file.flush()
            os.fsync(file.fileno())  # with each: whoever waits can still give up in between
        self.digests[name], self.sizes[name] = digest.hex(), size

    def put_text(self, name: str, text: str) -> None:
        self.put(name, (text.encode(),))

    def put_rows(self, name: str, rows: Iterable[Plain]) -> None:
        self.put(name, (codec.compact(row).encode() + b"\n" for row in rows))

    def listed(self, names: Iterable[str]) -> str:
        return "".join(f"{self.digests[name]}  {name}\n" for name in sorted(names))


def _fill(folder: _Folder, bundle: CaseBundle) -> None:
    _put_records(folder, bundle)
    _put_evidence(folder, bundle)
    folder.put_text("data/schema.json", codec.schema())
    folder.put_text("data/dossier.html", dossier.render(bundle))
    _put_proofs(folder, bundle)
    _put_guide(folder, bundle)
    _sign_contents(folder, bundle)
    _close_bag(folder)


def _put_records(folder: _Folder, bundle: CaseBundle) -> None:
    ids = [proved.record.id for proved in bundle.records]
    if len(set(ids)) != len(ids):
        raise BundleError("a record is there twice")
    folder.put_rows(verifier.RECORDS, (_row(proved, bundle) for proved in bundle.records))


def _row(proved: ProvedRecord, bundle: CaseBundle) -> Plain:
    row = codec.plain(proved.record)
    if not proved.entries:
        raise BundleError("nothing was committed of a record")
    if bundle.log.opening is None and _text_of(proved.entries[-1]) != codec.canonical(
        proved.record
    ):
        raise BundleError("the last committed state of a record is not the record")
    if bundle.level is ExportLevel.LAWYER and None in map(_text_of, proved.entries):
        raise BundleError("the lawyer is told everything")
    committed: list[Plain] = [_committed(entry) for entry in proved.entries]
    if isinstance(row, dict):
        row["committed"] = committed
    return row


def _text_of(entry: Entry | Hidden) -> str | None:
    return entry.text if isinstance(entry, Entry) else None


def _committed(entry: Entry | Hidden) -> Plain:
    if isinstance(entry, Hidden):
        return {"leaf": entry.leaf, "commitment": entry.commitment.hex()}
    return {"leaf": entry.leaf, "salt": entry.salt.hex(), "text": entry.text}


def _put_evidence(folder: _Folder, bundle: CaseBundle) -> None:
    """Write the files that records name, and no other; each must be the one that was recorded."""
    wanted: dict[str, Evidence | CleanCopy] = {}
    for proved in bundle.records:
        for item in proved.record.evidence:
            wanted |= {} if item.file is None else {item.file: item}
            wanted |= {} if item.clean is None else {item.clean.file: item.clean}
    for stream in bundle.evidence:
        found = wanted.pop(stream.file, None)
        if found is None or not _EVIDENCE_NAME.fullmatch(stream.file):
            raise BundleError("an evidence file belongs to no record")
        name = verifier.EVIDENCE + stream.file
        folder.put(name, stream.chunks)
        if (folder.digests[name], folder.sizes[name]) != (found.sha256, found.size):
            raise BundleError("an evidence file is not the one that was recorded")
    if wanted:
        raise BundleError("an evidence file is missing")


def _put_proofs(folder: _Folder, bundle: CaseBundle) -> None:
    log = bundle.log
    key, note = _key(log), checkpoint_of(log)
    folder.put_text(verifier.KEY_FILE, key + "\n")
    folder.put_text(verifier.KEY_PEM, verifier.key_pem(_public(key)))
    folder.put_text(verifier.CHECKPOINT, note)
    folder.put(verifier.CHECKPOINT_SIGNATURE, (_signature(note),))
    folder.put_rows(verifier.EARLIER, (_earlier(log, key, each) for each in log.earlier))
    entries = (entry for proved in bundle.records for entry in proved.entries)
    ordered = sorted(entries, key=lambda entry: entry.leaf)
    folder.put_rows(verifier.INCLUSION, (_inclusion(log, entry) for entry in ordered))
    if log.stamp is not None:
        folder.put(verifier.STAMP, (log.stamp.answer,))
        folder.put(verifier.STAMP_ROOTS, (log.stamp.roots,))
    if log.opening is not None:
        opener = prooflog.verifier_key(log.signing_key, log.key_name)
        folder.put_text(verifier.OPENER, log.opening.certificate)
        folder.put(verifier.OPENER_SIGNATURE, (_signature(log.opening.certificate),))
        folder.put_text(verifier.OPENER_PEM, verifier.key_pem(_public(opener)))


def _key(log: Log) -> str:
    if log.opening is not None:
        return log.opening.key
    return prooflog.verifier_key(log.signing_key, log.key_name)


def checkpoint_of(log: Log) -> str:
    """Give the checkpoint of the whole log: signed now, or by the server when it was sealed.

    Raises: BundleError where it is another log's.
    """
    now = Checkpoint(log.origin, log.tree.size, log.tree.root(log.tree.size))
    if log.opening is None:
        return prooflog.sign(log.signing_key, log.key_name, now)
    if prooflog.verify(log.opening.checkpoint, log.opening.key) != now:
        raise BundleError("the checkpoint is not this log's")
    return log.opening.checkpoint


def _earlier(log: Log, key: str, note: str) -> Plain:
    state = prooflog.verify(note, key)
    if state.size == 0 or log.tree.root(state.size) != state.root:
        raise BundleError("an earlier checkpoint is not one of this log's")
    return {"note": note, "path": _hexed(log.tree.consistency(state.size, log.tree.size))}


def _inclusion(log: Log, entry: Entry | Hidden) -> Plain:
    if isinstance(entry, Hidden):
        commitment = entry.commitment
    else:
        commitment = digests.commitment(entry.salt, entry.text.encode())
    leaf = prooflog.leaf_hash(commitment)
    size = log.tree.size
    if not 0 <= entry.leaf < size:
        raise BundleError("a record is not in the log")
    path = log.tree.inclusion(entry.leaf, size)
    if not prooflog.is_included(leaf, entry.leaf, size, path, log.tree.root(size)):
        raise BundleError("a record is not what was put into the log")
    return {"leaf": entry.leaf, "path": _hexed(path)}


def _put_guide(folder: _Folder, bundle: CaseBundle) -> None:
    log = bundle.log
    mark = verifier.fingerprint(verifier.read_key(_key(log), verifier.KEY_FILE))
    signer = verifier.KEY_PEM if log.opening is None else verifier.OPENER_PEM
    script = files("storage.vault").joinpath("verifier.py").read_bytes()
    folder.put("verify.py", (script,))
    for language in LANGUAGES:
        text = _words(f"read-me.{language}.txt").replace("FINGERPRINT", mark)
        text = text.replace("CONTENTS-KEY", signer)
        if log.opening is not None:
            text += _words(f"read-me-opened.{language}.txt")
        if log.stamp is not None:
            text += _words(f"read-me-stamped.{language}.txt")
        if bundle.level is not ExportLevel.LAWYER:
            text += _words(f"read-me-{bundle.level.value}.{language}.txt")
        folder.put_text(f"READ-ME.{language}.txt", text)


def _words(name: str) -> str:
    return files("storage.bundle").joinpath(name).read_text(encoding="utf-8")


def _sign_contents(folder: _Folder, bundle: CaseBundle) -> None:
    """Sign for every file that is there so far; what comes after it follows from these."""
    log = bundle.log
    folder.put_text(verifier.BAG_INFO, f"Bagging-Date: {bundle.made_on.isoformat()}\n")
    title = verifier.contents_title(log.origin, bundle.level.value)
    text = f"{title}\n{folder.listed(folder.digests)}"
    note = prooflog.sign_note(log.signing_key, log.key_name, text)
    folder.put_text(verifier.CONTENTS, note)
    folder.put(verifier.CONTENTS_SIGNATURE, (_signature(note),))


def _close_bag(folder: _Folder) -> None:
    payload = [name for name in folder.digests if name.startswith("data/")]
    folder.put_text(verifier.MANIFEST, folder.listed(payload))
    folder.put_text(verifier.BAG_FILE, verifier.BAG_TEXT)
    tags = [name for name in folder.digests if not name.startswith("data/")]
    folder.put_text(verifier.TAG_MANIFEST, folder.listed(tags))


def _public(key: str) -> bytes:
    return verifier.read_key(key, verifier.KEY_FILE).public


def _signature(note: str) -> bytes:
    """Cut the 64 bytes of the signature out of a note, for tools that want them alone."""
    return base64.b64decode(note.rsplit(" ", 1)[1])[verifier.KEY_HASH_BYTES :]


def _hexed(hashes: Iterable[bytes]) -> list[Plain]:
    return [each.hex() for each in hashes]
