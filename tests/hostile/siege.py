"""The bot besieged: an event under way, everybody it knows, and updates by the thousand.

The same seed makes the same updates, in the same order.
"""

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random

from bot.app import Application
from bot.clock import MovableClock, SystemClock
from bot.config import load
from bot.rehearsal.botapi import BotApiServer, Phone
from bot.rehearsal.botapi.shapes import JsonValue
from bot.setup import set_up
from coordination.turns import Work
from safety.events import Event
from safety.languages import Language
from safety.people import TEAM_ROLES, ChatId, Role, Standing
from safety.reportlinks import ReportLink
from safety.team import TeamState
from storage import inbox, reportlinks
from storage.team import TEAM
from storage.transaction import Transaction
from storage.vault import derivation, keyslots, words
from tests.harness import Someone, World
from tests.hostile.breaking import Breaker
from tests.hostile.contents import Contents, read_contents
from tests.hostile.handing import RawQueue, hand_out_raw
from tests.hostile.senders import Place, Sender, Words
from tests.hostile.shapes import MARKER, UPDATE_ID, Shaper, Tree, kinds_of_update
from tests.logbook import logbook

TOKEN = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"  # noqa: S105 - opens nothing
SPEED = 20.0  # seconds of the evening in a real one: whatever is paced takes less of ours
BATCH = 100  # updates in one answer; the service gives no more
PATIENCE = 120.0  # real seconds, on a machine with other work too
FIRST_ID = 7_712_345_001  # of people: no number of a log line is as large
STRANGERS = 60
REPORTERS = 6
NO_MORE = (TeamState.FROZEN, TeamState.GONE)
FAR_IDS = (2**40, 2**61, 2**62 - 1)


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody who writes, and what rows there are to name."""

    inside: tuple[Sender, ...]
    outside: tuple[Sender, ...]
    reporters: tuple[Sender, ...]  # who came by a link: known by its number alone
    ids: tuple[int, ...]
    callers: tuple[ChatId, ...]  # people who are coming; none of them has called yet
    organizer: ChatId

    @property
    def everybody(self) -> tuple[Sender, ...]:
        """Give all who write."""
        return (*self.inside, *self.outside, *self.reporters)


@dataclass(slots=True)
class Siege:
    """The bot at work, and whoever writes to it."""

    application: Application
    service: BotApiServer
    queue: RawQueue
    cast: Cast
    chance: Random
    log: io.StringIO
    sent: int = 0

    async def strike(self, count: int, senders: Sequence[Sender], *, rightly: bool) -> None:
        """Send that many updates, whole and broken, in batches.

        `rightly`: also what the table grants to each sender; without it, only what it does not.
        """
        shaper, breaker = Shaper(self.chance), Breaker(self.chance)
        words = Words(self.chance, shaper, self.cast.ids)
        for start in range(0, count, BATCH):
            size = min(BATCH, count - start)
            made = (self._update(senders, shaper, words, rightly=rightly) for _ in range(size))
            self.queue.slip_in([self._perhaps_broken(*one, breaker) for one in made])
            self.sent += size
            await self._are_few_left()

    async def calms(self) -> None:
        """Wait until all was handled and everything owed has gone out."""
        async with asyncio.timeout(PATIENCE):
            while len(self.queue) or not await self.application.is_quiet():
                await SystemClock().sleep(0.05)

    async def handles(self) -> None:
        """Wait until all was handled; what alarms owe may go on and on."""
        async with asyncio.timeout(PATIENCE):
            while len(self.queue) or await self.application.database.read(inbox.count_waiting):
                await SystemClock().sleep(0.05)

    async def contents(self) -> Contents:
        """Read what is stored, but for what the senders may change."""
        senders = [one.chat_id for one in self.cast.everybody]
        return await self.application.database.read(lambda tx: read_contents(tx, senders))

    async def is_answered(self) -> float:
        """Have a guest ask what can be done, and give the real seconds until the answer."""
        guest = self.cast.callers[0]
        return await self._waits(guest, "/help", guest)

    async def rings_after(self, caller: ChatId) -> float:
        """Have somebody call for help who has not yet, and give the seconds until it rings."""
        return await self._waits(caller, "sos", self.cast.organizer)

    async def _waits(self, writer: ChatId, text: str, reader: ChatId) -> float:
        """Give the real seconds from a text to the next message on somebody's phone."""
        phone = self.service.phone(reader)
        before = _answers(phone)
        begun = SystemClock().monotonic()
        await self.service.phone(writer).writes(text)
        async with asyncio.timeout(PATIENCE):
            while _answers(phone) == before:
                await SystemClock().sleep(0.002)
        return SystemClock().monotonic() - begun

    async def _are_few_left(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.queue) > 2:
                await SystemClock().sleep(0.01)

    def _update(
        self, senders: Sequence[Sender], shaper: Shaper, words: Words, *, rightly: bool
    ) -> tuple[Tree, bool]:
        """Make an update, and say whether it may be broken.

        A press in a group, broken, may look like one in private, which was never made.
        """
        sender = self.chance.choice(senders)
        often = ("message", "message", "edited_message", "callback_query", "callback_query")
        kind = self.chance.choice((*often, self.chance.choice(kinds_of_update())))
        body = shaper.update_body(kind)
        words.dress(body, kind, sender, lambda action: rightly or not sender.may(action))
        is_in_group = sender.place is not Place.PRIVATE
        return {UPDATE_ID: self._update_id(), kind: body}, not (is_in_group and "data" in body)

    def _update_id(self) -> int:
        """Give an id that is new, or was there before, or lies far ahead or behind."""
        match self.chance.randrange(20):
            case 0:
                return self.chance.randrange(1 + self.sent)
            case 1:
                return self.chance.choice(FAR_IDS) - self.chance.randrange(1_000)
            case _:
                return self.sent * 1_000 + self.chance.randrange(1_000_000)

    def _perhaps_broken(self, update: Tree, may_break: bool, breaker: Breaker) -> JsonValue:  # noqa: FBT001 - of one meaning
        breaks = may_break and self.chance.random() < 0.4
        return breaker.break_one(update) if breaks else update


