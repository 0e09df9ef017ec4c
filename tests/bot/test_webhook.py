"""Updates that are delivered: taken once they are committed, from nobody but the service."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from telegram import Bot

from bot.clock import MovableClock, SystemClock
from bot.config import Config, load
from bot.hearing import Hearing
from bot.intake import ALLOWED, Intake
from bot.polling import Polling
from bot.receiving import receive_with
from bot.rehearsal.botapi import BotApiServer, Fault, FaultKind
from bot.rehearsal.botapi.courier import DELIVERY
from bot.webhook import LARGEST, LOOK_EVERY, SECRET_HEADER, Webhook
from bot.webhookconfig import WebhookSetting
from handlers.incoming import is_alarm_like
from safety.intake import Trouble
from storage import inbox
from storage.database import Database
from storage.inbox import Received
from storage.lease import Fence, OvertakenError
from storage.transaction import Transaction
from storage.vault.keyslots import KeySlots
from tests.bot.conftest import TOKEN

SECRET = "what-only-the-service-knows"  # noqa: S105 - of these tests


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass(slots=True)
class Gate:
    """A webhook at work, and the service that knows of it."""

    service: BotApiServer
    database: Database
    bot: Bot
    clock: MovableClock
    port: int = field(default_factory=free_port)
    unstored: list[Received] = field(default_factory=list)
    former: str = ""

    @property
    def url(self) -> str:
        """Give the address that the service is told."""
        return f"http://127.0.0.1:{self.port}/hook"

    def intake(self, hearing: Hearing) -> Intake:
        """Give what stores what comes in."""
        return Intake(
            self.database,
            self.clock,
            hearing,
            is_alarm_like,
            lambda: None,
            self._unstored,
            lambda *_: None,
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Hearing]:
        """Let it listen while the block lasts."""
        hearing = Hearing(self.clock)
        intake = self.intake(hearing)
        setting = WebhookSetting(self.url, "127.0.0.1", self.port, SECRET)
        webhook = Webhook(intake, self.bot, setting, self.former)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(webhook.run())
            await until(lambda: hearing.heard_at is not None or hearing.failures > 0)
            yield hearing
            running.cancel()

    async def is_told_our_address(self) -> None:
        """Wait until the service delivers here."""
        async with asyncio.timeout(10):
            while (await self.bot.get_webhook_info()).url != self.url:
                await SystemClock().sleep(0.01)

    async def stored(self) -> list[bytes]:
        """Give what waits to be handled."""
        return await self.database.read(_words)

    async def has_stored(self, count: int) -> list[bytes]:
        """Wait until so much waits to be handled."""
        async with asyncio.timeout(10):
            while len(found := await self.stored()) < count:
                await SystemClock().sleep(0.01)
        return found

    async def posts(
        self,
        body: bytes = b'{"update_id": 7, "message": {}}',
        *,
        secret: str | None = SECRET,
        method: str = "POST",
        path: str = "/hook",
    ) -> int:
        """Ask for something, as anybody may; give the status."""
        headers = [] if secret is None else [(SECRET_HEADER.encode(), secret.encode())]
        async with httpx.AsyncClient(trust_env=False) as client:
            url = f"http://127.0.0.1:{self.port}{path}"
            answer = await client.request(method, url, content=body, headers=headers)
        assert answer.content == b"" or answer.status_code in {404, 405}
        return answer.status_code

    async def _unstored(self, updates: Sequence[Received]) -> None:
        self.unstored.extend(updates)


@pytest.fixture
def gate(service: BotApiServer, database: Database, bot: Bot, clock: MovableClock) -> Gate:
    """Give a webhook that can be opened."""
    service.messenger.updates.is_local = True
    return Gate(service, database, bot, clock)


async def test_what_is_delivered_is_stored_and_then_let_go(gate: Gate) -> None:
    """In its order, and with nothing that waited before dropped."""
    dana = gate.service.person(17, "Dana")
    await dana.opens()
    async with gate.open() as hearing:
        await dana.writes("hello")
        rows = await gate.has_stored(2)
        await gate.service.settles()
        assert hearing.trouble is None
    assert b"hello" in rows[1]
    (asked,) = [call for call in gate.service.calls if call.method == "setWebhook"]
    assert asked.parameters["secret_token"] == SECRET
    assert asked.parameters["allowed_updates"] == list(ALLOWED)
    assert not asked.parameters.get("drop_pending_updates")


async def test_an_answer_that_never_arrives_brings_an_update_twice_and_stores_it_once(
    gate: Gate,
) -> None:
    """Between the commit and the 200 everything may break."""
    dana = gate.service.person(17, "Dana")
    async with gate.open():
        gate.service.faults.add(Fault(FaultKind.CUT_AFTER, method=DELIVERY))
        await dana.opens()
        await gate.has_stored(1)
        assert gate.service.pending_updates == 1
        gate.clock.move(timedelta(seconds=1))
        await gate.service.settles()
    assert len(await gate.stored()) == 1


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"secret": None}, 403),
        ({"secret": ""}, 403),
        ({"secret": SECRET[:-1]}, 403),
        ({"secret": SECRET + "x"}, 403),
        ({"secret": "\N{LATIN SMALL LETTER E WITH ACUTE}"}, 403),
        ({"secret": SECRET.upper(), "body": b"x" * 100}, 403),
        ({"method": "GET"}, 405),
        ({"method": "PUT"}, 405),
        ({"path": "/"}, 404),
        ({"path": "/hook/"}, 404),
        ({"path": "/hook/more"}, 404),
        ({"body": b""}, 400),
        ({"body": b"not json"}, 400),
        ({"body": b"\xff\xfe"}, 400),
        ({"body": b"[" * 100_000}, 400),
        ({"body": b"[]"}, 400),
        ({"body": b"7"}, 400),
        ({"body": b'{"message": {}}'}, 400),
        ({"body": b'{"update_id": "7"}'}, 400),
        ({"body": b'{"update_id": -1}'}, 400),
        ({"body": b'{"update_id": true}'}, 400),
        ({"body": b'{"update_id": 1e99}'}, 400),
        ({"body": b" " * (LARGEST + 1)}, 413),
    ],
)
async def test_whatever_is_no_update_of_the_service_is_refused_and_leaves_nothing(
    gate: Gate, changes: dict[str, str], status: int
) -> None:
    """Anybody may find the address; without the secret it does nothing."""
    async with gate.open():
        assert await gate.posts(**changes) == status  # type: ignore[arg-type] # a table of cases
        assert await gate.stored() == []
        assert await gate.posts() == 200
        assert len(await gate.stored()) == 1


async def test_without_the_secret_not_a_byte_of_the_body_is_waited_for(gate: Gate) -> None:
    """Whoever sends slowly, or without end, is answered before."""
    async with gate.open():
        reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
        head = b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n"
        writer.write(head)
        async with asyncio.timeout(5):
            assert b" 403 " in await reader.readline()
        writer.close()


async def test_an_alarm_that_cannot_be_stored_goes_out_and_comes_again(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is answered 5xx; the service keeps the update until there is room."""
    dana = gate.service.person(17, "Dana")
    async with gate.open() as hearing:
        monkeypatch.setattr(gate.database, "write", _full)
        await dana.writes("sos")
        await until(lambda: bool(gate.unstored))
        assert hearing.trouble is Trouble.NOT_STORED
        assert b"sos" in gate.unstored[0].raw
        assert gate.service.pending_updates == 1
        monkeypatch.undo()
        gate.clock.move(timedelta(seconds=1))
        await gate.has_stored(1)
        await gate.service.settles()
        assert hearing.trouble is None


