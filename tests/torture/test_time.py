"""A clock that is set, a machine that sleeps, a zone that puts its clocks on or back: one evening.

The whole bot runs, here, on a clock of its own; `aman run` itself is stopped once. An alarm is
open, a roll call has just reached the first, a stage of the place is near, retention lies ahead.
Whatever the clock does, each timer runs once, none is left out, and what counts seconds goes on
counting them; where the service dates its answers, a machine's clock that is set moves nothing at
all. Protections are taken out once each, to see that it is found.
"""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.wakeups import Wakeups
from safety import dates, escalation
from safety.alarms import Alarm
from safety.languages import Language
from safety.people import ChatId, Recipient, Role, TeamId
from safety.policy import Policy
from safety.team import TeamPerson, TeamState
from storage import people, routes, timers
from storage.team import TEAM
from storage.timers import Due
from storage.transaction import Transaction
from tests.faults.clocks import ASKED, NEWS, RING_EVERY, RUNG, Evening, Plan, evening
from tests.faults.program import START_WITHIN, Program, program

pytestmark = [pytest.mark.torture, pytest.mark.timeout(300)]

HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
ZONE = "Europe/Berlin"  # puts its clocks on at the end of March, and back at the end of October
FROM, UNTIL = time(18), time(23)
ASK_AGAIN = Policy().ask_again_after
LIVED = 50 * SECOND  # second by second, after the strike
MANY = 50  # guests, where all of them must be told to wait
HELD = "Do not set out."
EVERY = 10  # seconds between two rings: the shortest that can be set
ASLEEP = 2.5 * EVERY  # real seconds
TEAM_CHATS = {101: ("Aigul", Role.ORGANIZER), 102: ("Timur", Role.STEWARD)}
TIMUR = 102
RAN = {
    "AskToDecide": 1,
    "StageDue": 3,
    "AskAgain": 3,  # twice more, and then the team is told who is silent
    "AskHome": 5,  # two rounds in two steps each, and the team is told
    "AskHowAreYou": 2,
    "EventOver": 1,
    "TracesOver": 1,
    "RetentionWarning": 1,
    "RetentionDue": 1,
}


@dataclass(frozen=True, slots=True)
class Case:
    """What happens to the clock, and what sets it right again; when the event is."""

    strike: Callable[[Evening], None]
    amend: Callable[[Evening], None] = lambda _: None
    day: date = date(2027, 6, 5)
    asked: frozenset[int] = frozenset({3})  # times, by a roll call
    is_dated: bool = False  # the service says what time it is

    @property
    def plan(self) -> Plan:
        """Give start, end and zone of the event."""
        return Plan(*dates.span(self.day, FROM, UNTIL, ZONE), ZONE)


SET_BACK = Case(lambda night: night.is_set(-HOUR), lambda night: night.is_set(HOUR))
SUSPENDED = Case(lambda night: night.sleeps(HOUR), asked=frozenset({2, 3}))
CASES = {
    "set back and forward": SET_BACK,
    "set forward and back": Case(
        lambda night: night.is_set(HOUR),
        lambda night: night.is_set(-HOUR),
        asked=frozenset({2, 3}),  # the pause was over for the clock: the silent are asked anew
    ),
    "suspended for an hour": SUSPENDED,
    "set back and forward, and the service knows better": replace(SET_BACK, is_dated=True),
    "set forward and back, and the service knows better": Case(
        lambda night: night.is_set(HOUR), lambda night: night.is_set(-HOUR), is_dated=True
    ),
    "suspended for an hour, and the service says so": replace(SUSPENDED, is_dated=True),
    "the zone puts its clocks back": Case(lambda _: None, day=date(2027, 10, 31)),
    "the zone puts its clocks on": Case(lambda _: None, day=date(2028, 3, 26)),
}


async def _strikes(night: Evening, case: Case) -> list[str]:
    """Have it happen in the midst of everything, live for a minute, and say what was not right."""
    await night.steward.writes("sos")
    await night.lives(5 * SECOND)
    await night.organizer.writes("/rollcall")
    struck_at = await night.is_struck(case.strike)
    rounds = (await night.ran())["RingAgain"]
    await night.lives(LIVED)
    found = []
    if night.told(ASKED)[0]:
        found.append("not asked")
    rings = [struck_at, *(at for at in night.sent(night.lawyer, RUNG) if at > struck_at)]
    pauses = [later - sooner for sooner, later in pairwise([*rings, night.true.now()])]
    if max(pauses) > 2 * RING_EVERY:
        found.append("silent")
    if (await night.ran())["RingAgain"] - rounds > LIVED / RING_EVERY + 1:
        found.append("rung too often")
    return found


