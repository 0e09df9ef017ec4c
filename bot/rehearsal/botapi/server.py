"""The local Bot API server: the bot talks to it over HTTP, people act on their phones in it."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Self

from bot.clock import Clock
from bot.listener import HOST, Listener
from bot.rehearsal.botapi.calls import Call
from bot.rehearsal.botapi.chats import Standing
from bot.rehearsal.botapi.courier import Courier
from bot.rehearsal.botapi.faults import Faults
from bot.rehearsal.botapi.happenings import Happening
from bot.rehearsal.botapi.messenger import Messenger
from bot.rehearsal.botapi.phones import Phone
from bot.rehearsal.botapi.profile import BotProfile
from bot.rehearsal.botapi.service import AfterRequest, BeforeRequest, Service
from bot.rehearsal.botapi.shapes import JsonObject, present
from bot.rehearsal.botapi.wire import Wire

STILL = 0.05  # real seconds without anything happening


class BotApiServer:
    """One bot's service on loopback, for as long as the ``async with`` lasts.

    Dates, lives and limits follow `clock`; waiting for phones is in real seconds. The connection
    runs in the caller's loop, and the bot may run there or in another program.
    """

    def __init__(
        self,
        *,
        token: str,
        username: str,
        clock: Clock,
        port: int = 0,
        name: str = "Evening",
    ) -> None:
        self.profile = BotProfile(token, username, {"": name})
        self.messenger = Messenger(self.profile, clock, Random(1))  # noqa: S311 -- no secret
        self.service = Service(self.messenger)
        self._courier = Courier(self.service)
        self._tasks = asyncio.TaskGroup()
        self._delivering: asyncio.Task[None] | None = None
        self._phones: dict[int, Phone] = {}
        self._listener = Listener(Wire(self.service, self._cut).application, port)

    async def __aenter__(self) -> Self:
        """Open the port, and deliver where a webhook is set."""
        await self._listener.open()
        await self._tasks.__aenter__()
        self._delivering = self._tasks.create_task(self._courier.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        """End every poll, then close the port."""
        self.messenger.updates.close()
        if self._delivering is not None:
            self._delivering.cancel()
        await self._tasks.__aexit__(None, None, None)
        await self._listener.close()

    def _cut(self, host: str, port: int) -> None:
        self._listener.cut(host, port)

    @property
    def url(self) -> str:
        """Give the address to put in place of the service's own, without a slash at its end."""
        return f"http://{HOST}:{self._listener.port}"

    @property
    def base_url(self) -> str:
        """Give what python-telegram-bot calls base_url."""
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        """Give what python-telegram-bot calls base_file_url."""
        return f"{self.url}/file/bot"

    def person(
        self,
        user_id: int,
        first_name: str,
        *,
        language_code: str | None = None,
        username: str | None = None,
    ) -> Phone:
        """Give a person's phone: the same one each time for the same id."""
        if user_id not in self._phones:
            naming: JsonObject = {"id": user_id, "first_name": first_name, "username": username}
            user = present({**naming, "is_bot": False, "language_code": language_code})
            chat = self.messenger.open_chat(
                user_id, present({**naming, "type": "private"}), Standing.NEVER_STARTED
            )
            self._phones[user_id] = Phone(self.messenger, chat, user)
        return self._phones[user_id]

    @property
    def people(self) -> tuple[Phone, ...]:
        """Give every phone that was made."""
        return tuple(self._phones.values())

    def phone(self, user_id: int) -> Phone:
        """Give the phone of somebody who is there.

        Raises: KeyError for an id that was never made.
        """
        return self._phones[user_id]

    def listen(self, callback: Callable[[Happening], None]) -> None:
        """Have `callback` called for everything that happens on any phone, in order."""
        self.messenger.listen(callback)

    @property
    def calls(self) -> tuple[Call, ...]:
        """Give every call and its outcome, in the order in which they ended."""
        return tuple(self.service.calls)

    @property
    def violations(self) -> tuple[str, ...]:
        """Say where calls broke the published definition; empty when all is well."""
        return tuple(self.service.violations)

    @property
    def faults(self) -> Faults:
        """Give the switches that break the line."""
        return self.service.faults

    @property
    def flood_refusals(self) -> int:
        """Count the calls that were refused because the bot sent too much."""
        return self.messenger.limits.refusals

    @property
    def before_request(self) -> BeforeRequest | None:
        """What is awaited before a call is looked at."""
        return self.service.hooks.before

    @before_request.setter
    def before_request(self, hook: BeforeRequest | None) -> None:
        self.service.hooks.before = hook

    @property
    def after_request(self) -> AfterRequest | None:
        """What is awaited after a call was done, before its answer goes out."""
        return self.service.hooks.after

    @after_request.setter
    def after_request(self, hook: AfterRequest | None) -> None:
        self.service.hooks.after = hook

    @property
    def pending_updates(self) -> int:
        """Count the updates that the bot has not confirmed yet."""
        return len(self.messenger.updates)

    @property
    def in_flight(self) -> int:
        """Count the calls that are being answered, without polls."""
        return self.service.in_flight

    @property
    def unanswered_presses(self) -> int:
        """Count the presses on which a phone still shows that it waits."""
        return self.messenger.presses.unanswered

    async def settles(self, *, still: float = STILL, within: float = 10.0) -> None:
        """Wait until all updates are confirmed, no call runs, nothing stirs for `still` seconds.

        What the bot has taken in but not yet worked on does not show here: a bot that stores
        updates first has to be asked itself. All in real seconds.
        Raises: TimeoutError after `within`.
        """
        async with asyncio.timeout(within):
            while self.pending_updates or self.in_flight or await self._stirs(still):
                if self.pending_updates or self.in_flight:
                    await self.messenger.active.wait()

    async def _stirs(self, still: float) -> bool:
        try:
            async with asyncio.timeout(still):
                await self.messenger.active.wait()
        except TimeoutError:
            return False
        return True
