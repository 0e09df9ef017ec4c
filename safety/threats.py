"""Signs before an event, in numbers: what points to trouble, how it is known, who stands for it.

A sign is an incident in which somebody named a threat, watching or pressure on the place, or in
which the place was held or taken back. What was called false is none (ADR-0028).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from typing_extensions import override

from safety import claims
from safety.cases import one_of
from safety.decisions import Choice, Decision, Reasoned
from safety.facts import FactKind
from safety.incidents import Entry, Incident, IncidentKind, IncidentState
from safety.notices import Lane, Notice, notice
from safety.people import EventId, Unprinted
from safety.records import GROUPS, Certainty, IncidentGroup, IncidentType
from safety.statements import Topic, basis_of, certainty_of, topic_of

LATELY = timedelta(hours=24)

_POINTING = frozenset({IncidentGroup.VENUE, IncidentGroup.SURVEILLANCE, IncidentGroup.THREATS})
_TYPES = frozenset(kind for group, kinds in GROUPS if group in _POINTING for kind in kinds)
_FACTS = frozenset({FactKind.HOLD.value, FactKind.VENUE_CANCELLED.value})
_AT_FIRST_SIGHT = frozenset({IncidentKind.VENUE, IncidentKind.REPORT})


@dataclass(frozen=True, slots=True, repr=False)
class Sign(Unprinted):
    """One incident that points to trouble.

    `at` is when that was last said, or seen by the bot; `said_at` when people last said it.
    `types` and `groups` are what they called it; both are empty where a hold alone is known.
    """

    incident: Incident
    at: datetime
    said_at: datetime | None
    types: tuple[IncidentType, ...] = ()
    groups: tuple[IncidentGroup, ...] = ()
    certainty: Certainty | None = None


@dataclass(frozen=True, slots=True)
class Numbers:
    """Signs in numbers. `known` counts how they are known; None: nobody has said."""

    total: int
    lately: int  # with something new in the last 24 hours
    confirmed: int
    known: tuple[tuple[Certainty | None, int], ...]

    @property
    def unconfirmed(self) -> int:
        """Give how many nobody stands for yet."""
        return self.total - self.confirmed


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ThreatBoard(Notice):
    """The board of an event's signs, at the bottom of the chat."""

    stays = timedelta(hours=2)
    is_protected = True
    replaces = True

    event_id: EventId

    @override
    def card(self) -> str | None:
        return board_card(self.event_id)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ThreatUpdate(Notice):
    """The same board where it stands: something is new on it."""

    lane = Lane.BOARD
    valid_for = timedelta(hours=1)
    stays = timedelta(hours=2)
    rings = False
    is_protected = True

    event_id: EventId

    @override
    def card(self) -> str | None:
        return board_card(self.event_id)


def board_card(event_id: EventId) -> str:
    """Name the message that shows the signs of an event."""
    return f"threats:{event_id}"


def sign_of(incident: Incident, entries: Sequence[Entry]) -> Sign | None:
    """Read what points to trouble out of what stands of an incident; None: nothing does."""
    said = [one.at for one in entries if _is_said(one)]
    seen = [one.at for one in entries if one.what in _FACTS]
    if incident.state is IncidentState.FALSE or not (said or seen):
        return None
    certain = [known for one in entries if (known := _certainty(one))]
    groups = [group for one in entries if (group := one_of(IncidentGroup, one.detail("group")))]
    return Sign(
        incident,
        max(said + seen),
        max(said, default=None),
        tuple(kind for kind in claims.types(entries) if kind in _TYPES),
        tuple(dict.fromkeys(group for group in groups if group in _POINTING)),
        certain[-1] if certain else None,
    )


def _is_said(entry: Entry) -> bool:
    return (
        one_of(IncidentType, entry.detail("type")) in _TYPES
        or one_of(IncidentGroup, entry.detail("group")) in _POINTING
    )


def _certainty(entry: Entry) -> Certainty | None:
    is_typed = topic_of(entry) is Topic.TYPE and basis_of(entry) is not None
    return certainty_of(entry) if is_typed else one_of(Certainty, entry.detail("certainty"))


def at_first_sight(incident: Incident) -> Sign | None:
    """Say what may be a sign while nothing that was said can be read: a report, or the place."""
    is_one = incident.kind in _AT_FIRST_SIGHT and incident.state is not IncidentState.FALSE
    return Sign(incident, incident.opened_at, incident.opened_at) if is_one else None


def newest_first(signs: Iterable[Sign]) -> tuple[Sign, ...]:
    """Put the sign first of which something was said last."""
    return tuple(sorted(signs, key=lambda one: (one.at, one.incident.number), reverse=True))


def count(signs: Sequence[Sign], now: datetime) -> Numbers:
    """Put signs into numbers."""
    ways: tuple[Certainty | None, ...] = (*Certainty, None)
    known = tuple((way, sum(one.certainty is way for one in signs)) for way in ways)
    return Numbers(
        total=len(signs),
        lately=sum(now - one.at <= LATELY for one in signs),
        confirmed=sum(one.incident.state is IncidentState.CONFIRMED for one in signs),
        known=tuple((way, number) for way, number in known if number),
    )


def since(signs: Iterable[Sign], decision: Decision) -> int:
    """Count the signs with something new after a decision.

    That the place is held, or left, follows from *hold* and *move*; after *go* it is new.
    """
    is_go = decision.choice is Choice.GO
    moments = [one.at if is_go else one.said_at for one in signs]
    return sum(at is not None and at > decision.at for at in moments)


def details_of(
    choice: Choice, said: Reasoned | None, board: Numbers | None
) -> tuple[tuple[str, str], ...]:
    """Write a decision as it is recorded: what, why, and the numbers that stood on the board.

    `said` None: the reason follows. `board` None: nothing of it could be read, or it was recorded
    with the decision itself.
    """
    details = [("decision", choice.value)]
    if said is not None:
        details += [("why", said.why.value), *((("words", said.words),) if said.words else ())]
    if board is not None:
        details += [("signs", str(board.total)), ("signs-24h", str(board.lately))]
        details += [("signs-confirmed", str(board.confirmed))]
        details += [(f"signs-{way or 'not-said'}", str(number)) for way, number in board.known]
    return tuple(details)
