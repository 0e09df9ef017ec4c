"""What must hold when the power is back, looked at with the real key slots and database."""

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher

import handlers.routes  # noqa: F401 - knows every kind of notice and timer that a row may hold
from bot.rehearsal.botapi.updates import FIRST_ID
from safety.people import EventId
from storage import (
    alarms,
    counters,
    detentions,
    disclosure,
    events,
    evidence,
    groups,
    inbox,
    incidents,
    invitations,
    messages,
    outbox,
    people,
    proofs,
    proposals,
    receipts,
    rollcalls,
    team,
    timers,
)
from storage.database import Database
from storage.transaction import LockedError, Transaction
from storage.vault import keyslots, slotimage
from storage.vault.errors import BrokenSealError, VaultError
from storage.vault.keys import Key, KeyKind, KeyName
from storage.vault.words import UnlockSecret
from tests.faults.load import EVIDENCE, SAYINGS, begun, content_of, ended
from tests.faults.recording import Step, Write

DATABASE, KEYS = "aman.db", "keys"
PURGED_KINDS = (KeyKind.PEOPLE, KeyKind.ROUTING)
LATER = datetime(2100, 1, 1, tzinfo=UTC)
MANY = 100_000  # rows
SHELVES = (
    *(alarms.ALARMS, detentions.DETENTIONS, disclosure.VENUES, events.EVENTS, evidence.EVIDENCE),
    *(groups.GROUPS, invitations.INVITATIONS, people.PEOPLE, proposals.PROPOSALS),
    *(receipts.RECEIPTS, rollcalls.ROLLCALLS, team.TEAM),
)


@dataclass(slots=True)
class Said:
    """What the process had acknowledged up to some moment."""

    committed: set[int] = field(default_factory=set)
    created: set[int] = field(default_factory=set)
    kept: set[int] = field(default_factory=set)
    purging: set[int] = field(default_factory=set)
    purged: set[int] = field(default_factory=set)
    taken: set[int] = field(default_factory=set)  # what polls have asked for next
    rung: set[int] = field(default_factory=set)  # numbers of alarms
    was_refused: bool = False  # the disk has failed before

    def hear(self, line: str) -> None:
        """Take one line."""
        word, _, number = line.partition(" ")
        self.was_refused = self.was_refused or word == "refused"
        if number:
            getattr(self, word).add(int(number))


def sayings(steps: Sequence[Step]) -> list[tuple[int, str]]:
    """Give what was said, each with the number of its step."""
    return [
        (number, step.content.decode().rstrip("\n"))
        for number, step in enumerate(steps)
        if isinstance(step, Write) and step.path.name == SAYINGS
    ]


@dataclass(slots=True)
class Findings:
    """How many images were looked at, and what was wrong in how many of them."""

    images: int = 0
    wrong: Counter[str] = field(default_factory=Counter)

    def note(self, found: set[str]) -> None:
        """Count one image."""
        self.images += 1
        self.wrong.update(found)


