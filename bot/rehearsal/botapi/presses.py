"""Presses of buttons that wait for their answer: each is answered once, and in time."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.rehearsal.botapi.errors import bad_request
from bot.rehearsal.botapi.updates import CALLBACK_LIFE


@dataclass(frozen=True, slots=True)
class Press:
    """One press, and where it was made."""

    query_id: str
    chat_id: int
    pressed_at: float  # the clock's seconds


class Presses:
    """All presses that nobody has answered yet."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[str, Press] = {}
        self._count = 0

    @property
    def unanswered(self) -> int:
        """Count the presses on which a phone still shows that it waits."""
        oldest = self._clock.monotonic() - CALLBACK_LIFE
        return sum(press.pressed_at > oldest for press in self._open.values())

    def begin(self, chat_id: int) -> str:
        """Note a press and give the id of its query."""
        self._count += 1
        query_id = str(4_200_000_000_000_000_000 + self._count)
        self._open[query_id] = Press(query_id, chat_id, self._clock.monotonic())
        return query_id

    def answer(self, query_id: str) -> Press:
        """End the wait of one press.

        Raises: ApiError 400 when it is unknown, was answered, or is older than 150 seconds.
        """
        press = self._open.pop(query_id, None)
        if press is None or self._clock.monotonic() - press.pressed_at >= CALLBACK_LIFE:
            raise bad_request(
                "query is too old and response timeout expired or query ID is invalid"
            )
        return press
