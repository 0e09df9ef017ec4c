"""What the bot sends arrives as sent, or is refused in the service's own words."""

import pytest
from telegram import (
    Bot,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram.error import BadRequest, Forbidden

from bot.rehearsal.botapi import BotApiServer, HappeningKind, Phone


def keyboard(*labels: str) -> InlineKeyboardMarkup:
    """Give one button under the other."""
    return InlineKeyboardMarkup([[InlineKeyboardButton(x, callback_data=x)] for x in labels])


async def test_a_message_stands_on_the_phone_as_it_was_sent(bot: Bot, dana: Phone) -> None:
    """Text, markup, buttons and protection arrive."""
    sent = await bot.send_message(
        dana.user_id,
        "Hello <b>Dana</b>\nsecond line",
        parse_mode="HTML",
        protect_content=True,
        reply_markup=keyboard("Show"),
    )
    seen = dana.messages[-1]
    assert (seen.message_id, seen.text) == (sent.message_id, "Hello Dana\nsecond line")
    assert seen.html == "Hello <b>Dana</b>\nsecond line"
    assert seen.labels == ("Show",)
    assert seen.is_protected
    assert sent.has_protected_content
    assert sent.entities[0].length == 4


async def test_only_what_rings_shows_its_first_line_on_the_lock_screen(
    bot: Bot, dana: Phone
) -> None:
    """A silent message leaves the lock screen as it was."""
    await bot.send_message(dana.user_id, "first\nsecret")
    await bot.send_message(dana.user_id, "silent", disable_notification=True)
    await bot.send_photo(dana.user_id, b"picture")
    assert dana.lock_screen == ("first", "Photo")


async def test_nobody_is_written_to_before_they_have_started(
    server: BotApiServer, bot: Bot
) -> None:
    """A bot cannot begin a conversation."""
    server.person(5, "Stranger")
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(5, "hello")
    with pytest.raises(BadRequest, match=r"[Cc]hat not found"):
        await bot.send_message(6, "hello")


async def test_a_block_is_told_and_stops_messages_until_the_next_start(
    bot: Bot, dana: Phone
) -> None:
    """Blocking and unblocking reach the bot as changes of its own standing."""
    await dana.blocks()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(dana.user_id, "hello")
    await dana.opens("abc")
    await bot.send_message(dana.user_id, "hello")
    updates = await bot.get_updates()
    standings = [u.my_chat_member.new_chat_member.status for u in updates if u.my_chat_member]
    assert standings == ["kicked", "member"]
    assert [u.message.text for u in updates if u.message] == ["/start abc"]


async def test_somebody_who_left_the_service_is_gone_for_good(bot: Bot, dana: Phone) -> None:
    """A deleted account answers in its own words."""
    await dana.deletes_account()
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(dana.user_id, "hello")


async def test_a_keyboard_stays_until_it_is_replaced_or_removed(bot: Bot, dana: Phone) -> None:
    """Messages without a keyboard leave the keys alone."""
    keys = ReplyKeyboardMarkup([["SOS"], ["Menu"]], is_persistent=True)
    await bot.send_message(dana.user_id, "keys", reply_markup=keys)
    await bot.send_message(dana.user_id, "more", reply_markup=keyboard("Show"))
    assert dana.keyboard == ("SOS", "Menu")
    assert dana.keyboard_is_persistent
    await bot.send_message(dana.user_id, "gone", reply_markup=ReplyKeyboardRemove())
    await dana.has_no_keys()


async def test_a_keyboard_goes_with_the_message_that_brought_it(
    server: BotApiServer, bot: Bot, dana: Phone
) -> None:
    """Deleting the anchor takes the key away; deleting another message does not."""
    kinds: list[HappeningKind] = []
    keys = ReplyKeyboardMarkup([["SOS"]])
    anchor = await bot.send_message(dana.user_id, "anchor", reply_markup=keys)
    other = await bot.send_message(dana.user_id, "other")
    await bot.delete_message(dana.user_id, other.message_id)
    assert dana.keyboard == ("SOS",)
    server.listen(lambda happening: kinds.append(happening.kind))
    await bot.delete_message(dana.user_id, anchor.message_id)
    await dana.has_no_keys()
    assert kinds == [HappeningKind.DELETED, HappeningKind.KEYBOARD_GONE]


async def test_a_reply_needs_the_message_that_it_answers(bot: Bot, dana: Phone) -> None:
    """An answer to a message that is gone is refused, unless the bot does not mind."""
    sent = await bot.send_message(dana.user_id, "question")
    answer = await bot.send_message(
        dana.user_id, "answer", reply_parameters=ReplyParameters(sent.message_id)
    )
    assert answer.reply_to_message is not None
    with pytest.raises(BadRequest, match=r"[Mm]essage to be replied not found"):
        await bot.send_message(dana.user_id, "x", reply_parameters=ReplyParameters(999))
    await bot.send_message(
        dana.user_id,
        "x",
        reply_parameters=ReplyParameters(999, allow_sending_without_reply=True),
    )


async def test_places_arrive_as_places(bot: Bot, dana: Phone) -> None:
    """A pin and a venue carry their point on the map."""
    await bot.send_location(dana.user_id, 43.25, 76.95, protect_content=True)
    venue = await bot.send_venue(dana.user_id, 43.25, 76.95, "Title", "Street 1")
    assert [m.location for m in dana.messages[-2:]] == [(43.25, 76.95)] * 2
    assert venue.venue is not None
    assert venue.venue.address == "Street 1"


async def test_the_menu_is_the_narrowest_that_fits(bot: Bot, dana: Phone) -> None:
    """A menu in the person's language wins over the one for everyone."""
    await bot.set_my_commands([("help", "Help"), ("sos", "Trouble")])
    assert list(dana.commands_menu) == [("help", "Help"), ("sos", "Trouble")]
    await bot.set_my_commands([("help", "Көмек")], language_code="kk")
    assert list(dana.commands_menu) == [("help", "Көмек")]
    assert [c.command for c in await bot.get_my_commands()] == ["help", "sos"]
    await bot.delete_my_commands(language_code="kk")
    assert len(dana.commands_menu) == 2
    await bot.set_my_commands([("mine", "Mine")], scope=BotCommandScopeChat(dana.user_id))
    assert list(dana.commands_menu) == [("mine", "Mine")]


async def test_the_bot_reads_its_own_settings(server: BotApiServer, bot: Bot) -> None:
    """What the owner has set, the bot can check."""
    server.profile.can_join_groups = False
    server.profile.descriptions[""] = "An evening"
    me = await bot.get_me()
    assert (me.username, me.can_join_groups) == ("EveningBot", False)
    assert not me.supports_inline_queries
    assert (await bot.get_my_name()).name == "Evening"
    assert (await bot.get_my_description()).description == "An evening"
    await bot.set_my_short_description("short")
    assert (await bot.get_my_short_description()).short_description == "short"


async def test_a_pin_leaves_a_line_of_its_own(bot: Bot, dana: Phone) -> None:
    """The service writes into the chat that something was pinned, and tells the bot its id."""
    sent = await bot.send_message(dana.user_id, "pin me")
    await bot.pin_chat_message(dana.user_id, sent.message_id)
    updates = await bot.get_updates()
    line = updates[-1].message
    assert line is not None
    assert line.pinned_message is not None
    assert dana.newest("pin me") is not None
    assert dana.messages[-1].message_id == line.message_id
    await bot.unpin_chat_message(dana.user_id, sent.message_id)
    assert not any(message.is_pinned for message in dana.messages)


async def test_a_group_can_be_left(server: BotApiServer, bot: Bot, dana: Phone) -> None:
    """The bot is told that it was put into a group, and is out once it leaves."""
    group_id = await dana.adds_bot_to_group("Everybody")
    updates = await bot.get_updates()
    changed = updates[-1].my_chat_member
    assert changed is not None
    assert (changed.chat.id, changed.new_chat_member.status) == (group_id, "member")
    await bot.leave_chat(group_id)
    with pytest.raises(Forbidden, match="not a member of the group chat"):
        await bot.send_message(group_id, "still here?")
    assert server.violations == ()


async def test_a_chat_can_be_asked_for(bot: Bot, dana: Phone) -> None:
    """A chat tells who it is with."""
    assert (await bot.get_chat(dana.user_id)).first_name == "Dana"
    assert await bot.send_chat_action(dana.user_id, "typing")
