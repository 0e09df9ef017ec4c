"""The people of the evening, each with a phone in their own language.

They press and see by the key of a text, so that whoever reads Russian presses the Russian button.
"""

import html
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.rehearsal.botapi.phones import Phone
from bot.rehearsal.botapi.screens import SeenMessage
from handlers.texts import Texts
from safety.languages import Language

PATIENCE = 8.0  # real seconds
_MARKUP = re.compile(r"<[^>]+>")
_GAP = re.compile(r"\{[^}]*\}|\n")


@dataclass(frozen=True, slots=True, repr=False)
class Player:
    """One person of the cast."""

    phone: Phone
    language: Language
    texts: Texts
    pauses: Callable[[], Awaitable[None]]  # before they look or press

    @property
    def name(self) -> str:
        """Give the name that the transcript uses."""
        return self.phone.name

    def label(self, key: str, **values: str | int) -> str:
        """Give a button's label as it stands on this person's phone."""
        return self.texts.plain(self.language, key, **values)

    def fragment(self, key: str, number: int | None = None) -> str:
        """Give the longest part of a text that is the same whatever its values are."""
        template = self.texts.template(self.language, key, number)
        template = template if number is None else template.replace("{n}", str(number))
        parts = (part.strip() for part in _GAP.split(html.unescape(_MARKUP.sub("", template))))
        return max(parts, key=len)

    async def presses(self, key: str, **values: str | int) -> None:
        """Press the button with this text."""
        await self.pauses()
        await self.phone.presses_exactly(self.label(key, **values), within=PATIENCE)

    async def presses_under(self, words: str, key: str) -> None:
        """Press the button with this text under the newest message with these words."""
        message = await self.sees(words)
        await self.phone.presses(self.label(key), message=message, within=PATIENCE)

    async def taps(self, label: str) -> None:
        """Press the button with this label, whatever the language."""
        await self.pauses()
        await self.phone.presses(label, within=PATIENCE)

    async def writes(self, words: str) -> None:
        """Send a text."""
        await self.phone.writes(words)

    async def opens(self, link: str) -> None:
        """Open a link."""
        await self.phone.opens(link)

    async def reads(self, key: str, *, number: int | None = None, since: int = 0) -> SeenMessage:
        """Wait until the text with this key stands on the phone, and give its message."""
        await self.pauses()
        return await self.phone.sees(self.fragment(key, number), since=since, within=PATIENCE)

    async def sees(self, words: str, *, since: int = 0) -> SeenMessage:
        """Wait until these words stand on the phone, and give their message."""
        await self.pauses()
        return await self.phone.sees(words, since=since, within=PATIENCE)

    async def reads_news(self) -> SeenMessage:
        """Wait until a place was told, or told again because it may have arrived already."""
        await self.pauses()
        again = self.phone.newest(self.fragment("place-news-again"))
        return again or await self.reads("place-news")

    def shows(self, words: str) -> bool:
        """Say whether these words stand anywhere on the phone."""
        return self.phone.shows(words)
