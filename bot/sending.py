"""One request to the service, and what became of it: the only place from which people are told."""

import contextlib
from typing import assert_never

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    LinkPreviewOptions,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError

from bot import logs
from bot.outcomes import NO_SENSE, Failure, Outcome, Sent, judge
from bot.requests import Answer, Deletion, Departure, Edit, NewMessage, Request
from handlers.screens import Press, Screen

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


async def attempt(bot: Bot, request: Request) -> Outcome:
    """Make one request and tell what became of it; never raises for what is answered."""
    try:
        return Sent(await _make(bot, request))
    except TelegramError as error:
        return judge(error)
    except NO_SENSE as error:
        logs.fault("answer-without-sense", error)  # it was taken; by whom, and what for?
        return Failure.UNKNOWN


async def _make(bot: Bot, request: Request) -> int | None:
    match request:
        case NewMessage():
            return (await _send(bot, request)).message_id
        case Edit():
            await _edit(bot, request)
        case Deletion():
            await _delete(bot, request)
        case Answer():
            text = request.text or None
            await bot.answer_callback_query(request.callback_id, text, show_alert=bool(text))
        case Departure():
            await bot.leave_chat(request.chat_id)
        case _:
            assert_never(request)
    return None


async def _delete(bot: Bot, request: Deletion) -> None:
    """Delete messages; where one of them spares all the others, delete each by itself.

    Raises:
        TelegramError: not even the last one could be deleted.
    """
    try:
        await bot.delete_messages(request.chat_id, request.message_ids)
    except BadRequest:
        *others, last = request.message_ids
        for message_id in others:
            with contextlib.suppress(BadRequest):
                await bot.delete_message(request.chat_id, message_id)
        await bot.delete_message(request.chat_id, last)


async def _edit(bot: Bot, request: Edit) -> None:
    await bot.edit_message_text(
        request.screen.text,
        request.chat_id,
        request.message_id,
        parse_mode=ParseMode.HTML,
        link_preview_options=_NO_PREVIEW,
        reply_markup=_buttons(request.screen.rows),
    )


async def _send(bot: Bot, request: NewMessage) -> Message:
    screen, is_silent = request.screen, not request.rings
    if screen.pin is not None:
        return await bot.send_location(
            request.chat_id,
            screen.pin.latitude,
            screen.pin.longitude,
            disable_notification=is_silent,
            protect_content=request.is_protected,
            reply_markup=_markup(screen),
        )
    if screen.picture is not None:
        return await bot.send_photo(
            request.chat_id,
            screen.picture,
            caption=screen.text or None,
            parse_mode=ParseMode.HTML,
            disable_notification=is_silent,
            protect_content=request.is_protected,
            reply_markup=_markup(screen),
        )
    return await bot.send_message(
        request.chat_id,
        screen.text,
        parse_mode=ParseMode.HTML,
        link_preview_options=_NO_PREVIEW,
        disable_notification=is_silent,
        protect_content=request.is_protected,
        reply_markup=_markup(screen),
    )


def _markup(
    screen: Screen,
) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | None:
    if screen.key is not None:
        key = [[KeyboardButton(screen.key)]]
        return ReplyKeyboardMarkup(key, is_persistent=True, resize_keyboard=True)
    if screen.removes_key:
        return ReplyKeyboardRemove()
    return _buttons(screen.rows)


def _buttons(rows: tuple[tuple[Press, ...], ...]) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    keyboard = [
        [InlineKeyboardButton(press.label, callback_data=press.payload) for press in row]
        for row in rows
    ]
    return InlineKeyboardMarkup(keyboard)
