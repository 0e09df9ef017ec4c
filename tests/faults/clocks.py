"""An evening on the whole bot, whose machine has a clock of its own that somebody may set.

The service and the people live in true time. The machine's clock shows something else as soon as
it is set; where the machine sleeps, true time goes on and nothing of the bot does. Where the
service dates its answers the bot lives by them (ADR-0040), else by the machine. Each timer that
runs says so in its own transaction: what is counted has taken effect.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.app import Application
from bot.clock import MovableClock, SystemClock
from bot.rehearsal.botapi import BotApiServer, Call
from bot.rehearsal.botapi.phones import Phone
from bot.rehearsal.botapi.wire import Wire
from bot.rehearsal.opening import TOKEN, USERNAME, prepare
from bot.unlocking import open_keys
from coordination.schedule import schedule
from coordination.turns import Work
from safety.events import Event
from storage import counters
from storage.events import EVENTS
from storage.moments import EPOCH
from storage.timers import Due
from storage.transaction import Effects, Transaction
from storage.vault import words
from tests.handlers.test_disclosure import has_venue
from tests.harness import Someone, World

GUESTS = 30  # more than are told in one step
SPEED = 10.0  # seconds in one of the machine's
GLANCE = 0.02  # real seconds between two looks
LOOKS = 3  # in a row that find nothing to do
QUIET_WITHIN = 30.0  # real seconds
ASKED, NEWS, RUNG = "Are you safe?", "something new", "Alarm 1."
RING_EVERY = timedelta(seconds=20)
NEAR = timedelta(seconds=3)  # when the next are told, on a busy machine too
BEFORE_THE_AREA = timedelta(minutes=10)  # when it begins


@dataclass(frozen=True, slots=True)
class Plan:
    """When the event is, and in which zone people read it."""

    starts_at: datetime
    ends_at: datetime
    zone: str


@dataclass(slots=True)
class Evening:
    """The bot at work, the people, and two clocks."""

    service: BotApiServer
    application: Application
    true: MovableClock
    machine: MovableClock
    event: Event
    phones: list[Phone]  # the team's, then the guests'
    is_dated: bool

    @property
    def organizer(self) -> Phone:
        """Give the phone of an organizer."""
        return self._of("Aigul")

    @property
    def lawyer(self) -> Phone:
        """Give the phone of the lawyer."""
        return self._of("Timur")

    @property
    def steward(self) -> Phone:
        """Give the phone of the steward."""
        return self._of("Saule")

    @property
    def guests(self) -> list[Phone]:
        """Give the guests' phones."""
        return [phone for phone in self.phones if phone.name.startswith("G ")]

    def _of(self, name: str) -> Phone:
        return next(phone for phone in self.phones if phone.name == name)

    # ------------------------------------------------------------ time

    def now(self) -> datetime:
        """Give what the bot should take for the present moment."""
        return self.true.now() if self.is_dated else self.machine.now()

    def is_set(self, by: timedelta) -> None:
        """Somebody sets the machine's clock; no time passes."""
        self.machine.set_wall(by)

    def sleeps(self, by: timedelta) -> None:
        """Suspend the machine for so long: its clock goes on, what counts its seconds does not."""
        self.true.move(by)
        self.machine.set_wall(by)

    async def is_struck(self, strike: Callable[["Evening"], None]) -> datetime:
        """Have it happen as soon as the first are told something and the next are to follow.

        Give when that was, in true time.

        Raises:
            TimeoutError: nobody is told anything.
        """
        struck: asyncio.Future[datetime] = asyncio.get_running_loop().create_future()

        def note(effects: Effects) -> None:
            wait = (effects.due_at or EPOCH) - self.now()
            if abs(wait) <= NEAR and not struck.done():
                strike(self)
                struck.set_result(self.true.now())

        self.application.database.on_commit(note)
        return await asyncio.wait_for(struck, QUIET_WITHIN)

    async def lives(self, by: timedelta) -> None:
        """Let it pass as it does, second by second."""
        await SystemClock().sleep(by.total_seconds() / SPEED)

    async def passes(self, by: timedelta) -> None:
        """Let it pass at once, and the bot do all that is due by then."""
        self.true.move(by)
        self.machine.move(by)
        await self.comes_to_rest()

    async def shows(self, moment: datetime) -> None:
        """Let time pass until the clock that the bot lives by shows this."""
        await self.passes(max(moment - self.now(), timedelta()))

    async def comes_to_rest(self) -> None:
        """Wait until the bot has nothing to do.

        Raises:
            TimeoutError: it always has.
        """
        calm = 0
        async with asyncio.timeout(QUIET_WITHIN):
            while calm < LOOKS:
                is_busy = self.service.pending_updates > 0 or self.service.in_flight > 0
                calm = 0 if is_busy or not await self.application.is_quiet() else calm + 1
                await SystemClock().sleep(GLANCE)

    # ------------------------------------------------------------ looking

    def sent(self, phone: Phone, part: str) -> list[datetime]:
        """Say when messages with these words were sent to somebody, in true time."""
        return [call.at for call in self._sendings(part) if call.chat_id == phone.user_id]

    def told(self, part: str) -> Counter[int]:
        """Say how many guests were sent such messages how often."""
        chats = Counter(call.chat_id for call in self._sendings(part))
        return Counter(chats[guest.user_id] for guest in self.guests)

    async def ran(self) -> Counter[str]:
        """Say how often timers of each kind have run."""
        sql = "SELECT name, value FROM meta WHERE name LIKE 'ran:%' ORDER BY name"
        found = await self.application.database.read(lambda tx: tx.all(tuple[str, int], sql))
        return Counter({name.removeprefix("ran:"): number for name, number in found})

    def _sendings(self, part: str) -> list[Call]:
        return [
            call
            for call in self.service.calls
            if call.method == "sendMessage" and part in str(call.parameters["text"])
        ]


