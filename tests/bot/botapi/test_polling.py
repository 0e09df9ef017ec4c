"""Updates wait until they are confirmed, and no longer than the service keeps them."""

import asyncio
from datetime import timedelta

import pytest
from telegram import Bot
from telegram.error import Conflict

from bot.clock import MovableClock
from bot.rehearsal.botapi import BotApiServer, Fault, FaultKind, Phone


async def test_an_update_comes_again_until_the_offset_confirms_it(bot: Bot, dana: Phone) -> None:
    """What was fetched but not confirmed is not lost."""
    await dana.writes("one")
    first = await bot.get_updates()
    again = await bot.get_updates(offset=first[0].update_id)
    assert [u.update_id for u in first] == [u.update_id for u in again]
    await dana.writes("two")
    rest = await bot.get_updates(offset=first[0].update_id + 1)
    assert [u.message.text for u in rest if u.message] == ["two"]


async def test_a_long_poll_ends_as_soon_as_somebody_writes(bot: Bot, dana: Phone) -> None:
    """Waiting bots hear of a text at once, not at the end of their wait."""
    async with asyncio.TaskGroup() as group:
        poll = group.create_task(bot.get_updates(timeout=50))
        group.create_task(dana.writes("hello"))
        async with asyncio.timeout(5):
            await poll
    assert [u.message.text for u in poll.result() if u.message] == ["hello"]


async def test_a_long_poll_lasts_at_most_fifty_seconds_of_the_clock(
    server: BotApiServer, bot: Bot, clock: MovableClock
) -> None:
    """Whoever asks for longer is still answered after 50 seconds."""
    async with asyncio.TaskGroup() as group, asyncio.timeout(5):
        poll = group.create_task(bot.get_updates(timeout=600, read_timeout=10))
        await server.messenger.active.wait()
        clock.move(timedelta(seconds=48))
        await bot.get_me()
        assert not poll.done()
        clock.move(timedelta(seconds=2))
    assert poll.result() == ()


async def test_the_older_of_two_pollers_is_sent_away(
    server: BotApiServer, bot: Bot, second_bot: Bot, dana: Phone
) -> None:
    """A foreign poller shows itself by a conflict, and the newer one gets the updates."""
    async with asyncio.TaskGroup() as group, asyncio.timeout(5):
        older = group.create_task(_conflict(bot))
        await server.messenger.active.wait()
        newer = group.create_task(second_bot.get_updates(timeout=50))
        await older
        await dana.writes("who hears me?")
    assert [u.message.text for u in newer.result() if u.message] == ["who hears me?"]


async def _conflict(bot: Bot) -> None:
    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await bot.get_updates(timeout=50)


async def test_a_webhook_stands_against_polling(bot: Bot) -> None:
    """A foreign webhook shows itself, and polling works again once it is gone."""
    await bot.set_webhook("https://elsewhere.example/hook")
    assert (await bot.get_webhook_info()).url == "https://elsewhere.example/hook"
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert await bot.get_updates() == ()


async def test_a_press_is_dropped_after_150_seconds_and_a_text_after_a_day(
    server: BotApiServer, bot: Bot, dana: Phone, clock: MovableClock
) -> None:
    """An alarm must not hang on a button alone: the service forgets presses soon."""
    await dana.writes("text")
    await dana.forges("press", 1)
    assert server.pending_updates == 2
    clock.move(timedelta(seconds=150))
    assert [u.callback_query for u in await bot.get_updates()] == [None]
    clock.move(timedelta(hours=24))
    assert server.pending_updates == 0


async def test_after_an_idle_week_the_ids_begin_anew_and_nothing_is_lost(
    bot: Bot, dana: Phone, clock: MovableClock
) -> None:
    """An offset from the old row of ids confirms nothing in the new one."""
    await dana.writes("before")
    before = (await bot.get_updates())[0].update_id
    await bot.get_updates(offset=before + 1, timeout=0)
    clock.move(timedelta(days=8))
    await dana.writes("after")
    updates = await bot.get_updates(offset=before + 1)
    assert [u.message.text for u in updates if u.message] == ["after"]
    assert abs(updates[0].update_id - before) > 100


async def test_a_negative_offset_keeps_only_the_last_updates(bot: Bot, dana: Phone) -> None:
    """As documented: everything older is forgotten."""
    for text in ("one", "two", "three"):
        await dana.writes(text)
    updates = await bot.get_updates(offset=-2)
    assert [u.message.text for u in updates if u.message] == ["two", "three"]


async def test_only_kinds_that_were_asked_for_arrive(bot: Bot, dana: Phone) -> None:
    """What the bot does not ask for is not kept for it."""
    await bot.get_updates(allowed_updates=["callback_query"])
    await dana.writes("unheard")
    await dana.forges("heard", 1)
    assert [u.message for u in await bot.get_updates(offset=1)] == [None]


async def test_a_poll_that_repeats_itself_in_haste_gets_one_update_only(
    bot: Bot, dana: Phone, clock: MovableClock
) -> None:
    """The service slows down who asks the same again at once."""
    for text in ("one", "two", "three"):
        await dana.writes(text)
    assert len(await bot.get_updates()) == 3
    assert len(await bot.get_updates()) == 1
    clock.move(timedelta(seconds=1))
    assert len(await bot.get_updates()) == 3


async def test_a_forgotten_confirmation_brings_the_same_updates_again(
    server: BotApiServer, bot: Bot, dana: Phone
) -> None:
    """A bot has to notice that it has had them."""
    await dana.writes("twice")
    first = await bot.get_updates()
    server.faults.add(Fault(FaultKind.REPEAT_UPDATES, method="getUpdates"))
    again = await bot.get_updates(offset=first[0].update_id + 1)
    assert [u.update_id for u in again] == [u.update_id for u in first]
    assert server.pending_updates == 1


async def test_the_server_says_when_the_bot_has_caught_up(
    server: BotApiServer, bot: Bot, dana: Phone
) -> None:
    """A driver can wait until everything is confirmed and nothing stirs."""
    await dana.writes("hello")
    with pytest.raises(TimeoutError):
        await server.settles(within=0.2)
    updates = await bot.get_updates()
    await bot.get_updates(offset=updates[0].update_id + 1, timeout=0)
    await server.settles(within=2)
