"""Having updates delivered: the same insert as polling, and 200 only after the commit.

A proxy in front ends TLS; whoever does not show the secret is refused before a byte of theirs is
read. What is not taken is answered 5xx, so that it comes again; the service tries for a day.
"""

import asyncio
import json
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot, WebhookInfo

from bot import logs
from bot.hearing import is_known, trouble_of, wait_of
from bot.intake import ALLOWED, Intake
from bot.listener import Listener
from bot.webhookconfig import WebhookSetting
from safety.intake import Trouble
from storage.vault.digests import same

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the header, not the secret
LARGEST = 1024 * 1024  # bytes of one update; the service's own are far smaller
READ_WITHIN = 10.0  # real seconds for a body to come in
CONNECTIONS = 40  # at once, that the service may open
MOST_OPEN = 200  # connections, whoever opens them
OK = 200
LOOK_EVERY = 15.0  # seconds between two questions whether it can deliver


class Webhook:
    """Listens for as long as `run` runs. `former`: an address of our own that ours may replace."""

    def __init__(
        self, intake: Intake, bot: Bot, setting: WebhookSetting, former: str = ""
    ) -> None:
        self._intake = intake
        self._bot = bot
        self._clock = intake.clock
        self._hearing = intake.hearing
        self._setting = setting
        self._former = former
        self._is_set = False
        self._delivered_at = intake.clock.now()  # or since when we listen
        self.application = Starlette(routes=[Route(setting.path, self._deliver, methods=["POST"])])
        self.application.router.redirect_slashes = False  # nothing is guessed

    async def run(self) -> None:
        """Listen, have the service know where, and watch whether it can deliver."""
        setting = self._setting
        listener = Listener(self.application, setting.port, setting.host, most=MOST_OPEN)
        try:
            await listener.open()
        except OSError:
            self._hearing.note_trouble(Trouble.NOT_DELIVERED)
            raise
        try:
            while True:
                await self._clock.sleep(await self._look())
        finally:
            await asyncio.shield(listener.close())

    # ------------------------------------------------------------ what comes in

    async def _deliver(self, request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not same(given.encode(), self._setting.secret.encode()):
            logs.warn("webhook-refused", status=403)
            return Response(status_code=403)
        read = await _read(request)
        if read.status != OK:
            logs.warn("webhook-refused", status=read.status)
            return Response(status_code=read.status)
        update = self._intake.read(read.item)
        if update is None:
            return Response(status_code=400)
        # Whoever hangs up now changes nothing: what is stored is stored once.
        taken = await asyncio.shield(self._intake.take([update], is_polled=False))
        if not taken:
            return Response(status_code=503)
        self._delivered_at = self._clock.now()
        self._hearing.note_heard()
        return Response(status_code=OK)  # without a word: a body would be taken for a call

    # ------------------------------------------------------------ whether it can

    async def _look(self) -> float:
        """Ask the service whether it can deliver; give the seconds until the next look.

        Another address may be that of the copy that has taken over. So whoever looks after the
        fence hears of it first, and ours is put back by the copy that works alone.
        """
        try:
            info = await self._bot.get_webhook_info()
            trouble = self._judge(info)
            if trouble is Trouble.FOREIGN_WEBHOOK:
                self._hearing.note_trouble(trouble)
            if self._former and info.url == self._former:
                self._hearing.note_own_webhook()
            if info.url != self._setting.url or not self._is_set:
                await self._intake.database.pass_fence()
                await self._set()
        except Exception as error:  # noqa: BLE001 - a border: whatever it answers, we ask again
            if not is_known(error):
                logs.fault("webhook-fault", error)
            self._hearing.note_trouble(trouble_of(error))
            return max(self._hearing.pause(), wait_of(error))
        if trouble is None:
            self._hearing.note_heard()
        elif trouble is not Trouble.FOREIGN_WEBHOOK:
            self._hearing.note_trouble(trouble)
        return LOOK_EVERY

    def _judge(self, info: WebhookInfo) -> Trouble | None:
        """Say what is wrong, if anything is."""
        was_ours_alone = self._is_set and not info.url  # and somebody took it away
        is_foreign = was_ours_alone or info.url not in {"", self._setting.url, self._former}
        if is_foreign:
            return Trouble.FOREIGN_WEBHOOK
        failed_at = info.last_error_date
        if not info.pending_update_count or failed_at is None or failed_at <= self._delivered_at:
            return None
        is_ours_to_mend = self._hearing.trouble is Trouble.NOT_STORED
        return Trouble.NOT_STORED if is_ours_to_mend else Trouble.NOT_DELIVERED

    async def _set(self) -> None:
        """Tell the service where we are; what waits there is never dropped."""
        await self._bot.set_webhook(
            self._setting.url,
            secret_token=self._setting.secret,
            allowed_updates=list(ALLOWED),
            max_connections=CONNECTIONS,
            drop_pending_updates=False,
        )
        self._is_set = True
        logs.note("webhook-set")


@dataclass(frozen=True, slots=True)
class _Read:
    """A body that was read as JSON, or why it was not."""

    status: int
    item: object = None


async def _read(request: Request) -> _Read:
    """Read a body that is not too large and comes in time."""
    body = bytearray()
    try:
        async with asyncio.timeout(READ_WITHIN):
            async for part in request.stream():
                body += part
                if len(body) > LARGEST:
                    return _Read(413)
        return _Read(OK, json.loads(bytes(body)))
    except TimeoutError:
        return _Read(408)
    except (ClientDisconnect, ValueError, RecursionError):
        return _Read(400)
