"""Two real `aman run` of one bot: the restored one takes over, and nothing is handled twice."""

import asyncio
import os
import shutil
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.backup import ESCROW, PURGES
from bot.clock import SystemClock
from bot.rehearsal.botapi import Phone
from bot.restoring import Set, Where, restore
from bot.setup import Made
from coordination import keyholders
from coordination.turns import Work
from safety.languages import Language
from safety.people import ChatId, Recipient, Role, TeamId
from safety.policy import Policy
from safety.standby import STILL_CERTAIN
from safety.team import TeamPerson, TeamState
from storage import incidents, routes
from storage.team import TEAM
from storage.transaction import Transaction
from storage.vault import derivation
from storage.vault.keys import CasePair, new_case_pair
from tests.faults.program import START_WITHIN, Program, copy_of, program

SENTENCE = "Another copy of this bot works"
AIGUL, TIMUR = 101, 102
TEXTS = 6


def _have_a_team(pair: CasePair, tx: Transaction) -> None:
    now = SystemClock().now()
    for chat, name, role in (
        (AIGUL, "Aigul", Role.ORGANIZER),
        (TIMUR, "Timur", Role.STEWARD),
    ):
        TEAM.put(tx, TeamPerson(TeamId(chat), role, TeamState.ACTIVE, name, now))
        routes.put(tx, None, chat, Recipient(ChatId(chat), Language.EN))
    keyholders.enrol(Work(tx, now, Policy()), Role.DEPUTY, "Nora", pair.public)


@asynccontextmanager
async def _two_copies(folder: Path) -> AsyncIterator[tuple[Program, Program]]:
    """Have a bot that works, and another machine with what was restored from its backup."""
    pair = new_case_pair()
    async with program(folder / "old") as old:
        await old.stores(lambda tx: _have_a_team(pair, tx))
        await old.starts()
        await old.works()
        await _they_open_it(old)
        backup = folder / "backup"
        assert (await old.aman("backup", "--out", str(backup))).code == 0
        await old.is_killed()  # what it leaves from then on, the backup does not know
        await old.works()
        escrow, purges = (backup.with_name(backup.name + ending) for ending in (ESCROW, PURGES))
        files = Set(backup, escrow, purges, folder / "evidence")
        where = Where(folder / "new", SystemClock().now(), derivation.FLOOR)
        restored = await asyncio.to_thread(restore, files, pair.private, where, lambda _: None)
        made = Made(where.folder / "config.toml", restored.config.directory, restored.words)
        async with copy_of(old, made, folder) as new:
            yield old, new


async def _they_open_it(one: Program) -> None:
    for chat, name in ((AIGUL, "Aigul"), (TIMUR, "Timur")):
        phone = one.service.person(chat, name, language_code="en")
        await phone.opens()
        await phone.sees("", within=START_WITHIN)


def _signals(one: Program, number: signal.Signals) -> None:
    for process in (one.supervisor, *one.workers):
        os.kill(process, number)


async def _reports(phone: Phone, first: int) -> None:
    """Say several things without a pause; each becomes an entry, and is thanked for."""
    for number in range(first, first + TEXTS):
        await phone.writes(f"text {number}")


def _answers(one: Program, chat: int) -> int:
    """Count the messages that one person was sent by whatever copy."""
    sent = (call for call in one.service.calls if call.method == "sendMessage")
    return sum(call.parameters.get("chat_id") == chat for call in sent)


def _texts(tx: Transaction) -> Counter[str]:
    return Counter(
        text
        for incident in incidents.at_event(tx, None)
        for stored in incidents.entries(tx, incident)
        if (text := stored.entry.detail("text"))
    )


async def _settled(one: Program) -> None:
    await one.service.settles(within=START_WITHIN)


@pytest.mark.torture
async def test_a_restored_copy_takes_over_and_the_old_one_ends_and_refuses(
    tmp_path: Path,
) -> None:
    """Without a crash, a word to the old copy's people, or a restart by its supervisor."""
    async with _two_copies(tmp_path) as (old, new):
        aigul = old.service.person(AIGUL, "Aigul", language_code="en")
        await new.starts()
        await new.works()
        assert await old.ends() == 1
        assert old.said("event=overtaken") == 1
        assert old.said(SENTENCE) == 1
        assert old.said("worker-ended") == 1  # the one that was killed before
        await aigul.sees("set up again from a copy", within=START_WITHIN)
        timur = old.service.person(TIMUR, "Timur", language_code="en")
        await aigul.writes("sos")
        await timur.sees("Alarm 101", within=START_WITHIN)  # the restored copy's number
        await old.starts()
        assert await old.ends() == 1
        assert old.said(SENTENCE) == 2
        assert old.said("event=started") == 2
        await old.starts("--take-over")
        await old.works()
        assert await new.ends() == 1
        assert new.said(SENTENCE) == 1
        assert old.service.violations == ()


@pytest.mark.torture
async def test_a_copy_that_was_suspended_handles_nothing_after_another_took_over(
    tmp_path: Path,
) -> None:
    """It wakes up amid updates that the other one handles, and stores and sends nothing more."""
    async with _two_copies(tmp_path) as (old, new):
        timur = old.service.person(TIMUR, "Timur", language_code="en")
        await timur.writes("/report")
        await timur.sees("What happened?", within=START_WITHIN)
        _signals(old, signal.SIGSTOP)
        stopped_at = SystemClock().monotonic()
        await new.starts()
        await new.works()
        await timur.writes("/report")
        await timur.sees("What happened?", within=START_WITHIN)
        await _reports(timur, 0)
        asleep = STILL_CERTAIN.total_seconds() + 1
        await SystemClock().sleep(max(asleep - (SystemClock().monotonic() - stopped_at), 0))
        await _settled(new)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_reports(timur, TEXTS))
            _signals(old, signal.SIGCONT)
            assert await old.ends() == 1
        await _settled(new)
        assert old.said("event=overtaken") == 1
        assert old.service.violations == ()
        await SystemClock().sleep(1.0)  # what was taken in is handled
        os.kill(new.supervisor, signal.SIGTERM)
        assert await new.ends() == 0
        written = Counter(f"text {number}" for number in range(2 * TEXTS))
        assert await new.stores(_texts) == written
        assert await old.stores(_texts) == Counter()


async def test_of_two_on_the_same_data_the_later_one_works(tmp_path: Path) -> None:
    """Where no lock is to be believed, as on a shared disk, the fence is in the database."""
    async with program(tmp_path / "one") as one:
        await one.stores(lambda tx: _have_a_team(new_case_pair(), tx))
        await one.starts()
        await one.works()
        await _they_open_it(one)
        keys = one.made.directory / "keys"
        shutil.copy2(keys, keys.with_suffix(".same"))
        keys.with_suffix(".same").replace(keys)  # as if nobody held the lock
        async with copy_of(one, one.made, tmp_path) as other:
            await other.starts()
            await other.works()
            aigul = one.service.person(AIGUL, "Aigul", language_code="en")
            timur = one.service.person(TIMUR, "Timur", language_code="en")
            before = _answers(one, TIMUR)
            await aigul.writes("sos")
            await timur.sees("Alarm 1.", within=START_WITHIN)
            assert await one.ends() == 1
            assert _answers(one, TIMUR) == before + 1
            assert other.running is not None
            assert other.running.returncode is None