async def look(
    folder: Path, files: Mapping[Path, bytes], secret: UnlockSecret, said: Said
) -> set[str]:
    """Put an image into `folder`, open it, and name what is wrong with it."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)
        target.chmod(0o600)
    try:
        return {*_look_at_keys(folder, secret, said), *await _look_inside(folder, secret, said)}
    except (sqlcipher.Error, VaultError, FileNotFoundError) as error:
        return {f"does not open: {type(error).__name__}"}


def _look_at_keys(folder: Path, secret: UnlockSecret, said: Said) -> Iterator[str]:
    """Look into each bank by itself: what was purged must be in neither.

    On a disk that fails, a key may have to wait for its end until the next start: see there.
    """
    if said.was_refused:
        return
    content = (folder / KEYS).read_bytes()
    size = slotimage.BANK_BYTES
    banks = {content[start : start + size] for start in range(0, len(content), size)}
    for bank in filter(slotimage.is_whole, banks):
        alone = folder / "bank"
        alone.write_bytes(bank + bank)
        alone.chmod(0o600)
        with keyslots.unlock(alone, secret, to_write=False) as slots:
            gone = {name for name in slots.names if _is_of(name, said.purged)}
        if gone:
            yield "a purged key is back"


def _is_of(name: KeyName, events_: set[int]) -> bool:
    return name.kind in PURGED_KINDS and name.event_id in events_


async def _look_inside(folder: Path, secret: UnlockSecret, said: Said) -> set[str]:
    with keyslots.unlock(folder / KEYS, secret) as slots:
        before = dict(slots.keys)
        async with Database(folder / DATABASE, slots) as database:
            found = await database.read(lambda tx: set(_look_at_rows(tx, folder, said, before)))
        if any(_is_of(name, said.purged) for name in slots.names):
            found.add("a purged key is back")
        if slots.is_rotation_owed or slots.is_locked:
            found.add("the key slot file is not settled")
    return found


def _look_at_rows(
    tx: Transaction, folder: Path, said: Said, keys: Mapping[KeyName, Key]
) -> Iterator[str]:
    if tx.all(tuple[str], "PRAGMA quick_check") != [("ok",)]:
        yield "the database is corrupt"
    there = {name for (name,) in tx.all(tuple[str], "SELECT name FROM meta")}
    if any(ended(number) not in there for number in said.committed):
        yield "an acknowledged transaction is lost"
    halves = {name.partition("-")[2] for name in there if name.startswith(("begun-", "ended-"))}
    if any((begun(int(one)) in there) != (ended(int(one)) in there) for one in halves):
        yield "a transaction is there in part"
    yield from _look_at_what_was_told(tx, said)
    if proofs.size(tx) and proofs.note_of_size(tx, proofs.size(tx)) is None:
        yield "the proof log is longer than what was signed"
    yield from _look_at_events(tx, said, keys)
    yield from _look_at_blobs(tx)
    yield from _look_at_videos(tx, folder, said, there)


def _look_at_what_was_told(tx: Transaction, said: Said) -> Iterator[str]:
    """Look for each update that was acknowledged, and for each alarm that people were told of."""
    stored = {number for (number,) in tx.all(tuple[int], "SELECT update_id FROM inbox")}
    if not set(range(FIRST_ID, max(said.taken, default=FIRST_ID))) <= stored:
        yield "an acknowledged update is lost"
    if not said.rung <= {number for (number,) in tx.all(tuple[int], "SELECT number FROM alarms")}:
        yield "an alarm that was told is lost"


def _look_at_events(tx: Transaction, said: Said, keys: Mapping[KeyName, Key]) -> Iterator[str]:
    stored = {int(event.id) for event in events.EVENTS.find(tx, "1 = 1")}
    if not said.created <= stored:
        yield "an acknowledged event is lost"
    for event in stored:
        for kind in KeyKind:
            may_be_gone = kind in PURGED_KINDS and event in said.purging
            name = KeyName(kind, event)
            if kind in _OF_EVENTS and not may_be_gone and name not in keys:
                yield "a live key is lost"


_OF_EVENTS = (*PURGED_KINDS, KeyKind.CASE_PUBLIC, KeyKind.CASE_PRIVATE)


def _look_at_blobs(tx: Transaction) -> Iterator[str]:
    try:
        for shelf in SHELVES:
            for _ in shelf.find(tx, "1 = 1"):
                pass
        for event in (None, *(event.id for event in events.EVENTS.find(tx, "1 = 1"))):
            for incident in incidents.at_event(tx, event):
                opened = incidents.entries(tx, incident)
                if len(opened) < incidents.count_entries(tx, [incident]):
                    yield "an entry of an incident does not open"
        standing = messages._rows(tx, "1 = 1")  # noqa: SLF001 - nothing else opens them all
    except (BrokenSealError, LockedError):
        yield "a row does not open"
        return
    owed = [row for (row,) in tx.all(tuple[int], "SELECT id FROM outbox WHERE state = 'owed'")]
    coming = [one for lane in (True, False) for one in inbox.coming(tx, 0, MANY, is_urgent=lane)]
    if (
        len(outbox.look(tx, owed)) < len(owed)
        or not all(inbox.words(tx, one.seq) for one in coming)
        or not all(body for _, body in standing)
        or len(timers.due(tx, LATER, MANY)) < tx.number("SELECT COUNT(*) FROM timers")
    ):
        yield "a row of a queue does not open"


def _look_at_videos(tx: Transaction, folder: Path, said: Said, there: set[str]) -> Iterator[str]:
    if any(f"video-{number}" not in there for number in said.kept):
        yield "an acknowledged file is lost"
    for name in there:
        word, _, number = name.partition("-")
        if word != "video":
            continue
        event = EventId(counters.value(tx, name))
        content = b""
        with contextlib.suppress(BrokenSealError, LockedError, OSError):
            private = tx.key(KeyKind.CASE_PRIVATE, event)
            content = b"".join(evidence.read(folder / EVIDENCE, private, int(number)))
        if content != content_of(int(number)):
            yield "a file is called whole and is not"
