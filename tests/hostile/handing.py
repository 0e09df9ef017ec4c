"""Hands out updates exactly as they were made, with whatever ids they have, among true ones."""

from collections import deque
from collections.abc import Callable, Sequence
from random import Random

from typing_extensions import override

from bot.clock import Clock
from bot.rehearsal.botapi import BotApiServer
from bot.rehearsal.botapi.shapes import JsonObject, JsonValue
from bot.rehearsal.botapi.updates import Poll, UpdateQueue


class RawQueue(UpdateQueue):
    """The service's queue, and beside it batches that are handed out once each, unconfirmed.

    What people do on their phones takes turns with these.
    """

    def __init__(self, clock: Clock, random: Random, changed: Callable[[], None]) -> None:
        super().__init__(clock, random, changed)
        self._raw: deque[Sequence[JsonValue]] = deque()
        self._was_raw = False

    @override
    def __len__(self) -> int:
        return super().__len__() + len(self._raw)

    def slip_in(self, batch: Sequence[JsonValue]) -> None:
        """Hand this out as the answer to one poll."""
        self._raw.append(batch)
        self._notify()

    @override
    def _ready(self, poll: Poll) -> list[JsonObject]:
        true = super()._ready(poll)
        self._was_raw = bool(self._raw) and not (true and self._was_raw)
        if self._was_raw:
            return list(self._raw.popleft())  # type: ignore[arg-type] # what is no object comes too
        return true


def hand_out_raw(service: BotApiServer, clock: Clock) -> RawQueue:
    """Give a service that was not asked yet a queue that takes anything."""
    messenger = service.messenger
    queue = RawQueue(clock, Random(1), messenger.active.fire)  # noqa: S311 - no secret
    messenger.updates = queue
    return queue
