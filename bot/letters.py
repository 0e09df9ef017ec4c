"""What goes out over the second channel, and what each way of it must be able to do."""

from dataclasses import dataclass
from typing import Protocol

from bot.outcomes import Outcome
from safety.people import Unprinted


@dataclass(frozen=True, slots=True, repr=False)
class Letter(Unprinted):
    """A title of one line and the lines after it, in plain words; urgent, or to be kept."""

    title: str
    body: str
    is_urgent: bool = True

    @property
    def text(self) -> str:
        """Give all lines."""
        return f"{self.title}\n{self.body}" if self.body else self.title


def letter_of(words: str, *, is_urgent: bool = True) -> Letter:
    """Take the first line as the title."""
    title, _, body = words.partition("\n")
    return Letter(title, body, is_urgent)


class Way(Protocol):
    """One service that can be reached: mail, ntfy, Apprise."""

    async def send(self, address: str, letter: Letter) -> Outcome:
        """Hand it over, within bounded time, and tell what became of it; never raises for that."""
        ...

    async def look(self) -> tuple[bool, str]:
        """Really connect; say whether that is in order, in one sentence."""
        ...
