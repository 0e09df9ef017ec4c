"""How fast what is owed arrives: `aman run` as people start it, against a service on loopback.

The service answers after 50 ms, allows 30 messages a second and refuses more; the bot is a process
of its own, and so is the baseline. Times are from a press on one phone to what another one shows.
"""

import asyncio
import contextlib
import gc
import logging
import re
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bot.clock import SystemClock
from bot.rehearsal.botapi import BotApiServer, Call, Request
from bot.rehearsal.botapi.happenings import Happening, HappeningKind
from bot.rehearsal.botapi.limits import OVERALL_LIMIT
from safety.checkins import CheckInKind
from storage.transaction import Transaction
from tests.bench import crowd, limiter
from tests.bench.figures import Goal, percentile
from tests.faults.program import TOKEN, Program, program

LATENCY = 0.05  # seconds, there and back
ROUNDS = 24  # alarms with an empty queue, and as many beside a full one
BETWEEN = 1.3  # seconds; one chat takes about one message in each
CROWD = 10_000
QUEUED = 1_000
FIRST_OF_CROWD = 100_000  # chat ids
FIRST_CALLER = 50_000
WAVE, WAVE_SECONDS = 50, 5.0
NAIVE_SECONDS = 10.0  # until the naive wave is cut off
WARM = 2.0  # seconds after a first answer
SHOWN_WITHIN = 60.0  # seconds until we give up
ON_IT = "I'm on it"  # the button on the card
CALLERS = re.compile(r"(\d+) people are calling")
CLOCK = SystemClock()

Store = Callable[[Transaction, datetime], None]


@dataclass(slots=True)
class Watch:
    """Notes when something was shown first on each of some phones."""

    chats: frozenset[int]
    what: Callable[[str], bool]
    seen: dict[int, float] = field(default_factory=dict)
    complete: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, happening: Happening) -> None:
        """Look at what has happened."""
        if happening.kind not in (HappeningKind.RECEIVED, HappeningKind.EDITED):
            return
        is_new = happening.chat_id in self.chats and happening.chat_id not in self.seen
        if is_new and self.what(happening.text):
            self.seen[happening.chat_id] = CLOCK.monotonic()
            if len(self.seen) == len(self.chats):
                self.complete.set()

    async def times(self, since: float) -> list[float]:
        """Wait for the last one; give the seconds that each took, `SHOWN_WITHIN` if too long."""
        try:
            async with asyncio.timeout(SHOWN_WITHIN):
                await self.complete.wait()
        except TimeoutError:
            pass
        return sorted(self.seen.get(chat, since + SHOWN_WITHIN) - since for chat in self.chats)


@dataclass(slots=True)
class Bench:
    """A program, its service, and whoever looks at the phones."""

    program: Program
    watches: list[Watch] = field(default_factory=list)

    @property
    def service(self) -> BotApiServer:
        """Give the service."""
        return self.program.service

    def watches_for(self, chats: Sequence[int], what: Callable[[str], bool]) -> Watch:
        """Begin to look for something."""
        watch = Watch(frozenset(chats), what)
        self.watches.append(watch)
        return watch

    def hear(self, happening: Happening) -> None:
        """Let everybody look who does."""
        for watch in self.watches:
            watch.hear(happening)

    async def stores(self, *works: Store) -> None:
        """Store something while the bot does not run."""
        now = CLOCK.now()
        for work in works:
            await self.program.stores(lambda tx, work=work: work(tx, now))  # type: ignore[misc] # bound at once

    async def calls(self, caller: int) -> float:
        """Let somebody call for help; give the moment."""
        await self.service.phone(FIRST_CALLER + caller).writes("sos")
        return CLOCK.monotonic()


@asynccontextmanager
async def bench(folder: Path, callers: int, chats: int = 0) -> AsyncIterator[Bench]:
    """Set up a team, an event with callers and a crowd's phones; nothing runs yet."""
    async with program(folder) as made:
        one = Bench(made)
        made.service.before_request, made.service.after_request = _on_the_way, _on_the_way
        made.service.listen(one.hear)
        calling = _chats(FIRST_CALLER, callers)
        crowd.open_phones(made.service, [*crowd.team_chats(), *calling])
        crowd.open_phones(made.service, _chats(FIRST_OF_CROWD, chats))

        def store(tx: Transaction, now: datetime) -> None:
            crowd.put_team(tx, now)
            if calling:
                crowd.put_people(tx, now, crowd.put_event(tx, now), calling)

        await one.stores(store)
        yield one


@asynccontextmanager
async def running(one: Bench) -> AsyncIterator[None]:
    """Let the bot run while the block lasts."""
    await one.program.starts()
    await one.program.works()
    warm = one.watches_for(crowd.team_chats()[:1], bool)
    await one.service.phone(crowd.FIRST_OF_TEAM).writes("/help")
    await warm.times(CLOCK.monotonic())
    await CLOCK.sleep(WARM)
    gc.collect()
    gc.freeze()  # ten thousand phones: looking through them would count as the bot's time
    try:
        yield
    finally:
        await one.program.is_over()


