"""What the team's lawyer has laid down: when what must have happened, and what people are told.

The law of a country stands in a file that the lawyer edits, never in the code. Where it says
nothing, these rules say nothing either: the words then come from the catalogue, and say so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from typing_extensions import override

from safety.languages import Language
from safety.notices import Notice, notice
from safety.records import CaseState
from safety.taxonomy import ActorKind

Words = Mapping[Language, str]  # one text, in each language of the community


class LawText(StrEnum):
    """The texts that a person may be shown, as the file calls them."""

    RIGHTS = "rights"  # what to say, what not to sign
    CALL = "call"  # whom to call
    KEEP = "keep"  # things that prove what happened, such as broken glasses
    CLINIC = "clinic"  # whom a clinic may inform


@dataclass(frozen=True, slots=True)
class Threshold:
    """A moment after somebody was taken, or hurt, and what is said of it then."""

    after: timedelta
    words: Words = field(default_factory=dict)  # empty: the lawyer has not said it


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long something may take once a complaint has reached a step at such an authority."""

    authority: ActorKind
    step: CaseState
    within: timedelta
    note: Words = field(default_factory=dict)
    decides: Words = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LawRules:
    """All of it. Thresholds and reminders stand in order of time; none comes twice."""

    detention: tuple[Threshold, ...]
    injury: tuple[Threshold, ...]
    deadlines: tuple[Deadline, ...] = ()
    texts: Mapping[LawText, Words] = field(default_factory=dict)

    def deadline(self, authority: ActorKind, step: CaseState) -> Deadline | None:
        """Give the deadline of a step at this kind of authority; None where none is laid down."""
        found = (one for one in self.deadlines if one.authority is authority and one.step is step)
        return next(found, None)

    def text(self, name: LawText, language: Language) -> str | None:
        """Give a text in a language; None where the lawyer has not written it."""
        return self.texts.get(name, {}).get(language)


def _after(*hours: int) -> tuple[Threshold, ...]:
    return tuple(Threshold(timedelta(hours=one)) for one in hours)


# Moments at which somebody should look, in no country's law; no text and no deadline.
UNFILLED = LawRules(detention=_after(1, 3, 24, 48, 72), injury=_after(24, 72))


@notice
@dataclass(frozen=True, slots=True, repr=False)
class RightsCard(Notice):
    """What to say, what not to sign, whom to call; the newest one alone stays."""

    replaces = True
    rings = False

    @override
    def card(self) -> str | None:
        return "rights"
