"""Which cards have just rung: what comes within their `apart` is shown on them, without a ring.

Kept in memory alone: after a start everything rings.
"""

from bot.clock import Clock
from safety.notices import NOTICES, Notice


class JustRung:
    """Remembers, for as long as it matters, when a card rang in a chat."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[tuple[bytes, str], float] = {}  # monotonic seconds, by chat and card

    def note(self, chat: bytes, notice: Notice, left_at: float) -> None:
        """Note that this notice has arrived in a chat as a new message.

        It counts from when it `left`, in monotonic seconds: an answer may come long after a ring.
        """
        now, card = self._clock.monotonic(), notice.card()
        self._until = {place: until for place, until in self._until.items() if until > now}
        if card is not None and notice.apart:
            self._until[chat, card] = left_at + notice.apart.total_seconds()

    def chats(self) -> frozenset[bytes]:
        """Give the chats in which a card has just rung."""
        now = self._clock.monotonic()
        return frozenset(chat for (chat, _), until in self._until.items() if until > now)

    def covers(self, chat: bytes, card: str | None, kind: str) -> bool:
        """Say whether a notice of this kind on this card needs no ring of its own."""
        if card is None or kind not in NOTICES or not NOTICES[kind].apart:
            return False
        return self._until.get((chat, card), 0.0) > self._clock.monotonic()
