"""The second channel's own delivery: from the same outbox, and never behind the chat's troubles.

A notice is claimed in a commit before it is sent and ended in a commit after, like any other; what
a crash cut off is sent again, and says so. What was not taken is tried again for as long as it has
something to say. An address that takes nothing is told of once; a way that takes nothing is kept,
for whoever looks. A disk that takes no claims keeps no letter.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from bot import logs
from bot.apprising import Apprising
from bot.clock import Clock
from bot.letters import Way, letter_of
from bot.mail import Mail
from bot.ntfy import Ntfy
from bot.outcomes import Failure, Halted, Outcome, Sent
from bot.secondconfig import Second
from bot.settling import DISK_RETRY, let_end, until_stored
from bot.waiting import Bell
from handlers.screens import Screen
from safety.notices import Lane
from safety.people import TeamId
from safety.secondaddresses import AddressKind, Answer, SecondAddress
from safety.secondchannel import SecondNotice
from storage import outbox
from storage import secondchannel as store
from storage.database import Database
from storage.outbox import Owed
from storage.transaction import Effects, Transaction
from storage.trouble import is_disk_trouble

IN_FLIGHT = 8  # messages
KEPT_FOR_ALARMS = 4  # of them: whatever else is tried hangs at a server that says nothing
LONGEST_WAIT = 60.0  # seconds without looking
RETRIES = (2.0, 5.0, 10.0, 20.0, 30.0)  # seconds; the last one again and again

REFUSED = frozenset({Failure.UNREACHABLE, Failure.REFUSED, Failure.TARGET_GONE})

Render = Callable[[Transaction, datetime, Owed], Screen | None]
FindAddress = Callable[[Transaction, datetime, TeamId], SecondAddress | None]
NoteAnswer = Callable[[Transaction, datetime, SecondNotice, Answer], None]


def make_ways(second: Second, clock: Clock) -> Mapping[AddressKind, Way]:
    """Make what the configuration says can be reached."""
    ways: dict[AddressKind, Way] = {}
    if second.mail is not None:
        ways[AddressKind.MAIL] = Mail(second.mail, clock)
    if second.ntfy is not None:
        ways[AddressKind.NTFY] = Ntfy(second.ntfy)
    if second.has_apprise:
        ways[AddressKind.APPRISE] = Apprising()
    return ways


@dataclass(frozen=True, slots=True)
class _Tried:
    """What became of a try, and by which way it was."""

    kind: AddressKind
    outcome: Outcome


class SecondChannel:
    """Sends what the outbox holds for it, for as long as `run` runs."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it is joined to
        self,
        database: Database,
        clock: Clock,
        ways: Mapping[AddressKind, Way],
        render: Render,
        find_address: FindAddress,
        note_answer: NoteAnswer,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ways = ways
        self._render = render
        self._find_address = find_address
        self._note_answer = note_answer
        self._bell = Bell(clock)
        self._flying: dict[int, asyncio.Task[None]] = {}  # until what became of it is stored
        self._sending = 0  # of them, those that are on their way
        self._failures: dict[int, int] = {}
        self._is_failing: dict[AddressKind, bool] = {}  # as it was stored
        self._is_reclaimed = False
        database.on_commit(self._note_commit)

    async def run(self, tasks: asyncio.TaskGroup) -> None:
        """Send until cancelled; what is under way belongs to `tasks` and outlives this."""
        while True:
            self._is_reclaimed = self._is_reclaimed or await self._reclaim()
            looked_at = self._clock.now()
            claimed = await self._take(looked_at)
            for owed in claimed:
                self._sending += 1
                task = tasks.create_task(self._deliver(owed), name="second-channel")
                self._flying[owed.id] = task
            if not claimed:
                await self._bell.wait(await self._pause(looked_at))

    async def drain(self) -> None:
        """Let what is under way end, for a while."""
        await let_end(self._flying.values())

    def _note_commit(self, effects: Effects) -> None:
        if effects.wakes:
            self._bell.ring()

    async def _reclaim(self) -> bool:
        try:
            await self._database.write(store.reclaim)
        except Exception as error:
            if not is_disk_trouble(error):
                raise
            logs.fault("claim-not-stored", error)
            return False
        return True

    async def _take(self, now: datetime) -> list[Owed]:
        """Claim as much as may be under way at once, the most urgent first.

        What a full disk lets nobody claim goes out all the same, and is ended when it can be.
        """
        room = IN_FLIGHT - self._sending
        if room <= 0:
            return []
        limit = room + len(self._flying)
        found = await self._database.read(lambda tx: store.due(tx, now, limit))
        ids = self._admit(found)
        if not ids:
            return []
        try:
            return await self._database.write(lambda tx: outbox.claim(tx, ids), urgent=True)
        except Exception as error:
            if not is_disk_trouble(error):
                raise
            logs.fault("claim-not-stored", error)
            return await self._database.read(lambda tx: outbox.look(tx, ids))

    def _admit(self, found: Sequence[tuple[int, int]]) -> list[int]:
        """Choose what goes now of rows with their lanes: all the room is only for alarms."""
        ids: list[int] = []
        for number, lane in found:
            room = IN_FLIGHT if lane == Lane.ALARM else IN_FLIGHT - KEPT_FOR_ALARMS
            if number not in self._flying and self._sending + len(ids) < room:
                ids.append(number)
        return ids

    async def _pause(self, looked_at: datetime) -> float:
        if not self._is_reclaimed:
            return DISK_RETRY
        moment = await self._database.read(store.next_moment)
        if moment is None or moment <= looked_at:  # due, and no room: whatever lands rings
            return LONGEST_WAIT
        return min(max((moment - self._clock.now()).total_seconds(), 0.0), LONGEST_WAIT)

    async def _deliver(self, owed: Owed) -> None:
        """Send one notice and store what became of it."""
        try:
            tried = await self._send(owed)
            await self._settle(owed, None if tried is None else tried.outcome)
            if tried is not None and tried.outcome not in REFUSED:  # that is about one address
                await self._note_way(tried.kind, is_failing=not isinstance(tried.outcome, Sent))
        except Exception as error:  # noqa: BLE001 - a border: one notice never stops the others
            logs.fault("second-channel-fault", error, kind=type(owed.notice).__name__)
            await self._put_back(owed, self._wait(owed), was_tried=True)
        finally:
            del self._flying[owed.id]
            self._bell.ring()

    async def _send(self, owed: Owed) -> _Tried | None:
        """Send it; whatever comes of that, there is room for the next one."""
        try:
            return await self._try(owed)
        finally:
            self._sending -= 1
            self._bell.ring()

    async def _try(self, owed: Owed) -> _Tried | None:
        """Give what became of it; None where it has nothing to say any more, or nowhere to go."""
        notice, now = owed.notice, self._clock.now()
        assert isinstance(notice, SecondNotice)  # noqa: S101 - its channel says so
        if notice.valid_for is not None and now - owed.owed_at > notice.valid_for:
            return None
        screen, address = await self._database.read(
            lambda tx: (
                self._render(tx, now, owed),
                self._find_address(tx, now, notice.team_id),
            )
        )
        way = None if address is None else self._ways.get(address.kind)
        if screen is None or address is None or way is None:
            return None
        outcome = await way.send(address.text, letter_of(screen.text, is_urgent=notice.rings))
        if not isinstance(outcome, Sent):
            state = "halted" if isinstance(outcome, Halted) else _name(outcome)
            logs.warn("second-channel-failed", kind=address.kind.value, state=state)
        return _Tried(address.kind, outcome)

    async def _note_way(self, kind: AddressKind, *, is_failing: bool) -> None:
        if self._is_failing.get(kind) is not is_failing:
            now = self._clock.now()
            await self._write(lambda tx: store.note_way(tx, kind, now, is_failing=is_failing))
            self._is_failing[kind] = is_failing

    async def _settle(self, owed: Owed, outcome: Outcome | None) -> None:
        match outcome:
            case None:
                await self._end(owed, None)
            case Sent():
                await self._end(owed, Answer.TAKEN)
            case Failure.UNREACHABLE | Failure.REFUSED | Failure.TARGET_GONE:
                await self._end(owed, Answer.REFUSED)
            case Halted(wait):
                await self._put_back(owed, wait, was_tried=False)
            case Failure.NOT_SENT | Failure.TOKEN_REFUSED:
                await self._put_back(owed, self._wait(owed), was_tried=False)
            case Failure.UNKNOWN:
                await self._put_back(owed, self._wait(owed), was_tried=True)
            case _:
                assert_never(outcome)

    async def _end(self, owed: Owed, answer: Answer | None) -> None:
        self._failures.pop(owed.id, None)
        now, notice = self._clock.now(), owed.notice

        def end(tx: Transaction) -> None:
            outbox.done(tx, owed.id)
            if answer is not None and isinstance(notice, SecondNotice):
                self._note_answer(tx, now, notice, answer)

        await self._write(end)

    async def _put_back(self, owed: Owed, wait: timedelta, *, was_tried: bool) -> None:
        later = self._clock.now() + wait
        await self._write(lambda tx: outbox.put_back(tx, owed.id, later, was_tried=was_tried))

    def _wait(self, owed: Owed) -> timedelta:
        count = self._failures.get(owed.id, 0)
        self._failures[owed.id] = count + 1
        return timedelta(seconds=RETRIES[min(count, len(RETRIES) - 1)])

    async def _write(self, work: Callable[[Transaction], object]) -> None:
        """Store an outcome, as soon as the disk takes it."""
        await until_stored(self._database, self._clock, work, urgent=True)


def _name(failure: Failure) -> str:
    return failure.name.lower().replace("_", "-")