async def test_webhook_and_polling_after_it_lose_and_repeat_nothing(gate: Gate) -> None:
    """Going back to polling asks for all that is unconfirmed, whatever came in between."""
    dana = gate.service.person(17, "Dana")
    async with gate.open():
        await dana.opens()
        await gate.has_stored(1)
        gate.service.faults.add(Fault(FaultKind.CUT_BEFORE, method=DELIVERY, times=None))
        await dana.writes("never delivered")
        await SystemClock().sleep(0.1)
    assert await gate.database.read(inbox.offset) == 0


async def test_a_webhook_set_by_somebody_else_is_shown_and_replaced(gate: Gate) -> None:
    """What people write reaches us again, and organizers hear of it."""
    async with gate.open() as hearing:
        await gate.bot.set_webhook("https://example.org/hook")
        await until(lambda: hearing.trouble is Trouble.FOREIGN_WEBHOOK, gate.clock)
        assert hearing.is_foreign
        await gate.is_told_our_address()
        await gate.bot.delete_webhook()
        await until(lambda: hearing.failures >= 2, gate.clock)
        await gate.is_told_our_address()
        await until(lambda: hearing.trouble is None, gate.clock)


async def test_an_overtaken_copy_does_not_put_its_address_back(
    service: BotApiServer, config: Config, slots: KeySlots, bot: Bot, clock: MovableClock
) -> None:
    """The address of the copy that took over stays; that copy is looked for before anything."""
    fence = Fence()
    async with Database(config.database_path, slots, fence=fence) as database:
        gate = Gate(service, database, bot, clock)
        service.messenger.updates.is_local = True
        async with gate.open() as hearing:
            await gate.is_told_our_address()
            doubts = []

            async def look_at_the_mark() -> None:
                await SystemClock().sleep(0)
                doubts.append(hearing.trouble)
                raise OvertakenError

            fence.gate = look_at_the_mark
            await bot.set_webhook("https://example.org/hook")
            await until(lambda: fence.is_lost, clock)
            assert doubts == [Trouble.FOREIGN_WEBHOOK]
            await until(lambda: hearing.failures >= 4, clock)
            assert (await bot.get_webhook_info()).url == "https://example.org/hook"


