"""The log of calls: what the bot asked for, in order, and what became of it."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.rehearsal.botapi.shapes import JsonObject

NO_ANSWER = 0
OK = 200


@dataclass(frozen=True, slots=True)
class Request:
    """One call as it came in; `number` counts all calls from 1."""

    number: int
    method: str
    parameters: JsonObject = field(repr=False)
    chat_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """One call and its outcome.

    `status` is the HTTP status, or NO_ANSWER where the connection was cut; `was_done` tells
    whether the call had its effect, whatever the bot was told.
    """

    request: Request
    status: int
    description: str
    was_done: bool

    @property
    def method(self) -> str:
        """Give the method's name as the bot wrote it."""
        return self.request.method

    @property
    def parameters(self) -> JsonObject:
        """Give the parameters, each in its declared type where they were well-formed."""
        return self.request.parameters

    @property
    def chat_id(self) -> int | None:
        """Give the chat that the call was about, if any."""
        return self.request.chat_id

    @property
    def at(self) -> datetime:
        """Give the clock's time at which it came in."""
        return self.request.at

    @property
    def is_ok(self) -> bool:
        """Tell whether the bot was answered with success."""
        return self.status == OK
