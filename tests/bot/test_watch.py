"""What is wrong with the line or the clock is kept, told once, and wakes whoever waits."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from typing_extensions import override

from bot.clock import MovableClock, SystemClock
from bot.hearing import Hearing
from bot.waiting import Bell
from bot.watch import LOOK_EVERY, Watch
from coordination.turns import Work
from safety.disclosure import StageDue
from safety.intake import AGAIN_AFTER, DEAD_AFTER, Trouble
from safety.languages import Language
from safety.locking import LockDue
from safety.people import ChatId, Recipient, Role, TeamId
from safety.policy import Policy
from safety.team import TeamPerson, TeamState
from safety.venues import Stage
from storage import intake, routes, timers
from storage.database import Database
from storage.team import TEAM
from storage.transaction import Transaction
from tests.bot.conftest import EVENING

RING, UPDATE = "IntakeTrouble", "IntakeUpdate"


class SettableClock(MovableClock):
    """A clock that somebody may also set: what it calls now jumps, and no second has passed."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.set_by = timedelta()

    @override
    def now(self) -> datetime:
        return super().now() + self.set_by


@dataclass(slots=True)
class Post:
    """A watch at its post."""

    database: Database
    clock: SettableClock
    hearing: Hearing
    token: int = 7  # its mark

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Let it look while the block lasts."""
        watch = Watch(self.database, self.clock, self.hearing, self._work, self.token)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(watch.run())
            await SystemClock().sleep(0.02)
            yield
            running.cancel()

    async def looks(self, after: timedelta = timedelta(seconds=LOOK_EVERY)) -> None:
        """Let time pass, and the watch look."""
        self.clock.move(after)
        await SystemClock().sleep(0.05)

    async def owed(self, kind: str) -> int:
        """Count what is owed of a kind."""
        sql = "SELECT COUNT(*) FROM outbox WHERE kind = ?"
        return await self.database.read(lambda tx: tx.number(sql, kind))

    async def delivers(self) -> None:
        """Take what is owed out of the way."""
        await self.database.write(lambda tx: tx.run("DELETE FROM outbox"))

    def _work(self, tx: Transaction, now: datetime) -> Work:
        return Work(tx, now, Policy())


@pytest.fixture
async def post(database: Database) -> Post:
    """Give a watch that can be set, and an organizer who may be told."""

    def put(tx: Transaction) -> None:
        TEAM.put(tx, TeamPerson(TeamId(1), Role.ORGANIZER, TeamState.ACTIVE, "A", EVENING))
        routes.put(tx, None, 1, Recipient(ChatId(17), Language.EN))

    await database.write(put)
    clock = SettableClock(EVENING)
    return Post(database, clock, Hearing(clock))


@pytest.mark.parametrize("by", [timedelta(hours=1), timedelta(seconds=-40)])
async def test_a_clock_that_was_set_is_kept_logged_and_wakes_whoever_waits(
    post: Post, by: timedelta, log: io.StringIO
) -> None:
    """Timers look anew at once, whichever way it jumped."""
    bell = Bell(post.clock)
    async with post.watching():
        async with asyncio.TaskGroup() as tasks:
            woken = tasks.create_task(bell.wait())
            await SystemClock().sleep(0.02)
            post.clock.set_by = by
            assert not woken.done()
            post.hearing.changed.ring()  # its next look
            await asyncio.wait_for(woken, 2)
        await SystemClock().sleep(0.05)
    jump = await post.database.read(intake.last_jump)
    assert jump is not None
    assert abs(jump[1] - by) < timedelta(seconds=1)
    assert f"event=clock-jumped seconds={by.total_seconds():.0f}" in log.getvalue()


async def test_a_clock_that_was_set_back_while_nobody_looked_is_found_at_the_start_once(
    post: Post,
) -> None:
    """A machine that starts with another clock: nothing waits until it shows the old time."""
    due_at = EVENING + timedelta(minutes=5)
    stage = StageDue(7, Stage.AREA)
    await post.database.write(lambda tx: timers.put(tx, due_at, LockDue(TeamId(1))))
    await post.database.write(lambda tx: timers.put(tx, due_at, stage))
    async with post.watching():
        pass
    post.clock.set_by = timedelta(hours=-1)
    for _ in range(2):  # started twice: it is found once
        async with post.watching():
            await SystemClock().sleep(0.05)
        moved = await post.database.read(lambda tx: timers.moment_of(tx, LockDue(TeamId(1))))
        assert moved is not None
        assert abs(moved - due_at + timedelta(hours=1)) < timedelta(seconds=2)
        assert await post.database.read(lambda tx: timers.moment_of(tx, stage)) == due_at
    jump = await post.database.read(intake.last_jump)
    assert jump is not None
    assert abs(jump[1] + timedelta(hours=1)) < timedelta(seconds=2)


async def test_a_jump_that_cannot_be_kept_now_is_kept_at_the_next_look(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk lets nobody wait an hour longer."""
    due_at = EVENING + timedelta(minutes=5)
    await post.database.write(lambda tx: timers.put(tx, due_at, LockDue(TeamId(1))))
    async with post.watching():
        monkeypatch.setattr(post.database, "write", _full)
        post.clock.set_by = timedelta(hours=-1)
        await post.looks()
        monkeypatch.undo()
        await post.looks()
        moved = await post.database.read(lambda tx: timers.moment_of(tx, LockDue(TeamId(1))))
    assert moved is not None
    assert abs(moved - due_at + timedelta(hours=1)) < timedelta(seconds=2)