def _answers(phone: Phone) -> int:
    """Give the newest message's number: it grows though older ones go."""
    return max((message.message_id for message in phone.messages if message.from_bot), default=0)


@asynccontextmanager
async def besieged(folder: Path, seed: int, speed: float = SPEED) -> AsyncIterator[Siege]:
    """Set everything up in `folder`, and have the bot work as long as the block lasts."""
    made = await asyncio.to_thread(set_up, folder, {}, derivation.FLOOR)
    secret = words.parse(made.words)
    with keyslots.unlock(made.directory / "keys", secret) as slots:
        async with World(made.directory, keys=(slots, secret)) as world:
            cast = await _has_everybody(world)
            clock = MovableClock(world.now, speed)  # what came before is over
    async with BotApiServer(token=TOKEN, username="EveningBot", clock=clock) as service:
        queue = hand_out_raw(service, clock)
        service.profile.can_join_groups = False
        surroundings = {"AMAN_TELEGRAM_TOKEN": TOKEN, "AMAN_TELEGRAM_API_URL": service.url}
        config = load(made.config_path, surroundings)
        with logbook(clock) as log, keyslots.unlock(made.directory / "keys", secret) as slots:
            application = Application(config, slots, clock)
            chance = Random(seed)  # noqa: S311 - the same siege for the same seed
            siege = Siege(application, service, queue, cast, chance, log)
            async with application, asyncio.TaskGroup() as tasks:
                tasks.create_task(application.run())
                for chat_id in {one.user_id for one in cast.everybody}:
                    await service.person(chat_id, MARKER, language_code="en").opens()
                await siege.calms()
                yield siege
                application.stop()


