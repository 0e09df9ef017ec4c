"""Alarms when nothing can be stored: sent at once, in bare words, to a list held in memory.

Fail open for alarms: a full disk must not keep a call for help from the team. The update stays
unconfirmed at the service, comes again, and is then handled and recorded as usual.
"""

import asyncio
from collections.abc import Sequence

from telegram import Bot

from bot import logs
from bot.clock import Clock
from bot.outcomes import Failure, Sent
from bot.requests import NewMessage
from bot.sending import attempt
from bot.waiting import Bell
from handlers.screens import Screen
from handlers.texts import Texts
from safety.people import ChatId, Recipient, Role
from storage import routes, team
from storage.database import Database
from storage.inbox import Received
from storage.lease import Fence
from storage.transaction import Effects, Transaction

WOKEN = (Role.ORGANIZER, Role.DEPUTY, Role.STEWARD, Role.LAWYER, Role.MEDIC)
REMEMBERED = 1000  # alarms, with who was told of each
REFRESH_EVERY = 60.0  # seconds, and whenever somebody's chat changes
TEXT = "bare-alarm"
FOR_GOOD = (Failure.UNREACHABLE, Failure.REFUSED)


class BareAlarms:
    """Knows whom to wake without asking the disk."""

    def __init__(self, database: Database, bot: Bot, texts: Texts, fence: Fence) -> None:
        self._database = database
        self._fence = fence
        self._bot = bot
        self._texts = texts
        self._team: tuple[Recipient, ...] = ()
        self._told: dict[bytes, set[ChatId]] = {}  # who has each alarm, or is being told
        self._bell: Bell | None = None
        database.on_commit(self._note_commit)

    async def refresh(self) -> None:
        """Read anew who is woken."""
        self._team = await self._database.read(_woken)

    async def keep_fresh(self, clock: Clock) -> None:
        """Read it again whenever it may have changed, until cancelled."""
        self._bell = Bell(clock)
        while True:
            await self.refresh()
            await self._bell.wait(REFRESH_EVERY)

    async def raise_for(self, updates: Sequence[Received]) -> None:
        """Wake the team for alarms that could not be stored, and for none of strangers'."""
        for update in updates:
            if self._left(update.raw) and await self._is_known(update):
                await self._wake(update.raw)

    async def raise_for_raw(self, raw: bytes) -> None:
        """Wake the team for a stored alarm that could not be handled."""
        await self._wake(raw)

    def _note_commit(self, effects: Effects) -> None:
        if effects.routes and self._bell is not None:
            self._bell.ring()

    async def _is_known(self, update: Received) -> bool:
        """Say whether the routing index knows the sender; if it cannot be asked, believe them."""
        chat_id = update.chat_id
        if chat_id is None:
            return False
        try:
            return bool(await self._database.read(lambda tx: routes.of_chat(tx, chat_id)))
        except Exception as error:  # noqa: BLE001 - the last resort: whatever broke, the alarm goes out
            logs.fault("sender-not-read", error)
            return True

    def _left(self, raw: bytes) -> list[Recipient]:
        """Give who is still to be told of an alarm: each of the team once it has come to them."""
        told = self._told.get(raw, ())
        return [one for one in self._team if one.chat_id not in told]

    async def _wake(self, raw: bytes) -> None:
        """Tell whoever is left; whoever cannot be reached now is told when it comes again."""
        if self._fence.is_lost:  # another copy has this alarm, and the disk is not what failed
            return
        left = self._left(raw)
        if not left:
            return
        logs.warn("bare-alarm", count=len(left))
        told = self._told.setdefault(raw, set())
        if len(self._told) > REMEMBERED:
            del self._told[next(iter(self._told))]
        missed = {one.chat_id for one in left}
        told.update(missed)
        try:
            results = await asyncio.gather(*(self._tell(recipient) for recipient in left))
            missed = {
                one.chat_id for one, is_over in zip(left, results, strict=True) if not is_over
            }
        finally:
            told -= missed

    async def _tell(self, recipient: Recipient) -> bool:
        """Tell one of the team; say whether it is over: they have it, or never take anything."""
        screen = Screen(self._texts.say(recipient.language, TEXT))
        message = NewMessage(recipient.chat_id, screen, rings=True, is_protected=False)
        outcome = await attempt(self._bot, message)
        if not isinstance(outcome, Sent):
            logs.warn("bare-alarm-not-sent")
        return isinstance(outcome, Sent) or outcome in FOR_GOOD


def _woken(tx: Transaction) -> tuple[Recipient, ...]:
    return tuple(recipient for _, recipient in team.reachable(tx, WOKEN))
