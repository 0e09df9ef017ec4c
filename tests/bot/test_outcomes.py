"""Failures are told apart: what was never sent, what may have arrived, what never will."""

from datetime import timedelta

import httpx
import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.config import ask_for_durations
from bot.outcomes import Failure, Halted, Outcome, Sent, judge


def _caused(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (_caused(NetworkError("x"), httpx.ConnectError("x")), Failure.NOT_SENT),
        (_caused(TimedOut(), httpx.ConnectTimeout("x")), Failure.NOT_SENT),
        (_caused(TimedOut(), httpx.PoolTimeout("x")), Failure.NOT_SENT),
        (_caused(NetworkError("x"), httpx.ProxyError("x")), Failure.NOT_SENT),
        (NetworkError("Bad Gateway"), Failure.NOT_SENT),
        (_caused(NetworkError("x"), TelegramError("Invalid server response")), Failure.NOT_SENT),
        (_caused(TimedOut(), httpx.ReadTimeout("x")), Failure.UNKNOWN),
        (_caused(TimedOut(), httpx.WriteTimeout("x")), Failure.UNKNOWN),
        (_caused(NetworkError("x"), httpx.RemoteProtocolError("x")), Failure.UNKNOWN),
        (_caused(NetworkError("x"), httpx.ReadError("x")), Failure.UNKNOWN),
        (_caused(NetworkError("x"), httpx.WriteError("x")), Failure.UNKNOWN),
        (_caused(NetworkError("x"), RuntimeError("x")), Failure.UNKNOWN),
        (TelegramError("Invalid server response"), Failure.UNKNOWN),
        (Conflict("x"), Failure.UNKNOWN),
        (Forbidden("Forbidden: bot was blocked by the user"), Failure.UNREACHABLE),
        (Forbidden("Forbidden: user is deactivated"), Failure.UNREACHABLE),
        (BadRequest("Chat not found"), Failure.UNREACHABLE),
        (BadRequest("PEER_ID_INVALID"), Failure.UNREACHABLE),
        (ChatMigrated(5), Failure.UNREACHABLE),
        (InvalidToken("Unauthorized"), Failure.TOKEN_REFUSED),
        (BadRequest("Message to edit not found"), Failure.TARGET_GONE),
        (BadRequest("Message can't be edited"), Failure.TARGET_GONE),
        (BadRequest("There is no text in the message to edit"), Failure.TARGET_GONE),
        (BadRequest("Message to delete not found"), Failure.TARGET_GONE),
        (BadRequest("Can't parse entities: unclosed tag"), Failure.REFUSED),
        (BadRequest("Message is too long"), Failure.REFUSED),
        (BadRequest("Message is not modified: specified new message content"), Sent()),
        (BadRequest("Query is too old and response timeout expired"), Sent()),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_each_error_means_one_thing(error: TelegramError, outcome: Outcome) -> None:
    """The order of the questions matters: most of these are network errors by class."""
    assert judge(error) == outcome


@pytest.mark.parametrize("wait", [5, timedelta(seconds=5)])
def test_a_halt_has_its_deadline(wait: int | timedelta) -> None:
    """Whichever way the library gives it."""
    ask_for_durations()
    assert judge(RetryAfter(wait)) == Halted(timedelta(seconds=5))