async def test_time_that_passes_is_no_jump(post: Post) -> None:
    """However much of it, in one step."""
    async with post.watching():
        await post.looks(timedelta(days=3))
    assert await post.database.read(intake.last_jump) is None


async def test_a_trouble_is_kept_at_once_with_its_beginning_and_its_end(post: Post) -> None:
    """Whoever looks with `aman status` sees what is wrong, and since when."""
    async with post.watching():
        post.hearing.note_trouble(Trouble.NO_LINE)
        await SystemClock().sleep(0.05)
        found = await post.database.read(intake.outage)
        assert found is not None
        assert (found.trouble, found.until) == (Trouble.NO_LINE, None)
        await post.looks()
        post.hearing.note_trouble(Trouble.HALTED)
        await SystemClock().sleep(0.05)
        later = await post.database.read(intake.outage)
        assert later is not None
        assert later.since == found.since
        post.hearing.note_heard()
        await SystemClock().sleep(0.05)
        over = await post.database.read(intake.outage)
    assert over is not None
    assert over.until is not None
    assert over.until - over.since >= timedelta(seconds=LOOK_EVERY)


async def test_a_bad_line_is_told_after_a_minute_and_not_again(post: Post) -> None:
    """A short break bothers nobody; a minute without updates is known to every organizer, once."""
    async with post.watching():
        post.hearing.note_trouble(Trouble.NO_LINE)
        await post.looks(DEAD_AFTER - timedelta(seconds=10))
        assert await post.owed(RING) == 0
        await post.looks(timedelta(seconds=11))
        assert await post.owed(RING) == 1
        await post.delivers()
        for _ in range(5):
            post.hearing.note_trouble(Trouble.NO_LINE)
            await post.looks(timedelta(minutes=5))
        assert await post.owed(RING) == 0


async def test_a_trouble_is_news_again_only_after_it_was_good_for_a_while(post: Post) -> None:
    """A line that comes and goes does not ring each time it goes."""
    async with post.watching():
        for good_for, rings in ((timedelta(), 1), (timedelta(minutes=1), 0), (AGAIN_AFTER, 1)):
            await post.looks(good_for)
            post.hearing.note_trouble(Trouble.NO_LINE)
            await post.looks(DEAD_AFTER)
            await post.looks()
            assert await post.owed(RING) == rings, good_for
            await post.delivers()
            post.hearing.note_heard()
            await SystemClock().sleep(0.05)


@pytest.mark.torture
@pytest.mark.parametrize("trouble", Trouble)
async def test_each_trouble_is_told_again_on_another_day(post: Post, trouble: Trouble) -> None:
    """Heard until it began: what the first look keeps does not yet have to be told."""
    async with post.watching():
        for day in range(3):
            post.hearing.note_heard()
            await SystemClock().sleep(0.05)
            for _ in range(2):
                post.hearing.note_trouble(trouble)
                await post.looks()
            await post.looks(DEAD_AFTER)
            await post.looks()
            assert await post.owed(RING) == 1, day
            await post.looks(DEAD_AFTER)
            post.hearing.note_heard()
            await SystemClock().sleep(0.05)
            await post.delivers()
            await post.looks(timedelta(days=1))


async def test_one_conflict_accuses_nobody_and_a_second_one_is_told_at_once(post: Post) -> None:
    """Somebody else with the token is told before a minute is over."""
    async with post.watching():
        post.hearing.note_trouble(Trouble.CONFLICT)
        await post.looks()
        assert await post.owed(RING) == 0
        post.hearing.note_heard()
        post.hearing.note_trouble(Trouble.CONFLICT)
        await SystemClock().sleep(0.05)
        assert await post.owed(RING) == 1


async def test_one_conflict_after_a_broken_line_accuses_nobody(post: Post) -> None:
    """It may be the echo of a poll of ours that the line has cut: the card goes on as it was."""
    async with post.watching():
        for _ in range(3):
            post.hearing.note_trouble(Trouble.NO_LINE)
        await post.looks(DEAD_AFTER)
        await post.looks()
        assert await post.owed(RING) == 1
        await post.delivers()
        post.hearing.note_trouble(Trouble.CONFLICT)
        await post.looks()
        assert await post.owed(RING) == 0
        assert await post.database.read(intake.foreign_at) is None
        found = await post.database.read(intake.outage)
        assert found is not None
        assert found.trouble is Trouble.NO_LINE
        post.hearing.note_trouble(Trouble.NO_LINE)
        post.hearing.note_trouble(Trouble.CONFLICT)
        await post.looks()
        assert await post.database.read(intake.foreign_at) is None
        post.hearing.note_trouble(Trouble.CONFLICT)
        await SystemClock().sleep(0.05)
        assert await post.owed(RING) == 1


