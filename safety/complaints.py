"""Complaints: to whom, how far each has come, and by which day somebody must have answered.

How long a step may take is the lawyer's file's business (safety/lawrules.py); here a day follows
from it, and what is due follows from the day. What was written and answered stands in the case,
as entries; a complaint's own row knows only what reminders need, so they go on while the case is
locked or closed (ADR-0030).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from typing_extensions import override

from safety.lawrules import LawRules
from safety.notices import Lane, Notice, notice
from safety.people import EventId, TeamId, Unprinted
from safety.records import CaseState
from safety.taxonomy import ActorKind
from safety.timers import AtMoment, timer

REMINDED_BEFORE = tuple(timedelta(days=days) for days in (7, 3, 1, 0))  # the day itself: 0
VALID = timedelta(days=7)  # what it says is made when it is sent, and is true then
HOUR = time(9)  # of the day, where the event is: somebody reads it

# To whom one can complain; the others of these kinds act, and answer nobody.
AUTHORITIES = (
    ActorKind.POLICE,
    ActorKind.LOCAL_ADMINISTRATION,
    ActorKind.NATIONAL_OFFICIAL,
    ActorKind.SECURITY_SERVICE,
    ActorKind.PUBLIC_INSTITUTION,
    ActorKind.VENUE_OWNER,
    ActorKind.UNKNOWN,
)

_ANSWERED = (
    CaseState.WITHOUT_CONSIDERATION,
    CaseState.ARCHIVED,
    CaseState.NOT_INVESTIGATED,
    CaseState.AGAINST_VICTIM,
)
# What usually comes next. Everything else can be said as well, behind one more tap.
_NEXT: dict[CaseState, tuple[CaseState, ...]] = {
    CaseState.NOT_REPORTED: (CaseState.FILED,),
    CaseState.FILED: (CaseState.REGISTERED, CaseState.ACCEPTED, CaseState.REFUSED),
    CaseState.ACCEPTED: (CaseState.REGISTERED, CaseState.UNDER_EXAMINATION),
    CaseState.REFUSED: (CaseState.APPEALED, CaseState.FILED),
    CaseState.REGISTERED: (CaseState.UNDER_EXAMINATION, CaseState.DELAYED, *_ANSWERED),
    CaseState.UNDER_EXAMINATION: (CaseState.DELAYED, *_ANSWERED),
    CaseState.DELAYED: (CaseState.UNDER_EXAMINATION, *_ANSWERED),
    CaseState.APPEALED: (CaseState.REGISTERED, CaseState.REFUSED, CaseState.EXHAUSTED),
    CaseState.EXHAUSTED: (CaseState.SENT_TO_UN, CaseState.SENT_TO_OSCE),
    CaseState.SENT_TO_UN: (CaseState.SENT_TO_OSCE,),
    CaseState.SENT_TO_OSCE: (CaseState.SENT_TO_UN,),
    **dict.fromkeys(_ANSWERED, (CaseState.APPEALED, CaseState.EXHAUSTED)),
}

# What a reply can come to.
REPLY_STATES = (
    CaseState.WITHOUT_CONSIDERATION,
    CaseState.ARCHIVED,
    CaseState.NOT_INVESTIGATED,
    CaseState.REFUSED,
    CaseState.UNDER_EXAMINATION,
    CaseState.DELAYED,
    CaseState.AGAINST_VICTIM,
    CaseState.ACCEPTED,
)


@dataclass(frozen=True, slots=True)
class DueDay:
    """The last day of one step, and when it was found to be over without another step."""

    until: date
    step: CaseState
    missed_at: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Complaint(Unprinted):
    """One complaint as reminders need it. `number` is what people say ("complaint 2").

    `due` are days of the step it stands at, and those of earlier steps that were missed.
    """

    id: int
    event_id: EventId | None
    incident_id: int
    number: int
    authority: ActorKind
    name: str | None  # of the authority
    registered: str | None  # the number that the authority gave it
    state: CaseState
    since: date
    told_until: datetime  # whatever fell due earlier has been told
    keeper: TeamId | None = None  # None: the organizers
    due: tuple[DueDay, ...] = ()

    @property
    def standing(self) -> DueDay | None:
        """Give the day that counts for the step it stands at, open or missed."""
        return next((one for one in self.due if one.step is self.state), None)


# ---------------------------------------------------------------- rules


def likely(state: CaseState) -> tuple[CaseState, ...]:
    """Give what sensibly comes next."""
    return _NEXT.get(state, ())


def others(state: CaseState) -> tuple[CaseState, ...]:
    """Give everything else that may have happened."""
    return tuple(one for one in CaseState if one is not state and one not in likely(state))


def due_day(law: LawRules, authority: ActorKind, step: CaseState, on: date) -> date | None:
    """Give the last day of a step that began on a day; None where the file lays down none."""
    rule = law.deadline(authority, step)
    return None if rule is None else on + rule.within


def stepped(complaint: Complaint, state: CaseState, on: date, law: LawRules) -> Complaint:
    """Move a complaint on: days of the step before end, unless they were missed."""
    missed = tuple(one for one in complaint.due if one.missed_at is not None)
    missed = tuple(one for one in missed if one.step is not state)
    until = due_day(law, complaint.authority, state, on)
    new = () if until is None else (DueDay(until, state),)
    return replace(complaint, state=state, since=on, due=(*missed, *new))


def moved(complaint: Complaint, until: date) -> Complaint:
    """Put another day in the place of the one that counts now."""
    kept = tuple(one for one in complaint.due if one.step is not complaint.state)
    return replace(complaint, due=(*kept, DueDay(until, complaint.state)))


def next_look(complaint: Complaint, zone: ZoneInfo) -> datetime | None:
    """Say when somebody has to be told next (aware); None while nothing is due.

    A day that was over before it was known is looked at at once.
    """
    day = complaint.standing
    if day is None or day.missed_at is not None:
        return None
    coming = [one for one in _reminders(day, zone) if one > complaint.told_until]
    return min((*coming, _over_at(day, zone)))


def is_due(complaint: Complaint, zone: ZoneInfo, now: datetime) -> bool:
    """Say whether a reminder has fallen due that nobody was told of; of several, one is told."""
    day = complaint.standing
    if day is None or day.missed_at is not None:
        return False
    return any(complaint.told_until < one <= now for one in _reminders(day, zone))


def is_over(complaint: Complaint, zone: ZoneInfo, now: datetime) -> bool:
    """Say whether the day that counts is over, and nobody has noted that yet."""
    day = complaint.standing
    return day is not None and day.missed_at is None and _over_at(day, zone) <= now


def miss(complaint: Complaint, now: datetime) -> Complaint:
    """Note, once, that the day that counts is over."""
    due = tuple(
        replace(one, missed_at=now) if one.step is complaint.state else one
        for one in complaint.due
    )
    return replace(complaint, due=due, told_until=now)


def in_order(complaints: Iterable[Complaint]) -> list[Complaint]:
    """Put missed days first, then the next one, then what has none."""

    def key(one: Complaint) -> tuple[int, date, int]:
        day = one.standing
        if day is None:
            return 2, date.max, one.number
        return (1 if day.missed_at is None else 0), day.until, one.number

    return sorted(complaints, key=key)


def _reminders(day: DueDay, zone: ZoneInfo) -> list[datetime]:
    return [datetime.combine(day.until - before, HOUR, zone) for before in REMINDED_BEFORE]


def _over_at(day: DueDay, zone: ZoneInfo) -> datetime:
    return datetime.combine(day.until + timedelta(days=1), HOUR, zone)


# ---------------------------------------------------------------- notices and timers


@timer
@dataclass(frozen=True, slots=True, repr=False)
class ComplaintDue(AtMoment):
    """The next moment at which somebody is told of a complaint."""

    complaint_id: int

    @override
    def key(self) -> str:
        return f"complaint:{self.complaint_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ComplaintList(Notice):
    """All complaints, what is due first, each a button."""

    stays = timedelta(minutes=10)
    is_protected = True

    page: int = 0

    @override
    def card(self) -> str | None:
        return "complaints"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ComplaintScreen(Notice):
    """One complaint: how far it is, what is due, what was handed over and answered."""

    stays = timedelta(minutes=10)
    is_protected = True

    replaces = True  # at the bottom, where the last answer was given

    complaint_id: int

    @override
    def card(self) -> str | None:
        return "complaint"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ComplaintSteps(Notice):
    """What happened next: the likely steps, or all the others."""

    stays = timedelta(minutes=10)
    is_protected = True

    complaint_id: int
    has_all: bool = False
    page: int = 0

    @override
    def card(self) -> str | None:
        return "complaint"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ComplaintChoice(Notice):
    """Of which incident a new complaint is."""

    stays = timedelta(minutes=10)
    is_protected = True

    page: int = 0

    @override
    def card(self) -> str | None:
        return "complaint"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ComplaintReminder(Notice):
    """A day comes near: to whoever keeps the complaint; a number, and the rest behind *Show*."""

    lane = Lane.REMINDER
    valid_for = VALID
    stays = timedelta(hours=24)
    replaces = True

    complaint_id: int

    @override
    def card(self) -> str | None:
        return f"complaint-due:{self.complaint_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ComplaintMissed(Notice):
    """A day is over: told once, to a second person as well."""

    lane = Lane.REMINDER
    valid_for = VALID
    stays = timedelta(hours=40)
    replaces = True

    complaint_id: int

    @override
    def card(self) -> str | None:
        return f"complaint-due:{self.complaint_id}"
