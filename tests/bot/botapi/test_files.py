"""Files arrive bit by bit in both directions, within the service's limits."""

import os

import pytest
from telegram import Bot, InputFile
from telegram.error import BadRequest, NetworkError

from bot.rehearsal.botapi import BotApiServer, Phone
from bot.rehearsal.botapi.files import DOWNLOAD_LIMIT, PHOTO_LIMIT


async def test_what_a_person_sends_can_be_fetched_bit_by_bit(bot: Bot, dana: Phone) -> None:
    """Voice, video, picture, round video and document."""
    contents = [os.urandom(size) for size in (10, 70_000, 3, 400, 1_000_000)]
    await dana.sends_voice(contents[0])
    await dana.sends_video(contents[1], caption="what happened")
    await dana.sends_photo(contents[2])
    await dana.sends_video_note(contents[3])
    await dana.sends_document(contents[4], "scan.pdf")
    messages = [u.message for u in await bot.get_updates() if u.message]
    attachments = [message.effective_attachment for message in messages]
    fetched = []
    for attachment in attachments:
        one = attachment[-1] if isinstance(attachment, tuple) else attachment
        assert one is not None
        assert hasattr(one, "file_id")
        file = await bot.get_file(one.file_id)
        fetched.append(bytes(await file.download_as_bytearray()))
    assert fetched == contents
    assert [size.width for size in messages[2].photo] == [640, 1280]
    assert messages[1].caption == "what happened"
    assert messages[4].document is not None
    assert messages[4].document.file_name == "scan.pdf"
    assert messages[4].document.mime_type == "application/pdf"


async def test_what_the_bot_sends_can_be_opened_and_sent_again(bot: Bot, dana: Phone) -> None:
    """An upload is kept, and its id sends the same bytes once more."""
    content = os.urandom(5000)
    sent = await bot.send_document(dana.user_id, InputFile(content, "code.png"), caption="<QR>")
    assert sent.document is not None
    await bot.send_document(dana.user_id, sent.document.file_id)
    assert [dana.file_of(message) for message in dana.messages[-2:]] == [content] * 2
    assert dana.messages[-2].text == "<QR>"
    with pytest.raises(BadRequest, match=r"[Ww]rong file identifier"):
        await bot.send_photo(dana.user_id, "no-such-file")


async def test_large_files_are_refused_where_the_service_refuses_them(
    server: BotApiServer, bot: Bot, dana: Phone
) -> None:
    """20 MB down, 10 MB up for a picture."""
    await dana.sends_document(bytes(DOWNLOAD_LIMIT + 1), "film.mov")
    message = (await bot.get_updates())[0].message
    assert message is not None
    assert message.document is not None
    with pytest.raises(BadRequest, match=r"[Ff]ile is too big"):
        await bot.get_file(message.document.file_id)
    with pytest.raises(NetworkError, match="Request Entity Too Large"):
        await bot.send_photo(dana.user_id, bytes(PHOTO_LIMIT + 1))
    assert server.violations == ()
