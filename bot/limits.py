"""How much may go out at once: never more than the service takes, and always room for an alarm.

The service allows 30 messages in any second and about one a second to one chat (short bursts
pass). Holds and relocations may use all of it, one after the other, so that an alarm finds the
next place within a fifth of a second; whatever is less urgent leaves a whole team's alarm free
in every second (ADR-0018). Halts end when the service says so, and what follows grows again
slowly. All in the clock's time.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

from bot.clock import Clock
from bot.halts import Halt
from safety.notices import Lane

OVERALL = 30  # messages in any sliding second
KEPT_FOR_ALARMS = 13  # of them, from everything less urgent than a hold: a team, and who calls
STEADY_BURST = 3  # messages that are no alarms at once; the others evenly after them …
STEADY_REFILL = 33.0  # … messages a second: what the window leaves is used up, and still evenly
AHEAD = 0.1  # seconds; a message gets its place so much before it may leave, to be made ready
IN_FLIGHT = 30  # requests; more make the connection pool slower, not faster
IN_FLIGHT_KEPT_FOR_ALARMS = 12  # of them
EDITS_AT_ONCE = 6  # requests of them, where no alarm is shown: a wave of them is work all the same
SECOND = 1.0  # seconds
SURELY = 0.9  # of the quickest answer so far: another one may be quicker still
MARGIN = 0.01  # seconds, for the two clocks' difference
CHAT_BURST = 3  # messages to one chat …
CHAT_KEPT_FOR_ALARMS = 2  # … and how many more if they are alarms
CHAT_REFILL = 0.95  # messages a second
EDIT_BURST = 5  # edits in one chat
EDIT_REFILL = 0.95  # edits a second
CALM_EDITS_APART = 0.5  # seconds between two that answer nobody: evenly, no burst
RAMP_START = 5  # messages a second right after a halt …
RAMP_GROWTH = 5  # … and how many more with each second


class Cost(Enum):
    """What a request counts as."""

    MESSAGE = auto()
    EDIT = auto()
    FREE = auto()  # deletions, answers to presses, leaving


@dataclass(slots=True)
class _Bucket:
    """A burst that fills up again; an alarm may take `beyond` more than there is."""

    burst: int
    refill: float
    level: float
    seen: float

    def wait(self, now: float, beyond: int = 0) -> float:
        self.level = min(self.burst, self.level + max(now - self.seen, 0.0) * self.refill)
        self.seen = max(self.seen, now)
        return max((1 - beyond - self.level) / self.refill, 0.0)

    def is_full(self, now: float) -> bool:
        return self.wait(now) <= 0 and self.level >= self.burst

    def give_back(self) -> None:
        self.level = min(self.burst, self.level + 1)

    def start_anew(self, at: float) -> None:
        """Have one in it at that moment, and no more."""
        self.level, self.seen = 1.0, at


@dataclass(slots=True, eq=False)
class Grant:
    """The right to one request from `starts` on, held until it is over."""

    chat: bytes
    lane: int
    cost: Cost
    starts: float
    is_wave: bool = False  # one of many changed cards, none of them an alarm's
    finished: float | None = None


@dataclass(slots=True)
class _Pace:
    messages: _Bucket
    edits: _Bucket
    edited_at: float = float("-inf")

    def wait_to_edit(self, lane: int, now: float) -> float:
        """Say how long a change has to wait; what answers nobody keeps the burst for later."""
        calm = self.calm_at() - now if lane >= Lane.BOARD else 0.0
        return max(self.edits.wait(now), calm)

    def calm_at(self) -> float:
        """Give the moment from which a change that answers nobody may follow the last one."""
        return self.edited_at + CALM_EDITS_APART

    def is_full(self, now: float) -> bool:
        """Say whether it is like one that nothing has used yet."""
        return self.messages.is_full(now) and self.edits.is_full(now)


class Limits:
    """Says what may go out now, and when it is worth asking again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._flying: set[Grant] = set()
        self._window: list[Grant] = []
        self._steady = _Bucket(STEADY_BURST, STEADY_REFILL, STEADY_BURST, clock.monotonic())
        self._paces: dict[bytes, _Pace] = {}
        self._chats: dict[bytes, Halt] = {}
        self._failing: set[bytes] = set()  # chats, since something has worked
        self._line = Halt()
        self._flood = Halt()
        self._quickest = 5.0  # seconds; the shortest answer seen so far

    @property
    def is_halted(self) -> bool:
        """Say whether the line is down, or the service has halted everything."""
        now = self._clock.monotonic()
        return self._line.is_on(now) or self._flood.is_on(now)

    @property
    def lets_edits(self) -> bool:
        """Say whether one more card may be changed that shows no alarm.

        Many of them keep an alarm waiting. What turned out to be an edit, as most answers to
        presses do, counts as the message that it was taken for: it keeps no card waiting.
        """
        edits = (one for one in self._flying if one.is_wave and one.cost is Cost.EDIT)
        return sum(one.finished is None for one in edits) < EDITS_AT_ONCE

    def busy_chats(self) -> frozenset[bytes]:
        """Give the chats that can get nothing now: one request at a time, and their halts."""
        now = self._clock.monotonic()
        self._forget_old(now)
        halted = {chat for chat, halt in self._chats.items() if not halt.lets(now, is_alarm=True)}
        return frozenset(halted | {grant.chat for grant in self._flying})

    def paced_chats(self, lane: int) -> frozenset[bytes]:
        """Give the chats that can get no new message of this lane now, but may lose one."""
        now, beyond = self._clock.monotonic(), _beyond(lane)
        waits = ((chat, pace.messages.wait(now, beyond)) for chat, pace in self._paces.items())
        return frozenset(chat for chat, wait in waits if wait > AHEAD)

    def admit(self, chat: bytes, lane: int, cost: Cost) -> Grant | None:
        """Take the right to one request now, or None if it must wait."""
        now = self._clock.monotonic()
        is_free = all(other.chat != chat for other in self._flying)
        is_wave = cost is Cost.EDIT and lane != Lane.ALARM
        if not is_free or not self._lets(chat, lane, now) or (is_wave and not self.lets_edits):
            return None
        wait = self._wait(chat, lane, cost, now)
        if wait > (AHEAD if cost is Cost.MESSAGE else 0.0):
            return None
        grant = Grant(chat, lane, Cost.FREE, now + wait, is_wave)
        self._flying.add(grant)
        self._take(grant, cost, now)
        for halt in (self._line, self._flood, self._chats.get(chat)):
            if halt is not None:
                halt.note_probe(now)
        return grant

    def turn_into(self, grant: Grant, cost: Cost) -> float:
        """Let a request be what it turned out to be; give the seconds to wait, mostly 0."""
        if grant.cost is cost:
            return 0.0
        self._give_back(grant)
        now = self._clock.monotonic()
        wait = self._wait(grant.chat, grant.lane, cost, now)
        if wait <= 0:
            self._take(grant, cost, now)
            grant.starts = now
        return wait

    def wait_before(self, grant: Grant) -> float:
        """Give the seconds until a request may leave, mostly 0; asked again after the wait."""
        now = self._clock.monotonic()
        wait = grant.starts - now
        if wait <= 0:
            grant.starts = now
        return max(wait, 0.0)

    def answered(self, grant: Grant, *, was_sent: bool) -> None:
        """Note that a request is over; `was_sent` False gives back what never left."""
        if grant.finished is not None:
            return
        grant.finished = self._clock.monotonic()
        if not was_sent:
            self._give_back(grant)
        elif grant.cost is Cost.MESSAGE:
            self._quickest = min(self._quickest, grant.finished - grant.starts)

    def release(self, grant: Grant) -> None:
        """Let the chat get its next request: what became of this one is stored."""
        self.answered(grant, was_sent=False)
        self._flying.discard(grant)

    def hold_chat(self, chat: bytes, wait: timedelta) -> None:
        """Obey a halt of one chat; when different chats are halted, everything is."""
        now, seconds = self._clock.monotonic(), wait.total_seconds()
        self._line_works()
        others = [halt for other, halt in self._chats.items() if other != chat and halt.is_said]
        halt = self._chats.setdefault(chat, Halt())
        halt.begin(now, seconds, is_said=True)
        self._pace(chat, now).messages.start_anew(halt.until)
        if any(halt.is_on(now) for halt in others):
            self._flood.begin(now, seconds, is_said=True)

    def hold_all(self, wait: timedelta) -> None:
        """Send nothing for a while, because nobody lets us in."""
        self._line.begin(self._clock.monotonic(), wait.total_seconds())

    def failed(self, chat: bytes) -> None:
        """Note that nobody can say that a request arrived: when several chats' fail, all wait."""
        now = self._clock.monotonic()
        self._chats.setdefault(chat, Halt()).begin(now, 0.0)
        self._failing.add(chat)
        if len(self._failing) > 1:
            self._line.begin(now, 0.0)

    def worked(self, chat: bytes) -> None:
        """Note that the service did what was asked: what it has halted itself stays so."""
        halt = self._chats.get(chat)
        if halt is not None and not (halt.is_said and halt.is_on(self._clock.monotonic())):
            del self._chats[chat]
        self._line_works()

    def next_change(self) -> float | None:
        """Give the moment, in the clock's seconds, from which more may be admitted; or None."""
        now = self._clock.monotonic()
        moments = [self._free_at(grant) - AHEAD - now for grant in self._window if grant.finished]
        for halt in (self._line, self._flood, *self._chats.values()):
            moments += halt.changes(now)
        for pace in self._paces.values():
            waits = (pace.messages.wait(now), pace.messages.wait(now, CHAT_KEPT_FOR_ALARMS))
            moments += [*(wait - AHEAD for wait in waits), pace.edits.wait(now)]
            moments.append(pace.calm_at() - now)
        moments.append(self._steady.wait(now) - AHEAD)
        if self._line.count:
            moments.append(self._line.next_probe - now)
        if self._allowance(now) < OVERALL:
            moments.append(SECOND / RAMP_GROWTH)
        return min((now + moment for moment in moments if moment > 0), default=None)

    def _line_works(self) -> None:
        """End what was halted only because nothing got through anywhere."""
        self._failing.clear()
        if self._line.count:
            self._line = Halt()
            self._chats = {chat: halt for chat, halt in self._chats.items() if halt.is_said}

    def _lets(self, chat: bytes, lane: int, now: float) -> bool:
        """Say whether no halt, and not too much under way, is against it."""
        is_alarm = lane == Lane.ALARM
        halts = (self._line, self._flood, self._chats.get(chat))
        if not all(halt is None or halt.lets(now, is_alarm=is_alarm) for halt in halts):
            return False
        flying = sum(grant.finished is None for grant in self._flying)
        if self._line.count:  # nothing has worked since: one finds out for all
            return now >= self._line.next_probe if is_alarm else flying == 0
        return flying < IN_FLIGHT - (0 if is_alarm else IN_FLIGHT_KEPT_FOR_ALARMS)

    def _wait(self, chat: bytes, lane: int, cost: Cost, now: float) -> float:
        """Say how long such a request has to wait for its turn, in its chat and overall."""
        match cost:
            case Cost.FREE:
                return 0.0
            case Cost.EDIT:
                return self._pace(chat, now).wait_to_edit(lane, now)
            case Cost.MESSAGE:
                pace = self._pace(chat, now).messages.wait(now, _beyond(lane))
                return max(pace, self._overall_wait(lane, now))

    def _overall_wait(self, lane: int, now: float) -> float:
        steady = 0.0 if lane == Lane.ALARM else self._steady.wait(now)
        if steady > AHEAD:
            return steady
        allowed = self._allowance(now)
        if lane > Lane.HOLD:
            allowed -= allowed * KEPT_FOR_ALARMS // OVERALL
        taken = [(self._free_at(grant), grant) for grant in self._window]
        self._window = [grant for free_at, grant in taken if free_at > now]
        surplus = len(self._window) - allowed
        if surplus < 0:
            return steady
        free = sorted(free_at for free_at, _ in taken if free_at > now)[surplus]
        return max(steady, min(free - now, SECOND))

    def _take(self, grant: Grant, cost: Cost, now: float) -> None:
        grant.cost = cost
        if cost is Cost.EDIT:
            pace = self._pace(grant.chat, now)
            pace.edits.level -= 1
            pace.edited_at = now
        elif cost is Cost.MESSAGE:
            self._pace(grant.chat, now).messages.level -= 1
            self._window.append(grant)
            if grant.lane != Lane.ALARM:
                self._steady.level -= 1

    def _give_back(self, grant: Grant) -> None:
        pace = self._pace(grant.chat, self._clock.monotonic())
        if grant.cost is Cost.EDIT:
            pace.edits.give_back()
        elif grant.cost is Cost.MESSAGE:
            pace.messages.give_back()
            self._window = [other for other in self._window if other is not grant]
            if grant.lane != Lane.ALARM:
                self._steady.give_back()
        grant.cost = Cost.FREE

    def _allowance(self, now: float) -> int:
        """After a halt of everything the rate grows again step by step."""
        if not self._flood.count:
            return OVERALL
        since = max(now - self._flood.until, 0.0)
        return min(OVERALL, RAMP_START + int(since * RAMP_GROWTH))

    def _free_at(self, grant: Grant) -> float:
        """The service counted it at some time between start and answer; the quickest answer seen
        tells how much of that is only the way there and back.
        """
        if grant.finished is None:
            return float("inf")
        surely_counted = max(grant.finished - SURELY * self._quickest, grant.starts)
        return surely_counted + SECOND + MARGIN

    def _pace(self, chat: bytes, now: float) -> _Pace:
        if chat not in self._paces:
            self._paces[chat] = _Pace(
                _Bucket(CHAT_BURST, CHAT_REFILL, CHAT_BURST, now),
                _Bucket(EDIT_BURST, EDIT_REFILL, EDIT_BURST, now),
            )
        return self._paces[chat]

    def _forget_old(self, now: float) -> None:
        self._chats = {chat: halt for chat, halt in self._chats.items() if not halt.is_old(now)}
        if self._flood.is_old(now):
            self._flood = Halt()
        self._paces = {chat: pace for chat, pace in self._paces.items() if not pace.is_full(now)}


def _beyond(lane: int) -> int:
    return CHAT_KEPT_FOR_ALARMS if lane == Lane.ALARM else 0