async def _on_the_way(_: Request | Call) -> None:
    await CLOCK.sleep(LATENCY / 2)


def _chats(first: int, count: int) -> list[int]:
    return [first + number for number in range(count)]


# ---------------------------------------------------------------- an alarm overtakes everything


async def alarm(folder: Path) -> list[Goal]:
    """An alarm to twelve with a thousand messages queued, in a release and a fan-out of 10,000."""
    async with bench(folder, 2 * ROUNDS, CROWD) as one:
        async with running(one):
            empty = [await _round(one, number) for number in range(ROUNDS)]
        await one.stores(_owe_everything)
        async with running(one):
            before = len(one.service.calls)
            # Else nobody has answered for ninety seconds, and all are rung twice within one round.
            await one.service.phone(crowd.FIRST_OF_TEAM).presses(ON_IT)
            await CLOCK.sleep(BETWEEN)
            began = CLOCK.monotonic()
            busy = [await _round(one, number) for number in range(ROUNDS, 2 * ROUNDS)]
            took = CLOCK.monotonic() - began
            sent = [call for call in one.service.calls[before:] if call.was_done]
        refused = one.service.flood_refusals
    messages = sum(call.method == "sendMessage" for call in sent) / took
    first = percentile([times[0] for times in busy], 99)
    last = percentile([times[-1] for times in busy], 99)
    ratio = last / percentile([times[-1] for times in empty], 99)
    theirs = await _baseline()
    behind = f"AIORateLimiter {theirs.alarm:.1f} s"
    meanwhile = f"meanwhile {messages:.1f} messages a second, {refused} × 429"
    quick = 0.1 + LATENCY
    return [
        Goal("alarm in a release, first of 12", _ms(first), _ms(quick), first <= quick, behind),
        Goal("alarm in a release, all of 12", _ms(last), "<= 1 s", last <= 1, behind),
        Goal("  beside an empty queue", f"{ratio:.2f}×", "<= 1.5×", ratio <= 1.5, meanwhile),
        theirs.as_goal(),
    ]


def _ms(seconds: float) -> str:
    return f"p99 {seconds * 1e3:.0f} ms"


def _owe_everything(tx: Transaction, now: datetime) -> None:
    event_id, chats = crowd.put_event(tx, now), _chats(FIRST_OF_CROWD, CROWD)
    crowd.put_people(tx, now, event_id, chats)
    crowd.owe_replies(tx, now, chats[:QUEUED])
    crowd.owe_release(tx, now, event_id)


async def _round(one: Bench, number: int) -> list[float]:
    """Raise one more alarm; give the seconds in which each of the team saw it."""
    watch = one.watches_for(crowd.team_chats(), lambda text: _calling(text) > number)
    times = await watch.times(await one.calls(number))
    one.watches.remove(watch)
    await CLOCK.sleep(BETWEEN)
    return times


def _calling(text: str) -> int:
    """Say how many people call, as a card of the team shows it."""
    if not text.startswith("Alarm "):
        return 0
    found = CALLERS.search(text)
    return 1 if found is None else int(found[1])


# ---------------------------------------------------------------- the baseline


@dataclass(frozen=True, slots=True)
class _Baseline:
    """What python-telegram-bot's own limiter makes of the same. In seconds."""

    alarm: float
    all_told: float
    refused: int

    def as_goal(self) -> Goal:
        """Say how it tells everybody."""
        share = QUEUED / OVERALL_LIMIT / self.all_told
        measured = f"{share:.2f} of what is allowed, {self.refused} × 429"
        is_any = True  # it is what the others are held against
        return Goal("all of 1,000 told, AIORateLimiter", measured, "none", is_any, "the baseline")


async def _baseline() -> _Baseline:
    chats = _chats(FIRST_OF_CROWD, QUEUED)
    async with BotApiServer(token=TOKEN, username="EveningBot", clock=CLOCK) as service:
        service.before_request, service.after_request = _on_the_way, _on_the_way
        crowd.open_phones(service, chats)
        told = Watch(frozenset(chats), lambda text: text == "news")
        rung = Watch(frozenset(chats[:12]), lambda text: text == "ALARM")
        service.listen(told.hear)
        service.listen(rung.hear)
        began = CLOCK.monotonic()
        process = await _limited(service, len(chats), QUEUED, alarmed=12)
        try:
            assert process.stdout is not None
            await process.stdout.readline()
            alarm = await rung.times(CLOCK.monotonic())
            all_told = await told.times(began)
        finally:
            await _end(process)
        return _Baseline(alarm[-1], all_told[-1], service.flood_refusals)


async def _limited(
    service: BotApiServer, chats: int, messages: int, alarmed: int
) -> asyncio.subprocess.Process:
    words = (TOKEN, service.url, *map(str, (FIRST_OF_CROWD, chats, messages, alarmed)))
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", limiter.__name__, *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a baseline, which may be in the middle of a request."""
    logging.getLogger("uvicorn.error").disabled = True
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


