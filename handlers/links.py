"""A one-time link as people get it: words to copy, and a picture to hold in front of a camera."""

from io import BytesIO

import segno

from handlers.context import Showing

SCALE = 8  # pixels for each module of the code


def link_of(showing: Showing, token: str) -> str:
    """Give the link that opens this bot with `token`."""
    return f"https://t.me/{showing.work.policy.bot_username}?start={token}"


def picture_of(link: str) -> bytes:
    """Give a link as the picture (PNG) of a QR code."""
    picture = BytesIO()
    segno.make(link, micro=False).save(picture, kind="png", scale=SCALE)
    return picture.getvalue()
