"""A delivery over a line that breaks: what is owed of every kind, and what became of it.

Everything is real: requests over HTTP, the database file, its keys. The clock is moved, a second
at a time, so that ten minutes without a service take seconds.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from telegram import Bot

from bot import app
from bot.app import make_bot
from bot.clock import MovableClock, SystemClock
from bot.config import load
from bot.delivery import Delivery, Heard
from bot.rehearsal.botapi import BotApiServer, Call
from coordination.turns import Work
from handlers.context import Showing
from handlers.rendering import render
from handlers.routes import TABLE
from handlers.screens import Screen
from handlers.texts import Texts
from safety.languages import Language
from safety.notices import IfUnknown, Lane, Notice, notice
from safety.people import ChatId, Recipient
from safety.policy import Policy
from storage import outbox
from storage.database import Database
from storage.outbox import Owed
from storage.transaction import Transaction
from storage.vault import derivation, keyslots
from tests.faults.program import TOKEN

EVENING = datetime(2026, 5, 28, 18, 0, tzinfo=UTC)
STEP = 1.0  # seconds of the clock
GLANCE = 0.015  # real seconds in which the bot may work in each step
PEOPLE, FIRST = 12, 100  # how many, and the first one's chat
LATEST = 75.0  # seconds: a reminder's minute, and what the way and the rounds here take
ENDS_WITHIN = 800  # steps
AGAIN = re.compile(r"\n(?:again|Sent again) ?\(?(\d+)?")


@notice
@dataclass(frozen=True, slots=True, repr=False)
class LineAlarm(Notice):
    """An alarm."""

    lane = Lane.ALARM

    words: str


@notice
@dataclass(frozen=True, slots=True, repr=False)
class LineHold(Notice):
    """A hold."""

    lane = Lane.HOLD

    words: str


@notice
@dataclass(frozen=True, slots=True, repr=False)
class LineRelease(Notice):
    """A release: a repeat asks whether it arrived."""

    lane = Lane.RELEASE
    if_unknown = IfUnknown.ASK

    words: str


@notice
@dataclass(frozen=True, slots=True, repr=False)
class LineReminder(Notice):
    """A reminder that nobody needs after a minute."""

    lane = Lane.REMINDER
    valid_for = timedelta(minutes=1)

    words: str


KINDS = (LineAlarm, LineHold, LineRelease, LineReminder)
LASTING = (LineAlarm, LineHold, LineRelease)


@dataclass(slots=True)
class Line:
    """A bot, its service, and what it owes to whom."""

    service: BotApiServer
    database: Database
    clock: MovableClock
    bot: Bot
    owed: list[str] = field(default_factory=list)

    async def owes(self, *kinds: type[Notice]) -> None:
        """Owe everybody one of each kind."""
        now = self.clock.now()

        def owe(tx: Transaction) -> None:
            for number in range(PEOPLE):
                recipient = Recipient(ChatId(FIRST + number), Language.EN)
                for kind in kinds:
                    words = f"{kind.__name__} {number} {len(self.owed)}"
                    self.owed.append(words)
                    outbox.owe(tx, now, recipient, kind(words))  # type: ignore[call-arg] # ours take words

        await self.database.write(owe)

    async def passes(self, seconds: float) -> None:
        """Let time pass, and the bot work in it: where the disk is slow, a step takes longer."""
        for _ in range(int(seconds / STEP)):
            self.clock.move(timedelta(seconds=STEP))
            for _ in ("claimed", "recorded"):
                await SystemClock().sleep(GLANCE / 2)
                await self.database.write(lambda _: None)  # behind all that waits for the disk

    async def empties(self) -> None:
        """Let time pass until nothing is owed any more.

        Raises:
            AssertionError: something stays owed.
        """
        for _ in range(ENDS_WITHIN):
            if not await self.database.read(outbox.waiting):
                return
            await self.passes(STEP)
        raise AssertionError("something is owed for ever")

    @property
    def sendings(self) -> list[Call]:
        """Give the calls that wanted to send something."""
        return [call for call in self.service.calls if call.method == "sendMessage"]

    def arrivals(self) -> dict[str, list[str]]:
        """Give, for each notice, the texts in which it arrived."""
        found: dict[str, list[str]] = {words: [] for words in self.owed}
        for call in self.sendings:
            if call.was_done:
                text = str(call.parameters["text"])
                found[text.partition("\n")[0]].append(text)
        return found

    def _latest_reminder(self) -> float:
        """Give the seconds after which the last reminder came that did."""
        came = (call for call in self.sendings if call.was_done)
        return max(
            (
                (call.request.at - EVENING).total_seconds()
                for call in came
                if str(call.parameters["text"]).startswith(LineReminder.__name__)
            ),
            default=0,
        )

    def check(self, *, may_repeat: bool, struck: int | None) -> None:
        """Find everything that was owed, once, or again where that may be, and then with a number.

        `struck`: the chat whose reminders may have run out of time, None: all of them.

        Raises:
            AssertionError: something is lost, came twice without saying so, or came too late.
        """
        assert self._latest_reminder() < LATEST, "a reminder came after its time"
        dropped = f"{LineReminder.__name__} {'' if struck is None else struck}"
        for words, texts in self.arrivals().items():
            assert texts or words.startswith(dropped), f"{words}: lost"
            assert len(texts) <= 1 or may_repeat, f"{words}: came {len(texts)} times"
            for text in texts[1:]:
                assert AGAIN.search(text), f"{words}: came twice and does not say so"
            if words.startswith((LineAlarm.__name__, LineHold.__name__)):
                numbers = [int(found[1]) for text in texts[1:] if (found := AGAIN.search(text))]
                assert max(Counter(numbers).values(), default=1) == 1, f"{words}: {numbers}"


@asynccontextmanager
async def line(folder: Path, *, host: str = "localhost") -> AsyncIterator[Line]:
    """Set everything up, with a delivery that works while the block lasts."""
    clock = MovableClock(EVENING)
    (folder / "data").mkdir(mode=0o700)
    (folder / "config.toml").write_text("")
    async with AsyncExitStack() as opened:
        service = await opened.enter_async_context(
            BotApiServer(token=TOKEN, username="EveningBot", clock=clock)
        )
        url = service.url.replace("127.0.0.1", host)
        surroundings = {"AMAN_TELEGRAM_TOKEN": TOKEN, "AMAN_TELEGRAM_API_URL": url}
        config = load(folder / "config.toml", surroundings)
        slots, _ = keyslots.create(config.keys_path, derivation.FLOOR)
        opened.enter_context(slots)
        database = await opened.enter_async_context(Database(config.database_path, slots))
        bot = make_bot(config)
        await opened.enter_async_context(app._open_bot(bot))  # noqa: SLF001 - nothing connected yet
        for number in range(PEOPLE):
            await service.person(FIRST + number, f"P{number}").opens()
        async with _working(database, bot, clock):
            yield Line(service, database, clock, bot)


@asynccontextmanager
async def _working(database: Database, bot: Bot, clock: MovableClock) -> AsyncIterator[None]:
    delivery = Delivery(database, bot, clock, _Words(), Heard(_hears, _hears))
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(delivery.run(tasks))
        try:
            yield
        finally:
            running.cancel()
            await asyncio.wait([running])
            await delivery.drain()


def _hears(*_: object) -> None:
    """Tell nobody: there is no team."""


class _Words:
    """The product's own way from a notice to words, with the words of these notices."""

    def __init__(self) -> None:
        self._table = replace(TABLE, renderers=dict.fromkeys(KINDS, _words))
        self._texts = Texts.load(default=Language.EN)

    def __call__(self, tx: Transaction, now: datetime, owed: Owed) -> Screen | None:
        work = Work(tx, now, Policy())
        return render(
            work, self._table, self._texts, owed.recipient, owed.notice, attempt=owed.attempts
        )


def _words(showing: Showing, owed: Notice) -> Screen:
    words = str(getattr(owed, "words", ""))
    is_asked = showing.is_repeat and owed.if_unknown is IfUnknown.ASK
    return Screen(f"{words}\nagain" if is_asked else words)
