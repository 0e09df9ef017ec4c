"""The queue of updates: kept until confirmed by an offset, or until their life is over.

Texts live 24 hours and button presses 150 seconds when nobody fetches them. The newer of two
pollers wins. After an idle week the ids begin again at random. An offset far from the ids that
wait confirms nothing: the service answers it from the start of the queue. All in the clock's time.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from random import Random

from bot.clock import Clock
from bot.rehearsal.botapi.errors import ApiError, ConnectionCutError, conflict
from bot.rehearsal.botapi.shapes import JsonObject
from bot.rehearsal.botapi.signals import Signal

UPDATE_LIFE = 24 * 3600.0  # seconds
CALLBACK_LIFE = 150.0  # seconds
IDLE_LIFE = 7 * 24 * 3600.0  # seconds until the ids begin anew
POLL_LIMIT = 50  # seconds
BATCH_LIMIT = 100  # updates
FIRST_ID = 500_000_001
FUTURE = 10  # an offset this far above the newest id is not believed
PAST = 100_000  # nor is one this far below the oldest
HASTE = 0.5  # seconds: who repeats an offset sooner gets one update only
PATIENCE = 3.0  # seconds: who repeats it sooner waits at least as long
RANDOM_IDS = (1, 2**31 - 1_000_000)
UNASKED_KINDS = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(frozen=True, slots=True)
class WaitingUpdate:
    """One update that is not confirmed yet."""

    update_id: int
    kind: str
    body: JsonObject
    expires: float  # the clock's seconds

    @property
    def on_wire(self) -> JsonObject:
        """Give it as the bot gets it."""
        return {"update_id": self.update_id, self.kind: self.body}


@dataclass(frozen=True, slots=True)
class Hook:
    """Where updates are delivered, and what is shown there; without address they are asked for."""

    url: str = ""
    secret: str = ""
    connections: int = 40


@dataclass(frozen=True, slots=True)
class Poll:
    """What a poller asks for; `timeout` in seconds."""

    offset: int = 0
    limit: int = BATCH_LIMIT
    timeout: int = 0


class UpdateQueue:
    """Everything that the bot has not yet confirmed."""

    def __init__(self, clock: Clock, random: Random, changed: Callable[[], None]) -> None:
        self._clock = clock
        self._random = random
        self._changed = changed
        self._waiting: deque[WaitingUpdate] = deque()
        self._signal = Signal()
        self._next_id = FIRST_ID
        self._last_added = clock.monotonic()
        self._newest_poll = 0
        self._last_poll = (0, -PATIENCE)  # offset, the clock's seconds
        self._next_conflict = 0.0  # the clock's seconds
        self._closed = False
        self.allowed: frozenset[str] = frozenset()
        self.hook = Hook()
        self.is_local = False  # a server of one's own: delivers without TLS on this machine
        self.ids_restart_after_idle = True
        self.repeats_owed = 0  # confirmations that will be forgotten once
        clock.on_move(self._signal.fire)

    def __len__(self) -> int:
        self._expire()
        return len(self._waiting)

    def add(self, kind: str, body: JsonObject) -> None:
        """Put an update at the end, unless the bot said that it does not want its kind."""
        now = self._clock.monotonic()
        if self.allowed and kind not in self.allowed:
            return
        if not self.allowed and kind in UNASKED_KINDS:
            return
        if self.ids_restart_after_idle and now - self._last_added >= IDLE_LIFE:
            self._next_id = self._random.randrange(*RANDOM_IDS)
        life = CALLBACK_LIFE if kind == "callback_query" else UPDATE_LIFE
        self._waiting.append(WaitingUpdate(self._next_id, kind, body, now + life))
        self._next_id += 1
        self._last_added = now
        self._notify()

    async def take(self, poll: Poll) -> list[JsonObject]:
        """Confirm what stands before the offset, then give what waits, or wait for it.

        Raises: ApiError 409 when a webhook is set or a newer poller comes; ConnectionCutError
        when the server ends.
        """
        if self.hook.url:
            raise conflict(
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        self._newest_poll += 1
        mine = self._newest_poll
        poll = self._slow_down(poll)
        self._confirm(poll.offset)
        self._notify()
        deadline = self._clock.monotonic() + min(poll.timeout, POLL_LIMIT)
        while not (found := self._ready(poll)):
            if self._clock.monotonic() >= deadline:
                break
            await self._wait_until(deadline)
            await self._check_still_mine(mine)
        return found

    def _slow_down(self, poll: Poll) -> Poll:
        """Treat a poll that only repeats the last one as the service does."""
        now = self._clock.monotonic()
        last_offset, last_time = self._last_poll
        self._last_poll = (poll.offset, now)
        if poll.offset != last_offset or now >= last_time + PATIENCE:
            return poll
        limit = 1 if now < last_time + HASTE else poll.limit
        return Poll(poll.offset, limit, max(poll.timeout, int(PATIENCE)))

    def waiting(self) -> tuple[WaitingUpdate, ...]:
        """Give everything that is not confirmed yet, in order."""
        self._expire()
        return tuple(self._waiting)

    def forget(self, update_id: int) -> None:
        """Let go of an update that was delivered."""
        self._waiting = deque(item for item in self._waiting if item.update_id != update_id)
        self._notify()

    def set_hook(self, hook: Hook) -> None:
        """Deliver there from now on."""
        self.hook = hook
        self._notify()

    async def changes(self, within: float) -> None:
        """Come back when something has changed, or after so many of the clock's seconds."""
        try:
            async with asyncio.timeout(self._clock.real_seconds(within)):
                await self._signal.wait()
        except TimeoutError:
            return

    def close(self) -> None:
        """End every waiting poll."""
        self._closed = True
        self._signal.fire()

    def clear(self) -> None:
        """Forget everything that waits (drop_pending_updates)."""
        self._waiting.clear()
        self._notify()

    async def _wait_until(self, deadline: float) -> None:
        remaining = max(deadline - self._clock.monotonic(), 0.0)
        try:
            async with asyncio.timeout(self._clock.real_seconds(remaining)):
                await self._signal.wait()
        except TimeoutError:
            return

    async def _check_still_mine(self, mine: int) -> None:
        """Let the newest poll go on; one conflict is told at once, the next only later."""
        if mine != self._newest_poll:
            told_at = self._next_conflict
            if self._clock.monotonic() >= told_at:
                self._next_conflict = self._clock.monotonic() + PATIENCE
                raise terminated()
            while self._clock.monotonic() < told_at and not self._closed:
                await self._wait_until(told_at)
            raise terminated()
        if self._closed:
            raise ConnectionCutError
        if self.hook.url:
            raise conflict("terminated by setWebhook request")

    def _ready(self, poll: Poll) -> list[JsonObject]:
        self._expire()
        batch = list(islice(self._waiting, max(1, min(poll.limit, BATCH_LIMIT))))
        return [item.on_wire for item in batch]

    def _confirm(self, offset: int) -> None:
        if offset == 0 or not self._is_believed(offset):
            return
        before = tuple(self._waiting)
        kept = before[offset:] if offset < 0 else [u for u in before if u.update_id >= offset]
        if len(kept) == len(before):
            return
        if self.repeats_owed:
            self.repeats_owed -= 1
            return
        self._waiting = deque(kept)

    def _is_believed(self, offset: int) -> bool:
        oldest = self._waiting[0].update_id if self._waiting else self._next_id
        return offset < 0 or oldest - PAST <= offset <= self._next_id + FUTURE

    def _expire(self) -> None:
        now = self._clock.monotonic()
        if any(item.expires <= now for item in self._waiting):
            self._waiting = deque(item for item in self._waiting if item.expires > now)

    def _notify(self) -> None:
        self._signal.fire()
        self._changed()


def terminated() -> ApiError:
    """Make the refusal that the older of two pollers gets."""
    return conflict(
        "terminated by other getUpdates request; make sure that only one bot instance is running"
    )
