"""Editing and deleting, within what the service allows."""

from datetime import timedelta

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, ReplyKeyboardMarkup
from telegram.error import BadRequest

from bot.clock import MovableClock
from bot.rehearsal.botapi import BotApiServer, Happening, Phone

BUTTON = InlineKeyboardMarkup([[InlineKeyboardButton("Show", callback_data="show")]])


async def test_an_edit_replaces_text_and_buttons(bot: Bot, dana: Phone) -> None:
    """Buttons that are not given again are gone."""
    sent = await bot.send_message(dana.user_id, "old", reply_markup=BUTTON)
    await bot.edit_message_text("new", dana.user_id, sent.message_id)
    assert (dana.messages[-1].text, dana.messages[-1].labels) == ("new", ())
    assert dana.messages[-1].edited_at is not None
    await bot.edit_message_reply_markup(dana.user_id, sent.message_id, reply_markup=BUTTON)
    assert dana.messages[-1].labels == ("Show",)


async def test_an_edit_that_changes_nothing_is_refused(bot: Bot, dana: Phone) -> None:
    """The same text with the same buttons is an error, not a success."""
    sent = await bot.send_message(dana.user_id, "same", reply_markup=BUTTON)
    with pytest.raises(BadRequest, match=r"[Mm]essage is not modified"):
        await bot.edit_message_text("same", dana.user_id, sent.message_id, reply_markup=BUTTON)


async def test_what_cannot_be_edited_is_refused(bot: Bot, dana: Phone) -> None:
    """A person's message, one that is gone, one that brought keys, a picture's text."""
    own = await dana.writes("mine")
    keys = ReplyKeyboardMarkup([["SOS"]])
    anchor = await bot.send_message(dana.user_id, "keys", reply_markup=keys)
    photo = await bot.send_photo(dana.user_id, b"x", caption="c")
    for message_id, words in (
        (own.message_id, "[Mm]essage can't be edited"),
        (anchor.message_id, "[Mm]essage can't be edited"),
        (999, "[Mm]essage to edit not found"),
        (photo.message_id, "[Tt]here is no text in the message to edit"),
    ):
        with pytest.raises(BadRequest, match=words):
            await bot.edit_message_text("new", dana.user_id, message_id)
    await bot.edit_message_caption(dana.user_id, photo.message_id, caption="d")
    assert dana.messages[-1].text == "d"


async def test_after_48_hours_nothing_is_edited_or_deleted(
    bot: Bot, dana: Phone, clock: MovableClock
) -> None:
    """What should leave a phone has to be deleted in time, and one old message spares all."""
    old = await bot.send_message(dana.user_id, "old")
    clock.move(timedelta(hours=48))
    new = await bot.send_message(dana.user_id, "new")
    with pytest.raises(BadRequest, match=r"[Mm]essage can't be edited"):
        await bot.edit_message_text("x", dana.user_id, old.message_id)
    with pytest.raises(BadRequest, match=r"[Mm]essage can't be deleted for everyone"):
        await bot.delete_message(dana.user_id, old.message_id)
    with pytest.raises(BadRequest, match=r"[Mm]essage can't be deleted for everyone"):
        await bot.delete_messages(dana.user_id, [old.message_id, new.message_id])
    assert dana.shows("new")


async def test_a_chat_can_be_emptied_in_both_directions(bot: Bot, dana: Phone) -> None:
    """In a private chat the bot may delete what the person wrote, too."""
    own = await dana.writes("mine")
    sent = await bot.send_message(dana.user_id, "yours")
    start = dana.messages[0].message_id
    await bot.delete_messages(dana.user_id, [start, own.message_id, sent.message_id, 999])
    assert dana.messages == ()
    with pytest.raises(BadRequest, match=r"[Mm]essage to delete not found"):
        await bot.delete_message(dana.user_id, own.message_id)


async def test_a_blocked_chat_can_still_be_emptied(bot: Bot, dana: Phone) -> None:
    """A block stops messages, not deletions."""
    sent = await bot.send_message(dana.user_id, "place")
    await dana.blocks()
    await bot.delete_message(dana.user_id, sent.message_id)
    assert not dana.shows("place")


async def test_clearing_empties_the_own_screen_only(
    server: BotApiServer, bot: Bot, dana: Phone
) -> None:
    """The bot's copy is still there to be edited, and nothing of it shows or is told."""
    sent = await bot.send_message(dana.user_id, "place")
    await dana.clears()
    assert dana.messages == ()
    told: list[Happening] = []
    server.listen(told.append)
    await bot.edit_message_text("other", dana.user_id, sent.message_id)
    assert dana.messages == ()
    assert told == []
