"""Incidents: what happened, in entries that are only ever added, each with its source.

An automatic incident counts only when an organizer has confirmed it; a false alarm stays visible
as such and is never counted. Names do not stand in entries: people are references, and who stands
behind one is an entry of its own that goes when the person is erased.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from typing_extensions import override

from safety.alarms import Ending
from safety.facts import TOLD_AFTERWARDS, Fact, FactKind
from safety.notices import Notice, notice
from safety.people import Actor, EventId, PersonId, Role, TeamId, Unprinted

IncidentId = NewType("IncidentId", int)

RELATED_FOR = timedelta(
    hours=6
)  # what opens within this of another one at the same event follows it


class IncidentKind(StrEnum):
    """What an incident is called before anybody has said its type: by what opened it."""

    ALARM = "alarm"
    DETENTION = "detention"
    VENUE = "venue"
    HELP = "help"
    INJURY = "injury"
    MOVEMENT = "movement"
    DATA = "data"
    AFTERMATH = "aftermath"
    REPORT = "report"
    DECISION = "decision"  # what the organizers decided: nothing that happened to them


class IncidentState(StrEnum):
    """Whether a person stands for it."""

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    FALSE = "false"


class EntryKind(StrEnum):
    """What an entry says, besides the kinds of facts."""

    CONFIRMED = "confirmed"
    FALSE = "false"
    LINK = "link"
    STATEMENT = "statement"  # what somebody of the team adds, field by field
    IDENTITY = "identity"
    FILE_OWED = "file-owed"
    FILE_STORED = "file-stored"
    FILE_BY_HAND = "file-by-hand"
    FILE_DAMAGED = "file-damaged"  # what is kept is no longer what was sealed
    CUSTODY = "custody"
    COMPLAINT = "complaint"  # a step of one
    COMPLAINT_REPLY = "complaint-reply"
    COMPLAINT_DUE = "complaint-due"  # another last day, or that one was missed
    HANDED_OVER = "handed-over"  # evidence, to an authority
    DISAGREEMENT = "disagreement"  # of a reply with the evidence
    RECORD = "record"  # the whole record as it was given out


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident, without what was said of it. `number` is what people say ("incident 4")."""

    id: IncidentId
    event_id: EventId | None
    number: int
    kind: IncidentKind
    subject_id: int
    state: IncidentState
    opened_at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Entry(Unprinted):
    """One statement, added and never changed. `source` and `about` are references, not names."""

    incident: int  # the number of the incident
    what: str  # a FactKind or an EntryKind
    at: datetime
    source: str | None = None  # None: the bot itself
    about: str | None = None
    details: tuple[tuple[str, str], ...] = ()

    def detail(self, name: str) -> str | None:
        """Give one detail, or None where nobody stated it."""
        return dict(self.details).get(name)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class IncidentList(Notice):
    """The incidents of one event (or of the team without one), newest first, and the counts."""

    stays = timedelta(hours=2)

    event_id: EventId | None
    page: int = 0

    @override
    def card(self) -> str | None:
        return "incidents"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class IncidentMore(Notice):
    """What else can be done with a case, and the other events that have incidents."""

    stays = timedelta(hours=2)

    event_id: EventId | None
    page: int = 0

    @override
    def card(self) -> str | None:
        return "incidents"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class IncidentScreen(Notice):
    """One incident: what was said of it, and whether it counts."""

    stays = timedelta(minutes=10)
    is_protected = True

    incident_id: IncidentId

    @override
    def card(self) -> str | None:
        return f"incident:{self.incident_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class IncidentNews(Notice):
    """Somebody has reported something: a number, and what it says behind *Show*."""

    stays = timedelta(hours=12)

    incident_id: IncidentId

    @override
    def card(self) -> str | None:
        return f"incident-news:{self.incident_id}"


_OPENS: dict[FactKind, IncidentKind] = {
    FactKind.ALARM: IncidentKind.ALARM,
    FactKind.DETENTION: IncidentKind.DETENTION,
    FactKind.HOLD: IncidentKind.VENUE,
    FactKind.VENUE_CANCELLED: IncidentKind.VENUE,
    FactKind.RELOCATION: IncidentKind.VENUE,
    FactKind.NEEDS_HELP: IncidentKind.HELP,
    FactKind.DATA_TAKEN: IncidentKind.DATA,
    FactKind.VISIT: IncidentKind.AFTERMATH,
    FactKind.INJURY: IncidentKind.INJURY,
    FactKind.REPORT: IncidentKind.REPORT,
}


_SAYS_ITSELF_WHEN = frozenset(_OPENS[kind] for kind in TOLD_AFTERWARDS)


def kind_of(fact: FactKind) -> IncidentKind | None:
    """Say what kind of incident a fact opens; None where it only adds to one that is there.

    People leaving in a bus are no incident of their own: only what they leave because of is.
    """
    return _OPENS.get(fact)


def followed(
    earlier: Iterable[Incident], kind: IncidentKind, opened_at: datetime
) -> Incident | None:
    """Choose the incident of the same event that a new one hangs together with, or None.

    That is the latest one within `RELATED_FOR` that nobody has called false. What is told
    afterwards says itself when it happened, so it follows nothing by its time; what was only
    decided, nothing follows.
    """
    if kind in _SAYS_ITSELF_WHEN:
        return None
    near = [
        one
        for one in earlier
        if one.state is not IncidentState.FALSE
        and one.kind is not IncidentKind.DECISION
        and timedelta() <= opened_at - one.opened_at <= RELATED_FOR
    ]
    return max(near, key=lambda one: (one.opened_at, one.number), default=None)


def person_reference(person_id: PersonId) -> str:
    """Name a registered person in entries: random digits that mean nothing without the roster."""
    return f"person-{person_id}"


def team_reference(team_id: TeamId, role: Role | None) -> str:
    """Name somebody of the team in entries, by role."""
    return f"{'team' if role is None else role.value}-{team_id}"


def actor_reference(actor: Actor) -> str | None:
    """Name whoever of the team acts, by the role in which they do; None: nobody of the team."""
    if actor.team_id is None:
        return None
    return team_reference(actor.team_id, actor.team_role)


def entry_of(fact: Fact, incident: Incident, source: str | None) -> Entry:
    """Make the entry that a fact adds to its incident."""
    about = None if fact.about is None else person_reference(fact.about)
    return Entry(incident.number, fact.kind.value, fact.at, source, about, fact.details)


def calls_false(said: Entry) -> bool:
    """Say whether an entry calls its incident false, or ends a call as a mistake."""
    ended = said.what == FactKind.RESOLVED.value and said.detail("ending") == Ending.MISTAKEN.value
    return ended or said.what == EntryKind.FALSE.value


def counted(incidents: Sequence[Incident]) -> dict[IncidentState, int]:
    """Count incidents by whether somebody stands for them; only the confirmed ones count.

    What the organizers decided is recorded beside them, and counted nowhere.
    """
    happened = [one for one in incidents if one.kind is not IncidentKind.DECISION]
    return {state: sum(one.state is state for one in happened) for state in IncidentState}
