"""Every fault does what it says, as often as it says, and the log tells the truth about it."""

import asyncio

import httpx
import pytest
from telegram import Bot
from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.rehearsal.botapi import NO_ANSWER, BotApiServer, Call, Fault, FaultKind, Phone, Request

# Only how the wait will be typed in a later release of the library, not whether it is there.
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")


@pytest.mark.parametrize(
    ("kind", "was_done"), [(FaultKind.CUT_BEFORE, False), (FaultKind.CUT_AFTER, True)]
)
async def test_a_cut_leaves_the_bot_without_an_answer(
    server: BotApiServer, bot: Bot, dana: Phone, kind: FaultKind, *, was_done: bool
) -> None:
    """The bot cannot know whether the message went out; the log does."""
    server.faults.add(Fault(kind, method="sendMessage"))
    with pytest.raises(NetworkError) as cut:
        await bot.send_message(dana.user_id, "hello")
    assert isinstance(cut.value.__cause__, httpx.RemoteProtocolError)
    assert dana.shows("hello") is was_done
    call = server.calls[-1]
    assert (call.status, call.was_done) == (NO_ANSWER, was_done)
    await bot.send_message(dana.user_id, "again")
    assert server.calls[-1].is_ok


async def test_a_fault_strikes_only_the_calls_that_it_is_meant_for(
    server: BotApiServer, bot: Bot, dana: Phone
) -> None:
    """By method, chat, predicate, after some calls, and only so often."""
    timur = server.person(18, "Timur")
    await timur.opens()
    fault = Fault(
        FaultKind.SERVER_ERROR,
        method="sendMessage",
        chat_id=dana.user_id,
        skip=1,
        times=2,
        when=lambda request: request.parameters.get("text") == "x",
    )
    server.faults.add(fault)
    outcomes = [
        await _outcome(bot, chat_id, text)
        for chat_id, text in [(17, "x"), (18, "x"), (17, "y"), (17, "x"), (17, "x"), (17, "x")]
    ]
    assert outcomes == ["ok", "ok", "ok", "Bad Gateway", "Bad Gateway", "ok"]
    assert server.faults.left == ()


async def _outcome(bot: Bot, chat_id: int, text: str) -> str:
    try:
        await bot.send_message(chat_id, text)
    except TelegramError as error:
        return error.message
    return "ok"


async def test_a_delay_outlasts_a_reader_and_the_message_arrives_all_the_same(
    server: BotApiServer, bot: Bot, dana: Phone
) -> None:
    """A read timeout says nothing about delivery."""
    server.faults.add(Fault(FaultKind.DELAY, method="sendMessage", seconds=0.4))
    with pytest.raises(TimedOut):
        await bot.send_message(dana.user_id, "late", read_timeout=0.1)
    await dana.sees("late", within=2)


async def test_other_refusals_can_be_had_for_the_asking(
    server: BotApiServer, bot: Bot, dana: Phone
) -> None:
    """A flood wait of any length, and a token that no longer opens."""
    server.faults.add(Fault(FaultKind.TOO_MANY, retry_after=7))
    with pytest.raises(RetryAfter, match="7"):
        await bot.send_message(dana.user_id, "x")
    endless = Fault(FaultKind.UNAUTHORIZED, times=None)
    server.faults.add(endless)
    for _ in range(3):
        with pytest.raises(InvalidToken):
            await bot.get_me()
    server.faults.remove(endless)
    await bot.get_me()


async def test_a_test_can_step_in_before_and_after_every_call(
    server: BotApiServer, bot: Bot, dana: Phone
) -> None:
    """So that the bot can be killed at each of them."""
    steps: list[str] = []

    async def before(request: Request) -> None:
        steps.append(f"before {request.method} {request.number} {dana.shows('hello')}")

    async def after(call: Call) -> None:
        steps.append(f"after {call.method} {call.status} {dana.shows('hello')}")

    server.before_request, server.after_request = before, after
    await bot.send_message(dana.user_id, "hello")
    assert steps == ["before sendMessage 2 False", "after sendMessage 200 True"]


async def test_the_server_closes_while_a_poll_waits(server: BotApiServer, bot: Bot) -> None:
    """Nothing hangs when the evening ends."""
    async with asyncio.TaskGroup() as group:
        poll = group.create_task(_ends_without_an_answer(bot))
        await server.messenger.active.wait()
        async with asyncio.timeout(5):
            await server.__aexit__()
            await poll


async def test_a_bot_that_ends_in_the_middle_of_a_request_is_no_fault_of_the_service(
    server: BotApiServer, bot: Bot, dana: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    """What broke off was never asked for, and nothing is said of it in any log."""
    address = httpx.URL(server.base_url)
    _, writer = await asyncio.open_connection(address.host, address.port)
    line = f"POST {address.path}{bot.token}/sendMessage HTTP/1.1\r\n"
    writer.write(f"{line}Host: localhost\r\nContent-Length: 90\r\n\r\nchat_id=17&".encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    await bot.send_message(dana.user_id, "hello")
    assert dana.shows("hello")
    await server.__aexit__()
    assert not [record for record in caplog.records if record.name.startswith("uvicorn")]


async def _ends_without_an_answer(bot: Bot) -> None:
    with pytest.raises(NetworkError):
        await bot.get_updates(timeout=50)
