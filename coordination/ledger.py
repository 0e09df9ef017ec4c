"""The ledger of a place, kept in the place's own record: adding works while that cannot be read.

What the organizer sends in the hour after an entry, a photo of the contract, joins that record.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from coordination import audience, incidents, reports, statements, threats
from coordination.turns import Turn, Work, use_case
from safety.errors import OutdatedError
from safety.events import Event
from safety.incidents import Entry, Incident, IncidentKind, IncidentNews
from safety.ledger import TROUBLE, LedgerEntry, LedgerScreen, statements_of
from safety.people import Unprinted
from safety.permissions import Action
from safety.records import Record
from safety.statements import Topic, topic_of
from storage import disclosure, events
from storage import incidents as rows
from storage.disclosure import Outline


@dataclass(frozen=True, slots=True, repr=False)
class Ledger(Unprinted):
    """A place's ledger. `record` None: nothing is written yet, or it cannot be read now."""

    event: Event
    place: Outline
    others: tuple[Outline, ...]  # the event's other places
    incident: Incident | None
    record: Record | None


@use_case(Action.SEE_INCIDENTS)
def open_ledger(turn: Turn, venue_id: int) -> None:
    """Show the ledger of a place.

    Raises:
        OutdatedError: the place is unknown, or its event's people are forgotten.
    """
    place = require_place(turn, venue_id)
    turn.tell(LedgerScreen(place.id), place.event_id)


@use_case(Action.SEE_INCIDENTS)
def enter(turn: Turn, venue_id: int, entry: LedgerEntry) -> None:
    """Write an entry down; of a refusal or a breach the other organizers learn at once.

    A breach of what cannot be read now, or does not stand any more, stands in its own words.

    Raises:
        OutdatedError: the place is unknown.
    """
    place = require_place(turn, venue_id)
    if entry.of is not None and entry.of not in dict(promises(turn, venue_id)):
        entry = replace(entry, of=None)
    incident = incidents.incident_of(turn, place.event_id, place.id, IncidentKind.VENUE)
    if not rows.count_entries(turn.tx, [incident]):
        incidents.say_where(turn, incident)
    for topic, fields in statements_of(entry):
        statements.state(turn, incident.id, topic, fields)
    if entry.kind in TROUBLE:
        news, but = IncidentNews(incident.id), turn.actor.team_id
        audience.tell_organizers(turn, news, incident.event_id, but)
    threats.refresh(turn, place.event_id)
    turn.tell(LedgerScreen(place.id), place.event_id)
    reports.let_join(turn, incident, place.id)


def require_place(work: Work, venue_id: int) -> Outline:
    """Give what is known of a place, also while it is locked.

    Raises:
        OutdatedError: it is unknown, or its event's people are forgotten.
    """
    place = disclosure.outline(work.tx, venue_id)
    if place is None or events.get(work.tx, place.event_id) is None:
        raise OutdatedError
    return place


def promises(work: Work, venue_id: int) -> Sequence[tuple[int, Entry]]:
    """Give the promises that stand, the newest first, by number in the log; locked: none."""
    incident = _incident(work, require_place(work, venue_id))
    found = () if incident is None else statements.standing(work, incident) or ()
    return [(leaf, one) for leaf, one in found if topic_of(one) is Topic.PROMISE]


def look(work: Work, venue_id: int) -> Ledger | None:
    """Give the ledger of a place, or None where there is no such place."""
    place = disclosure.outline(work.tx, venue_id)
    event = None if place is None else events.get(work.tx, place.event_id)
    if place is None or event is None:
        return None
    incident = _incident(work, place)
    record = None if incident is None else statements.record_of(work, incident)
    ids = disclosure.venues_of(work.tx, event.id)
    others = (disclosure.outline(work.tx, one) for one in ids if one != venue_id)
    return Ledger(event, place, tuple(one for one in others if one), incident, record)


def _incident(work: Work, place: Outline) -> Incident | None:
    return rows.of_subject(work.tx, place.event_id, place.id)
