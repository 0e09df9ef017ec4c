"""The written drill (docs/operations.md): a second operator goes on with what is elsewhere.

Each step is the real command line in a process of its own, against the local Bot API server.
"""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.rehearsal.botapi import BotApiServer, Phone
from storage.vault import keyslots, words
from tests.bot.conftest import TOKEN
from tests.handlers.test_complaints import files
from tests.handlers.test_disclosure import has_venue
from tests.handlers.test_reportlinks import takes
from tests.harness import World

ROOT = Path(__file__).parents[2]
WITHIN = 30.0  # real seconds for one thing to happen
FIFTEEN_MINUTES = 15 * 60
SECRET = re.compile(r"\n    ((?:[a-z]{4} ){11}[a-z]{4})\n")
NOBODY = 700_050
PHONES = {700_000: "Aigul", 700_001: "Dana", 700_004: "Timur", 700_006: "Aliya", 700_007: "Bota"}


@dataclass(slots=True)
class Machine:
    """A folder where `aman` is typed; the unlock secret is on paper, as `words`."""

    folder: Path
    words: str = ""
    link: str = ""  # for reporting, as somebody keeps it outside of the chat

    async def aman(self, *arguments: str, code: int = 0, secret: bool = True) -> str:
        """Type one command; give what it printed."""
        running = await self._start(arguments, secret=secret)
        out, errors = await asyncio.wait_for(running.communicate(), WITHIN)
        assert running.returncode == code, (arguments, out.decode(), errors.decode())
        return out.decode() + errors.decode()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """Have `aman run` run."""
        running = await self._start(("run",), secret=True)
        try:
            yield running
        finally:
            if running.returncode is None:
                running.kill()
            await running.communicate()

    async def _start(
        self, arguments: Sequence[str], *, secret: bool
    ) -> asyncio.subprocess.Process:
        surroundings = dict(os.environ)  # noqa: TID251 - a program needs its path
        surroundings["PYTHONPATH"] = str(ROOT)
        if secret:
            surroundings |= {"AMAN_VAULT_UNLOCK": "env", "AMAN_VAULT_SECRET": self.words}
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *arguments),
            cwd=self.folder,
            env=surroundings,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    def secret_in(self, printed: str) -> None:
        """Write the unlock secret down."""
        found = SECRET.search(printed)
        assert found is not None, printed
        self.words = found[1]

    def set_token(self, token: str, service: BotApiServer, more: str = "") -> None:
        """Edit config.toml as people do."""
        path = self.folder / "config.toml"
        text = path.read_text(encoding="utf-8")
        text = text.replace('token = "" ', f'token = "{token}" ', 1)
        text = text.replace("https://api.telegram.org", service.url, 1)
        path.write_text(text.replace('[copies]\ndirectory = ""', more, 1), encoding="utf-8")


@pytest.mark.timeout(240)
@pytest.mark.torture
async def test_a_second_operator_restores_into_a_running_bot_within_fifteen_minutes(
    tmp_path: Path,
) -> None:
    """People talk to the restored bot, and it knows them."""
    old, new, elsewhere = (tmp_path / name for name in ("old", "new", "elsewhere"))
    for folder in (old, new, elsewhere):
        folder.mkdir(mode=0o700)
    service = BotApiServer(token=TOKEN, username="EveningBot", clock=SystemClock())
    service.profile.can_join_groups = False
    async with service:
        for number, name in PHONES.items():
            await service.person(number, name, language_code="en").opens()
        lost = Machine(old)
        await _an_evening_on(lost, elsewhere, service)
        shutil.rmtree(old)  # the machine is lost; what is elsewhere is all there is
        await _the_drill_on(Machine(new, link=lost.link), elsewhere, service)


