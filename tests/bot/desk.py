"""A keyholder at their own computer: a sealed case, the page it opens on, the file it fills."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx

from bot.amending import amend
from bot.clock import MovableClock
from bot.editing.command import open_case
from bot.editing.draft import Draft, take_up
from bot.editing.page import EditingPage
from bot.listener import HOST, Listener
from coordination.additions import Brought
from handlers.texts import Texts
from storage.vault.keys import Key
from tests.bot.test_bundles import config_of
from tests.harness import Someone, World

TEXTS = Texts.load()


@dataclass(slots=True)
class Browser:
    """A browser on the page: it follows the printed address, and sends what browsers send."""

    client: httpx.AsyncClient
    home: str
    draft: Draft

    async def looks(self, path: str = "", **headers: str) -> httpx.Response:
        """Open a page below the printed address."""
        return await self.client.get(f"{self.home}{path}", headers=headers)

    async def reads(self, path: str = "") -> str:
        """Open a page, and give it without its marks, as a person reads it."""
        answer = await self.looks(path)
        assert answer.status_code == 200, answer.status_code
        return html.unescape(re.sub(r"<[^>]+>", "", answer.text))

    async def saves(self, path: str, **fields: str) -> httpx.Response:
        """Fill a form in, press its button, and go where it leads."""
        return await self.posts(path, fields, origin=str(self.client.base_url).rstrip("/"))

    async def posts(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        """Post a form as somebody does who may not be this page."""
        return await self.client.post(
            f"{self.home}{path}", data=fields, headers=headers, follow_redirects=True
        )


def leaf_of(text: str, words: str) -> str:
    """Find the number in the log of the statement that is shown with these words."""
    found = re.search(r"corrects=(\d+)", text[text.index(words) :])
    assert found is not None
    return found[1]


async def states(someone: Someone, topic: str, *steps: str) -> None:
    """State something of record 1 in the chat: press a button, or write what begins with `>`."""
    await someone.writes("/incidents")
    await someone.presses(" 1 · ")
    await someone.presses("Open questions")
    await someone.presses("Something else")
    await someone.finds(topic)
    for step in steps:
        await (someone.writes(step[1:]) if step.startswith(">") else someone.finds(step))
    someone.sees("Kept.")


@asynccontextmanager
async def page_of(
    bundle: Path, private: Key, now: datetime, file: Path | None = None
) -> AsyncIterator[Browser]:
    """Open a sealed case on its page, over HTTP on this machine."""
    case = open_case(bundle, private)
    path = file or bundle.with_name(f"{bundle.name}.additions")
    draft = take_up(path, case.writer, private)
    page = EditingPage(case, draft, TEXTS, MovableClock(now))
    listener = Listener(page.application, 0)
    await listener.open()
    page.answer_at(listener.port)
    key = page.path_with_key.split("/")[1]
    try:
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{listener.port}") as client:
            yield Browser(client, f"/{key}/en/", draft)
    finally:
        await listener.close()


async def amends(world: World, folder: Path, file: Path) -> Brought:
    """Bring a file as the command does, with the keys of this world."""
    slots = world._slots  # noqa: SLF001 - the keys of this world
    brought = await amend(config_of(folder), slots, file, world.now)
    await world.deliver()
    return brought