# ---------------------------------------------------------------- many call at once


async def wave(folder: Path) -> list[Goal]:
    """Fifty presses in five seconds, twelve in the team."""
    async with bench(folder, WAVE) as one, running(one):
        rung = one.watches_for(crowd.team_chats(), lambda text: _calling(text) > 0)
        seen = one.watches_for(crowd.team_chats(), lambda text: _calling(text) == WAVE)
        first = last = await one.calls(0)
        for number in range(1, WAVE):
            await CLOCK.sleep(max(first + number * WAVE_SECONDS / WAVE - CLOCK.monotonic(), 0))
            last = await one.calls(number)
        ringing, showing = await rung.times(first), await seen.times(last)
        refused = one.service.flood_refusals
    theirs = await _naive_wave()
    rang, shown = ringing[-1], showing[-1]
    is_calm = shown <= 5 and not refused
    said = f"{shown:.2f} s, {refused} × 429"
    return [
        Goal("wave of 50, everybody rung", f"{rang:.2f} s", "<= 1 s", rang <= 1, theirs),
        Goal("wave of 50, all shown after the last", said, "<= 5 s, 0 × 429", is_calm, theirs),
    ]


async def _naive_wave() -> str:
    """One message for each press and member, with the other limiter; cut off after a while."""
    chats = _chats(FIRST_OF_CROWD, 12)
    async with BotApiServer(token=TOKEN, username="EveningBot", clock=CLOCK) as service:
        service.before_request, service.after_request = _on_the_way, _on_the_way
        crowd.open_phones(service, chats)
        process = await _limited(service, len(chats), WAVE * len(chats), alarmed=0)
        await CLOCK.sleep(NAIVE_SECONDS)
        await _end(process)
        arrived = sum(call.was_done for call in service.calls) - 1  # it asks who it is
        sent = f"{arrived} of {WAVE * len(chats)} after {NAIVE_SECONDS:.0f} s"
        said = f"{sent}, {service.flood_refusals} × 429"
        return f"one message each: {said}"


# ---------------------------------------------------------------- everybody learns the new place


async def relocation(folder: Path) -> list[Goal]:
    """A thousand who know the old place are told the new one."""
    chats = _chats(FIRST_OF_CROWD, QUEUED)
    async with bench(folder, 0, QUEUED) as one:

        def store(tx: Transaction, now: datetime) -> None:
            event_id = crowd.put_event(tx, now)
            people = crowd.put_people(tx, now, event_id, chats)
            crowd.owe_relocation(tx, now, event_id, people)

        await one.stores(store)
        told = one.watches_for(chats, lambda text: text.startswith("Something has changed"))
        async with running(one):
            await told.times(0)
        refused = one.service.flood_refusals
    moments = sorted(told.seen.values())
    share = (len(moments) - 1) / OVERALL_LIMIT / (moments[-1] - moments[0])
    measured = f"{share:.3f} of what 30 a second allow, {refused} × 429"
    is_met = share >= 0.97 and not refused and len(moments) == QUEUED
    said = ">= 0.97, 0 × 429"
    return [Goal("all of 1,000 told a new place", measured, said, is_met, "AIORateLimiter: above")]


# ---------------------------------------------------------------- everybody says "safe"


async def check_ins(folder: Path) -> list[Goal]:
    """A thousand *I'm safe* within a second, by people who had called, and two open boards."""
    chats = _chats(FIRST_OF_CROWD, QUEUED)
    async with bench(folder, 0, QUEUED) as one:

        def store(tx: Transaction, now: datetime) -> None:
            event_id = crowd.put_event(tx, now - timedelta(minutes=20))
            crowd.put_people(tx, now, event_id, chats, in_need=True)

        await one.stores(store)
        boards = crowd.team_chats()[:2]
        async with running(one):
            opened = one.watches_for(boards, lambda text: "Need help: 1000" in text)
            for chat in boards:
                await one.service.phone(chat).writes("/board")
            await opened.times(CLOCK.monotonic())
            shown = one.watches_for(boards, lambda text: "not heard yet: 1000" in text)
            began = last = CLOCK.monotonic()
            for number, chat in enumerate(chats):
                await CLOCK.sleep(max(began + number / len(chats) - CLOCK.monotonic(), 0))
                await one.service.phone(chat).writes("/safe")
                last = CLOCK.monotonic()
            times = await shown.times(last)
            refused = one.service.flood_refusals
        kinds = "SELECT COUNT(*) FROM checkins WHERE kind = ?"
        recorded = await one.program.stores(lambda tx: tx.number(kinds, CheckInKind.SAFE.value))
    measured = f"{recorded} recorded, {times[-1]:.2f} s, {refused} × 429"
    is_met = recorded == QUEUED and times[-1] <= 2 and not refused
    pressed = f"pressed within {last - began:.2f} s"
    return [
        Goal("1,000 safe in a second: the board right", measured, "1000, <= 2 s", is_met, pressed)
    ]
