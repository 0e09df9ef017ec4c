"""The recorder: it makes incidents of the facts that use cases have stated, in their transaction.

Facts with the same event and subject extend one incident; a new one is linked to what it follows.
"""

import contextlib

from coordination import board, checkpoints, threats
from coordination.turns import Turn, Work, use_case
from safety import additions
from safety import incidents as rules
from safety.errors import OutdatedError
from safety.facts import Fact, FactKind
from safety.incidents import Entry, EntryKind, Incident, IncidentKind, IncidentState
from safety.people import EventId, PersonId
from safety.permissions import Action
from safety.registration import Consent, Person
from safety.reportlinks import link_reference
from safety.statements import presumed_city
from storage import casekeys, events, incidents, people
from storage.sealed import UNREADABLE
from storage.team import TEAM
from storage.transaction import LockedError


def record_facts(work: Work) -> None:
    """Write what has happened so far in this transaction down, and let boards show it."""
    board.follow_facts(work)
    threats.follow_facts(work)
    facts = tuple(work.facts)
    work.facts.clear()
    for fact in facts:
        _record(work, fact)
    checkpoints.follow(work, is_over=any(fact.kind is FactKind.RESOLVED for fact in facts))


def incident_of(
    work: Work, event_id: EventId | None, subject_id: int, kind: IncidentKind
) -> Incident:
    """Give the incident of a subject; open one of this kind if there is none yet."""
    place = event_id if casekeys.can_add(work.tx, event_id) else None
    found = incidents.of_subject(work.tx, place, subject_id)
    return found or incidents.open_new(work.tx, work.now, place, kind, subject_id)


def say_where(work: Work, incident: Incident) -> None:
    """Presume in which city a new incident is, as far as the bot knows."""
    event = None if incident.event_id is None else events.get(work.tx, incident.event_id)
    city = None if event is None else presumed_city(incident, event.city, work.now)
    if city is not None:
        incidents.add_entry(work.tx, work.now, incident, city)


def list_at(work: Work, event_id: EventId | None) -> list[Incident]:
    """Give the incidents of an event, or of the team without one, the newest first."""
    return incidents.at_event(work.tx, event_id)[::-1]


def look(work: Work, incident_id: int) -> Incident | None:
    """Give an incident, or None."""
    return incidents.get(work.tx, incident_id)


def entries_of(work: Work, incident: Incident) -> list[Entry] | None:
    """Give what was said of an incident; None while the case cannot be read."""
    try:
        return [stored.entry for stored in incidents.entries(work.tx, incident)]
    except LockedError:
        return None


def count_added(work: Work, incident_id: int) -> int:
    """Count what of an incident was written on a computer, reading nothing."""
    return incidents.count_additions(work.tx, incident_id)


def additions_waiting(work: Work, incident: Incident) -> int:
    """Count what was brought to an incident that counts, and that nobody has confirmed since; none
    while the case cannot be read.
    """
    if not count_added(work, incident.id):
        return 0
    return additions.waits(incident, entries_of(work, incident) or ())


def number_of(work: Work, incident_id: int) -> int | None:
    """Give the number that people say, or None."""
    found = incidents.get(work.tx, incident_id)
    return None if found is None else found.number


def note_owed_identities(work: Work) -> None:
    """The roster is open again: tell the incidents what may be said of whom they speak."""
    for incident_id, person_id in incidents.take_owed_identities(work.tx):
        with contextlib.suppress(*UNREADABLE):
            incident = incidents.get(work.tx, incident_id)
            if incident is not None:
                _note_identity(work, incident, person_id)


@use_case(Action.SEE_INCIDENTS)
def confirm(turn: Turn, incident_id: int, seen: int) -> Incident:
    """Stand for an incident, knowing so much of what was brought to it: from now on that counts.

    Raises:
        OutdatedError: it is unknown, or confirmed already and nothing was brought since, or more
            was brought than was seen.
    """
    if seen != count_added(turn, incident_id):
        raise OutdatedError
    return _judge(turn, incident_id, IncidentState.CONFIRMED, EntryKind.CONFIRMED)


