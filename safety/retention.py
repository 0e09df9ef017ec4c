"""How long people are known: until two people purge an event, or its time is over by the rule.

A purge destroys keys, so that nothing of the roster can be read any more by anybody; the case
stays. Nobody is surprised by the rule: organizers are warned a day before. While somebody of the
event is still held, the rule waits, but not for ever; while a legal hold stands it waits, too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from typing_extensions import override

from safety.events import Event
from safety.kinds import Kind
from safety.lives import lasting
from safety.notices import Lane, Notice, notice
from safety.people import EventId, Standing, TeamId, Unprinted
from safety.policy import Policy
from safety.proposals import Intent, intent
from safety.timers import AtMoment, timer

WARNED_BEFORE = timedelta(days=1)
WAITS_FOR = timedelta(days=1)  # and looks again, while somebody is still held
LONGEST_WAIT = timedelta(days=30)  # after the end of the people's time
HEARS_FOR = timedelta(days=1)  # whoever is undecided or unfinished, that an event is called off


@intent
@dataclass(frozen=True, slots=True, repr=False)
class PurgeEvent(Intent):
    """Forget everybody of an event."""

    event_id: EventId


@timer
@dataclass(frozen=True, slots=True, repr=False)
class RetentionWarning(AtMoment):
    """Tomorrow the people of an event are forgotten."""

    event_id: EventId

    @override
    def key(self) -> str:
        return f"retention-warning:{self.event_id}"


@timer
@dataclass(frozen=True, slots=True, repr=False)
class RetentionDue(AtMoment):
    """The time of an event's people is over."""

    event_id: EventId

    @override
    def key(self) -> str:
        return f"retention-due:{self.event_id}"


@timer
@dataclass(frozen=True, slots=True, repr=False)
class EventOver(AtMoment):
    """An event is over: who invited whom goes, and whoever was not approved."""

    event_id: EventId

    @override
    def key(self) -> str:
        return f"event-over:{self.event_id}"


@timer
@dataclass(frozen=True, slots=True, repr=False)
class TracesOver(AtMoment):
    """The time of an evening's traces is over."""

    event_id: EventId

    @override
    def key(self) -> str:
        return f"traces-over:{self.event_id}"


@dataclass(frozen=True, slots=True, repr=False)
class Receipt(Unprinted):
    """What a purge has destroyed: counts, never contents.

    `checkpoint` is the log's state then. The receipt itself is a leaf of that log: a commitment to
    `text_of(receipt)` under `salt`.
    """

    id: int
    event_id: EventId
    at: datetime
    title: str
    people: int
    invitations: int
    messages: int  # deleted from chats
    withdrawn: int  # owed and not sent
    by_rule: bool
    confirmed_by: TeamId | None
    checkpoint: str | None
    proposed_by: TeamId | None = None
    rows: tuple[tuple[str, int], ...] = ()  # of each other table that had any
    keys: int = 0
    is_epoch_owed: bool = False  # locked: the key file gets its new epoch when it is opened
    leaf: int | None = None  # counted from 0
    salt: bytes = b""

    @property
    def other_rows(self) -> int:
        """Count what was deleted besides registrations and invitations."""
        return sum(number for _, number in self.rows)


def text_of(receipt: Receipt) -> str:
    """Write what a receipt says as the one text that the log commits to."""
    lines = (
        f"event {receipt.event_id}",
        f"at {receipt.at:%Y-%m-%dT%H:%M:%SZ}",
        "by rule" if receipt.by_rule else "by two people",
        f"people {receipt.people}",
        f"invitations {receipt.invitations}",
        *(f"{table} {number}" for table, number in receipt.rows),
        f"messages {receipt.messages}",
        f"withdrawn {receipt.withdrawn}",
        f"keys {receipt.keys}",
        "new epoch owed" if receipt.is_epoch_owed else "new epoch made",
    )
    return "\n".join(lines) + "\n"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class PurgeList(Notice):
    """The events whose people are still known."""

    stays = timedelta(hours=1)

    page: int = 0


@notice
@dataclass(frozen=True, slots=True, repr=False)
class PurgeScreen(Notice):
    """What a purge of this event would forget, and what stays."""

    stays = timedelta(hours=1)

    event_id: EventId


@notice
@dataclass(frozen=True, slots=True, repr=False)
class PurgeReceipt(Notice):
    """What was destroyed."""

    lane = Lane.HOLD

    receipt_id: int


@notice
@dataclass(frozen=True, slots=True, repr=False)
class RetentionNews(Notice):
    """When the people of an event will be forgotten by the rule."""

    lane = Lane.REMINDER
    valid_for = timedelta(days=1)  # what it announces has happened then

    event_id: EventId
    due_at: datetime

    @override
    def card(self) -> str | None:
        return f"retention:{self.event_id}"


def forgotten_at(event: Event, policy: Policy) -> datetime:
    """Say when the people of an event are forgotten by the rule."""
    return event.over_at + lasting(Kind.ROSTER, policy)


def vouched_until(event: Event, policy: Policy) -> datetime:
    """Say how long it is known who invited whom."""
    return event.over_at + lasting(Kind.VOUCHING, policy)


def awaited_until(event: Event, policy: Policy) -> datetime:
    """Say how long whoever is not approved is known.

    Of an event that was called off for a day, and not beyond its end: forgetting somebody empties
    their chat, and they are to read there first that it will not take place.
    """
    return min(event.ends_at, event.over_at + HEARS_FOR) + lasting(Kind.UNAPPROVED, policy)


def traced_until(event: Event, policy: Policy) -> datetime:
    """Say how long it is known who was where; never longer than who it was."""
    return min(event.over_at + lasting(Kind.TRACES, policy), forgotten_at(event, policy))


def may_wait(event: Event, policy: Policy, now: datetime) -> bool:
    """Say whether the rule may still wait for somebody who is held."""
    return now < forgotten_at(event, policy) + LONGEST_WAIT


def kept_of(standing: Standing, event: Event, policy: Policy) -> dict[Kind, datetime]:
    """Say what is kept of somebody registered, kind by kind, and until when."""
    if standing is not Standing.APPROVED:
        return {
            Kind.UNAPPROVED: awaited_until(event, policy),
            Kind.VOUCHING: vouched_until(event, policy),
        }
    return {
        Kind.ROSTER: forgotten_at(event, policy),
        Kind.VOUCHING: vouched_until(event, policy),
        Kind.TRACES: traced_until(event, policy),
    }
