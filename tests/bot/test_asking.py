"""Whatever is answered, and by whomever: it ends in time, and means what it can mean at most."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from telegram import Bot

from bot.asking import Asking
from bot.outcomes import LONGEST_HALT, Failure, Halted, Outcome
from bot.rehearsal.botapi import BotApiServer, Fault, FaultKind
from bot.requests import NewMessage
from bot.sending import attempt
from handlers.screens import Screen
from safety.people import ChatId
from tests.bot.conftest import TOKEN

# Only how the wait will be typed in a later release of the library, not whether it is there.
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")

DANA = ChatId(17)
PATIENCE = 0.4  # real seconds


@pytest.fixture
async def hasty(service: BotApiServer) -> AsyncIterator[Bot]:
    """Give a bot that waits for no answer longer than `PATIENCE`, though each byte has longer."""
    asking = Asking(connections=2, answer_timeout=5.0, patience=PATIENCE, proxy=None)
    bot = Bot(TOKEN, base_url=service.base_url, request=asking)
    await service.person(DANA, "Dana").opens()
    async with bot:
        yield bot


def _wall(code: int) -> Fault:
    return Fault(FaultKind.ELSEWHERE, code=code)


def _says(body: bytes) -> Fault:
    return Fault(FaultKind.NONSENSE, body=body)


ANSWERS = {
    "a wall forbids": (_wall(403), Failure.NOT_SENT),
    "a wall does not understand": (_wall(400), Failure.NOT_SENT),
    "a wall finds nothing": (_wall(404), Failure.NOT_SENT),
    "a wall wants to know who it is": (_wall(401), Failure.NOT_SENT),
    "a wall says that it is too much": (_wall(429), Failure.NOT_SENT),
    "a wall lets nobody through": (_wall(503), Failure.NOT_SENT),
    "a wall is polite": (_wall(200), Failure.UNKNOWN),
    "nothing": (_says(b""), Failure.UNKNOWN),
    "no text": (_says(b"\xff\xfe\x00"), Failure.UNKNOWN),
    "half of an answer": (_says(b'{"ok":true,"result":{"mess'), Failure.UNKNOWN),
    "another shape": (_says(b"[1]"), Failure.UNKNOWN),
    "no result": (_says(b'{"ok":true}'), Failure.UNKNOWN),
    "a result that is no message": (_says(b'{"ok":true,"result":true}'), Failure.UNKNOWN),
    "a message without a number": (_says(b'{"ok":true,"result":{}}'), Failure.UNKNOWN),
    "a number too long": (_says(b'{"ok":true,"result":' + b"9" * 9000 + b"}"), Failure.UNKNOWN),
    "far too deep": (_says(b"[" * 200_000), Failure.UNKNOWN),
    "an answer without an end": (Fault(FaultKind.TRICKLE), Failure.UNKNOWN),
    "a halt for years": (Fault(FaultKind.TOO_MANY, retry_after=10**9), Halted(LONGEST_HALT)),
    "a halt for ever": (Fault(FaultKind.TOO_MANY, retry_after=10**15), Failure.NOT_SENT),
    "a short halt": (Fault(FaultKind.TOO_MANY, retry_after=7), Halted(timedelta(seconds=7))),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_nobodys_answer_means_more_than_it_can(
    name: str, hasty: Bot, service: BotApiServer
) -> None:
    """Only the service says that a chat is closed or a message bad; what was done is not known."""
    fault, outcome = ANSWERS[name]
    service.faults.add(fault)
    assert await _sends(hasty) == outcome


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b'{"ok":false,"error_code":403,"description":"Forbidden"}', Failure.UNREACHABLE),
        (b'{"ok":false,"error_code":403,"description":["Forbidden"]}', Failure.NOT_SENT),
        (b'{"ok":false,"error_code":403,"description":"x","parameters":7}', Failure.NOT_SENT),
        (b'{"error":"Forbidden"}', Failure.NOT_SENT),
    ],
)
async def test_a_refusal_is_believed_only_in_the_services_own_shape(
    hasty: Bot, service: BotApiServer, answer: bytes, outcome: Outcome
) -> None:
    """A gateway that answers in JSON, too, blocks no chat."""
    service.faults.add(Fault(FaultKind.ELSEWHERE, code=403, body=answer))
    assert await _sends(hasty) == outcome


async def _sends(bot: Bot) -> Outcome:
    request = NewMessage(DANA, Screen("hello"), rings=True, is_protected=True)
    async with asyncio.timeout(10 * PATIENCE):
        return await attempt(bot, request)
