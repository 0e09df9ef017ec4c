"""One copy of a bot works. All of them share its account, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest
import pytest_asyncio
from telegram import Bot, BotCommand, BotCommandScope

from bot.bare import BareAlarms
from bot.clock import MovableClock, SystemClock
from bot.config import Config
from bot.hearing import Hearing
from bot.rehearsal.botapi import BotApiServer, Fault, FaultKind
from bot.standby import NAME, SOON, TICK, WHERE, Standby
from handlers.texts import Texts
from safety.intake import Trouble
from safety.languages import Language
from safety.people import ChatId, Recipient, Role, TeamId
from safety.standby import STILL_CERTAIN, Mark
from safety.team import TeamPerson, TeamState
from storage import counters, routes, standby
from storage.database import Database
from storage.lease import Claimant, Fence, OvertakenError
from storage.team import TEAM
from storage.transaction import Transaction
from storage.vault.keyslots import KeySlots


class Copy:
    """One copy at work, as far as it looks who works."""

    def __init__(self, config: Config, slots: KeySlots, bot: Bot, clock: MovableClock) -> None:
        self.fence = Fence()
        self.database = Database(config.database_path, slots, fence=self.fence)
        self.hearing = Hearing(clock)
        self._bot = bot
        self._clock = clock
        self.standby = self.anew()

    def anew(self, *, takes_over: bool = False, is_shared: bool = False) -> Standby:
        """Start once more on the same data."""
        self.standby = Standby(
            self.database,
            self._bot,
            self._clock,
            self.fence,
            Claimant(1, self._clock.now, is_shared, takes_over),
            self.hearing,
        )
        self.fence.gate, self.fence.is_open = self.standby.make_certain, self.standby.needs_no_look
        return self.standby

    async def leaves(self, term: int) -> None:
        """Have another copy of the same data, of this term, leave its mark."""
        said = await self.database.read(lambda tx: standby.write(tx, Mark(term, 4711)))
        await self._bot.set_my_commands([BotCommand(NAME, said)], scope=WHERE)

    async def seen(self) -> str:
        """Give what stands at the service."""
        found = await self._bot.get_my_commands(scope=WHERE)
        return found[0].description if found else ""

    async def stores(self) -> int:
        """Commit something."""
        return await self.database.write(_count)


def _read(said: str, tx: Transaction) -> Mark | None:
    return standby.read(tx, said)


def _count(tx: Transaction) -> int:
    return counters.next_number(tx, "done")


@pytest_asyncio.fixture
async def copy(
    config: Config, slots: KeySlots, bot: Bot, clock: MovableClock
) -> AsyncIterator[Copy]:
    """Give a copy that has not looked yet."""
    one = Copy(config, slots, bot, clock)
    async with one.database:
        yield one


async def test_a_copy_that_starts_leaves_its_mark(copy: Copy) -> None:
    """And knows it again: the same data starts as often as it likes."""
    for _ in range(3):
        await copy.anew().begin()
        said = await copy.seen()
        mark = await copy.database.read(partial(_read, said))
        assert mark is not None
        assert (await copy.database.read(standby.lineage)).left >= {mark.number}
    assert await copy.stores() == 1


@pytest.mark.parametrize("term", [0, 1])
async def test_a_copy_that_finds_anothers_mark_does_not_start(copy: Copy, term: int) -> None:
    """Neither below a restored copy nor beside one of the same data that has worked since."""
    await copy.standby.begin()
    await copy.leaves(term)
    before = await copy.seen()
    with pytest.raises(OvertakenError):
        await copy.anew().begin()
    assert await copy.seen() == before


async def test_a_restored_copy_starts_above_the_one_it_was_made_from(copy: Copy) -> None:
    """Nobody has to decide anything for that."""
    await copy.leaves(0)
    await copy.database.write(standby.begin_term)
    await copy.standby.begin()
    assert (await copy.seen()).startswith("1 ")


async def test_a_person_can_decide_that_this_copy_works(copy: Copy) -> None:
    """Once: whoever takes over from it later has been decided for as well."""
    await copy.leaves(6)
    await copy.anew(takes_over=True).begin()
    assert (await copy.seen()).startswith("7 ")
    await copy.leaves(8)
    with pytest.raises(OvertakenError):
        await copy.standby._look()  # noqa: SLF001 - as it does every two minutes
    with pytest.raises(OvertakenError):
        await copy.anew().begin()


NO_COMMANDS = b'{"ok":true,"result":true}'


@pytest.mark.parametrize(
    "fault",
    [
        Fault(FaultKind.CUT_BEFORE, "getMyCommands"),
        Fault(FaultKind.NONSENSE, "getMyCommands", body=NO_COMMANDS),
    ],
    ids=["cut", "nonsense"],
)
async def test_where_the_service_cannot_be_asked_the_bot_works(
    copy: Copy, service: BotApiServer, fault: Fault
) -> None:
    """Fail open for alarms; who works is settled as soon as it can be."""
    service.faults.add(fault)
    await copy.standby.begin()
    assert await copy.stores() == 1
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(copy.standby.run())
        copy._clock.move(SOON)  # noqa: SLF001 - its own clock
        await _until_seen(copy)
        running.cancel()


@pytest.mark.parametrize("is_starting", [True, False], ids=["started", "woken"])
async def test_who_works_is_settled_soon_after_the_service_can_be_asked_again(
    copy: Copy,
    service: BotApiServer,
    clock: MovableClock,
    is_starting: bool,  # noqa: FBT001 - of one meaning
) -> None:
    """An overtaken copy that could not ask works beside the other for seconds, not for minutes."""
    await copy.standby.begin()
    await copy.leaves(1)
    clock.move(timedelta(hours=1))
    service.faults.add(Fault(FaultKind.CUT_BEFORE, "getMyCommands", times=2))
    if is_starting:
        await copy.anew().begin()
    else:
        assert await copy.stores() == 1
    lost = asyncio.Event()
    copy.fence.on_lost = lost.set
    async with asyncio.TaskGroup() as tasks, asyncio.timeout(10):
        running = tasks.create_task(copy.standby.run())
        for _ in range(4 * SOON // timedelta(seconds=TICK)):  # the second time nobody answers
            await SystemClock().sleep(0.05)
            clock.move(timedelta(seconds=TICK))  # no silence, which would be a doubt of its own
        assert lost.is_set()
        running.cancel()
    with pytest.raises(OvertakenError):
        await copy.stores()


async def _until_seen(copy: Copy) -> None:
    async with asyncio.timeout(10):
        while not await copy.seen():
            await SystemClock().sleep(0.02)


async def test_a_mark_that_was_taken_away_or_forged_stops_nobody(copy: Copy, bot: Bot) -> None:
    """Whoever has the token alone can do no more than that; it is left anew."""
    await copy.standby.begin()
    for said in ("9 1 " + "0" * 64, "nonsense"):
        await bot.set_my_commands([BotCommand(NAME, said)], scope=WHERE)
        await copy.anew().begin()
        assert await copy.seen() != said
    await bot.delete_my_commands(scope=WHERE)
    await copy.anew().begin()
    assert await copy.seen()


async def test_after_a_silence_nothing_is_stored_before_the_mark_was_looked_at(
    copy: Copy, clock: MovableClock
) -> None:
    """A suspended machine wakes up, and another copy has gone on for an hour."""
    await copy.standby.begin()
    assert await copy.stores() == 1
    await copy.leaves(1)
    assert await copy.stores() == 2  # it cannot know yet
    clock.move(timedelta(hours=1))
    with pytest.raises(OvertakenError):
        await copy.stores()
    assert await copy.database.read(lambda tx: counters.value(tx, "done")) == 2


async def test_after_a_silence_it_goes_on_where_no_other_copy_works(
    copy: Copy, clock: MovableClock, service: BotApiServer
) -> None:
    """Also where the service cannot be asked; and it asks once for each silence."""
    await copy.standby.begin()
    await copy.stores()
    asked = _asked(service)
    clock.move(STILL_CERTAIN + timedelta(seconds=1))
    await copy.stores()
    await copy.stores()
    assert _asked(service) == asked + 1
    service.faults.add(Fault(FaultKind.CUT_BEFORE, method="getMyCommands"))
    clock.move(timedelta(hours=1))
    assert await copy.stores() == 4
    service.faults.add(
        Fault(FaultKind.NONSENSE, "getMyCommands", body=b'{"ok":true,"result":[7]}')
    )
    clock.move(timedelta(hours=1))
    assert await copy.stores() == 5


@pytest.mark.parametrize("is_noticed", [False, True])
async def test_a_silence_while_the_mark_is_looked_at_is_a_new_doubt(
    copy: Copy, clock: MovableClock, monkeypatch: pytest.MonkeyPatch, *, is_noticed: bool
) -> None:
    """An answer from before it says nothing; also where the silence was noticed by then."""
    await copy.standby.begin()
    await copy.stores()
    ask = Bot.get_my_commands
    silences = [timedelta(hours=1)]

    async def answered_before(bot: Bot, scope: BotCommandScope) -> tuple[BotCommand, ...]:
        found = await ask(bot, scope=scope)
        if silences:
            clock.move(silences.pop())
            await copy.leaves(1)
            if is_noticed:
                copy.standby.needs_no_look()
        return found

    monkeypatch.setattr(Bot, "get_my_commands", answered_before)
    clock.move(timedelta(hours=1))
    with pytest.raises(OvertakenError):
        await copy.stores()
    assert await copy.database.read(lambda tx: counters.value(tx, "done")) == 1


def _asked(service: BotApiServer) -> int:
    return [call.method for call in service.calls].count("getMyCommands")


async def test_another_poller_is_looked_into_before_anything_is_stored(copy: Copy) -> None:
    """What comes in while two poll may have been taken in by the other one."""
    await copy.standby.begin()
    await copy.stores()
    await copy.leaves(1)
    copy.hearing.note_trouble(Trouble.CONFLICT)
    with pytest.raises(OvertakenError):
        await copy.stores()


async def test_a_conflict_with_somebody_else_stops_nobody(
    copy: Copy, service: BotApiServer
) -> None:
    """A thief of the token must not end the alarms; looking once for each conflict is enough."""
    await copy.standby.begin()
    copy.hearing.note_trouble(Trouble.CONFLICT)
    asked = _asked(service)
    for number in (1, 2, 3):
        assert await copy.stores() == number
    assert _asked(service) == asked + 1


async def test_a_working_copy_looks_every_two_minutes(copy: Copy, clock: MovableClock) -> None:
    """An idle bot that stores nothing must not poll on beside the one that works."""
    lost = asyncio.Event()
    copy.fence.on_lost = lost.set
    await copy.standby.begin()
    await copy.leaves(1)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(copy.standby.run())
        async with asyncio.timeout(10):
            while not lost.is_set():
                clock.move(timedelta(seconds=TICK * 2))
                await SystemClock().sleep(0.01)
        running.cancel()


async def test_on_a_shared_disk_the_lease_is_renewed(copy: Copy, clock: MovableClock) -> None:
    """Another machine sees from it that somebody works."""
    working = copy.anew(is_shared=True)
    await working.begin()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(working.run())
        async with asyncio.timeout(10):
            while not await copy.database.read(lambda tx: counters.value(tx, "lease-renewed")):
                await SystemClock().sleep(0.01)
        first = await copy.database.read(lambda tx: counters.value(tx, "lease-renewed"))
        clock.move(timedelta(seconds=31))
        async with asyncio.timeout(10):
            while await copy.database.read(
                lambda tx: counters.value(tx, "lease-renewed") == first
            ):
                await SystemClock().sleep(0.01)
        running.cancel()


async def test_an_overtaken_copy_sends_no_alarms_from_memory(
    copy: Copy, bot: Bot, service: BotApiServer
) -> None:
    """Its disk takes nothing more, but not because it is full: the other copy has the alarm."""
    timur = service.person(17, "Timur", language_code="en")
    await timur.opens()

    def have_a_steward(tx: Transaction) -> None:
        now = SystemClock().now()
        TEAM.put(tx, TeamPerson(TeamId(1), Role.STEWARD, TeamState.ACTIVE, "Timur", now))
        routes.put(tx, None, 1, Recipient(ChatId(17), Language.EN))

    await copy.database.write(have_a_steward)
    bare = BareAlarms(copy.database, bot, Texts.load(default=Language.EN), copy.fence)
    await bare.refresh()
    await bare.raise_for_raw(b"one")
    await timur.sees("")
    copy.fence.lose()
    await bare.raise_for_raw(b"two")
    assert [call.method for call in service.calls].count("sendMessage") == 1
