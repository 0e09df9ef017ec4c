"""A Bot API server on loopback, true to the real one, with people's phones in it."""

from bot.rehearsal.botapi.calls import NO_ANSWER, Call, Request
from bot.rehearsal.botapi.errors import PersonError
from bot.rehearsal.botapi.faults import Fault, FaultKind
from bot.rehearsal.botapi.happenings import Happening, HappeningKind
from bot.rehearsal.botapi.phones import Phone
from bot.rehearsal.botapi.screens import SeenMessage
from bot.rehearsal.botapi.server import BotApiServer

__all__ = [
    "NO_ANSWER",
    "BotApiServer",
    "Call",
    "Fault",
    "FaultKind",
    "Happening",
    "HappeningKind",
    "PersonError",
    "Phone",
    "Request",
    "SeenMessage",
]
