"""Killed at every border and at any moment, during releases, roll calls and alarms.

Nothing that was taken in is lost, nothing that was owed, and what comes twice was on its way when
the bot died; then it says that it may have come before. Whoever got a message of which the bot
never heard that it arrived deletes it: what was owed must come all the same, once.
"""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.rehearsal.botapi import Call, Phone
from bot.rehearsal.botapi.screens import SeenMessage
from storage import incidents
from storage.events import EVENTS
from storage.transaction import Transaction
from tests.faults import account
from tests.faults.account import End, Entry
from tests.faults.fates import (
    CONFIRMS_FIRST,
    FORGETS_CUT_OFF,
    KEEPS_ACCOUNT,
    UNDYING,
    WITHOUT_RECLAIM,
    Border,
    Fate,
)
from tests.faults.killing import Steps, When
from tests.faults.standing import Ground, standing
from tests.handlers.test_disclosure import has_venue
from tests.harness import World

pytestmark = [pytest.mark.torture, pytest.mark.in_parts, pytest.mark.timeout(600)]

TEAM = 6  # of whom three are rung
GUESTS = 16
REPORTERS = 3  # of the guests
TEXTS = 4  # of one reporter in one wave
HOURS_BEFORE = (24, 3, 1)  # at which places are released
SPEED = 4.0  # seconds of the evening in a real one
AT_REQUEST = 90  # kills at most on each side of a request
LEAST_AT_REQUEST = 60  # and at least
AT_COMMIT = 12  # kills on each side of a commit
AT_RANDOM = 200  # kills
WAVES = 5  # in which the bot is killed at random
PATIENCE = 120.0  # real seconds
SHORTLY = 5.0  # real seconds in which one call for help is answered
NEWS, AGAIN = "There is something new.", "Did it arrive already?"
QUESTION, ALARM = "Are you safe?", "Alarm "
RING, NEWS_KIND = "AlarmRing", "Release"


class Moment(StrEnum):
    """Where a bot dies."""

    BEFORE_SENDING = "before a request, or before updates are acknowledged"
    AFTER_SENDING = "after a request, before that is recorded"
    BEFORE_COMMIT = "before a commit"
    AFTER_COMMIT = "after a commit"
    ANY = "at any moment"


FATAL = {Moment.BEFORE_COMMIT: Border.BEFORE_COMMIT, Moment.AFTER_COMMIT: Border.AFTER_COMMIT}
MOST = {
    Moment.BEFORE_SENDING: AT_REQUEST,
    Moment.AFTER_SENDING: AT_REQUEST,
    Moment.BEFORE_COMMIT: AT_COMMIT,
    Moment.AFTER_COMMIT: AT_COMMIT,
    Moment.ANY: AT_RANDOM // WAVES,
}  # kills in one wave
SENDING = {Moment.BEFORE_SENDING: When.BEFORE, Moment.AFTER_SENDING: When.AFTER}


async def have_people(world: World) -> None:
    """Have a team, guests, and a place that is released to them in stages."""
    team = await world.has_team()
    event = await world.has_event()
    await world.has_participants(event, *(f"Guest {number}" for number in range(GUESTS)))
    await has_venue(world, team)


