"""Reading what stands on a phone as a person would: a link, two words."""

import re

from bot.rehearsal.botapi.screens import SeenMessage
from bot.rehearsal.promises import BrokenPromiseError

_LINK = re.compile(r"https://t\.me/\w+\?start=[A-Za-z0-9_-]+")


def link_in(message: SeenMessage) -> str:
    """Give the link in a message.

    Raises:
        BrokenPromiseError: there is none.
    """
    found = _LINK.search(message.text)
    if found is None:
        raise BrokenPromiseError("there is no link where one was promised")
    return found[0]


def bold_in(message: SeenMessage) -> str:
    """Give what stands in bold: the two words of the voice check.

    Raises:
        BrokenPromiseError: nothing does.
    """
    found = re.search(r"<b>(.+?)</b>", message.html)
    if found is None:
        raise BrokenPromiseError("the two words are not there")
    return found[1]
