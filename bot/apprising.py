"""Apprise as a second channel: services that it knows, where `pip install aman[apprise]` was done.

Apprise says only whether it worked, so nothing is ever called refused for good but a URL that it
does not understand. It blocks, hence a thread; its own limits are seconds.
"""

import asyncio
from importlib import import_module
from typing import Protocol, cast

from typing_extensions import override

from bot.letters import Letter, Way
from bot.outcomes import Failure, Outcome, Sent
from bot.secondconfig import APPRISE, has_apprise

PATIENCE = 30.0  # seconds


class _Service(Protocol):
    def notify(self, body: str, title: str) -> bool | None: ...


class _Services(Protocol):
    def instantiate(self, url: str) -> _Service | None: ...


class _Library(Protocol):
    @property
    def Apprise(self) -> _Services: ...  # noqa: N802 - its name


class Apprising(Way):
    """Notifies one URL at a time."""

    @override
    async def send(self, address: str, letter: Letter) -> Outcome:
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.to_thread(_notify, address, letter)
        except TimeoutError:
            return Failure.UNKNOWN

    @override
    async def look(self) -> tuple[bool, str]:
        return has_apprise(), "Apprise is installed; whether a service works, a test tells."


def _notify(url: str, letter: Letter) -> Outcome:
    service = cast("_Library", import_module(APPRISE)).Apprise.instantiate(url)
    if service is None:
        return Failure.UNREACHABLE
    body = letter.body or letter.title
    return Sent() if service.notify(body=body, title=letter.title) else Failure.NOT_SENT
