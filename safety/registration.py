"""Registration: what is asked of a person, and what a decision does.

The least data: a pseudonym, needs, consent. An answer under 18 stores nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from typing_extensions import override

from safety.events import EventState
from safety.languages import Language
from safety.notices import Lane, Notice, notice
from safety.people import EventId, PersonId, Presence, Standing, Unprinted

NUMBERS = 1_000_000  # numbers that stand for a name
FORM_NAME = "registration"  # of the questions
NAME_LIMIT = 40  # characters of a pseudonym
QUEUE_STAYS = timedelta(minutes=10)  # screens with one person's answers
DECIDED = frozenset({Standing.APPROVED, Standing.WAITING, Standing.DECLINED})
COUNT_ON_IT = (Standing.PENDING, Standing.APPROVED, Standing.WAITING)


class Consent(StrEnum):
    """What may be said and done if the person is detained."""

    LAWYER_ONLY = "lawyer-only"
    SAY_IT_HAPPENED = "say-it-happened"
    NAME_ME = "name-me"


@dataclass(frozen=True, slots=True, repr=False)
class Situation(Unprinted):
    """How things are with somebody, without who they are: known and changed also while locked."""

    id: PersonId
    event_id: EventId
    standing: Standing
    presence: Presence
    group_id: int | None  # the vehicle or group they left with
    invitation_id: int
    last_seen_at: datetime | None = field(default=None, kw_only=True)  # their last check-in
    needs_help: bool = field(default=False, kw_only=True)  # nobody has confirmed otherwise yet
    is_unverified: bool = field(default=False, kw_only=True)  # said "safe"; no voice heard since

    @property
    def number(self) -> str:
        """Give what stands for the name while that is locked: the same on every card."""
        return f"{self.id % NUMBERS:06}"


@dataclass(frozen=True, slots=True, repr=False)
class Person(Situation):
    """One registration. `name` is a pseudonym that the person chose."""

    language: Language
    name: str = ""
    needs: str | None = None
    consent: Consent = Consent.LAWYER_ONLY
    contact: str | None = None  # whom to tell if they do not get home
    contact_sentence: str | None = None  # exactly what may be said then
    words: tuple[str, str] | None = None  # the two words of the voice check
    is_minor: bool = False
    companion: str | None = None  # who answers for a minor
    registered_at: datetime | None = None


def hearing(state: EventState) -> tuple[Standing, ...]:
    """Give who hears how an event stands now: that it is off, also who has begun to register."""
    return (*COUNT_ON_IT, Standing.INVITED) if state is EventState.CANCELLED else COUNT_ON_IT


def may_decide(person: Situation, standing: Standing, state: EventState) -> bool:
    """Say whether an organizer's decision makes sense: registered, and something would change.

    Of an event that was called off nobody waits for one; whoever was approved can be taken out.
    """
    is_registered = person.standing is Standing.PENDING or person.standing in DECIDED
    is_awaited = state is not EventState.CANCELLED or person.standing is Standing.APPROVED
    is_another = standing in DECIDED and standing is not person.standing
    return is_registered and is_awaited and is_another


def has_room(capacity: int, approved: int) -> bool:
    """Say whether one more can be approved."""
    return approved < capacity


# ---------------------------------------------------------------- notices


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Welcome(Notice):
    """What this is, what it keeps and for how long, before anything is asked."""

    person_id: PersonId


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Registered(Notice):
    """The end of the form: what was answered, and the two words for the voice check."""

    person_id: PersonId


@notice
@dataclass(frozen=True, slots=True, repr=False)
class TooYoung(Notice):
    """Nothing is kept; says kindly what to do instead."""


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Decision(Notice):
    """One person's own answer."""

    person_id: PersonId
    standing: Standing


@notice
@dataclass(frozen=True, slots=True, repr=False)
class QueueNews(Notice):
    """How many wait for a decision, in numbers alone; one message, edited."""

    lane = Lane.BOARD

    event_id: EventId

    @override
    def card(self) -> str | None:
        return f"queue:{self.event_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class SomebodyLeft(Notice):
    """Tells organizers that one person fewer is registered; never who."""

    event_id: EventId


@notice
@dataclass(frozen=True, slots=True, repr=False)
class LeaveQuestion(Notice):
    """Asks once more before somebody is erased."""


@notice
@dataclass(frozen=True, slots=True, repr=False)
class PeopleOverview(Notice):
    """The registered people in numbers, and a way to look at each group."""

    stays = QUEUE_STAYS

    event_id: EventId


@notice
@dataclass(frozen=True, slots=True, repr=False)
class PeopleNames(Notice):
    """The people of one standing, a button each."""

    stays = QUEUE_STAYS
    is_protected = True

    event_id: EventId
    standing: Standing
    page: int = 0


@notice
@dataclass(frozen=True, slots=True, repr=False)
class PersonCard(Notice):
    """One person's answers and the two words to ask for by voice, with the decisions."""

    stays = QUEUE_STAYS
    is_protected = True

    person_id: PersonId