@pytest.mark.parametrize(
    ("trouble", "is_forgotten"), [(Trouble.FOREIGN_WEBHOOK, True), (Trouble.CONFLICT, False)]
)
async def test_whoever_was_seen_by_an_address_of_our_own_is_forgotten(
    post: Post,
    trouble: Trouble,
    is_forgotten: bool,  # noqa: FBT001 - a table of cases
) -> None:
    """An operator who names it afterwards has accused nobody; another poller is no address."""
    async with post.watching():
        for _ in range(2):
            post.hearing.note_trouble(trouble)
        await SystemClock().sleep(0.05)
        assert await post.database.read(intake.foreign_at) is not None
    post.hearing = Hearing(post.clock)
    async with post.watching():
        post.hearing.note_own_webhook()
        post.hearing.note_heard()
        await SystemClock().sleep(0.05)
        assert (await post.database.read(intake.foreign_at) is None) is is_forgotten


async def test_somebody_who_shows_every_few_minutes_is_told_as_well(post: Post) -> None:
    """Each time is over before the next one, and looks like an echo of our own."""
    async with post.watching():
        for rings in (0, 0, 1):
            assert await post.owed(RING) == 0
            post.hearing.note_trouble(Trouble.CONFLICT)
            await SystemClock().sleep(0.05)
            assert await post.owed(RING) == rings
            for _ in range(4):
                await post.looks(timedelta(seconds=30))
                post.hearing.note_heard()
            assert post.hearing.outage is None


async def test_that_somebody_listens_is_news_also_to_who_was_told_of_a_bad_line(
    post: Post,
) -> None:
    """The second is the worse one."""
    async with post.watching():
        post.hearing.note_trouble(Trouble.NO_LINE)
        await post.looks(DEAD_AFTER)
        await post.looks()
        await post.delivers()
        post.hearing.note_trouble(Trouble.FOREIGN_WEBHOOK)
        await SystemClock().sleep(0.05)
        assert await post.owed(RING) == 1


async def test_that_somebody_else_was_seen_is_kept_over_later_troubles_until_the_token_changes(
    post: Post,
) -> None:
    """Whoever had the token has it still when the line breaks afterwards, or the bot restarts."""

    async def seen() -> datetime | None:
        return await post.database.read(intake.foreign_at)

    async with post.watching():
        post.hearing.note_trouble(Trouble.CONFLICT)
        await post.looks()
        assert await seen() is None  # one alone may be an echo
        post.hearing.note_trouble(Trouble.CONFLICT)
        await SystemClock().sleep(0.05)
        first = await seen()
        assert first is not None
        await post.looks(timedelta(seconds=40))
        post.hearing.note_trouble(Trouble.CONFLICT)
        await SystemClock().sleep(0.05)
        last = await seen()
        assert last is not None
        assert last - first >= timedelta(seconds=40)
        await post.looks(timedelta(minutes=2))
        post.hearing.note_heard()
        post.hearing.note_trouble(Trouble.NO_LINE)
        await post.looks()
        found = await post.database.read(intake.outage)
        assert found is not None
        assert found.trouble is Trouble.NO_LINE
        assert await seen() == last
    post.hearing = Hearing(post.clock)
    async with post.watching():
        assert await seen() == last
    post.token = 8
    async with post.watching():
        assert await seen() is None


async def test_what_cannot_be_kept_now_is_kept_at_the_next_look(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk ends no watch."""
    async with post.watching():
        monkeypatch.setattr(post.database, "write", _full)
        post.hearing.note_trouble(Trouble.NOT_STORED)
        await post.looks()
        monkeypatch.undo()
        assert await post.database.read(intake.outage) is None
        await post.looks()
        assert await post.database.read(intake.outage) is not None


async def test_the_moment_of_hearing_is_kept_now_and_then_and_not_while_it_is_bad(
    post: Post,
) -> None:
    """What is kept is when the service was heard, not when somebody looked."""
    async with post.watching():
        post.hearing.note_heard()
        await post.looks()
        kept = await post.database.read(intake.heard_at)
        assert kept is not None
        assert kept - EVENING < timedelta(seconds=LOOK_EVERY)
        post.hearing.note_trouble(Trouble.NO_LINE)
        await post.looks(timedelta(minutes=2))
        assert await post.database.read(intake.heard_at) == kept


async def _full(work: object, *, urgent: bool = False) -> None:
    del work, urgent
    raise OSError(28, "No space left on device")


async def test_that_the_bot_works_is_kept_also_while_nobody_answers(post: Post) -> None:
    """A start without a line goes on from there, and loses half a minute at most."""
    async with post.watching():
        began = await post.database.read(intake.seen_at)
        assert began is not None
        post.hearing.note_trouble(Trouble.NO_LINE)
        await post.looks(timedelta(minutes=5))
        later = await post.database.read(intake.seen_at)
        assert later is not None
        assert later - began >= timedelta(minutes=5)
        assert await post.database.read(intake.heard_at) is None
        post.hearing.note_heard()
        await post.looks()
        assert await post.database.read(intake.heard_at) is not None, "at once"
