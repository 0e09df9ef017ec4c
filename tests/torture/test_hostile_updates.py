"""Ten thousand updates as nobody should send them, and five thousand strangers who cry for help.

What the bot may be handed is generated from the published definition, whole and broken, from each
role and from nobody. The same seed makes the same updates. Protections are taken out once each, to
see that what then changes is found.
"""

import statistics
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from bot import logs
from bot.app import Application
from bot.clock import SystemClock
from bot.rehearsal.botapi.chats import Standing
from bot.rehearsal.botapi.shapes import JsonObject
from coordination import turns
from coordination.actors import find_actor
from safety.people import Actor, ChatId, Role
from safety.policy import Policy
from storage import routes
from storage.transaction import Transaction
from tests.hostile.judging import besiege
from tests.hostile.shapes import MARKER
from tests.hostile.siege import BATCH, FIRST_ID, Siege, besieged

pytestmark = [pytest.mark.torture, pytest.mark.in_parts, pytest.mark.timeout(600)]

MANY = 10_000  # updates
FEW = 150  # of each half, to see what a missing protection lets through
EVERY = 5  # of whose updates one meets a fault
STALLED = 10.0  # real seconds; 3.3 where nothing else runs, and a part runs beside others
CROWD = 5_000  # strangers
FEW_CRIES = 600  # that are taken for alarms
CROWD_FROM = FIRST_ID + 1_000_000
CALLS = 3  # with nobody else there, and as many in the midst of the crowd
BETWEEN = 1.3  # seconds; a chat takes about one message in each
# Times as long as with nobody else there: 2.5 to 3.3 were measured, and 5.4 beside other work, for
# all these people's service runs here too; 12 to 56 where everybody counts as known.
SLOWER = 6.0


