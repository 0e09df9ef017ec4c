"""A line that is dead because the disk takes nothing: organizers hear of it all the same.

The letter that says so is stored like any other, and here it cannot be. So bare words go straight
out by the ways of the second channel, to addresses held in memory; see `bot/bare.py`.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from bot import logs
from bot.clock import Clock
from bot.letters import Way, letter_of
from bot.outcomes import Sent
from coordination import secondchannel
from coordination.turns import Work
from handlers.texts import Texts
from safety.people import Recipient, TeamId
from safety.secondaddresses import AddressKind, SecondAddress
from safety.secondchannel import LINE_PACE
from storage.database import Database
from storage.transaction import Transaction

REFRESH_EVERY = 60.0  # seconds; for so long an address that was taken back is still known here
RETRY = 30.0  # seconds until an address that took nothing is tried again
TEXT = "bare-line"


class BareLetters:
    """Knows which organizers have a second address without asking the disk."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        work: Callable[[Transaction, datetime], Work],
        ways: Mapping[AddressKind, Way],
        texts: Texts,
    ) -> None:
        self._database = database
        self._clock = clock
        self._work = work
        self._ways = ways
        self._texts = texts
        self._addressed: list[tuple[Recipient, SecondAddress]] = []
        self._read_at: float | None = None  # in monotonic seconds, like the moments below
        self._next: dict[TeamId, float] = {}  # when somebody may be told again

    async def keep_fresh(self) -> None:
        """Read anew who is told, if a minute has passed; what cannot be read changes nothing."""
        then, now = self._clock.monotonic(), self._clock.now()
        if self._read_at is not None and then - self._read_at < REFRESH_EVERY:
            return
        self._read_at = then
        try:
            self._addressed = await self._database.read(
                lambda tx: secondchannel.organizers_with_address(self._work(tx, now))
            )
        except Exception as error:  # noqa: BLE001 - the line is watched whatever cannot be read
            logs.fault("addresses-not-read", error)

    async def tell(self) -> None:
        """Tell each of them, and again at the pace of such letters."""
        now = self._clock.monotonic()
        due = [one for one in self._addressed if now >= self._next.get(one[1].id, now)]
        await asyncio.gather(*(self._send(*one) for one in due))

    def forget_told(self) -> None:
        """Note that it is over: the next time is news."""
        self._next.clear()

    async def _send(self, recipient: Recipient, address: SecondAddress) -> None:
        way = self._ways.get(address.kind)
        if way is None:
            return
        letter = letter_of(self._texts.say(recipient.language, TEXT))
        is_sent = isinstance(await way.send(address.text, letter), Sent)
        logs.warn("bare-letter" if is_sent else "bare-letter-not-sent", kind=address.kind.value)
        pause = LINE_PACE.total_seconds() if is_sent else RETRY
        self._next[address.id] = self._clock.monotonic() + pause
