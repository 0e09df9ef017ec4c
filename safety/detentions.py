"""A detention: since when, from where, what may be said, and whether anybody has heard the person.

One tap is enough, and the phone is empty afterwards. Whoever is taken is never counted as safe,
also after a release, until somebody has heard their voice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from typing_extensions import override

from safety.alarmnotices import CARDS_STAY
from safety.alarms import Place
from safety.datataken import Taking
from safety.escorts import Escort
from safety.lawrules import Threshold
from safety.notices import SHORT_STAY, IfUnknown, Lane, Notice, notice
from safety.people import EventId, PersonId, Role, TeamId, Unprinted
from safety.timers import AfterPause, timer

TOLD = frozenset({Role.LAWYER, Role.ORGANIZER})
LAWYER_PRESENT = "lawyer_present"  # the detail of a fact
OFTEN = 10  # rounds without an answer; then the slower pause
KEPT_FORMS = frozenset({"ride", "sighting"})  # what a taken person had begun to answer in them
NOTES_KEPT = 20  # a person's words from the phone itself; the rest is in the record


class DetentionState(StrEnum):
    """Where a detention stands."""

    OPEN = "open"
    TRANSFERRED = "transferred"  # still held, somewhere else
    ESCORTED = "escorted"  # still held, on the way out of the city
    RELEASED = "released"


class LawyerThere(StrEnum):
    """Whether a lawyer was with whoever is held, as the team knows it."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, repr=False)
class Sighting(Unprinted):
    """What somebody saw of it; None as `by` is the person's own phone."""

    at: datetime
    by: TeamId | None
    place: str | None = None
    when: str | None = None  # as it was typed


@dataclass(frozen=True, slots=True, repr=False)
class Transfer(Unprinted):
    """Where somebody was brought, as it was told to the team."""

    at: datetime
    by: TeamId
    place: str


@dataclass(frozen=True, slots=True, repr=False)
class DetentionAnswer(Unprinted):
    """One *I'm on it*."""

    by: TeamId
    at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Detention(Unprinted):
    """One person being held: a participant or somebody of the team."""

    id: int
    event_id: EventId | None
    person_id: PersonId | None
    team_id: TeamId | None
    number: int
    state: DetentionState
    since: datetime
    rung_at: datetime
    sightings: tuple[Sighting, ...]
    rounds: int = 0  # how often the lawyer was rung without an answer
    place: Place | None = None  # the last place the phone sent
    place_at: datetime | None = None
    words: tuple[str, ...] = ()  # what the phone sent just before and afterwards
    files: int = 0
    transfers: tuple[Transfer, ...] = ()
    escorts: tuple[Escort, ...] = ()
    takings: tuple[Taking, ...] = ()
    answers: tuple[DetentionAnswer, ...] = ()
    released_at: datetime | None = None
    released_by: TeamId | None = None
    heard_at: datetime | None = None
    heard_by: TeamId | None = None
    lawyer_there: LawyerThere = LawyerThere.UNKNOWN

    @property
    def holder_id(self) -> int | None:
        """Give whose place it is; None once they are erased."""
        return self.team_id if self.person_id is None else self.person_id

    @property
    def is_held(self) -> bool:
        """Say whether nobody has told of a release."""
        return self.state is not DetentionState.RELEASED

    @property
    def is_closed(self) -> bool:
        """Say whether the person is released and somebody has heard their voice."""
        return not self.is_held and self.heard_at is not None

    @property
    def escort(self) -> Escort | None:
        """Give the way that they are on now; None where they are on none."""
        last = self.escorts[-1] if self.is_held and self.escorts else None
        return last if last is not None and last.arrived is None else None

    @property
    def where(self) -> str | None:
        """Give the place that was told last, however it came; None where nobody told one."""
        told = [(one.at, one.place) for one in self.sightings]
        told += [(one.at, one.place) for one in self.transfers]
        for way in self.escorts:
            stops = way.stops if way.arrived is None else (*way.stops, way.arrived)
            told += [(one.at, one.place) for one in stops]
        return next((place for _, place in sorted(told, key=_moment)[::-1] if place), None)

    def is_of(self, person_id: PersonId | None, team_id: TeamId | None) -> bool:
        """Say whether this is that person's detention."""
        if self.person_id is not None:
            return self.person_id == person_id
        return self.team_id == team_id


