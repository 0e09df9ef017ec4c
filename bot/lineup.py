"""Whose turn it is: chats one after the other, each chat's updates in the order they came.

A chat has one place in the line however much it sends, and a chat that rests keeps nobody else
waiting. Chats that we know come first, and leave a part of the turns to those that we do not; of
these few are handled at a time, so that a crowd of strangers delays nobody by more than that.
"""

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

LONGEST_RUN = 16  # updates of one chat in one turn
STRANGERS_TURN = 4  # each so many-th turn is theirs, if anybody else waits too


@dataclass(frozen=True, slots=True)
class Run:
    """What one chat has handled in its turn: the places of its oldest updates, in order."""

    chat: bytes
    seqs: tuple[int, ...]
    is_known: bool


@dataclass(slots=True)
class _Line:
    """What one chat has waiting."""

    is_known: bool
    seqs: deque[int] = field(default_factory=deque)


class Lineup:
    """Who waits. A chat whose turn it is gets no other before `ends` is called for its run."""

    def __init__(self) -> None:
        self._lines: dict[bytes, _Line] = {}
        self._known: deque[bytes] = deque()
        self._others: deque[bytes] = deque()
        self._resting: list[tuple[float, bytes]] = []  # until when, in monotonic seconds
        self._turns = 0
        self._count = 0
        self._strangers = 0  # updates of theirs that are being handled

    def __len__(self) -> int:
        return self._count

    def join(self, chat: bytes, seq: int, *, is_known: bool) -> None:
        """Put an update at the end of its chat's line."""
        self._count += 1
        line = self._lines.get(chat)
        if line is None:
            line = self._lines[chat] = _Line(is_known)
            self._ring(line).append(chat)
        line.is_known = is_known  # where it stands next
        line.seqs.append(seq)

    def take(self, room: int, now: float, strangers: int) -> list[Run]:
        """Give the next turns, of `room` updates at most; `now` in monotonic seconds.

        `strangers`: of how many of their updates may be under way, with those that are already.
        """
        self._wake(now)
        runs = []
        while room > 0 and (ring := self._next_ring(strangers)):
            run = self._turn(ring.popleft(), room, strangers)
            runs.append(run)
            self._count -= len(run.seqs)
            room -= len(run.seqs)
        return runs

    def _turn(self, chat: bytes, room: int, strangers: int) -> Run:
        line = self._lines[chat]
        if not line.is_known:
            room = min(room, max(strangers - self._strangers, 1))
        length = min(room, LONGEST_RUN, len(line.seqs))
        if not line.is_known:
            self._strangers += length
        return Run(chat, tuple(line.seqs.popleft() for _ in range(length)), line.is_known)

    def ends(self, run: Run, left: Sequence[int] = (), rests_until: float | None = None) -> None:
        """End a turn: `left` were not handled and come first; the chat may have to rest."""
        self._strangers -= 0 if run.is_known else len(run.seqs)
        line = self._lines[run.chat]
        line.seqs.extendleft(reversed(left))
        self._count += len(left)
        if not line.seqs:
            del self._lines[run.chat]
        elif rests_until is not None:
            heapq.heappush(self._resting, (rests_until, run.chat))
        else:
            self._ring(line).append(run.chat)

    def next_change(self) -> float | None:
        """Give the moment when a chat has rested, in monotonic seconds; None if none rests."""
        return self._resting[0][0] if self._resting else None

    def _wake(self, now: float) -> None:
        while self._resting and self._resting[0][0] <= now:
            chat = heapq.heappop(self._resting)[1]
            self._ring(self._lines[chat]).append(chat)

    def _ring(self, line: _Line) -> deque[bytes]:
        return self._known if line.is_known else self._others

    def _next_ring(self, strangers: int) -> deque[bytes] | None:
        if self._strangers >= strangers:
            return self._known or None
        self._turns += 1
        is_strangers = self._turns % STRANGERS_TURN == 0
        first, second = (
            (self._others, self._known) if is_strangers else (self._known, self._others)
        )
        return first or second or None