@pytest.mark.parametrize(
    ("former", "is_suspicious"), [("https://ours.example/", False), ("", True)]
)
async def test_only_our_own_former_address_is_replaced_without_a_word(
    gate: Gate,
    former: str,
    is_suspicious: bool,  # noqa: FBT001 - a table of cases
) -> None:
    """A move to another address accuses nobody, if it was announced."""
    await gate.bot.set_webhook("https://ours.example/")
    gate.former = former
    async with gate.open() as hearing:
        await gate.is_told_our_address()
        assert hearing.is_foreign is is_suspicious
        assert hearing.was_own is not is_suspicious


async def test_a_service_that_cannot_deliver_is_noticed(gate: Gate) -> None:
    """A proxy that is down shows within a look or two, and as long as it is down."""
    dana = gate.service.person(17, "Dana")
    async with gate.open() as hearing:
        gate.clock.move(timedelta(seconds=5))
        gate.service.faults.add(Fault(FaultKind.CUT_BEFORE, method=DELIVERY, times=None))
        await dana.opens()
        await until(lambda: hearing.trouble is Trouble.NOT_DELIVERED, gate.clock)
        heard_at = hearing.heard_at
        for _ in range(4):
            gate.clock.move(timedelta(seconds=LOOK_EVERY))
            await SystemClock().sleep(0.05)
        assert hearing.heard_at == heard_at
        assert hearing.is_dead
        gate.service.faults.clear()
        await until(lambda: hearing.trouble is None, gate.clock)


async def test_an_outage_of_the_service_is_shown_and_outlived(gate: Gate) -> None:
    """The webhook is set as soon as the service is there."""
    gate.service.faults.add(Fault(FaultKind.SERVER_ERROR, method="getWebhookInfo", times=2))
    dana = gate.service.person(17, "Dana")
    await dana.opens()
    async with gate.open() as hearing:
        assert hearing.trouble is Trouble.NO_LINE
        await until(lambda: hearing.trouble is None, gate.clock)
        await gate.has_stored(1)


def _words(tx: Transaction) -> list[bytes]:
    rows = [
        (one.seq, inbox.words(tx, one.seq) or b"")
        for is_urgent in (True, False)
        for one in inbox.coming(tx, 0, 100, is_urgent=is_urgent)
    ]
    return [raw for _, raw in sorted(rows)]


async def _full(work: object, *, urgent: bool = False) -> None:
    del work, urgent
    raise OSError(28, "No space left on device")


async def until(is_so: object, clock: MovableClock | None = None) -> None:
    """Wait for something; with a clock, its time passes quickly meanwhile."""
    assert callable(is_so)
    async with asyncio.timeout(10):
        while not is_so():
            await SystemClock().sleep(0.01)
            if clock is not None:
                clock.move(timedelta(seconds=1))


@pytest.mark.parametrize("is_delivered", [False, True])
async def test_the_configuration_says_how_updates_come(
    gate: Gate, home: Path, *, is_delivered: bool
) -> None:
    """Delivered where an address is named, asked for everywhere else."""
    address = {"AMAN_TELEGRAM_WEBHOOK_URL": "https://example.org/hook"} if is_delivered else {}
    config = load(home / "config.toml", {"AMAN_TELEGRAM_TOKEN": TOKEN, **address})
    receiving = receive_with(config, gate.intake(Hearing(gate.clock)), gate.bot)
    assert type(receiving) is (Webhook if is_delivered else Polling)
