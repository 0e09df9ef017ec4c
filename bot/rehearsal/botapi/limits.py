"""Flood limits, as FACTS about the service state them, and what this server makes of the rest.

Counted are messages that the bot sends:

* at most 30 in any sliding second, over all chats;
* in a private chat a burst of 5, refilled by one a second;
* in a group at most 20 in any sliding minute.

Edits have their own budget in each chat (a burst of 10, refilled by two a second) and do not count
as messages. Deleting, answering buttons, pinning and reading are free. All in the clock's time.
"""

import math
from collections import deque
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.rehearsal.botapi.errors import ApiError

OVERALL_LIMIT = 30  # messages
OVERALL_WINDOW = 1.0  # seconds
CHAT_BURST = 5  # messages
CHAT_REFILL = 1.0  # messages a second
GROUP_LIMIT = 20  # messages
GROUP_WINDOW = 60.0  # seconds
EDIT_BURST = 10  # edits
EDIT_REFILL = 2.0  # edits a second
ROUNDING = 1e-9  # of a message


@dataclass(slots=True)
class _Window:
    """At most `limit` within any `length` seconds."""

    limit: int
    length: float
    taken: deque[float] = field(default_factory=deque)

    def wait_for(self, count: int, now: float) -> float:
        """Say in how many seconds `count` more fit; 0 when they fit now."""
        while self.taken and now - self.taken[0] >= self.length:
            self.taken.popleft()
        surplus = len(self.taken) + count - self.limit
        if surplus <= 0:
            return 0.0
        return self.taken[min(surplus, len(self.taken)) - 1] + self.length - now

    def take(self, count: int, now: float) -> None:
        self.taken.extend([now] * count)


@dataclass(slots=True)
class _Bucket:
    """A burst that fills up again."""

    burst: int
    refill: float  # a second
    level: float
    seen: float  # the clock's seconds

    def wait_for(self, count: int, now: float) -> float:
        """Say in how many seconds `count` more fit; 0 when they fit now."""
        self.level = min(self.burst, self.level + (now - self.seen) * self.refill)
        self.seen = now
        needed = min(count, self.burst) - self.level
        return max(needed / self.refill, 0.0) if needed > ROUNDING else 0.0

    def take(self, count: int) -> None:
        self.level -= count


class FloodLimits:
    """Counts what the bot sends, and refuses what is too much."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._overall = _Window(OVERALL_LIMIT, OVERALL_WINDOW)
        self._groups: dict[int, _Window] = {}
        self._chats: dict[int, _Bucket] = {}
        self._edits: dict[int, _Bucket] = {}
        self.refusals = 0
        self.are_on = True

    def admit_messages(self, chat_id: int, count: int = 1) -> None:
        """Let `count` new messages to a chat pass.

        Raises: ApiError 429 with the seconds to wait.
        """
        if not self.are_on:
            return
        now = self._clock.monotonic()
        wait = self._overall.wait_for(count, now)
        if chat_id < 0:
            group = self._groups.setdefault(chat_id, _Window(GROUP_LIMIT, GROUP_WINDOW))
            self._refuse_if(max(wait, group.wait_for(count, now)))
            group.take(count, now)
        else:
            chat = self._bucket(self._chats, chat_id, CHAT_BURST, CHAT_REFILL)
            self._refuse_if(max(wait, chat.wait_for(count, now)))
            chat.take(count)
        self._overall.take(count, now)

    def admit_edit(self, chat_id: int) -> None:
        """Let one edit in a chat pass.

        Raises: ApiError 429 with the seconds to wait.
        """
        if not self.are_on:
            return
        bucket = self._bucket(self._edits, chat_id, EDIT_BURST, EDIT_REFILL)
        self._refuse_if(bucket.wait_for(1, self._clock.monotonic()))
        bucket.take(1)

    def _bucket(
        self, buckets: dict[int, _Bucket], chat_id: int, burst: int, refill: float
    ) -> _Bucket:
        if chat_id not in buckets:
            buckets[chat_id] = _Bucket(burst, refill, burst, self._clock.monotonic())
        return buckets[chat_id]

    def _refuse_if(self, wait: float) -> None:
        if wait > 0:
            self.refusals += 1
            raise too_many(max(math.ceil(wait), 1))


def too_many(seconds: int) -> ApiError:
    """Make the refusal that asks the bot to wait."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
