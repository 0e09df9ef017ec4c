"""Flood limits: what is too much is refused with the time to wait, and nothing else is."""

from datetime import timedelta

import pytest
from telegram import Bot
from telegram.error import RetryAfter

from bot.clock import MovableClock
from bot.rehearsal.botapi import BotApiServer, Phone
from bot.rehearsal.botapi.limits import CHAT_BURST, EDIT_BURST, GROUP_LIMIT, OVERALL_LIMIT

# Only how the wait will be typed in a later release of the library, not whether it is there.
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")


async def send(bot: Bot, chat_id: int, count: int) -> None:
    """Send that many messages, one right after the other."""
    for number in range(count):
        await bot.send_message(chat_id, f"message {number}")


async def edit(bot: Bot, chat_id: int, message_id: int, count: int) -> None:
    """Edit one message that many times, one right after the other."""
    for number in range(count):
        await bot.edit_message_text(f"edit {number}", chat_id, message_id)


async def test_a_short_burst_to_one_chat_passes_and_then_one_a_second(
    server: BotApiServer, bot: Bot, dana: Phone, clock: MovableClock
) -> None:
    """The refusal says how long to wait, and waiting helps."""
    await send(bot, dana.user_id, CHAT_BURST)
    with pytest.raises(RetryAfter) as refused:
        await send(bot, dana.user_id, 1)
    assert refused.value.retry_after in (1, timedelta(seconds=1))
    assert server.flood_refusals == 1
    clock.move(timedelta(seconds=1))
    await send(bot, dana.user_id, 1)


async def test_thirty_messages_pass_in_any_second_over_all_chats(
    server: BotApiServer, bot: Bot, clock: MovableClock
) -> None:
    """The thirty-first has to wait until the first is a second old."""
    people = [server.person(100 + number, "P") for number in range(OVERALL_LIMIT + 1)]
    for person in people:
        await person.opens()
    for person in people[:-1]:
        await send(bot, person.user_id, 1)
    with pytest.raises(RetryAfter):
        await send(bot, people[-1].user_id, 1)
    clock.move(timedelta(seconds=1))
    await send(bot, people[-1].user_id, 1)
    assert server.flood_refusals == 1


async def test_a_group_takes_twenty_messages_a_minute(
    bot: Bot, dana: Phone, clock: MovableClock
) -> None:
    """Groups are slower than people."""
    group_id = await dana.adds_bot_to_group("Everybody")
    await send(bot, group_id, GROUP_LIMIT)
    clock.move(timedelta(seconds=30))
    with pytest.raises(RetryAfter):
        await send(bot, group_id, 1)
    clock.move(timedelta(seconds=31))
    await send(bot, group_id, 1)


async def test_edits_have_their_own_budget_and_deleting_is_free(bot: Bot, dana: Phone) -> None:
    """A board that is edited too often is refused; clearing a chat never is."""
    await send(bot, dana.user_id, CHAT_BURST)
    newest = dana.messages[-1].message_id
    with pytest.raises(RetryAfter):
        await edit(bot, dana.user_id, newest, 2 * EDIT_BURST)
    for message in dana.messages:
        await bot.delete_message(dana.user_id, message.message_id)
    assert dana.messages == ()