@pytest.mark.parametrize("name", CASES)
async def test_whatever_the_clock_does_each_timer_runs_once_and_none_is_left_out(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through to the day on which everybody is forgotten."""
    case = CASES[name]
    starts_at, ends_at = case.plan.starts_at, case.plan.ends_at
    async with evening(tmp_path, case.plan, is_dated=case.is_dated) as night:
        everybody = len(night.guests)
        assert await _strikes(night, case) == []
        for _ in range(3):
            await night.passes(ASK_AGAIN)
        asked = night.told(ASKED)
        is_time = night.now() >= starts_at - 24 * HOUR
        assert night.told(NEWS) == {int(is_time): everybody}
        await night.organizer.presses("Resolved")
        await night.comes_to_rest()
        case.amend(night)
        await night.lives(10 * SECOND)
        told = []
        for before in (24, 3, 1):
            await night.shows(starts_at - before * HOUR + SECOND)
            told.append(night.told(NEWS))
        for after in (HOUR, 2 * HOUR, 3 * HOUR, 3 * DAY, 13 * DAY, 14 * DAY):
            await night.shows(ends_at + after + SECOND)
        ran = await night.ran()
        left = await night.application.database.read(
            lambda tx: people.count_by_standing(tx, night.event.id)
        )
        violations = night.service.violations
    with capsys.disabled():
        sys.stdout.write(f"\n{name}: {sum(ran.values())} timers of {len(ran)} kinds\n")
    assert asked.keys() <= case.asked
    assert told == [Counter({stages: everybody}) for stages in (1, 2, 3)]
    assert {kind: ran[kind] for kind in RAN} == RAN
    assert left == {}
    assert violations == ()


async def test_a_hold_reaches_everybody_though_the_clock_is_set_back_after_the_first(
    tmp_path: Path,
) -> None:
    """Nobody goes on towards a place for an hour because a clock was corrected."""
    async with evening(tmp_path, SET_BACK.plan, MANY) as night:
        await night.shows(SET_BACK.plan.starts_at - 24 * HOUR)
        await night.lives(5 * SECOND)
        await night.comes_to_rest()
        await night.organizer.writes("/hold")
        await night.is_struck(SET_BACK.strike)
        began = night.now()
        await night.lives(15 * SECOND)
        await night.comes_to_rest()
        assert night.told(HELD) == {1: MANY}
        assert night.now() - began < HOUR / 2


# ---------------------------------------------------------------- the program itself


def _have_a_team(tx: Transaction) -> None:
    for chat, (name, role) in TEAM_CHATS.items():
        person = TeamPerson(TeamId(chat), role, TeamState.ACTIVE, name, SystemClock().now())
        TEAM.put(tx, person)
        routes.put(tx, None, chat, Recipient(ChatId(chat), Language.EN))


def _rings(running: Program) -> int:
    sent = [call for call in running.service.calls if call.method == "sendMessage"]
    return sum(call.parameters.get("chat_id") == TIMUR for call in sent)


def _signals(running: Program, number: signal.Signals) -> None:
    for process in (running.supervisor, *running.workers):
        os.kill(process, number)


async def test_a_suspended_bot_rings_once_for_all_that_it_slept_through(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two rings were due in the meantime; it rings one, at once, and goes on as before."""
    async with program(tmp_path) as running:
        running.surroundings["AMAN_ESCALATION_ESCALATE_AFTER_SECONDS"] = str(EVERY)
        running.surroundings["AMAN_ESCALATION_RING_EVERY_SECONDS"] = str(EVERY)
        await running.stores(_have_a_team)
        await running.starts()
        await running.works()
        phones = {
            chat: running.service.person(chat, name, language_code="en")
            for chat, (name, _) in TEAM_CHATS.items()
        }
        for phone in phones.values():
            await phone.opens()
            await phone.sees("", within=START_WITHIN)
        await phones[101].writes("sos")
        await phones[TIMUR].sees("Alarm 1.", within=START_WITHIN)
        _signals(running, signal.SIGSTOP)
        before = _rings(running)
        await SystemClock().sleep(ASLEEP)
        assert _rings(running) == before
        _signals(running, signal.SIGCONT)
        woken_at = SystemClock().monotonic()
        async with asyncio.timeout(EVERY):
            while _rings(running) == before:
                await SystemClock().sleep(0.01)
        took = SystemClock().monotonic() - woken_at
        await SystemClock().sleep(EVERY / 2 - took)
        assert _rings(running) == before + 1
        await SystemClock().sleep(EVERY)
        assert _rings(running) == before + 2
        assert running.said("standby-in-doubt") >= 1
        assert running.said("fell-behind") == 0
        assert running.service.violations == ()
    with capsys.disabled():
        sys.stdout.write(f"\nasleep for {ASLEEP:.0f} s; rung {took:.2f} s after it woke\n")


# ---------------------------------------------------------------- seen red


def _pauses_stay(patch: pytest.MonkeyPatch) -> None:
    """What counts seconds waits until the clock shows its time again."""
    patch.setattr(timers, "shift_pauses", lambda *_: None)


def _what_is_late_is_left_out(patch: pytest.MonkeyPatch) -> None:
    """As a scheduler does that calls it a misfire."""
    may_run = Wakeups._may_run  # noqa: SLF001 - whether a due timer is run

    def may_run_in_time(self: Wakeups, due: Due) -> bool:
        late = self._clock.now() - due.due_at
        return late < 60 * SECOND and may_run(self, due)

    patch.setattr(Wakeups, "_may_run", may_run_in_time)


def _each_ring_is_made_up_for(patch: pytest.MonkeyPatch) -> None:
    """What was slept through is rung once for each time it was due."""
    rung = escalation.rung

    def rung_as_planned(
        alarm: Alarm, now: datetime, policy: Policy, *, is_unanswered: bool
    ) -> Alarm:
        planned = alarm.rung_at + policy.ring_every
        after = rung(alarm, now, policy, is_unanswered=is_unanswered)
        return replace(after, rung_at=planned) if is_unanswered else after

    patch.setattr(escalation, "rung", rung_as_planned)


BREAKS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], Case, str]] = {
    "pauses stay where they are": (_pauses_stay, SET_BACK, "not asked"),
    "what is late is left out": (_what_is_late_is_left_out, SUSPENDED, "not asked"),
    "each ring is made up for": (_each_ring_is_made_up_for, SUSPENDED, "rung too often"),
}


@pytest.mark.parametrize("name", BREAKS)
async def test_without_its_protection_the_suite_sees_what_goes_wrong(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that cannot fail promises nothing."""
    breaks, case, found = BREAKS[name]
    breaks(monkeypatch)
    async with evening(tmp_path, case.plan) as night:
        assert found in await _strikes(night, case)