@use_case(Action.SEE_INCIDENTS)
def call_false(turn: Turn, incident_id: int) -> Incident:
    """Call an incident false: it stays visible as such, and is never counted.

    Raises:
        OutdatedError: it is unknown, or called false already.
    """
    return _judge(turn, incident_id, IncidentState.FALSE, EntryKind.FALSE)


def _judge(turn: Turn, incident_id: int, state: IncidentState, what: EntryKind) -> Incident:
    incident = incidents.get(turn.tx, incident_id)
    if incident is None or (incident.state is state and not additions_waiting(turn, incident)):
        raise OutdatedError
    by = rules.actor_reference(turn.actor)
    entry = Entry(incident.number, what.value, turn.now, by)
    incidents.add_entry(turn.tx, turn.now, incident, entry)
    threats.refresh(turn, incident.event_id)
    return incidents.set_state(turn.tx, incident, state)


def _record(work: Work, fact: Fact) -> None:
    incident = _incident_for(work, fact)
    if incident is None:
        return
    is_new = not incidents.count_entries(work.tx, [incident])
    entry = rules.entry_of(fact, incident, _source(work, fact))
    incidents.add_entry(work.tx, work.now, incident, entry)
    if is_new:
        _place(work, incident)
    if rules.calls_false(entry) and incident.state is IncidentState.UNCONFIRMED:
        incidents.set_state(work.tx, incident, IncidentState.FALSE)
    for person_id in dict.fromkeys((fact.by_person, fact.about)):
        if person_id is not None:
            _note_identity(work, incident, person_id)


def _incident_for(work: Work, fact: Fact) -> Incident | None:
    """Find what a fact belongs to; one that opens nothing joins what happened shortly before."""
    place = fact.event_id if casekeys.can_add(work.tx, fact.event_id) else None
    found = incidents.of_subject(work.tx, place, fact.subject_id)
    if found is not None:
        return found
    kind = rules.kind_of(fact.kind)
    if kind is not None:
        return incidents.open_new(work.tx, work.now, place, kind, fact.subject_id)
    earlier = incidents.at_event(work.tx, place)
    return rules.followed(earlier, IncidentKind.MOVEMENT, fact.at)


def _place(work: Work, incident: Incident) -> None:
    """Say what a new incident follows, and in which city it is as far as the bot knows."""
    there = incidents.at_event(work.tx, incident.event_id)
    earlier = (one for one in there if one.number < incident.number)
    before = rules.followed(earlier, incident.kind, incident.opened_at)
    if before is not None:
        link = (("record", str(before.number)),)
        entry = Entry(incident.number, EntryKind.LINK.value, work.now, details=link)
        incidents.add_entry(work.tx, work.now, incident, entry)
    say_where(work, incident)


def _source(work: Work, fact: Fact) -> str | None:
    if fact.by_person is not None:
        return rules.person_reference(fact.by_person)
    if fact.by_link is not None:
        return link_reference(fact.by_link)
    if fact.by_team is None:
        return None
    person = TEAM.get(work.tx, fact.by_team)
    return rules.team_reference(fact.by_team, None if person is None else person.role)


def _note_identity(work: Work, incident: Incident, person_id: PersonId) -> None:
    """Keep, once an incident, what a person allows to be said of them; a name only if they do.

    While the roster is locked the reference alone stands there, and the rest is owed.
    """
    now = people.situation(work.tx, person_id)
    if now is None or incidents.has_identity(work.tx, incident, person_id):
        return
    try:
        person = people.get(work.tx, person_id)
    except LockedError:
        incidents.owe_identity(work.tx, incident, now.event_id, person_id)
        return
    if person is not None:
        entry = _identity(work, incident, person)
        incidents.add_entry(work.tx, work.now, incident, entry, person_id)


def _identity(work: Work, incident: Incident, person: Person) -> Entry:
    details = [("consent", person.consent.value)]
    if person.is_minor:
        details.append(("minor", "yes"))
    if person.consent is Consent.NAME_ME:
        details.append(("name", person.name))
    about = rules.person_reference(person.id)
    what = EntryKind.IDENTITY.value
    return Entry(incident.number, what, work.now, about=about, details=tuple(details))
