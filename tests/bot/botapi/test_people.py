"""People act as on real phones: what they do arrives, what is not there cannot be pressed."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, ReplyKeyboardMarkup
from telegram.error import BadRequest

from bot.clock import MovableClock
from bot.rehearsal.botapi import (
    BotApiServer,
    Happening,
    HappeningKind,
    PersonError,
    Phone,
    origins,
)
from tests.hostile.shapes import definition

if TYPE_CHECKING:
    from bot.rehearsal.botapi.shapes import JsonObject

SENT = datetime(2027, 5, 20, 5, 0, tzinfo=UTC)


def button(label: str, payload: str) -> InlineKeyboardMarkup:
    """Give one button."""
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=payload)]])


async def test_a_start_link_brings_its_token(server: BotApiServer, bot: Bot) -> None:
    """With everything else that the service tells of a person."""
    aigul = server.person(3, "Aigul", language_code="ru")
    await aigul.opens("https://t.me/EveningBot?start=abc-_9")
    message = (await bot.get_updates())[0].message
    assert message is not None
    assert message.from_user is not None
    assert message.text == "/start abc-_9"
    assert message.entities[0].type == "bot_command"
    assert (message.from_user.id, message.from_user.language_code) == (3, "ru")
    assert message.chat.type == "private"
    with pytest.raises(PersonError, match="another bot"):
        await aigul.opens("https://t.me/OtherBot?start=abc")
    with pytest.raises(PersonError, match="64"):
        await aigul.opens("a" * 65)


async def test_a_press_reaches_the_newest_message_with_that_button(bot: Bot, dana: Phone) -> None:
    """And the answer pops up on the phone."""
    first = await bot.send_message(dana.user_id, "one", reply_markup=button("Show", "1"))
    await bot.send_message(dana.user_id, "two", reply_markup=button("Show", "2"))
    await dana.presses("Sho")
    seen = dana.newest("one")
    assert seen is not None
    await dana.presses("Show", message=seen)
    queries = [u.callback_query for u in await bot.get_updates() if u.callback_query]
    assert [query.data for query in queries] == ["2", "1"]
    assert queries[1].message is not None
    assert queries[1].message.message_id == first.message_id
    await queries[0].answer("Noted")
    await queries[1].answer()
    assert dana.alerts == ("Noted",)


async def test_an_answer_that_comes_late_or_twice_is_refused(
    server: BotApiServer, bot: Bot, dana: Phone, clock: MovableClock
) -> None:
    """The phone waits only so long, and only once."""
    for payload in ("1", "2"):
        await dana.forges(payload, 1)
    queries = [u.callback_query for u in await bot.get_updates() if u.callback_query]
    await queries[0].answer()
    assert server.unanswered_presses == 1
    clock.move(timedelta(seconds=150))
    for query in queries:
        with pytest.raises(BadRequest, match="too old"):
            await query.answer()
    assert server.unanswered_presses == 0


async def test_what_is_not_on_the_phone_cannot_be_pressed(bot: Bot, dana: Phone) -> None:
    """The error says what is there instead."""
    await bot.send_message(dana.user_id, "hello", reply_markup=button("Show", "1"))
    with pytest.raises(PersonError, match=r"hello \['Show'\]"):
        await dana.presses("Release", within=0)


async def test_a_press_waits_for_its_button(bot: Bot, dana: Phone) -> None:
    """A person presses when it appears, not before."""
    async with asyncio.TaskGroup() as group:
        group.create_task(dana.presses("Show"))
        group.create_task(
            bot.send_message(dana.user_id, "hello", reply_markup=button("Show", "1"))
        )
    assert (await bot.get_updates())[0].callback_query is not None


async def test_a_key_sends_what_stands_on_it(bot: Bot, dana: Phone) -> None:
    """The service knows no difference between a key and a text."""
    keys = ReplyKeyboardMarkup([["🔴 SOS"]])
    await bot.send_message(dana.user_id, "keys", reply_markup=keys)
    await dana.has_key("SOS")
    await dana.presses("SOS")
    message = (await bot.get_updates())[0].message
    assert message is not None
    assert message.text == "🔴 SOS"


async def test_places_move_and_texts_are_changed_as_edited_messages(bot: Bot, dana: Phone) -> None:
    """A live location is an edited message, and so is a corrected text."""
    place = await dana.sends_location(43.1, 76.1, live=3600)
    await dana.moves(place, 43.2, 76.2)
    text = await dana.writes("helo")
    await dana.edits(text, "hello")
    updates = await bot.get_updates()
    edited = [u.edited_message for u in updates if u.edited_message]
    assert edited[0].location is not None
    assert edited[0].location.latitude == 43.2
    assert edited[0].location.to_dict()["live_period"] == 3600
    assert edited[1].text == "hello"
    assert edited[1].edit_date is not None


async def test_what_is_forwarded_says_where_it_was_first_said(bot: Bot, dana: Phone) -> None:
    """Each kind of origin that there is, as the definition has it; a picture keeps it too."""
    chat: JsonObject = {"id": -1001234, "type": "channel", "title": "City news"}
    told = {
        "MessageOriginUser": origins.from_user(SENT, dana.user),
        "MessageOriginHiddenUser": origins.from_hidden_user(SENT, "Somebody"),
        "MessageOriginChat": origins.from_chat(SENT, {**chat, "type": "supergroup"}, "Admin"),
        "MessageOriginChannel": origins.from_channel(SENT, chat, 77, "Editor"),
    }
    published = definition()["types"]
    assert set(told) == set(published["MessageOrigin"]["any"])
    for name, origin in told.items():
        assert set(origin) == set(published[name]["fields"])
        await dana.forwards("look at this", origin)
    await dana.forwards("and this", told["MessageOriginChannel"], photo=b"\xff\xd8")
    messages = [update.message for update in await bot.get_updates() if update.message]
    found = [one.forward_origin for one in messages]
    assert [type(one).__name__ for one in found] == [*told, "MessageOriginChannel"]
    assert messages[-1].photo


async def test_a_forged_press_looks_like_any_other(bot: Bot, dana: Phone) -> None:
    """Even for a message that never was."""
    await dana.forges("release:7", 4711)
    query = (await bot.get_updates())[0].callback_query
    assert query is not None
    assert query.data == "release:7"


async def test_watching_sees_what_comes_and_complains_with_the_whole_screen(
    bot: Bot, dana: Phone
) -> None:
    """Waiting ends with the message, or with everything that is there instead."""
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(dana.sees("place"))
        group.create_task(bot.send_message(dana.user_id, "the place is here"))
    mark = dana.moment
    assert waiting.result().text == "the place is here"
    with pytest.raises(PersonError, match="the place is here"):
        await dana.sees("nowhere", within=0.05)
    with pytest.raises(PersonError):
        await dana.sees("place", since=mark, within=0.05)
    with pytest.raises(PersonError):
        await dana.sees_nothing_of("place", during=0.05)
    await bot.delete_message(dana.user_id, waiting.result().message_id)
    await dana.sees_no_more("place", within=1)


async def test_everything_that_happens_is_told_in_order(
    server: BotApiServer, bot: Bot, dana: Phone
) -> None:
    """A transcript needs no other source."""
    told: list[Happening] = []
    server.listen(told.append)
    await dana.writes("hi")
    sent = await bot.send_message(dana.user_id, "hello", reply_markup=button("Show", "1"))
    await dana.presses("Show")
    query = (await bot.get_updates(offset=-1))[0].callback_query
    assert query is not None
    await query.answer("ok")
    await bot.edit_message_text("edited", dana.user_id, sent.message_id)
    await bot.delete_message(dana.user_id, sent.message_id)
    await dana.blocks()
    assert [(h.kind, h.text) for h in told] == [
        (HappeningKind.WROTE, "hi"),
        (HappeningKind.RECEIVED, "hello"),
        (HappeningKind.PRESSED, "Show"),
        (HappeningKind.ALERT, "ok"),
        (HappeningKind.EDITED, "edited"),
        (HappeningKind.DELETED, "edited"),
        (HappeningKind.BLOCKED, ""),
    ]


async def test_the_bot_cannot_be_put_into_a_group_when_its_owner_forbids_it(
    server: BotApiServer, dana: Phone
) -> None:
    """The switch that the owner is told to turn off does something."""
    server.profile.can_join_groups = False
    with pytest.raises(PersonError, match="cannot be added"):
        await dana.adds_bot_to_group("Everybody")