async def _has_everybody(world: World) -> Cast:
    """Have a whole team and some who are in it no more, and people of each kind at two events."""
    team = [await _has_colleague(world, role) for role in sorted(TEAM_ROLES)]
    aigul = await _has_colleague(world, Role.ORGANIZER)
    dana = await _has_colleague(world, Role.ORGANIZER)
    first = await world.has_event()
    guests = [await _has_guest(world, first, standing) for standing in Standing]
    await _has_history(world, aigul, dana, guests[0])
    second = await world.has_event()
    guests += [await _has_guest(world, second, standing) for standing in Standing]
    lost = [await _has_colleague(world, Role.ORGANIZER, state) for state in NO_MORE]
    inside = [_sender(one, role) for one, role in zip(team, sorted(TEAM_ROLES), strict=True)]
    inside += [_sender(one, Role.ORGANIZER) for one in (aigul, dana)]
    inside += [_sender(one, Role.PARTICIPANT) for one in guests]
    outside = [_sender(one, Role.STRANGER) for one in lost] + _strangers(inside)
    callers = tuple(one.chat_id for one in guests[1:])
    reporters = await _have_come_by_a_link(world, first)
    ids = await world.look(_ids)
    return Cast(tuple(inside), tuple(outside), reporters, ids, callers, aigul.chat_id)


async def _has_colleague(world: World, role: Role, state: TeamState = TeamState.ACTIVE) -> Someone:
    someone = _somebody(world)
    await world.has_team_person(someone.name, role)

    def put(work: Work) -> None:
        person = TEAM.get(work.tx, someone.team_id or 0)
        assert person is not None
        TEAM.put(work.tx, replace(person, state=state))

    await world.change(put)
    return someone


async def _has_guest(world: World, event: Event, standing: Standing) -> Someone:
    return await world.has_participant(event, _somebody(world).name, standing=standing)


def _somebody(world: World) -> Someone:
    """Give somebody whose number is large enough to be known for a person's in any text."""
    chat_id = ChatId(FIRST_ID + len(world.people))
    someone = Someone(world, chat_id, f"{MARKER} {chat_id}", Language.EN)
    world.people[chat_id] = someone
    return someone


async def _has_history(world: World, aigul: Someone, dana: Someone, guest: Someone) -> None:
    """Have a place decided, and an alarm that is over, so that there are rows of many kinds."""
    await aigul.writes("/venue")
    for answer in (MARKER, MARKER):
        await aigul.writes(answer)
    await aigul.presses("Skip")
    await aigul.writes(MARKER)
    await aigul.presses("Skip")
    await aigul.presses("24 h, 3 h, 1 h")
    await aigul.presses("Confirm")
    await dana.presses("Confirm")
    await guest.writes("/here")
    await guest.writes("sos")
    await aigul.presses("Resolved")
    await aigul.presses("real")
    await world.pass_time(timedelta(hours=3))  # what is written now goes with no call any more


async def _have_come_by_a_link(world: World, event: Event) -> tuple[Sender, ...]:
    """Have a link for reporting at an event, and some who have opened it."""
    numbers = range(FIRST_ID + 2_000, FIRST_ID + 2_000 + REPORTERS)

    def open_link(work: Work) -> None:
        link = ReportLink(work.tx.new_id(), event.id, event.ends_at + timedelta(days=30))
        reportlinks.put(work.tx, link)
        for number in numbers:
            reportlinks.begin(work.tx, ChatId(number), link.id)

    await world.change(open_link)
    return tuple(Sender(number, frozenset({Role.REPORTER})) for number in numbers)


def _sender(someone: Someone, role: Role) -> Sender:
    return Sender(someone.chat_id, frozenset({role}))


def _strangers(inside: Sequence[Sender]) -> list[Sender]:
    """Give those whom nobody knows, other bots, and people of ours where they may do nothing."""
    nobody = frozenset({Role.STRANGER})
    numbers = range(FIRST_ID + 1_000, FIRST_ID + 1_000 + STRANGERS)
    people = [Sender(number, nobody, is_bot=number % 5 == 0) for number in numbers]
    others = [place for place in Place if place is not Place.PRIVATE]
    return people + [Sender(one.user_id, nobody, place) for one in inside for place in others]


def _ids(tx: Transaction) -> tuple[int, ...]:
    """Give the ids of rows of every kind, which others' buttons name."""
    named = ("alarms", "events", "groups", "incidents", "invitations", "people", "proposals")
    tables = (*named, "rollcalls", "team", "venues", "evidence", "forms", "report_links")
    sql = " UNION ALL ".join(f"SELECT id FROM {table}" for table in tables)  # noqa: S608 - ours
    return tuple(number for (number,) in tx.all(tuple[int], sql))
