"""Push by ntfy over real HTTP: urgent, to one topic, and what became of it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot import ntfy
from bot.letters import letter_of
from bot.ntfy import Ntfy
from bot.outcomes import Failure, Halted, Outcome, Sent
from bot.secondconfig import NtfyServer
from tests.bot.postoffice import Published, Topics

ALARM = letter_of("Дабыл 17.\nЧатты ашыңыз.")
TOPIC = "NQEbqkLyx0mQbYvFk3mD0lxR"


@pytest.fixture
async def topics() -> AsyncIterator[Topics]:
    """Open a server for one test."""
    async with Topics().open() as opened:
        yield opened


async def test_it_is_published_with_urgent_priority(topics: Topics) -> None:
    """It rings although the phone is silent."""
    assert await Ntfy(NtfyServer(topics.url, "")).send(TOPIC, ALARM) == Sent()
    said = Published(TOPIC, "Чатты ашыңыз.", "Дабыл 17.", 5, ["rotating_light"])
    assert topics.published == [said]


async def test_what_is_to_be_kept_makes_no_sound(topics: Topics) -> None:
    """Nobody is woken by it."""
    letter = letter_of("Keep these lines.\nlog", is_urgent=False)
    assert await Ntfy(NtfyServer(topics.url, "")).send(TOPIC, letter) == Sent()
    assert topics.published == [Published(TOPIC, "log", "Keep these lines.", 2, [])]


@pytest.mark.parametrize(
    ("status", "headers", "outcome"),
    [
        (429, "retry-after: 7", Halted(timedelta(seconds=7))),
        (429, "", Halted(timedelta(seconds=30))),
        (429, "retry-after: 99999999999", Halted(timedelta(minutes=5))),
        (403, "", Failure.TOKEN_REFUSED),
        (400, "", Failure.UNREACHABLE),
        (502, "", Failure.NOT_SENT),
        (301, "location: /elsewhere", Failure.NOT_SENT),
    ],
)
async def test_what_the_server_answers_is_told_apart(
    topics: Topics, status: int, headers: str, outcome: Outcome
) -> None:
    """Later, never, or not with this token; and no redirection is followed."""
    topics.status, topics.headers = status, headers
    assert await Ntfy(NtfyServer(topics.url, "")).send(TOPIC, ALARM) == outcome


async def test_a_server_that_says_nothing_is_left_in_time(
    topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it was published, nobody can tell."""
    monkeypatch.setattr(ntfy, "PATIENCE", 0.2)
    topics.is_silent = True
    assert await Ntfy(NtfyServer(topics.url, "")).send(TOPIC, ALARM) is Failure.UNKNOWN


async def test_where_nobody_listens_nothing_was_published() -> None:
    """And it is tried again."""
    async with Topics().open() as gone:
        way = Ntfy(NtfyServer(gone.url, ""))
    assert await way.send(TOPIC, ALARM) is Failure.NOT_SENT
    assert not (await way.look())[0]


async def test_the_token_is_shown_to_the_server(topics: Topics) -> None:
    """And looking tells whether it is the right one."""
    topics.token = "tk_right"  # noqa: S105 - opens nothing
    right, wrong = (Ntfy(NtfyServer(topics.url, token)) for token in ("tk_right", "tk_wrong"))
    assert await right.send(TOPIC, ALARM) == Sent()
    assert await right.look() == (True, "The ntfy server is well.")
    assert await wrong.send(TOPIC, ALARM) is Failure.TOKEN_REFUSED
    assert await wrong.look() == (False, "The ntfy server does not accept the token.")