@asynccontextmanager
async def evening(
    folder: Path, plan: Plan, guests: int = GUESTS, *, is_dated: bool = False
) -> AsyncIterator[Evening]:
    """Have the bot work while the block lasts, from shortly before the first stage on.

    `is_dated`: the service says in each answer what time it is.
    """
    starts_at = plan.starts_at
    begins = starts_at - timedelta(hours=24) - BEFORE_THE_AREA
    true, machine = MovableClock(begins, SPEED), MovableClock(begins, SPEED)
    with pytest.MonkeyPatch.context() as patch:
        _count_what_runs(patch)
        if not is_dated:
            patch.setattr(Wire, "_call", Wire._answer)  # noqa: SLF001 - what dates an answer
        async with BotApiServer(token=TOKEN, username=USERNAME, clock=true) as service:
            service.profile.can_join_groups = False
            config = await asyncio.to_thread(prepare, folder, service.url)
            secret = words.parse((config.home / config.unlock_file).read_text(encoding="utf-8"))
            keys = (open_keys(config), secret)
            async with World(config.keys_path.parent, now=begins, keys=keys) as world:
                event = await _has_event(world, plan, guests)
                people = list(world.people.values())
            config = replace(config, policy=replace(config.policy, ring_every=RING_EVERY))
            with open_keys(config) as slots:
                application = Application(config, slots, machine)
                async with application, asyncio.TaskGroup() as tasks:
                    tasks.create_task(application.run())
                    await application.has_started()
                    phones = [_phone(service, one) for one in people]
                    for phone in phones:
                        await phone.opens()
                    night = Evening(service, application, true, machine, event, phones, is_dated)
                    await night.comes_to_rest()
                    yield night
                    application.stop()


async def _has_event(world: World, plan: Plan, guests: int) -> Event:
    """Store an event, its place, a team and the guests; what that has shown is on no phone."""
    team = await world.has_team()
    made = await world.has_event(starts_in=plan.starts_at - world.now, capacity=guests)
    event = replace(made, zone=plan.zone, starts_at=plan.starts_at, ends_at=plan.ends_at)

    def put(work: Work) -> None:
        EVENTS.put(work.tx, event)
        schedule(work, event)

    await world.change(put)
    await world.has_participants(event, *(f"G {number}" for number in range(guests)))
    await has_venue(world, team)
    await world.database.write(lambda tx: tx.run("DELETE FROM messages"))
    return event


def _phone(service: BotApiServer, one: Someone) -> Phone:
    return service.person(one.chat_id, one.name, language_code=one.language.value)


def _count_what_runs(patch: pytest.MonkeyPatch) -> None:
    run_timer = Application._run_timer  # noqa: SLF001 - what runs one timer in its transaction

    def run_and_count(self: Application, tx: Transaction, now: datetime, due: Due) -> None:
        run_timer(self, tx, now, due)
        counters.next_number(tx, f"ran:{type(due.timer).__name__}")

    patch.setattr(Application, "_run_timer", run_and_count)
