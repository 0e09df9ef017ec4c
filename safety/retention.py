"""How long people are known: until two organizers purge an event, or its time is over by the rule.

A purge destroys keys, so that nothing of the roster can be read any more by anybody; the case
stays. Nobody is surprised by the rule: organizers are warned a day before. While somebody of the
event is still held, the rule waits, but not for ever.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from typing_extensions import override

from safety.events import Event
from safety.notices import Lane, Notice, notice
from safety.people import EventId, TeamId, Unprinted
from safety.policy import Policy
from safety.proposals import Intent, intent
from safety.timers import Timer, timer

WARNED_BEFORE = timedelta(days=1)
WAITS_FOR = timedelta(days=1)  # and looks again, while somebody is still held
LONGEST_WAIT = timedelta(days=30)  # after the end of the people's time


@intent
@dataclass(frozen=True, slots=True, repr=False)
class PurgeEvent(Intent):
    """Forget everybody of an event."""

    event_id: EventId


@timer
@dataclass(frozen=True, slots=True, repr=False)
class RetentionWarning(Timer):
    """Tomorrow the people of an event are forgotten."""

    event_id: EventId

    @override
    def key(self) -> str:
        return f"retention-warning:{self.event_id}"


@timer
@dataclass(frozen=True, slots=True, repr=False)
class RetentionDue(Timer):
    """The time of an event's people is over."""

    event_id: EventId

    @override
    def key(self) -> str:
        return f"retention-due:{self.event_id}"


@dataclass(frozen=True, slots=True, repr=False)
class Receipt(Unprinted):
    """What a purge has destroyed: counts, never contents. `checkpoint` is the log's state then."""

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
    is_epoch_owed: bool = False  # locked then: the keys' epoch is replaced when it is opened again


@notice
@dataclass(frozen=True, slots=True, repr=False)
class PurgeList(Notice):
    """The events whose people are still known."""

    stays = timedelta(hours=1)


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

    event_id: EventId
    due_at: datetime

    @override
    def card(self) -> str | None:
        return f"retention:{self.event_id}"


def forgotten_at(event: Event, policy: Policy) -> datetime:
    """Say when the people of an event are forgotten by the rule."""
    return event.ends_at + policy.people_kept


def may_wait(event: Event, policy: Policy, now: datetime) -> bool:
    """Say whether the rule may still wait for somebody who is held."""
    return now < forgotten_at(event, policy) + LONGEST_WAIT
