"""Where somebody of the team can be woken when the chat does not: their own, and seen by nobody.

What people type goes to servers on their behalf, so only plain shapes are taken: no line breaks or
spaces that a header could end in, nothing huge, and no service that would reach into the machine
the bot runs on or the network around it (ADR-0020).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from typing_extensions import override

from safety.errors import RefusalError
from safety.notices import Lane, Notice, notice
from safety.people import TeamId, Unprinted


class AddressKind(StrEnum):
    """By what somebody is woken."""

    MAIL = "mail"
    NTFY = "ntfy"
    APPRISE = "apprise"


TEST_PACE = timedelta(minutes=1)  # nobody floods somebody else's mail by way of us


class Answer(StrEnum):
    """What the service behind an address said to a test."""

    NONE = "none"  # nothing yet
    TAKEN = "taken"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, repr=False)
class SecondAddress(Unprinted):
    """One person's own address. `text` is a mail address, a topic or a service's URL.

    `refused_at`: since when it takes nothing; of that the team was told once. `tested_at` is the
    person's latest test, of this address or one before; `answer` None: of this one there was none.
    """

    id: TeamId
    kind: AddressKind
    text: str
    added_at: datetime
    was_shown: bool = False  # a topic, which is shown once
    refused_at: datetime | None = None
    tested_at: datetime | None = None
    answer: Answer | None = None
    answered_at: datetime | None = None


# ---------------------------------------------------------------- what is taken

MAIL_LIMIT = 254  # characters (RFC 5321, 4.5.3.1.3)
URL_LIMIT = 400  # characters

_MAIL = re.compile(
    r"[A-Za-z0-9_+=~-]+(?:\.[A-Za-z0-9_+=~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_LOCAL_LIMIT = 64  # characters before the @ (RFC 5321, 4.5.3.1.1)
# One URL: Apprise takes several at once, after a comma or a space.
_URL = re.compile(r"([a-z0-9]{2,20})://((?:(?!://)[A-Za-z0-9._~:/?&=%@+!*#-])+)")
_OWN_TIMES = re.compile(r"[?&](?:rto|cto)=", re.IGNORECASE)  # how long Apprise may hold us

# Services that Apprise reaches at hosts of its own. One whose host the person gives (`json://`,
# `gotify://`, `matrix://`) could be pointed at this machine; so could one that speaks to it only.
SERVICES = frozenset(
    {
        *("bulksms", "clickatell", "clicksend", "d7sms", "discord", "httpsms", "kavenegar"),
        *("msg91", "nexmo", "opsgenie", "pagerduty", "pagertree", "pbul", "plivo"),
        *("pover", "prowl", "pushed", "pushy", "signl4", "simplepush", "sinch", "slack"),
        *("smsmgr", "spugpush", "threema", "twilio", "voipms", "vonage", "whatsapp", "wxpusher"),
    }
)


def read_mail(typed: str) -> str:
    """Give a mail address that a server can be handed.

    Raises:
        RefusalError: it is none, or not of the plain kind.
    """
    local = typed.partition("@")[0]
    if len(typed) > MAIL_LIMIT or len(local) > _LOCAL_LIMIT or not _MAIL.fullmatch(typed):
        raise RefusalError("second-no-mail")
    return typed


def read_url(typed: str) -> str:
    """Give the URL of a service that Apprise knows.

    Raises:
        RefusalError: it is none, or of a service that is not taken.
    """
    found = _URL.fullmatch(typed)
    if len(typed) > URL_LIMIT or found is None or _OWN_TIMES.search(typed):
        raise RefusalError("second-no-url")
    if found[1] not in SERVICES:
        raise RefusalError("second-no-service")
    return typed


READERS: Mapping[AddressKind, Callable[[str], str]] = {
    AddressKind.MAIL: read_mail,
    AddressKind.APPRISE: read_url,
}  # a topic is made here and never typed


# ---------------------------------------------------------------- notices in the chat

SCREEN_STAYS = timedelta(minutes=10)
CARD = "second-mine"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class SecondScreen(Notice):
    """One's own other way: whether there is one, how the test went, what can be done."""

    stays = SCREEN_STAYS
    replaces = True

    @override
    def card(self) -> str | None:
        return CARD


@notice
@dataclass(frozen=True, slots=True, repr=False)
class SecondUpdate(Notice):
    """The same screen, changed in place."""

    stays = SCREEN_STAYS

    @override
    def card(self) -> str | None:
        return CARD


@notice
@dataclass(frozen=True, slots=True, repr=False)
class SecondTopic(Notice):
    """A topic to subscribe to, in words and as a picture; it is shown once."""

    stays = SCREEN_STAYS
    is_protected = True

    topic: str


@notice
@dataclass(frozen=True, slots=True, repr=False)
class SecondRefused(Notice):
    """Somebody's address takes nothing: told to them and to the organizers, once."""

    lane = Lane.HOLD

    team_id: TeamId
