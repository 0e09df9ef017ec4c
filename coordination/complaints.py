"""Complaints: each step is an entry of the incident, and a day that is due is told of in time.

Whoever keeps a complaint is reminded; what they miss goes, once, to a second lawyer. Neither
reading the case nor the event's own keys is needed for that (ADR-0030).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from coordination import audience, cases
from coordination.evidence import keep_media
from coordination.turns import Turn, Work, use_case
from safety import casefiles, folding, replies
from safety import complaints as rules
from safety import incidents as incident_rules
from safety.cases import CaseSource
from safety.complaints import Complaint, ComplaintDue, ComplaintMissed, ComplaintReminder
from safety.errors import OutdatedError
from safety.evidence import EvidenceItem, EvidenceState, Media
from safety.facts import Fact, FactKind
from safety.incidents import Entry, EntryKind, Incident
from safety.notices import Notice
from safety.people import Recipient, Role, TeamId, Unprinted
from safety.permissions import Action
from safety.records import CaseState, Record
from safety.replies import Disagreement, Reply
from safety.taxonomy import ActorKind
from safety.team import TeamPerson
from storage import complaints, counters, evidence, incidents
from storage.incidents import Stored
from storage.transaction import LockedError


@dataclass(frozen=True, slots=True, repr=False)
class Filing(Unprinted):
    """What is known of a new complaint: to whom, by which name, on which day, its number."""

    authority: ActorKind
    name: str | None
    on: date
    registered: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Told(Unprinted):
    """What the case says of one complaint, while it can be read."""

    record: Record
    said: Sequence[Entry]
    handed_over: Sequence[Entry]
    replies: Sequence[Reply]
    disagreements: Sequence[Disagreement]
    proposed: Sequence[Disagreement]


# ---------------------------------------------------------------- use cases


@use_case(Action.KEEP_COMPLAINT)
def file(turn: Turn, incident_id: int, filing: Filing) -> Complaint:
    """Note a complaint about an incident; its keeper is whoever filed it, if that is the lawyer.

    Raises:
        OutdatedError: there is no such incident.
    """
    incident = incidents.get(turn.tx, incident_id)
    if incident is None:
        raise OutdatedError
    new = Complaint(
        id=turn.tx.new_id(),
        event_id=incident.event_id,
        incident_id=incident.id,
        number=counters.next_number(turn.tx, "complaint"),
        authority=filing.authority,
        name=filing.name,
        registered=filing.registered,
        state=CaseState.FILED,
        since=filing.on,
        told_until=turn.now,
        keeper=_first_keeper(turn),
    )
    return _step(turn, new, CaseState.FILED, filing.on)


@use_case(Action.KEEP_COMPLAINT)
def step(
    turn: Turn, complaint_id: int, state: CaseState, on: date, registered: str | None = None
) -> Complaint:
    """Note what happened next, and on which day.

    Raises:
        OutdatedError: it stands there already, or there is no such complaint.
    """
    complaint = _complaint(turn, complaint_id)
    if complaint.state is state:
        raise OutdatedError
    complaint = replace(complaint, registered=registered or complaint.registered)
    return _step(turn, complaint, state, on)


@use_case(Action.KEEP_COMPLAINT)
def reply(turn: Turn, complaint_id: int, state: CaseState, on: date, said: Reply) -> Complaint:
    """Note what was answered, and where the complaint stands by it; without a step, that alone.

    Raises:
        OutdatedError: there is no such complaint.
    """
    complaint = _complaint(turn, complaint_id)
    if complaint.state is not state:
        complaint = _step(turn, complaint, state, on)
    _note(turn, complaint, EntryKind.COMPLAINT_REPLY, *replies.reply_details(said))
    return complaint


@use_case(Action.KEEP_COMPLAINT)
def hand_over(turn: Turn, complaint_id: int, numbers: Sequence[int]) -> Complaint:
    """Note which evidence was handed over just now: by number, with the digests that prove it.

    The digest of what is sealed here is always known, that of the original while it can be read;
    the log ties the two together.

    Raises:
        OutdatedError: one of them is no kept file of this incident.
    """
    complaint = _complaint(turn, complaint_id)
    items = [one for one in files_of(turn, complaint) if one.number in numbers]
    if not numbers or len(items) != len(set(numbers)):
        raise OutdatedError
    originals = casefiles.digests_of(one.entry for one in _stored(turn, complaint) or ())
    sealed = [evidence.sealed_sha256(turn.tx, one.id) or "" for one in items]
    known = [originals.get(one.number, "") for one in items]
    _note(
        turn,
        complaint,
        EntryKind.HANDED_OVER,
        ("number", ",".join(str(one.number) for one in items)),
        *((("sha256", ",".join(known)),) if all(known) else ()),
        ("sealed_sha256", ",".join(sealed)),
    )
    return complaint


@use_case(Action.KEEP_COMPLAINT)
def disagree(turn: Turn, complaint_id: int, found: Disagreement) -> Complaint:
    """Note what a reply says and what evidence shows against it; said again it is noted once.

    Raises:
        OutdatedError: there is no such evidence, or no such complaint.
    """
    complaint = _complaint(turn, complaint_id)
    known = {one.number for one in evidence.of_incident(turn.tx, complaint.incident_id)}
    told = look_into(turn, complaint)
    if not set(found.evidence) <= known:
        raise OutdatedError
    if told is not None and found.text in {one.text for one in told.disagreements}:
        return complaint
    _note(turn, complaint, EntryKind.DISAGREEMENT, *found.details)
    return complaint


@use_case(Action.KEEP_COMPLAINT)
def confirm(turn: Turn, complaint_id: int, mark: int) -> Complaint:
    """Stand for what the bot has proposed; it is seen anew first.

    Raises:
        OutdatedError: it is noted already, or is proposed no longer.
    """
    complaint = _complaint(turn, complaint_id)
    told = look_into(turn, complaint)
    found = [] if told is None else [one for one in told.proposed if one.mark == mark]
    if not found:
        raise OutdatedError
    return disagree(turn, complaint_id, found[0])


@use_case(Action.KEEP_COMPLAINT)
def move_day(turn: Turn, complaint_id: int, until: date, why: str | None) -> Complaint:
    """Put another last day in the place of the one that counts, and keep who did it and why.

    Raises:
        OutdatedError: there is no such complaint.
    """
    complaint = _complaint(turn, complaint_id)
    before = complaint.standing
    if before is not None and before.until == until:
        return complaint
    instead = () if before is None else (("instead", before.until.isoformat()),)
    reason = () if why is None else (("why", why),)
    details = (("until", until.isoformat()), *instead, *reason)
    _note(turn, complaint, EntryKind.COMPLAINT_DUE, *details)
    return _keep(turn, replace(rules.moved(complaint, until), told_until=turn.now))


@use_case(Action.KEEP_COMPLAINT)
def take_over(turn: Turn, complaint_id: int) -> Complaint:
    """Become the one who is reminded.

    Raises:
        OutdatedError: that is so already, or there is no such complaint.
    """
    complaint = _complaint(turn, complaint_id)
    if turn.actor.team_id is None or complaint.keeper == turn.actor.team_id:
        raise OutdatedError
    return _keep(turn, replace(complaint, keeper=turn.actor.team_id))


@use_case(Action.KEEP_COMPLAINT)
def keep_file(
    turn: Turn, complaint_id: int, media: Media, message_id: int, words: str
) -> int | None:
    """Keep a file with what was complained of; give its number, None if it is owed already.

    Raises:
        OutdatedError: there is no such complaint.
    """
    complaint = _complaint(turn, complaint_id)
    incident = incident_of(turn, complaint)
    if incident is None:
        raise OutdatedError
    where = (incident.subject_id, incident.event_id)
    if words:
        said = (("words", words),)
        by = turn.actor.team_id
        turn.record(Fact(FactKind.EVIDENCE, turn.now, *where, by_team=by, details=said))
    item = keep_media(turn, media, incident.event_id, incident.subject_id, message_id)
    return None if item is None else item.number


def remind(work: Work, timer: ComplaintDue) -> None:
    """A moment has come: a day is near, or over. What was slept through is told once."""
    complaint = complaints.get(work.tx, timer.complaint_id)
    if complaint is None:
        return
    zone = zone_of(work, complaint)
    if rules.is_over(complaint, zone, work.now):
        _tell(work, _keepers(work, complaint), ComplaintMissed(complaint.id))
        _tell(work, _seconds(work, complaint), ComplaintMissed(complaint.id))
        day = complaint.standing
        until = () if day is None else (("until", day.until.isoformat()),)
        _note(work, complaint, EntryKind.COMPLAINT_DUE, *until, ("missed", "yes"))
        complaint = rules.miss(complaint, work.now)
    elif rules.is_due(complaint, zone, work.now):
        _tell(work, _keepers(work, complaint), ComplaintReminder(complaint.id))
    _keep(work, replace(complaint, told_until=work.now))


# ---------------------------------------------------------------- looking


def every(work: Work) -> list[Complaint]:
    """Give all complaints, what was missed or is due next first."""
    return rules.in_order(complaints.every(work.tx))


def look(work: Work, complaint_id: int) -> Complaint | None:
    """Give a complaint as it stands, or None."""
    return complaints.get(work.tx, complaint_id)


def of_incident(work: Work, incident_id: int) -> list[Complaint]:
    """Give the complaints about one incident, the oldest first."""
    return complaints.of_incident(work.tx, incident_id)


def incident_of(work: Work, complaint: Complaint) -> Incident | None:
    """Give what was complained of."""
    return incidents.get(work.tx, complaint.incident_id)


def zone_of(work: Work, complaint: Complaint) -> ZoneInfo:
    """Give the zone in which its days begin and end."""
    return cases.zone_at(work, complaint.event_id)


def today(work: Work, complaint: Complaint) -> date:
    """Give the day that it is where the complaint is."""
    return work.now.astimezone(zone_of(work, complaint)).date()


def files_of(work: Work, complaint: Complaint) -> list[EvidenceItem]:
    """Give the kept files of what was complained of, which can be handed over."""
    found = evidence.of_incident(work.tx, complaint.incident_id)
    return [one for one in found if one.state is EvidenceState.STORED]


def look_into(work: Work, complaint: Complaint) -> Told | None:
    """Give what the case says of a complaint; None while it cannot be read."""
    incident, stored = incident_of(work, complaint), _stored(work, complaint)
    if incident is None or stored is None:
        return None
    said = [one.entry for one in stored]
    source = CaseSource(
        incident=incident,
        entries=said,
        identities={},
        names={},
        evidence=evidence.of_incident(work.tx, incident.id),
        damaged=frozenset(),
        zone=zone_of(work, complaint),
        file_name=lambda number, _: str(number),
        leaves=[one.committed.leaf for one in stored],
    )
    record, number = folding.fold(source), complaint.number
    mine = [one for one in said if one.detail("complaint") == str(number)]
    return Told(
        record,
        mine,
        [one for one in mine if one.what == EntryKind.HANDED_OVER.value],
        replies.replies(mine),
        replies.disagreements(mine),
        replies.proposed(record, mine, number),
    )


# ---------------------------------------------------------------- inside


def _complaint(work: Work, complaint_id: int) -> Complaint:
    complaint = complaints.get(work.tx, complaint_id)
    if complaint is None:
        raise OutdatedError
    return complaint


def _first_keeper(turn: Turn) -> TeamId | None:
    """Choose who keeps it: the lawyer who filed it, else one there is, else nobody by name."""
    if turn.actor.team_role is Role.LAWYER:
        return turn.actor.team_id
    return next((person.id for person, _ in _lawyers(turn)), None)


def _step(turn: Turn, complaint: Complaint, state: CaseState, on: date) -> Complaint:
    complaint = rules.stepped(complaint, state, on, turn.policy.law)
    day = complaint.standing
    every_detail = (
        ("state", state.value),
        ("authority", complaint.authority.value),
        ("authority-name", complaint.name),
        ("registered", complaint.registered),
        ("on", on.isoformat()),
        ("until", None if day is None else day.until.isoformat()),
    )
    known = tuple((name, value) for name, value in every_detail if value)
    _note(turn, complaint, EntryKind.COMPLAINT, *known)
    return _keep(turn, replace(complaint, told_until=turn.now))


def _keep(work: Work, complaint: Complaint) -> Complaint:
    """Store it, and look again when something is due; that outlives a purge of its event."""
    complaints.put(work.tx, complaint)
    due = rules.next_look(complaint, zone_of(work, complaint))
    if due is None:
        work.cancel_timer(ComplaintDue(complaint.id))
    else:
        work.set_timer(due, ComplaintDue(complaint.id))
    return complaint


def _note(work: Work, complaint: Complaint, what: EntryKind, *details: tuple[str, str]) -> None:
    incident = incident_of(work, complaint)
    if incident is None:
        return
    by = _source(work)
    said = (("complaint", str(complaint.number)), *details)
    entry = Entry(incident.number, what.value, work.now, by, None, said)
    incidents.add_entry(work.tx, work.now, incident, entry)


def _source(work: Work) -> str | None:
    return incident_rules.actor_reference(work.actor) if isinstance(work, Turn) else None


def _stored(work: Work, complaint: Complaint) -> list[Stored] | None:
    """Give what was said of the incident; None while it cannot be read."""
    incident = incident_of(work, complaint)
    try:
        return None if incident is None else incidents.entries(work.tx, incident)
    except LockedError:
        return None


def _lawyers(work: Work) -> list[tuple[TeamPerson, Recipient]]:
    return audience.writable(work, (Role.LAWYER,))


def _keepers(work: Work, complaint: Complaint) -> list[Recipient]:
    """Give whom to remind: the keeper while they are there, else a lawyer, else organizers."""
    able = audience.writable(work, (Role.LAWYER, Role.ORGANIZER))
    kept = [recipient for person, recipient in able if person.id == complaint.keeper]
    first = [recipient for _, recipient in _lawyers(work)][:1]
    return kept or first or audience.organizers(work)


def _seconds(work: Work, complaint: Complaint) -> list[Recipient]:
    """Give who takes over what was missed: one other lawyer, else the organizers."""
    told = {recipient.chat_id for recipient in _keepers(work, complaint)}
    other = [one for _, one in _lawyers(work) if one.chat_id not in told][:1]
    return other or [one for one in audience.organizers(work) if one.chat_id not in told]


def _tell(work: Work, recipients: Sequence[Recipient], notice: Notice) -> None:
    for recipient in recipients:
        work.owe(recipient, notice)
