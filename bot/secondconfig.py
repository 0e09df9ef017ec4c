"""What [second_channel] says, checked: over what the team is woken beside the chat.

A password goes over a connection that is encrypted and checked, or to this very machine. There is
no proxy here: this channel must work when the chat's way out does not.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from typing import Annotated

import msgspec

from bot import addresses
from safety.people import Unprinted
from safety.secondaddresses import AddressKind

NTFY = "https://ntfy.sh"
APPRISE = "apprise"  # the library


class Security(StrEnum):
    """How the connection to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"  # to this machine only


class SecondSection(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How to wake the team when the chat does not."""

    smtp_host: str = ""
    smtp_port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 587
    smtp_security: Security = Security.STARTTLS
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_password_file: str = ""
    smtp_sender: str = ""
    ntfy: bool = False
    ntfy_url: str = NTFY
    ntfy_token: str = ""
    ntfy_token_file: str = ""
    apprise: bool = False


class SecondConfigError(ValueError):
    """The section cannot be used; the text is one clear sentence without any secret."""


@dataclass(frozen=True, slots=True, repr=False)
class MailServer(Unprinted):
    """Where mail is handed over, and as whom."""

    host: str
    port: int
    security: Security
    user: str
    password: str
    sender: str


@dataclass(frozen=True, slots=True, repr=False)
class NtfyServer(Unprinted):
    """Where topics are. `url` has no path."""

    url: str
    token: str


@dataclass(frozen=True, slots=True, repr=False)
class Second(Unprinted):
    """What can be reached."""

    mail: MailServer | None = None
    ntfy: NtfyServer | None = None
    has_apprise: bool = False

    @property
    def kinds(self) -> tuple[AddressKind, ...]:
        """Give the kinds of addresses that people may give."""
        there = (
            (AddressKind.MAIL, self.mail is not None),
            (AddressKind.NTFY, self.ntfy is not None),
            (AddressKind.APPRISE, self.has_apprise),
        )
        return tuple(kind for kind, is_there in there if is_there)


_HOST = re.compile(r"[A-Za-z0-9.:-]{1,253}")
_SENDER = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,189}")
_PRINTED = re.compile(r"[\x21-\x7e]{0,512}")


def has_apprise() -> bool:
    """Say whether the library is installed, without loading it."""
    return find_spec(APPRISE) is not None


def read_section(section: SecondSection, password: str, token: str) -> Second:
    """Check the section; `password` and `token` are its secrets, from wherever they came.

    Raises: SecondConfigError.
    """
    if section.apprise and not has_apprise():
        raise SecondConfigError("For apprise in [second_channel] run pip install 'aman[apprise]'.")
    return Second(_mail(section, password), _ntfy(section, token), section.apprise)


def _mail(section: SecondSection, password: str) -> MailServer | None:
    if not section.smtp_host:
        if section.smtp_user or password or section.smtp_sender:
            raise SecondConfigError("smtp_host is missing in [second_channel].")
        return None
    if not _HOST.fullmatch(section.smtp_host):
        raise SecondConfigError("smtp_host in [second_channel] is not a host.")
    if section.smtp_security is Security.NONE and not addresses.is_here(section.smtp_host):
        raise SecondConfigError(
            'smtp_security "none" in [second_channel] is for a mail server on this machine alone.'
        )
    if not _SENDER.fullmatch(section.smtp_sender):
        raise SecondConfigError("smtp_sender in [second_channel] must be a mail address.")
    if bool(section.smtp_user) != bool(password):
        raise SecondConfigError("In [second_channel] smtp_user and a password belong together.")
    if not section.smtp_user.isprintable() or not password.isprintable():
        raise SecondConfigError("smtp_user or its password in [second_channel] cannot be right.")
    return MailServer(
        section.smtp_host,
        section.smtp_port,
        section.smtp_security,
        section.smtp_user,
        password,
        section.smtp_sender,
    )


def _ntfy(section: SecondSection, token: str) -> NtfyServer | None:
    if not section.ntfy:
        if token:
            raise SecondConfigError("A token for ntfy in [second_channel] needs ntfy = true.")
        return None
    parts = addresses.split(section.ntfy_url)
    if parts is None:
        raise SecondConfigError("ntfy_url in [second_channel] is not an address.")
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and addresses.is_here(host)):
        raise SecondConfigError("ntfy_url in [second_channel] must begin with https://.")
    if not host or parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise SecondConfigError("ntfy_url in [second_channel] may hold a host and a port only.")
    if not _PRINTED.fullmatch(token):
        raise SecondConfigError("The token for ntfy in [second_channel] cannot be right.")
    return NtfyServer(section.ntfy_url.rstrip("/"), token)
