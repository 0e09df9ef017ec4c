"""A roll call asks everyone now. Whoever does not answer is silent, and silent is never safe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from typing_extensions import override

from safety.notices import SHORT_STAY, IfUnknown, Lane, Notice, notice
from safety.people import EventId, PersonId, Presence, Standing, TeamId, Unprinted
from safety.registration import Situation
from safety.timers import AfterPause, timer

ROUNDS = 3  # times that silent people are asked


class RollCallState(StrEnum):
    """Where a roll call stands."""

    OPEN = "open"
    CLOSED = "closed"


class RollCallAnswer(StrEnum):
    """What somebody said to it."""

    SAFE = "safe"
    HELP = "help"


@dataclass(frozen=True, slots=True, repr=False)
class RollCall(Unprinted):
    """One roll call. `rounds` is how often silent people were asked, the first time included."""

    id: int
    event_id: EventId
    number: int
    state: RollCallState
    started_at: datetime
    started_by: TeamId
    rounds: int = 1
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Result(Unprinted):
    """Who said what, and who said nothing. `unheard` said *safe* after a call: only words yet."""

    safe: tuple[Situation, ...]
    help: tuple[Situation, ...]
    unheard: tuple[Situation, ...]
    silent: tuple[Situation, ...]


# ---------------------------------------------------------------- rules


def is_asked(person: Situation) -> bool:
    """Say whether a roll call asks this person: approved, and neither home nor taken."""
    is_away = person.presence in (Presence.HOME, Presence.TAKEN)
    return person.standing is Standing.APPROVED and not is_away


def result(people: Sequence[Situation], answers: Mapping[PersonId, RollCallAnswer]) -> Result:
    """Sort everybody who is asked by what they have said since; nothing said is silent."""
    asked = [person for person in people if is_asked(person)]
    needs_help = [one for one in asked if _needs_help(one, answers.get(one.id))]
    unheard = [one for one in asked if one not in needs_help and one.is_unverified]
    others = [one for one in asked if one not in needs_help and one not in unheard]
    return Result(
        safe=tuple(one for one in others if answers.get(one.id) is RollCallAnswer.SAFE),
        help=tuple(needs_help),
        unheard=tuple(unheard),
        silent=tuple(one for one in others if one.id not in answers),
    )


def is_over(rollcall: RollCall) -> bool:
    """Say whether silent people have been asked as often as it does any good."""
    return rollcall.rounds >= ROUNDS


def asked_again(rollcall: RollCall) -> RollCall:
    """Note that the silent ones are being asked once more."""
    return replace(rollcall, rounds=rollcall.rounds + 1)


def closed(rollcall: RollCall, now: datetime) -> RollCall:
    """End a roll call."""
    return replace(rollcall, state=RollCallState.CLOSED, closed_at=now)


def _needs_help(person: Situation, answer: RollCallAnswer | None) -> bool:
    return answer is RollCallAnswer.HELP or (person.needs_help and not person.is_unverified)


# ---------------------------------------------------------------- timers


@timer
@dataclass(frozen=True, slots=True, repr=False)
class AskAgain(AfterPause):
    """The moment at which the silent ones are asked again, or counted."""

    rollcall_id: int

    @override
    def key(self) -> str:
        return f"rollcall:{self.rollcall_id}"


@timer
@dataclass(frozen=True, slots=True, repr=False)
class AskMore(AfterPause):
    """More people than one transaction may owe: the next ones, beyond the person `after`."""

    rollcall_id: int
    after: int

    @override
    def key(self) -> str:
        return f"rollcall-more:{self.rollcall_id}"


# ---------------------------------------------------------------- notices


@notice
@dataclass(frozen=True, slots=True, repr=False)
class RollCallQuestion(Notice):
    """Are you safe? Asked again, it rings again, and the older one goes."""

    lane = Lane.HOLD
    if_unknown = IfUnknown.SEND_AGAIN
    stays = timedelta(hours=12)
    replaces = True

    rollcall_id: int

    @override
    def card(self) -> str | None:
        return f"rollcall-question:{self.rollcall_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class RollCallRing(Notice):
    """The team's card of a roll call, at the bottom: it began, or silence lasts."""

    stays = timedelta(hours=24)
    replaces = True

    rollcall_id: int

    @override
    def card(self) -> str | None:
        return f"rollcall:{self.rollcall_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class RollCallUpdate(Notice):
    """The same card, changed where it stands."""

    lane = Lane.BOARD
    valid_for = timedelta(hours=1)
    stays = timedelta(hours=24)
    rings = False

    rollcall_id: int

    @override
    def card(self) -> str | None:
        return f"rollcall:{self.rollcall_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class RollCallNames(Notice):
    """Who is silent and who needs help; gone after a minute."""

    stays = SHORT_STAY
    rings = False
    is_protected = True
    replaces = True

    rollcall_id: int
    page: int = 0

    @override
    def card(self) -> str | None:
        return f"rollcall-names:{self.rollcall_id}"
