"""What became of an attempt to send: four ways to fail that must never be mixed up.

*Not sent* is tried again; *refused* never will be; *halted* waits; and of *unknown* nobody can say
whether it arrived, so the notice's own rule decides.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)


@dataclass(frozen=True, slots=True)
class Sent:
    """It arrived; a new message has an id."""

    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Halted:
    """The service asks to wait."""

    wait: timedelta


class Failure(Enum):
    """The other ways to end."""

    NOT_SENT = auto()  # it never got through: the line, or the service, is down
    UNKNOWN = auto()  # it may have arrived
    UNREACHABLE = auto()  # this chat will never take anything: blocked, gone
    REFUSED = auto()  # this request will never be taken
    TARGET_GONE = auto()  # the message to change or delete is not there, or too old
    TOKEN_REFUSED = auto()  # the bot itself is not let in


Outcome = Sent | Halted | Failure

LONGEST_HALT = timedelta(minutes=10)  # then it is asked once more, whatever was said

# What the library raises for an answer of another shape than the service publishes.
NO_SENSE = (AttributeError, LookupError, RecursionError, TypeError, ValueError)

_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_GONE_CHAT = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated")
_GONE_TARGET = (
    "message to edit not found",
    "message can't be edited",
    "message to delete not found",
    "message can't be deleted",
    "message_id_invalid",
    "message identifier is not specified",
    "there is no text in the message to edit",
)
_GOOD_AS_DONE = ("message is not modified", "query is too old", "query id is invalid")


def judge(error: TelegramError) -> Outcome:
    """Tell what an error of python-telegram-bot means for the message.

    The order matters: `BadRequest` is a `NetworkError`, and so is `TimedOut`.
    """
    match error:
        case RetryAfter():
            wait = error.retry_after
            said = wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
            return Halted(min(said, LONGEST_HALT))
        case Forbidden() | ChatMigrated():
            return Failure.UNREACHABLE
        case InvalidToken():
            return Failure.TOKEN_REFUSED
        case BadRequest():
            return _judge_bad_request(error.message.lower())
        case NetworkError():
            return _judge_network(error.__cause__)
        case _:
            return Failure.UNKNOWN


def _judge_bad_request(words: str) -> Outcome:
    if any(part in words for part in _GOOD_AS_DONE):
        return Sent()
    if any(part in words for part in _GONE_CHAT):
        return Failure.UNREACHABLE
    if any(part in words for part in _GONE_TARGET):
        return Failure.TARGET_GONE
    return Failure.REFUSED


def _judge_network(cause: BaseException | None) -> Outcome:
    """Without a network's cause the service answered with a 5xx: it did not serve this."""
    if cause is None or isinstance(cause, (*_NEVER_LEFT, TelegramError)):
        return Failure.NOT_SENT
    return Failure.UNKNOWN