async def test_ten_thousand_hostile_updates_change_nothing_and_stop_nothing(
    tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """No fault, no stall, no word in the log; and without authority nothing stored changes."""
    verdict = await besiege(tmp_path, seed, MANY)
    with capsys.disabled():
        unread = verdict.events["update-set-aside"]
        sys.stdout.write(
            f"\n{verdict.updates} hostile updates (seed {seed}): {unread} set aside unread, "
            f"a guest in between answered after {verdict.slowest:.2f} s at most\n"
        )
    assert verdict.updates == MANY
    assert verdict.changed == []
    assert verdict.faults == []
    assert verdict.leaks == []
    assert verdict.slowest < STALLED


async def test_five_thousand_strangers_who_write_sos_do_not_delay_an_alarm(
    tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Words alone overtake nobody: whoever calls must be known."""
    alone, crowded = await _ring(tmp_path, seed, CROWD)
    once, longest = statistics.median(alone), max(crowded)
    with capsys.disabled():
        sys.stdout.write(
            f"\nan alarm rings {once * 1000:.0f} ms after the call; in the midst of {CROWD} "
            f"strangers' after {longest * 1000:.0f} ms at most: {longest / once:.1f} times\n"
        )
    assert longest <= SLOWER * once


async def _ring(folder: Path, seed: int, crowd: int) -> tuple[list[float], list[float]]:
    """Give the seconds until calls ring with nobody else there, and in the midst of a crowd."""
    async with besieged(folder, seed, speed=1.0) as siege:
        callers = iter(siege.cast.callers)
        alone, crowded = [], []
        for _ in range(CALLS):
            await SystemClock().sleep(BETWEEN)
            alone.append(await siege.rings_after(next(callers)))
        batches = [_cries(siege, start) for start in range(0, crowd, BATCH)]
        for third in range(CALLS):
            await SystemClock().sleep(BETWEEN)
            for batch in batches[third::CALLS]:
                siege.queue.slip_in(batch)
            crowded.append(await siege.rings_after(next(callers)))
    return alone, crowded


# ---------------------------------------------------------------- seen red


def _lets_everybody_pass(patch: pytest.MonkeyPatch) -> None:
    """Whoever is known may do everything."""
    patch.setattr(turns, "is_allowed", lambda *_: True)


def _knows_strangers(patch: pytest.MonkeyPatch) -> None:
    """Whoever is nobody we know counts as an organizer."""

    def found(
        tx: Transaction, policy: Policy, chat_id: ChatId, language_code: str | None
    ) -> Actor:
        actor = find_actor(tx, policy, chat_id, language_code)
        is_stranger = Role.STRANGER in actor.roles
        return replace(actor, team_role=Role.ORGANIZER) if is_stranger else actor

    patch.setattr("handlers.guard.find_actor", found)


BREAKS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], bool]] = {
    "as it is": (lambda _: None, False),
    "the guard lets everybody pass": (_lets_everybody_pass, True),
    "strangers count as organizers": (_knows_strangers, True),
}


@pytest.mark.parametrize("name", BREAKS)
async def test_without_its_protection_the_suite_sees_what_has_changed(
    name: str, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that cannot fail promises nothing."""
    breaks, has_changed = BREAKS[name]
    async with besieged(tmp_path, seed) as siege:
        before = await siege.contents()
        breaks(monkeypatch)
        for senders in (siege.cast.outside, siege.cast.inside):
            await siege.strike(FEW, senders, rightly=False)
        await siege.handles()
        changed = before.changed(await siege.contents())
    assert bool(changed) == has_changed, changed


def _raises(patch: pytest.MonkeyPatch) -> None:
    """Some of what is sent meets a fault of ours; not the guest, who is told of it once a day."""
    handle = Application._handle  # noqa: SLF001 - what handles one update

    def handle_or_raise(
        self: Application, tx: Transaction, now: datetime, seq: int, raw: bytes
    ) -> None:
        if MARKER.encode() in raw and b"/help" not in raw and not seq % EVERY:
            raise KeyError(seq)
        handle(self, tx, now, seq, raw)

    patch.setattr(Application, "_handle", handle_or_raise)


def _logs_words(patch: pytest.MonkeyPatch) -> None:
    """What is sent is logged, and no list says what may be."""
    handle = Application._handle  # noqa: SLF001 - what handles one update

    def handle_and_log(
        self: Application, tx: Transaction, now: datetime, seq: int, raw: bytes
    ) -> None:
        logs.note("update-handled", kind=raw.decode())
        handle(self, tx, now, seq, raw)

    patch.setattr(Application, "_handle", handle_and_log)
    patch.setattr(logs, "_is_allowed", lambda *_: True)


FAULTY: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], bool, bool]] = {
    "as it is": (lambda _: None, False, False),
    "a handler raises": (_raises, True, False),
    "a handler logs what is sent": (_logs_words, True, True),
}


@pytest.mark.parametrize("name", FAULTY)
async def test_a_handler_of_ours_that_fails_or_tells_is_found_in_the_log(
    name: str, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As above: by a line that nobody expects, and by a line that says something of a person."""
    breaks, is_faulty, leaks = FAULTY[name]
    breaks(monkeypatch)
    verdict = await besiege(tmp_path, seed, FEW)
    assert bool(verdict.faults) == is_faulty, verdict.faults
    assert bool(verdict.leaks) == leaks


async def test_where_everybody_counts_as_known_the_suite_sees_alarms_wait(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As above: strangers' cries go in the alarm's own lane, before it, and ring as well."""
    monkeypatch.setattr(routes, "is_known", lambda *_: True)
    _knows_strangers(monkeypatch)
    alone, crowded = await _ring(tmp_path, seed, FEW_CRIES)
    assert max(crowded) > SLOWER * statistics.median(alone)


def _cries(siege: Siege, start: int) -> list[JsonObject]:
    numbers = range(CROWD_FROM + start, CROWD_FROM + start + BATCH)
    return [_cry(siege, number) for number in numbers]


def _cry(siege: Siege, number: int) -> JsonObject:
    chat: JsonObject = {"id": number, "type": "private", "first_name": "Somebody"}
    siege.service.messenger.open_chat(number, chat, Standing.OPEN)
    user: JsonObject = {
        "id": number,
        "is_bot": False,
        "first_name": "Somebody",
        "language_code": "en",
    }
    message: JsonObject = {
        "message_id": 1,
        "date": 1_800_000_000,
        "chat": chat,
        "from": user,
        "text": "SOS",
    }
    return {"update_id": number, "message": message}
