"""How much may go out at once: never more than the service takes, and always room for an alarm.

The service allows 30 messages in any second and about one a second to one chat (short bursts
pass). Its halts end when it says so, and what follows grows again slowly. All in the clock's time.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, auto

from bot.clock import Clock
from safety.notices import Lane

OVERALL = 30  # messages in any sliding second
KEPT_FOR_ALARMS = 5  # of them
IN_FLIGHT = 30  # requests; more make the connection pool slower, not faster
IN_FLIGHT_KEPT_FOR_ALARMS = 6  # of them
SECOND = 1.0  # seconds
MARGIN = 0.01  # seconds, for the two clocks' difference
CHAT_BURST = 3  # messages to one chat
CHAT_REFILL = 0.95  # messages a second
EDIT_BURST = 5  # edits in one chat
EDIT_REFILL = 0.95  # edits a second
PROBE_EVERY = 2.0  # seconds between alarms that try the line during a halt
RAMP_START = 5  # messages a second right after a halt …
RAMP_GROWTH = 5  # … and how many more with each second
FORGET_AFTER = 120.0  # seconds after which a quiet chat's pace is full again anyway


class Cost(Enum):
    """What a request counts as."""

    MESSAGE = auto()
    EDIT = auto()
    FREE = auto()  # deletions, answers to presses, leaving


@dataclass(slots=True)
class _Bucket:
    """A burst that fills up again."""

    burst: int
    refill: float
    level: float
    seen: float

    def wait(self, now: float) -> float:
        self.level = min(self.burst, self.level + (now - self.seen) * self.refill)
        self.seen = now
        return max((1 - self.level) / self.refill, 0.0)


@dataclass(slots=True, eq=False)
class Grant:
    """The right to one request, held until it is over."""

    chat: bytes
    lane: int
    cost: Cost
    started: float
    finished: float | None = None


@dataclass(slots=True)
class _Pace:
    messages: _Bucket
    edits: _Bucket


@dataclass(slots=True)
class _Halt:
    """Nothing goes out until `until`, except a probing alarm now and then."""

    until: float = 0.0
    next_probe: float = 0.0
    is_flood: bool = False


@dataclass(slots=True)
class Limits:
    """Says what may go out now, and when it is worth asking again."""

    clock: Clock
    _flying: set[Grant] = field(default_factory=set)
    _window: list[Grant] = field(default_factory=list)
    _paces: dict[bytes, _Pace] = field(default_factory=dict)
    _held: dict[bytes, float] = field(default_factory=dict)
    _halt: _Halt = field(default_factory=_Halt)
    _quickest: float = 5.0  # seconds; the shortest answer seen so far

    def busy_chats(self) -> frozenset[bytes]:
        """Give the chats that can get nothing now: one request at a time, and their halts."""
        self._forget_old()
        return frozenset(self._held) | {grant.chat for grant in self._flying}

    def paced_chats(self) -> frozenset[bytes]:
        """Give the chats that can get no new message now, but may lose one."""
        now = self.clock.monotonic()
        return frozenset(chat for chat, pace in self._paces.items() if pace.messages.wait(now) > 0)

    def admit(self, chat: bytes, lane: int, cost: Cost) -> Grant | None:
        """Take the right to one request now, or None if it must wait."""
        now = self.clock.monotonic()
        if chat in self.busy_chats() or not self._has_room(lane, cost, now):
            return None
        if cost is Cost.MESSAGE:
            pace = self._pace(chat, now)
            if pace.messages.wait(now) > 0:
                return None
            pace.messages.level -= 1
        grant = Grant(chat, lane, cost, now)
        if cost is Cost.MESSAGE:
            self._window.append(grant)
        self._flying.add(grant)
        if self._halt.until > now:
            self._halt.next_probe = now + PROBE_EVERY
        return grant

    def turn_into_edit(self, grant: Grant) -> float:
        """Give a message's right back for an edit's; give the seconds to wait first, mostly 0."""
        now = self.clock.monotonic()
        self._give_back(grant)
        edits = self._pace(grant.chat, now).edits
        wait = edits.wait(now)
        if wait <= 0:
            edits.level -= 1
        return wait

    def answered(self, grant: Grant, *, was_sent: bool) -> None:
        """Note that a request is over; `was_sent` False gives back what never left."""
        if grant.finished is not None:
            return
        grant.finished = self.clock.monotonic()
        if not was_sent:
            self._give_back(grant)
        elif grant.cost is Cost.MESSAGE:
            self._quickest = min(self._quickest, grant.finished - grant.started)

    def release(self, grant: Grant) -> None:
        """Let the chat get its next request: what became of this one is stored."""
        self.answered(grant, was_sent=False)
        self._flying.discard(grant)

    def hold_chat(self, chat: bytes, wait: timedelta) -> None:
        """Obey a halt of one chat; when different chats are halted, everything is."""
        now = self.clock.monotonic()
        until = now + wait.total_seconds()
        others = any(end > now for other, end in self._held.items() if other != chat)
        self._held[chat] = max(self._held.get(chat, 0.0), until)
        if others:
            self._halt_all(until, is_flood=True)

    def hold_all(self, wait: timedelta) -> None:
        """Send nothing for a while, because the line is down."""
        self._halt_all(self.clock.monotonic() + wait.total_seconds(), is_flood=False)

    @property
    def is_halted(self) -> bool:
        """Say whether nothing goes out now but a probing alarm."""
        return self._halt.until > self.clock.monotonic()

    def next_change(self) -> float | None:
        """Give the seconds after which more may be admitted than now, or None."""
        now = self.clock.monotonic()
        moments = [self._free_at(grant) - now for grant in self._window if grant.finished]
        moments += [end - now for end in self._held.values()]
        moments += [pace.messages.wait(now) for pace in self._paces.values()]
        if self._halt.until > now:
            moments += [self._halt.until - now, self._halt.next_probe - now]
        elif self._allowance(now) < OVERALL:
            moments.append(SECOND / RAMP_GROWTH)
        return min((moment for moment in moments if moment > 0), default=None)

    def _has_room(self, lane: int, cost: Cost, now: float) -> bool:
        is_alarm = lane == Lane.ALARM
        if self._halt.until > now and not (is_alarm and now >= self._halt.next_probe):
            return False
        flying = sum(grant.finished is None for grant in self._flying)
        if flying >= IN_FLIGHT - (0 if is_alarm else IN_FLIGHT_KEPT_FOR_ALARMS):
            return False
        if cost is not Cost.MESSAGE:
            return True
        self._window = [grant for grant in self._window if self._free_at(grant) > now]
        allowed = self._allowance(now)
        return len(self._window) < (allowed if is_alarm else min(allowed, _ORDINARY))

    def _allowance(self, now: float) -> int:
        """After a flood halt the rate grows again step by step."""
        if not self._halt.is_flood:
            return OVERALL
        since = max(now - self._halt.until, 0.0)
        return min(OVERALL, RAMP_START + int(since * RAMP_GROWTH))

    def _free_at(self, grant: Grant) -> float:
        """The service counted it at some time between start and answer; the quickest answer seen
        tells how much of that is only the way there and back.
        """
        if grant.finished is None:
            return float("inf")
        surely_counted = max(grant.finished - self._quickest, grant.started)
        return surely_counted + SECOND + MARGIN

    def _halt_all(self, until: float, *, is_flood: bool) -> None:
        now = self.clock.monotonic()
        if self._halt.until <= now:
            self._halt.next_probe = now + min(PROBE_EVERY, until - now)
        self._halt.until = max(self._halt.until, until)
        self._halt.is_flood = self._halt.is_flood or is_flood

    def _give_back(self, grant: Grant) -> None:
        if grant.cost is not Cost.MESSAGE:
            return
        grant.cost = Cost.FREE
        self._window = [other for other in self._window if other is not grant]
        pace = self._pace(grant.chat, self.clock.monotonic()).messages
        pace.level = min(pace.burst, pace.level + 1)

    def _pace(self, chat: bytes, now: float) -> _Pace:
        if chat not in self._paces:
            self._paces[chat] = _Pace(
                _Bucket(CHAT_BURST, CHAT_REFILL, CHAT_BURST, now),
                _Bucket(EDIT_BURST, EDIT_REFILL, EDIT_BURST, now),
            )
        return self._paces[chat]

    def _forget_old(self) -> None:
        now = self.clock.monotonic()
        self._held = {chat: end for chat, end in self._held.items() if end > now}
        if len(self._paces) > 10 * OVERALL:
            self._paces = {
                chat: pace
                for chat, pace in self._paces.items()
                if now - max(pace.messages.seen, pace.edits.seen) < FORGET_AFTER
                or pace.messages.wait(now) > 0
            }


_ORDINARY = OVERALL - KEPT_FOR_ALARMS