def _moment(told: tuple[datetime, str | None]) -> datetime:
    return told[0]


# ---------------------------------------------------------------- rules


def carried_to(
    detention: Detention,
    event_id: EventId | None,
    person_id: PersonId | None,
    team_id: TeamId | None,
) -> Detention:
    """Let it go on at another place of the same person, while its own event is forgotten.

    That they are held stays, since when, and who is on it; what was seen and said goes.
    """
    return Detention(
        id=detention.id,
        event_id=event_id,
        person_id=person_id,
        team_id=team_id,
        number=detention.number,
        state=detention.state,
        since=detention.since,
        rung_at=detention.rung_at,
        sightings=(),
        rounds=detention.rounds,
        answers=detention.answers,
        released_at=detention.released_at,
        released_by=detention.released_by,
        lawyer_there=detention.lawyer_there,
    )


def answer(detention: Detention, by: TeamId, now: datetime) -> Detention:
    """Note *I'm on it*; a person's later one replaces the earlier."""
    others = tuple(one for one in detention.answers if one.by != by)
    return replace(detention, answers=(*others, DetentionAnswer(by, now)), rounds=0)


def stand_down(detention: Detention, by: TeamId, now: datetime) -> Detention:
    """Drop the *I'm on it* of whoever has left, is frozen, or was taken: they come to nobody.

    Where nobody else is on it, it counts as rung now, and begins anew.
    """
    others = tuple(one for one in detention.answers if one.by != by)
    if others == detention.answers:
        return detention
    if others:
        return replace(detention, answers=others)
    return replace(detention, answers=(), rounds=0, rung_at=now)


def transfer(detention: Detention, place: str, by: TeamId, now: datetime) -> Detention:
    """Note where the person was brought."""
    moved = (*detention.transfers, Transfer(now, by, place))
    return replace(detention, state=DetentionState.TRANSFERRED, transfers=moved)


def escort(detention: Detention, by: TeamId, now: datetime) -> Detention:
    """Note that the person is being brought out of the city; they are still held."""
    begun = (*detention.escorts, Escort(now, by))
    return replace(detention, state=DetentionState.ESCORTED, escorts=begun)


def follow(detention: Detention, way: Escort) -> Detention:
    """Keep how the way went on; where it has ended they are held there, until somebody says more.

    Arriving is no release.
    """
    state = detention.state if way.arrived is None else DetentionState.TRANSFERRED
    return replace(detention, state=state, escorts=(*detention.escorts[:-1], way))


def take_down(detention: Detention, taking: Taking) -> Detention:
    """Keep what was taken, as this source says it now; their earlier word gives way."""
    others = tuple(one for one in detention.takings if one.by != taking.by)
    return replace(detention, takings=(*others, taking))


def release(detention: Detention, by: TeamId, now: datetime) -> Detention:
    """Note that somebody told of a release; it proves nothing until a voice was heard."""
    state = DetentionState.RELEASED
    return replace(detention, state=state, released_at=now, released_by=by)


def hear(detention: Detention, by: TeamId, now: datetime) -> Detention:
    """Note that somebody has heard the released person's voice."""
    return replace(detention, heard_by=by, heard_at=now)


def see(detention: Detention, sighting: Sighting) -> Detention:
    """Add what somebody saw."""
    return replace(detention, sightings=(*detention.sightings, sighting))


def say(detention: Detention, words: str) -> Detention:
    """Keep words that came from the person's phone."""
    return replace(detention, words=(*detention.words, words)[-NOTES_KEPT:])


def locate(detention: Detention, place: Place, now: datetime) -> Detention:
    """Keep the place that the person's phone sent."""
    return replace(detention, place=place, place_at=now)


def add_file(detention: Detention) -> Detention:
    """Count a file that belongs to this detention."""
    return replace(detention, files=detention.files + 1)


def set_back(detention: Detention, by: timedelta) -> Detention:
    """Have it rung at its pace though the clock was set back (`by` < 0); `since` stays as told."""
    return replace(detention, rung_at=detention.rung_at + by)


def rung(detention: Detention, now: datetime) -> Detention:
    """Note that whoever is told is being rung again now."""
    rounds = 0 if detention.answers else detention.rounds + 1
    return replace(detention, rung_at=now, rounds=rounds)