@dataclass(slots=True)
class Story:
    """Who is there, what they wrote, and how often the bot died where."""

    ground: Ground
    steps: Steps
    chance: random.Random
    kills: Counter[Moment] = field(default_factory=Counter)
    written: list[str] = field(default_factory=list)
    repeats: Counter[str] = field(default_factory=Counter)  # by kind
    rings: int = 0

    @property
    def phones(self) -> list[Phone]:
        """Give everybody's phones: first a team's, then those of the guests."""
        numbers = range(700_000, 700_000 + TEAM + GUESTS)
        return [self.ground.service.person(number, "Somebody") for number in numbers]

    @property
    def guests(self) -> list[Phone]:
        """Give the phones of those who are coming."""
        return self.phones[TEAM:]

    @property
    def team(self) -> list[Phone]:
        """Give the phones of the organizers and the steward, whom an alarm rings."""
        return [self.phones[number] for number in (0, 1, 3)]

    async def wave(self, moment: Moment, number: int, most: int) -> None:
        """Release a place, call the roll, call for help and report, while the bot dies."""
        before = {phone.user_id: _newest(phone) for phone in (*self.guests, *self.team)}
        calls, old = len(self.ground.service.calls), await self.ground.look(_rows)
        if number < len(HOURS_BEFORE):
            await self._comes_to(HOURS_BEFORE[number])
        await self.team[2].writes("/rollcall")
        caller = self.guests[-1 - number % GUESTS]
        await caller.writes("sos")
        for phone in self.guests[:REPORTERS]:
            await phone.writes("/report")
            for text in range(TEXTS):
                self.written.append(f"{phone.user_id} in wave {number}: {text}")
                await phone.writes(self.written[-1])
        until = self.kills[moment] + most
        while self.kills[moment] < until:
            has_died = await self._strike(moment)
            if moment in SENDING and not has_died and await self.ground.is_done():
                break
        await self._rests()
        self._has_all(before, is_released=number < len(HOURS_BEFORE))
        answers = [one for one in caller.messages if one.message_id > before[caller.user_id]]
        assert _count(answers, f"{ALARM}1") == 1
        assert await self.ground.look(account.lost) == Counter()
        new = [one for one in await self.ground.look(_entries) if one.row not in old]
        self._rings_as_owed(calls, new)
        self._says_what_is_repeated(calls, new)
        await self.team[0].presses("Close")
        await self.ground.until(self.ground.is_done, PATIENCE)

    async def is_seen(self, number: int) -> None:
        """Have somebody say that they are on it: whoever called last reads that, with the number.

        The bot dies right after that is stored, or right after the answer is sent.
        """
        caller, since = self.guests[-1 - number % GUESTS], len(self.ground.service.calls)
        self.steps.when, self.steps.every = When.AFTER, 1
        await self.team[0].presses("I'm on it")
        async with asyncio.timeout(PATIENCE):
            while not any(
                call.chat_id == caller.user_id and "Seen " in account.text_of(call)
                for call in self._arrived(since)
            ):
                await SystemClock().sleep(0.05)
        self.steps.every = 0
        await self._rests()
        seen = await caller.sees("Seen ", within=PATIENCE)
        assert f"{ALARM}1." in seen.text

    async def _strike(self, moment: Moment) -> int:
        """Have the bot die once, there; where nothing happens, it lives on. Give how often."""
        runner, before = self.ground.runner, self.ground.runner.kills
        if moment is Moment.ANY:
            await SystemClock().sleep(self.chance.uniform(0.02, 0.4))
            await runner.strike()
        elif moment in FATAL:
            runner.fate = Fate(FATAL[moment], self.chance.randrange(1, 7))
            await runner.strike()
            runner.fate, before = UNDYING, runner.kills
        else:
            self.steps.when, self.steps.every = SENDING[moment], 1
        for _ in range(100):
            if runner.kills > before:
                break
            await SystemClock().sleep(0.01)
        self.steps.every = 0
        self.kills[moment] += runner.kills - before
        return runner.kills - before

    async def _rests(self) -> None:
        """Let everything come to its end, and whoever got too much delete it."""
        await self.ground.until(self.ground.is_done, PATIENCE)
        await self.ground.runner.strike()
        await self.ground.runner.is_quiet()
        await self.ground.until(self.ground.is_done, PATIENCE)

    async def _comes_to(self, hours: int) -> None:
        event = await self.ground.look(lambda tx: next(EVENTS.find(tx, "1 = 1")))
        moment = event.starts_at - timedelta(hours=hours)
        await self.ground.runner.move(moment - self.ground.clock.now())

    def _has_all(self, before: dict[int, int], *, is_released: bool) -> None:
        """Make sure that each guest has each message of this wave once, and the team the alarm."""
        for phone in self.guests:
            new = [one for one in phone.messages if one.message_id > before[phone.user_id]]
            assert _count(new, QUESTION) == 1
            assert _count(new, NEWS) == is_released

    def _rings_as_owed(self, since: int, new: Sequence[Entry]) -> None:
        """Make sure that nothing was dropped, and that each ring that was sent has arrived.

        None comes more often than it was tried: twice only what was on its way at a kill.
        """
        assert [one for one in new if one.end == End.DROPPED] == []
        rung = [one for one in new if one.kind == RING and one.end != End.REPLACED]
        rings = Counter(one.chat_id for one in rung if one.end > End.OWED)
        came = Counter(
            call.chat_id for call in self._arrived(since) if ALARM in account.text_of(call)
        )
        assert {phone.user_id for phone in self.team} <= {one.chat_id for one in rung}
        assert [phone for phone in self.team if came[phone.user_id] < rings[phone.user_id]] == []
        most = account.most(new, RING)
        sent = Counter(
            call.chat_id
            for call in self._arrived(since)
            if call.method == "sendMessage" and ALARM in account.text_of(call)
        )
        assert [phone for phone in self.team if sent[phone.user_id] > most[phone.user_id]] == []
        self.rings += rings.total()

    def _says_what_is_repeated(self, since: int, new: Sequence[Entry]) -> None:
        """Make sure that whatever may have come before says so: news ask, the rest is numbered.

        Of what was sent at its third attempt somebody has read "(3)".
        """
        assert account.unsaid(new, self._arrived(since), {NEWS_KIND: AGAIN}) == []
        self.repeats.update(one.kind for one in new if one.end > 1)

    def _arrived(self, since: int) -> list[Call]:
        return [call for call in self.ground.service.calls[since:] if call.was_done]


def _entries(tx: Transaction) -> list[Entry]:
    return list(account.entries(tx))


def _rows(tx: Transaction) -> frozenset[int]:
    return frozenset(one.row for one in account.entries(tx))


