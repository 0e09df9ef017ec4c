"""Writing at length, whole: from the running bot to a keyholder's computer, and back into it."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest

from bot.clock import SystemClock
from coordination import keyholders
from coordination.turns import Work
from safety.languages import Language
from safety.people import ChatId, EventId, Recipient, Role, TeamId
from safety.policy import Policy
from safety.team import TeamPerson, TeamState
from storage import routes
from storage.events import EVENTS
from storage.team import TEAM
from storage.transaction import Transaction
from storage.vault import identities, verifier
from storage.vault.keys import Key, public_half
from tests.bot.test_bundles import records_of
from tests.faults.program import ROOT, START_WITHIN, program
from tests.made import gathering

AIGUL = 5_100_000_101
QUOTE = "Кетіңдер бұл жерден!\n" * 100


def _an_evening(public: Key, tx: Transaction) -> None:
    """Put an organizer, an event and a lawyer's public key there."""
    now = SystemClock().now()
    event = gathering(EventId(7), now + timedelta(days=1), timedelta(hours=3))
    tx.create_event_keys(event.id)
    EVENTS.put(tx, event)
    TEAM.put(tx, TeamPerson(TeamId(1), Role.ORGANIZER, TeamState.ACTIVE, "Aigul", now))
    routes.put(tx, None, TeamId(1), Recipient(ChatId(AIGUL), Language.EN))
    keyholders.enrol(Work(tx, now, Policy()), Role.LAWYER, "Timur", public)


@asynccontextmanager
async def _page(bundle: Path, identity: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the page as a person does, and end it with Ctrl-C."""
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "open", str(bundle)),
        *("--identity", str(identity), "--edit"),
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    assert command.stdout is not None
    printed = await asyncio.wait_for(command.stdout.readline(), START_WITHIN)
    address = re.search(r"(http://127\.0\.0\.1:\d+)(/\S+/)", printed.decode())
    assert address is not None, printed
    headers = {"origin": address[1]}
    base = f"{address[1]}{address[2]}".replace("/ru/", "/kk/")
    async with httpx.AsyncClient(base_url=base, headers=headers, follow_redirects=True) as client:
        yield client
    command.send_signal(signal.SIGINT)
    rest, _ = await asyncio.wait_for(command.communicate(), START_WITHIN)
    assert command.returncode == 0
    assert f"{bundle.name}.additions (2 additions)" in rest.decode()


@pytest.mark.torture
@pytest.mark.timeout(180)
async def test_a_record_is_completed_on_a_computer_beside_a_running_bot(tmp_path: Path) -> None:
    """Reported in the chat, given out sealed, written at length, brought, seen, proved."""
    private, identity = identities.new_identity(), tmp_path / "timur.identity"
    identity.write_text(identities.private_text(private), encoding="utf-8")
    bundle, file, out = (tmp_path / name for name in ("sealed", "sealed.additions", "plain"))
    async with program(tmp_path / "home") as one:
        await one.stores(partial(_an_evening, public_half(private)))
        aigul = one.service.person(AIGUL, "Aigul", language_code="en")
        await aigul.opens()
        await one.starts()
        await one.works()
        await aigul.writes("/report")
        await aigul.sees("What happened?", within=START_WITHIN)
        await aigul.writes("They stood at the door.")
        await aigul.presses("Done", within=START_WITHIN)
        await one.service.settles(within=START_WITHIN)
        assert (await one.aman("export", "7", "--sealed", "--out", str(bundle))).code == 0
        async with _page(bundle, identity) as page:
            said = {"quote": QUOTE, "language": "kk", "basis": "told", "according_to": "N."}
            saved = await page.post("1/quote", data=said)
            assert "Сақталды." in saved.text
            day = {"precision": "day", "date": "28.05.2026", "basis": "document"}
            assert "Сақталды." in (await page.post("1/date", data=day)).text
        brought = await one.aman("amend", str(file))
        assert (brought.code, brought.err) == (0, "")
        assert brought.out == "Added: 2 additions to 1 records, written by Timur.\n"
        await aigul.writes("/incidents")  # else it is told within a minute
        news = await aigul.sees("Written by Timur", within=START_WITHIN)
        await aigul.presses("Look through", message=news, within=START_WITHIN)
        await aigul.presses(" 1 · ", within=START_WITHIN)
        await aigul.sees("Stated (Timur, on a computer): When", within=START_WITHIN)
        assert (await one.aman("export", "7", "--out", str(out))).code == 0
        assert one.said("fault") == 0
    assert verifier.verify(out) == ()
    (record,) = records_of(out)
    assert record["quotes"][0]["text"] == QUOTE.strip()
    assert record["date"] == {"precision": "day", "value": "2026-05-28"}