async def _an_evening_on(machine: Machine, elsewhere: Path, service: BotApiServer) -> None:
    """Set up, enrol the second operator, gather people, and have an alarm."""
    machine.secret_in(await machine.aman("init", "--yes", secret=False))
    copies = f'[copies]\ndirectory = "{elsewhere}"'
    machine.set_token(TOKEN, service, copies)
    await _people_gather(machine)
    printed = await machine.aman("keys", "new", str(elsewhere / "nora.key"), secret=False)
    (machine.folder / "nora.pub").write_text(printed.split("\n    ")[1].splitlines()[0])
    await machine.aman("keys", "add", "nora.pub", "--role", "deputy")
    async with machine.running():
        timur = _phone(service, "Timur")
        aliya = _phone(service, "Aliya")
        await aliya.writes("/report")
        await aliya.sees("", within=WITHIN)
        await aliya.sends_document(b"what I saw" * 1_000, "what I saw.txt")
        await aliya.writes("sos")
        await timur.sees("Alarm 1.", within=WITHIN)
        await _is_copied(elsewhere)
        beside = await machine.aman("backup", "--out", str(elsewhere / "by-hand"))
        assert "1 enrolled identities open it" in beside


def _phone(service: BotApiServer, name: str) -> Phone:
    number = next(number for number, whose in PHONES.items() if whose == name)
    return service.person(number, name, language_code="en")


async def _people_gather(machine: Machine) -> None:
    """Put people there who have registered, as chat would have done."""
    data = machine.folder / "data"
    secret = words.parse(machine.words)
    slots = await asyncio.to_thread(keyslots.unlock, data / "keys", secret)
    async with World(data, now=SystemClock().now(), keys=(slots, secret)) as world:
        team = await world.has_team()
        event = await world.has_event()
        aliya, bota = await world.has_participants(event, "Aliya", "Bota")
        await has_venue(world, team)
        await bota.writes("/report")
        await bota.writes("They asked for us at the station.")
        await files(team.lawyer)
        await aliya.writes("/privacy")
        machine.link = await takes(aliya)


async def _is_copied(elsewhere: Path) -> None:
    """Wait for the file that was sent, and for a backup that knows of it."""
    async with asyncio.timeout(WITHIN):
        while not _is_newer(elsewhere / "backup", elsewhere / "evidence"):
            await SystemClock().sleep(0.1)


def _is_newer(backup: Path, store: Path) -> bool:
    files = list(store.glob("*.sealed")) if backup.exists() else []
    return bool(files) and backup.stat().st_mtime_ns > files[0].stat().st_mtime_ns


async def _the_drill_on(machine: Machine, elsewhere: Path, service: BotApiServer) -> None:
    began = SystemClock().monotonic()
    shutil.copytree(elsewhere, machine.folder, dirs_exist_ok=True)
    printed = await machine.aman("restore", "backup", "--identity", "nora.key", secret=False)
    assert "Restored:" in printed
    machine.secret_in(printed)
    machine.set_token(TOKEN, service)
    looked = await machine.aman("doctor", code=1)
    not_yet = [line for line in looked.splitlines() if not line.startswith("ok")]
    assert [line[5:27] for line in not_yet] == ["Only one unlock secret"], looked
    async with machine.running():
        aigul = _phone(service, "Aigul")
        dana = _phone(service, "Dana")
        timur = _phone(service, "Timur")
        bota = _phone(service, "Bota")
        await aigul.sees("set up again from a copy", within=WITHIN)
        await bota.writes("sos")
        await timur.sees("2 people are calling", within=WITHIN)
        await timur.presses("Show")
        await timur.sees("Bota", within=WITHIN)
        await aigul.writes("/venue")
        await aigul.sees("hold", within=WITHIN)
        await timur.writes("/case")
        await timur.presses("All complaints", within=WITHIN)
        await timur.presses("1 · Police", within=WITHIN)
        await timur.sees("City department", within=WITHIN)
        nobody = service.person(NOBODY, "Nobody", language_code="en")
        await nobody.opens(machine.link)
        await nobody.sees("What happened?", within=WITHIN)
        await nobody.writes("They came to us.")
        await aigul.sees("Something new", within=WITHIN)
        await dana.sees("set up again from a copy", within=WITHIN)
        seconds = SystemClock().monotonic() - began
        await machine.aman("backup", "--out", "once-more")
    print(f"\nthe drill took {seconds:.1f} s of the commands' own time")  # noqa: T201 - a figure
    assert seconds < FIFTEEN_MINUTES
    files = (machine.folder / "data" / "evidence").glob("*.sealed")
    assert len(list(files)) == 1
    assert service.violations == ()
