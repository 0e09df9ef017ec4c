"""Files that people send: owed at once, told of when they are sealed away, never dropped silently.

The message that carried a file leaves the chat when the file is stored, and no sooner.
"""

from dataclasses import dataclass, replace

from coordination import incidents, quiet
from coordination.turns import Turn, Work
from safety import casefiles, origins
from safety import evidence as rules
from safety import incidents as incident_rules
from safety.evidence import (
    EvidenceItem,
    EvidenceKept,
    EvidenceOwed,
    EvidenceState,
    Media,
    Smaller,
)
from safety.incidents import Entry, EntryKind, Incident, IncidentKind
from safety.kinds import Kind
from safety.lives import lasting
from safety.notices import Notice
from safety.people import EventId, Recipient, Unprinted
from safety.reportlinks import link_reference, reporter_tag
from storage import evidence, messages, reportlinks
from storage import incidents as incident_rows
from storage.messages import Standing
from storage.transaction import LockedError
from storage.vault.streams import SealedFile


@dataclass(frozen=True, slots=True, repr=False)
class Kept(Unprinted):
    """What is said of a file when it has been sealed: sizes in bytes, digests in hexadecimal."""

    size: int
    sha256: str
    sealed_sha256: str

    @classmethod
    def of(cls, sealed: SealedFile) -> "Kept":
        """Take it from what the vault wrote."""
        return cls(sealed.size, sealed.original_digest.hex(), sealed.sealed_digest.hex())


def keep_media(  # noqa: PLR0913 - what it is, what it belongs to, and through what it came
    turn: Turn,
    media: Media,
    event_id: EventId | None,
    subject_id: int,
    message_id: int,
    *,
    link_id: int | None = None,
) -> EvidenceItem | None:
    """Owe a file to the incident of its subject; None if the very same file is owed already.

    A file that the service does not give is noted as owed by hand at once, and the person told;
    a smaller copy of it is fetched meanwhile, under a number of its own.
    `link_id`: the link for reporting that it came through, in place of whoever sent it.
    """
    incidents.record_facts(turn)  # what this update itself has opened
    incident = incidents.incident_of(turn, event_id, subject_id, IncidentKind.REPORT)
    if evidence.is_known(turn.tx, incident.id, media.unique_id):
        return None
    item = _owe(turn, incident, media, turn.actor.recipient, message_id)
    source = _source(turn, event_id) if link_id is None else link_reference(link_id)
    described = (*_described(media), *origins.details(turn.origin))
    _note(turn, item, EntryKind.FILE_OWED, *described, source=source)
    if not rules.is_fetchable(media):
        leave_to_hand(turn, item.id, _keep_smaller(turn, incident, item, media.smaller, source))
    return item


def _keep_smaller(
    turn: Turn,
    incident: Incident,
    of: EvidenceItem,
    smaller: Smaller | None,
    source: str | None,
) -> EvidenceItem | None:
    """Fetch the smaller copy; the message stays, since the original is not here."""
    if smaller is None:
        return None
    file = Media(smaller.kind, smaller.file_id, smaller.unique_id, smaller.size, None, None)
    item = _owe(turn, incident, file, None, None)
    copies = (("copy_of", str(of.number)),)
    _note(turn, item, EntryKind.FILE_OWED, *_described(file), *copies, source=source)
    return item


def _owe(
    turn: Turn,
    incident: Incident,
    media: Media,
    recipient: Recipient | None,
    message_id: int | None,
) -> EvidenceItem:
    item = EvidenceItem(
        id=turn.tx.new_id(),
        event_id=incident.event_id,
        incident_id=incident.id,
        number=evidence.next_number(turn.tx),
        state=EvidenceState.OWED,
        kind=media.kind,
        received_at=turn.now,
        media=media,
        recipient=recipient,
        message_id=message_id,
    )
    evidence.owe(turn.tx, item)
    return item


