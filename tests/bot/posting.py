"""A delivery at work: what is owed goes out over HTTP to phones that can be looked at."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from telegram import Bot

from bot.clock import Clock, SystemClock
from bot.delivery import Delivery, Heard
from bot.rehearsal.botapi import BotApiServer, Phone
from handlers.screens import Screen
from safety.languages import Language
from safety.notices import Notice
from safety.people import ChatId, Recipient
from storage import outbox
from storage.database import Database
from storage.outbox import Owed
from storage.transaction import Transaction

PATIENCE = 20.0  # real seconds
LOOK_EVERY = 0.01  # real seconds


def words_of(tx: Transaction, now: datetime, owed: Owed) -> Screen | None:
    """Show a test's notice as its own words; a repeat says that it is one."""
    del tx, now
    words = str(getattr(owed.notice, "words", ""))
    return Screen(f"{words} (again)" if owed.is_repeat else words)


@dataclass(slots=True)
class Post:
    """Owes notices and watches them go."""

    service: BotApiServer
    database: Database
    clock: Clock
    bot: Bot
    unreachable: list[ChatId] = field(default_factory=list)
    undelivered: list[Notice] = field(default_factory=list)
    render: Callable[[Transaction, datetime, Owed], Screen | None] = words_of

    async def phone(self, number: int, name: str = "Dana") -> Phone:
        """Give somebody who has started the bot."""
        phone = self.service.person(number, name)
        await phone.opens()
        return phone

    async def owes(self, phone: Phone, *notices: Notice, edits: int | None = None) -> None:
        """Owe somebody notices, in one commit."""
        recipient = Recipient(ChatId(phone.user_id), Language.EN)
        now = self.clock.now()

        def owe(tx: Transaction) -> None:
            for notice in notices:
                outbox.owe(tx, now, recipient, notice, edits=edits)

        await self.database.write(owe)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[Delivery]:
        """Let delivery work while the block lasts."""
        delivery = Delivery(
            self.database,
            self.bot,
            self.clock,
            self._render,
            Heard(self._note_unreachable, self._note_undelivered),
        )
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(delivery.run(tasks))
            yield delivery
            running.cancel()
            await asyncio.wait([running])
            await delivery.drain()

    async def empties(self) -> None:
        """Wait until nothing is owed any more.

        Raises:
            TimeoutError: something stays.
        """
        async with asyncio.timeout(PATIENCE):
            while await self.waiting():
                await SystemClock().sleep(LOOK_EVERY)

    async def waiting(self) -> int:
        """Count what is owed or being sent."""
        return await self.database.read(outbox.waiting)

    def sent(self, method: str = "sendMessage") -> list[str]:
        """Give the texts that the service took, in the order in which it did."""
        return [
            str(call.parameters.get("text", ""))
            for call in self.service.calls
            if call.method == method and call.was_done
        ]

    def _render(self, tx: Transaction, now: datetime, owed: Owed) -> Screen | None:
        return self.render(tx, now, owed)

    def _note_unreachable(self, tx: Transaction, now: datetime, recipient: Recipient) -> None:
        del tx, now
        self.unreachable.append(recipient.chat_id)

    def _note_undelivered(self, tx: Transaction, now: datetime, notice: Notice) -> None:
        del tx, now
        self.undelivered.append(notice)