def _newest(phone: Phone) -> int:
    return max((message.message_id for message in phone.messages), default=0)


def _count(messages: Sequence[SeenMessage], part: str) -> int:
    return len([one for one in messages if one.from_bot and part in one.text])


def texts_kept(tx: Transaction) -> Counter[str]:
    """Count each text that was kept of what people reported."""
    event = next(EVENTS.find(tx, "1 = 1"))
    return Counter(
        text
        for incident in incidents.at_event(tx, event.id)
        for stored in incidents.entries(tx, incident)
        if (text := stored.entry.detail("text"))
    )


async def test_nothing_is_lost_wherever_the_bot_is_killed(
    tmp_path: Path,
    seed: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every update once, every message there, and a repeat says that it is one."""
    monkeypatch.setenv(KEEPS_ACCOUNT, "1")
    steps = Steps(When.BEFORE, every=0)
    async with standing(tmp_path, SPEED, steps, have_people) as ground:
        story = Story(ground, steps, random.Random(seed))  # noqa: S311 - the same for a seed
        for phone in story.phones:
            await phone.opens()
        await ground.until(ground.is_done, PATIENCE)
        for number, moment in enumerate((*SENDING, *FATAL, *[Moment.ANY] * WAVES)):
            await story.wave(moment, number, MOST[moment])
        await story.is_seen(number)
        kept = await ground.look(texts_kept)
    with capsys.disabled():
        counted = "; ".join(f"{count} {moment}" for moment, count in story.kills.items())
        sys.stdout.write(
            f"\nkilled {counted}: {len(story.written)} reports kept once, "
            f"{story.rings} rings, none lost; sent again {dict(story.repeats)}, "
            f"{ground.runner.unheard_of} unheard of\n"
        )
    assert kept == Counter(story.written)
    assert story.kills[Moment.ANY] >= AT_RANDOM
    assert all(story.kills[moment] >= AT_COMMIT for moment in FATAL)
    assert all(story.kills[moment] >= LEAST_AT_REQUEST for moment in SENDING)
    assert story.repeats.keys() >= {RING, NEWS_KIND}


@pytest.mark.parametrize("name", ["as it is", "without reclaiming"])
async def test_without_reclaiming_the_suite_finds_what_is_still_owed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that cannot fail promises nothing: what was cut off stays owed for ever."""
    if name == "without reclaiming":
        monkeypatch.setenv(WITHOUT_RECLAIM, "1")
    steps = Steps(When.AFTER, every=0)
    async with standing(tmp_path, SPEED, steps, have_people) as ground:
        steps.every = 1
        await ground.service.person(700_000 + TEAM, "Somebody").writes("sos")
        await SystemClock().sleep(SHORTLY)
        steps.every = 0
        is_lost = False
        try:
            await ground.until(ground.is_done, SHORTLY)
        except TimeoutError:
            is_lost = True
        assert ground.runner.kills > 0
    assert is_lost == (name == "without reclaiming")


async def _works(ground: Ground) -> Phone:
    """Give a guest's phone once the bot has introduced itself and answered them."""
    guest = ground.service.person(700_000 + TEAM, "Somebody")
    await guest.opens()
    await ground.until(ground.is_done, PATIENCE)
    return guest


@pytest.mark.parametrize("name", ["as it is", "forgetting what was cut off"])
async def test_a_ring_that_is_lost_does_not_hide_behind_the_next(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The phone rings all the same, a little later: the account alone shows that one is gone."""
    monkeypatch.setenv(KEEPS_ACCOUNT, "1")
    if name != "as it is":
        monkeypatch.setenv(FORGETS_CUT_OFF, "1")
    steps = Steps(When.BEFORE, every=0)
    async with standing(tmp_path, SPEED, steps, have_people) as ground:
        guest = await _works(ground)
        steps.every = 1
        await guest.writes("sos")
        await SystemClock().sleep(SHORTLY)
        steps.every = 0
        await ground.until(ground.is_done, PATIENCE)
        lost = await ground.look(account.lost)
        assert ground.runner.kills > 0
    assert bool(lost) == (name != "as it is")


@pytest.mark.parametrize("name", ["as it is", "confirming first"])
async def test_confirming_before_storing_the_suite_finds_reports_lost(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Acknowledged before the commit, an update dies with the bot; nothing else may lose one."""
    if name != "as it is":
        monkeypatch.setenv(CONFIRMS_FIRST, "1")
    steps, written = Steps(When.AFTER, every=0), []
    async with standing(tmp_path, SPEED, steps, have_people) as ground:
        guest = await _works(ground)
        steps.every = 1
        await guest.writes("/report")
        for number in range(TEXTS):
            written.append(f"report {number}")
            await guest.writes(written[-1])
            await SystemClock().sleep(SHORTLY / TEXTS)
        steps.every = 0
        await ground.until(ground.is_done, PATIENCE)
        kept = await ground.look(texts_kept)
        assert ground.runner.kills > 0
    assert (kept == Counter(written)) == (name == "as it is")
