"""Taking updates in: sealed and committed before the service is told that we have them (ADR-0002).

Polling and webhook both come through here. Handling is never waited for; what cannot be stored
goes out all the same, where it is a call for help.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot import logs
from bot.clock import Clock, SystemClock
from bot.hearing import Hearing
from bot.setaside import GiveUp, let_go
from handlers.remains import chat_of
from safety.intake import Trouble
from storage import inbox
from storage import intake as store
from storage.database import Database
from storage.inbox import Received
from storage.transaction import Transaction
from storage.trouble import is_disk_trouble

LONGEST_STEP = 0.003  # seconds of reading before others get a turn
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")


@dataclass(frozen=True, slots=True)
class Intake:
    """Stores what has come; `arrived` is called after each commit."""

    database: Database
    clock: Clock
    hearing: Hearing
    is_alarm_like: Callable[[object], bool]
    arrived: Callable[[], None]
    on_storage_failure: Callable[[Sequence[Received]], Awaitable[None]]
    give_up: GiveUp

    def read(self, item: object) -> Received | None:
        """Read what came as JSON; None for what is no update at all: it has no number."""
        update_id = item.get("update_id") if isinstance(item, dict) else None
        if type(update_id) is not int or not 0 <= update_id < 2**62:
            logs.warn("update-without-id")
            return None
        raw = json.dumps(item).encode()
        return Received(update_id, chat_of(item), self.is_alarm_like(item), raw)

    async def read_all(self, items: Sequence[object]) -> list[Received]:
        """Read what came at once, however long that takes: whoever waits gets a turn meanwhile."""
        found, since = [], self.clock.monotonic()
        for item in items:
            update = self.read(item)
            found += [] if update is None else [update]
            if self.clock.monotonic() - since > LONGEST_STEP:
                await SystemClock().sleep(0)
                since = self.clock.monotonic()
        return found

    async def take(self, updates: Sequence[Received], *, is_polled: bool) -> int:
        """Store updates in their order; give how many of the first may be acknowledged.

        One that breaks the commit is set aside alone. A full disk acknowledges nothing: all of it
        comes again, and calls for help have gone out meanwhile.
        """
        try:
            await self._store(updates, is_polled=is_polled)
        except Exception as error:  # noqa: BLE001 - a border: taking in must never end
            logs.fault("intake-not-stored", error, count=len(updates))
            return await self._after_failure(updates, error, is_polled=is_polled)
        self.arrived()
        return len(updates)

    async def _store(self, updates: Sequence[Received], *, is_polled: bool) -> None:
        now = self.clock.now()

        def work(tx: Transaction) -> None:
            inbox.receive(tx, now, updates, is_polled=is_polled)
            store.note_heard(tx, now)

        await self.database.write(work, ahead=any(one.is_alarm_like for one in updates))

    async def _after_failure(
        self, updates: Sequence[Received], error: Exception, *, is_polled: bool
    ) -> int:
        alarms = [update for update in updates if update.is_alarm_like]
        if alarms:
            await self.on_storage_failure(alarms)
        if is_disk_trouble(error):
            self.hearing.note_trouble(Trouble.NOT_STORED)
            return 0
        if len(updates) == 1:
            return int(await self._sets_aside(updates[0], is_polled=is_polled))
        taken = 0
        for update in updates:
            if not await self.take([update], is_polled=is_polled):
                break
            taken += 1
        return taken

    async def _sets_aside(self, update: Received, *, is_polled: bool) -> bool:
        """Keep that it came, without what it said: that is what could not be stored.

        Whoever sent it is told in the same commit: nobody will ever read it. Where not even that
        is kept, it is not acknowledged either.
        """
        now = self.clock.now()

        def work(tx: Transaction) -> None:
            seq = inbox.refuse(tx, now, update, is_polled=is_polled)
            let_go(tx, now, seq, update.raw, self.give_up)

        try:
            await self.database.write(work)
        except Exception as error:  # noqa: BLE001 - as above
            logs.fault("update-not-set-aside", error)
            self.hearing.note_trouble(Trouble.NOT_STORED)
            return False
        return True
