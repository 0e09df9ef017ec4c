"""The whole bot on a line that breaks: what people say is heard, what is owed arrives or is told.

Intake, handling, timers and delivery work together, in a process of their own, while the service
fails in every way that it can; time is moved. A place is released, the roll is called, somebody
calls for help and others report, before the trouble and in the middle of it.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.rehearsal.botapi import Call, Fault, FaultKind, Phone
from storage.events import EVENTS
from storage.transaction import Transaction
from tests.faults import account
from tests.faults.account import End, Entry
from tests.faults.fates import GIVES_UP, HOPES, KEEPS_ACCOUNT
from tests.faults.killing import Steps, When
from tests.faults.standing import Ground, standing
from tests.torture.test_killed_anywhere import (
    AGAIN,
    ALARM,
    NEWS,
    NEWS_KIND,
    QUESTION,
    TEAM,
    have_people,
    texts_kept,
)

pytestmark = [pytest.mark.torture, pytest.mark.in_parts, pytest.mark.timeout(300)]

SPEED = 10.0  # seconds of the evening in a real one
LASTS = timedelta(minutes=10)  # the trouble
STEP = timedelta(seconds=20)  # of the evening
GLANCE = 0.15  # real seconds in which the bot works in each step
BEFORE_START = timedelta(hours=3)  # a place is released then
GUESTS = 16
PATIENCE = 90.0  # real seconds
CALLERS = (0, 1)  # of the guests: before the trouble, and in it


@dataclass(frozen=True, slots=True)
class Trouble:
    """One way to fail. `method`: of which calls; None: of all, also of asking for updates."""

    kind: FaultKind
    method: str | None = None
    retry_after: int = 1
    may_repeat: bool = False


TROUBLES = {
    "the service cannot serve": Trouble(FaultKind.SERVER_ERROR),
    "a storm of halts": Trouble(FaultKind.TOO_MANY, retry_after=20),
    "the line is cut before": Trouble(FaultKind.CUT_BEFORE, "sendMessage"),
    "the line is cut after": Trouble(FaultKind.CUT_AFTER, "sendMessage", may_repeat=True),
    "a blackout": Trouble(FaultKind.CUT_BEFORE),
}


class Evening:
    """What people do, and what must have come of it."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._written: list[str] = []

    @property
    def guests(self) -> list[Phone]:
        """Give the phones of those who are coming."""
        return [self._phone(TEAM + number) for number in range(GUESTS)]

    @property
    def rung(self) -> list[Phone]:
        """Give the phones of those whom an alarm rings."""
        return [self._phone(number) for number in (0, 1, 3)]

    def _phone(self, number: int) -> Phone:
        return self._ground.service.person(700_000 + number, "Somebody")

    async def begins(self) -> None:
        """Have everybody there, and the bot at work."""
        for number in range(TEAM + GUESTS):
            await self._phone(number).opens()
        await self._ground.until(self._ground.is_done, PATIENCE)

    async def happens(self, caller: int) -> None:
        """Have somebody call for help, and others report."""
        await self.guests[caller].writes("sos")
        for phone in self.guests[-3:]:
            await phone.writes("/report")
            self._written.append(f"{phone.user_id} of {caller}")
            await phone.writes(self._written[-1])

    async def endures(self, trouble: Trouble) -> None:
        """Let all of it happen while the line is in trouble; then all comes to its end."""
        await self.happens(CALLERS[0])
        await self._ground.until(self._ground.is_done, PATIENCE)
        self._ground.service.faults.add(
            Fault(trouble.kind, trouble.method, times=None, retry_after=trouble.retry_after)
        )
        event = await self._ground.look(lambda tx: next(EVENTS.find(tx, "1 = 1")))
        now = self._ground.clock.now()
        await self._ground.runner.move(event.starts_at - BEFORE_START - now)
        await self.rung[2].writes("/rollcall")
        await self._passes(LASTS / 2)
        await self.happens(CALLERS[1])
        await self._passes(LASTS / 2)
        self._ground.service.faults.clear()
        await self._passes(timedelta(minutes=2))
        await self._ground.until(self._ground.is_done, PATIENCE)

    async def _passes(self, by: timedelta) -> None:
        for _ in range(by // STEP):
            await self._ground.runner.move(STEP)
            await SystemClock().sleep(GLANCE)

    async def check(self, *, may_repeat: bool) -> None:
        """Find what people said once, and all that was owed on the phones.

        Raises:
            AssertionError: something is lost, or came twice without saying so.
        """
        noted = await self._ground.look(_noted)
        assert await self._ground.look(account.lost) == Counter()
        assert [one for one in noted if one.end == End.DROPPED] == []
        assert account.unsaid(noted, self._ground.service.calls, {NEWS_KIND: AGAIN}) == []
        assert await self._ground.look(texts_kept) == Counter(self._written)
        rings = Counter(one.chat_id for one in noted if one.kind == "AlarmRing" and one.end > 0)
        most = account.most(noted, "AlarmRing")
        for phone in self.rung:
            assert len(self._came(phone, ALARM)) >= rings[phone.user_id] > 0
            assert self._rang(phone) <= most[phone.user_id], "rang more often than it was tried"
        for number in CALLERS:
            assert self._came(self.guests[number], f"{ALARM}1"), "a caller was never answered"
        for phone in self.guests:
            for part, says in ((QUESTION, "Sent again ("), (NEWS, AGAIN)):
                _, *others = self._came(phone, part)
                assert not others or may_repeat, f"came {1 + len(others)} times"
                assert all(says in text for text in others), "came twice and does not say so"

    def _came(self, phone: Phone, part: str) -> list[str]:
        """Give what has arrived in a chat with these words, each new message or change of one."""
        texts = (account.text_of(call) for call in self._done(phone))
        return [text for text in texts if part in text]

    def _rang(self, phone: Phone) -> int:
        sent = [one for one in self._done(phone) if one.method == "sendMessage"]
        return len([one for one in sent if ALARM in account.text_of(one)])

    def _done(self, phone: Phone) -> list[Call]:
        calls = self._ground.service.calls
        return [call for call in calls if call.was_done and call.chat_id == phone.user_id]


def _noted(tx: Transaction) -> list[Entry]:
    return list(account.entries(tx))


async def _endure(name: str, folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv(KEEPS_ACCOUNT, "1")
    never, trouble = Steps(When.BEFORE, every=0), TROUBLES[name]
    async with standing(folder, SPEED, never, have_people) as ground:
        evening = Evening(ground)
        await evening.begins()
        await evening.endures(trouble)
        await evening.check(may_repeat=trouble.may_repeat)


@pytest.mark.parametrize("name", TROUBLES)
async def test_the_whole_bot_endures_what_the_line_does(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each report once, each ring and question there, and what comes twice says so."""
    await _endure(name, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("broken", "name"), [(GIVES_UP, "a blackout"), (HOPES, "the line is cut after")]
)
async def test_without_its_protection_the_whole_bot_is_found_out(
    broken: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that cannot fail promises nothing."""
    monkeypatch.setenv(broken, "1")
    with pytest.RaisesGroup(AssertionError, allow_unwrapped=True, flatten_subgroups=True):
        await _endure(name, tmp_path, monkeypatch)
