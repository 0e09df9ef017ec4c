"""Injuries: one tap keeps that somebody is hurt; every answer after it is one more tap.

Marks fade and papers are lost, so a photo is asked for at once. Whoever wants it is reminded
later; when, and with which words, stands in the lawyer's file (safety/lawrules.py). Nobody is
reminded who has said *enough*, has gone, or is held.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from typing_extensions import override

from safety.cases import CaseSource, named, one_of
from safety.facts import FactKind
from safety.incidents import Entry
from safety.lawrules import LawRules, Threshold
from safety.notices import SHORT_STAY, Lane, Notice, notice
from safety.people import EventId, PersonId, TeamId, Unprinted
from safety.records import Harm, HarmKind
from safety.timers import AtMoment, timer

STAYS_OPEN = timedelta(days=4)  # another tap within it speaks of the same injury
MOST_OPEN = 3  # of one person within it: the medic is told of no more
YES, NO = "yes", "no"


class Hurt(StrEnum):
    """What is hurt, as well as one tap can say it."""

    BRUISE = "bruise"  # a blow
    HEAD = "head"
    EYES = "eyes"  # gas, broken glasses
    BONE = "bone"  # or a joint
    WOUND = "wound"
    OTHER = "other"


class Treated(StrEnum):
    """Where somebody was treated."""

    NOWHERE = "nowhere"
    THERE = "on_the_spot"
    AMBULANCE = "ambulance"
    CLINIC = "clinic"


class InjuryQuestion(StrEnum):
    """What is asked after the photo; each can be passed over."""

    HURT = "hurt"
    REMIND = "remind"
    TREATED = "treated"
    EXAMINED = "examined"
    CERTIFICATE = "certificate"


ANSWERS: dict[InjuryQuestion, tuple[str, ...]] = {
    InjuryQuestion.HURT: tuple(Hurt),
    InjuryQuestion.REMIND: (YES, NO),
    InjuryQuestion.TREATED: tuple(Treated),
    InjuryQuestion.EXAMINED: (YES, NO),
    InjuryQuestion.CERTIFICATE: (YES, NO),
}
# Answers that time does not change; the others are asked again.
_LASTING = {
    InjuryQuestion.HURT: frozenset[str](Hurt),
    InjuryQuestion.REMIND: frozenset({YES}),
    InjuryQuestion.TREATED: frozenset[str](Treated) - {Treated.NOWHERE.value},
    InjuryQuestion.EXAMINED: frozenset({YES}),
    InjuryQuestion.CERTIFICATE: frozenset({YES}),
}


@dataclass(frozen=True, slots=True, repr=False)
class Injury(Unprinted):
    """Somebody who is hurt: a participant, or somebody of the team.

    `subject_id` is what its incident belongs to. `answers` are the last ones, by question.
    """

    id: int
    event_id: EventId | None
    person_id: PersonId | None
    team_id: TeamId | None
    subject_id: int
    number: int
    at: datetime
    answers: tuple[tuple[InjuryQuestion, str], ...] = ()
    files: int = 0
    reminded: int = 0  # thresholds that have passed
    is_done: bool = False

    def answer(self, question: InjuryQuestion) -> str | None:
        """Give the last answer to a question, or None."""
        return dict(self.answers).get(question)

    def is_of(self, person_ids: Sequence[PersonId], team_id: TeamId | None) -> bool:
        """Say whether this is that person's injury."""
        if self.person_id is not None:
            return self.person_id in person_ids
        return team_id is not None and self.team_id == team_id

    @property
    def lasting(self) -> tuple[tuple[str, str], ...]:
        """Give the answers that are not asked for again."""
        kept = (one for one in self.answers if one[1] in _LASTING[one[0]])
        return tuple((question.value, value) for question, value in kept)


# ---------------------------------------------------------------- rules


def answered(injury: Injury, question: InjuryQuestion, value: str) -> Injury:
    """Note an answer; a later one takes the place of the earlier."""
    others = tuple(one for one in injury.answers if one[0] is not question)
    return replace(injury, answers=(*others, (question, value)))


