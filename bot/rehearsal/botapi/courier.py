"""Delivering to a webhook, as the service does it.

The updates of one kind and one chat go one after the other; what is answered with anything but 2xx
comes again, after a second, then after twice as long each time. Nothing is followed or guessed.
"""

import asyncio
from dataclasses import dataclass

import httpx

from bot.rehearsal.botapi.calls import NO_ANSWER, OK, Call, Request
from bot.rehearsal.botapi.faults import FaultKind
from bot.rehearsal.botapi.messenger import DeliveryFailure
from bot.rehearsal.botapi.service import Service
from bot.rehearsal.botapi.updates import WaitingUpdate

DELIVERY = "webhook"  # stands in faults and hooks where a call has its method
ANSWER_WITHIN = 60.0  # real seconds
LONGEST_DELAY = 60.0  # seconds between two attempts
IDLE = 3600.0  # seconds
CLOSED = "Webhook connection closed"

Line = tuple[str, int]  # the kind of its updates, and the chat


@dataclass(frozen=True, slots=True)
class _Failing:
    """An update that was not taken, and when it goes out again, in the clock's seconds."""

    delay: float
    again_at: float


class Courier:
    """Delivers for as long as `run` runs, whenever a webhook is set."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._updates = service.messenger.updates
        self._clock = service.messenger.clock
        self._busy: set[Line] = set()
        self._failing: dict[int, _Failing] = {}

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with (
            httpx.AsyncClient(timeout=ANSWER_WITHIN, trust_env=False) as client,
            asyncio.TaskGroup() as tasks,
        ):
            while True:
                for update in self._ready():
                    self._busy.add(line_of(update))
                    tasks.create_task(self._deliver(client, update))
                await self._updates.changes(self._wait())

    def _heads(self) -> list[WaitingUpdate]:
        """Give the first update of each line that nothing is under way on."""
        heads: dict[Line, WaitingUpdate] = {}
        if self._updates.hook.url:
            for update in self._updates.waiting():
                heads.setdefault(line_of(update), update)
        return [update for line, update in heads.items() if line not in self._busy]

    def _ready(self) -> list[WaitingUpdate]:
        now = self._clock.monotonic()
        ready = [update for update in self._heads() if self._again_at(update) <= now]
        return ready[: self._updates.hook.connections - len(self._busy)]

    def _again_at(self, update: WaitingUpdate) -> float:
        failing = self._failing.get(update.update_id)
        return 0.0 if failing is None else failing.again_at

    def _wait(self) -> float:
        moments = [self._again_at(update) for update in self._heads()]
        return max(min(moments, default=IDLE) - self._clock.monotonic(), 0.01) if moments else IDLE

    async def _deliver(self, client: httpx.AsyncClient, update: WaitingUpdate) -> None:
        hooks = self._service.hooks
        request = Request(0, DELIVERY, update.on_wire, line_of(update)[1], self._clock.now())
        try:
            if hooks.before:
                await hooks.before(request)
            words = await self._attempt(client, update, request)
            if words is None:
                self._failing.pop(update.update_id, None)
                self._updates.forget(update.update_id)
            else:
                self._note_failure(update, words)
            if hooks.after:
                status = OK if words is None else NO_ANSWER
                await hooks.after(Call(request, status, words or "ok", was_done=words is None))
        finally:
            self._busy.discard(line_of(update))
            self._updates.set_hook(self._updates.hook)  # somebody may be waiting for this line

    async def _attempt(
        self, client: httpx.AsyncClient, update: WaitingUpdate, request: Request
    ) -> str | None:
        """Give what is wrong; None where the update was taken."""
        hook, fault = self._updates.hook, self._service.faults.strike(request)
        kind = None if fault is None else fault.kind
        if kind is FaultKind.CUT_BEFORE:
            return CLOSED
        if fault is not None and kind is FaultKind.DELAY:
            await self._clock.sleep(fault.seconds)
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
        try:
            answer = await client.post(hook.url, json=update.on_wire, headers=headers)
        except httpx.ConnectError:
            return "Connection refused"
        except httpx.HTTPError:
            return CLOSED
        if kind is FaultKind.CUT_AFTER:
            return CLOSED
        if answer.is_success:
            return None
        return f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"

    def _note_failure(self, update: WaitingUpdate, words: str) -> None:
        before = self._failing.get(update.update_id)
        delay = 1.0 if before is None else min(before.delay * 2, LONGEST_DELAY)
        again_at = self._clock.monotonic() + delay
        self._failing[update.update_id] = _Failing(delay, again_at)
        messenger = self._service.messenger
        messenger.delivery_failure = DeliveryFailure(self._clock.now(), words)


def line_of(update: WaitingUpdate) -> Line:
    """Name the line that an update stands in: its kind, and whose it is."""
    whose = update.body.get("chat", update.body.get("from"))
    number = whose.get("id") if isinstance(whose, dict) else None
    return update.kind, number if isinstance(number, int) else update.update_id
