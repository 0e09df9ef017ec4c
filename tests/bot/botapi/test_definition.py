"""No call passes that the published definition forbids, and each that breaks it is noted."""

import httpx
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, InvalidToken

from bot.rehearsal.botapi import BotApiServer, Phone
from tests.bot.botapi.conftest import TOKEN


def rows(count: int, payload: str = "x") -> InlineKeyboardMarkup:
    """Give a keyboard of that many buttons, two in a row."""
    button = InlineKeyboardButton("b", callback_data=payload)
    return InlineKeyboardMarkup([[button] * 2] * (count // 2) + [[button]] * (count % 2))


async def call(server: BotApiServer, method: str, **given: object) -> httpx.Response:
    """Call a method with JSON, as no library would."""
    async with httpx.AsyncClient() as client:
        return await client.post(f"{server.base_url}{TOKEN}/{method}", json=given)


@pytest.mark.parametrize(
    ("method", "given", "words"),
    [
        ("sendMessage", {"chat_id": 17}, "text is missing"),
        ("sendMessage", {"chat_id": 17, "text": "x", "colour": "red"}, "no parameter colour"),
        ("sendMessage", {"chat_id": 17, "text": 5}, "must be a String"),
        ("sendMessage", {"chat_id": 17, "text": "x", "protect_content": "maybe"}, "true or false"),
        ("sendMessage", {"chat_id": 17, "text": "x", "reply_markup": "{"}, "must be JSON"),
        (
            "sendMessage",
            {"chat_id": 17, "text": "x", "reply_markup": {"inline_keyboard": [[{"txt": "a"}]]}},
            r"inline_keyboard\[0\]\[0\].txt is unknown",
        ),
        (
            "sendMessage",
            {"chat_id": 17, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "a"}]]}},
            "Text buttons are unallowed",
        ),
        ("sendMessage", {"chat_id": 17, "text": "x", "parse_mode": "Markdown"}, "only HTML"),
        ("sendMessage", {"chat_id": 17, "text": "  \n"}, "message text is empty"),
        ("sendLocation", {"chat_id": 17, "latitude": 91, "longitude": 0}, "no such place"),
        ("getUpdates", {"limit": 101}, "1-100 are allowed"),
        ("deleteMessages", {"chat_id": 17, "message_ids": []}, "1-100 are allowed"),
        ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, "0-200"),
        ("sendDice", {"chat_id": 17}, "not spoken"),
    ],
)
async def test_a_call_outside_the_definition_is_refused_and_noted(
    server: BotApiServer, dana: Phone, method: str, given: dict[str, object], words: str
) -> None:
    """The bot hears what is wrong, and whoever drives the server can assert that nothing was."""
    before = len(dana.messages)
    response = await call(server, method, **given)
    assert response.status_code == 400
    assert not response.json()["ok"]
    assert len(server.violations) == 1
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(server.violations[0])
    assert len(dana.messages) == before


async def test_lengths_are_counted_as_the_service_counts(
    server: BotApiServer, bot: Bot, dana: Phone
) -> None:
    """Text in UTF-16 units after parsing, callback data in bytes, buttons by the piece."""
    limits = server.messenger.limits
    limits.are_on = False
    await bot.send_message(dana.user_id, "<b>" + "я" * 4096 + "</b>", parse_mode="HTML")
    await bot.send_message(dana.user_id, "x", reply_markup=rows(100, "я" * 32))
    await bot.send_photo(dana.user_id, b"x", caption="c" * 1024)
    assert server.violations == ()
    with pytest.raises(BadRequest, match=r"[Mm]essage is too long"):
        await bot.send_message(dana.user_id, "😀" * 2049)
    with pytest.raises(BadRequest, match="66 bytes"):
        await bot.send_message(dana.user_id, "x", reply_markup=rows(1, "я" * 33))
    with pytest.raises(BadRequest, match="101 buttons"):
        await bot.send_message(dana.user_id, "x", reply_markup=rows(101))
    with pytest.raises(BadRequest, match="caption is too long"):
        await bot.send_photo(dana.user_id, b"x", caption="c" * 1025)
    assert len(server.violations) == 4


async def test_a_deep_link_that_would_lose_its_payload_is_refused(
    bot: Bot, dana: Phone, server: BotApiServer
) -> None:
    """In a text and in a button alike."""
    good, bad = "https://t.me/EveningBot?start=a-b_C9", "https://t.me/EveningBot?start=a.b"
    await bot.send_message(dana.user_id, good)
    with pytest.raises(BadRequest, match="deep link"):
        await bot.send_message(dana.user_id, bad)
    button = InlineKeyboardMarkup([[InlineKeyboardButton("open", url=bad)]])
    with pytest.raises(BadRequest, match="deep link"):
        await bot.send_message(dana.user_id, "x", reply_markup=button)
    assert len(server.violations) == 2


async def test_a_method_is_found_whatever_its_case_and_an_unknown_one_is_not(
    server: BotApiServer,
) -> None:
    """As the service does."""
    assert (await call(server, "GETME")).json()["result"]["is_bot"]
    assert (await call(server, "getYou")).status_code == 404
    assert server.violations == ("getYou: Not Found: method not found",)


async def test_a_wrong_token_opens_nothing(server: BotApiServer) -> None:
    """Neither a well-formed one nor rubbish."""
    stranger = Bot("123456789:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB", server.base_url)
    with pytest.raises(InvalidToken):
        await stranger.initialize()
    await stranger.shutdown()
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{server.base_url}rubbish/getMe")).status_code == 404
        assert (await client.get(f"{server.base_url}{TOKEN}/getMe")).status_code == 200


async def test_forms_addresses_and_json_are_read_alike(server: BotApiServer, dana: Phone) -> None:
    """Every way in which the service takes parameters."""
    given = {"chat_id": str(dana.user_id), "text": "hello"}
    where = f"{server.base_url}{TOKEN}/sendMessage"
    async with httpx.AsyncClient() as client:
        answers = [
            await client.get(where, params=given),
            await client.post(where, data=given),
            await client.post(where, json=given),
            await client.post(where, files={k: (None, v) for k, v in given.items()}),
        ]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert [message.text for message in dana.messages[-4:]] == ["hello"] * 4