def wants_reminders(injury: Injury) -> bool:
    """Say whether the person has asked to be reminded, and not said since that it is enough."""
    return not injury.is_done and injury.answer(InjuryQuestion.REMIND) == YES


def next_reminder(injury: Injury, law: LawRules) -> datetime | None:
    """Say when the person is to be reminded next; None where they are not, or no more."""
    if not wants_reminders(injury) or injury.reminded >= len(law.injury):
        return None
    return injury.at + law.injury[injury.reminded].after


def passed(injury: Injury, law: LawRules, now: datetime) -> Injury:
    """Note every threshold that is over by now: of several, the person is told of the last one."""
    over = sum(injury.at + one.after <= now for one in law.injury)
    return replace(injury, reminded=max(injury.reminded, over))


def last_passed(injury: Injury, law: LawRules) -> Threshold | None:
    """Give the threshold that was reached last, as the file says it now."""
    reached = law.injury[: injury.reminded]
    return reached[-1] if reached else None


def harm(source: CaseSource, said: Sequence[Entry]) -> tuple[Harm, ...]:
    """Give what entries say of injuries, one harm for each; what nobody answered is unknown.

    Entries that were cut down have lost their number: they stay apart by whom they are about.
    """
    mine = [one for one in said if one.what == FactKind.INJURY.value]
    apart: dict[tuple[str | None, ...], list[Entry]] = {}
    for one in mine:
        apart.setdefault((one.detail("injury"), one.about or one.source), []).append(one)
    return tuple(_harm(source, entries) for entries in apart.values())


def _harm(source: CaseSource, said: Sequence[Entry]) -> Harm:
    facts = {name: value for one in said for name, value in one.details}
    treated = one_of(Treated, facts.get("treated"))
    about = next((one.about for one in said if one.about is not None), None)
    return Harm(
        HarmKind.PHYSICAL,
        description=facts.get("hurt"),
        victim=None if about is None else named(source, about),
        treated=None if treated is None else treated is not Treated.NOWHERE,
        examined=_yes(facts.get("examined")),
        certificate=_yes(facts.get("certificate")),
        where=None if treated in {None, Treated.NOWHERE} else facts.get("treated"),
    )


def _yes(written: str | None) -> bool | None:
    return {YES: True, NO: False}.get(written or "")


# ---------------------------------------------------------------- notices and timers


@timer
@dataclass(frozen=True, slots=True, repr=False)
class InjuryDue(AtMoment):
    """The next moment at which somebody is reminded of their own injury."""

    injury_id: int

    @override
    def key(self) -> str:
        return f"injury:{self.injury_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class InjuryCard(Notice):
    """What is kept of one's own injury, and what else helps."""

    stays = timedelta(hours=12)
    replaces = True

    injury_id: int

    @override
    def card(self) -> str | None:
        return "injury"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class InjuryReminder(Notice):
    """The lawyer's words for this moment, to whoever was hurt and wanted it."""

    lane = Lane.REMINDER
    valid_for = timedelta(hours=24)
    stays = timedelta(hours=24)
    is_protected = True
    replaces = True

    injury_id: int

    @override
    def card(self) -> str | None:
        return "injury"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class InjuryNews(Notice):
    """Somebody is hurt: a number for the medic, who it is behind *Show*."""

    stays = timedelta(hours=12)
    replaces = True

    injury_id: int

    @override
    def card(self) -> str | None:
        return f"injury:{self.injury_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class InjuryDetails(Notice):
    """Who is hurt, and what is known; gone after a minute."""

    stays = SHORT_STAY
    is_protected = True
    rings = False
    replaces = True

    injury_id: int

    @override
    def card(self) -> str | None:
        return f"injury-details:{self.injury_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class InjuryList(Notice):
    """All injuries that are known, each a button."""

    stays = timedelta(minutes=10)
    is_protected = True

    page: int = 0

    @override
    def card(self) -> str | None:
        return "injuries"