def record_stored(work: Work, evidence_id: int, kept: Kept, by: str | None = None) -> None:
    """A file is sealed on the disk: record its hashes, clear the chat of it, tell the person.

    `by` says who brought it, where the bot has not fetched it itself.
    """
    item = evidence.get(work.tx, evidence_id)
    if item is None or item.state is EvidenceState.STORED:
        return
    hashes = (("sha256", kept.sha256), ("sealed_sha256", kept.sealed_sha256))
    details = (("size", str(kept.size)), *hashes, *((("brought", by),) if by else ()))
    _note(work, item, EntryKind.FILE_STORED, *details, source=None)
    evidence.close(work.tx, item, EvidenceState.STORED)
    evidence.note_file(work.tx, item.id, bytes.fromhex(kept.sealed_sha256))
    if item.recipient is not None and item.message_id is not None:
        messages.forget(work.tx, item.recipient.chat_id, [item.message_id])
        work.remove([Standing(item.recipient, item.message_id)])
        goes_with = _reporter_tag(work, item.recipient)
        _tell(work, item, item.recipient, EvidenceKept(item.kind, item.number, goes_with))


def same_as(work: Work, evidence_id: int, sha256: str) -> tuple[int, ...]:
    """Name the other files of the same event with these very bytes; none while it is locked."""
    item = evidence.get(work.tx, evidence_id)
    if item is None:
        return ()
    try:
        said = [
            one.entry
            for incident in incident_rows.at_event(work.tx, item.event_id)
            for one in incident_rows.entries(work.tx, incident)
        ]
    except LockedError:
        return ()
    digests = casefiles.digests_of(said)
    return tuple(
        number
        for number, digest in sorted(digests.items())
        if digest == sha256 and number != item.number
    )


def leave_to_hand(work: Work, evidence_id: int, smaller: EvidenceItem | None = None) -> None:
    """The service does not give this file: it stays owed, and its sender is told once.

    `smaller` is the copy that is fetched meanwhile.
    """
    item = evidence.get(work.tx, evidence_id)
    if item is None or item.state is not EvidenceState.OWED:
        return
    _note(work, item, EntryKind.FILE_BY_HAND, source=None)
    evidence.close(work.tx, item, EvidenceState.BY_HAND)
    if item.recipient is not None:
        owed = EvidenceOwed(item.kind, item.number, _reporter_tag(work, item.recipient))
        if smaller is not None:
            owed = replace(owed, copy=smaller.number, copy_kind=smaller.kind)
        _tell(work, item, item.recipient, owed)


def give_up_fetching(work: Work) -> None:
    """What could not be fetched for long stays owed by hand, and names nobody."""
    before = work.now - lasting(Kind.OWED_FILES, work.policy)
    for item in evidence.owed_since(work.tx, before):
        leave_to_hand(work, item.id)


def stop_fetching(work: Work, event_id: EventId) -> None:
    """An event is being forgotten: what was not fetched stays owed by hand, and names nobody."""
    for item in evidence.unfetched_at(work.tx, event_id):
        if item.state is EvidenceState.OWED:
            _note(work, item, EntryKind.FILE_BY_HAND, source=None)
        evidence.close(work.tx, item, EvidenceState.BY_HAND)


def _tell(work: Work, item: EvidenceItem, recipient: Recipient, notice: Notice) -> None:
    """Tell whoever sent a file what became of it, unless their phone may be in other hands now."""
    if quiet.is_answered(work, recipient.chat_id, item.received_at):
        work.owe(recipient, notice, item.event_id)


def _reporter_tag(work: Work, recipient: Recipient) -> str | None:
    """Tag what is told to whoever came by a link: it goes when nobody knows them any more."""
    came_by = reportlinks.of_chat(work.tx, recipient.chat_id)
    return None if came_by is None else reporter_tag(came_by[0])


def _described(media: Media) -> tuple[tuple[str, str], ...]:
    described = (
        ("kind", media.kind.value),
        ("name", rules.short_name(media.name)),
        ("type", rules.short_name(media.mime)),
    )
    return tuple((name, value) for name, value in described if value)


def _source(turn: Turn, event_id: EventId | None) -> str | None:
    for one in turn.actor.participations:
        if one.event_id == event_id:
            return incident_rules.person_reference(one.person_id)
    return incident_rules.actor_reference(turn.actor)


def _note(
    work: Work,
    item: EvidenceItem,
    what: EntryKind,
    *details: tuple[str, str],
    source: str | None,
) -> None:
    incident = incident_rows.get(work.tx, item.incident_id)
    if incident is None:
        return
    said = (("id", str(item.id)), ("number", str(item.number)), *details)
    entry = Entry(incident.number, what.value, work.now, source, None, said)
    incident_rows.add_entry(work.tx, work.now, incident, entry)