def next_ring(
    detention: Detention, unanswered: timedelta, again: timedelta, thresholds: Iterable[timedelta]
) -> datetime | None:
    """Say when to ring next; None only for a detention that is closed.

    Soon while nobody is on it, then as a reminder; and always at each threshold itself, and when
    whoever is brought out of the city should have arrived.
    """
    if detention.is_closed:
        return None
    pause = again if detention.answers or detention.rounds >= OFTEN else unanswered
    regular = detention.rung_at + pause
    moments = [one for one in _moments(detention, thresholds) if one > detention.rung_at]
    return min((regular, *moments))


def _moments(detention: Detention, thresholds: Iterable[timedelta]) -> Iterator[datetime]:
    if not detention.is_held:
        return
    yield from (detention.since + one for one in thresholds)
    if detention.escort is not None and detention.escort.due_at is not None:
        yield detention.escort.due_at


def whom_to_tell(team: Mapping[TeamId, Role]) -> frozenset[TeamId]:
    """Say who is rung, of those who can be reached and whom alarms ring.

    Where neither a lawyer nor an organizer is left, as when the only one was taken, it is
    everybody: somebody has to know.
    """
    told = frozenset(one for one, role in team.items() if role in TOLD)
    return told or frozenset(team)


def passed(
    detention: Detention, thresholds: Sequence[Threshold], now: datetime
) -> Threshold | None:
    """Give the last threshold that is over, the one whose words count now; None before the first.

    `thresholds` stand in order of time.
    """
    over = [one for one in thresholds if detention.since + one.after <= now]
    return over[-1] if over else None


def following(
    detention: Detention, thresholds: Sequence[Threshold], now: datetime
) -> Threshold | None:
    """Give the next threshold; None after the last."""
    return next((one for one in thresholds if detention.since + one.after > now), None)


# ---------------------------------------------------------------- notices and timers


@timer
@dataclass(frozen=True, slots=True, repr=False)
class RemindOfDetention(AfterPause):
    """A detention's next moment to be rung."""

    detention_id: int

    @override
    def key(self) -> str:
        return f"detention:{self.detention_id}"


class _DetentionNotice(Notice):
    """What all notices about detentions have in common."""

    __slots__ = ()

    lane = Lane.ALARM
    if_unknown = IfUnknown.SEND_AGAIN
    stays = CARDS_STAY


@notice
@dataclass(frozen=True, slots=True, repr=False)
class DetentionRing(_DetentionNotice):
    """The card of a detention, rung."""

    replaces = True

    detention_id: int

    @override
    def card(self) -> str | None:
        return f"detention:{self.detention_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class DetentionUpdate(_DetentionNotice):
    """The card of a detention, changed in place."""

    detention_id: int

    @override
    def card(self) -> str:
        return f"detention:{self.detention_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class DetentionDetails(_DetentionNotice):
    """Who it is, from where, what may be said; gone after a minute."""

    stays = SHORT_STAY
    is_protected = True
    rings = False
    replaces = True

    detention_id: int

    @override
    def card(self) -> str | None:
        return f"detention-details:{self.detention_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class DetentionPlace(_DetentionNotice):
    """The last place the phone sent, as a pin; gone after a minute."""

    stays = SHORT_STAY
    is_protected = True
    rings = False
    replaces = True

    detention_id: int

    @override
    def card(self) -> str | None:
        return f"detention-place:{self.detention_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class DetentionList(Notice):
    """All detentions and alarms that are not closed, with a button for each."""

    stays = timedelta(minutes=10)
    is_protected = True
    replaces = True

    page: int = 0

    @override
    def card(self) -> str | None:
        return "detentions"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class MarkNames(Notice):
    """One page of the names that can be marked; gone after a minute."""

    stays = SHORT_STAY
    is_protected = True
    rings = False

    event_id: EventId
    page: int = 0

    @override
    def card(self) -> str | None:
        return "mark"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class MarkChoice(Notice):
    """One name, and what can be marked of it; gone after a minute."""

    stays = SHORT_STAY
    is_protected = True
    rings = False

    person_id: PersonId

    @override
    def card(self) -> str | None:
        return "mark"
